package lower

import (
	"go/ast"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// deferring tells whether statements defer calls, literals inside apart.
func deferring(body []ast.Stmt) bool {
	found := false
	for _, s := range body {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.DeferStmt:
				found = true
			}
			return !found
		})
	}
	return found
}

func (f *fn) goStmt(s *ast.GoStmt) {
	f.do(f.rt("Go", nil, f.tmp(f.later(s.Call))))
}

func (f *fn) deferStmt(s *ast.DeferStmt) {
	push := &ir.MethodOf{X: f.frame.defers, Name: "Push"}
	f.do(&ir.Call{Fun: push, Args: []ir.Expr{f.tmp(f.later(s.Call))}})
}

// later evaluates the function and the arguments of a call now, into variables
// of this iteration, and returns a literal that makes the call.
func (f *fn) later(c *ast.CallExpr) ir.Expr {
	fun := ast.Unparen(c.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok && len(c.Args) == 0 && f.typ(lit).(*types.Signature).Results().Len() == 0 {
		return f.tmp(f.funcLit(lit))
	}
	if id, ok := fun.(*ast.Ident); ok {
		if b, ok := f.src.info.ObjectOf(id).(*types.Builtin); ok {
			return f.laterBuiltin(b.Name(), c)
		}
	}
	x := f.top(c)
	call, ok := x.(*ir.Call)
	if !ok {
		return &ir.FuncLit{T: ir.FuncOf(nil, nil)} // a conversion: nothing is left to do
	}
	g := *call
	g.Args = append([]ir.Expr(nil), call.Args...)
	for i, a := range g.Args {
		g.Args[i] = f.frozen(a)
	}
	switch fun := g.Fun.(type) {
	case *ir.MethodOf: // the receiver is evaluated now too
		m := *fun
		if m.ByAddr { // a copied mutex is no mutex
			m.X = f.tmp(&ir.AddrOf{X: fun.X, T: ir.PointerTo(fun.X.Type())})
		} else {
			m.X = f.frozen(fun.X)
		}
		g.Fun = &m
	case *ir.FuncRef, *ir.Native:
	default:
		g.Fun = f.tmp(fun)
	}
	return &ir.FuncLit{T: ir.FuncOf(nil, nil), Body: []ir.Stmt{&ir.Do{X: &g}}}
}

// frozen is the value of x as it is now.
func (f *fn) frozen(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Const, *ir.Nil:
		return x
	}
	return f.tmp(x)
}

func (f *fn) laterBuiltin(name string, c *ast.CallExpr) ir.Expr {
	var body []ir.Stmt
	switch x := f.top(c).(type) {
	case *ir.Call:
		g := *x
		for i, a := range g.Args {
			g.Args[i] = f.frozen(a)
		}
		body = []ir.Stmt{&ir.Do{X: &g}}
	case *ir.Builtin:
		g := *x
		for i, a := range g.Args {
			g.Args[i] = f.frozen(a)
		}
		body = []ir.Stmt{&ir.Do{X: &g}}
	}
	if name == "recover" { // recover() was lowered as if called now
		body = []ir.Stmt{&ir.Do{X: f.rt("Recover", ir.Anything)}}
	}
	return &ir.FuncLit{T: ir.FuncOf(nil, nil), Body: body}
}
