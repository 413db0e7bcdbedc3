package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// selectStmt is one operation: yaegi's own select does not convert what it
// sends, cannot receive into an element, and sometimes never wakes.
func (f *fn) selectStmt(s *ast.SelectStmt, label string) {
	dirs, operands := "", []ir.Expr(nil)
	cases := make([]comm, len(s.Body.List))
	calls := slices.ContainsFunc(s.Body.List, func(c ast.Stmt) bool { return f.commCalls(c.(*ast.CommClause).Comm) })
	asked := false // whether what was received was sent
	for i, c := range s.Body.List {
		c := c.(*ast.CommClause)
		if c.Comm == nil {
			dirs += rt.Default
			continue
		}
		cases[i] = f.comm(c.Comm, calls)
		dirs += cases[i].dir
		operands = append(operands, cases[i].ch)
		if cases[i].val != nil {
			operands = append(operands, cases[i].val)
		}
		a, ok := c.Comm.(*ast.AssignStmt)
		asked = asked || ok && len(a.Lhs) == 2
	}
	idx := f.fresh(ir.Int)
	results, ok := []*ir.Var{idx}, (*ir.Var)(nil)
	if asked {
		ok = f.fresh(ir.Bool)
		results = append(results, ok)
	}
	f.emit(&ir.DefineAll{Vs: results, X: f.op("select", nil, append([]ir.Expr{strConst(dirs)}, operands...)...)})
	t := f.newTarget(label, false)
	sw := &ir.Switch{}
	for i, c := range s.Body.List {
		cc := c.(*ast.CommClause)
		body := f.within(t, func() {
			if a, isAssign := cc.Comm.(*ast.AssignStmt); isAssign {
				f.received(a, cases[i], ok)
			}
			f.stmts(cc.Body)
		})
		sw.Cases = append(sw.Cases, ir.Case{Cond: equals(idx, i), Body: body})
	}
	f.finish(sw, t)
}

// comm is a case: the channel, and what is sent or the variable that receives.
// A variable that the case defines may be that itself.
type comm struct {
	dir   string
	ch    *ir.Var
	val   *ir.Var // nil: nobody wants what is received
	elem  types.Type
	named bool // val is the variable that the case defines
}

// commCalls tells whether the operands of a case call anything.
func (f *fn) commCalls(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.SendStmt:
		return f.hasCall(s.Chan) || f.hasCall(s.Value)
	case *ast.ExprStmt:
		return f.hasCall(ast.Unparen(s.X).(*ast.UnaryExpr).X)
	case *ast.AssignStmt:
		return f.hasCall(ast.Unparen(s.Rhs[0]).(*ast.UnaryExpr).X)
	}
	return false
}

// comm evaluates the operands of a case. Calls in any of the cases may change
// what the operands of others are.
func (f *fn) comm(s ast.Stmt, calls bool) (c comm) {
	hold := func(x ir.Expr) *ir.Var {
		if v, ok := x.(*ir.Var); ok && !calls {
			return v
		}
		return f.tmp(x)
	}
	if send, ok := s.(*ast.SendStmt); ok {
		c.dir, c.elem = rt.Send, f.p.norm(f.typ(send.Chan).Underlying().(*types.Chan).Elem())
		c.ch = hold(f.expr(send.Chan))
		x := f.to(send.Value, c.elem)
		if v, ok := x.(*ir.Var); ok && !calls && f.sendable(v, c.elem) {
			c.val = v
		} else {
			c.val = f.sent(x, c.elem)
		}
		return c
	}
	var e ast.Expr
	var to *ast.AssignStmt
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e, to = s.Rhs[0], s
	}
	from := ast.Unparen(e).(*ast.UnaryExpr).X
	c.dir, c.elem = rt.Recv, f.p.norm(f.typ(from).Underlying().(*types.Chan).Elem())
	c.ch = hold(f.expr(from))
	if to == nil || isBlank(to.Lhs[0]) {
		c.dir = rt.Drop
		return c
	}
	if to.Tok == token.DEFINE {
		v := f.src.info.Defs[to.Lhs[0].(*ast.Ident)].(*types.Var)
		if f.p.vars[v] == nil || f.locals[v] != nil {
			f.setNew(v, nil)
			c.val, c.named = f.locals[v], true
			return c
		}
	}
	c.val = f.fresh(f.p.erase(c.elem))
	f.emit(&ir.Define{V: c.val})
	return c
}

// received assigns what a case received.
func (f *fn) received(a *ast.AssignStmt, c comm, ok *ir.Var) {
	for k, l := range a.Lhs {
		if isBlank(l) || k == 0 && c.named {
			continue
		}
		x, t := ok, boolType
		if k == 0 {
			x, t = c.val, c.elem
		}
		if a.Tok == token.DEFINE {
			f.setNew(f.src.info.Defs[l.(*ast.Ident)].(*types.Var), x)
			continue
		}
		p := f.place(l, late)
		f.set(p, f.conv(x, t, f.placeType(l)))
	}
}
