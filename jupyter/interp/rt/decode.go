package rt

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Decode lets native code of a package decode into x, a pointer. Parts that
// have methods to decode themselves, which native code cannot call, are put by
// as they came and handed to the methods afterwards. from is the Decoder, nil
// if there is none.
func (r *Runtime) Decode(path string, from, x any, call func(any) error) error {
	x = r.Un(x)
	d := r.of(x)
	v := reflect.ValueOf(V(x))
	c := decoder{r: r, path: path, above: map[int]bool{}}
	c.settings(from)
	defer c.open(v)()
	if d == nil || d.Foreign || v.Kind() != reflect.Pointer || v.IsNil() || r.desc(d.Elem) == nil && !d.ElemMethods {
		return call(V(x))
	}
	return c.decode(v, d, call)
}

// decoder decodes one value.
type decoder struct {
	r      *Runtime
	path   string // of the package: encoding/json, encoding/xml, encoding/gob
	attr   bool   // an attribute of XML is looked at
	strict bool   // fields that JSON has too many are errors
	number bool   // numbers of JSON stay as they are
	why    string
	above  map[int]bool
	in     string   // the struct of the part that is taken
	names  []string // of its fields, from the outermost on
	within bool     // that struct embeds the part
}

// settings are those of the Decoder that are needed again for parts.
func (c *decoder) settings(from any) {
	dec, ok := from.(*json.Decoder)
	if !ok {
		return
	}
	state := reflect.ValueOf(dec).Elem().FieldByName("d")
	c.strict = state.FieldByName("disallowUnknownFields").Bool()
	c.number = state.FieldByName("useNumber").Bool()
}

// decode lets call decode into what v points at.
func (c *decoder) decode(v reflect.Value, p *Desc, call func(any) error) error {
	elem := c.r.desc(p.Elem)
	t := reflect.TypeFor[heldJSON]()
	if !p.ElemMethods || c.path != jsonPath {
		t = c.mirror(v.Type().Elem(), elem)
	}
	if c.why != "" {
		panic(fmt.Sprintf("%s cannot be given to this function: %s", p.Name, c.why))
	}
	if t == v.Type().Elem() {
		return c.ofAuthor(call(v.Interface()), elem)
	}
	m := reflect.New(t)
	c.lend(m.Elem(), v.Elem())
	err := c.ofAuthor(call(m.Interface()), elem)
	more := c.take(v.Elem(), m.Elem(), elem)
	if held, ok := m.Interface().(*heldJSON); ok {
		more = c.takeHeld(v.Elem(), held, p.ElemOf)
	}
	if err == nil {
		err = more
	}
	return err
}

// mirror is a type that native code decodes into: t itself, or one in which
// parts that decode themselves are put by and embedded structs are embedded.
func (c *decoder) mirror(t reflect.Type, d *Desc) reflect.Type {
	if d == nil || d.Foreign || t.Kind() == reflect.Interface {
		return t
	}
	if c.decodesItself(t, d) {
		return c.part(t, d)
	}
	if c.above[d.ID] {
		return c.again(t, d)
	}
	c.above[d.ID] = true
	defer delete(c.above, d.ID)
	elem := func() reflect.Type {
		if d.ElemMethods && c.path == jsonPath {
			return reflect.TypeFor[heldJSON]()
		}
		return c.mirror(t.Elem(), c.r.desc(d.Elem))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return same(t, reflect.PointerTo(elem()))
	case reflect.Slice:
		return same(t, reflect.SliceOf(elem()))
	case reflect.Array:
		return same(t, reflect.ArrayOf(t.Len(), elem()))
	case reflect.Map:
		key := c.r.desc(d.Key)
		if c.keyFromText(reflect.New(t.Key()).Elem(), d) != nil {
			return reflect.MapOf(reflect.TypeFor[keyText](), elem())
		} else if c.path == gobPath && key != nil && !key.Foreign && c.decodesItself(t.Key(), key) {
			c.why = "the keys " + key.Name + " decode themselves; use keys without methods"
		}
		return same(t, reflect.MapOf(t.Key(), elem()))
	case reflect.Struct:
		if d.borrowed() {
			return exportedType(t)
		}
		return c.structure(t, d)
	}
	return t
}

// structure is mirror for a struct.
func (c *decoder) structure(t reflect.Type, d *Desc) reflect.Type {
	outer := c.attr
	defer func() { c.attr = outer }()
	changed := false
	var fs []reflect.StructField
	for i, f := range d.Fields {
		sf := t.Field(i)
		c.attr = c.path == xmlPath && hasOption(sf.Tag.Get("xml"), "attr")
		ft := c.mirror(sf.Type, c.r.desc(f.Type))
		if f.Methods && c.path == jsonPath {
			ft = reflect.TypeFor[heldJSON]()
		}
		anonymous := c.path != gobPath && f.Embedded && indirect(ft).Kind() == reflect.Struct && ft.NumMethod() == 0 && reflect.PointerTo(indirect(ft)).NumMethod() == 0
		changed = changed || anonymous || ft != sf.Type
		fs = append(fs, reflect.StructField{Name: sf.Name, Type: ft, Tag: sf.Tag, Anonymous: anonymous})
	}
	if changed {
		return reflect.StructOf(fs)
	}
	return t
}

// again is mirror for a type inside itself. If it cannot be decoded into as it
// is, its text is put by and decoded by itself.
func (c *decoder) again(t reflect.Type, d *Desc) reflect.Type {
	if !c.needsMirror(d, map[int]bool{}) {
		return t
	}
	if c.path == gobPath {
		c.why = "it refers to itself and has parts that decode themselves; decode those by hand"
		return t
	}
	return reflect.TypeFor[putBy]()
}

// hasOption tells whether a tag has an option behind its name.
func hasOption(tag, option string) bool {
	_, options, _ := strings.Cut(tag, ",")
	for o := range strings.SplitSeq(options, ",") {
		if o == option {
			return true
		}
	}
	return false
}

// keyText is a key of a map as it came.
type keyText string

// keyFromText is the method by which the key k of a map of type d decodes itself,
// nil if it has none.
func (c *decoder) keyFromText(k reflect.Value, d *Desc) func([]byte) error {
	key := c.r.desc(d.Key)
	if c.path == gobPath || key == nil || key.Foreign || k.Kind() == reflect.Pointer || k.Kind() == reflect.Interface {
		return nil
	}
	f, _ := c.r.bound(c.r.addressed(k, key), "UnmarshalText").(func([]byte) error)
	return f
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
func (c *decoder) needsMirror(d *Desc, seen map[int]bool) bool {
	if d == nil || d.Foreign || seen[d.ID] || d.typ == nil {
		return false
	}
	seen[d.ID] = true
	if c.decodesItself(d.typ, d) || d.borrowed() || d.ElemMethods && c.path == jsonPath || c.needsMirror(c.r.desc(d.Elem), seen) || c.needsMirror(c.r.desc(d.Key), seen) {
		return true
	}
	outer := c.attr
	defer func() { c.attr = outer }()
	for i, f := range d.Fields {
		c.attr = c.path == xmlPath && hasOption(d.typ.Field(i).Tag.Get("xml"), "attr")
		if c.path != gobPath && f.Embedded || f.Methods && c.path == jsonPath || c.needsMirror(c.r.desc(f.Type), seen) {
			return true
		}
	}
	return false
}
