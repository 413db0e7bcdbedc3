package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// captured tells whether something outlives an iteration that refers to one of
// the variables: a closure, a pointer, a range-over-func body.
func (f *fn) captured(vars []*types.Var, nodes ...ast.Node) bool {
	w := captureWalk{f: f, vars: vars}
	for _, n := range nodes {
		if !isNilNode(n) {
			ast.Inspect(n, w.visit)
		}
	}
	return w.found
}

func isNilNode(n ast.Node) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *ast.BlockStmt:
		return n == nil
	}
	return false
}

type captureWalk struct {
	f     *fn
	vars  []*types.Var
	lits  int
	found bool
}

func (w *captureWalk) is(id *ast.Ident) bool {
	o := w.f.src.info.Uses[id]
	for _, v := range w.vars {
		if o == v {
			return true
		}
	}
	return false
}

// mentions tells whether one of the variables is the base of an expression.
func (w *captureWalk) base(e ast.Expr) bool {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.Ident:
			return w.is(x)
		default:
			return false
		}
	}
}

func (w *captureWalk) visit(n ast.Node) bool {
	if w.found {
		return false
	}
	switch n := n.(type) {
	case *ast.FuncLit:
		return w.literal(n.Body)
	case *ast.DeferStmt, *ast.GoStmt:
		w.lits++ // arguments are evaluated now, but keep it simple
		switch n := n.(type) {
		case *ast.DeferStmt:
			ast.Inspect(n.Call, w.visit)
		case *ast.GoStmt:
			ast.Inspect(n.Call, w.visit)
		}
		w.lits--
		return false
	case *ast.Ident:
		w.found = w.lits > 0 && w.is(n)
	case *ast.UnaryExpr:
		w.found = n.Op == token.AND && w.base(n.X)
	case *ast.SelectorExpr:
		// a method with a pointer receiver takes the variable's address
		if _, ok := w.f.src.info.ObjectOf(n.Sel).(*types.Func); ok {
			w.found = w.base(n.X)
		}
	case *ast.SliceExpr:
		if t := w.f.src.info.TypeOf(n.X); t != nil {
			if _, ok := t.Underlying().(*types.Array); ok {
				w.found = w.base(n.X)
			}
		}
	case *ast.RangeStmt:
		if t := w.f.src.info.TypeOf(n.X); t != nil {
			if _, ok := t.Underlying().(*types.Signature); ok {
				ast.Inspect(n.X, w.visit)
				return w.literal(n.Body)
			}
		}
	}
	return !w.found
}

func (w *captureWalk) literal(body ast.Node) bool {
	w.lits++
	ast.Inspect(body, w.visit)
	w.lits--
	return false
}

// readOnly tells whether a loop body neither keeps nor changes the variables.
func (f *fn) readOnly(vars []*types.Var, body *ast.BlockStmt) bool {
	if f.captured(vars, body) {
		return false
	}
	w := captureWalk{f: f, vars: vars}
	changed := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				changed = changed || w.base(l)
			}
		case *ast.IncDecStmt:
			changed = changed || w.base(n.X)
		case *ast.RangeStmt:
			changed = changed || n.Tok == token.ASSIGN && (w.base(n.Key) || w.base(n.Value))
		}
		return !changed
	})
	return !changed
}
