package rt

import (
	"reflect"
	"slices"
)

// Which of the notebook's types fit which: reflect knows it of its own alone.

// TypeAssignableTo is AssignableTo of a reflect.Type.
func (r *Runtime) TypeAssignableTo(t, u reflect.Type) bool {
	a, b := r.descOf(t), r.descOf(u)
	switch {
	case a == nil && b == nil:
		return t.AssignableTo(u)
	case r.sameType(t, u):
		return true
	case u.Kind() == reflect.Interface:
		return r.TypeImplements(t, u)
	case r.hasName(t) && r.hasName(u):
		return false
	case t.Kind() == reflect.Chan && u.Kind() == reflect.Chan && t.ChanDir() == reflect.BothDir:
		return a != nil && b != nil && a.Elem == b.Elem && a.ElemOf == b.ElemOf && bareType(t).Elem() == bareType(u).Elem()
	}
	return r.alike(t, u, true)
}

// TypeConvertibleTo is ConvertibleTo of a reflect.Type.
func (r *Runtime) TypeConvertibleTo(t, u reflect.Type) bool {
	a, b := r.descOf(t), r.descOf(u)
	x, y := bareType(t), bareType(u)
	switch {
	case a == nil && b == nil:
		return t.ConvertibleTo(u)
	case r.TypeAssignableTo(t, u), r.alike(t, u, false):
		return true
	case u.Kind() == reflect.Interface:
		return false
	case basicKind(t) || basicKind(u):
		return x.ConvertibleTo(y)
	case t.Kind() == reflect.Pointer && u.Kind() == reflect.Pointer && !r.hasName(t) && !r.hasName(u):
		return r.alike(t.Elem(), u.Elem(), false)
	case t.Kind() == reflect.Slice && u.Kind() == reflect.Array:
		return r.sameType(t.Elem(), u.Elem())
	case t.Kind() == reflect.Slice && u.Kind() == reflect.Pointer && u.Elem().Kind() == reflect.Array:
		return r.sameType(t.Elem(), u.Elem().Elem())
	}
	return false
}

func (r *Runtime) sameType(t, u reflect.Type) bool { return t == u }

func (r *Runtime) hasName(t reflect.Type) bool {
	if d := r.descOf(t); d != nil {
		return d.Own
	}
	return t.Name() != ""
}

// alike tells whether the types below two types are the same, with the tags of
// their fields or whatever those are.
func (r *Runtime) alike(t, u reflect.Type, tags bool) bool {
	a, b := r.descOf(t), r.descOf(u)
	if t.Kind() != u.Kind() || a != nil && a.face || b != nil && b.face {
		return false
	}
	switch t.Kind() {
	case reflect.Struct:
		return r.sameFields(t, u, tags)
	case reflect.Pointer, reflect.Slice:
		return r.sameType(t.Elem(), u.Elem())
	case reflect.Array:
		return t.Len() == u.Len() && r.sameType(t.Elem(), u.Elem())
	case reflect.Chan:
		return t.ChanDir() == u.ChanDir() && r.sameType(t.Elem(), u.Elem())
	case reflect.Map:
		return r.sameType(t.Key(), u.Key()) && r.sameType(t.Elem(), u.Elem())
	case reflect.Func:
		return t.IsVariadic() == u.IsVariadic() && slices.Equal(parts(t.NumIn, t.In), parts(u.NumIn, u.In)) && slices.Equal(parts(t.NumOut, t.Out), parts(u.NumOut, u.Out))
	}
	return basicKind(t)
}

func parts(n func() int, part func(int) reflect.Type) []reflect.Type {
	ts := make([]reflect.Type, n())
	for i := range ts {
		ts[i] = part(i)
	}
	return ts
}

func (r *Runtime) sameFields(t, u reflect.Type, tags bool) bool {
	if r.TypeNumField(t) != r.TypeNumField(u) {
		return false
	}
	for i := range r.TypeNumField(t) {
		f, g := r.TypeField(t, i), r.TypeField(u, i)
		if f.Name != g.Name || f.PkgPath != g.PkgPath || f.Anonymous != g.Anonymous || !r.sameType(f.Type, g.Type) || tags && f.Tag != g.Tag {
			return false
		}
	}
	return true
}

// basicKind tells whether a type has no parts.
func basicKind(t reflect.Type) bool {
	return t.Kind() <= reflect.Complex128 || t.Kind() == reflect.String
}
