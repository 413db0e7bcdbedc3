package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"strings"
)

// advice says what the compiler cannot know: that a name of the notebook hides
// a package whose member is asked for, or that a value is of a type that has
// been declared anew since.
func (r *round) advice(x *Error, e types.Error) []Note {
	if len(r.errs) > MaxErrors {
		return nil
	}
	if n := r.oldType(e); n != nil {
		x.older = n[0].Msg
		return n
	}
	if !strings.Contains(e.Msg, "undefined") {
		return nil
	}
	var sel *ast.SelectorExpr
	for _, n := range append([]ast.Node{r.body}, nodes(r.decls)...) {
		ast.Inspect(n, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Pos() == e.Pos {
				sel = s
			}
			return true
		})
	}
	if sel == nil {
		return nil
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	o := r.info.Uses[id]
	if p, ok := o.(*types.PkgName); ok {
		return r.namesake(p, sel.Sel.Name)
	}
	if o == nil {
		return nil
	}
	hidden := r.preload[id.Name]
	if hidden == "" {
		return nil
	}
	p, err := r.Import(hidden)
	if err != nil {
		return nil
	}
	m := p.Scope().Lookup(sel.Sel.Name)
	if m == nil || !m.Exported() {
		return nil
	}
	where := "this cell"
	if entry := r.names[id.Name]; entry != nil && entry.Object == o {
		where = cellName(entry.Count)
	}
	return []Note{{Msg: fmt.Sprintf("%s is a %s of %s, which hides package %s: to use the package, import it under another name: import %sPkg %q",
		id.Name, objectWord(o), where, hidden, id.Name, hidden)}}
}

// oldType says that the value at an error is of a type whose name means another
// type by now.
func (r *round) oldType(e types.Error) []Note {
	var old *types.Named
	what := ""
	look := func(x ast.Expr) {
		if t := r.info.Types[x].Type; t != nil && old == nil {
			old, what = r.outdated(t), "the value"
			if id, ok := x.(*ast.Ident); ok {
				what = id.Name
			}
		}
	}
	for _, n := range append([]ast.Node{r.body}, nodes(r.decls)...) {
		if n.Pos() > e.Pos || e.Pos >= n.End() {
			continue
		}
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if n.Sel.Pos() == e.Pos {
					look(n.X)
				}
			case *ast.BinaryExpr:
				if strings.Contains(e.Msg, "mismatched types") && (n.OpPos == e.Pos || n.X.Pos() == e.Pos || n.Y.Pos() == e.Pos) {
					look(n.X)
					look(n.Y)
				}
			}
			if x, ok := n.(ast.Expr); ok && x.Pos() == e.Pos {
				look(x)
			}
			return true
		})
	}
	if old != nil {
		return []Note{{Msg: fmt.Sprintf("%s is of %s: make %s again, too", what, r.earlier(old), what)}}
	}
	return r.oldTarget(e)
}

// earlier is a type whose name means another by now, in words.
func (r *round) earlier(t *types.Named) string {
	name := t.Obj().Name()
	where := "this cell"
	if entry := r.names[name]; entry != nil && !r.own[name] {
		where = cellName(entry.Count)
	}
	return fmt.Sprintf("the %s of %s, the newest %s is that of %s", name, r.Position(t.Obj().Pos()).Filename, name, where)
}

// oldTarget says that what a value is assigned to, or given to, is of a type
// whose name means another type by now.
func (r *round) oldTarget(e types.Error) (notes []Note) {
	for _, n := range append([]ast.Node{r.body}, nodes(r.decls)...) {
		if n.Pos() > e.Pos || e.Pos >= n.End() {
			continue
		}
		ast.Inspect(n, func(n ast.Node) bool {
			if n == nil || n.Pos() > e.Pos || e.Pos >= n.End() {
				return false
			}
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, x := range n.Lhs {
					xt := r.info.TypeOf(x)
					id, ok := x.(*ast.Ident)
					if e := r.names[types.ExprString(x)]; xt == nil && ok && e != nil {
						xt = e.Object.Type()
					}
					t := r.outdated(xt)
					if t == nil {
						continue
					}
					mend := "declare it again, too"
					if ok {
						mend = fmt.Sprintf("declare it again: var %s %s", id.Name, types.TypeString(xt, func(*types.Package) string { return "" }))
					}
					notes = []Note{{Msg: fmt.Sprintf("%s is of %s: %s", types.ExprString(x), r.earlier(t), mend)}}
				}
			case *ast.CompositeLit:
				if n.Type == nil || r.info.TypeOf(n.Type) == nil {
					return true
				}
				if s, ok := r.info.TypeOf(n.Type).Underlying().(*types.Struct); ok {
					for f := range s.Fields() {
						if o := r.outdated(f.Type()); o != nil {
							notes = []Note{{Msg: fmt.Sprintf("%s has %s: declare it again, too", types.ExprString(n.Type), r.earlier(o))}}
						}
					}
				}
			case *ast.CallExpr:
				sig, ok := r.info.TypeOf(n.Fun).(*types.Signature)
				if !ok || e.Pos < n.Lparen {
					return true
				}
				for v := range sig.Params().Variables() {
					if t := r.outdated(v.Type()); t != nil {
						notes = []Note{{Msg: fmt.Sprintf("%s takes %s: define it again, too", types.ExprString(n.Fun), r.earlier(t))}}
					}
				}
			}
			return true
		})
	}
	return notes
}

// outdated returns the type of the notebook that t is, or is made of, if its name
// means another by now.
func (r *round) outdated(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	switch u := types.Unalias(t).(type) {
	case *types.Pointer:
		t = u.Elem()
	case *types.Slice:
		t = u.Elem()
	case *types.Map:
		t = u.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() != r.pkg {
		return nil
	}
	name := n.Obj().Name()
	now := r.pkg.Scope().Lookup(name)
	if now == nil {
		if entry := r.names[name]; entry != nil {
			now = entry.Object
		}
	}
	if now == nil || now == types.Object(n.Origin().Obj()) {
		return nil
	}
	if _, ok := now.(*types.TypeName); !ok {
		return nil
	}
	return n
}

// namesake says which package a name means where another major version of it
// has the member that this one lacks: rand.Intn.
func (r *round) namesake(n *types.PkgName, member string) []Note {
	dir, base := path.Split(n.Imported().Path())
	other := n.Imported().Path() + "/v2"
	if base == "v2" {
		other = path.Clean(dir)
	}
	p, err := r.Import(other)
	if err != nil {
		return nil
	}
	if m := p.Scope().Lookup(member); m == nil || !m.Exported() {
		return nil
	}
	return []Note{{Msg: fmt.Sprintf("%s is package %s here; %s has %s: import %q", n.Name(), n.Imported().Path(), other, member, other)}}
}

func nodes(ds []ast.Decl) []ast.Node {
	out := make([]ast.Node, len(ds))
	for i, d := range ds {
		out[i] = d
	}
	return out
}

func objectWord(o types.Object) string {
	switch o.(type) {
	case *types.Const:
		return "constant"
	case *types.TypeName:
		return "type"
	case *types.Func:
		return "function"
	}
	return "variable"
}
