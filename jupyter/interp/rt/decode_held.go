package rt

import (
	"encoding/json"
	"encoding/xml"
	"reflect"
)

// Packages json and xml decode into the pointer that an interface holds. A
// pointer which they cannot fill by themselves, in a box or to what has methods
// of the notebook, is one to heldPointer while they decode.

// heldPointer decodes into the pointer x, a value in interface form.
type heldPointer struct {
	c *decoder
	x any
}

func (h *heldPointer) UnmarshalJSON(b []byte) error {
	return h.decode(func(y any) error { return h.c.decodeJSON(b, y) })
}

func (h *heldPointer) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	return h.decode(func(y any) error { return d.DecodeElement(y, &start) })
}

func (h *heldPointer) decode(call func(any) error) error {
	p := reflect.ValueOf(V(h.x))
	defer h.c.open(p)()
	return h.c.into(p, h.c.r.of(h.x), call)
}

var (
	_ json.Unmarshaler = (*heldPointer)(nil)
	_ xml.Unmarshaler  = (*heldPointer)(nil)
)

// open puts heldPointers into the interfaces inside v that need them. It returns
// what puts the pointers back, also in what v has become.
func (c *decoder) open(v reflect.Value) (back func()) {
	if c.path == gobPath {
		return func() {}
	}
	var places []reflect.Value
	c.interfaces(v, map[uintptr]bool{}, func(v reflect.Value) {
		x := c.r.Un(v.Elem().Interface())
		d := c.r.of(x)
		p := reflect.ValueOf(V(x))
		if d == nil || d.Foreign || p.Kind() != reflect.Pointer || p.IsNil() || !d.Boxed && !c.needsMirror(c.r.desc(d.Elem), map[int]bool{}) {
			return
		}
		v.Set(reflect.ValueOf(&heldPointer{c, x}))
		places = append(places, v)
	})
	if places == nil {
		return func() {}
	}
	restore := func(v reflect.Value) {
		if h, ok := v.Elem().Interface().(*heldPointer); ok {
			v.Set(reflect.ValueOf(h.x))
		}
	}
	return func() {
		for _, p := range places {
			if !p.IsNil() {
				restore(p)
			}
		}
		c.interfaces(v, map[uintptr]bool{}, restore)
	}
}

// interfaces visits the interfaces without methods inside v that hold something
// and can be decoded into.
func (c *decoder) interfaces(v reflect.Value, seen map[uintptr]bool, visit func(reflect.Value)) {
	if !v.IsValid() || !reaches(v.Type(), map[reflect.Type]bool{}) {
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() || v.NumMethod() > 0 {
			return
		}
		if v.CanSet() {
			visit(v)
		}
		if x := reflect.ValueOf(V(c.r.Un(v.Elem().Interface()))); x.Kind() == reflect.Pointer {
			c.interfaces(x, seen, visit)
		}
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		c.interfaces(v.Elem(), seen, visit)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			c.interfaces(v.Index(i), seen, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				c.interfaces(v.Field(i), seen, visit)
			}
		}
	}
}
