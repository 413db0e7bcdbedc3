package lower

import (
	"go/ast"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// The language leaves open whether in f(x, g()) the variable x is read before
// g is called. The compiler makes all calls first, from left to right, and
// programs count on it: return c, json.Unmarshal(b, &c).

// inOrder evaluates the expressions of a list; constants and nil are left to
// be converted, and what reads variables alone waits for the calls behind it.
func (f *fn) inOrder(es []ast.Expr) (xs []ir.Expr, ts []types.Type, consts []ast.Expr) {
	later := 0 // expressions from here on have no calls
	for i, e := range es {
		if f.hasCall(e) {
			later = i
		}
	}
	for i, e := range es {
		if f.isNil(e) || f.value(e) != nil {
			xs, ts, consts = append(xs, nil), append(ts, nil), append(consts, e)
			continue
		}
		x := f.expr(e)
		if i < later && !waits(x) {
			x = f.pure(x)
		}
		xs, ts, consts = append(xs, x), append(ts, f.typ(e)), append(consts, nil)
	}
	return xs, ts, consts
}

// waits tells whether x reads variables alone.
func waits(x ir.Expr) bool {
	switch x := x.(type) {
	case *ir.Var, *ir.Const, *ir.Native:
		return true
	case *ir.FieldOf:
		return waits(x.X)
	case *ir.Deref:
		return waits(x.X)
	case *ir.Convert:
		return waits(x.X)
	case *ir.Unary:
		return x.Op != "<-" && waits(x.X)
	case *ir.IndexOf:
		return waits(x.X) && waits(x.I)
	case *ir.Binary:
		return x.T != ir.Bool && waits(x.X) && waits(x.Y) // comparisons may be calls
	}
	return false
}
