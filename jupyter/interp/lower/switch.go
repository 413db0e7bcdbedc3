package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// arm is a case of a switch: conditions, each with the statements it needs.
type arm struct {
	body  []ast.Stmt
	conds []armCond
	falls bool
}

type armCond struct {
	pre []ir.Stmt
	x   ir.Expr
}

func (f *fn) switchStmt(s *ast.SwitchStmt, label string) {
	if s.Init != nil {
		f.stmt(s.Init, "")
		if s.Tag != nil {
			f.mark(s.Tag)
		}
	}
	var tag ir.Expr
	tt := boolType
	if s.Tag != nil {
		tt = f.valueType(s.Tag)
		tag = f.tmp(f.to(s.Tag, tt))
	}
	arms, def, plain := f.arms(s, tag, tt)
	t := f.newTarget(label, false)
	if plain {
		f.plainSwitch(arms, def, t)
		return
	}
	f.indexedSwitch(arms, def, t)
}

// arms lowers the conditions; plain tells that they can stand in a switch.
func (f *fn) arms(s *ast.SwitchStmt, tag ir.Expr, tt types.Type) (arms []arm, def int, plain bool) {
	def, plain = -1, true
	for i, c := range s.Body.List {
		cc := c.(*ast.CaseClause)
		a := arm{body: cc.Body}
		if n := len(cc.Body); n > 0 {
			if b, ok := cc.Body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
				a.body, a.falls, plain = cc.Body[:n-1], true, false
			}
		}
		if cc.List == nil {
			def = i
		}
		for _, e := range cc.List {
			var x ir.Expr
			pre := f.capture(func() {
				f.mark(e)
				n := len(*f.out)
				x = f.made(f.caseCond(e, tag, tt))
				if len(*f.out) == n && !f.hasCall(e) && (f.computes() || !indexes(e)) { // the mark of the switch has to do
					*f.out = nil
				}
			})
			plain = plain && len(pre) == 0
			a.conds = append(a.conds, armCond{pre, x})
		}
		arms = append(arms, a)
	}
	return arms, def, plain
}

func (f *fn) caseCond(e ast.Expr, tag ir.Expr, tt types.Type) ir.Expr {
	switch {
	case tag == nil && isInterface(f.typ(e)): // compared with true
		return f.equal("==", f.expr(e), f.typ(e), boolConst(true), boolType)
	case tag == nil:
		x := f.expr(e)
		if c, ok := x.(*ir.Const); ok {
			return f.tmp(c)
		}
		return x
	case f.isNil(e):
		return &ir.Binary{Op: "==", X: tag, Y: &ir.Nil{T: tag.Type()}, T: ir.Bool}
	}
	et := f.typ(e)
	if f.value(e) != nil && !isInterface(tt) {
		et = tt
	}
	return f.equal("==", tag, tt, f.operand(e, tt), et)
}

func (f *fn) plainSwitch(arms []arm, def int, t *target) {
	sw := &ir.Switch{}
	for i, a := range arms {
		if i == def {
			continue
		}
		cond := a.conds[0].x
		for _, c := range a.conds[1:] {
			cond = &ir.Binary{Op: "||", X: cond, Y: c.x, T: ir.Bool}
		}
		sw.Cases = append(sw.Cases, ir.Case{Cond: cond, Body: f.within(t, func() { f.stmts(a.body) })})
	}
	if def >= 0 {
		sw.Cases = append(sw.Cases, ir.Case{Body: f.within(t, func() { f.stmts(arms[def].body) })})
	}
	f.finish(sw, t)
}

func (f *fn) finish(sw *ir.Switch, t *target) {
	if len(sw.Cases) == 0 {
		return
	}
	sw.Label = t.labelFor()
	f.emit(sw)
}

// indexedSwitch finds the number of the arm first, one condition after the
// other, and then runs it, and those it falls through to.
func (f *fn) indexedSwitch(arms []arm, def int, t *target) {
	idx := f.tmp(intConst(int64(def)))
	var find func(i, j int) []ir.Stmt
	find = func(i, j int) []ir.Stmt {
		for i < len(arms) && j == len(arms[i].conds) {
			i, j = i+1, 0
		}
		if i == len(arms) {
			return nil
		}
		c := arms[i].conds[j]
		st := &ir.If{Cond: c.x, Then: []ir.Stmt{&ir.Assign{L: idx, X: intConst(int64(i))}}, Else: find(i, j+1)}
		return append(c.pre[:len(c.pre):len(c.pre)], st)
	}
	*f.out = append(*f.out, find(0, 0)...)
	sw := &ir.Switch{}
	falls := false
	for _, a := range arms {
		falls = falls || a.falls
	}
	if !falls {
		for i, a := range arms {
			sw.Cases = append(sw.Cases, ir.Case{Cond: equals(idx, i), Body: f.within(t, func() { f.stmts(a.body) })})
		}
		f.finish(sw, t)
		return
	}
	// one case that runs the arms as a chain; a break leaves it
	always := f.tmp(boolConst(true))
	body := f.within(t, func() {
		for i, a := range arms {
			run := f.capture(func() {
				f.stmts(a.body)
				if a.falls {
					f.set(idx, intConst(int64(i+1)))
				} else {
					f.emit(&ir.Jump{Word: "break"})
				}
			})
			f.emit(&ir.If{Cond: equals(idx, i), Then: run})
		}
	})
	sw.Cases = []ir.Case{{Cond: always, Body: body}}
	f.finish(sw, t)
}

func (f *fn) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	var xe ast.Expr
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		xe = ast.Unparen(a.X).(*ast.TypeAssertExpr).X
	case *ast.AssignStmt:
		xe = ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr).X
	}
	xt := f.typ(xe)
	orig := f.tmp(f.expr(xe))
	x := orig
	if f.p.isNative(xt) {
		x = f.tmp(f.rt("Un", ir.Anything, x))
	}
	tid := f.tmp(f.op("TID", ir.Int, x))
	idx := f.tmp(intConst(-1))
	find := &ir.Switch{}
	def := -1
	for i, c := range s.Body.List {
		cc := c.(*ast.CaseClause)
		if cc.List == nil {
			def = i
		}
		for _, e := range cc.List {
			find.Cases = append(find.Cases, ir.Case{
				Cond: f.typeCond(e, x, tid),
				Body: []ir.Stmt{&ir.Assign{L: idx, X: intConst(int64(i))}},
			})
		}
	}
	if def >= 0 {
		find.Cases = append(find.Cases, ir.Case{Body: []ir.Stmt{&ir.Assign{L: idx, X: intConst(int64(def))}}})
	}
	if len(find.Cases) > 0 {
		f.emit(find)
	}
	t := f.newTarget(label, false)
	sw := &ir.Switch{}
	for i, c := range s.Body.List {
		cc := c.(*ast.CaseClause)
		body := f.within(t, func() {
			f.bindCase(cc, x, orig)
			f.stmts(cc.Body)
		})
		sw.Cases = append(sw.Cases, ir.Case{Cond: equals(idx, i), Body: body})
	}
	f.finish(sw, t)
}

// typeCond tests a dynamic type by number.
func (f *fn) typeCond(e ast.Expr, x, tid *ir.Var) ir.Expr {
	if f.isNil(e) {
		return &ir.Binary{Op: "==", X: x, Y: &ir.Nil{T: x.T}, T: ir.Bool}
	}
	t := f.typ(e)
	if isInterface(t) {
		return f.rt("Impl", ir.Bool, x, intConst(int64(f.p.ifaceID(t))))
	}
	f.p.alive(t)
	return equals(tid, f.p.id(t))
}

// bindCase declares the variable of a case.
func (f *fn) bindCase(cc *ast.CaseClause, x, orig *ir.Var) {
	o, ok := f.src.info.Implicits[cc].(*types.Var)
	if !ok {
		return
	}
	t := f.subst(o.Type())
	v := f.named(o.Name(), t)
	f.locals[o] = v
	switch {
	case len(cc.List) != 1 || f.isNil(cc.List[0]):
		f.emit(&ir.Define{V: v, X: orig})
	case isInterface(t):
		f.emit(&ir.Define{V: v, X: f.conv(x, anyType, t)})
	default:
		f.emit(&ir.Define{V: v, X: f.unbox(x, t)})
	}
}
