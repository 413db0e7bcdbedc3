package interp

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// place is where the placeholder stands in the syntax.
type place struct {
	id   *ast.Ident
	base ast.Expr          // of the selector that it ends, or nil
	lit  *ast.CompositeLit // that it may be a key of, or nil
	path []ast.Node        // that lead to id or its selector, the outermost first
}

func (s *sketch) place() *place {
	var p *place
	var path []ast.Node
	s.walk(func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		if p != nil {
			return false
		}
		if id, ok := n.(*ast.Ident); ok && id.Name == placeholder {
			p = &place{id: id, path: slices.Clone(path)}
			p.role()
		}
		path = append(path, n)
		return true
	})
	return p
}

// role finds the selector or literal that the placeholder is of.
func (p *place) role() {
	switch n := p.above(0).(type) {
	case *ast.SelectorExpr:
		if n.Sel == p.id {
			p.base = n.X
		}
	case *ast.CompositeLit:
		if n.Type != p.id {
			p.lit = n
		}
	case *ast.KeyValueExpr:
		if lit, ok := p.above(1).(*ast.CompositeLit); ok && n.Key == p.id {
			p.lit = lit
		}
	}
}

// above returns the node that contains the placeholder, the one that contains
// that, and so on.
func (p *place) above(i int) ast.Node {
	if i = len(p.path) - 1 - i; i < 0 {
		return nil
	}
	return p.path[i]
}

// whole is the expression that the placeholder ends, itself or a selector, and
// how far above the placeholder what contains it is.
func (p *place) whole() (x ast.Expr, up int) {
	if p.base != nil {
		return p.above(0).(ast.Expr), 1
	}
	return p.id, 0
}

// isType says that only a type can stand at the place.
func (p *place) isType(info *types.Info) bool {
	x, up := p.whole()
	for {
		switch n := p.above(up).(type) {
		case *ast.StarExpr: // of a type, or of a pointer
			x, up = n, up+1
			continue
		case *ast.ValueSpec:
			return n.Type == x
		case *ast.Field:
			return n.Type == x
		case *ast.TypeSpec:
			return n.Type == x
		case *ast.ArrayType:
			return n.Elt == x
		case *ast.MapType, *ast.ChanType, *ast.Ellipsis:
			return true
		case *ast.CompositeLit:
			return n.Type == x
		case *ast.TypeAssertExpr:
			return n.Type == x
		case *ast.CaseClause:
			_, ok := p.above(up + 2).(*ast.TypeSwitchStmt)
			return ok && slices.Contains(n.List, x)
		case *ast.IndexExpr: // of a generic function or type
			return n.Index == x && generic(info, n.X)
		case *ast.IndexListExpr:
			return n.X != x
		case *ast.CallExpr:
			b, ok := callee(info, n).(*types.Builtin)
			return ok && (b.Name() == "make" || b.Name() == "new") && len(n.Args) > 0 && n.Args[0] == x
		}
		return false
	}
}

func generic(info *types.Info, x ast.Expr) bool {
	switch t := info.TypeOf(x).(type) {
	case *types.Signature:
		return t.TypeParams().Len() > 0
	case *types.Named:
		return t.TypeParams().Len() > 0
	}
	return false
}

func callee(info *types.Info, c *ast.CallExpr) types.Object {
	if id, ok := ast.Unparen(c.Fun).(*ast.Ident); ok {
		return info.Uses[id]
	}
	return nil
}

// labels returns the labels that a break, continue or goto at the place may
// name; ok says that there stands one of them.
func (s *sketch) labels(p *place) (names []string, ok bool) {
	jump, ok := p.above(0).(*ast.BranchStmt)
	if !ok {
		return nil, false
	}
	var body ast.Node
	for _, n := range slices.Backward(p.path) {
		switch n := n.(type) {
		case *ast.LabeledStmt:
			if jump.Tok == token.CONTINUE && !loop(n.Stmt) || jump.Tok == token.GOTO || !breaks(n.Stmt) {
				continue
			}
			names = append(names, n.Label.Name) // the innermost first
		case *ast.FuncLit:
			body = n.Body
		case *ast.FuncDecl:
			body = n.Body
		default:
			continue
		}
		if body != nil {
			break
		}
	}
	if jump.Tok == token.GOTO && body != nil {
		ast.Inspect(body, func(n ast.Node) bool {
			if l, ok := n.(*ast.LabeledStmt); ok {
				names = append(names, l.Label.Name)
			}
			_, inner := n.(*ast.FuncLit)
			return !inner
		})
	}
	return names, true
}

func loop(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

func breaks(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		return true
	}
	return loop(s)
}
