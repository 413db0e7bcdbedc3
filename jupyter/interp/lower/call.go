package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// genericFunc is the function that an expression f[T] instantiates, nil if it
// is an index.
func (f *fn) genericFunc(e ast.Expr) (*types.Func, *ast.Ident) {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil, nil
	}
	o, _ := f.src.info.ObjectOf(id).(*types.Func)
	return o, id
}

// typeArgs are the type arguments with which an identifier is instantiated.
func (f *fn) typeArgs(id *ast.Ident) []types.Type {
	inst, ok := f.src.info.Instances[id]
	if !ok {
		return nil
	}
	args := make([]types.Type, inst.TypeArgs.Len())
	for i := range args {
		args[i] = f.subst(inst.TypeArgs.At(i))
	}
	return args
}

// callee is the function that an object became; native tells whether it takes
// its variadic arguments spread.
func (f *fn) callee(id *ast.Ident, o *types.Func) (fun ir.Expr, native bool) {
	if name, ok := runtimeFuncs[o.FullName()]; ok {
		return &ir.Native{Pkg: ir.RT, Name: name}, true
	}
	args := f.typeArgs(id)
	if len(args) > 0 {
		if name := f.compiled(o, args[0]); name != "" {
			return &ir.Native{Pkg: ir.RT, Name: name}, true
		}
	}
	if f.p.bySrc[o.Pkg()] != nil || o.Pkg().Path() == f.p.main {
		return f.p.funcRef(o, args), false
	}
	if len(args) > 0 {
		if s := f.p.library(o.Pkg().Path()); s != nil {
			if g, ok := s.pkg.Scope().Lookup(o.Name()).(*types.Func); ok {
				return f.p.funcRef(g, args), false
			}
		}
		instead := "call a function that is not generic, or write it in a cell"
		if s := onCollection[o.FullName()]; s != "" {
			instead = s
		}
		panic(f.limit(id, "the generic function "+o.Pkg().Name()+"."+o.Name(), instead))
	}
	if o.FullName() == "testing.Main" {
		panic(f.limit(id, "testing.Main, which ends the process", "call the functions under test"))
	}
	return f.native(id, o.Pkg(), o.Name(), nil), true
}

// onCollection are functions about what the garbage collector does, and what to
// write instead: the interpreter holds values longer than compiled code does.
var onCollection = map[string]string{
	"weak.Make":          "values live longer in a cell than in compiled code: keep a pointer, and set it to nil when it is no longer needed",
	"runtime.AddCleanup": "values live longer in a cell than in compiled code: clean up with defer, or with a method that is called",
}

// compiled is the run time's instance of a generic function for a slice of a
// basic type, "" if it has none.
func (f *fn) compiled(o *types.Func, t types.Type) string {
	if e := f.p.erase(t); o.Pkg().Path() == "slices" && e.Kind == ir.Slice && e.Elem.Kind == ir.Basic {
		return rt.SliceFunc(o.Name(), e.Elem.Name)
	}
	return ""
}

// runtimeFuncs are functions of generic packages that the Go runtime provides,
// and those of our overlays that need what only compiled code has.
var runtimeFuncs = map[string]string{
	"slices.overlaps": "Overlaps", "maps.clone": "MapClone",
	"hash/maphash.hash": "Hash", "hash/maphash.write": "WriteHash",
	"crypto/hkdf.extract": "HKDFExtract", "crypto/hkdf.expand": "HKDFExpand", "crypto/hkdf.key": "HKDFKey", "crypto/pbkdf2.key": "PBKDF2Key",
}

// funcValue is a function as a value. It is always a literal: yaegi cannot
// return or store the name of a declared function.
func (f *fn) funcValue(id *ast.Ident, o *types.Func) ir.Expr {
	sig := o.Type().(*types.Signature)
	if args := f.typeArgs(id); len(args) > 0 {
		e := env{}
		for i, a := range args {
			e[sig.TypeParams().At(i)] = a
		}
		sig = f.p.subst(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic()), e).(*types.Signature)
	}
	fun, native := f.callee(id, o)
	return f.forward(sig, func(args []ir.Expr) ir.Expr {
		if native {
			return f.nativeCall(id, o, fun, sig, args)
		}
		if ref, ok := fun.(*ir.FuncRef); ok {
			fun = f.p.held(ref)
		}
		return f.callRef(fun, args)
	})
}

// forward writes a literal of the given signature that passes its arguments,
// a variadic tail as one slice, to call.
func (f *fn) forward(sig *types.Signature, call func(args []ir.Expr) ir.Expr) ir.Expr {
	t := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	lit := &ir.FuncLit{T: f.p.erase(t)}
	var args []ir.Expr
	for i := range sig.Params().Len() {
		v := f.fresh(f.p.erase(sig.Params().At(i).Type()))
		lit.Params = append(lit.Params, v)
		args = append(args, v)
	}
	lit.Body = f.capture(func() {
		c := f.withResultTypes(call(args), sig)
		if sig.Results().Len() == 0 {
			f.do(c)
			return
		}
		f.emit(&ir.Return{Xs: []ir.Expr{c}})
	})
	return lit
}

// withResultTypes completes a call with what it returns.
func (f *fn) withResultTypes(x ir.Expr, sig *types.Signature) ir.Expr {
	c, ok := x.(*ir.Call)
	if !ok {
		return x
	}
	switch n := sig.Results().Len(); n {
	case 0:
	case 1:
		c.T = f.p.erase(sig.Results().At(0).Type())
	default:
		c.Results = f.p.eraseAll(sig.Results())
	}
	return c
}

// arguments lowers the arguments of a call to the parameters' types; a
// variadic tail becomes one slice.
func (f *fn) arguments(call *ast.CallExpr, sig *types.Signature) []ir.Expr {
	xs, ts, consts := f.argValues(call, sig)
	arg := func(i int, to types.Type) ir.Expr {
		if consts[i] != nil {
			return f.to(consts[i], to)
		}
		return f.conv(xs[i], ts[i], to)
	}
	var out []ir.Expr
	n := sig.Params().Len()
	for i := range n {
		pt := f.p.norm(sig.Params().At(i).Type())
		if i < n-1 || !sig.Variadic() || call.Ellipsis != token.NoPos {
			out = append(out, arg(i, pt))
			continue
		}
		if len(xs) <= i {
			out = append(out, f.nilOf(pt))
			continue
		}
		tail := &ir.Lit{T: f.p.erase(pt)}
		for j := i; j < len(xs); j++ {
			tail.Vals = append(tail.Vals, arg(j, pt.Underlying().(*types.Slice).Elem()))
		}
		out = append(out, tail)
	}
	return out
}

// argValues evaluates arguments; constants and nil are left to be converted.
func (f *fn) argValues(call *ast.CallExpr, sig *types.Signature) (xs []ir.Expr, ts []types.Type, consts []ast.Expr) {
	if len(call.Args) == 1 {
		if _, ok := f.src.info.TypeOf(call.Args[0]).(*types.Tuple); ok { // f(g())
			xs, ts = f.values(call.Args[0])
			return xs, ts, make([]ast.Expr, len(xs))
		}
	}
	return f.inOrder(call.Args, func(i int) types.Type {
		last := sig.Params().Len() - 1
		if t := sig.Params().At(min(i, last)).Type(); i < last || !sig.Variadic() || call.Ellipsis != token.NoPos {
			return t
		} else if s, ok := t.Underlying().(*types.Slice); ok {
			return s.Elem()
		}
		return types.Typ[types.Byte] // append([]byte, string...)
	})
}

// hasCall tells whether running n calls code that may change variables.
func (f *fn) hasCall(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if tv := f.src.info.Types[n.Fun]; tv.IsType() || tv.IsBuiltin() {
				return true
			}
			found = true
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found = true
			}
		}
		return !found
	})
	return found
}

// call lowers a call, conversion or builtin.
func (f *fn) call(e *ast.CallExpr) ir.Expr {
	if f.src.info.Types[e.Fun].IsType() {
		return f.conversion(e.Args[0], f.typ(e.Fun))
	}
	fun := ast.Unparen(e.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		if b, ok := f.src.info.ObjectOf(id).(*types.Builtin); ok {
			return f.builtin(b.Name(), e)
		}
	}
	if s, ok := fun.(*ast.SelectorExpr); ok {
		if x := f.selectorCall(e, s); x != nil {
			return x
		}
	}
	sig := f.callSignature(e)
	target := fun
	switch x := fun.(type) {
	case *ast.IndexExpr:
		target = x.X
	case *ast.IndexListExpr:
		target = x.X
	}
	if o, id := f.genericFunc(target); o != nil && o.Type().(*types.Signature).Recv() == nil {
		if x := f.special(e, o); x != nil {
			return x
		}
		c, native := f.callee(id, o)
		args := f.arguments(e, sig)
		if native {
			return f.withResultTypes(f.nativeCall(e, o, c, sig, args), sig)
		}
		return f.withResultTypes(f.callRef(c, args), sig)
	}
	// a function value, evaluated before the arguments if it takes more than reading
	x := f.before(f.expr(fun))
	args := f.arguments(e, sig)
	if _, ok := x.(*ir.Var); !ok {
		x = f.pure(x)
	}
	c := &ir.Call{Fun: x, Args: args}
	if sig.Variadic() {
		c.Spread = f.nativeFuncVar(fun)
	}
	return f.withResultTypes(c, sig)
}

// callSignature is the signature of the called value in this copy.
func (f *fn) callSignature(e *ast.CallExpr) *types.Signature {
	s, ok := f.typ(e.Fun).Underlying().(*types.Signature)
	if !ok {
		panic(f.limit(e, "a call of a value of type "+f.typ(e.Fun).String(), ""))
	}
	return f.signature(s)
}

// nativeFuncVar tells whether a function value is a variable of a native
// package, which really is variadic.
func (f *fn) nativeFuncVar(e ast.Expr) bool {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if v, ok := f.src.info.ObjectOf(s.Sel).(*types.Var); ok && v.Pkg() != nil {
			return v.Pkg().Path() != f.p.main && f.p.bySrc[v.Pkg()] == nil
		}
	}
	return false
}

// values evaluates an expression of any number of values.
func (f *fn) values(e ast.Expr) ([]ir.Expr, []types.Type) {
	if c, ok := ast.Unparen(e).(*ast.CallExpr); ok && f.value(e) == nil && !f.src.info.Types[c.Fun].IsType() {
		tv := f.src.info.Types[e]
		if tv.IsVoid() {
			f.do(f.top(e))
			return nil, nil
		}
		if tup, ok := tv.Type.(*types.Tuple); ok {
			return f.several(f.top(c), tup)
		}
	}
	if f.isNil(e) {
		return []ir.Expr{&ir.Nil{T: ir.Anything}}, []types.Type{anyType}
	}
	return []ir.Expr{f.expr(e)}, []types.Type{f.valueType(e)}
}

// valueType is the type of an expression as a value: an untyped constant has
// its default type.
func (f *fn) valueType(e ast.Expr) types.Type { return types.Default(f.typ(e)) }

// several puts the results of a call into temporaries.
func (f *fn) several(x ir.Expr, tup *types.Tuple) ([]ir.Expr, []types.Type) {
	var vs []*ir.Var
	var xs []ir.Expr
	var ts []types.Type
	for i := range tup.Len() {
		t := f.subst(tup.At(i).Type())
		v := f.fresh(f.p.erase(t))
		vs, xs, ts = append(vs, v), append(xs, v), append(ts, t)
	}
	f.emit(&ir.DefineAll{Vs: vs, X: x})
	return xs, ts
}
