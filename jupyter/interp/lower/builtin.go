package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// builtin lowers a call of a predeclared function.
func (f *fn) builtin(name string, e *ast.CallExpr) ir.Expr {
	switch name {
	case "len", "cap":
		return f.length(name, e.Args[0])
	case "append":
		return f.appendCall(e)
	case "copy":
		if len(e.Args) == 1 { // copy(f())
			xs, _ := f.values(e.Args[0])
			return &ir.Builtin{Name: name, Args: xs, T: ir.Int}
		}
		x := f.expr(e.Args[0])
		return &ir.Builtin{Name: name, Args: []ir.Expr{x, f.expr(e.Args[1])}, T: ir.Int}
	case "delete":
		if len(e.Args) == 1 {
			xs, ts := f.values(e.Args[0])
			xs[1] = f.conv(xs[1], ts[1], ts[0].Underlying().(*types.Map).Key())
			return &ir.Builtin{Name: name, Args: xs}
		}
		m := f.expr(e.Args[0])
		k := f.key(e.Args[1], f.typ(e.Args[0]).Underlying().(*types.Map))
		return &ir.Builtin{Name: name, Args: []ir.Expr{m, k}}
	case "close":
		return &ir.Builtin{Name: name, Args: []ir.Expr{f.expr(e.Args[0])}}
	case "clear":
		return f.rt("Clear", nil, f.expr(e.Args[0]))
	case "panic":
		return f.rt("Panic", nil, f.to(e.Args[0], anyType))
	case "print", "println":
		return f.printBuiltin(name, e)
	case "make":
		return f.makeCall(e)
	case "new":
		return f.newCall(e)
	case "real", "imag":
		x := f.expr(e.Args[0])
		if _, ok := x.(*ir.Deref); ok { // inside a literal yaegi takes it for a pointer
			x = f.tmp(x)
		}
		return &ir.Builtin{Name: name, Args: []ir.Expr{x}, T: f.p.erase(f.typ(e))}
	case "complex":
		return f.complexCall(e)
	case "min", "max":
		return f.minMax(name, e)
	case "recover":
		return f.tmp(f.recover())
	}
	panic(f.limit(e, "unsafe."+name, "keep to safe code in cells"))
}

func (f *fn) length(name string, e ast.Expr) ir.Expr {
	t := f.typ(e)
	x := f.expr(e)
	f.needs(e, x)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return intConst(p.Elem().Underlying().(*types.Array).Len())
	}
	if a, ok := t.Underlying().(*types.Array); ok {
		return intConst(a.Len())
	}
	return &ir.Builtin{Name: name, Args: []ir.Expr{x}, T: ir.Int}
}

// needs panics where *p is evaluated for its length alone and p is nil. Without
// a call in it the length is a constant, and p is not looked at.
func (f *fn) needs(e ast.Expr, x ir.Expr) {
	if _, ok := ast.Unparen(e).(*ast.StarExpr); !ok || !f.hasCall(e) {
		return
	}
	if d, ok := x.(*ir.Deref); ok {
		f.nonNil(f.again(d.X))
	}
}

// nonNil panics as a use of a nil pointer or interface does.
func (f *fn) nonNil(x ir.Expr) {
	f.emit(&ir.If{
		Cond: &ir.Binary{Op: "==", X: x, Y: &ir.Nil{T: x.Type()}, T: ir.Bool},
		Then: []ir.Stmt{&ir.Do{X: f.rt("NilDeref", nil)}},
	})
}

// appendCall evaluates the elements before the call: yaegi reads them while it
// moves the slice, so that append(s[:2], 5, s[2]) gives 5 twice.
func (f *fn) appendCall(e *ast.CallExpr) ir.Expr {
	t := f.typ(e)
	et := f.p.erase(t)
	elem := t.Underlying().(*types.Slice).Elem()
	if len(e.Args) == 1 {
		if tup, ok := f.src.info.TypeOf(e.Args[0]).(*types.Tuple); ok {
			xs, ts := f.several(f.top(e.Args[0]), tup)
			for i := range xs[1:] {
				xs[i+1] = f.conv(xs[i+1], ts[i+1], elem)
			}
			return &ir.Builtin{Name: "append", Args: xs, T: et}
		}
	}
	x := f.to(e.Args[0], t)
	if _, ok := x.(*ir.Nil); ok {
		v := f.fresh(et)
		f.emit(&ir.Define{V: v})
		x = v
	}
	if len(e.Args) == 1 {
		return x
	}
	call := &ir.Builtin{Name: "append", Args: []ir.Expr{x}, T: et}
	if e.Ellipsis != token.NoPos {
		if f.isNil(e.Args[1]) {
			return x
		}
		call.Args, call.Spread = append(call.Args, f.pure(f.expr(e.Args[1]))), true
		return call
	}
	for _, a := range e.Args[1:] {
		call.Args = append(call.Args, f.appended(a, elem))
	}
	if f.p.erase(elem).Same(et) { // type T []T: yaegi would append the elements of a T
		call.Args, call.Spread = []ir.Expr{x, f.tmp(&ir.Lit{T: et, Vals: call.Args[1:]})}, true
	}
	return call
}

// appended evaluates what is appended; constants and variables of the same type
// may stay.
func (f *fn) appended(a ast.Expr, elem types.Type) ir.Expr {
	v := f.to(a, elem)
	switch v.(type) {
	case *ir.Const:
		return v
	case *ir.Nil:
		z := f.fresh(f.p.erase(elem))
		f.emit(&ir.Define{V: z})
		return z
	case *ir.Var:
		if !isInterface(elem) {
			return v
		}
	}
	return f.tmp(v)
}

func (f *fn) printBuiltin(name string, e *ast.CallExpr) ir.Expr {
	lit := &ir.Lit{T: anys}
	for _, a := range e.Args {
		xs, _ := f.values(a)
		for _, x := range xs {
			lit.Vals = append(lit.Vals, &ir.Convert{X: x, T: ir.Anything})
		}
	}
	return f.rt("Print", nil, boolConst(name == "println"), lit)
}

func (f *fn) makeCall(e *ast.CallExpr) ir.Expr {
	t := f.typ(e.Args[0])
	et := f.p.erase(t)
	if c, ok := t.Underlying().(*types.Chan); ok && c.Dir() != types.SendRecv {
		both := ir.ChanOf(ir.Both, et.Elem)
		m := &ir.Builtin{Name: "make", Of: both, T: both}
		for _, a := range e.Args[1:] {
			m.Args = append(m.Args, f.intIndex(a))
		}
		return &ir.Convert{X: f.tmp(m), T: et}
	}
	m := &ir.Builtin{Name: "make", Of: et, T: et}
	for _, a := range e.Args[1:] {
		m.Args = append(m.Args, f.intIndex(a))
	}
	return m
}

func (f *fn) newCall(e *ast.CallExpr) ir.Expr {
	pt := f.p.erase(f.typ(e))
	if !f.src.info.Types[e.Args[0]].IsType() { // new(expr)
		t := f.typ(e).Underlying().(*types.Pointer).Elem()
		return &ir.AddrOf{X: f.tmp(f.to(e.Args[0], t)), T: pt}
	}
	return &ir.Builtin{Name: "new", Of: pt.Elem, T: pt}
}

func (f *fn) complexCall(e *ast.CallExpr) ir.Expr {
	t := f.typ(e)
	part, name := types.Typ[types.Float64], "C128"
	if b := t.Underlying().(*types.Basic); b.Kind() == types.Complex64 {
		part, name = types.Typ[types.Float32], "C64"
	}
	var xs []ir.Expr
	if len(e.Args) == 1 { // complex(f())
		xs, _ = f.values(e.Args[0])
	} else {
		xs = []ir.Expr{f.operand(e.Args[0], part), f.operand(e.Args[1], part)}
	}
	for i, x := range xs {
		if want := f.p.erase(part); !want.Same(x.Type()) {
			xs[i] = &ir.Convert{X: x, T: want}
		}
	}
	return f.tmp(f.rt(name, f.p.erase(t), xs...))
}

func (f *fn) minMax(name string, e *ast.CallExpr) ir.Expr {
	t := f.typ(e)
	op := map[string]string{"min": "<", "max": ">"}[name]
	var xs []ir.Expr
	for _, a := range e.Args {
		xs = append(xs, f.pure(f.operand(a, t)))
	}
	r := f.tmp(xs[0])
	b, _ := t.Underlying().(*types.Basic)
	for _, x := range xs[1:] {
		if b != nil && b.Info()&types.IsFloat != 0 { // NaN and −0
			y := f.rt("F"+name, ir.Float64, f.float64(r), f.float64(x))
			f.set(r, f.fromFloat64(f.tmp(y), r.T))
			continue
		}
		f.emit(&ir.If{Cond: &ir.Binary{Op: op, X: x, Y: r, T: ir.Bool}, Then: []ir.Stmt{&ir.Assign{L: r, X: x}}})
	}
	return r
}

func (f *fn) float64(x ir.Expr) ir.Expr {
	if x.Type().Same(ir.Float64) {
		return x
	}
	return &ir.Convert{X: x, T: ir.Float64}
}

func (f *fn) fromFloat64(x ir.Expr, t *ir.Type) ir.Expr {
	if t.Same(ir.Float64) {
		return x
	}
	return &ir.Convert{X: x, T: t}
}
