package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// setNew gives a variable its first value; nil is zero. A variable of the
// cell's top level is a global that may hold the value of an earlier run.
func (f *fn) setNew(o *types.Var, x ir.Expr) {
	t := f.subst(o.Type())
	if g := f.p.vars[o]; g != nil && f.locals[o] == nil {
		if x == nil {
			z := f.fresh(g.T)
			f.emit(&ir.Define{V: z})
			x = z
		}
		f.set(g, x)
		return
	}
	v := f.named(o.Name(), t)
	f.locals[o] = v
	f.emit(&ir.Define{V: v, X: x})
}

// declare declares variables with their values: none, one each, or one call.
func (f *fn) declare(vs []*types.Var, vals []ast.Expr) {
	switch {
	case len(vals) == 0:
		for _, v := range vs {
			if v.Name() != "_" {
				f.setNew(v, nil)
			}
		}
	case len(vals) == 1 && len(vs) == 1:
		f.declareOne(vs[0], vals[0])
	case len(vals) == 1:
		xs, ts := f.multi(vals[0])
		for i, v := range vs {
			if v.Name() != "_" {
				f.setNew(v, f.conv(xs[i], ts[i], f.subst(v.Type())))
			}
		}
	default:
		f.declareEach(vs, vals)
	}
}

// declareEach declares variables with a value each.
func (f *fn) declareEach(vs []*types.Var, vals []ast.Expr) {
	xs, ts, consts := f.inOrder(vals, func(i int) types.Type { return vs[i].Type() })
	for i, v := range vs {
		switch {
		case v.Name() == "_" && consts[i] != nil:
		case v.Name() == "_":
			f.do(f.rt("Nop", nil, xs[i]))
		case consts[i] != nil:
			xs[i] = f.held(f.to(consts[i], f.subst(v.Type())))
		default:
			xs[i] = f.held(f.conv(xs[i], ts[i], f.subst(v.Type())))
		}
	}
	for i, v := range vs {
		if v.Name() != "_" {
			f.setNew(v, xs[i])
		}
	}
}

func (f *fn) declareOne(v *types.Var, e ast.Expr) {
	if v.Name() == "_" {
		f.use(e)
		return
	}
	x := f.toTop(e, f.subst(v.Type()))
	if _, ok := x.(*ir.Nil); ok {
		x = nil
	}
	f.setNew(v, x)
}

// use evaluates an expression for its effects.
func (f *fn) use(e ast.Expr) {
	if f.isNil(e) || f.value(e) != nil {
		return
	}
	if _, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		f.funcLit(ast.Unparen(e).(*ast.FuncLit))
		return
	}
	x := f.top(e)
	if x.Type() == nil {
		f.do(x)
		return
	}
	f.do(f.rt("Nop", nil, x))
}

// multi evaluates an expression of several values: a call or a comma-ok form.
func (f *fn) multi(e ast.Expr) ([]ir.Expr, []types.Type) {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return f.several(f.top(x), f.src.info.TypeOf(e).(*types.Tuple))
	case *ast.TypeAssertExpr:
		t := f.typ(x.Type)
		v, ok := f.assert(f.expr(x.X), f.typ(x.X), t, true)
		return []ir.Expr{v, ok}, []types.Type{t, boolType}
	case *ast.IndexExpr:
		return f.commaOk(f.index(x), f.typ(x.X).Underlying().(*types.Map).Elem())
	case *ast.UnaryExpr:
		elem := f.typ(x.X).Underlying().(*types.Chan).Elem()
		v, ok := f.receive(f.expr(x.X), elem)
		return []ir.Expr{v, ok}, []types.Type{elem, boolType}
	}
	panic(f.limit(e, "several values from this expression", ""))
}

func (f *fn) commaOk(x ir.Expr, t types.Type) ([]ir.Expr, []types.Type) {
	v, ok := f.fresh(f.p.erase(t)), f.fresh(ir.Bool)
	f.emit(&ir.DefineAll{Vs: []*ir.Var{v, ok}, X: x})
	return []ir.Expr{v, ok}, []types.Type{t, boolType}
}

func (f *fn) assign(s *ast.AssignStmt) {
	switch {
	case s.Tok == token.DEFINE && f.allNew(s):
		vs := make([]*types.Var, len(s.Lhs))
		for i, l := range s.Lhs {
			vs[i], _ = f.src.info.Defs[l.(*ast.Ident)].(*types.Var)
			if vs[i] == nil {
				vs[i] = types.NewVar(token.NoPos, f.src.pkg, "_", types.Typ[types.Invalid])
			}
		}
		f.declare(vs, s.Rhs)
	case s.Tok != token.DEFINE && s.Tok != token.ASSIGN:
		f.assignOp(s)
	case len(s.Lhs) == 1:
		f.assignOne(s.Lhs[0], s.Rhs[0])
	default:
		f.assignMany(s)
	}
}

// allNew tells whether := only declares.
func (f *fn) allNew(s *ast.AssignStmt) bool {
	for _, l := range s.Lhs {
		if f.src.info.Defs[l.(*ast.Ident)] == nil && !isBlank(l) {
			return false
		}
	}
	return true
}

func (f *fn) assignOp(s *ast.AssignStmt) {
	op := s.Tok - token.ADD_ASSIGN + token.ADD
	t := f.typ(s.Lhs[0])
	l := f.place(s.Lhs[0], f.besides(s.Rhs[0]))
	if inPlace(l) && op < token.SHL {
		y := f.operand(s.Rhs[0], t)
		if y.Type().Same(l.Type()) { // the interpreter's own op= is right here, and faster
			f.emit(&ir.Assign{L: l, Op: op.String(), X: y})
			return
		}
		f.set(l, f.operation(op, l, y, t))
		return
	}
	var x ir.Expr
	if op == token.SHL || op == token.SHR {
		x = &ir.Binary{Op: op.String(), X: l, Y: f.shiftCount(s.Rhs[0]), T: l.Type()}
	} else {
		x = f.operation(op, l, f.operand(s.Rhs[0], t), t)
	}
	f.set(l, x)
}

// inPlace tells whether the interpreter's op= may write to a place.
func inPlace(l ir.Expr) bool {
	if l.Type().Kind != ir.Basic {
		return false
	}
	switch l := l.(type) {
	case *ir.Var, *ir.FieldOf:
		return true
	case *ir.IndexOf:
		return l.X.Type().Kind != ir.Map || l.X.Type().Key.Kind == ir.Basic
	}
	return false
}

func (f *fn) assignOne(l, r ast.Expr) {
	if isBlank(l) {
		f.use(r)
		return
	}
	t := f.placeType(l)
	x := f.place(l, f.besides(r))
	v := f.toTop(r, t)
	switch v.(type) {
	case *ir.Call: // a result may share the variable's slot
		v = f.tmp(v)
	case *ir.Deref: // m[k] = *p with a nil p deletes the key instead of panicking
		if _, ok := x.(*ir.IndexOf); ok {
			v = f.tmp(v)
		}
	}
	f.set(x, v)
}

func (f *fn) placeType(l ast.Expr) types.Type {
	if id, ok := l.(*ast.Ident); ok {
		if o := f.src.info.ObjectOf(id); o != nil {
			return f.subst(o.Type())
		}
	}
	return f.typ(l)
}

// assignMany makes the calls, those on the left first, then evaluates the
// operands on the left, then the right side, then assigns from left to right.
func (f *fn) assignMany(s *ast.AssignStmt) {
	places := make([]ir.Expr, len(s.Lhs))
	news := make([]*types.Var, len(s.Lhs))
	w := now
	if f.besides(s.Lhs...) == beside || f.besides(s.Rhs...) == beside {
		w = beside
	}
	for i, l := range s.Lhs {
		if isBlank(l) {
			continue
		}
		if id, ok := l.(*ast.Ident); ok && s.Tok == token.DEFINE {
			if v, ok := f.src.info.Defs[id].(*types.Var); ok {
				news[i] = v
				continue
			}
		}
		places[i] = f.place(l, w)
	}
	settle := func() {
		for i, x := range places {
			if x != nil && w == beside {
				places[i] = f.settled(x)
			}
		}
	}
	var xs []ir.Expr
	var ts []types.Type
	if len(s.Rhs) == 1 {
		xs, ts = f.multi(s.Rhs[0])
		settle()
	} else {
		xs, ts = f.heldInOrder(s, settle)
	}
	for i := range s.Lhs {
		switch {
		case news[i] != nil:
			f.setNew(news[i], f.conv(xs[i], ts[i], f.subst(news[i].Type())))
		case places[i] != nil:
			x := f.conv(xs[i], ts[i], f.placeType(s.Lhs[i]))
			f.set(places[i], x)
		}
	}
}

// heldInOrder are the values of as many places; later assignments do not
// change them. It settles the places when the calls are made.
func (f *fn) heldInOrder(s *ast.AssignStmt, settle func()) (xs []ir.Expr, ts []types.Type) {
	vals, from, consts := f.inOrder(s.Rhs, func(i int) types.Type { return f.src.info.TypeOf(s.Lhs[i]) })
	settle()
	for i := range s.Rhs {
		switch {
		case isBlank(s.Lhs[i]):
			if consts[i] == nil {
				f.do(f.rt("Nop", nil, vals[i]))
			}
			xs, ts = append(xs, nil), append(ts, nil)
		case consts[i] != nil:
			t := f.placeType(s.Lhs[i])
			xs, ts = append(xs, f.held(f.to(consts[i], t))), append(ts, t)
		default:
			t := f.placeType(s.Lhs[i])
			xs, ts = append(xs, f.held(f.conv(vals[i], from[i], t))), append(ts, t)
		}
	}
	return xs, ts
}

// held is a value that later assignments cannot change.
func (f *fn) held(x ir.Expr) ir.Expr {
	if n, ok := x.(*ir.Nil); ok {
		return n
	}
	return f.pure(x)
}
