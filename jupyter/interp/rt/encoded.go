package rt

import (
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"
)

// Encoded is a value for the encoding functions of encoding/json: a native
// value of the same shape, in which embedded structs are embedded again and
// values with methods of their own encode by them.
func (r *Runtime) Encoded(x any) any { return r.encoded(x, false) }

func (r *Runtime) encoded(x any, forXML bool) any {
	x = r.Un(x)
	d := r.of(x)
	if d == nil || d.Foreign {
		return x
	}
	e := encoder{r: r, xml: forXML}
	v := reflect.ValueOf(V(x))
	out := e.value(v, d)
	if e.why != "" {
		panic(fmt.Sprintf("%s cannot be encoded: %s", d.Name, e.why))
	}
	return out.Interface()
}

type encoder struct {
	r     *Runtime
	xml   bool // for encoding/xml
	why   string
	depth int
}

// value is v as encoders must see it; v itself if they see it right already.
func (e *encoder) value(v reflect.Value, d *Desc) reflect.Value {
	if d == nil || d.Foreign {
		if v.IsValid() && v.Kind() == reflect.Interface && !v.IsNil() {
			x := e.r.Un(v.Elem().Interface())
			return e.boxed(x, v)
		}
		return v
	}
	if e.depth++; e.depth > 10000 {
		e.why = "it contains itself"
		return v
	}
	defer func() { e.depth-- }()
	if m, ok := e.own(v, d); ok {
		return m
	}
	switch v.Kind() {
	case reflect.Struct:
		return e.structure(v, d)
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		in := e.value(v.Elem(), e.r.desc(d.Elem))
		if in.Type() == v.Type().Elem() {
			return v
		}
		p := reflect.New(in.Type())
		p.Elem().Set(in)
		return p
	case reflect.Slice, reflect.Array:
		return e.list(v, d)
	case reflect.Map:
		return e.mapping(v, d)
	}
	return v
}

// boxed is the content of an interface.
func (e *encoder) boxed(x any, as reflect.Value) reflect.Value {
	d := e.r.of(x)
	if d == nil || d.Foreign {
		return as
	}
	out := reflect.New(reflect.TypeFor[any]()).Elem()
	out.Set(e.value(reflect.ValueOf(V(x)), d))
	return out
}

// own is a value that has a method to encode itself, also one of its pointer.
func (e *encoder) own(v reflect.Value, d *Desc) (reflect.Value, bool) {
	x := v.Interface()
	if d.Boxed {
		x = Box{d.ID, x, e.r}
	}
	if v.Kind() != reflect.Pointer && v.CanAddr() && d.binders["MarshalJSON"] == nil && d.binders["MarshalText"] == nil && d.binders["MarshalXML"] == nil {
		if p := e.r.descs.Load().byType[reflect.PointerTo(v.Type())]; p != nil && p.Elem == d.ID {
			x = v.Addr().Interface()
		}
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return v, false
	}
	if f, ok := e.r.bound(x, "MarshalJSON").(func() ([]byte, error)); ok && !e.xml {
		return reflect.ValueOf(jsonValue{f}), true
	}
	if f, ok := e.r.bound(x, "MarshalXML").(func(*xml.Encoder, xml.StartElement) error); ok && e.xml {
		return reflect.ValueOf(xmlValue{f, d.Name[strings.IndexByte(d.Name, '.')+1:]}), true
	}
	if f, ok := e.r.bound(x, "MarshalText").(func() ([]byte, error)); ok {
		return reflect.ValueOf(textValue{f}), true
	}
	if _, ok := d.Methods["MarshalXMLAttr"]; ok && e.xml {
		e.why = "method MarshalXMLAttr of " + d.Name + " would not be called; encode that part by hand"
	}
	return v, false
}

func (e *encoder) structure(v reflect.Value, d *Desc) reflect.Value {
	changed := false
	var fs []reflect.StructField
	var vals []reflect.Value
	for i, f := range d.Fields {
		sf := v.Type().Field(i)
		if !exported(f.Name) && !f.Embedded {
			continue
		}
		x := e.value(v.Field(i), e.r.desc(f.Type))
		anonymous := f.Embedded && indirect(x.Type()).Kind() == reflect.Struct && indirect(x.Type()).NumMethod() == 0
		if x.Type() != sf.Type || anonymous {
			changed = true
			if v.Field(i).IsZero() && strings.Contains(string(sf.Tag), ",omitempty") {
				continue
			}
		}
		name := sf.Name
		if !exported(f.Name) {
			name = "E" + strings.TrimPrefix(name, "U_") // unexported embedded: the fields below count, not the name
		}
		if anonymous && x.Kind() == reflect.Pointer && x.IsNil() {
			continue
		}
		fs = append(fs, reflect.StructField{Name: name, Type: x.Type(), Tag: sf.Tag, Anonymous: anonymous})
		vals = append(vals, x)
	}
	if !changed {
		return v
	}
	out := reflect.New(reflect.StructOf(fs)).Elem()
	for i, x := range vals {
		out.Field(i).Set(x)
	}
	return out
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func (e *encoder) list(v reflect.Value, d *Desc) reflect.Value {
	elem := e.r.desc(d.Elem)
	if v.Kind() == reflect.Slice && v.IsNil() || elem != nil && !e.r.walks(elem, map[int]bool{}) {
		return v
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = e.value(v.Index(i), elem).Interface()
	}
	return reflect.ValueOf(out)
}

func (e *encoder) mapping(v reflect.Value, d *Desc) reflect.Value {
	texts := e.keyTexts(d)
	elem := e.r.desc(d.Elem)
	if v.IsNil() || texts == nil && elem != nil && !e.r.walks(elem, map[int]bool{}) {
		return v
	}
	key := v.Type().Key()
	if texts != nil {
		key = reflect.TypeFor[string]()
	}
	out := reflect.MakeMapWithSize(reflect.MapOf(key, reflect.TypeFor[any]()), v.Len())
	for it := v.MapRange(); it.Next(); {
		x, k := e.value(it.Value(), elem), it.Key()
		if texts != nil {
			k = reflect.ValueOf(texts(k))
		}
		out.SetMapIndex(k, reflect.ValueOf([]any{x.Interface()}).Index(0))
	}
	return out
}

// keyTexts gives the keys of a map by their method MarshalText, nil if they
// have none that package json would call.
func (e *encoder) keyTexts(d *Desc) func(k reflect.Value) string {
	key := e.r.desc(d.Key)
	if key == nil || key.typ == nil || key.typ.Kind() == reflect.String {
		return nil
	}
	if _, ok := key.Methods["MarshalText"]; !ok {
		return nil
	}
	return func(k reflect.Value) string {
		x := k.Interface()
		if key.Boxed {
			x = Box{key.ID, x, e.r}
		}
		f, ok := e.r.bound(x, "MarshalText").(func() ([]byte, error))
		if !ok {
			e.why = "method MarshalText of the key " + key.Name + " would not be called; use strings as keys"
			return ""
		}
		b, err := f()
		if err != nil {
			e.why = "method MarshalText of the key " + key.Name + ": " + err.Error()
		}
		return string(b)
	}
}
