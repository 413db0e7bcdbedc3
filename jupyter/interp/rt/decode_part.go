package rt

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"reflect"
)

const (
	jsonPath = "encoding/json"
	xmlPath  = "encoding/xml"
	gobPath  = "encoding/gob"
)

// putBy is a part as it came: JSON text, an element, an attribute.
type putBy struct {
	json    []byte
	element *element
	attr    *xml.Attr
	text    *string // of an element that has others beside it
}

func (p *putBy) UnmarshalJSON(b []byte) error {
	p.json = append([]byte(nil), b...)
	return nil
}

func (p *putBy) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	p.element = &element{start: start.Copy(), from: *d}
	p.element.names = maps.Clone(free(reflect.ValueOf(d).Elem().FieldByName("ns")).Interface().(map[string]string))
	return d.DecodeElement(&p.element.content, &start)
}

func (p *putBy) UnmarshalXMLAttr(a xml.Attr) error {
	p.attr = &a
	return nil
}

func (p *putBy) UnmarshalText(b []byte) error {
	s := string(b)
	p.text = &s
	return nil
}

func (p *putBy) empty() bool {
	return p.json == nil && p.element == nil && p.attr == nil && p.text == nil
}

// characters is the text of an element or attribute.
func (p *putBy) characters() []byte {
	switch {
	case p.attr != nil:
		return []byte(p.attr.Value)
	case p.text != nil:
		return []byte(*p.text)
	}
	return p.element.content.Text
}

// gobPart and binaryPart are parts as package gob sends those that encode
// themselves.
type gobPart struct {
	data []byte
	err  error
}

func (p gobPart) GobEncode() ([]byte, error) { return p.data, p.err }

func (p *gobPart) GobDecode(b []byte) error {
	p.data = append([]byte{}, b...)
	return nil
}

type binaryPart struct {
	data []byte
	err  error
}

func (p binaryPart) MarshalBinary() ([]byte, error) { return p.data, p.err }

func (p *binaryPart) UnmarshalBinary(b []byte) error {
	p.data = append([]byte{}, b...)
	return nil
}

// addressed is a pointer to v, or to a copy of it, in interface form, nil if no
// cell has named its type.
func (r *Runtime) addressed(v reflect.Value, d *Desc) any {
	for _, p := range r.descs.Load().byID {
		if p.Elem != d.ID || p.Foreign || p.typ == nil || p.typ.Kind() != reflect.Pointer {
			continue
		}
		if !v.CanAddr() {
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			v = c
		}
		if p.Boxed {
			return Box{p.ID, v.Addr().Interface(), r}
		}
		return v.Addr().Interface()
	}
	return nil
}

// methods are those by which a part decodes itself, as far as the package asks
// for them, bound to it.
type methods struct {
	json, text, gob, binary func([]byte) error
	xml                     func(*xml.Decoder, xml.StartElement) error
	attr                    func(xml.Attr) error
}

func (c *decoder) own(v reflect.Value, d *Desc) (m methods, ok bool) {
	x := c.r.addressed(v, d)
	if x == nil {
		return m, false
	}
	fromBytes := func(name string) func([]byte) error {
		f, _ := c.r.bound(x, name).(func([]byte) error)
		return f
	}
	switch c.path {
	case jsonPath:
		m.json = fromBytes("UnmarshalJSON")
	case gobPath:
		m.gob, m.binary = fromBytes("GobDecode"), fromBytes("UnmarshalBinary")
		return m, m.gob != nil || m.binary != nil
	case xmlPath:
		if c.attr {
			m.attr, _ = c.r.bound(x, "UnmarshalXMLAttr").(func(xml.Attr) error)
		} else {
			m.xml, _ = c.r.bound(x, "UnmarshalXML").(func(*xml.Decoder, xml.StartElement) error)
		}
	}
	m.text = fromBytes("UnmarshalText")
	return m, m.json != nil || m.text != nil || m.xml != nil || m.attr != nil
}

func (c *decoder) decodesItself(t reflect.Type, d *Desc) bool {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return false
	}
	_, ok := c.own(reflect.New(t).Elem(), d)
	return ok
}

// part is the type by which a part that decodes itself is put by.
func (c *decoder) part(t reflect.Type, d *Desc) reflect.Type {
	if c.path != gobPath {
		return reflect.TypeFor[putBy]()
	}
	if m, _ := c.own(reflect.New(t).Elem(), d); m.gob != nil {
		return reflect.TypeFor[gobPart]()
	}
	return reflect.TypeFor[binaryPart]()
}

// isPart tells whether a type is of parts that are put by.
func isPart(t reflect.Type) bool {
	return t == reflect.TypeFor[putBy]() || t == reflect.TypeFor[gobPart]() || t == reflect.TypeFor[binaryPart]()
}

// hand gives a part that was put by to the method that decodes it.
func (c *decoder) hand(v reflect.Value, part any, d *Desc) error {
	m, ok := c.own(v, d)
	if p, isPut := part.(*putBy); isPut && !ok && !p.empty() {
		return c.placed(c.nested(v, p, d), true)
	}
	return c.placed(c.handOver(v, part, m, d), false)
}

func (c *decoder) handOver(v reflect.Value, part any, m methods, d *Desc) error {
	switch p := part.(type) {
	case *gobPart:
		if p.data == nil {
			return nil
		}
		return m.gob(p.data)
	case *binaryPart:
		if p.data == nil {
			return nil
		}
		return m.binary(p.data)
	case *putBy:
		switch {
		case p.empty():
			return nil
		case p.json != nil:
			return c.handJSON(v, p, m, d)
		case p.attr != nil && m.attr != nil:
			return m.attr(*p.attr)
		case p.element != nil && m.xml != nil:
			dec, err := p.element.decoder()
			if err != nil {
				return err
			}
			return m.xml(dec, p.element.start)
		case m.text != nil:
			return m.text(p.characters())
		}
	}
	return fmt.Errorf("%s has no method to decode this with in a cell; decode that part by hand", d.Name)
}

func (c *decoder) handJSON(v reflect.Value, p *putBy, m methods, d *Desc) error {
	if m.json != nil {
		return m.json(p.json)
	}
	var s string
	switch p.json[0] {
	case '"':
		if err := json.Unmarshal(p.json, &s); err != nil {
			return err
		}
		return m.text([]byte(s))
	case 'n':
		return nil
	}
	return &json.UnmarshalTypeError{Value: jsonKind(p.json), Type: namedType{v.Type(), d.Name}}
}

// nested decodes a type inside itself.
func (c *decoder) nested(v reflect.Value, p *putBy, d *Desc) error {
	return c.into(v.Addr(), &Desc{Name: "*" + d.Name, Elem: d.ID}, func(x any) error {
		if p.json != nil {
			return c.decodeJSON(p.json, x)
		}
		dec, err := p.element.decoder()
		if err != nil {
			return err
		}
		return dec.DecodeElement(x, &p.element.start)
	})
}

// into decodes into what a pointer of type p points at, as a part of what is
// decoded.
func (c *decoder) into(v reflect.Value, p *Desc, call func(any) error) error {
	if p == nil || p.Foreign {
		return call(v.Interface())
	}
	inner := decoder{r: c.r, path: c.path, strict: c.strict, number: c.number, above: map[int]bool{}}
	return inner.decode(v, p, call)
}

func (c *decoder) decodeJSON(text []byte, x any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	if c.strict {
		dec.DisallowUnknownFields()
	}
	if c.number {
		dec.UseNumber()
	}
	return dec.Decode(x)
}

// heldJSON is JSON for an interface with methods. Package json fills those that
// hold a pointer.
type heldJSON struct{ text []byte }

func (h *heldJSON) UnmarshalJSON(b []byte) error {
	h.text = append([]byte(nil), b...)
	return nil
}

func (c *decoder) takeHeld(v reflect.Value, h *heldJSON, name string) error {
	switch {
	case h.text == nil:
		return nil
	case h.text[0] == 'n':
		v.SetZero()
		return nil
	}
	if x := c.r.Un(v.Interface()); x != nil && reflect.TypeOf(V(x)).Kind() == reflect.Pointer && !reflect.ValueOf(V(x)).IsNil() {
		return c.placed(c.into(reflect.ValueOf(V(x)), c.r.of(x), func(y any) error { return c.decodeJSON(h.text, y) }), true)
	}
	return c.placed(&json.UnmarshalTypeError{Value: jsonKind(h.text), Type: namedType{v.Type(), name}}, false)
}

// jsonKind is what package json calls a value.
func jsonKind(text []byte) string {
	switch text[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	}
	return "number"
}

// namedType is a type by the name that its author knows.
type namedType struct {
	reflect.Type
	name string
}

func (t namedType) String() string { return t.name }
