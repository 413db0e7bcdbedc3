package lower

import (
	"go/ast"
	"go/constant"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

func constInt(n int64) constant.Value     { return constant.MakeInt64(n) }
func constBool(b bool) constant.Value     { return constant.MakeBool(b) }
func constString(s string) constant.Value { return constant.MakeString(s) }

// value is the constant value of an expression, nil if it is none.
func (f *fn) value(e ast.Expr) constant.Value {
	if tv, ok := f.src.info.Types[e]; ok {
		return tv.Value
	}
	return nil
}

func (f *fn) isNil(e ast.Expr) bool {
	tv, ok := f.src.info.Types[e]
	return ok && tv.IsNil()
}

// constant is a folded constant of type t; an interface type takes the
// constant's default type.
func (f *fn) constant(v constant.Value, t types.Type) ir.Expr {
	if isInterface(t) {
		d := defaultType(v)
		return f.conv(f.constant(v, d), d, t)
	}
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		panic(f.limit(nil, "a constant of type "+t.String(), ""))
	}
	if b.Info()&types.IsUntyped != 0 {
		b, _ = types.Default(b).(*types.Basic)
		t = b
	}
	switch {
	case b.Info()&types.IsInteger != 0:
		v = constant.ToInt(v)
	case b.Info()&types.IsFloat != 0:
		v = constant.ToFloat(v)
	case b.Info()&types.IsComplex != 0:
		v = constant.ToComplex(v)
	}
	e := f.p.erase(t)
	if e.Kind == ir.NativeOne { // time.Duration: the kind decides how it is written
		return &ir.Convert{X: &ir.Const{Val: v, T: f.p.erase(b)}, T: e}
	}
	return &ir.Const{Val: v, T: e}
}

func defaultType(v constant.Value) types.Type {
	switch v.Kind() {
	case constant.Bool:
		return types.Typ[types.Bool]
	case constant.String:
		return types.Typ[types.String]
	case constant.Int:
		return types.Typ[types.Int]
	case constant.Float:
		return types.Typ[types.Float64]
	}
	return types.Typ[types.Complex128]
}

// nativeConst is a constant of a native package whose type has no name outside
// of it, such as graph.Empty: it cannot be written as a conversion.
func (f *fn) nativeConst(e ast.Expr) ir.Expr {
	n, ok := f.typ(e).(*types.Named)
	if !ok || n.Obj().Exported() || f.p.isNotebook(n) || n.Obj().Pkg() == nil {
		return nil
	}
	var o types.Object
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		o = f.src.info.ObjectOf(e.Sel)
	case *ast.Ident:
		o = f.src.info.ObjectOf(e)
	}
	c, ok := o.(*types.Const)
	if !ok || c.Pkg() == nil || f.p.bySrc[c.Pkg()] != nil {
		panic(f.limit(e, "a constant of the unexported type "+f.p.name(n), "use its methods without storing it"))
	}
	return f.native(e, c.Pkg(), c.Name(), f.p.erase(n))
}

// operand is an operand of an operation in type t; an untyped constant takes
// that type.
func (f *fn) operand(e ast.Expr, t types.Type) ir.Expr {
	if v := f.value(e); v != nil {
		if b, ok := f.typ(e).(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && !isInterface(t) {
			return f.constant(v, t)
		}
	}
	return f.expr(e)
}
