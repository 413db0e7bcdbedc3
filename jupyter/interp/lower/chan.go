package lower

import (
	"go/types"

	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// Sends and receives are calls of the run time: the interpreter's own cannot be
// ended for one cell alone, and its global stop leaves every closure of the
// notebook dead.

// receive is <-ch: the value and whether it was sent.
func (f *fn) receive(ch ir.Expr, elem types.Type) (v, ok *ir.Var) {
	elem = f.p.norm(elem)
	if s := f.fastChan(ch); s != "" {
		v, ok = f.fresh(f.p.erase(elem)), f.fresh(ir.Bool)
		f.emit(&ir.DefineAll{Vs: []*ir.Var{v, ok}, X: f.rt("Recv2"+s, nil, f.pure(ch))})
		return v, ok
	}
	got, ok := f.fresh(ir.Anything), f.fresh(ir.Bool)
	f.emit(&ir.DefineAll{Vs: []*ir.Var{got, ok}, X: f.rt("Recv", nil, &ir.Convert{X: f.pure(ch), T: ir.Anything})})
	f.do(f.rt("Nop", nil, ok))
	return f.fromAny(got, elem), ok
}

// receiveOne is <-ch where nobody asks whether it was sent.
func (f *fn) receiveOne(ch ir.Expr, elem types.Type) *ir.Var {
	elem = f.p.norm(elem)
	if s := f.fastChan(ch); s != "" {
		return f.tmp(f.rt("Recv"+s, f.p.erase(elem), ch))
	}
	v, _ := f.receive(ch, elem)
	return v
}

// fastChan is what the run time's functions for such a channel end in, "" if it
// has none.
func (f *fn) fastChan(ch ir.Expr) string {
	if t := ch.Type(); t.Kind == ir.Chan {
		return rt.ChanSuffix(t.Elem.String())
	}
	return ""
}

// fromAny is a value of type t that native code has handed over as any.
func (f *fn) fromAny(got *ir.Var, t types.Type) *ir.Var {
	x := f.fresh(f.p.erase(t))
	f.emit(&ir.Define{V: x})
	switch {
	case isEmptyStruct(t.Underlying()): // it has no other value, and native code's is not ours
		f.do(f.rt("Nop", nil, got))
	case f.p.isPlainAny(t):
		f.set(x, got)
	default:
		f.emit(&ir.If{Cond: notNil(got), Then: []ir.Stmt{&ir.Assign{L: x, X: &ir.Assert{X: got, T: x.T}}}})
	}
	return x
}

// send is ch <- x.
func (f *fn) send(ch, x ir.Expr) {
	if s := f.fastChan(ch); s != "" {
		f.do(f.rt("Send"+s, nil, ch, x))
		return
	}
	f.do(f.rt("Send", nil, &ir.Convert{X: ch, T: ir.Anything}, &ir.Convert{X: x, T: ir.Anything}))
}
