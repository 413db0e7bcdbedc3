package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// selectStmt is one operation: yaegi's own select does not convert what it
// sends, cannot receive into an element, and sometimes never wakes.
func (f *fn) selectStmt(s *ast.SelectStmt, label string) {
	dirs, operands := "", []ir.Expr(nil)
	cases := make([]comm, len(s.Body.List))
	for i, c := range s.Body.List {
		c := c.(*ast.CommClause)
		if c.Comm == nil {
			dirs += rt.Default
			continue
		}
		cases[i] = f.comm(c.Comm)
		dirs += cases[i].dir
		operands = append(operands, cases[i].ch, cases[i].val)
	}
	idx, ok := f.fresh(ir.Int), f.fresh(ir.Bool)
	f.emit(&ir.DefineAll{Vs: []*ir.Var{idx, ok}, X: f.op("select", nil, append([]ir.Expr{strConst(dirs)}, operands...)...)})
	t := f.newTarget(label, false)
	sw := &ir.Switch{}
	for i, c := range s.Body.List {
		cc := c.(*ast.CommClause)
		body := f.within(t, func() {
			if a, isAssign := cc.Comm.(*ast.AssignStmt); isAssign {
				f.received(a, cases[i].val, ok, cases[i].elem)
			}
			f.stmts(cc.Body)
		})
		sw.Cases = append(sw.Cases, ir.Case{Cond: equals(idx, i), Body: body})
	}
	f.finish(sw, t)
}

// comm is a case: the channel and what is sent, or the variable that receives.
type comm struct {
	dir  string
	ch   *ir.Var
	val  *ir.Var
	elem types.Type
}

func (f *fn) comm(s ast.Stmt) (c comm) {
	if send, ok := s.(*ast.SendStmt); ok {
		c.dir, c.elem = rt.Send, f.p.norm(f.typ(send.Chan).Underlying().(*types.Chan).Elem())
		c.ch = f.tmp(f.expr(send.Chan))
		c.val = f.sent(f.to(send.Value, c.elem), c.elem)
		return c
	}
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e = s.Rhs[0]
	}
	from := ast.Unparen(e).(*ast.UnaryExpr).X
	c.dir, c.elem = rt.Recv, f.p.norm(f.typ(from).Underlying().(*types.Chan).Elem())
	c.ch = f.tmp(f.expr(from))
	c.val = f.fresh(f.p.erase(c.elem))
	f.emit(&ir.Define{V: c.val})
	return c
}

// received assigns what a case received.
func (f *fn) received(a *ast.AssignStmt, got, ok *ir.Var, elem types.Type) {
	for k, l := range a.Lhs {
		if isBlank(l) {
			continue
		}
		x, t := ok, boolType
		if k == 0 {
			x, t = got, elem
		}
		if a.Tok == token.DEFINE {
			f.setNew(f.src.info.Defs[l.(*ast.Ident)].(*types.Var), x)
			continue
		}
		p := f.place(l, false)
		f.set(p, f.conv(x, t, f.placeType(l)))
	}
}
