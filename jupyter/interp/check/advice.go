package check

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"strings"
)

// advice says what the compiler cannot know: that a name of the notebook hides
// a package whose member is asked for.
func (r *round) advice(e types.Error) []Note {
	if !strings.Contains(e.Msg, "undefined") || len(r.errs) > MaxErrors {
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
