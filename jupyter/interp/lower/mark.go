package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"surprisal/jupyter/interp/ir"
)

// Marks are assignments of a number to a global, 20 ns each, placed before
// statements that can panic. The number names the place in the source. A loop
// with one mark and no call of notebook code has it in front.

// markStmt marks the place of a statement, or the head of a compound one.
func (f *fn) markStmt(s ast.Stmt) {
	f.startLine(s)
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.SendStmt, *ast.IncDecStmt, *ast.AssignStmt, *ast.GoStmt, *ast.DeferStmt, *ast.ReturnStmt, *ast.DeclStmt, *ast.SelectStmt:
		f.mark(s)
	case *ast.IfStmt:
		if s.Init == nil {
			f.mark(s.Cond)
		}
	case *ast.SwitchStmt:
		if s.Tag != nil {
			f.mark(s.Tag)
		}
		for _, c := range s.Body.List {
			if slices.ContainsFunc(c.(*ast.CaseClause).List, func(e ast.Expr) bool { return f.canFail(e) }) {
				f.markAt(s.Switch, true)
				break
			}
		}
	case *ast.RangeStmt:
		f.mark(s.X)
		if _, ok := f.typ(s.X).Underlying().(*types.Signature); ok && !f.src.library() {
			f.markAt(s.For, true)
		}
		if s.Tok == token.ASSIGN {
			f.mark(s.Key)
		}
	}
}

// mark notes where n stands if it can fail.
func (f *fn) mark(n ast.Node) {
	if n == nil || f.src.library() || !f.canFail(n) {
		return
	}
	f.markAt(n.Pos(), f.leaves(n))
}

// leaves tells whether running n enters other code, or panics by the word.
func (f *fn) leaves(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = found || !f.src.info.Types[n.Fun].IsType() && !f.harmless(n)
		}
		return !found
	})
	return found
}

// markAt marks a place. The statements of the cell itself note it a second time
// if they call something, whose marks would hide which of them did.
func (f *fn) markAt(at token.Pos, calls bool) {
	if f.src.library() {
		return
	}
	pos := f.src.name(at)
	f.p.marks++
	f.p.unit.Marks = append(f.p.unit.Marks, ir.Place{Pos: pos, Func: f.name})
	f.emit(&ir.Mark{N: f.p.marks, Top: calls && f.frame.sig == nil})
	if f.line > 0 {
		f.line = pos.Line
	}
}

// startLine begins a statement. What can fail in one of several lines has
// marks of its own, but in loops that only compute.
func (f *fn) startLine(s ast.Stmt) {
	f.line = 0
	if f.src.library() || f.computes() {
		return
	}
	if from, to := f.src.name(s.Pos()).Line, f.src.name(s.End()).Line; from != to {
		f.line = from
	}
}

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

// markLine marks the line of an operation inside a statement of several. A call
// is marked behind its arguments, all else before its operands.
func (f *fn) markLine(e ast.Expr) (marked bool) {
	if f.line == 0 {
		return false
	}
	var at token.Pos
	switch e := e.(type) {
	case *ast.CallExpr:
		if f.src.info.Types[e.Fun].IsType() || f.harmless(e) {
			return false
		}
		at = e.Lparen
		if s, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok {
			at = s.Sel.Pos()
		}
	case *ast.IndexExpr:
		at = e.Lbrack
	case *ast.SliceExpr:
		at = e.Lbrack
	case *ast.TypeAssertExpr:
		at = e.Lparen
	case *ast.StarExpr:
		at = e.Star
	case *ast.SelectorExpr:
		at = e.Sel.Pos()
	case *ast.BinaryExpr:
		at = e.OpPos
	default:
		return false
	}
	if f.src.name(at).Line == f.line || !f.canFail(e) {
		return false
	}
	f.markAt(at, true)
	return true
}

// tried evaluates an element or a slice once before it is used, so that it fails
// in the line that is marked. To keep its value would be to copy an element.
func (f *fn) tried(x ir.Expr, marked bool) ir.Expr {
	if marked {
		f.emit(&ir.Assign{L: &ir.Var{Name: "_", T: x.Type()}, X: x})
	}
	return x
}

// canFail tells whether running n may panic.
func (f *fn) canFail(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if !f.src.info.Types[n.Fun].IsType() {
				found = !f.harmless(n)
			}
		case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr, *ast.SendStmt:
			found = true
		case *ast.SelectorExpr:
			if t := f.src.info.TypeOf(n.X); t != nil {
				_, found = t.Underlying().(*types.Pointer)
			}
		case *ast.BinaryExpr:
			switch n.Op {
			case token.QUO, token.REM, token.SHL, token.SHR:
				found = f.divides(n.Y)
			}
		case *ast.AssignStmt:
			switch n.Tok {
			case token.QUO_ASSIGN, token.REM_ASSIGN, token.SHL_ASSIGN, token.SHR_ASSIGN:
				found = f.divides(n.Rhs[0])
			}
		}
		return !found
	})
	return found
}

// indexes tells whether an expression indexes or slices.
func indexes(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IndexExpr, *ast.SliceExpr:
			found = true
		}
		return !found
	})
	return found
}

func (f *fn) divides(e ast.Expr) bool {
	if f.value(e) != nil {
		return false
	}
	b, ok := f.typ(e).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

// harmless tells whether a call is of a builtin that cannot panic.
func (f *fn) harmless(c *ast.CallExpr) bool {
	id, ok := ast.Unparen(c.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := f.src.info.ObjectOf(id).(*types.Builtin)
	if !ok {
		return false
	}
	switch b.Name() {
	case "len", "cap", "append", "copy", "min", "max", "real", "imag", "complex", "new", "recover":
		return true
	}
	return false
}

// hoisted takes the only mark out of a loop and emits it in front, if nothing
// in the loop can make another mark.
func (f *fn) hoisted(body []ir.Stmt) []ir.Stmt {
	var only *ir.Mark
	ok := true
	ir.Walk(body, func(n any) bool {
		switch n := n.(type) {
		case *ir.Mark:
			ok = ok && only == nil
			only = n
		case *ir.Call:
			_, native := n.Fun.(*ir.Native)
			_, method := n.Fun.(*ir.MethodOf)
			ok = ok && (native || method)
		}
		return ok
	})
	if !ok || only == nil {
		return body
	}
	f.emit(only)
	return without(body, only)
}

// without is statements less one mark, at any depth.
func without(ss []ir.Stmt, m *ir.Mark) []ir.Stmt {
	out := ss[:0:0]
	for _, s := range ss {
		if s == ir.Stmt(m) {
			continue
		}
		switch s := s.(type) {
		case *ir.If:
			s.Then, s.Else = without(s.Then, m), without(s.Else, m)
		case *ir.Block:
			s.Body = without(s.Body, m)
		case *ir.For:
			s.Body = without(s.Body, m)
		case *ir.Range:
			s.Body = without(s.Body, m)
		case *ir.Switch:
			for i := range s.Cases {
				s.Cases[i].Body = without(s.Cases[i].Body, m)
			}
		}
		out = append(out, s)
	}
	return out
}
