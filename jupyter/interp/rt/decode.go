package rt

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Decode lets native code decode into x, a pointer. Parts that have methods to
// decode themselves, which native code cannot call, are put by as they came
// and handed to the methods afterwards.
func (r *Runtime) Decode(x any, call func(any) error) error {
	x = r.Un(x)
	d := r.of(x)
	if d == nil || d.Foreign {
		return call(x)
	}
	v := reflect.ValueOf(V(x))
	elem := r.desc(d.Elem)
	if v.Kind() != reflect.Pointer || v.IsNil() || elem == nil {
		return call(V(x))
	}
	c := decoder{r: r, above: map[int]bool{}}
	t := c.mirror(v.Type().Elem(), elem)
	if c.why != "" {
		panic(fmt.Sprintf("%s cannot be given to this function: %s", d.Name, c.why))
	}
	if t == v.Type().Elem() {
		return ofType(call(v.Interface()), elem)
	}
	m := reflect.New(t)
	c.lend(m.Elem(), v.Elem())
	err := ofType(call(m.Interface()), elem)
	if more := c.take(v.Elem(), m.Elem(), elem); err == nil {
		err = more
	}
	return err
}

// ofType gives an error about a field the type's name that its author knows.
func ofType(err error, d *Desc) error {
	var e *json.UnmarshalTypeError
	if errors.As(err, &e) && e.Struct == "" && e.Field != "" && d.Own {
		e.Struct = d.Name[strings.IndexByte(d.Name, '.')+1:]
	}
	return err
}

// putBy is a part as it came: JSON text, an element's tokens, an attribute.
type putBy struct {
	json   []byte
	tokens []xml.Token // the first is the start of the element
	text   *string     // of an attribute, or of an element without a method of its own
}

func (p *putBy) UnmarshalJSON(b []byte) error {
	p.json = append([]byte(nil), b...)
	return nil
}

func (p *putBy) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	p.tokens = []xml.Token{start.Copy()}
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		p.tokens = append(p.tokens, xml.CopyToken(t))
	}
	return nil
}

func (p *putBy) UnmarshalXMLAttr(a xml.Attr) error {
	p.text = &a.Value
	return nil
}

// Token makes a putBy a TokenReader.
func (p *putBy) Token() (xml.Token, error) {
	if len(p.tokens) == 0 {
		return nil, io.EOF
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t, nil
}

func (p *putBy) empty() bool { return p.json == nil && p.tokens == nil && p.text == nil }

// characters is the text of an element.
func (p *putBy) characters() []byte {
	if p.text != nil {
		return []byte(*p.text)
	}
	var b []byte
	for _, t := range p.tokens {
		if c, ok := t.(xml.CharData); ok {
			b = append(b, c...)
		}
	}
	return b
}

type decoder struct {
	r     *Runtime
	why   string
	above map[int]bool
}

// own are the methods by which a part decodes itself, bound to v.
func (c *decoder) own(v reflect.Value, d *Desc) (fromJSON, fromText func([]byte) error, fromXML func(*xml.Decoder, xml.StartElement) error) {
	for _, p := range c.r.descs.Load().byID {
		if p.Elem != d.ID || p.Foreign || p.typ == nil || p.typ.Kind() != reflect.Pointer {
			continue
		}
		var x any = v.Addr().Interface()
		if p.Boxed {
			x = Box{p.ID, x, c.r}
		}
		fromJSON, _ = c.r.bound(x, "UnmarshalJSON").(func([]byte) error)
		fromText, _ = c.r.bound(x, "UnmarshalText").(func([]byte) error)
		fromXML, _ = c.r.bound(x, "UnmarshalXML").(func(*xml.Decoder, xml.StartElement) error)
	}
	return fromJSON, fromText, fromXML
}

func (c *decoder) decodesItself(t reflect.Type, d *Desc) bool {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return false
	}
	a, b, x := c.own(reflect.New(t).Elem(), d)
	return a != nil || b != nil || x != nil
}

// mirror is a type that native code decodes into: t itself, or one in which
// parts that decode themselves are put by and embedded structs are embedded.
func (c *decoder) mirror(t reflect.Type, d *Desc) reflect.Type {
	if d == nil || d.Foreign || t.Kind() == reflect.Interface {
		return t
	}
	if c.decodesItself(t, d) {
		return reflect.TypeFor[putBy]()
	}
	if c.above[d.ID] {
		if c.r.needsMirror(d, map[int]bool{}, c) {
			c.why = "it refers to itself and has parts that decode themselves, or embeds; decode those by hand"
		}
		return t
	}
	c.above[d.ID] = true
	defer delete(c.above, d.ID)
	elem := func() reflect.Type { return c.mirror(t.Elem(), c.r.desc(d.Elem)) }
	switch t.Kind() {
	case reflect.Pointer:
		return same(t, reflect.PointerTo(elem()))
	case reflect.Slice:
		return same(t, reflect.SliceOf(elem()))
	case reflect.Array:
		return same(t, reflect.ArrayOf(t.Len(), elem()))
	case reflect.Map:
		if c.keyFromText(reflect.New(t.Key()).Elem(), d) != nil {
			return reflect.MapOf(reflect.TypeFor[keyText](), elem())
		}
		return same(t, reflect.MapOf(t.Key(), elem()))
	case reflect.Struct:
		changed := false
		var fs []reflect.StructField
		for i, f := range d.Fields {
			sf := t.Field(i)
			ft := c.mirror(sf.Type, c.r.desc(f.Type))
			anonymous := f.Embedded && indirect(ft).Kind() == reflect.Struct && ft.NumMethod() == 0 && reflect.PointerTo(indirect(ft)).NumMethod() == 0
			changed = changed || anonymous || ft != sf.Type
			fs = append(fs, reflect.StructField{Name: sf.Name, Type: ft, Tag: sf.Tag, Anonymous: anonymous})
		}
		if changed {
			return reflect.StructOf(fs)
		}
	}
	return t
}

// keyText is a key of a map as it came.
type keyText string

// keyFromText is the method by which the key k of a map of type d decodes itself,
// nil if it has none.
func (c *decoder) keyFromText(k reflect.Value, d *Desc) func([]byte) error {
	key := c.r.desc(d.Key)
	if key == nil || key.Foreign || k.Kind() == reflect.Pointer || k.Kind() == reflect.Interface {
		return nil
	}
	_, text, _ := c.own(k, key)
	return text
}

// same keeps t where a type made of the same parts would be another.
func same(t, made reflect.Type) reflect.Type {
	if t.Elem() == made.Elem() {
		return t
	}
	return made
}

// needsMirror tells whether a type, or one inside it, cannot be decoded into as
// it is.
func (r *Runtime) needsMirror(d *Desc, seen map[int]bool, c *decoder) bool {
	if d == nil || d.Foreign || seen[d.ID] || d.typ == nil {
		return false
	}
	seen[d.ID] = true
	if c.decodesItself(d.typ, d) || r.needsMirror(r.desc(d.Elem), seen, c) || r.needsMirror(r.desc(d.Key), seen, c) {
		return true
	}
	for _, f := range d.Fields {
		if f.Embedded || r.needsMirror(r.desc(f.Type), seen, c) {
			return true
		}
	}
	return false
}

// lend gives the mirror what is there already: what the text does not mention
// stays.
func (c *decoder) lend(m, v reflect.Value) {
	switch {
	case m.Type() == v.Type():
		m.Set(v)
	case m.Type() == reflect.TypeFor[putBy]():
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			m.Set(reflect.New(m.Type().Elem()))
			c.lend(m.Elem(), v.Elem())
		}
	case v.Kind() == reflect.Slice:
		if !v.IsNil() {
			m.Set(reflect.MakeSlice(m.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				c.lend(m.Index(i), v.Index(i))
			}
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			c.lend(m.Index(i), v.Index(i))
		}
	case v.Kind() == reflect.Map:
		if !v.IsNil() {
			m.Set(reflect.MakeMap(m.Type()))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			c.lend(m.Field(i), v.Field(i))
		}
	}
}

// take moves what was decoded from the mirror to v.
func (c *decoder) take(v, m reflect.Value, d *Desc) error {
	if m.Type() == v.Type() {
		v.Set(m)
		return nil
	}
	if p, ok := m.Addr().Interface().(*putBy); ok {
		return c.hand(v, p, d)
	}
	elem := c.r.desc(d.Elem)
	var first error
	note := func(err error) {
		if first == nil {
			first = err
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if m.IsNil() {
			v.SetZero()
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return c.take(v.Elem(), m.Elem(), elem)
	case reflect.Slice:
		if m.IsNil() {
			v.SetZero()
			return nil
		}
		out := reflect.MakeSlice(v.Type(), m.Len(), m.Len())
		reflect.Copy(out, v)
		for i := range m.Len() {
			note(c.take(out.Index(i), m.Index(i), elem))
		}
		v.Set(out)
	case reflect.Array:
		for i := range m.Len() {
			note(c.take(v.Index(i), m.Index(i), elem))
		}
	case reflect.Map:
		if m.IsNil() {
			v.SetZero()
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		for it := m.MapRange(); it.Next(); {
			from, to := reflect.New(m.Type().Elem()).Elem(), reflect.New(v.Type().Elem()).Elem()
			from.Set(it.Value())
			note(c.take(to, from, elem))
			key := it.Key()
			if m.Type().Key() == reflect.TypeFor[keyText]() {
				k := reflect.New(v.Type().Key()).Elem()
				if err := c.keyFromText(k, d)([]byte(key.String())); err != nil {
					note(err)
					continue
				}
				key = k
			}
			v.SetMapIndex(key, to)
		}
	case reflect.Struct:
		for i, f := range d.Fields {
			note(c.take(v.Field(i), m.Field(i), c.r.desc(f.Type)))
		}
	}
	return first
}

// hand gives a part that was put by to the method that decodes it.
func (c *decoder) hand(v reflect.Value, p *putBy, d *Desc) error {
	fromJSON, fromText, fromXML := c.own(v, d)
	switch {
	case p.empty():
		return nil
	case p.json != nil && fromJSON != nil:
		return fromJSON(p.json)
	case p.json != nil && fromText == nil, p.json == nil && fromXML == nil && fromText == nil:
		return fmt.Errorf("%s has no method to decode this with in a cell; decode that part by hand", d.Name)
	case p.json != nil:
		var s *string
		if err := json.Unmarshal(p.json, &s); err != nil || s == nil {
			return err
		}
		return fromText([]byte(*s))
	case p.tokens != nil && fromXML != nil:
		dec := xml.NewTokenDecoder(p)
		t, err := dec.Token()
		if err != nil {
			return err
		}
		return fromXML(dec, t.(xml.StartElement))
	}
	return fromText(p.characters())
}

// EncodedXML is Encoded for encoding/xml.
func (r *Runtime) EncodedXML(x any) any {
	y := r.encoded(x, true)
	d := r.of(r.Un(x))
	if d == nil || d.Foreign || y == nil {
		return y
	}
	if d.Elem != 0 && reflect.TypeOf(y).Kind() == reflect.Pointer {
		d = r.desc(d.Elem)
	}
	if t := indirect(reflect.TypeOf(y)); d == nil || !d.Own || t.Kind() != reflect.Struct || t.Name() != "" {
		return y
	} else if _, ok := t.FieldByName("XMLName"); ok {
		return y
	}
	name, _, _ := strings.Cut(d.Name[strings.IndexByte(d.Name, '.')+1:], "[")
	return named{y, name}
}

// named is a struct whose element is called as its author's type.
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
