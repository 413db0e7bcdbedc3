package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// lateMethod is a method of this cell on a type of an earlier one. The type
// checker cannot take one, so it is checked as a function whose first
// parameter is the receiver, and given to the type once its signature is known.
type lateMethod struct {
	decl   *ast.FuncDecl
	recv   *ast.FieldList
	params *ast.FieldList
	name   *ast.Ident // of the method; the declaration has a made-up one meanwhile
	object *types.Func
}

// splitMethods turns late methods into functions.
func (r *round) splitMethods() {
	var keep []ast.Decl
	for _, d := range r.decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || len(f.Recv.List) != 1 {
			keep = append(keep, d)
			continue
		}
		base, generic := receiver(f.Recv.List[0].Type)
		if base == nil {
			keep = append(keep, d)
			continue
		}
		tn, ok := r.pkg.Scope().Lookup(r.unaliased(base.Name)).(*types.TypeName)
		if !ok {
			keep = append(keep, d)
			continue
		}
		named, _ := types.Unalias(tn.Type()).(*types.Named)
		switch {
		case named == nil || named.Obj().Pkg() != r.pkg:
			r.fail(base.Pos(), "cannot define new methods on non-local type %s", tn.Name())
			continue
		case generic || named.TypeParams().Len() > 0:
			r.fail(f.Name.Pos(), "cannot add a method to the generic type %s of %s: declare the type and its methods in one cell", tn.Name(), r.whose(base.Name))
			continue
		}
		m := &lateMethod{decl: f, recv: f.Recv, params: f.Type.Params, name: f.Name}
		first := *f.Recv.List[0]
		if len(first.Names) == 0 && len(m.params.List) > 0 && len(m.params.List[0].Names) > 0 {
			first.Names = []*ast.Ident{{Name: "_", NamePos: first.Pos()}}
		} else if len(first.Names) > 0 && len(m.params.List) > 0 && len(m.params.List[0].Names) == 0 {
			// func (p P) M(int): named and unnamed parameters do not mix.
			first.Names = nil
			if f.Recv.List[0].Names[0].Name != "_" {
				m.params = named0(m.params)
				first.Names = f.Recv.List[0].Names
			}
		}
		f.Recv = nil
		f.Type.Params = &ast.FieldList{Opening: m.params.Opening, List: append([]*ast.Field{&first}, m.params.List...), Closing: m.params.Closing}
		f.Name = &ast.Ident{Name: fmt.Sprintf("method__%d__%s", len(r.late), m.name.Name), NamePos: m.name.Pos()}
		r.late = append(r.late, m)
		keep = append(keep, f)
	}
	r.decls = keep
}

// typeNames visits the type declarations of the cell whose right side is a name.
func (r *round) typeNames(visit func(sp *ast.TypeSpec, rhs *ast.Ident)) {
	for _, d := range r.decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			sp := s.(*ast.TypeSpec)
			if id, ok := ast.Unparen(sp.Type).(*ast.Ident); ok {
				visit(sp, id)
			}
		}
	}
}

// unaliased follows the aliases that the cell declares.
func (r *round) unaliased(name string) string {
	for range len(r.own) {
		next := name
		r.typeNames(func(sp *ast.TypeSpec, rhs *ast.Ident) {
			if sp.Assign.IsValid() && sp.Name.Name == name {
				next = rhs.Name
			}
		})
		if next == name {
			break
		}
		name = next
	}
	return name
}

// shield puts parentheses around the right side of type A = P and type A P,
// where P is of an earlier cell: the checker looks for P's declaration in the
// cell and gives up, but does not look into parentheses. The result takes them
// away again.
func (r *round) shield() (restore func()) {
	var undo []func()
	r.typeNames(func(sp *ast.TypeSpec, rhs *ast.Ident) {
		if r.own[rhs.Name] {
			return
		}
		was := sp.Type
		sp.Type = &ast.ParenExpr{Lparen: rhs.Pos(), X: rhs, Rparen: rhs.End()}
		undo = append(undo, func() { sp.Type = was })
	})
	return func() {
		for _, f := range undo {
			f()
		}
	}
}

// named0 gives unnamed parameters the blank name.
func named0(l *ast.FieldList) *ast.FieldList {
	n := &ast.FieldList{Opening: l.Opening, Closing: l.Closing}
	for _, f := range l.List {
		g := *f
		g.Names = []*ast.Ident{{Name: "_", NamePos: f.Pos()}}
		n.List = append(n.List, &g)
	}
	return n
}

// receiver returns the name of a receiver's base type.
func receiver(x ast.Expr) (name *ast.Ident, generic bool) {
	for {
		switch t := x.(type) {
		case *ast.StarExpr:
			x = t.X
		case *ast.ParenExpr:
			x = t.X
		case *ast.IndexExpr:
			x, generic = t.X, true
		case *ast.IndexListExpr:
			x, generic = t.X, true
		case *ast.Ident:
			return t, generic
		default:
			return nil, generic
		}
	}
}

// addMethods gives late methods to their types. Signatures are known.
func (r *round) addMethods() {
	for _, m := range r.late {
		f, _ := r.pkg.Scope().Lookup(m.decl.Name.Name).(*types.Func)
		if f == nil {
			continue
		}
		sig := f.Type().(*types.Signature)
		if sig.Params().Len() == 0 {
			continue
		}
		recv := sig.Params().At(0)
		t := types.Unalias(recv.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		named, ok := t.(*types.Named)
		if !ok {
			continue
		}
		params := slices.Collect(sig.Params().Variables())[1:]
		m.object = types.NewFunc(m.name.Pos(), r.pkg, m.name.Name,
			types.NewSignatureType(recv, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic()))
		if r.addMethod(named, m) {
			continue
		}
		m.object = nil
	}
}

func (r *round) addMethod(named *types.Named, m *lateMethod) bool {
	name := m.name.Name
	if name == "_" {
		return true
	}
	switch under := named.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		r.fail(m.name.Pos(), "invalid receiver type %s (pointer or interface type)", named.Obj().Name())
		return false
	case *types.Struct:
		for f := range under.Fields() {
			if f.Name() == name {
				r.fail(m.name.Pos(), "field and method with the same name %s", name)
				return false
			}
		}
	}
	for i := range named.NumMethods() {
		old := named.Method(i)
		if old.Name() != name {
			continue
		}
		if slices.ContainsFunc(r.late, func(l *lateMethod) bool { return l.object == old }) {
			r.fail(m.name.Pos(), "method %s.%s already declared at %s", named.Obj().Name(), name, Place(r.Position(old.Pos())))
			return false
		}
		// The old method stays where it is under a name that no cell can
		// write: types cannot lose methods.
		was := *old
		*old = *hidden(&was)
		r.renamed = append(r.renamed, func() { *old = was })
		break
	}
	named.AddMethod(m.object)
	return true
}

// hidden returns f under a name that is no identifier.
func hidden(f *types.Func) *types.Func {
	return types.NewFunc(f.Pos(), f.Pkg(), "·"+f.Name(), f.Type().(*types.Signature))
}

// joinMethods makes late methods methods again in the syntax.
func (r *round) joinMethods() {
	for _, m := range r.late {
		delete(r.info.Defs, m.decl.Name)
		m.decl.Name, m.decl.Recv, m.decl.Type.Params = m.name, m.recv, m.params
		if m.object != nil {
			r.info.Defs[m.name] = m.object
		}
	}
}

// undo takes the cell's late methods away from their types again.
func (r *round) undo() {
	for _, m := range r.late {
		if m.object != nil && m.name.Name != "_" {
			*m.object = *hidden(m.object)
		}
	}
	for _, restore := range r.renamed {
		restore()
	}
	r.late, r.renamed = nil, nil
}

func (r *round) whose(name string) string {
	if e := r.names[name]; e != nil {
		return Place(token.Position{Filename: cellName(e.Count)})
	}
	return "an earlier cell"
}
