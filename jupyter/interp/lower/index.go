package lower

import (
	"go/ast"
	"go/constant"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// intIndex is an index or length, constants as an int.
func (f *fn) intIndex(e ast.Expr) ir.Expr {
	if v := f.value(e); v != nil {
		if n, ok := constant.Int64Val(constant.ToInt(v)); ok {
			return intConst(n)
		}
	}
	return f.expr(e)
}

func (f *fn) index(e *ast.IndexExpr) ir.Expr {
	t := f.typ(e.X)
	x := f.expr(e.X)
	if m, ok := t.Underlying().(*types.Map); ok {
		// the type of e itself is a tuple in v, ok := m[k]
		return &ir.IndexOf{X: x, I: f.key(e.Index, m), T: f.p.erase(m.Elem())}
	}
	et := f.p.erase(f.typ(e))
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		x = &ir.Deref{X: x, T: f.p.erase(u.Elem())}
	case *types.Basic:
		if f.value(e.X) != nil {
			x = f.tmp(x)
		}
	}
	return &ir.IndexOf{X: x, I: f.intIndex(e.Index), T: et}
}

func (f *fn) slice(e *ast.SliceExpr) ir.Expr {
	x := f.expr(e.X)
	if p, ok := f.typ(e.X).Underlying().(*types.Pointer); ok {
		x = &ir.Deref{X: x, T: f.p.erase(p.Elem())}
	}
	if f.value(e.X) != nil {
		x = f.tmp(x)
	}
	s := &ir.SliceOfExpr{X: x, T: f.p.erase(f.typ(e))}
	for _, b := range []struct {
		to *ir.Expr
		e  ast.Expr
	}{{&s.Low, e.Low}, {&s.Hi, e.High}, {&s.Max, e.Max}} {
		if b.e != nil {
			*b.to = f.intIndex(b.e)
		}
	}
	switch x.(type) {
	case *ir.Binary, *ir.Deref: // yaegi takes the types of (*p)[0:1] and (*p + "a")[0:1] for that of p
		return f.tmp(s)
	}
	return s
}
