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
		xs := make([]ir.Expr, len(vals))
		for i, e := range vals {
			xs[i] = f.pure(f.to(e, f.subst(vs[i].Type())))
		}
		for i, v := range vs {
			if v.Name() != "_" {
				f.setNew(v, xs[i])
			}
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

// place is an assignable expression. With fixed, its operands are evaluated
// into temporaries, as tuple assignment and op= with calls require.
func (f *fn) place(e ast.Expr, fixed bool) ir.Expr {
	hold := func(x ir.Expr) ir.Expr {
		if fixed {
			return f.pure(x)
		}
		return x
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.variable(e, f.src.info.ObjectOf(e).(*types.Var))
	case *ast.StarExpr:
		return &ir.Deref{X: hold(f.expr(e.X)), T: f.p.erase(f.typ(e))}
	case *ast.SelectorExpr:
		return f.placeSelector(e, fixed)
	case *ast.IndexExpr:
		t, et := f.typ(e.X), f.p.erase(f.typ(e))
		switch u := t.Underlying().(type) {
		case *types.Map:
			m := hold(f.expr(e.X))
			return &ir.IndexOf{X: m, I: hold(f.key(e.Index, u)), T: et}
		case *types.Pointer:
			x := &ir.Deref{X: hold(f.expr(e.X)), T: f.p.erase(u.Elem())}
			return &ir.IndexOf{X: x, I: hold(f.intIndex(e.Index)), T: et}
		case *types.Slice:
			x := hold(f.expr(e.X))
			return &ir.IndexOf{X: x, I: hold(f.intIndex(e.Index)), T: et}
		}
		x := f.place(e.X, fixed)
		return &ir.IndexOf{X: x, I: hold(f.intIndex(e.Index)), T: et}
	}
	return f.top(e)
}

func (f *fn) placeSelector(e *ast.SelectorExpr, fixed bool) ir.Expr {
	if f.isPackage(e.X) {
		return f.selector(e)
	}
	t := f.typ(e.X)
	_, index, _ := types.LookupFieldOrMethod(t, true, f.src.pkg, e.Sel.Name)
	var x ir.Expr
	if _, ok := t.Underlying().(*types.Pointer); ok {
		if x = f.expr(e.X); fixed {
			x = f.pure(x)
		}
	} else {
		x = f.place(e.X, fixed)
	}
	x, _ = f.path(x, t, index)
	return x
}

// hasEffects tells whether an operand must be evaluated exactly once and now.
func (f *fn) hasEffects(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.CallExpr, *ast.FuncLit:
			found = true
		}
		return !found
	})
	return found
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
		f.declareDefined(vs, s.Rhs)
	case s.Tok != token.DEFINE && s.Tok != token.ASSIGN:
		f.assignOp(s)
	case len(s.Lhs) == 1:
		f.assignOne(s.Lhs[0], s.Rhs[0])
	default:
		f.assignMany(s)
	}
}

// declareDefined is declare for :=, whose blanks have no type of their own.
func (f *fn) declareDefined(vs []*types.Var, vals []ast.Expr) {
	if len(vs) != len(vals) || len(vs) == 1 {
		f.declare(vs, vals)
		return
	}
	xs := make([]ir.Expr, len(vals))
	for i, e := range vals {
		if vs[i].Name() == "_" {
			f.use(e)
			continue
		}
		xs[i] = f.pure(f.to(e, f.subst(vs[i].Type())))
	}
	for i, v := range vs {
		if v.Name() != "_" {
			f.setNew(v, xs[i])
		}
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
	fixed := f.hasEffects(s.Lhs[0]) || f.hasEffects(s.Rhs[0])
	l := f.place(s.Lhs[0], fixed)
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
	fixed := f.hasEffects(l) || f.hasEffects(r)
	x := f.place(l, fixed)
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

// assignMany evaluates the operands on the left, then the right side, then
// assigns from left to right.
func (f *fn) assignMany(s *ast.AssignStmt) {
	places := make([]ir.Expr, len(s.Lhs))
	news := make([]*types.Var, len(s.Lhs))
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
		places[i] = f.place(l, true)
	}
	var xs []ir.Expr
	var ts []types.Type
	if len(s.Rhs) == 1 {
		xs, ts = f.multi(s.Rhs[0])
	} else {
		xs, ts = f.heldInOrder(s)
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
// change them.
func (f *fn) heldInOrder(s *ast.AssignStmt) (xs []ir.Expr, ts []types.Type) {
	vals, from, consts := f.inOrder(s.Rhs)
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
