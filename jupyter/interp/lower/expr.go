package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// expr lowers an expression to one without effects: calls, receives and
// assertions are evaluated into temporaries, left to right.
func (f *fn) expr(e ast.Expr) ir.Expr {
	x := f.top(e)
	switch x := x.(type) {
	case *ir.Call:
		if x.T == nil {
			return x
		}
		return f.tmp(x)
	case *ir.FuncLit:
		// a literal passed on directly shares the variables of the loop around it
		return f.tmp(x)
	case *ir.Builtin:
		switch x.Name {
		case "len", "cap", "real", "imag":
		default:
			return f.tmp(x)
		}
	}
	return x
}

// to lowers an expression and converts it for assignment to type t.
func (f *fn) to(e ast.Expr, t types.Type) ir.Expr {
	if f.isNil(e) {
		return f.nilOf(t)
	}
	if v := f.value(e); v != nil && !isInterface(t) {
		return f.constant(v, t)
	}
	return f.conv(f.expr(e), f.typ(e), t)
}

// toTop is to without a temporary for a call whose result needs no conversion.
func (f *fn) toTop(e ast.Expr, t types.Type) ir.Expr {
	if f.isNil(e) || f.value(e) != nil {
		return f.to(e, t)
	}
	from := f.typ(e)
	if !isInterface(t) || types.Identical(from, t) {
		return f.conv(f.top(e), from, t)
	}
	return f.to(e, t)
}

func (f *fn) nilOf(t types.Type) ir.Expr { return &ir.Nil{T: f.p.erase(t)} }

// top lowers an expression; the result may be a call that is still to be made.
func (f *fn) top(e ast.Expr) ir.Expr {
	if v := f.value(e); v != nil {
		if x := f.nativeConst(e); x != nil {
			return x
		}
		return f.constant(v, f.typ(e))
	}
	marked := false
	if _, ok := e.(*ast.CallExpr); !ok {
		marked = f.markLine(e)
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return f.top(e.X)
	case *ast.Ident:
		return f.ident(e)
	case *ast.FuncLit:
		return f.funcLit(e)
	case *ast.CompositeLit:
		return f.composite(e)
	case *ast.SelectorExpr:
		return f.selector(e)
	case *ast.IndexExpr:
		if o, id := f.genericFunc(e.X); o != nil {
			return f.funcValue(id, o)
		}
		return f.tried(f.index(e), marked)
	case *ast.IndexListExpr:
		o, id := f.genericFunc(e.X)
		return f.funcValue(id, o)
	case *ast.SliceExpr:
		return f.tried(f.slice(e), marked)
	case *ast.StarExpr:
		return &ir.Deref{X: f.expr(e.X), T: f.p.erase(f.typ(e))}
	case *ast.TypeAssertExpr:
		v, _ := f.assert(f.expr(e.X), f.typ(e.X), f.typ(e.Type), false)
		return v
	case *ast.UnaryExpr:
		return f.unary(e)
	case *ast.BinaryExpr:
		return f.binary(e)
	case *ast.CallExpr:
		x := f.call(e)
		f.markLine(e)
		return x
	}
	panic(f.limit(e, "this expression", ""))
}

func (f *fn) ident(e *ast.Ident) ir.Expr {
	switch o := f.src.info.ObjectOf(e).(type) {
	case *types.Nil:
		return &ir.Nil{T: ir.Anything}
	case *types.Var:
		return f.variable(e, o)
	case *types.Func:
		return f.funcValue(e, o)
	case *types.Const:
		return f.constant(o.Val(), f.typ(e))
	}
	panic(f.limit(e, "the name "+e.Name+" here", ""))
}

func (f *fn) variable(n ast.Node, o *types.Var) ir.Expr {
	if v := f.locals[o]; v != nil {
		return v
	}
	if v := f.p.vars[o]; v != nil {
		return v
	}
	pkg := o.Pkg()
	if pkg == nil || pkg.Path() == f.p.main || f.p.bySrc[pkg] != nil {
		if o.Parent() == nil || pkg == nil || o.Parent() == pkg.Scope() || f.p.top[o] {
			if s := f.p.bySrc[pkg]; s != nil && s.std && s.hasValue(o) {
				panic(f.limit(n, "the package variable "+pkg.Name()+"."+o.Name(), ""))
			}
			return f.p.packageVar(o)
		}
		panic(f.limit(n, "the variable "+o.Name()+" here (internal error: it was never declared)", "please report it with the cell"))
	}
	return f.native(n, pkg, o.Name(), f.p.erase(o.Type()))
}

// native is a symbol of a native package.
func (f *fn) native(n ast.Node, pkg *types.Package, name string, t *ir.Type) *ir.Native {
	if f.p.opt.Has != nil && !f.p.opt.Has(pkg.Path(), name) {
		panic(f.limit(n, pkg.Name()+"."+name, "the interpreter has no "+name+" of package "+pkg.Path()))
	}
	f.p.paths[pkg.Path()] = true
	return &ir.Native{Pkg: pkg.Path(), Name: name, T: t}
}

func (f *fn) funcLit(e *ast.FuncLit) ir.Expr {
	sig := f.typ(e).(*types.Signature)
	lit := &ir.FuncLit{Params: f.params(e.Type, sig), T: f.p.erase(sig)}
	fr := &frame{sig: sig, recovers: f.src.recovering(e.Body), computes: sig.Results().Len() > 0 && !f.hasCall(e.Body)}
	f.function(&lit.Body, fr, func() { f.stmts(e.Body.List) }, deferring(e.Body.List) || handler(sig), resultIdents(e.Type))
	return lit
}

func (f *fn) unary(e *ast.UnaryExpr) ir.Expr {
	t := f.p.erase(f.typ(e))
	switch e.Op {
	case token.AND:
		x := ast.Unparen(e.X)
		if c, ok := x.(*ast.CompositeLit); ok {
			if _, ok := f.typ(c).Underlying().(*types.Struct); ok {
				return &ir.AddrOf{X: f.composite(c), T: t}
			}
			return &ir.AddrOf{X: f.tmp(f.composite(c)), T: t}
		}
		return &ir.AddrOf{X: f.top(x), T: t}
	case token.ARROW:
		return f.receiveOne(f.expr(e.X), f.typ(e.X).Underlying().(*types.Chan).Elem())
	case token.SUB:
		// yaegi's negation of a float loses the sign of zero
		if b, ok := f.typ(e).Underlying().(*types.Basic); ok && b.Info()&types.IsFloat != 0 {
			minus := f.constant(constant.MakeInt64(-1), f.typ(e))
			return &ir.Binary{Op: "*", X: minus, Y: f.expr(e.X), T: t}
		}
	}
	return &ir.Unary{Op: e.Op.String(), X: f.expr(e.X), T: t}
}

func (f *fn) binary(e *ast.BinaryExpr) ir.Expr {
	switch e.Op {
	case token.LAND, token.LOR:
		return f.shortcut(e)
	case token.EQL, token.NEQ:
		return f.comparison(e)
	case token.SHL, token.SHR:
		x := f.beforeCalls(f.expr(e.X), e.Y)
		return &ir.Binary{Op: e.Op.String(), X: x, Y: f.shiftCount(e.Y), T: x.Type()}
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		t := f.typ(e.X)
		if f.value(e.X) != nil {
			t = f.typ(e.Y)
		}
		x := f.beforeCalls(f.operand(e.X, t), e.Y)
		return &ir.Binary{Op: e.Op.String(), X: x, Y: f.operand(e.Y, t), T: ir.Bool}
	}
	t := f.typ(e)
	x := f.beforeCalls(f.operand(e.X, t), e.Y)
	return f.operation(e.Op, x, f.operand(e.Y, t), t)
}

func isFloat(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsFloat != 0
}

// operation applies an arithmetic operator.
func (f *fn) operation(op token.Token, x, y ir.Expr, t types.Type) ir.Expr {
	et := f.p.erase(t)
	if c, ok := y.(*ir.Const); ok && op == token.SUB && isFloat(t) && constant.Sign(c.Val) == 0 {
		return x // yaegi makes x - 0 of −0 to 0
	}
	if op == token.AND_NOT {
		return &ir.Binary{Op: "&", X: x, Y: &ir.Unary{Op: "^", X: y, T: et}, T: et}
	}
	return &ir.Binary{Op: op.String(), X: x, Y: y, T: et}
}

// shiftCount is a shift count as an unsigned number.
func (f *fn) shiftCount(e ast.Expr) ir.Expr {
	if v := f.value(e); v != nil {
		return &ir.Const{Val: constant.ToInt(v), T: ir.Uint64}
	}
	x := f.expr(e)
	if b, ok := f.typ(e).Underlying().(*types.Basic); ok && b.Info()&types.IsUnsigned != 0 {
		return &ir.Convert{X: x, T: ir.Uint64}
	}
	return f.rt("Sh", ir.Uint64, &ir.Convert{X: x, T: ir.Int64})
}

// shortcut is && and ||; a right operand that needs statements goes into an if.
func (f *fn) shortcut(e *ast.BinaryExpr) ir.Expr {
	x := f.made(f.expr(e.X))
	var y ir.Expr
	pre := f.capture(func() { y = f.made(f.expr(e.Y)) })
	if len(pre) == 0 {
		return &ir.Binary{Op: e.Op.String(), X: x, Y: y, T: ir.Bool}
	}
	v := f.tmp(x)
	var cond ir.Expr = v
	if e.Op == token.LOR {
		cond = &ir.Unary{Op: "!", X: v, T: ir.Bool}
	}
	f.emit(&ir.If{Cond: cond, Then: append(pre, &ir.Assign{L: v, X: y})})
	return v
}

// made is a condition without composite literals: yaegi never makes those that
// stand under && and || or select a field of one.
func (f *fn) made(x ir.Expr) ir.Expr {
	found := false
	ir.Walk([]ir.Stmt{&ir.Do{X: x}}, func(n any) bool {
		_, lit := n.(*ir.Lit)
		found = found || lit
		return !found
	})
	if found {
		return f.tmp(x)
	}
	return x
}

func (f *fn) comparison(e *ast.BinaryExpr) ir.Expr {
	op := e.Op.String()
	if f.isNil(e.X) {
		return f.nilTest(op, e.Y)
	}
	if f.isNil(e.Y) {
		return f.nilTest(op, e.X)
	}
	xt, yt := f.typ(e.X), f.typ(e.Y)
	if f.value(e.X) != nil && !isInterface(yt) {
		xt = yt
	}
	if f.value(e.Y) != nil && !isInterface(xt) {
		yt = xt
	}
	x := f.beforeCalls(f.operand(e.X, xt), e.Y)
	return f.equal(op, x, xt, f.operand(e.Y, yt), yt)
}

func (f *fn) nilTest(op string, e ast.Expr) ir.Expr {
	x := f.expr(e)
	if _, ok := x.(*ir.Nil); ok { // yaegi's compiler cannot compare nil with nil
		return boolConst(op == "==")
	}
	if c, ok := ast.Unparen(e).(*ast.CallExpr); ok && f.src.info.Types[c.Fun].IsType() &&
		isInterface(f.typ(e)) && !isInterface(f.typ(c.Args[0])) && !f.isNil(c.Args[0]) {
		f.tmp(x) // yaegi would look through the conversion of a nil pointer
		return boolConst(op == "!=")
	}
	return &ir.Binary{Op: op, X: x, Y: &ir.Nil{T: x.Type()}, T: ir.Bool}
}

// equal compares two values; interfaces, structs and arrays in the run time.
func (f *fn) equal(op string, x ir.Expr, xt types.Type, y ir.Expr, yt types.Type) ir.Expr {
	slow := isInterface(xt) || isInterface(yt)
	if slow {
		x, y = f.comparable(x, xt), f.comparable(y, yt)
	} else {
		switch xt.Underlying().(type) {
		case *types.Struct, *types.Array:
			slow = true
		}
	}
	if !slow {
		if x.Type().Kind == ir.Chan && x.Type().Dir != y.Type().Dir { // yaegi wants one direction
			if x.Type().Dir == ir.Both {
				x = &ir.Convert{X: x, T: y.Type()}
			} else {
				y = &ir.Convert{X: y, T: x.Type()}
			}
		}
		return &ir.Binary{Op: op, X: x, Y: y, T: ir.Bool}
	}
	eq := f.tmp(f.rt("Eq", ir.Bool, x, y))
	if op == "!=" {
		return &ir.Unary{Op: "!", X: eq, T: ir.Bool}
	}
	return eq
}

// comparable is a value in a form that rt.Eq compares.
func (f *fn) comparable(x ir.Expr, t types.Type) ir.Expr {
	if f.p.isNative(t) {
		return x
	}
	return f.conv(x, t, anyType)
}
