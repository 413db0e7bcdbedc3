package lower

import (
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// The interpreter leaves a parameter of a declared function as it is, zero, if
// reflect calls the argument zero; and reflect calls −0 zero, also inside a
// struct. So a float is followed by a flag that says whether it is −0, which
// costs a seventh of a call, and what holds floats goes by its address.

// passing is how an argument reaches a declared function.
type passing uint8

const (
	asIs    passing = iota
	flagged         // a bool at the end of the arguments is true for −0
	byAddr
)

func passingOf(t types.Type) passing {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsFloat != 0:
			return flagged
		case u.Info()&types.IsComplex != 0:
			return byAddr
		}
	case *types.Array:
		if passingOf(u.Elem()) != asIs {
			return byAddr
		}
	case *types.Struct:
		for f := range u.Fields() {
			if passingOf(f.Type()) != asIs {
				return byAddr
			}
		}
	}
	return asIs
}

// passings tells how a function takes its receiver and parameters; nil if all
// of them come as they are.
func (p *pass) passings(o *types.Func, e env) []passing {
	sig := o.Signature()
	var all []passing
	special := false
	add := func(v *types.Var) {
		how := passingOf(p.norm(p.subst(v.Type(), e)))
		all, special = append(all, how), special || how != asIs
	}
	if r := sig.Recv(); r != nil {
		add(r)
	}
	for v := range sig.Params().Variables() {
		add(v)
	}
	if !special {
		return nil
	}
	return all
}

// callRef calls an emitted function.
func (f *fn) callRef(fun ir.Expr, args []ir.Expr) *ir.Call {
	c := &ir.Call{Fun: fun, Args: args}
	ref, ok := fun.(*ir.FuncRef)
	if !ok {
		return c
	}
	args = append([]ir.Expr(nil), args...)
	var flags []ir.Expr
	for i, how := range f.p.passed[ref.Name] {
		switch how {
		case byAddr:
			v := f.owned(args[i])
			args[i] = &ir.AddrOf{X: v, T: ir.PointerTo(v.T)}
		case flagged:
			var flag ir.Expr = boolConst(false)
			if canBeNegativeZero(args[i]) {
				v := f.owned(args[i])
				args[i], flag = v, negativeZero(v)
			}
			flags = append(flags, flag)
		}
	}
	c.Args = append(args, flags...)
	return c
}

// owned is a variable of this function that holds x: another goroutine may set
// a global between two looks at it.
func (f *fn) owned(x ir.Expr) *ir.Var {
	if v, ok := x.(*ir.Var); ok && !v.Global {
		return v
	}
	return f.tmp(x)
}

func canBeNegativeZero(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Const:
		return false
	case *ir.Convert:
		from := x.X.Type()
		return from.Kind != ir.Basic || from.Name == "float64" || from.Name == "float32"
	}
	return true
}

// negativeZero is v == 0 && 1/v < 0.
func negativeZero(v *ir.Var) ir.Expr {
	zero := &ir.Const{Val: constInt(0), T: v.T}
	inverse := &ir.Binary{Op: "/", X: &ir.Const{Val: constInt(1), T: v.T}, Y: v, T: v.T}
	return &ir.Binary{
		Op: "&&",
		X:  &ir.Binary{Op: "==", X: v, Y: zero, T: ir.Bool},
		Y:  &ir.Binary{Op: "<", X: inverse, Y: zero, T: ir.Bool},
		T:  ir.Bool,
	}
}

// receiveZeros makes a function take its parameters as callRef passes them.
func (f *fn) receiveZeros(fun *ir.Function) {
	var first []ir.Stmt
	for i, how := range f.p.passed[fun.Name] {
		v := fun.Params[i]
		switch how {
		case byAddr:
			at := f.fresh(ir.PointerTo(v.T))
			fun.Params[i] = at
			first = append(first, &ir.Define{V: v, X: &ir.Deref{X: at, T: v.T}})
		case flagged:
			flag := f.fresh(ir.Bool)
			fun.Params = append(fun.Params, flag)
			minus := &ir.Binary{Op: "*", X: &ir.Const{Val: constInt(-1), T: v.T}, Y: v, T: v.T}
			first = append(first, &ir.If{Cond: flag, Then: []ir.Stmt{&ir.Assign{L: v, X: minus}}})
		}
	}
	fun.Body = append(first, fun.Body...)
}
