package lower

import (
	"go/ast"
	"go/types"
	"slices"

	"surprisal/jupyter/interp/ir"
)

// A cell's variables are declared when their statements have run, and functions
// of earlier cells that were compiled again for them follow then. So the entry
// says how far it has come, before each statement that may be its last.

// wait is a link that is made when variables are declared.
type wait struct {
	vars []*types.Var
	link ir.Link
}

// steps lowers the cell's statements.
func (f *fn) steps(body []ast.Stmt) {
	said := 0
	say := func() {
		if n := len(f.p.unit.Fresh); n > said {
			f.do(f.rt("Reached", nil, &ir.Const{Val: constInt(int64(f.p.cell.ID)), T: ir.Uint64}, intConst(int64(n))))
			said = n
		}
	}
	for _, s := range body {
		if f.mayEnd(s) {
			say()
		}
		f.stmt(s, "")
		var step ir.Step
		for _, v := range f.declaredBy(s) {
			if f.p.cell.Fresh[v] {
				step.Names = append(step.Names, v.Name())
			}
		}
		if len(step.Names) > 0 {
			f.p.unit.Fresh = append(f.p.unit.Fresh, step)
		}
	}
	say()
}

// placeWaiting gives links that wait to the steps that they wait for.
func (p *pass) placeWaiting() {
	for _, w := range p.waiting {
		last := -1
		for i, s := range p.unit.Fresh {
			if slices.ContainsFunc(w.vars, func(v *types.Var) bool { return slices.Contains(s.Names, v.Name()) }) {
				last = i
			}
		}
		if last < 0 {
			p.unit.Links = append(p.unit.Links, w.link)
			continue
		}
		p.unit.Fresh[last].Links = append(p.unit.Fresh[last].Links, w.link)
	}
}

// mayEnd tells whether the cell may not get beyond a statement, or runs code
// that sees what is declared.
func (f *fn) mayEnd(s ast.Stmt) bool {
	switch s.(type) { // a goto back comes by a second time, which the session does not mind
	case *ast.AssignStmt, *ast.DeclStmt, *ast.IncDecStmt, *ast.ExprStmt, *ast.EmptyStmt:
		return f.canFail(s)
	}
	return true
}

// declaredBy are the variables that a statement of the cell declares.
func (f *fn) declaredBy(s ast.Stmt) (vs []*types.Var) {
	add := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok {
			if v, ok := f.src.info.Defs[id].(*types.Var); ok {
				vs = append(vs, v)
			}
		}
	}
	if l, ok := s.(*ast.LabeledStmt); ok {
		return f.declaredBy(l.Stmt)
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, x := range s.Lhs {
			add(x)
		}
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok {
			for _, sp := range g.Specs {
				if v, ok := sp.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						add(id)
					}
				}
			}
		}
	}
	return vs
}
