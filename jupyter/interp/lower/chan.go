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
	t := f.p.erase(f.p.norm(elem))
	v, ok = f.fresh(t), f.fresh(ir.Bool)
	f.emit(&ir.DefineAll{Vs: []*ir.Var{v, ok}, X: f.op("recv2"+rt.ChanSuffix(t.String()), nil, f.inVar(ch))})
	return v, ok
}

// receiveOne is <-ch where nobody asks whether it was sent.
func (f *fn) receiveOne(ch ir.Expr, elem types.Type) *ir.Var {
	t := f.p.erase(f.p.norm(elem))
	return f.tmp(f.op("recv"+rt.ChanSuffix(t.String()), t, f.inVar(ch)))
}

// op is a call of an operation of the run time.
func (f *fn) op(name string, t *ir.Type, args ...ir.Expr) *ir.Call {
	return &ir.Call{Fun: &ir.Native{Pkg: ir.OpPkg, Name: name}, Args: args, T: t}
}

// inVar is a variable with the value of x.
func (f *fn) inVar(x ir.Expr) *ir.Var {
	if v, ok := x.(*ir.Var); ok {
		return v
	}
	return f.tmp(x)
}

// send is ch <- x.
func (f *fn) send(ch, x ir.Expr, elem types.Type) {
	t := f.p.erase(elem)
	if v, ok := x.(*ir.Var); !ok || !f.sendable(v, elem) {
		x = f.sent(x, elem)
	}
	f.do(f.op("send"+rt.ChanSuffix(t.String()), nil, f.inVar(ch), x))
}

// sendable tells whether a variable can be sent as it is.
func (f *fn) sendable(v *ir.Var, elem types.Type) bool {
	t := f.p.erase(elem)
	return v.T.Same(t) && t.Kind != ir.Func
}

// sent is a value for a channel: a variable of exactly the element's type, or
// an interface that holds a function, for a variable may hold what yaegi makes a
// function of.
func (f *fn) sent(x ir.Expr, elem types.Type) *ir.Var {
	v := f.fresh(f.p.erase(elem))
	if _, ok := x.(*ir.Nil); ok {
		x = nil
	}
	f.emit(&ir.Define{V: v, X: x})
	if v.T.Kind == ir.Func {
		return f.tmp(&ir.Convert{X: v, T: ir.Anything})
	}
	return v
}
