package lower

import (
	"go/ast"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// selectorCall lowers x.M(…) for a method M, nil if it is no method.
func (f *fn) selectorCall(e *ast.CallExpr, s *ast.SelectorExpr) ir.Expr {
	if f.isPackage(s.X) {
		if _, ok := f.src.info.ObjectOf(s.Sel).(*types.Builtin); ok {
			panic(f.limit(s, types.ExprString(s), "keep to safe code in cells"))
		}
		return nil
	}
	sig := f.callSignature(e)
	if f.src.info.Types[s.X].IsType() { // T.M(x, …)
		t := f.typ(s.X)
		args := f.arguments(e, sig)
		return f.withResultTypes(f.methodCall(e, f.pure(args[0]), t, s.Sel.Name, args[1:]), sig)
	}
	t := f.typ(s.X)
	o, _, _ := types.LookupFieldOrMethod(t, true, f.src.pkg, s.Sel.Name)
	if _, ok := o.(*types.Func); !ok {
		return nil
	}
	x := f.receiver(s.X)
	return f.withResultTypes(f.methodCall(e, x, t, s.Sel.Name, f.arguments(e, sig)), sig)
}

// receiver lowers the operand of a method call; what has no address gets one.
func (f *fn) receiver(e ast.Expr) ir.Expr {
	x := f.expr(e)
	switch x.(type) {
	case *ir.Lit, *ir.AddrOf, *ir.Const, *ir.Convert, *ir.Binary:
		return f.tmp(x)
	}
	return x
}

func (f *fn) isPackage(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = f.src.info.ObjectOf(id).(*types.PkgName)
	return ok
}

// method finds a method by name; unexported ones belong to their package.
func (f *fn) method(n ast.Node, t types.Type, name string) (*types.Func, []int) {
	o, index, _ := types.LookupFieldOrMethod(t, true, f.src.pkg, name)
	m, ok := o.(*types.Func)
	if !ok {
		o, index, _ = types.LookupFieldOrMethod(t, true, f.p.cell.Pkg, name)
		if m, ok = o.(*types.Func); !ok {
			panic(f.limit(n, "the method "+name+" of "+f.p.name(t), ""))
		}
	}
	return m, index
}

// methodCall calls a method on x of type t. Arguments are converted, a
// variadic tail is one slice.
func (f *fn) methodCall(n ast.Node, x ir.Expr, t types.Type, name string, args []ir.Expr) ir.Expr {
	m, index := f.method(n, t, name)
	sig := m.Type().(*types.Signature)
	for _, i := range index[:len(index)-1] {
		if f.p.foreign(t) { // may have it from a field that has no name outside its package
			_, isPtr := t.(*types.Pointer)
			_, wantPtr := types.Unalias(sig.Recv().Type()).(*types.Pointer)
			return f.nativeCall(n, m, &ir.MethodOf{X: x, Name: name, ByAddr: wantPtr && !isPtr}, sig, args)
		}
		x, t = f.path(x, t, []int{i})
	}
	if isInterface(t) {
		if f.p.isNative(t) {
			return f.nativeCall(n, m, &ir.MethodOf{X: x, Name: name}, sig, args)
		}
		return f.dynamicCall(x, m, args)
	}
	named, isPtr := f.receiverType(n, t)
	_, wantPtr := types.Unalias(sig.Recv().Type()).(*types.Pointer)
	if o := named.Obj(); o.Pkg() != nil && f.p.opt.StandIn != nil && f.p.opt.StandIn(o.Pkg().Path(), o.Name()+"."+name) {
		switch {
		case wantPtr && !isPtr:
			x = &ir.AddrOf{X: x, T: ir.PointerTo(x.Type())}
		case !wantPtr && isPtr:
			x = &ir.Deref{X: x, T: f.p.erase(named)}
		}
		return f.rt(StandInName(o.Pkg().Path(), o.Name()+"."+name), nil, append([]ir.Expr{x}, args...)...)
	}
	if !f.p.isNotebook(named) {
		return f.nativeCall(n, m, &ir.MethodOf{X: x, Name: name, ByAddr: wantPtr && !isPtr}, sig, args)
	}
	switch {
	case wantPtr && !isPtr:
		x = &ir.AddrOf{X: x, T: ir.PointerTo(x.Type())}
	case !wantPtr && isPtr:
		x = &ir.Deref{X: x, T: f.p.erase(named)}
	}
	ref := f.p.methodRef(named, m)
	if f.holding {
		ref = f.p.held(ref)
	}
	return f.callRef(ref, append([]ir.Expr{x}, args...))
}

func (f *fn) receiverType(n ast.Node, t types.Type) (named *types.Named, isPtr bool) {
	if p, ok := t.(*types.Pointer); ok {
		t, isPtr = f.p.norm(p.Elem()), true
	}
	named, ok := t.(*types.Named)
	if !ok {
		panic(f.limit(n, "a method of the type "+t.String(), ""))
	}
	return named, isPtr
}

// path follows embedded fields.
func (f *fn) path(x ir.Expr, t types.Type, index []int) (ir.Expr, types.Type) {
	for _, i := range index {
		u := t.Underlying()
		if p, ok := u.(*types.Pointer); ok {
			u = p.Elem().Underlying()
		}
		s := u.(*types.Struct)
		t = f.subst(s.Field(i).Type())
		if _, ok := x.(*ir.Lit); ok { // see made
			x = f.tmp(x)
		}
		x = &ir.FieldOf{X: x, Name: fieldName(s, i), T: f.p.erase(t)}
	}
	return x, t
}

func (f *fn) selector(e *ast.SelectorExpr) ir.Expr {
	if f.isPackage(e.X) {
		switch o := f.src.info.ObjectOf(e.Sel).(type) {
		case *types.Func:
			return f.funcValue(e.Sel, o)
		case *types.Var:
			return f.variable(e, o)
		}
		panic(f.limit(e, types.ExprString(e), "keep to safe code in cells"))
	}
	t := f.typ(e.X)
	if f.src.info.Types[e.X].IsType() { // method expression
		return f.forward(f.typ(e).(*types.Signature), func(args []ir.Expr) ir.Expr {
			return f.heldMethod(e, args[0], t, args[1:])
		})
	}
	o, index, _ := types.LookupFieldOrMethod(t, true, f.src.pkg, e.Sel.Name)
	if o == nil {
		o, index, _ = types.LookupFieldOrMethod(t, true, f.p.cell.Pkg, e.Sel.Name)
	}
	if _, ok := o.(*types.Var); ok {
		x, _ := f.path(f.expr(e.X), t, index)
		return x
	}
	return f.methodValue(e, t, index)
}

// methodValue binds the receiver as it is now.
func (f *fn) methodValue(e *ast.SelectorExpr, t types.Type, index []int) ir.Expr {
	m, _ := f.method(e, t, e.Sel.Name)
	x, ht := f.path(f.receiver(e.X), t, index[:len(index)-1])
	_, wantPtr := types.Unalias(m.Type().(*types.Signature).Recv().Type()).(*types.Pointer)
	p, isPtr := ht.Underlying().(*types.Pointer)
	switch {
	case isInterface(ht):
	case wantPtr && !isPtr:
		x, ht = &ir.AddrOf{X: x, T: ir.PointerTo(x.Type())}, types.NewPointer(ht)
	case !wantPtr && isPtr:
		ht = f.p.norm(p.Elem())
		x = &ir.Deref{X: x, T: f.p.erase(ht)}
	}
	recv := f.tmp(x)
	if isInterface(ht) {
		f.nonNil(recv)
	}
	return f.forward(f.typ(e).(*types.Signature), func(args []ir.Expr) ir.Expr {
		return f.heldMethod(e, recv, ht, args)
	})
}

// heldMethod is the call of a method that is a value.
func (f *fn) heldMethod(e *ast.SelectorExpr, x ir.Expr, t types.Type, args []ir.Expr) ir.Expr {
	f.holding = true
	defer func() { f.holding = false }()
	return f.methodCall(e, x, t, e.Sel.Name, args)
}
