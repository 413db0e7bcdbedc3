package rt

import (
	"encoding/xml"
	"reflect"
	"strings"
)

// EncodedXML is Encoded for encoding/xml, which calls elements as their types.
func (r *Runtime) EncodedXML(x any) any {
	x = r.Un(x)
	d := r.of(x)
	y, _ := r.encoded(x, true)
	if v := reflect.ValueOf(x); (d == nil || d.Foreign) && (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) && r.holds(v) {
		return r.elements(x, y)
	}
	if d == nil || d.Foreign || y == nil {
		return y
	}
	if d.Elem != 0 && reflect.TypeOf(y).Kind() == reflect.Pointer {
		d = r.desc(d.Elem)
	}
	t := indirect(reflect.TypeOf(y))
	switch {
	case d == nil || d.Foreign || t.Name() != "" && d.typ != nil && d.typ.Kind() == reflect.Struct:
		return y // by a method
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		if t.Elem().Kind() != reflect.Uint8 {
			return r.elements(x, y)
		}
	case t.Kind() == reflect.Struct:
		if _, ok := t.FieldByName("XMLName"); ok {
			return y
		}
	}
	if !d.Own || t.PkgPath() == reflect.TypeFor[named]().PkgPath() {
		return y
	}
	return named{y, d.element()}
}

// elements are those of a list, each of which has an element.
func (r *Runtime) elements(x, y any) any {
	v, d := reflect.ValueOf(V(x)), r.of(x)
	if v.Kind() == reflect.Pointer {
		v, d = v.Elem(), r.desc(d.Elem)
	}
	var elem *Desc
	if d != nil {
		elem = r.desc(d.Elem)
	}
	if !v.IsValid() || elem == nil && v.Type().Elem().Kind() != reflect.Interface {
		return y
	}
	out := make([]any, v.Len())
	for i := range out {
		e := v.Index(i).Interface()
		if elem != nil && elem.Boxed {
			e = Box{elem.ID, e, r}
		}
		out[i] = r.EncodedXML(e)
	}
	return out
}

// element is what package xml calls an element of a type.
func (d *Desc) element() string {
	name, _, _ := strings.Cut(d.Name[strings.IndexByte(d.Name, '.')+1:], "[")
	return name
}

// named is a value whose element is called as its author's type.
type named struct {
	v    any
	name string
}

func (n named) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if start.Name.Local == "named" {
		start.Name.Local = n.name
	}
	return e.EncodeElement(n.v, start)
}

// xmlText encodes itself by MarshalText.
type xmlText struct {
	f    func() ([]byte, error)
	name string
}

func (v xmlText) MarshalText() ([]byte, error) { return v.f() }

func (v xmlText) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if start.Name.Local == "xmlText" {
		start.Name.Local = v.name
	}
	return e.EncodeElement(textValue{v.f}, start)
}

func (v xmlText) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	b, err := v.f()
	return xml.Attr{Name: name, Value: string(b)}, err
}

// xmlAttr encodes itself as an attribute.
type xmlAttr struct {
	f func(xml.Name) (xml.Attr, error)
}

func (v xmlAttr) MarshalXMLAttr(name xml.Name) (xml.Attr, error) { return v.f(name) }

// xmlValue encodes itself by a notebook method; text by MarshalText.
type xmlValue struct {
	f    func(*xml.Encoder, xml.StartElement) error
	name string
}

func (v xmlValue) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if start.Name.Local == "xmlValue" {
		start.Name.Local = v.name
	}
	return v.f(e, start)
}
