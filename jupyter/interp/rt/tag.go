package rt

import (
	"fmt"
	"reflect"
	"unsafe"
)

// Reflect takes a notebook type that is no struct for its base type: a Celsius
// is a float64. A reflect.Value of such a type carries the type's number in its
// flags, in the bits where a method value has the number of its method, and
// where reflect does not look otherwise.
const (
	methodFlag = 1 << 9
	tagShift   = 10
)

// flags are the flags of a reflect.Value, the last of its three words.
func flags(v *reflect.Value) *uintptr { return &(*[3]uintptr)(unsafe.Pointer(v))[2] }

// tag makes v a value of the boxed type id.
func (r *Runtime) tag(v reflect.Value, id int) reflect.Value {
	if d := r.desc(id); d != nil && d.Boxed && v.IsValid() && *flags(&v)&methodFlag == 0 {
		*flags(&v) = *flags(&v)&(1<<tagShift-1) | uintptr(id)<<tagShift
	}
	return v
}

// tagged is the boxed type of v, nil if it has none.
func (r *Runtime) tagged(v reflect.Value) *Desc {
	if f := *flags(&v); f&methodFlag == 0 && f>>tagShift != 0 {
		return r.desc(int(f >> tagShift))
	}
	return nil
}

// ValueOf is reflect.ValueOf.
func (r *Runtime) ValueOf(x any) reflect.Value {
	x = r.Un(x)
	if b, ok := x.(Box); ok {
		return r.tag(reflect.ValueOf(b.V), b.ID)
	}
	return reflect.ValueOf(x)
}

// ValueInterface and those that follow are methods of a reflect.Value.
func (r *Runtime) ValueInterface(v reflect.Value) any {
	x := v.Interface()
	if d := r.tagged(v); d != nil && !d.face {
		return r.Box(d.ID, x)
	}
	if v.Kind() != reflect.Interface {
		r.known(v.Type())
	}
	return x
}

func (r *Runtime) ValueType(v reflect.Value) reflect.Type {
	if d := r.tagged(v); d != nil {
		return r.author(v.Type(), d.ID)
	}
	return r.known(v.Type())
}

func (r *Runtime) ValueString(v reflect.Value) string {
	if d := r.tagged(v); d != nil && v.Kind() != reflect.String {
		return "<" + d.Name + " Value>"
	} else if d := r.typeDesc(v); d != nil && v.Kind() != reflect.String {
		return "<" + d.Name + " Value>"
	}
	return v.String()
}

// typeDesc describes the type of v if reflect knows it from all others.
func (r *Runtime) typeDesc(v reflect.Value) *Desc {
	if !v.IsValid() {
		return nil
	}
	if d := r.descs.Load().byType[v.Type()]; d != nil && !d.Foreign {
		return d
	}
	return nil
}

func (r *Runtime) ValueIndex(v reflect.Value, i int) reflect.Value {
	return r.inside(r.tagged(v), v.Index(i))
}

// inside is an element e of a value of type d.
func (r *Runtime) inside(d *Desc, e reflect.Value) reflect.Value {
	switch {
	case d == nil || !e.IsValid():
		return e
	case d.Elem == 0 && d.ElemMethods && e.Kind() == reflect.Interface:
		return r.tag(e, r.face(d.ElemOf).ID)
	}
	return r.tag(e, d.Elem)
}

func (r *Runtime) ValueMapIndex(v, key reflect.Value) reflect.Value {
	if d := r.tagged(v); d != nil {
		key = r.stored("reflect.Value.MapIndex", key, v.Type().Key(), r.boxedPart(d, func(d *Desc) int { return d.Key }))
	}
	return r.inside(r.tagged(v), v.MapIndex(r.bare(key)))
}

func (r *Runtime) ValueMapKeys(v reflect.Value) []reflect.Value {
	ks := v.MapKeys()
	if d := r.tagged(v); d != nil {
		for i := range ks {
			ks[i] = r.tag(ks[i], d.Key)
		}
	}
	return ks
}

// MapIterKey and MapIterValue are Key and Value of a reflect.MapIter, whose
// first field is the map.
func (r *Runtime) MapIterKey(it *reflect.MapIter) reflect.Value {
	if d := r.tagged(*(*reflect.Value)(unsafe.Pointer(it))); d != nil {
		return r.tag(it.Key(), d.Key)
	}
	return it.Key()
}

func (r *Runtime) MapIterValue(it *reflect.MapIter) reflect.Value {
	if d := r.tagged(*(*reflect.Value)(unsafe.Pointer(it))); d != nil {
		return r.inside(d, it.Value())
	}
	return it.Value()
}

func (r *Runtime) ValueAddr(v reflect.Value) reflect.Value {
	d := r.tagged(v)
	if d == nil {
		r.known(v.Type())
		return v.Addr()
	}
	return r.pointer(r.bare(v).Addr(), d)
}

// pointer is p as a pointer to the boxed type d.
func (r *Runtime) pointer(p reflect.Value, d *Desc) reflect.Value {
	return r.tag(p, r.TypePointerTo(r.author(d.typ, d.ID)).(authorType).id())
}

// ValueZero and ValueNew are reflect.Zero and reflect.New.
func (r *Runtime) ValueZero(t reflect.Type) reflect.Value {
	if a, ok := t.(authorType); ok {
		return r.tag(reflect.Zero(a.Type), a.id())
	}
	return reflect.Zero(r.RealType(t))
}

func (r *Runtime) ValueNew(t reflect.Type) reflect.Value {
	if a, ok := t.(authorType); ok {
		return r.pointer(reflect.New(a.Type), a.desc())
	}
	return reflect.New(r.RealType(t))
}

// Untagged is v for a function or method of reflect that would lose its type.
func (r *Runtime) Untagged(v reflect.Value, what string) reflect.Value {
	if d := r.tagged(v); d != nil {
		panic(fmt.Sprintf("a cell cannot use reflect's %s here: it cannot tell %s from %s; do it without reflect", what, d.Name, v.Type()))
	}
	return v
}

// held is a reflect.Value as print functions take it: for what it holds, whose
// methods they call only if it may be taken out.
type held struct {
	r      *Runtime
	x      any
	closed bool
}

func (h held) Format(s fmt.State, verb rune) {
	switch {
	case verb == verbType:
		h.r.format(s, 's', "reflect.Value")
	case h.closed && h.x != nil:
		p := walker{r: h.r, s: s, verb: verb, plus: s.Flag('+') && verb == 'v', sharp: s.Flag('#') && verb == 'v'}
		p.value(reflect.ValueOf(V(h.x)), h.r.of(h.x), 0, false)
	default:
		h.r.format(s, verb, h.x)
	}
}

// heldBy is a reflect.Value for a print function.
func (r *Runtime) heldBy(v reflect.Value) any {
	x := r.Un(free(v).Interface())
	if d := r.tagged(v); d != nil && !d.face {
		x = r.Box(d.ID, x)
	}
	return held{r, x, !v.CanInterface()}
}

// embeds has a field that is embedded and not exported, one that is exported
// and one that is neither.
type embeds struct {
	unexported //lint:ignore U1000 reflect reads it, as the others
	Shown      unexported
	own        unexported //lint:ignore U1000 as above
}

type unexported struct{}

// viaEmbedded is v as reflect gives it through an embedded field that is not
// exported: it cannot be taken out, the exported fields in it can.
func viaEmbedded(v reflect.Value) reflect.Value {
	embedded, shown, _ := samples()
	*flags(&v) |= embedded &^ shown
	return v
}

// free is v without the mark of a field that is not exported.
func free(v reflect.Value) reflect.Value {
	embedded, shown, own := samples()
	*flags(&v) &^= (embedded | own) &^ shown
	return v
}

func samples() (embedded, shown, own uintptr) {
	e := reflect.ValueOf(embeds{})
	a, b, c := e.Field(0), e.Field(1), e.Field(2)
	return *flags(&a), *flags(&b), *flags(&c)
}
