package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// target is a statement that break or continue may refer to.
type target struct {
	label string // of the source
	name  string // in the lowered code
	used  bool
	loop  bool
	calls bool  // the loop calls functions, so that its bodies are not cheap
	iter  *iter // set if it is a range over a function
	depth int   // range-over-func bodies around the statement
}

// iter is a range-over-func loop while its body, a literal, is lowered. The
// body says in ctl how it wants to go on after it has returned false.
type iter struct {
	ctl     *ir.Var
	body    *ast.BlockStmt
	returns bool
	exits   []exit
}

type exit struct {
	tok token.Token
	to  *target
}

// Values of iter.ctl; exits count from leaveExit.
const (
	leaveBreak  = 1
	leaveReturn = 2
	leaveExit   = 3
)

// within lowers a body of which t is the innermost target.
func (f *fn) within(t *target, gen func()) []ir.Stmt {
	t.depth = len(f.frame.iters)
	f.frame.targets = append(f.frame.targets, t)
	defer func() { f.frame.targets = f.frame.targets[:len(f.frame.targets)-1] }()
	return f.capture(gen)
}

func (f *fn) newTarget(label string, loop bool) *target {
	f.n++
	return &target{label: label, name: fmt.Sprintf("L%d_%s", f.n, label), loop: loop}
}

// labelFor is the label that a lowered statement needs.
func (t *target) labelFor() string {
	if t.used {
		return t.name
	}
	return ""
}

func (f *fn) labeled(s *ast.LabeledStmt) {
	switch s.Stmt.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		if f.isGotoTarget(s.Label) {
			f.emit(&ir.Label{Name: f.gotoLabel(s.Label)})
		}
		f.stmt(s.Stmt, s.Label.Name)
	default:
		f.emit(&ir.Label{Name: f.gotoLabel(s.Label)})
		f.stmt(s.Stmt, "")
	}
}

func (f *fn) gotoLabel(id *ast.Ident) string {
	o := f.src.info.ObjectOf(id)
	if f.labels[o] == "" {
		f.n++
		f.labels[o] = fmt.Sprintf("G%d_%s", f.n, id.Name)
	}
	return f.labels[o]
}

// isGotoTarget tells whether some goto names the label.
func (f *fn) isGotoTarget(id *ast.Ident) bool {
	o := f.src.info.Defs[id]
	for use, u := range f.src.info.Uses {
		if u == o && use != id {
			return f.gotos()[use]
		}
	}
	return false
}

// gotos are the identifiers after goto. Labels are rare: no index is kept.
func (f *fn) gotos() map[*ast.Ident]bool {
	found := map[*ast.Ident]bool{}
	look := func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			found[b.Label] = true
		}
		return true
	}
	if f.src.library() {
		if f.fd != nil {
			ast.Inspect(f.fd, look)
		}
		return found
	}
	for _, s := range f.p.cell.Body {
		ast.Inspect(s, look)
	}
	for _, d := range f.p.cell.Funcs {
		ast.Inspect(d, look)
	}
	return found
}

func (f *fn) branch(s *ast.BranchStmt) {
	switch s.Tok {
	case token.FALLTHROUGH:
		panic(f.limit(s, "fallthrough here", ""))
	case token.GOTO:
		if n := len(f.frame.iters); n > 0 {
			o := f.src.info.ObjectOf(s.Label)
			if b := f.frame.iters[n-1].body; o.Pos() < b.Pos() || o.Pos() > b.End() {
				panic(f.limit(s, "goto out of the body of a range over a function", "use a labelled break or continue"))
			}
		}
		label := f.gotoLabel(s.Label)
		if f.frame.webs == nil {
			f.frame.webs = map[string]bool{}
		}
		if f.frame.webs[label] = true; len(f.frame.webs) > 2 {
			// the interpreter overflows its stack on a web of jumps
			panic(f.limit(s, "goto to more than two labels in a function", "write a loop over a switch on a state"))
		}
		f.emit(&ir.Jump{Word: "goto", Label: label})
		return
	}
	f.jump(s.Tok, f.findTarget(s))
}

func (f *fn) findTarget(s *ast.BranchStmt) *target {
	ts := f.frame.targets
	for i := len(ts) - 1; i >= 0; i-- {
		t := ts[i]
		switch {
		case s.Label != nil:
			if t.label == s.Label.Name {
				return t
			}
		case s.Tok == token.BREAK || t.loop:
			return t
		}
	}
	panic(f.limit(s, s.Tok.String()+" here", ""))
}

// jump goes to a target; out of range-over-func bodies it goes one at a time.
func (f *fn) jump(tok token.Token, t *target) {
	depth := len(f.frame.iters)
	switch {
	case t.iter == nil && t.depth == depth:
		j := &ir.Jump{Word: tok.String()}
		if !f.innermost(tok, t) {
			t.used, j.Label = true, t.name
		}
		f.emit(j)
	case t.iter != nil && t.depth+1 == depth && tok == token.CONTINUE:
		f.emit(&ir.Return{Xs: []ir.Expr{boolConst(true)}})
	case t.iter != nil && t.depth+1 == depth:
		f.leave(leaveBreak)
	default:
		it := f.frame.iters[depth-1]
		it.exits = append(it.exits, exit{tok, t})
		f.leave(leaveExit + len(it.exits) - 1)
	}
}

// innermost tells whether a jump without a label would go to t.
func (f *fn) innermost(tok token.Token, t *target) bool {
	ts := f.frame.targets
	for i := len(ts) - 1; i >= 0; i-- {
		if tok == token.CONTINUE && !ts[i].loop {
			continue
		}
		return ts[i] == t
	}
	return false
}

// leave ends the innermost range-over-func body for good.
func (f *fn) leave(code int) {
	it := f.frame.iters[len(f.frame.iters)-1]
	f.set(it.ctl, intConst(int64(code)))
	f.emit(&ir.Return{Xs: []ir.Expr{boolConst(false)}})
}

// leaveAll returns from the function out of range-over-func bodies; the
// results are set already.
func (f *fn) leaveAll(code int) {
	f.frame.iters[len(f.frame.iters)-1].returns = true
	f.leave(code)
}

// rangeFunc lowers a range over a function: the body becomes its argument.
func (f *fn) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	fun := f.pure(f.expr(s.X))
	it := &iter{ctl: f.tmp(intConst(0)), body: s.Body}
	state := f.tmp(intConst(0))
	yield := f.subst(sig.Params().At(0).Type()).Underlying().(*types.Signature)
	lit := &ir.FuncLit{T: f.p.erase(yield)}
	var args []ir.Expr
	for i := range yield.Params().Len() {
		v := f.fresh(f.p.erase(yield.Params().At(i).Type()))
		lit.Params = append(lit.Params, v)
		args = append(args, v)
	}
	t := f.newTarget(label, true)
	t.iter, t.calls = it, true
	body := f.within(t, func() {
		f.frame.iters = append(f.frame.iters, it)
		switch len(args) {
		case 1:
			f.setLoopVar(s, s.Key, args[0], f.subst(yield.Params().At(0).Type()))
		case 2:
			f.setLoopVars(s, args[0], f.subst(yield.Params().At(0).Type()), func() ir.Expr { return args[1] }, f.subst(yield.Params().At(1).Type()))
		}
		f.stmts(s.Body.List)
		f.frame.iters = f.frame.iters[:len(f.frame.iters)-1]
	})
	inner := &ir.FuncLit{Params: lit.Params, T: lit.T, Body: append(body, &ir.Return{Xs: []ir.Expr{boolConst(true)}}), Here: true}
	f.do(&ir.Call{Fun: fun, Args: []ir.Expr{f.yieldGuard(lit.T, f.tmp(inner), state)}})
	f.emit(&ir.If{Cond: equals(state, iterBusy), Then: []ir.Stmt{&ir.Do{X: f.rt("IterPanic", nil, intConst(0))}}})
	f.set(state, intConst(iterOver))
	f.afterIter(it)
}

// States of a loop, as rt.IterPanic names them.
const (
	iterDone = 1
	iterBusy = 2
	iterOver = 3
)

func equals(v *ir.Var, n int) ir.Expr {
	return &ir.Binary{Op: "==", X: v, Y: intConst(int64(n)), T: ir.Bool}
}

// yieldGuard wraps a loop body so that an iterator which goes on after the
// loop has ended panics, as it must.
func (f *fn) yieldGuard(t *ir.Type, body *ir.Var, state *ir.Var) ir.Expr {
	g := &ir.FuncLit{T: t, Here: true}
	call := &ir.Call{Fun: body, T: ir.Bool}
	for _, p := range t.Params {
		v := f.fresh(p)
		g.Params = append(g.Params, v)
		call.Args = append(call.Args, v)
	}
	g.Body = f.capture(func() {
		f.emit(&ir.If{
			Cond: &ir.Binary{Op: "!=", X: state, Y: intConst(0), T: ir.Bool},
			Then: []ir.Stmt{&ir.Do{X: f.rt("IterPanic", nil, state)}},
		})
		f.set(state, intConst(iterBusy))
		more := f.tmp(call)
		f.emit(&ir.If{
			Cond: &ir.Unary{Op: "!", X: more, T: ir.Bool},
			Then: []ir.Stmt{&ir.Assign{L: state, X: intConst(iterDone)}, &ir.Return{Xs: []ir.Expr{boolConst(false)}}},
		})
		f.set(state, intConst(0))
		f.emit(&ir.Return{Xs: []ir.Expr{boolConst(true)}})
	})
	return g
}

// afterIter goes where the body wanted to go.
func (f *fn) afterIter(it *iter) {
	if it.returns {
		f.emit(&ir.If{Cond: equals(it.ctl, leaveReturn), Then: f.capture(f.returnNow)})
	}
	for i, e := range it.exits {
		f.emit(&ir.If{Cond: equals(it.ctl, leaveExit+i), Then: f.capture(func() { f.jump(e.tok, e.to) })})
	}
}

// returnNow returns with the results that are set.
func (f *fn) returnNow() {
	switch {
	case len(f.frame.iters) > 0:
		f.leaveAll(leaveReturn)
	case f.frame.inner || f.frame.sig == nil:
		f.emit(&ir.Return{})
	default:
		f.resultVars()
		f.emit(&ir.Return{Xs: f.resultExprs()})
	}
}
