package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// reached returns the variables that this cell's code may use after the cell
// has run: those named in functions and literals, and those whose address is
// taken.
func (r *round) reached() []*types.Var {
	x := reach{info: r.info}
	for _, f := range r.cell.Funcs {
		if f.Body != nil {
			x.walk(f.Body, true)
		}
	}
	for _, s := range r.cell.Body {
		x.walk(s, false)
	}
	if r.cell.Show != nil {
		x.walk(r.cell.Show, false)
	}
	return x.vars
}

// reach gathers variables that outlive the code that names them.
type reach struct {
	info *types.Info
	vars []*types.Var
}

// add adds the variable that an operand is, or is a part of.
func (r *reach) add(x ast.Expr) {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
			continue
		case *ast.SelectorExpr:
			x = e.X
			continue
		case *ast.IndexExpr:
			x = e.X
			continue
		case *ast.Ident:
			if v, ok := r.info.ObjectOf(e).(*types.Var); ok {
				r.vars = append(r.vars, v)
			}
		}
		return
	}
}

func (r *reach) walk(n ast.Node, inFunc bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if !inFunc {
				r.walk(n.Body, true)
				return false
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				r.add(n.X)
			}
		case *ast.SliceExpr: // of an array: its address
			r.add(n.X)
		case *ast.SelectorExpr:
			if s := r.info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
				if m, ok := s.Obj().(*types.Func); ok && pointer(m.Signature().Recv().Type()) && !pointer(s.Recv()) {
					r.add(n.X)
				}
			}
		case *ast.Ident:
			if inFunc {
				r.add(n)
			}
		}
		return true
	})
}

func pointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// isTop tells whether v is a variable of the notebook that this cell declares,
// knows whether one of an earlier cell is.
func (r *round) isTop(v *types.Var) bool {
	if r.tops == nil {
		r.tops = map[*types.Var]bool{}
		for _, v := range r.cell.Top {
			r.tops[v] = true
		}
	}
	return r.tops[v]
}

func (r *round) knows(v *types.Var) bool {
	e := r.names[v.Name()]
	return e != nil && e.Object == v
}
