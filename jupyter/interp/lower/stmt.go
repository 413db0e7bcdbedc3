package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

func (f *fn) stmts(l []ast.Stmt) {
	for _, s := range l {
		f.stmt(s, "")
	}
}

// stmt lowers a statement; label is what a labelled break or continue says.
func (f *fn) stmt(s ast.Stmt, label string) {
	if f.src.library() {
		f.p.in = s.Pos()
	} else {
		f.p.at = s.Pos()
		f.p.ask()
	}
	defer func(line int) { f.line = line }(f.line)
	f.markStmt(s)
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt:
		outer := f.waited // of a statement whose literal this one is in
		f.waited = false
		defer func() {
			if f.waited {
				f.emit(&ir.Poll{})
			}
			f.waited = outer
		}()
	}
	switch s := s.(type) {
	case *ast.EmptyStmt:
	case *ast.LabeledStmt:
		f.labeled(s)
	case *ast.BlockStmt:
		body := f.capture(func() { f.stmts(s.List) })
		f.emit(&ir.Block{Body: body})
	case *ast.ExprStmt:
		f.exprStmt(s.X)
	case *ast.SendStmt:
		c := f.expr(s.Chan)
		elem := f.typ(s.Chan).Underlying().(*types.Chan).Elem()
		f.send(c, f.to(s.Value, elem), elem)
	case *ast.IncDecStmt:
		f.emit(&ir.Assign{L: f.place(s.X, late), Op: s.Tok.String()})
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.GoStmt:
		f.goStmt(s)
	case *ast.DeferStmt:
		f.deferStmt(s)
	case *ast.ReturnStmt:
		f.returnStmt(s)
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.IfStmt:
		f.ifStmt(s)
	case *ast.SwitchStmt:
		f.switchStmt(s, label)
	case *ast.TypeSwitchStmt:
		f.typeSwitch(s, label)
	case *ast.SelectStmt:
		f.selectStmt(s, label)
	case *ast.ForStmt:
		f.forStmt(s, label)
	case *ast.RangeStmt:
		f.rangeStmt(s, label)
	case *ast.DeclStmt:
		f.declStmt(s)
	default:
		panic(f.limit(s, fmt.Sprintf("this statement (%T)", s), ""))
	}
}

func (f *fn) exprStmt(e ast.Expr) {
	if c, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		switch x := f.top(c).(type) {
		case *ir.Call:
			f.do(x)
		case *ir.Builtin:
			if x.T != nil && x.Name != "copy" {
				f.tmp(x)
				return
			}
			f.do(x)
		}
		return
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		f.receive(f.expr(u.X), f.typ(u.X).Underlying().(*types.Chan).Elem())
		return
	}
	f.use(e) // a value in the middle of a cell
}

func (f *fn) declStmt(s *ast.DeclStmt) {
	g, ok := s.Decl.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR {
		return
	}
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		vs := make([]*types.Var, len(v.Names))
		for i, n := range v.Names {
			vs[i], _ = f.src.info.Defs[n].(*types.Var)
			if vs[i] == nil {
				vs[i] = types.NewVar(n.Pos(), f.src.pkg, "_", f.typ(v.Values[min(i, len(v.Values)-1)]))
			}
		}
		f.declare(vs, v.Values)
	}
}

func (f *fn) ifStmt(s *ast.IfStmt) {
	if s.Init != nil {
		f.stmt(s.Init, "")
		f.mark(s.Cond)
	}
	cond := f.expr(s.Cond)
	if _, ok := cond.(*ir.Const); ok { // yaegi drops the branches of a constant
		cond = f.tmp(cond)
	}
	st := &ir.If{Cond: cond, Then: f.capture(func() { f.stmts(s.Body.List) })}
	if s.Else != nil {
		st.Else = f.capture(func() {
			if b, ok := s.Else.(*ast.BlockStmt); ok {
				f.stmts(b.List)
			} else {
				f.stmt(s.Else, "")
			}
		})
	}
	f.emit(st)
}

func (f *fn) returnStmt(s *ast.ReturnStmt) {
	fr := f.frame
	if fr.sig == nil { // return at the top of a cell ends the cell
		if len(fr.iters) > 0 {
			f.leaveAll(leaveReturn)
			return
		}
		f.emit(&ir.Return{})
		return
	}
	rs := fr.sig.Results()
	direct := len(fr.iters) == 0 && !fr.inner
	xs := f.returned(s, rs, direct && !fr.named)
	if direct && !fr.named {
		f.emit(&ir.Return{Xs: xs})
		return
	}
	vars := f.resultVars()
	if len(s.Results) > 0 {
		for i, x := range xs {
			if _, ok := x.(*ir.Nil); !ok {
				xs[i] = f.pure(x)
			}
		}
		for i, x := range xs {
			f.set(vars[i], x)
		}
	}
	switch {
	case len(fr.iters) > 0:
		f.leaveAll(leaveReturn)
	case fr.inner:
		f.emit(&ir.Return{})
	default:
		f.emit(&ir.Return{Xs: f.resultExprs()})
	}
}

// returned are the values of a return statement.
func (f *fn) returned(s *ast.ReturnStmt, rs *types.Tuple, direct bool) []ir.Expr {
	if len(s.Results) == 1 && rs.Len() > 1 {
		vals, ts := f.multi(s.Results[0])
		for i := range vals {
			vals[i] = f.conv(vals[i], ts[i], f.subst(rs.At(i).Type()))
		}
		return vals
	}
	xs, ts, consts := f.inOrder(s.Results, func(i int) types.Type { return rs.At(i).Type() })
	for i := range xs {
		t := f.subst(rs.At(i).Type())
		x := xs[i]
		if consts[i] != nil {
			x = f.to(consts[i], t)
		} else {
			x = f.conv(x, ts[i], t)
		}
		switch y := x.(type) {
		case *ir.Nil:
			if direct { // a bare nil has no type in yaegi's return
				z := f.fresh(y.T)
				f.emit(&ir.Define{V: z})
				x = z
			}
		case *ir.Binary, *ir.Unary:
			x = f.tmp(x) // where yaegi may write to the result at once, ir.Direct undoes this
		default:
			if len(s.Results) > 1 {
				x = f.pure(x)
			}
		}
		xs[i] = x
	}
	return xs
}
