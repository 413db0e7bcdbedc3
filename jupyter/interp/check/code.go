package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"strings"
)

// code is what a function does, or the values that a variable has got.
type code struct {
	deps    map[string]types.Object // names of the notebook that it uses, T.M among them, and what they stand for
	selects map[string]bool         // .M for each field or method that it selects
	spawns  []spawn                 // goroutines that it starts
	values  map[string]types.Object // deps but those that only literals in it use, see bare
	stay    map[string]bool         // functions that it calls, or has as values, whose results it may keep
	lasts   bool                    // calls of it may go on while cells come and go
}

// spawn is a go statement.
type spawn struct {
	what string
	code code
	runs map[string]types.Object // functions and variables that it calls
}

// follow visits what code leads to by name, itself first, until one is such; of
// variables what they may hold, or also what closures in them may do.
func (r *round) follow(c code, held bool, such func(name string, c *code) bool) bool {
	seen := map[string]bool{}
	var visit func(name string, c *code) bool
	visit = func(name string, c *code) bool {
		if such(name, c) {
			return true
		}
		to := func(name string) bool {
			if seen[name] {
				return false
			}
			seen[name] = true
			if f := r.funcs[name]; f != nil && visit(name, &f.code) {
				return true
			}
			l := r.leads[name]
			if l != nil && held {
				l = &code{deps: l.values, selects: l.selects}
			}
			return l != nil && visit(name, l)
		}
		for n := range c.deps {
			if to(strings.TrimPrefix(n, asValue)) {
				return true
			}
		}
		for m := range c.selects { // of an interface, perhaps
			for k := range r.byMethod[m] {
				if to(k) {
					return true
				}
			}
		}
		return false
	}
	return visit("", &c)
}

// code is what a part of the cell does.
func (r *round) code(n ast.Node) code {
	var c code
	c.deps, c.selects = r.uses(n)
	var gone map[*ast.Ident]bool // functions whose results are used up
	use := func(x ast.Expr) {
		if c, ok := ast.Unparen(x).(*ast.CallExpr); ok {
			if gone == nil {
				gone = map[*ast.Ident]bool{}
			}
			gone[ident(called(c))] = true
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			c.spawns = append(c.spawns, r.spawn(n.Call))
		case *ast.CallExpr:
			if r.isGo(n) && len(n.Args) == 1 {
				c.spawns = append(c.spawns, r.spawn(&ast.CallExpr{Fun: n.Args[0]}))
			}
			c.lasts = c.lasts || r.waits(n)
			use(n.Fun)
			for i, a := range n.Args {
				if r.brief(n, i) {
					use(a)
				}
			}
		case *ast.ForStmt, *ast.SelectStmt, *ast.SendStmt:
			c.lasts = true
		case *ast.UnaryExpr:
			c.lasts = c.lasts || n.Op == token.ARROW
		case *ast.RangeStmt:
			use(n.X)
			if t := r.info.TypeOf(n.X); t != nil {
				switch t.Underlying().(type) {
				case *types.Chan, *types.Signature:
					c.lasts = true
				}
			}
		case *ast.Ident:
			if f, ok := r.info.Uses[n].(*types.Func); ok && f.Pkg() == r.pkg && !gone[n] {
				if c.stay == nil {
					c.stay = map[string]bool{}
				}
				c.stay[f.Name()] = true
			}
		}
		return true
	})
	return c
}

// leadsTo notes what the variable that a statement sets may lead to.
func (r *round) leadsTo(s ast.Stmt, x code) {
	names := []string{assigned(s)}
	fresh := false
	for i, id := range declares(s) {
		fresh = true
		if i > 0 {
			names = append(names, id.Name)
		}
	}
	if len(names) == 1 && names[0] == "" {
		ast.Inspect(s, func(n ast.Node) bool { // in a block
			if a, ok := n.(*ast.AssignStmt); ok {
				names = append(names, assigned(a))
			}
			return true
		})
	}
	values, _ := r.uses(bare(s))
	for _, name := range names {
		e := r.names[name]
		if e == nil || len(x.deps)+len(x.spawns) == 0 {
			continue
		}
		l := r.leads[name]
		if l == nil || fresh {
			l = &code{deps: map[string]types.Object{}, selects: map[string]bool{}, values: map[string]types.Object{}}
			r.leads[name] = l
		}
		maps.Copy(l.deps, x.deps)
		maps.Copy(l.values, values)
		maps.Copy(l.selects, x.selects)
		if len(l.spawns) < manyKeepers {
			l.spawns = append(l.spawns, x.spawns...)
		}
	}
}

// uses are the names of the notebook that code of the cell uses, with what they
// stand for, and what it selects.
func (r *round) uses(n ast.Node) (deps map[string]types.Object, selects map[string]bool) {
	var calls map[*ast.Ident]bool
	use := func(name string, o types.Object) { // most statements use nothing: a map is made for those that do
		if deps == nil {
			deps = map[string]types.Object{}
		}
		deps[name] = o
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if id := ident(called(n)); id != nil {
				if calls == nil {
					calls = map[*ast.Ident]bool{}
				}
				calls[id] = true
			}
		case *ast.SelectorExpr:
			if selects == nil {
				selects = map[string]bool{}
			}
			selects["."+n.Sel.Name] = true
			if m, ok := r.info.Uses[n.Sel].(*types.Func); ok && m.Pkg() == r.pkg {
				if t, ok := receiverNamed(m); ok {
					k := t.Obj().Name() + "." + m.Name()
					if use(k, m); !calls[n.Sel] {
						use(asValue+k, m)
					}
				}
			}
		case *ast.Ident:
			o := r.info.Uses[n]
			if v, ok := o.(*types.Var); ok && r.cell.Same[v] != nil {
				o = r.cell.Same[v]
			}
			if _, ok := o.(*types.PkgName); ok {
				use(n.Name, o)
			} else if e := r.names[n.Name]; o != nil && e != nil && e.Object == o {
				if _, ok := o.(*types.Func); ok && !calls[n] {
					use(asValue+n.Name, o)
				}
				use(n.Name, o)
			}
		}
		return true
	})
	return deps, selects
}

// receiverNamed is the type that a method is of; not ok if it is no method.
func receiverNamed(m *types.Func) (t *types.Named, ok bool) {
	v := m.Signature().Recv()
	if v == nil {
		return nil, false
	}
	r := types.Unalias(v.Type())
	if p, ok := r.(*types.Pointer); ok {
		r = types.Unalias(p.Elem())
	}
	t, ok = r.(*types.Named)
	return t, ok
}

// ident is the name of a function, nil if x is none.
func ident(x ast.Expr) *ast.Ident {
	switch x := x.(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}

// called is what a call calls, without type arguments.
func called(c *ast.CallExpr) ast.Expr {
	x := ast.Unparen(c.Fun)
	switch i := x.(type) {
	case *ast.IndexExpr:
		if _, ok := i.X.(*ast.Ident); ok { // or a function in a map
			return i.X
		}
	case *ast.IndexListExpr:
		return ast.Unparen(i.X)
	}
	return x
}

// bare is a statement without the bodies of the literals whose values it has: a
// closure holds what it captures, and not what it would make.
func bare(s ast.Stmt) ast.Node {
	keep := &ast.BlockStmt{}
	add := func(x ast.Expr) { keep.List = append(keep.List, &ast.ExprStmt{X: x}) }
	var value func(x ast.Expr)
	value = func(x ast.Expr) {
		switch x := ast.Unparen(x).(type) {
		case *ast.FuncLit:
		case *ast.CompositeLit:
			if x.Type != nil {
				add(x.Type)
			}
			for _, e := range x.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					value(kv.Key)
					e = kv.Value
				}
				value(e)
			}
		case *ast.UnaryExpr:
			value(x.X)
		case *ast.CallExpr:
			if id, ok := x.Fun.(*ast.Ident); !ok || id.Name != "append" {
				add(x)
				return
			}
			for _, a := range x.Args {
				value(a)
			}
		default:
			add(x)
		}
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, x := range s.Rhs {
			value(x)
		}
		return keep
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok {
			for _, sp := range g.Specs {
				if v, ok := sp.(*ast.ValueSpec); ok {
					for _, x := range v.Values {
						value(x)
					}
				}
			}
			return keep
		}
	}
	return s
}
