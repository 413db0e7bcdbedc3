package rt

import (
	"fmt"
	"reflect"
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
		return r.tag(make(a.Type), a.id())
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
	if r.descOf(t) == nil && r.descOf(r.ValueType(v)) == nil {
		return v.Convert(t)
	}
	if !r.TypeConvertibleTo(r.ValueType(v), t) {
		panic("reflect.Value.Convert: value of type " + r.TypeString(r.ValueType(v)) + " cannot be converted to type " + r.TypeString(t))
	}
	if t.Kind() == reflect.Interface {
		x := r.interfaceOf(r.Un(r.ValueInterface(v)), bareType(t))
		if a, ok := t.(authorType); ok {
			x = r.tag(x, a.id())
		}
		return x
	}
	return r.made(t, func(t reflect.Type) reflect.Value {
		x := r.bare(v)
		if !x.CanConvert(t) || x.Kind() == reflect.Struct { // alike but for names and tags
			p := reflect.New(x.Type())
			p.Elem().Set(x)
			return reflect.NewAt(t, p.UnsafePointer()).Elem()
		}
		return x.Convert(t)
	})
}

// ValueCanConvert is CanConvert of a reflect.Value.
func (r *Runtime) ValueCanConvert(v reflect.Value, t reflect.Type) bool {
	if r.descOf(t) == nil && r.descOf(r.ValueType(v)) == nil || !r.TypeConvertibleTo(r.ValueType(v), t) {
		return v.CanConvert(t)
	}
	n := 0
	if t.Kind() == reflect.Array {
		n = t.Len()
	} else if v.Kind() == reflect.Slice && t.Kind() == reflect.Pointer {
		n = t.Elem().Len()
	}
	return n == 0 || v.Len() >= n
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

// elemOf is the element type of a type, nil if reflect knows it.
func (r *Runtime) elemOf(d *Desc) *Desc {
	if d != nil && d.Elem == 0 && d.ElemMethods {
		return r.face(d.ElemOf)
	}
	return r.boxedPart(d, func(d *Desc) int { return d.Elem })
}

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
	if !x.IsValid() || r.tagged(x) == d && t.Kind() != reflect.Interface {
		return r.bare(x)
	}
	want := t
	if d != nil {
		want = r.author(t, d.ID)
	}
	if !r.TypeAssignableTo(r.ValueType(x), want) {
		panic(fmt.Sprintf("%s: value of type %s is not assignable to type %s", what, r.TypeString(r.ValueType(x)), r.TypeString(want)))
	}
	if t.Kind() != reflect.Interface {
		return r.bare(x)
	}
	return r.interfaceOf(r.Un(r.ValueInterface(x)), t)
}

// interfaceOf is a value in interface form as an interface of type t.
func (r *Runtime) interfaceOf(x any, t reflect.Type) reflect.Value {
	p := reflect.New(t).Elem()
	if t.NumMethod() > 0 {
		x = r.asNative(x, t)
	}
	if x != nil {
		p.Set(reflect.ValueOf(x))
	}
	return p
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

func (r *Runtime) ValueTryRecv(v reflect.Value) (reflect.Value, bool) {
	x, ok := r.bare(v).TryRecv()
	return r.retag(x, r.elemOf(r.tagged(v))), ok
}

func (r *Runtime) ValueTrySend(v, x reflect.Value) bool {
	d := r.tagged(v)
	return r.bare(v).TrySend(r.stored("reflect.Value.Send", x, v.Type().Elem(), r.elemOf(d)))
}

func (r *Runtime) ValueSlice(v reflect.Value, i, j int) reflect.Value {
	return r.sliced(v, r.bare(v).Slice(i, j))
}

func (r *Runtime) ValueSlice3(v reflect.Value, i, j, k int) reflect.Value {
	return r.sliced(v, r.bare(v).Slice3(i, j, k))
}

// sliced is a part s of v, which has its type unless that is an array.
func (r *Runtime) sliced(v, s reflect.Value) reflect.Value {
	if v.Kind() != reflect.Array {
		return r.retag(s, r.tagged(v))
	}
	if a, ok := r.TypeSliceOf(r.ValueType(v).Elem()).(authorType); ok {
		return r.tag(s, a.id())
	}
	return s
}

// ValueEqual is Equal of a reflect.Value.
func (r *Runtime) ValueEqual(v, u reflect.Value) bool {
	a, b := v, u
	if v.Kind() == reflect.Interface {
		a = r.ValueElem(v)
	}
	if u.Kind() == reflect.Interface {
		b = r.ValueElem(u)
	}
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	return r.ValueType(a) == r.ValueType(b) && r.bare(a).Equal(r.bare(b))
}

// ValueCopy is reflect.Copy.
func (r *Runtime) ValueCopy(dst, src reflect.Value) int {
	d, e := r.tagged(dst), r.tagged(src)
	if src.Kind() != reflect.String && r.elemOf(d) != r.elemOf(e) {
		panic(fmt.Sprintf("reflect.Copy: %v != %v", r.TypeString(r.ValueType(dst)), r.TypeString(r.ValueType(src))))
	}
	return reflect.Copy(r.bare(dst), r.bare(src))
}

// ValueSetIterKey and ValueSetIterValue are SetIterKey and SetIterValue.
func (r *Runtime) ValueSetIterKey(v reflect.Value, it *reflect.MapIter) {
	r.ValueSet(v, r.MapIterKey(it))
}

func (r *Runtime) ValueSetIterValue(v reflect.Value, it *reflect.MapIter) {
	r.ValueSet(v, r.MapIterValue(it))
}

// ValueSelect is reflect.Select.
func (r *Runtime) ValueSelect(cases []reflect.SelectCase) (chosen int, recv reflect.Value, ok bool) {
	bare := append([]reflect.SelectCase(nil), cases...)
	for i, c := range cases {
		if c.Chan.IsValid() {
			bare[i].Chan = r.bare(c.Chan)
		}
		if c.Send.IsValid() && c.Chan.IsValid() {
			bare[i].Send = r.stored("reflect.Select", c.Send, c.Chan.Type().Elem(), r.elemOf(r.tagged(c.Chan)))
		}
	}
	chosen, recv, ok = reflect.Select(bare)
	if recv.IsValid() {
		recv = r.retag(recv, r.elemOf(r.tagged(cases[chosen].Chan)))
	}
	return chosen, recv, ok
}
