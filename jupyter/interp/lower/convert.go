package lower

import (
	"go/ast"
	"go/constant"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// conv converts a value of type from for assignment to type to.
func (f *fn) conv(x ir.Expr, from, to types.Type) ir.Expr {
	from, to = f.p.norm(from), f.p.norm(to)
	if !isInterface(to) {
		return f.convStruct(x, from, to)
	}
	if b, ok := from.(*types.Basic); ok {
		if b.Kind() == types.UntypedNil {
			return f.nilOf(to)
		}
		from = types.Default(from)
	}
	native := f.p.isNative(to)
	if isInterface(from) {
		if types.Identical(from, to) {
			return x
		}
		if f.p.isNative(from) {
			x = f.rt("Un", ir.Anything, x)
		}
		if native {
			return f.toNative(x, to)
		}
		return x
	}
	if native {
		if f.p.foreign(from) {
			return x
		}
		return f.toNative(f.box(x, from), to)
	}
	return f.box(x, from)
}

// convStruct converts between struct types of equal fields.
func (f *fn) convStruct(x ir.Expr, from, to types.Type) ir.Expr {
	if _, ok := to.Underlying().(*types.Struct); ok && !types.Identical(from, to) {
		et := f.p.erase(to)
		if isEmptyStruct(to.Underlying()) {
			return &ir.Lit{T: et}
		}
		if !et.Same(x.Type()) {
			return &ir.Convert{X: x, T: et}
		}
	}
	return x
}

// box is the interface form of a concrete value.
func (f *fn) box(x ir.Expr, t types.Type) ir.Expr {
	t = f.p.norm(t)
	f.p.alive(t)
	if isEmptyStruct(t) { // such a value cannot pass through native code
		f.evaluate(x)
		return f.rt("BoxEmpty", ir.Anything, intConst(int64(f.p.id(t))))
	}
	if !f.p.itself(t) {
		return f.rt("Box", ir.Anything, intConst(int64(f.p.id(t))), x)
	}
	if _, ok := t.Underlying().(*types.Signature); ok {
		return f.rt("I", ir.Anything, x)
	}
	return &ir.Convert{X: x, T: ir.Anything}
}

// evaluate makes a call whose value is not needed.
func (f *fn) evaluate(x ir.Expr) {
	if c, ok := x.(*ir.Call); ok {
		f.tmp(c)
	}
}

// unbox is a value of type t out of an interface{} that holds one.
func (f *fn) unbox(x ir.Expr, t types.Type) ir.Expr {
	if isEmptyStruct(f.p.norm(t)) {
		return &ir.Lit{T: f.p.erase(t)}
	}
	if !f.p.itself(t) {
		x = f.rt("V", ir.Anything, x)
	}
	return &ir.Assert{X: x, T: f.p.erase(t)}
}

// toNative is the native interface value for a value in interface form.
func (f *fn) toNative(x ir.Expr, to types.Type) ir.Expr {
	f.p.becomes(to)
	if types.Identical(to, errorType) {
		return f.rt("ToErr", ir.Error, x)
	}
	e := f.p.erase(to)
	v := f.fresh(e)
	f.emit(&ir.Define{V: v})
	y := f.tmp(f.rt("ToNative", ir.Anything, x, intConst(int64(f.p.ifaceID(to)))))
	f.emit(&ir.If{Cond: notNil(y), Then: []ir.Stmt{&ir.Assign{L: v, X: &ir.Assert{X: y, T: e}}}})
	return v
}

func notNil(x ir.Expr) ir.Expr {
	return &ir.Binary{Op: "!=", X: x, Y: &ir.Nil{T: x.Type()}, T: ir.Bool}
}

// assert is x.(t): value and ok.
func (f *fn) assert(x ir.Expr, from, t types.Type, commaOk bool) (ir.Expr, ir.Expr) {
	if f.p.isNative(from) {
		x = f.rt("Un", ir.Anything, x)
	}
	x = f.tmp(x)
	v := f.fresh(f.p.erase(t))
	f.emit(&ir.Define{V: v})
	var id int
	var test ir.Expr
	if isInterface(t) {
		id = f.p.ifaceID(t)
		test = f.rt("Impl", ir.Bool, x, intConst(int64(id)))
	} else {
		f.p.alive(t)
		id = f.p.id(t)
		test = f.op("Is", ir.Bool, x, intConst(int64(id)))
	}
	ok := f.tmp(test)
	get := f.capture(func() {
		if isInterface(t) {
			f.set(v, f.conv(x, anyType, t))
		} else {
			f.set(v, f.unbox(x, t))
		}
	})
	if commaOk {
		f.emit(&ir.If{Cond: ok, Then: get})
		return v, ok
	}
	bad := f.rt("BadAssert", nil, x, intConst(int64(id)), strConst(f.p.name(from)))
	f.emit(&ir.If{Cond: &ir.Unary{Op: "!", X: ok, T: ir.Bool}, Then: []ir.Stmt{&ir.Do{X: bad}}})
	*f.out = append(*f.out, get...)
	return v, ok
}

// conversion is T(x).
func (f *fn) conversion(a ast.Expr, to types.Type) ir.Expr {
	if isInterface(to) {
		return f.to(a, to)
	}
	if f.isNil(a) { // a temporary, for yaegi takes len([]T(nil)) == 0 || c to be an int
		return f.tmp(&ir.Convert{X: f.nilOf(to), T: f.p.erase(to)})
	}
	from := f.typ(a)
	tb, _ := to.Underlying().(*types.Basic)
	if v := f.value(a); v != nil && tb != nil && tb.Info()&types.IsNumeric != 0 {
		if tb.Info()&types.IsInteger != 0 {
			v = constant.ToInt(v)
		}
		if v.Kind() != constant.Unknown {
			return f.constant(v, to)
		}
	}
	x := f.expr(a)
	et := f.p.erase(to)
	if et.Same(x.Type()) {
		return x
	}
	fu := from.Underlying()
	if fb, ok := fu.(*types.Basic); ok && tb != nil {
		if tb.Kind() == types.String && fb.Info()&types.IsInteger != 0 {
			s := f.rt("RuneStr", ir.String, &ir.Convert{X: x, T: ir.Int64})
			if et.Same(ir.String) {
				return f.tmp(s)
			}
			return &ir.Convert{X: f.tmp(s), T: et}
		}
	}
	if isEmptyStruct(to.Underlying()) {
		return &ir.Lit{T: et}
	}
	if arr, ok := to.Underlying().(*types.Array); ok {
		if _, ok := fu.(*types.Slice); ok {
			return f.toArray(x, arr, et)
		}
	}
	if _, ok := to.Underlying().(*types.Pointer); ok {
		if _, ok := fu.(*types.Slice); ok {
			nilp := f.fresh(et)
			f.emit(&ir.Define{V: nilp})
			p := f.rt("ArrayOf", ir.Anything, &ir.Convert{X: x, T: ir.Anything}, &ir.Convert{X: nilp, T: ir.Anything})
			return f.tmp(&ir.Assert{X: f.tmp(p), T: et})
		}
	}
	return &ir.Convert{X: x, T: et}
}

// toArray copies a slice into an array.
func (f *fn) toArray(x ir.Expr, arr *types.Array, et *ir.Type) ir.Expr {
	s := f.pure(x)
	v := f.fresh(et)
	f.emit(&ir.Define{V: v})
	n := &ir.Builtin{Name: "len", Args: []ir.Expr{s}, T: ir.Int}
	f.emit(&ir.If{
		Cond: &ir.Binary{Op: "<", X: n, Y: intConst(arr.Len()), T: ir.Bool},
		Then: []ir.Stmt{&ir.Do{X: f.rt("BadLen", nil, n, intConst(arr.Len()))}},
	})
	f.do(&ir.Builtin{Name: "copy", Args: []ir.Expr{&ir.SliceOfExpr{X: v, T: ir.SliceOf(et.Elem)}, s}, T: ir.Int})
	return v
}
