package interp

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// expected is the type that a value at the place should have, nil if any would
// do as well.
func (p *place) expected(info *types.Info) types.Type {
	x, up := p.whole()
	t := wanted(info, x, p.path[:len(p.path)-up])
	if t == nil {
		return nil
	}
	if i, ok := t.Underlying().(*types.Interface); ok && i.Empty() || t == types.Typ[types.Invalid] || t == types.Typ[types.UntypedNil] {
		return nil
	}
	return types.Default(t)
}

// wanted: x is the last child of path.
func wanted(info *types.Info, x ast.Expr, path []ast.Node) types.Type {
	if len(path) == 0 {
		return nil
	}
	up := path[:len(path)-1]
	switch n := path[len(path)-1].(type) {
	case *ast.ParenExpr:
		return wanted(info, n, up)
	case *ast.CallExpr:
		if n.Fun == x {
			return wanted(info, n, up)
		}
		return argument(info, n, slices.Index(n.Args, x))
	case *ast.AssignStmt:
		if i := slices.Index(n.Rhs, x); i >= 0 && i < len(n.Lhs) && n.Tok != token.DEFINE {
			return info.TypeOf(n.Lhs[i])
		}
	case *ast.ValueSpec:
		if n.Type != nil && n.Type != x {
			return info.TypeOf(n.Type)
		}
	case *ast.ReturnStmt:
		return result(info, up, slices.Index(n.Results, x))
	case *ast.BinaryExpr:
		return operand(info, n, x, up)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			return types.Typ[types.Bool]
		}
	case *ast.IfStmt:
		if n.Cond == x {
			return types.Typ[types.Bool]
		}
	case *ast.ForStmt:
		if n.Cond == x {
			return types.Typ[types.Bool]
		}
	case *ast.ExprStmt: // a head without its block reads as one without a condition
		if head(last(up)) == n {
			return types.Typ[types.Bool]
		}
	case *ast.SendStmt:
		if t := info.TypeOf(n.Chan); t != nil && n.Value == x {
			if c, ok := t.Underlying().(*types.Chan); ok {
				return c.Elem()
			}
		}
	case *ast.IndexExpr:
		return index(info.TypeOf(n.X))
	case *ast.KeyValueExpr:
		if lit, ok := last(up).(*ast.CompositeLit); ok {
			return element(info.TypeOf(lit), n, x)
		}
	case *ast.CompositeLit:
		return element(info.TypeOf(n), nil, x)
	case *ast.CaseClause:
		if len(up) > 1 {
			if s, ok := up[len(up)-2].(*ast.SwitchStmt); ok && slices.Contains(n.List, x) {
				if s.Tag == nil {
					return types.Typ[types.Bool]
				}
				return info.TypeOf(s.Tag)
			}
		}
	}
	return nil
}

// head is the statement before the condition of n.
func head(n ast.Node) ast.Stmt {
	switch n := n.(type) {
	case *ast.IfStmt:
		return n.Init
	case *ast.ForStmt:
		return n.Init
	}
	return nil
}

func last(path []ast.Node) ast.Node {
	if len(path) == 0 {
		return nil
	}
	return path[len(path)-1]
}

// argument is the type of the i-th parameter.
func argument(info *types.Info, c *ast.CallExpr, i int) types.Type {
	if b, ok := callee(info, c).(*types.Builtin); ok && i > 0 {
		switch t := info.TypeOf(c.Args[0]); b.Name() {
		case "append":
			if s, ok := under(t).(*types.Slice); ok {
				return s.Elem()
			}
		case "make":
			return types.Typ[types.Int]
		case "delete":
			return index(t)
		case "copy", "min", "max":
			return t
		}
		return nil
	}
	tv := info.Types[c.Fun]
	sig, ok := under(tv.Type).(*types.Signature)
	if !ok || tv.IsType() || i < 0 {
		return nil
	}
	ps := sig.Params()
	if n := ps.Len(); sig.Variadic() && i >= n-1 {
		if s, ok := ps.At(n - 1).Type().(*types.Slice); ok {
			return s.Elem()
		}
		return nil
	}
	if i >= ps.Len() {
		return nil
	}
	return ps.At(i).Type()
}

// result is the type of the i-th result of the function that path lies in.
func result(info *types.Info, path []ast.Node, i int) types.Type {
	for _, n := range slices.Backward(path) {
		var t types.Type
		switch n := n.(type) {
		case *ast.FuncLit:
			t = info.TypeOf(n.Type)
		case *ast.FuncDecl:
			if o := info.Defs[n.Name]; o != nil {
				t = o.Type()
			} else {
				t = info.TypeOf(n.Type)
			}
		default:
			continue
		}
		if sig, ok := t.(*types.Signature); ok && i >= 0 && i < sig.Results().Len() {
			return sig.Results().At(i).Type()
		}
		return nil
	}
	return nil
}

// operand is what the other side of an operator asks for.
func operand(info *types.Info, n *ast.BinaryExpr, x ast.Expr, path []ast.Node) types.Type {
	switch n.Op {
	case token.LAND, token.LOR:
		return types.Typ[types.Bool]
	case token.SHL, token.SHR:
		return nil
	}
	other := n.X
	if other == x {
		other = n.Y
	}
	t := info.TypeOf(other)
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		switch n.Op {
		case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
			if w := wanted(info, n, path); w != nil {
				return w
			}
		}
	}
	return t
}

// index is the type of what selects an element of a t.
func index(t types.Type) types.Type {
	switch u := under(t).(type) {
	case *types.Map:
		return u.Key()
	case *types.Slice, *types.Array, *types.Pointer, *types.Basic:
		return types.Typ[types.Int]
	}
	return nil
}

// element is the type of x in a literal of type t, as or in the pair kv if that
// is not nil.
func element(t types.Type, kv *ast.KeyValueExpr, x ast.Expr) types.Type {
	if t == nil {
		return nil
	}
	switch u := deref(t).Underlying().(type) {
	case *types.Slice:
		return u.Elem()
	case *types.Array:
		return u.Elem()
	case *types.Map:
		if kv == nil || kv.Key == x {
			return u.Key()
		}
		return u.Elem()
	case *types.Struct:
		if kv == nil {
			return nil
		}
		if key, ok := kv.Key.(*ast.Ident); ok && kv.Value == x {
			for f := range u.Fields() {
				if f.Name() == key.Name {
					return f.Type()
				}
			}
		}
	}
	return nil
}

// under is the underlying type of t, nil if there is none.
func under(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}
