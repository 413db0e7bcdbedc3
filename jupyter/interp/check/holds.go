package check

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// keep notes what holds code of the cell that uses names of the notebook.
func (r *round) keep() {
	k := &keeping{round: r}
	body := r.cell.Body
	for _, f := range r.cell.Funcs {
		switch x, _ := key(f); {
		case f.Body == nil:
		case strings.HasPrefix(f.Name.Name, InitName): // runs once, as statements do
			body = append(slices.Clip(body), f.Body)
		default:
			k.maker, k.name, k.locals = x, "", r.onlyCalled(f.Body)
			k.walk(f.Body)
		}
	}
	k.maker = ""
	if r.cell.Show != nil {
		body = append(slices.Clip(body), &ast.ExprStmt{X: r.cell.Show})
	}
	set := map[string]bool{}
	begun := code{deps: map[string]types.Object{}, selects: map[string]bool{}, stay: map[string]bool{}}
	for _, s := range body {
		k.name, k.locals = r.holder(assigned(s)), r.onlyCalled(s)
		if k.name != "" && slices.Contains(sets(s), k.name) {
			if set[k.name] {
				r.overwritten(k.name)
			}
			set[k.name] = true
		}
		k.walk(s)
		x := r.code(s)
		r.leadsTo(s, x)
		maps.Copy(begun.deps, x.deps)
		maps.Copy(begun.stay, x.stay)
		maps.Copy(begun.selects, x.selects)
		begun.spawns = append(begun.spawns, x.spawns...)
	}
	r.begin(begun)
}

// overwritten forgets what a variable has got in this cell before.
func (r *round) overwritten(name string) {
	for dep, ks := range r.keepers {
		r.keepers[dep] = slices.DeleteFunc(ks, func(k keeper) bool { return k.what == name && k.name == name && k.cell == r.cell.ID })
	}
}

// holder is the name if the variable can hold code.
func (r *round) holder(name string) string {
	if e := r.names[name]; e != nil && holdsCode(e.Object.Type()) {
		return name
	}
	return ""
}

// keeping walks over what makes closures and values of functions.
type keeping struct {
	*round
	maker  string                // the function that it is in
	name   string                // of the variable that gets what is made
	locals map[types.Object]bool // variables of the function that are closures and only called
}

func (k *keeping) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt: // see begin; here for what it leaves
			if f, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok {
				k.walk(f.Body)
			}
			return false
		case *ast.AssignStmt:
			k.assign(n)
			return false
		case *ast.CallExpr:
			k.call(n)
			return false
		case *ast.ReturnStmt:
			for _, x := range n.Results {
				if f, ok := ast.Unparen(x).(*ast.FuncLit); ok {
					k.literal(f, k.maker != "")
				} else {
					k.walk(x)
				}
			}
			return false
		case *ast.FuncLit:
			k.literal(n, false)
			return false
		case *ast.SelectorExpr:
			k.value(n, n.Sel)
			k.walk(n.X)
			return false
		case *ast.Ident:
			k.value(n, n)
		}
		return true
	})
}

// literal notes a closure.
func (k *keeping) literal(f *ast.FuncLit, returned bool) {
	deps, _ := k.uses(f.Body)
	w := k.who("a function literal")
	w.returned = returned
	k.put(deps, w)
}

// who is the keeper of what is made here; it is called so if nothing has a name.
func (k *keeping) who(what string) keeper {
	x := keeper{what: what, name: k.name, maker: k.maker}
	switch {
	case k.maker != "":
		x.what, x.name = "closures that "+k.maker+" made", k.maker
	case k.name != "":
		x.what = k.name
	}
	return k.inCell(x)
}

// value notes a function of the notebook that is a value.
func (k *keeping) value(x ast.Expr, id *ast.Ident) {
	f, ok := k.info.Uses[id].(*types.Func)
	if !ok || f.Pkg() != k.pkg {
		return
	}
	name := f.Name()
	if t, ok := receiverNamed(f); ok {
		if types.IsInterface(t) {
			return
		}
		name = t.Obj().Name() + "." + name
	}
	w := k.who("a value of " + name)
	if k.maker != "" {
		w.what = "what " + k.maker + " stored"
	}
	if k.funcs[name] != nil && len(k.values[name]) < manyKeepers && !slices.Contains(k.values[name], w) {
		k.values[name] = append(k.values[name], w)
	}
}

// assign walks over what a variable gets.
func (k *keeping) assign(s *ast.AssignStmt) {
	was := k.name
	for i, x := range s.Rhs {
		if len(s.Lhs) == len(s.Rhs) {
			id := root(s.Lhs[i])
			if id != nil && k.locals[k.info.ObjectOf(id)] {
				if f, ok := ast.Unparen(x).(*ast.FuncLit); ok {
					k.walk(f.Body)
					continue
				}
			}
			if id != nil && k.names[id.Name] != nil && k.names[id.Name].Object == k.object(id) {
				k.name = k.holder(id.Name)
			}
		}
		k.walk(x)
		k.name = was
	}
	for _, x := range s.Lhs {
		if _, ok := x.(*ast.Ident); !ok {
			k.walk(x)
		}
	}
}

// object is the notebook's variable that an identifier of the cell stands for.
func (r *round) object(id *ast.Ident) types.Object {
	o := r.info.ObjectOf(id)
	if v, ok := o.(*types.Var); ok && r.cell.Same[v] != nil {
		return r.cell.Same[v]
	}
	return o
}

func (k *keeping) call(c *ast.CallExpr) {
	switch f := called(c).(type) {
	case *ast.FuncLit:
		k.walk(f.Body)
	case *ast.SelectorExpr:
		k.walk(f.X)
	case *ast.Ident:
	default:
		k.walk(f)
	}
	for i, a := range c.Args {
		if k.isGo(c) || k.brief(c, i) {
			switch a := ast.Unparen(a).(type) {
			case *ast.FuncLit:
				k.walk(a.Body)
				continue
			case *ast.Ident:
				continue
			case *ast.SelectorExpr:
				k.walk(a.X)
				continue
			}
		}
		k.walk(a)
	}
}
