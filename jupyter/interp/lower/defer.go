package lower

import (
	"go/ast"
	"go/types"
	"slices"

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

// handler tells whether a function may answer requests of HTTP. Package net/http
// logs its panic, which Run has put into the words of compiled Go by then.
func handler(sig *types.Signature) bool {
	return sig.Results().Len() == 0 && sig.Params().Len() == 2 &&
		types.TypeString(sig.Params().At(0).Type(), nil) == "net/http.ResponseWriter" &&
		types.TypeString(sig.Params().At(1).Type(), nil) == "*net/http.Request"
}

// recovering tells whether a body calls recover, literals inside apart.
func (s *source) recovering(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			b, ok := s.info.Uses[n].(*types.Builtin)
			found = found || ok && b.Name() == "recover"
		}
		return !found
	})
	return found
}

// mayRecover tells whether the function of a deferred call may call recover
// itself. What such a function calls in turn must not end the panic.
func (f *fn) mayRecover(c *ast.CallExpr) bool {
	fun := ast.Unparen(c.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok {
		return f.src.recovering(lit.Body)
	}
	if s, ok := fun.(*ast.SelectorExpr); ok {
		fun = s.Sel
	}
	id, ok := fun.(*ast.Ident)
	if !ok {
		return true
	}
	if o, ok := f.src.info.Uses[id].(*types.Func); ok {
		if d := f.p.decls[o.Origin()]; d != nil {
			return d.src.recovering(d.fd.Body)
		}
	}
	return true
}

// recover is a call of recover where f stands.
func (f *fn) recover() ir.Expr {
	if f.frame.armed == nil { // of a cell: nothing has deferred it
		return f.rt("Recover", ir.Anything, boolConst(false))
	}
	return f.rt("Recover", ir.Anything, f.frame.armed)
}

// goStmt starts a goroutine that ends inside its closure: see ir.FuncLit.Here.
func (f *fn) goStmt(s *ast.GoStmt) {
	var body []ir.Stmt
	switch x := f.later(s.Call, nil).(type) {
	case *ir.FuncLit:
		body = x.Body
	case *ir.Var:
		body = f.making(x, &ir.Do{X: &ir.Call{Fun: x}})
	}
	body = append(body, &ir.Do{X: f.rt("End", nil)})
	f.do(f.rt("Go", nil, f.tmp(&ir.FuncLit{T: ir.FuncOf(nil, nil), Body: body, Here: true})))
}

func (f *fn) deferStmt(s *ast.DeferStmt) {
	push := &ir.MethodOf{X: f.frame.defers, Name: "Push"}
	if !f.mayRecover(s.Call) {
		push.Name = "PushDeaf"
	}
	f.do(&ir.Call{Fun: push, Args: []ir.Expr{f.tmp(f.later(s.Call, f.p.deferred))}})
}

// later evaluates the function and the arguments of a call now, into variables
// of this iteration, and returns a literal that makes the call; as, if it is not
// nil, says how a function of the notebook is called.
func (f *fn) later(c *ast.CallExpr, as func(*ir.FuncRef) *ir.FuncRef) ir.Expr {
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
	if s, ok := fun.(*ast.SelectorExpr); ok && f.onInterface(s) {
		recv := g.Args[:min(len(g.Args), 1)]
		if m, ok := g.Fun.(*ir.MethodOf); ok {
			recv = []ir.Expr{f.again(m.X)}
		}
		f.nonNil(recv[0]) // panics here, not when the call is made
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
	case *ir.FuncRef:
		if as != nil {
			g.Fun = as(fun)
		}
	case *ir.Native:
	default:
		g.Fun = f.pure(fun)
	}
	return &ir.FuncLit{T: ir.FuncOf(nil, nil), Body: f.making(g.Fun, &ir.Do{X: &g})}
}

// making is a statement that calls fun. If that is a temporary with a literal,
// the literal is made there and no longer here.
func (f *fn) making(fun ir.Expr, call ir.Stmt) []ir.Stmt {
	for i, s := range *f.out {
		if d, ok := s.(*ir.Define); ok && fun == ir.Expr(d.V) && d.V.Name[0] == 'z' {
			if _, ok := d.X.(*ir.FuncLit); ok {
				*f.out = slices.Delete(*f.out, i, i+1)
				return []ir.Stmt{d, call}
			}
		}
	}
	return []ir.Stmt{call}
}

// onInterface tells whether s is a method of a value in an interface.
func (f *fn) onInterface(s *ast.SelectorExpr) bool {
	if f.isPackage(s.X) || f.src.info.Types[s.X].IsType() || !isInterface(f.typ(s.X)) {
		return false
	}
	_, ok := f.src.info.Uses[s.Sel].(*types.Func)
	return ok
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
	if name == "recover" { // no deferred function calls it: it ends no panic
		body = nil
	}
	return &ir.FuncLit{T: ir.FuncOf(nil, nil), Body: body}
}
