package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// Marks are assignments of a number to a global, 20 ns each, placed before
// statements that can panic. The number names the place in the source.

// markStmt marks the place of a statement, or the head of a compound one.
func (f *fn) markStmt(s ast.Stmt) {
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
	case *ast.RangeStmt:
		f.mark(s.X)
	}
}

// mark notes where n stands if it can fail.
func (f *fn) mark(n ast.Node) {
	if n == nil || f.src.std || !f.canFail(n) {
		return
	}
	pos := f.src.name(n.Pos())
	f.p.marks++
	f.p.unit.Marks = append(f.p.unit.Marks, ir.Place{Pos: pos, Func: f.name})
	f.emit(&ir.Mark{N: f.p.marks})
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
			if n.Op == token.QUO || n.Op == token.REM {
				found = f.divides(n.Y)
			}
		case *ast.AssignStmt:
			if n.Tok == token.QUO_ASSIGN || n.Tok == token.REM_ASSIGN {
				found = f.divides(n.Rhs[0])
			}
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
