package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// selectStmt is one call of the run time: yaegi's own select does not convert
// what it sends, cannot receive into an element, and sometimes never wakes.
func (f *fn) selectStmt(s *ast.SelectStmt, label string) {
	chans, vals := &ir.Lit{T: anys}, &ir.Lit{T: anys}
	def := -1
	var elems []types.Type
	number := map[int]int{}
	for i, c := range s.Body.List {
		cc := c.(*ast.CommClause)
		if cc.Comm == nil {
			def = i
			continue
		}
		number[i] = len(chans.Vals)
		ch, val, elem := f.comm(cc.Comm)
		chans.Vals, vals.Vals, elems = append(chans.Vals, ch), append(vals.Vals, val), append(elems, elem)
	}
	idx, got, ok := f.fresh(ir.Int), f.fresh(ir.Anything), f.fresh(ir.Bool)
	f.emit(&ir.DefineAll{Vs: []*ir.Var{idx, got, ok}, X: f.rt("Select", nil, boolConst(def >= 0), chans, vals)})
	f.do(f.rt("Nop", nil, got))
	f.do(f.rt("Nop", nil, ok))
	t := f.newTarget(label, false)
	sw := &ir.Switch{}
	for i, c := range s.Body.List {
		cc := c.(*ast.CommClause)
		cond := equals(idx, -1)
		if i != def {
			cond = equals(idx, number[i])
		}
		body := f.within(t, func() {
			if a, isAssign := cc.Comm.(*ast.AssignStmt); isAssign {
				f.received(a, got, ok, elems[number[i]])
			}
			f.stmts(cc.Body)
		})
		sw.Cases = append(sw.Cases, ir.Case{Cond: cond, Body: body})
	}
	f.finish(sw, t)
}

// comm evaluates the channel and, for a send, the value of a case.
func (f *fn) comm(s ast.Stmt) (ch, val ir.Expr, elem types.Type) {
	box := func(x ir.Expr) ir.Expr { return &ir.Convert{X: x, T: ir.Anything} }
	if send, ok := s.(*ast.SendStmt); ok {
		elem = f.p.norm(f.typ(send.Chan).Underlying().(*types.Chan).Elem())
		c := f.tmp(f.expr(send.Chan))
		return box(c), box(f.sent(f.to(send.Value, elem), elem)), elem
	}
	var e ast.Expr
	switch s := s.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		e = s.Rhs[0]
	}
	from := ast.Unparen(e).(*ast.UnaryExpr).X
	elem = f.p.norm(f.typ(from).Underlying().(*types.Chan).Elem())
	return box(f.tmp(f.expr(from))), &ir.Native{Pkg: ir.RT, Name: "NoVal", T: ir.Anything}, elem
}

// received assigns what a case received.
func (f *fn) received(a *ast.AssignStmt, got, ok *ir.Var, elem types.Type) {
	for k, l := range a.Lhs {
		if isBlank(l) {
			continue
		}
		x, t := ok, boolType
		if k == 0 {
			x, t = f.fromAny(got, elem), elem
		}
		if a.Tok == token.DEFINE {
			f.setNew(f.src.info.Defs[l.(*ast.Ident)].(*types.Var), x)
			continue
		}
		p := f.place(l, false)
		f.set(p, f.conv(x, t, f.placeType(l)))
	}
}
