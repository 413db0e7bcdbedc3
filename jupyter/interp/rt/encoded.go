package rt

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// JSONMarshal, JSONMarshalIndent and JSONEncode are Marshal, MarshalIndent and
// Encoder.Encode of encoding/json: of a native value of the same shape, in which
// embedded structs are embedded again and values with methods of their own
// encode by them.
func (r *Runtime) JSONMarshal(x any) ([]byte, error) {
	y, err := r.encoded(x, false)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(y)
	return b, ofAuthor(err)
}

func (r *Runtime) JSONMarshalIndent(x any, prefix, indent string) ([]byte, error) {
	y, err := r.encoded(x, false)
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(y, prefix, indent)
	return b, ofAuthor(err)
}

func (r *Runtime) JSONEncode(e *json.Encoder, x any) error {
	y, err := r.encoded(x, false)
	if err != nil {
		return err
	}
	return ofAuthor(e.Encode(y))
}

// ofAuthor gives an error of a method the type that its author knows.
func ofAuthor(err error) error {
	var e *json.MarshalerError
	if errors.As(err, &e) {
		if not, ok := e.Err.(notEncoded); ok {
			return not.error
		}
		if own, ok := e.Err.(typedError); ok {
			e.Type, e.Err = own.t, own.error
		}
	}
	return err
}

// typedError is the error of a method and the type that has the method.
type typedError struct {
	error
	t reflect.Type
}

func (e typedError) Unwrap() error { return e.error }

// encoded is x as encoders must see it.
func (r *Runtime) encoded(x any, forXML bool) (any, error) {
	x = r.Un(x)
	d := r.of(x)
	if (d == nil || d.Foreign) && !r.holds(reflect.ValueOf(x)) {
		return x, nil
	}
	e := encoder{r: r, xml: forXML}
	v := reflect.ValueOf(V(x))
	out := e.value(v, d)
	if e.why != "" {
		panic(fmt.Sprintf("%s cannot be encoded: %s", r.typeName(x), e.why))
	}
	return out.Interface(), e.err
}

type encoder struct {
	r     *Runtime
	xml   bool // for encoding/xml
	attr  bool // an attribute of it is looked at
	why   string
	err   error // of a key
	depth int
}

// value is v as encoders must see it; v itself if they see it right already.
func (e *encoder) value(v reflect.Value, d *Desc) reflect.Value {
	if e.depth++; e.depth > 10000 {
		e.why = "it contains itself"
		return v
	}
	defer func() { e.depth-- }()
	if d == nil || d.Foreign {
		switch {
		case !v.IsValid():
			return v
		case v.Kind() == reflect.Interface && !v.IsNil():
			return e.boxed(e.r.Un(v.Elem().Interface()), v)
		case !e.r.holds(v):
			return v
		}
		d = &Desc{Name: v.Type().String()}
	} else if m, ok := e.own(v, d); ok {
		return m
	}
	switch v.Kind() {
	case reflect.Struct:
		if d.borrowed() {
			return exportedOf(v)
		}
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
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128:
		return e.unsupported(v, d)
	}
	return v
}

// exportedOf is the exported fields of a native struct, without its methods.
func exportedOf(v reflect.Value) reflect.Value {
	out := reflect.New(exportedType(v.Type())).Elem()
	for i := range out.NumField() {
		out.Field(i).Set(v.FieldByName(out.Type().Field(i).Name))
	}
	return out
}

func exportedType(t reflect.Type) reflect.Type {
	var fs []reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() && len(f.Index) == 1 {
			fs = append(fs, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
		}
	}
	return reflect.StructOf(fs)
}

// own is a value that has a method to encode itself, also one of its pointer.
func (e *encoder) own(v reflect.Value, d *Desc) (reflect.Value, bool) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return v, false
	}
	x := v.Interface()
	if d.Boxed {
		x = Box{d.ID, x, e.r}
	}
	if m := e.method(x, d); m != nil {
		return reflect.ValueOf(m), true
	}
	if v.Kind() == reflect.Pointer || !v.CanAddr() {
		return v, false
	}
	if m := e.method(e.r.addressed(v, d), d); m != nil {
		return reflect.ValueOf(m), true
	}
	return v, false
}

// method is a value that encodes itself as x does, nil if x has no method for
// that.
func (e *encoder) method(x any, d *Desc) any {
	if e.xml && e.attr {
		if f, ok := e.r.bound(x, "MarshalXMLAttr").(func(xml.Name) (xml.Attr, error)); ok {
			return xmlAttr{f}
		}
	} else if f, ok := e.r.bound(x, "MarshalXML").(func(*xml.Encoder, xml.StartElement) error); ok && e.xml {
		return xmlValue{f, d.element()}
	}
	if f, ok := e.r.bound(x, "MarshalJSON").(func() ([]byte, error)); ok && !e.xml {
		return jsonValue{typed(f, e.r.author(reflect.TypeOf(V(x)), d.ID))}
	}
	if f, ok := e.r.bound(x, "MarshalText").(func() ([]byte, error)); ok {
		if e.xml {
			return xmlText{f, d.element()}
		}
		return textValue{typed(f, e.r.author(reflect.TypeOf(V(x)), d.ID))}
	}
	return nil
}

// typed is a method whose errors say of which type it is.
func typed(f func() ([]byte, error), t reflect.Type) func() ([]byte, error) {
	return func() ([]byte, error) {
		b, err := f()
		if err != nil {
			err = typedError{err, t}
		}
		return b, err
	}
}

// key is that of the tags of fields.
func (e *encoder) key() string {
	if e.xml {
		return "xml"
	}
	return "json"
}

// omitted tells whether the tag of a field leaves its value out; known is false
// if package json would judge otherwise, for it does not see method IsZero.
func (e *encoder) omitted(v reflect.Value, d *Desc, tag reflect.StructTag) (out, known bool) {
	if hasOption(tag.Get(e.key()), "omitempty") && emptyValue(v) {
		return true, true
	}
	if e.xml || !hasOption(tag.Get("json"), "omitzero") {
		return false, true
	}
	isNil := v.Kind() == reflect.Pointer && v.IsNil()
	if d == nil || d.Foreign || isNil {
		if z, ok := v.Interface().(interface{ IsZero() bool }); ok && !isNil {
			return z.IsZero(), true
		}
		return v.IsZero(), true
	}
	x := v.Interface()
	if d.Boxed {
		x = Box{d.ID, x, e.r}
	}
	f, ok := e.r.bound(x, "IsZero").(func() bool)
	if !ok && v.Kind() != reflect.Pointer && v.CanAddr() {
		f, ok = e.r.bound(e.r.addressed(v, d), "IsZero").(func() bool)
	}
	if ok {
		return f(), false
	}
	return v.IsZero(), true
}

// emptyValue is what option omitempty leaves out.
func emptyValue(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func (e *encoder) structure(v reflect.Value, d *Desc) reflect.Value {
	outer := e.attr
	defer func() { e.attr = outer }()
	changed := false
	var fs []reflect.StructField
	var vals []reflect.Value
	for i, f := range d.Fields {
		sf := v.Type().Field(i)
		if !exported(f.Name) && !f.Embedded {
			continue
		}
		fd := e.r.desc(f.Type)
		e.attr = e.xml && hasOption(sf.Tag.Get("xml"), "attr")
		x := e.value(v.Field(i), fd)
		anonymous := f.Embedded && indirect(x.Type()).Kind() == reflect.Struct && indirect(x.Type()).NumMethod() == 0
		if anonymous && x.Kind() == reflect.Pointer && x.IsNil() {
			t, ok := e.r.twin(sf.Type, fd, map[int]bool{})
			if !ok {
				continue
			}
			x = reflect.Zero(t)
		}
		tag := sf.Tag
		out, known := false, true
		if name, _, _ := strings.Cut(sf.Tag.Get(e.key()), ","); !anonymous || name != "" {
			out, known = e.omitted(v.Field(i), fd, sf.Tag)
		}
		switch {
		case out: // the name still hides those of embedded structs
			x, tag = reflect.Zero(reflect.TypeFor[any]()), sf.Tag
			if !e.xml {
				name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
				tag = reflect.StructTag(fmt.Sprintf(`json:"%s,omitempty"`, name))
			}
		case x.Type() != sf.Type || !known:
			tag = reflect.StructTag(strings.ReplaceAll(string(sf.Tag), ",omitzero", ""))
		}
		changed = changed || x.Type() != sf.Type || anonymous || !known
		name := sf.Name
		if !exported(f.Name) {
			name = "E" + strings.TrimPrefix(name, "U_") // unexported embedded: the fields below count, not the name
		}
		fs = append(fs, reflect.StructField{Name: name, Type: x.Type(), Tag: tag, Anonymous: anonymous && !out})
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
	if v.Kind() == reflect.Slice && v.IsNil() || v.Type().Elem().Kind() == reflect.Uint8 && !e.speaks(elem) || elem != nil && !e.r.walks(elem, map[int]bool{}) {
		return v
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = e.value(v.Index(i), elem).Interface()
	}
	return reflect.ValueOf(out)
}

// speaks tells whether values of a type have a method to encode themselves:
// package json writes bytes that have none as text.
func (e *encoder) speaks(d *Desc) bool {
	if d == nil || d.Foreign {
		return false
	}
	p := e.r.of(e.r.addressed(reflect.New(d.typ).Elem(), d))
	for _, m := range [...]string{"MarshalJSON", "MarshalText"} {
		if d.Methods[m] != 0 || p != nil && p.Methods[m] != 0 {
			return true
		}
	}
	return false
}

func (e *encoder) mapping(v reflect.Value, d *Desc) reflect.Value {
	if e.xml {
		return e.unsupported(v, d)
	}
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
			e.err = fmt.Errorf("json: encoding error for type %q: %q", d.Name, err.Error())
		}
		return string(b)
	}
}
