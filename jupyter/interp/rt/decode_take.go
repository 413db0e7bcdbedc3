package rt

import (
	"encoding/json"
	"reflect"
	"strings"
)

// lend gives the mirror what is there already: what the text does not mention
// stays.
func (c *decoder) lend(m, v reflect.Value) {
	switch {
	case m.Type() == v.Type():
		m.Set(v)
	case isPart(m.Type()), m.Type() == reflect.TypeFor[heldJSON]():
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
	case v.Kind() == reflect.Struct && v.Type().Name() != "": // see borrowed
		m.Set(exportedOf(v))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			c.lend(m.Field(i), v.Field(i))
		}
	}
}

// take moves what was decoded from the mirror to v.
func (c *decoder) take(v, m reflect.Value, d *Desc) error {
	switch {
	case m.Type() == v.Type():
		v.Set(m)
		return nil
	case m.Type() == reflect.TypeFor[heldJSON]():
		return nil // see takeHeld
	}
	if isPart(m.Type()) {
		return c.hand(v, m.Addr().Interface(), d)
	}
	elem := c.r.desc(d.Elem)
	take := func(v, m reflect.Value) error {
		if h, ok := m.Addr().Interface().(*heldJSON); ok {
			return c.takeHeld(v, h, d.ElemOf)
		}
		return c.take(v, m, elem)
	}
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
		return take(v.Elem(), m.Elem())
	case reflect.Slice:
		if m.IsNil() {
			v.SetZero()
			return nil
		}
		out := reflect.MakeSlice(v.Type(), m.Len(), m.Len())
		reflect.Copy(out, v)
		for i := range m.Len() {
			note(take(out.Index(i), m.Index(i)))
		}
		v.Set(out)
	case reflect.Array:
		for i := range m.Len() {
			note(take(v.Index(i), m.Index(i)))
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
			note(take(to, from))
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
		if d.borrowed() {
			for i := range m.NumField() {
				v.FieldByName(m.Type().Field(i).Name).Set(m.Field(i))
			}
			break
		}
		c.takeFields(v, m, d, note)
	}
	return first
}

// takeFields is take for the fields of a struct.
func (c *decoder) takeFields(v, m reflect.Value, d *Desc, note func(error)) {
	in, names, attr, within := c.in, c.names, c.attr, c.within
	defer func() { c.in, c.names, c.attr, c.within = in, names, attr, within }()
	if !within {
		c.in = d.element()
	}
	for i, f := range d.Fields {
		sf := m.Type().Field(i)
		c.names, c.within = append(names[:len(names):len(names)], jsonName(sf, f)), sf.Anonymous
		c.attr = c.path == xmlPath && hasOption(sf.Tag.Get("xml"), "attr")
		if h, ok := m.Field(i).Addr().Interface().(*heldJSON); ok {
			note(c.takeHeld(v.Field(i), h, f.Of))
			continue
		}
		note(c.take(v.Field(i), m.Field(i), c.r.desc(f.Type)))
	}
}

// jsonName is what package json calls a field.
func jsonName(sf reflect.StructField, f FieldDesc) string {
	if name, _, _ := strings.Cut(sf.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

// placed gives an error the place of the part, as package json does. What a
// part that is decoded by itself says of its own struct stays.
func (c *decoder) placed(err error, nested bool) error {
	e, ok := err.(*json.UnmarshalTypeError)
	if !ok || c.in == "" {
		return err
	}
	names := c.names
	if e.Field != "" {
		names = append(names[:len(names):len(names)], e.Field)
	}
	if e.Field = strings.Join(names, "."); !nested || e.Struct == "" {
		e.Struct = c.in
	}
	return err
}

// ofAuthor gives an error about a field the names that its author knows.
func (c *decoder) ofAuthor(err error, d *Desc) error {
	e, ok := err.(*json.UnmarshalTypeError)
	if !ok || d == nil {
		return err
	}
	in, within := "", false
	if e.Field != "" {
		names := strings.Split(e.Field, ".")
		for i, n := range names {
			names[i] = strings.TrimPrefix(n, "U_") // of embedded types
			var of string
			var embedded bool
			if d, of, embedded = c.fieldNamed(d, names[i]); of != "" && !within {
				in = of
			}
			within = embedded
		}
		e.Field = strings.Join(names, ".")
	}
	if e.Struct == "" {
		e.Struct = in
	}
	for ; d != nil && !d.Foreign; d = c.r.desc(d.Elem) {
		if d.typ == e.Type || d.borrowed() && exportedType(d.typ) == e.Type {
			e.Type = namedType{e.Type, d.Name}
			break
		}
	}
	return err
}

// fieldNamed finds a field of a struct inside d by what package json calls it,
// and the name of the struct.
func (c *decoder) fieldNamed(d *Desc, name string) (field *Desc, in string, embedded bool) {
	for d != nil && !d.Foreign && len(d.Fields) == 0 {
		d = c.r.desc(d.Elem)
	}
	if d == nil || d.typ == nil {
		return nil, "", false
	}
	for i, f := range d.Fields {
		if jsonName(d.typ.Field(i), f) != name {
			continue
		}
		if d.Own {
			in = d.element()
		}
		return c.r.desc(f.Type), in, f.Embedded
	}
	return nil, "", false
}
