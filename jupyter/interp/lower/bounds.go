package lower

import (
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// The interpreter's own complaint about an index names neither the index nor
// the length. Both are checked first, which costs 50 ns. In a loop that only
// computes the message goes without the numbers: checked there, too, a matrix
// product took 4.5 times as long as in yaegi alone instead of 1.13, a game of
// life 3.7 instead of 1.2, and the fifteen programs of the benchmark 1.52 in the
// mean instead of 1.12.

// computes tells whether the innermost loop around the statement calls nothing,
// or it stands in a literal that only computes a result: the less of a sort.
func (f *fn) computes() bool {
	for i := len(f.frame.targets) - 1; i >= 0; i-- {
		if t := f.frame.targets[i]; t.loop {
			return !t.calls
		}
	}
	return f.frame.computes
}

// checked is an index of x, within bounds from here on. Both are evaluated
// twice: what is not a name or a constant goes to a temporary.
func (f *fn) checked(x, i ir.Expr, t types.Type) (ir.Expr, ir.Expr) {
	if f.src.std || f.computes() {
		return x, i
	}
	arr, isArray := t.Underlying().(*types.Array)
	var n ir.Expr
	if isArray {
		if isConst(i) { // the compiler has checked it
			return x, i
		}
		n = intConst(arr.Len())
	} else {
		x = f.again(x)
		n = &ir.Builtin{Name: "len", Args: []ir.Expr{x}, T: ir.Int}
	}
	i = f.again(i)
	f.checkIndex(i, n)
	return x, i
}

// checkIndex panics if i is not below n.
func (f *fn) checkIndex(i, n ir.Expr) {
	bad := &ir.Binary{Op: ">=", X: i, Y: n, T: ir.Bool}
	if !isConst(i) {
		bad = &ir.Binary{Op: "||", X: &ir.Binary{Op: "<", X: i, Y: intConst(0), T: ir.Bool}, Y: bad, T: ir.Bool}
	}
	words := "BadIndex"
	if f.unsigned[i] {
		words = "BadUint"
	}
	f.emit(&ir.If{Cond: bad, Then: []ir.Stmt{&ir.Do{X: f.rt(words, nil, i, n)}}})
}

// again is an expression that may be evaluated twice.
func (f *fn) again(x ir.Expr) ir.Expr {
	switch x.(type) {
	case *ir.Var, *ir.Const, *ir.Nil:
		return x
	}
	return f.tmp(x)
}

// checkSlice checks the bounds of a slice expression.
func (f *fn) checkSlice(s *ir.SliceOfExpr, t types.Type) {
	if f.computes() || s.Low == nil && s.Hi == nil {
		return
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	isLength := true // what the words say
	var n, limit ir.Expr
	switch u := t.Underlying().(type) {
	case *types.Slice:
		isLength = false
		s.X = f.again(s.X)
		n = &ir.Builtin{Name: "len", Args: []ir.Expr{s.X}, T: ir.Int}
		limit = &ir.Builtin{Name: "cap", Args: []ir.Expr{s.X}, T: ir.Int}
	case *types.Basic:
		s.X = f.again(s.X)
		n = &ir.Builtin{Name: "len", Args: []ir.Expr{s.X}, T: ir.Int}
		limit = n
	case *types.Array:
		n = intConst(u.Len())
		limit = n
	default:
		return
	}
	args, unsigned := []ir.Expr{intConst(0), n}, int64(0)
	for i, b := range []*ir.Expr{&s.Low, &s.Hi, &s.Max} {
		if *b == nil {
			continue
		}
		*b = f.again(*b)
		if i == len(args) {
			args = append(args, nil)
		}
		args[i] = *b
		if f.unsigned[*b] {
			unsigned |= 1 << i
		}
	}
	check := "CheckSlice"
	if s.Max != nil {
		check = "CheckSlice3"
	}
	f.do(f.rt(check, nil, append(args, limit, intConst(unsigned), boolConst(isLength))...))
}
