package interp

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// freed is a method of an earlier cell's type, checked as a function because
// the checker takes a method only beside its type.
type freed struct {
	receiver, name string
	decl           *ast.FuncDecl
}

// freeMethods turns methods of earlier cells' types into functions whose first
// parameter is the receiver.
func (s *sketch) freeMethods(b *book, own map[string]bool) {
	for _, d := range s.files[1].Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || len(f.Recv.List) == 0 {
			continue
		}
		name, params := receiver(f)
		if own[name] {
			continue
		}
		s.freed = append(s.freed, freed{name, f.Name.Name, f})
		f.Type.TypeParams = s.typeParams(b, name, params)
		f.Type.Params.List = append(slices.Clone(f.Recv.List), f.Type.Params.List...)
		f.Recv, f.Name = nil, &ast.Ident{NamePos: f.Name.Pos(), Name: "_"}
	}
}

// typeParams declares the type parameters that a receiver names, with the
// constraints that its type gives them.
func (s *sketch) typeParams(b *book, name string, params []*ast.Ident) *ast.FieldList {
	if len(params) == 0 {
		return nil
	}
	var of *types.TypeParamList
	if e := b.Lookup(name); e != nil {
		if n, ok := e.Object.Type().(*types.Named); ok {
			of = n.TypeParams()
		}
	}
	out := &ast.FieldList{}
	for i, id := range params {
		constraint := "any"
		if i < of.Len() && closed(of.At(i).Constraint()) {
			constraint = fmt.Sprintf("%s%d", placeholder, len(s.freed)*len(params)+i)
			o := types.NewTypeName(token.NoPos, s.pkg, constraint, nil)
			types.NewAlias(o, of.At(i).Constraint())
			s.pkg.Scope().Insert(o)
		}
		out.List = append(out.List, &ast.Field{Names: []*ast.Ident{id}, Type: &ast.Ident{NamePos: id.Pos(), Name: constraint}})
	}
	return out
}

// closed says whether a constraint means the same outside of its type: it is
// not made of type parameters, as interface{ ~[]E } is.
func closed(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return true
	case *types.Named:
		return t.TypeArgs().Len() == 0
	case *types.Union:
		for term := range t.Terms() {
			if !closed(term.Type()) {
				return false
			}
		}
		return true
	case *types.Interface:
		for e := range t.EmbeddedTypes() {
			if !closed(e) {
				return false
			}
		}
		return t.NumExplicitMethods() == 0
	}
	return false
}

// signature is what follows the method's name, without the receiver.
func (f freed) signature(o *types.Func) string {
	sig := o.Signature()
	var rest []*types.Var
	for v := range sig.Params().Variables() {
		rest = append(rest, v)
	}
	n := 0
	for _, field := range f.decl.Type.Params.List[:1] {
		n += max(len(field.Names), 1)
	}
	if len(rest) < n {
		return ""
	}
	plain := types.NewSignatureType(nil, nil, nil, types.NewTuple(rest[n:]...), sig.Results(), sig.Variadic() && len(rest) > n)
	return signature(types.NewFunc(token.NoPos, nil, f.name, plain))
}

// receiver is the name of the type that f is a method of, and what it calls the
// type's parameters.
func receiver(f *ast.FuncDecl) (name string, params []*ast.Ident) {
	t := f.Recv.List[0].Type
	add := func(xs ...ast.Expr) {
		for _, x := range xs {
			if id, ok := x.(*ast.Ident); ok {
				params = append(params, id)
			}
		}
	}
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			add(x.Index)
			t = x.X
		case *ast.IndexListExpr:
			add(x.Indices...)
			t = x.X
		case *ast.Ident:
			return x.Name, params
		default:
			return "", nil
		}
	}
}
