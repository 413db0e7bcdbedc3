package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// Marks are assignments of a number to a global, 20 ns each, placed before
// statements that can panic. The number names the place in the source. A loop
// with one mark and no call of notebook code has it in front.

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
	if n == nil || f.src.library() || !f.canFail(n) {
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
