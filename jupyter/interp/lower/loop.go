package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

func (f *fn) forStmt(s *ast.ForStmt, label string) {
	vars := f.loopVars(s.Init)
	if s.Init != nil {
		f.stmt(s.Init, "")
	}
	t := f.newTarget(label, true)
	t.calls = f.hasCall(s.Body)
	if len(vars) > 0 && !f.old && f.captured(vars, s.Cond, s.Post, s.Body) {
		f.forCaptured(s, t, vars)
		return
	}
	loop := &ir.For{Poll: true}
	var cond ir.Expr
	pre := f.capture(func() {
		if s.Cond != nil {
			f.mark(s.Cond)
			cond = f.expr(s.Cond)
		}
	})
	post := f.capture(func() {
		if s.Post != nil {
			f.stmt(s.Post, "")
		}
	})
	simplePost := len(post) == 0
	if len(post) == 1 {
		a, ok := post[0].(*ir.Assign)
		if simplePost = ok; ok {
			loop.Post = a
		}
	}
	if simplePost && len(pre) == 0 {
		loop.Cond = cond
		loop.Body = f.within(t, func() { f.stmts(s.Body.List) })
	} else {
		// what does not fit in the head goes to the start of the body
		first := f.firstFlag(simplePost)
		loop.Body = f.within(t, func() {
			f.startOfBody(first, post, pre, cond)
			f.stmts(s.Body.List)
		})
	}
	f.emitLoop(loop, t)
}

func (f *fn) emitLoop(l *ir.For, t *target) {
	l.Label = t.labelFor()
	l.Body = f.hoisted(l.Body)
	f.emit(l)
}

func (f *fn) emitRange(r *ir.Range, t *target) {
	r.Label = t.labelFor()
	r.Body = f.hoisted(r.Body)
	f.emit(r)
}

// firstFlag is a variable that is true in the first iteration; nil if none is
// needed.
func (f *fn) firstFlag(needless bool) *ir.Var {
	if needless {
		return nil
	}
	return f.tmp(boolConst(true))
}

func (f *fn) startOfBody(first *ir.Var, post, pre []ir.Stmt, cond ir.Expr) {
	if first != nil {
		f.emit(&ir.If{Cond: &ir.Unary{Op: "!", X: first, T: ir.Bool}, Then: post})
		f.set(first, boolConst(false))
	}
	*f.out = append(*f.out, pre...)
	if cond != nil {
		f.emit(&ir.If{Cond: &ir.Unary{Op: "!", X: cond, T: ir.Bool}, Then: []ir.Stmt{&ir.Jump{Word: "break"}}})
	}
}

// forCaptured gives each iteration its own variables, because something keeps
// them. A pointer follows the current copy: what a closure does to it before
// the next iteration counts.
func (f *fn) forCaptured(s *ast.ForStmt, t *target, vars []*types.Var) {
	var ptrs []*ir.Var
	for _, v := range vars {
		x := f.locals[v]
		ptrs = append(ptrs, f.tmp(&ir.AddrOf{X: x, T: ir.PointerTo(x.T)}))
	}
	first := f.firstFlag(s.Post == nil)
	loop := &ir.For{Poll: true}
	loop.Body = f.within(t, func() {
		for i, v := range vars {
			c := f.named(v.Name(), f.subst(v.Type()))
			f.locals[v] = c
			f.emit(&ir.Define{V: c, X: &ir.Deref{X: ptrs[i], T: c.T}})
			f.set(ptrs[i], &ir.AddrOf{X: c, T: ptrs[i].T})
		}
		post := f.capture(func() {
			if s.Post != nil {
				f.stmt(s.Post, "")
			}
		})
		var cond ir.Expr
		pre := f.capture(func() {
			if s.Cond != nil {
				f.mark(s.Cond)
				cond = f.expr(s.Cond)
			}
		})
		f.startOfBody(first, post, pre, cond)
		f.stmts(s.Body.List)
	})
	f.emitLoop(loop, t)
}

// loopVars are the variables that a for clause declares.
func (f *fn) loopVars(init ast.Stmt) []*types.Var {
	a, ok := init.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return nil
	}
	var vs []*types.Var
	for _, l := range a.Lhs {
		if v, ok := f.src.info.Defs[l.(*ast.Ident)].(*types.Var); ok && v.Name() != "_" {
			vs = append(vs, v)
		}
	}
	return vs
}

func (f *fn) rangeVars(s *ast.RangeStmt) []*types.Var {
	var vs []*types.Var
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if id, ok := e.(*ast.Ident); ok && s.Tok == token.DEFINE {
			if v, ok := f.src.info.Defs[id].(*types.Var); ok {
				vs = append(vs, v)
			}
		}
	}
	return vs
}

// shareVars declares the variables of a range clause in front of the loop, for
// source from before Go 1.22, where something keeps them.
func (f *fn) shareVars(s *ast.RangeStmt) {
	vars := f.rangeVars(s)
	if !f.old || len(vars) == 0 || !f.captured(vars, s.Body) {
		return
	}
	for _, v := range vars {
		if v.Name() == "_" {
			continue
		}
		if f.shared == nil {
			f.shared = map[*types.Var]bool{}
		}
		x := f.named(v.Name(), f.subst(v.Type()))
		f.locals[v], f.shared[v] = x, true
		f.emit(&ir.Define{V: x})
	}
}

// setLoopVar gives a loop variable its value at the start of the body.
func (f *fn) setLoopVar(s *ast.RangeStmt, e ast.Expr, x ir.Expr, t types.Type) {
	if e == nil || isBlank(e) {
		return
	}
	if s.Tok == token.DEFINE {
		v := f.src.info.Defs[e.(*ast.Ident)].(*types.Var)
		if f.shared[v] {
			f.set(f.locals[v], f.conv(x, t, f.subst(v.Type())))
			return
		}
		f.setNew(v, f.conv(x, t, f.subst(v.Type())))
		return
	}
	l := f.place(e, late)
	f.set(l, f.conv(x, t, f.placeType(e)))
}

// setLoopVars gives both loop variables their values. With = that is one
// parallel assignment: for i, x[i] = range y uses the old i.
func (f *fn) setLoopVars(s *ast.RangeStmt, key ir.Expr, kt types.Type, val func() ir.Expr, vt types.Type) {
	_, simple := s.Value.(*ast.Ident)
	if s.Tok != token.ASSIGN || blankOrNil(s.Key) || blankOrNil(s.Value) || simple {
		f.setLoopVar(s, s.Key, key, kt)
		if !blankOrNil(s.Value) {
			f.setLoopVar(s, s.Value, val(), vt)
		}
		return
	}
	k, v := f.place(s.Key, now), f.place(s.Value, now)
	f.set(k, f.conv(key, kt, f.placeType(s.Key)))
	f.set(v, f.conv(val(), vt, f.placeType(s.Value)))
}

func (f *fn) rangeStmt(s *ast.RangeStmt, label string) {
	f.shareVars(s)
	t := f.newTarget(label, true)
	t.calls = f.hasCall(s.Body)
	switch u := f.typ(s.X).Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			f.rangeString(s, t)
			return
		}
		f.rangeInt(s, t)
	case *types.Slice:
		f.rangeSlice(s, t, u)
	case *types.Array:
		x := f.expr(s.X)
		f.needs(s.X, x)
		f.rangeArray(s, t, x, u, blankOrNil(s.Value))
	case *types.Pointer:
		arr := u.Elem().Underlying().(*types.Array)
		x := &ir.Deref{X: f.pure(f.expr(s.X)), T: f.p.erase(u.Elem())}
		f.rangeArray(s, t, x, arr, true)
	case *types.Map:
		f.rangeMap(s, t, u)
	case *types.Chan:
		f.rangeChan(s, t, u)
	case *types.Signature:
		f.rangeFunc(s, label, u)
	default:
		panic(f.limit(s, "a range over "+f.typ(s.X).String(), ""))
	}
}

func blankOrNil(e ast.Expr) bool { return e == nil || isBlank(e) }

// counted emits a loop of i from 0 to n.
func (f *fn) counted(s *ast.RangeStmt, t *target, i *ir.Var, n ir.Expr, start func()) {
	f.emit(&ir.Define{V: i})
	loop := &ir.For{Cond: &ir.Binary{Op: "<", X: i, Y: n, T: ir.Bool}, Post: &ir.Assign{L: i, Op: "++"}, Poll: true}
	loop.Body = f.within(t, func() {
		start()
		f.stmts(s.Body.List)
	})
	f.emitLoop(loop, t)
}

func (f *fn) rangeInt(s *ast.RangeStmt, t *target) {
	nt := types.Default(f.typ(s.X))
	if !blankOrNil(s.Key) {
		nt = types.Default(f.placeType(s.Key))
	}
	n := f.operand(s.X, nt)
	if _, ok := n.(*ir.Const); !ok {
		n = f.tmp(n)
	}
	if vs := f.rangeVars(s); len(vs) == 1 && f.readOnly(vs, s.Body) {
		i := f.local(s.Key.(*ast.Ident), nt)
		f.counted(s, t, i, n, func() {})
		return
	}
	i := f.fresh(f.p.erase(nt))
	f.counted(s, t, i, n, func() { f.setLoopVar(s, s.Key, i, nt) })
}

func (f *fn) rangeString(s *ast.RangeStmt, t *target) {
	at, rs := f.fresh(ir.SliceOf(ir.Int)), f.fresh(ir.SliceOf(ir.Int32))
	x := f.expr(s.X)
	if !x.Type().Same(ir.String) {
		x = &ir.Convert{X: x, T: ir.String}
	}
	f.emit(&ir.DefineAll{Vs: []*ir.Var{at, rs}, X: f.rt("Runes", nil, x)})
	i := f.fresh(ir.Int)
	n := f.tmp(&ir.Builtin{Name: "len", Args: []ir.Expr{at}, T: ir.Int})
	f.counted(s, t, i, n, func() {
		r := &ir.IndexOf{X: rs, I: i, T: ir.Int32}
		f.setLoopVars(s, &ir.IndexOf{X: at, I: i, T: ir.Int}, intType, func() ir.Expr { return r }, types.Typ[types.Int32])
	})
}

func (f *fn) rangeSlice(s *ast.RangeStmt, t *target, u *types.Slice) {
	x := f.pure(f.expr(s.X))
	vs := f.rangeVars(s)
	if s.Tok == token.DEFINE && len(vs) > 0 && f.readOnly(vs, s.Body) && !f.ofChan(u.Elem()) {
		// yaegi's own range is right here, and faster
		r := &ir.Range{X: x, Poll: true}
		if !blankOrNil(s.Key) {
			r.Key = f.local(s.Key.(*ast.Ident), intType)
		}
		if !blankOrNil(s.Value) {
			r.Val = f.local(s.Value.(*ast.Ident), f.subst(vs[len(vs)-1].Type()))
		}
		r.Body = f.within(t, func() { f.stmts(s.Body.List) })
		f.emitRange(r, t)
		return
	}
	n := f.tmp(&ir.Builtin{Name: "len", Args: []ir.Expr{x}, T: ir.Int})
	f.elements(s, t, x, n, u.Elem())
}

func (f *fn) rangeArray(s *ast.RangeStmt, t *target, x ir.Expr, u *types.Array, shared bool) {
	if !shared {
		x = f.tmp(x) // the array is copied
	}
	f.elements(s, t, x, intConst(u.Len()), u.Elem())
}

func (f *fn) elements(s *ast.RangeStmt, t *target, x, n ir.Expr, elem types.Type) {
	i := f.fresh(ir.Int)
	f.counted(s, t, i, n, func() {
		f.setLoopVars(s, i, intType, func() ir.Expr { return &ir.IndexOf{X: x, I: i, T: f.p.erase(elem)} }, elem)
	})
}

// ofChan tells whether elements are channels. Yaegi's range takes a value that
// is one for what is ranged over.
func (f *fn) ofChan(elem types.Type) bool { return f.p.erase(elem).Kind == ir.Chan }

func (f *fn) rangeMap(s *ast.RangeStmt, t *target, u *types.Map) {
	r := &ir.Range{X: f.pure(f.expr(s.X)), Key: f.fresh(f.p.erase(u.Key())), Poll: true}
	value := func() ir.Expr { return r.Val }
	if f.ofChan(u.Elem()) {
		value = func() ir.Expr { return &ir.IndexOf{X: r.X, I: r.Key, T: f.p.erase(u.Elem())} }
	} else if !blankOrNil(s.Value) {
		r.Val = f.fresh(f.p.erase(u.Elem()))
	}
	r.Body = f.within(t, func() {
		f.setLoopVars(s, r.Key, u.Key(), value, u.Elem())
		f.stmts(s.Body.List)
	})
	f.emitRange(r, t)
}

func (f *fn) rangeChan(s *ast.RangeStmt, t *target, u *types.Chan) {
	x := f.pure(f.expr(s.X))
	loop := &ir.For{Poll: true}
	loop.Body = f.within(t, func() {
		v, ok := f.receive(x, u.Elem())
		f.emit(&ir.If{Cond: &ir.Unary{Op: "!", X: ok, T: ir.Bool}, Then: []ir.Stmt{&ir.Jump{Word: "break"}}})
		f.setLoopVar(s, s.Key, v, u.Elem())
		f.stmts(s.Body.List)
	})
	f.emitLoop(loop, t)
}
