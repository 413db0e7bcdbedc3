package lower

import (
	"go/ast"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// The language leaves open whether in f(x, g()) the variable x is read before
// g is called. The compiler makes all calls first, from left to right, and
// programs count on it: return c, json.Unmarshal(b, &c).

// lastCall is the last of some expressions that has calls, 0 if none has.
func (f *fn) lastCall(es []ast.Expr) int {
	last := 0
	for i, e := range es {
		if f.hasCall(e) {
			last = i
		}
	}
	return last
}

// inOrder evaluates the expressions of a list for variables of the types that
// to gives; constants and nil are left to be converted, and what reads variables
// alone waits for the calls behind it.
func (f *fn) inOrder(es []ast.Expr, to func(i int) types.Type) (xs []ir.Expr, ts []types.Type, consts []ast.Expr) {
	later := f.lastCall(es)
	for i, e := range es {
		if f.isNil(e) || f.value(e) != nil {
			xs, ts, consts = append(xs, nil), append(ts, nil), append(consts, e)
			continue
		}
		x := f.expr(e)
		if i < later {
			if lit, ok := x.(*ir.Lit); ok && lit.T.Kind != ir.Slice && isInterface(to(i)) && sizes.Sizeof(f.typ(e)) > 8 {
				x = f.pure(x) // more than a word, which the interface points to
			}
			x = f.before(x)
		}
		xs, ts, consts = append(xs, x), append(ts, f.typ(e)), append(consts, nil)
	}
	return xs, ts, consts
}

// before is x, evaluated before a call beside it, which is made when x is still
// to be read: variables, fields and elements wait. What the compiler makes
// temporaries of does not: lengths, slices, && and ||, maps, conversions between
// strings and slices.
func (f *fn) before(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Var, *ir.Const, *ir.Native, *ir.Nil:
		return x
	case *ir.FieldOf:
		return &ir.FieldOf{X: f.before(x.X), Name: x.Name, T: x.T}
	case *ir.Deref:
		return &ir.Deref{X: f.before(x.X), T: x.T}
	case *ir.Convert:
		if from := x.X.Type().Kind; (from == ir.Slice) == (x.T.Kind == ir.Slice) {
			return &ir.Convert{X: f.before(x.X), T: x.T}
		}
	case *ir.AddrOf:
		return &ir.AddrOf{X: f.before(x.X), T: x.T}
	case *ir.Lit:
		if x.T.Kind != ir.Map {
			lit := *x
			lit.Keys, lit.Vals = f.allBefore(x.Keys), f.allBefore(x.Vals)
			return &lit
		}
	case *ir.Unary:
		if x.Op != "<-" {
			return &ir.Unary{Op: x.Op, X: f.before(x.X), T: x.T}
		}
	case *ir.IndexOf:
		return &ir.IndexOf{X: f.before(x.X), I: f.before(x.I), T: x.T}
	case *ir.Binary:
		if x.Op != "&&" && x.Op != "||" {
			return &ir.Binary{Op: x.Op, X: f.before(x.X), Y: f.before(x.Y), T: x.T}
		}
	}
	return f.pure(x)
}

func (f *fn) allBefore(xs []ir.Expr) []ir.Expr {
	var out []ir.Expr
	for _, x := range xs {
		if x != nil {
			x = f.before(x)
		}
		out = append(out, x)
	}
	return out
}

// beforeCalls is before where y has calls.
func (f *fn) beforeCalls(x ir.Expr, y ast.Expr) ir.Expr {
	if f.hasCall(y) {
		return f.before(x)
	}
	return x
}
