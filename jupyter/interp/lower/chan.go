package lower

import (
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// Sends and receives are calls of the run time: the interpreter's own cannot be
// ended for one cell alone, and its global stop leaves every closure of the
// notebook dead.

// receive is <-ch: the value and whether it was sent.
func (f *fn) receive(ch ir.Expr, elem types.Type) (v, ok *ir.Var) {
	elem = f.p.norm(elem)
	got, ok := f.fresh(ir.Anything), f.fresh(ir.Bool)
	f.emit(&ir.DefineAll{Vs: []*ir.Var{got, ok}, X: f.rt("Recv", nil, &ir.Convert{X: f.pure(ch), T: ir.Anything})})
	f.do(f.rt("Nop", nil, ok))
	return f.fromAny(got, elem), ok
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
	f.do(f.rt("Send", nil, &ir.Convert{X: ch, T: ir.Anything}, &ir.Convert{X: x, T: ir.Anything}))
}
