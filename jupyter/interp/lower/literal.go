package lower

import (
	"go/ast"
	"go/constant"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

func (f *fn) composite(e *ast.CompositeLit) ir.Expr {
	t := f.typ(e)
	ptr, isPtr := t.Underlying().(*types.Pointer)
	if isPtr { // &T left out in a literal of pointers
		t = f.p.norm(ptr.Elem())
	}
	lit := &ir.Lit{T: f.p.erase(t)}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		f.structLit(lit, e, u)
	case *types.Map:
		later := f.lastCall(e.Elts)
		for i, el := range e.Elts {
			kv := el.(*ast.KeyValueExpr)
			k, v := f.key(kv.Key, u), f.to(kv.Value, u.Elem())
			if i < later {
				k, v = f.before(k), f.before(v)
			}
			lit.Keys = append(lit.Keys, k)
			lit.Vals = append(lit.Vals, v)
		}
	case *types.Slice:
		f.listLit(lit, e, u.Elem())
	case *types.Array:
		f.listLit(lit, e, u.Elem())
	}
	if !isPtr {
		return lit
	}
	pt := ir.PointerTo(lit.T)
	if _, ok := t.Underlying().(*types.Struct); ok {
		return &ir.AddrOf{X: lit, T: pt}
	}
	return &ir.AddrOf{X: f.tmp(lit), T: pt}
}

func (f *fn) structLit(lit *ir.Lit, e *ast.CompositeLit, u *types.Struct) {
	later := f.lastCall(e.Elts)
	for i, el := range e.Elts {
		k, v := i, el
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			v = kv.Value
			k = fieldIndex(u, kv.Key.(*ast.Ident).Name)
		}
		x := f.to(v, f.subst(u.Field(k).Type()))
		if i < later {
			x = f.before(x)
		}
		if u.Field(k).Name() == "_" { // stays zero, so that it never matters to ==
			continue
		}
		lit.Names = append(lit.Names, fieldName(u, k))
		lit.Vals = append(lit.Vals, x)
	}
}

func fieldIndex(u *types.Struct, name string) int {
	for i := range u.NumFields() {
		if u.Field(i).Name() == name {
			return i
		}
	}
	return -1
}

func (f *fn) listLit(lit *ir.Lit, e *ast.CompositeLit, elem types.Type) {
	keyed := false
	later := f.lastCall(e.Elts)
	for i, el := range e.Elts {
		var key ir.Expr
		if kv, ok := el.(*ast.KeyValueExpr); ok {
			n, _ := constant.Int64Val(constant.ToInt(f.value(kv.Key)))
			key, el, keyed = intConst(n), kv.Value, true
		}
		lit.Keys = append(lit.Keys, key)
		x := f.to(el, elem)
		if i < later {
			x = f.before(x)
		}
		lit.Vals = append(lit.Vals, x)
	}
	if !keyed {
		lit.Keys = nil
	}
}

func isConst(x ir.Expr) bool {
	_, ok := x.(*ir.Const)
	return ok
}

// key is a key of a map. A bare nil would have no type there.
func (f *fn) key(e ast.Expr, m *types.Map) ir.Expr {
	x := f.to(e, m.Key())
	if c, ok := x.(*ir.Convert); ok && isInterface(m.Key()) && isConst(c.X) {
		return f.tmp(&ir.Convert{X: f.tmp(c.X), T: c.T}) // int(0) and int8(0) are the same constant to yaegi's compiler
	}
	if t := f.typ(e); x.Type() == ir.Anything && (isInterface(t) || !types.Comparable(t)) {
		x = f.tmp(f.rt("Key", ir.Anything, x))
	}
	if n, ok := x.(*ir.Nil); ok {
		v := f.fresh(n.T)
		f.emit(&ir.Define{V: v})
		return v
	}
	return x
}
