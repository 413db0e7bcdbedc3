package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// poll asks at a function's entry whether the cell has been stopped.
func (f *fn) poll() {
	stop := &ir.Var{Name: ir.Stop, T: ir.Bool, Global: true}
	f.emit(&ir.If{Cond: stop, Then: []ir.Stmt{&ir.Do{X: f.rt("Check", nil)}}})
}

// local declares the variable that an identifier defines.
func (f *fn) local(id *ast.Ident, t types.Type) *ir.Var {
	v := f.named(id.Name, t)
	if o := f.src.info.Defs[id]; o != nil {
		f.locals[o] = v
	}
	return v
}

func (f *fn) named(name string, t types.Type) *ir.Var {
	f.n++
	e := f.p.erase(t)
	f.nameable(e)
	return &ir.Var{Name: fmt.Sprintf("l%d_%s", f.n, name), T: e}
}

// nameable refuses variables of native types that have no name outside their
// package; their values can still be used in place: binary.LittleEndian.
func (f *fn) nameable(t *ir.Type) {
	e := t
	for e.Kind == ir.Pointer || e.Kind == ir.Slice || e.Kind == ir.Array {
		e = e.Elem
	}
	if e.Kind == ir.NativeOne && e.Pkg != "" && !token.IsExported(e.Name) {
		panic(&Limit{What: "a variable of the unexported type " + e.Pkg + "." + e.Name, Instead: "use its methods without storing it"})
	}
}

// fresh is a new temporary.
func (f *fn) fresh(t *ir.Type) *ir.Var {
	f.nameable(t)
	f.n++
	return &ir.Var{Name: fmt.Sprintf("z%d", f.n), T: t}
}

// tmp evaluates x now.
func (f *fn) tmp(x ir.Expr) *ir.Var {
	v := f.fresh(x.Type())
	f.emit(&ir.Define{V: v, X: x})
	return v
}

// again is an expression that may be evaluated twice.
func (f *fn) again(x ir.Expr) ir.Expr {
	switch x.(type) {
	case *ir.Var, *ir.Const, *ir.Nil:
		return x
	}
	return f.tmp(x)
}

// pure keeps x if nothing can change it any more, else evaluates it now.
func (f *fn) pure(x ir.Expr) ir.Expr {
	switch x := x.(type) {
	case *ir.Const, *ir.Nil, *ir.FuncRef:
		return x
	case *ir.Var:
		if x.Name[0] == 'z' {
			return x
		}
	}
	return f.tmp(x)
}

func (f *fn) emit(s ir.Stmt) { *f.out = append(*f.out, s) }
func (f *fn) do(x ir.Expr)   { f.emit(&ir.Do{X: x}) }

// set assigns. A struct literal goes through a temporary: yaegi would put a new
// struct in the variable's place, which pointers to the variable do not see.
func (f *fn) set(l, x ir.Expr) {
	if lit, ok := x.(*ir.Lit); ok && (lit.T.Kind == ir.Named || lit.T.Kind == ir.Struct) {
		x = f.tmp(x)
	}
	f.emit(&ir.Assign{L: l, X: x})
}

// capture collects what gen emits.
func (f *fn) capture(gen func()) []ir.Stmt {
	old := f.out
	var ss []ir.Stmt
	f.out = &ss
	gen()
	f.out = old
	return ss
}

// rt is a call of the run time.
func (f *fn) rt(name string, t *ir.Type, args ...ir.Expr) *ir.Call {
	return &ir.Call{Fun: &ir.Native{Pkg: ir.RT, Name: name}, Args: args, T: t}
}

func (f *fn) subst(t types.Type) types.Type { return f.p.norm(f.p.subst(t, f.env)) }

// typ is the type of an expression in this copy of the function.
func (f *fn) typ(e ast.Expr) types.Type {
	if tv, ok := f.src.info.Types[e]; ok && tv.Type != nil {
		return f.subst(tv.Type)
	}
	if id, ok := e.(*ast.Ident); ok {
		if o := f.src.info.ObjectOf(id); o != nil {
			return f.subst(o.Type())
		}
	}
	panic(f.limit(e, "an expression without a type", ""))
}

func (f *fn) limit(n ast.Node, what, instead string) *Limit {
	l := &Limit{What: what, Instead: instead}
	switch {
	case n == nil || f.src.std:
	case f.src.mod != nil:
		f.p.in = n.Pos()
	default:
		l.Pos = n.Pos()
	}
	return l
}

func intConst(n int64) ir.Expr { return &ir.Const{Val: constInt(n), T: ir.Int} }

func boolConst(b bool) ir.Expr { return &ir.Const{Val: constBool(b), T: ir.Bool} }

func strConst(s string) ir.Expr { return &ir.Const{Val: constString(s), T: ir.String} }
