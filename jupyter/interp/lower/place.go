package lower

import (
	"go/ast"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// when says when the variables in a place are read.
type when int

const (
	late   when = iota // with the assignment
	beside             // after the calls beside it, save for what the compiler copies before them
	now                // here, into temporaries
)

// besides is when the operands of a place beside es are read.
func (f *fn) besides(es ...ast.Expr) when {
	for _, e := range es {
		if f.hasCall(e) {
			return beside
		}
	}
	return late
}

// place is an assignable expression; the calls in it are made here.
func (f *fn) place(e ast.Expr, w when) ir.Expr {
	hold := func(x ir.Expr) ir.Expr { return f.operandOf(x, w) }
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.variable(e, f.src.info.ObjectOf(e).(*types.Var))
	case *ast.StarExpr:
		return &ir.Deref{X: hold(f.expr(e.X)), T: f.p.erase(f.typ(e))}
	case *ast.SelectorExpr:
		return f.placeSelector(e, w)
	case *ast.IndexExpr:
		t, et := f.typ(e.X), f.p.erase(f.typ(e))
		switch u := t.Underlying().(type) {
		case *types.Map:
			m := hold(f.expr(e.X))
			k := hold(f.key(e.Index, u))
			if w == beside && !f.fastKey(u) {
				k = f.pure(k)
			}
			return &ir.IndexOf{X: m, I: k, T: et}
		case *types.Pointer:
			x := &ir.Deref{X: hold(f.expr(e.X)), T: f.p.erase(u.Elem())}
			return &ir.IndexOf{X: x, I: hold(f.intIndex(e.Index)), T: et}
		case *types.Slice:
			x := hold(f.expr(e.X))
			return &ir.IndexOf{X: x, I: hold(f.intIndex(e.Index)), T: et}
		}
		x := f.place(e.X, w)
		return &ir.IndexOf{X: x, I: hold(f.intIndex(e.Index)), T: et}
	}
	return f.top(e)
}

// operandOf is an operand of a place.
func (f *fn) operandOf(x ir.Expr, w when) ir.Expr {
	switch w {
	case beside:
		return f.before(x)
	case now:
		return f.pure(x)
	}
	return x
}

func (f *fn) placeSelector(e *ast.SelectorExpr, w when) ir.Expr {
	if f.isPackage(e.X) {
		return f.selector(e)
	}
	t := f.typ(e.X)
	_, index, _ := types.LookupFieldOrMethod(t, true, f.src.pkg, e.Sel.Name)
	var x ir.Expr
	if _, ok := t.Underlying().(*types.Pointer); ok {
		x = f.operandOf(f.expr(e.X), w)
	} else {
		x = f.place(e.X, w)
	}
	x, _ = f.path(x, t, index)
	return x
}

// settled is a place with the variables that say where it is read now.
func (f *fn) settled(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Deref:
		return &ir.Deref{X: f.pure(x.X), T: x.T}
	case *ir.FieldOf:
		if x.X.Type().Kind == ir.Pointer {
			return &ir.FieldOf{X: f.pure(x.X), Name: x.Name, T: x.T}
		}
		return &ir.FieldOf{X: f.settled(x.X), Name: x.Name, T: x.T}
	case *ir.IndexOf:
		switch x.X.Type().Kind {
		case ir.Map, ir.Slice:
			return &ir.IndexOf{X: f.pure(x.X), I: f.pure(x.I), T: x.T}
		}
		return &ir.IndexOf{X: f.settled(x.X), I: f.pure(x.I), T: x.T}
	}
	return x
}

// fastKey tells whether the compiler hands the keys of a map over as they are;
// others it copies before the calls beside them.
func (f *fn) fastKey(m *types.Map) bool {
	if sizes.Sizeof(m.Elem()) > 128 {
		return false
	}
	switch k := f.p.norm(m.Key()).Underlying().(type) {
	case *types.Pointer, *types.Chan:
		return true
	case *types.Basic:
		return k.Kind() == types.String || k.Info()&types.IsInteger != 0 && sizes.Sizeof(k) >= 4
	}
	return false
}
