package rt

import (
	"fmt"
	"reflect"
	"strings"
)

// Functions of package reflect that make and change values. Those of types that
// reflect takes for others carry their types on.

// bare is v without the number of its type.
func (r *Runtime) bare(v reflect.Value) reflect.Value {
	if r.tagged(v) != nil {
		*flags(&v) &= 1<<tagShift - 1
	}
	return v
}

// made tags what make gives for a type.
func (r *Runtime) made(t reflect.Type, make func(reflect.Type) reflect.Value) reflect.Value {
	if a, ok := t.(authorType); ok {
		return r.tag(make(a.Type), a.id)
	}
	return make(r.RealType(t))
}

func (r *Runtime) ValueMakeSlice(t reflect.Type, n, c int) reflect.Value {
	return r.made(t, func(t reflect.Type) reflect.Value { return reflect.MakeSlice(t, n, c) })
}

func (r *Runtime) ValueMakeMap(t reflect.Type) reflect.Value { return r.made(t, reflect.MakeMap) }

func (r *Runtime) ValueMakeMapWithSize(t reflect.Type, n int) reflect.Value {
	return r.made(t, func(t reflect.Type) reflect.Value { return reflect.MakeMapWithSize(t, n) })
}

func (r *Runtime) ValueMakeChan(t reflect.Type, n int) reflect.Value {
	return r.made(t, func(t reflect.Type) reflect.Value { return reflect.MakeChan(t, n) })
}

// ValueConvert is Convert of a reflect.Value.
func (r *Runtime) ValueConvert(v reflect.Value, t reflect.Type) reflect.Value {
	if _, ok := t.(authorType); !ok && t.Kind() == reflect.Interface && r.tagged(v) != nil {
		return reflect.ValueOf([]any{r.ValueInterface(v)}).Index(0).Convert(t)
	}
	return r.made(t, r.bare(v).Convert)
}

// composite is the type of a kind over the parts key and elem, of which one is
// the notebook's: reflect can name it if a cell has.
func (r *Runtime) composite(what string, plain func() reflect.Type, fits func(*Desc) bool, parts ...reflect.Type) reflect.Type {
	own := false
	for i, p := range parts {
		_, ok := p.(authorType)
		own = own || ok
		if !ok {
			parts[i] = r.RealType(p)
		}
	}
	if !own {
		return plain()
	}
	for _, d := range r.descs.Load().byID {
		if d.typ != nil && !d.Own && fits(d) {
			return authorType{d.typ, r, d.ID}
		}
	}
	panic(fmt.Sprintf("a cell cannot use reflect's %s here: it cannot tell %s from %v, and no cell has such a type in a variable; make the value without reflect", what, parts[len(parts)-1], parts[len(parts)-1].(authorType).Type))
}

// partIs tells whether a part of a described type is t.
func (r *Runtime) partIs(id int, real, t reflect.Type) bool {
	if a, ok := t.(authorType); ok {
		return a.id == id
	}
	d := r.desc(id)
	return real == t && (d == nil || !d.Boxed)
}

func (r *Runtime) TypeSliceOf(t reflect.Type) reflect.Type {
	return r.composite("SliceOf", func() reflect.Type { return reflect.SliceOf(t) }, func(d *Desc) bool {
		return d.typ.Kind() == reflect.Slice && r.partIs(d.Elem, d.typ.Elem(), t)
	}, t)
}

func (r *Runtime) TypePointerTo(t reflect.Type) reflect.Type {
	return r.composite("PointerTo", func() reflect.Type { return reflect.PointerTo(t) }, func(d *Desc) bool {
		return d.typ.Kind() == reflect.Pointer && r.partIs(d.Elem, d.typ.Elem(), t)
	}, t)
}

func (r *Runtime) TypeMapOf(k, e reflect.Type) reflect.Type {
	if _, ok := e.(authorType); !ok { // the refusal names the last part
		if _, ok := k.(authorType); ok {
			return r.composite("MapOf", nil, r.mapFits(k, e), e, k)
		}
	}
	return r.composite("MapOf", func() reflect.Type { return reflect.MapOf(k, e) }, r.mapFits(k, e), k, e)
}

func (r *Runtime) mapFits(k, e reflect.Type) func(*Desc) bool {
	return func(d *Desc) bool {
		return d.typ.Kind() == reflect.Map && r.partIs(d.Key, d.typ.Key(), k) && r.partIs(d.Elem, d.typ.Elem(), e)
	}
}

// ValueAppend and ValueAppendSlice are Append and AppendSlice.
func (r *Runtime) ValueAppend(s reflect.Value, xs []reflect.Value) reflect.Value {
	d := r.tagged(s)
	in := make([]reflect.Value, len(xs))
	for i, x := range xs {
		in[i] = r.stored("reflect.Set", x, s.Type().Elem(), r.elemOf(d))
	}
	return r.retag(reflect.Append(r.bare(s), in...), d)
}

func (r *Runtime) ValueAppendSlice(s, t reflect.Value) reflect.Value {
	d, e := r.tagged(s), r.tagged(t)
	if (d != nil || e != nil) && r.elemOf(d) != r.elemOf(e) {
		panic(fmt.Sprintf("reflect.AppendSlice: %v != %v", r.ValueType(s), r.ValueType(t)))
	}
	return r.retag(reflect.AppendSlice(r.bare(s), r.bare(t)), d)
}

func (r *Runtime) retag(v reflect.Value, d *Desc) reflect.Value {
	if d == nil {
		return v
	}
	return r.tag(v, d.ID)
}

// elemOf is the boxed element type of a type, nil if reflect knows it.
func (r *Runtime) elemOf(d *Desc) *Desc { return r.boxedPart(d, func(d *Desc) int { return d.Elem }) }

func (r *Runtime) boxedPart(d *Desc, part func(*Desc) int) *Desc {
	if d == nil {
		return nil
	}
	if e := r.desc(part(d)); e != nil && e.Boxed {
		return e
	}
	return nil
}

// stored is x for a place of type t, which is the notebook's own type d if that
// is not nil. It panics as reflect does if x is of another type.
func (r *Runtime) stored(what string, x reflect.Value, t reflect.Type, d *Desc) reflect.Value {
	have := r.tagged(x)
	switch {
	case !x.IsValid() || have == nil && d == nil || have == d:
		return r.bare(x)
	case t.Kind() == reflect.Interface && d == nil:
		if t.NumMethod() > 0 {
			return r.Untagged(x, what)
		}
		return reflect.ValueOf(r.ValueInterface(x))
	case x.Type() == t && !(hasName(have, x.Type()) && hasName(d, t)):
		key := func(d *Desc) int { return d.Key }
		if t.Kind() == reflect.Func || t.Kind() == reflect.Struct { // whose parts are not compared
			if have == nil {
				x = r.tag(x, d.ID)
			}
			return r.Untagged(x, strings.TrimPrefix(strings.TrimPrefix(what, "reflect."), "Value."))
		} else if r.elemOf(have) == r.elemOf(d) && r.boxedPart(have, key) == r.boxedPart(d, key) {
			return r.bare(x)
		}
	}
	want := r.TypeString(t)
	if d != nil {
		want = d.Name
	}
	panic(fmt.Sprintf("%s: value of type %s is not assignable to type %s", what, r.TypeString(r.ValueType(x)), want))
}

// hasName tells whether a type has a name: d's, if reflect does not know it.
func hasName(d *Desc, t reflect.Type) bool {
	if d != nil {
		return d.Own
	}
	return t.Name() != ""
}

// ValueSet and ValueSetMapIndex are Set and SetMapIndex of a reflect.Value.
func (r *Runtime) ValueSet(v, x reflect.Value) {
	d := r.tagged(v)
	r.bare(v).Set(r.stored("reflect.Set", x, v.Type(), d))
}

func (r *Runtime) ValueSetMapIndex(v, key, x reflect.Value) {
	d := r.tagged(v)
	k := r.stored("reflect.Value.SetMapIndex", key, v.Type().Key(), r.boxedPart(d, func(d *Desc) int { return d.Key }))
	r.bare(v).SetMapIndex(k, r.stored("reflect.Value.SetMapIndex", x, v.Type().Elem(), r.elemOf(d)))
}

// ValueSend, ValueRecv, ValueSlice and ValueSlice3 are methods of a reflect.Value.
func (r *Runtime) ValueSend(v, x reflect.Value) {
	d := r.tagged(v)
	r.bare(v).Send(r.stored("reflect.Value.Send", x, v.Type().Elem(), r.elemOf(d)))
}

func (r *Runtime) ValueRecv(v reflect.Value) (reflect.Value, bool) {
	x, ok := r.bare(v).Recv()
	return r.retag(x, r.elemOf(r.tagged(v))), ok
}

func (r *Runtime) ValueSlice(v reflect.Value, i, j int) reflect.Value {
	if v.Kind() == reflect.Array { // of a slice type that no one may have named
		return r.Untagged(v, "Slice").Slice(i, j)
	}
	return r.retag(r.bare(v).Slice(i, j), r.tagged(v))
}

func (r *Runtime) ValueSlice3(v reflect.Value, i, j, k int) reflect.Value {
	if v.Kind() == reflect.Array {
		return r.Untagged(v, "Slice3").Slice3(i, j, k)
	}
	return r.retag(r.bare(v).Slice3(i, j, k), r.tagged(v))
}

// TypeConvertibleTo and TypeAssignableTo answer for types that reflect knows,
// and for those that have no parts.
func (r *Runtime) TypeConvertibleTo(t, u reflect.Type) bool {
	a, isA := t.(authorType)
	b, isB := u.(authorType)
	switch {
	case !isA && !isB:
		return t.ConvertibleTo(u)
	case isA && isB && a.id == b.id:
		return true
	case isA && u.Kind() == reflect.Interface:
		return a.implements(u)
	case isA && basicKind(t) && !isB:
		return a.Type.ConvertibleTo(u)
	case isB && basicKind(u):
		if isA {
			t = a.Type
		}
		return t.ConvertibleTo(b.Type)
	}
	if !isA {
		a = b
	}
	a.refuse("ConvertibleTo")
	return false
}

func (r *Runtime) TypeAssignableTo(t, u reflect.Type) bool {
	a, isA := t.(authorType)
	b, isB := u.(authorType)
	switch {
	case !isA && !isB:
		return t.AssignableTo(u)
	case isA && isB && a.id == b.id:
		return true
	case isA && u.Kind() == reflect.Interface:
		return a.implements(u)
	case t.Name() != "" && u.Name() != "" || t.Kind() != u.Kind():
		return false
	}
	if !isA {
		a = b
	}
	a.refuse("AssignableTo")
	return false
}

// basicKind tells whether a type has no parts.
func basicKind(t reflect.Type) bool {
	return t.Kind() <= reflect.Complex128 || t.Kind() == reflect.String
}
