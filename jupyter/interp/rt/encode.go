package rt

import (
	"database/sql/driver"
	"fmt"
	"log/slog"
	"reflect"
)

// Raw is a value as native code that reflects must see it: out of its box, and
// with the methods by which encoders ask a value for its text. What an encoder
// would get wrong is refused.
func (r *Runtime) Raw(x any) any {
	x = r.Un(x)
	d := r.of(x)
	if d == nil || d.Foreign {
		return x
	}
	if f, ok := r.bound(x, "MarshalJSON").(func() ([]byte, error)); ok {
		return jsonValue{f}
	}
	if f, ok := r.bound(x, "MarshalText").(func() ([]byte, error)); ok {
		return textValue{f}
	}
	if why, embeds := r.unencodable(d, map[int]bool{}); why == "" && embeds {
		if y, ok := r.embedded(x, d); ok {
			return y
		}
		panic(fmt.Sprintf("%s cannot be given to this function: it embeds a struct that refers to itself; give the field a name", d.Name))
	} else if why != "" {
		panic(fmt.Sprintf("%s cannot be given to this function: %s", d.Name, why))
	}
	return V(x)
}

// Sized is a value for encoding/binary. A struct without fields has one here.
func (r *Runtime) Sized(x any) any {
	d := r.of(r.Un(x))
	if p := d; p != nil && !p.Foreign && p.typ != nil && p.typ.Kind() == reflect.Pointer {
		p = r.desc(p.Elem)
		if p != nil && p.empty() {
			return &struct{}{}
		}
	} else if p.empty() {
		return struct{}{}
	}
	r.eachInside(d, map[int]bool{}, func(e *Desc) {
		if e.empty() {
			panic(fmt.Sprintf("%s cannot be given to encoding/binary in a cell: %s, a struct without fields, takes room there; write the parts by themselves", d.Name, e.Name))
		}
	})
	return r.Raw(x)
}

// empty tells whether the type is a notebook struct without fields.
func (d *Desc) empty() bool {
	return d != nil && d.Own && d.typ != nil && d.typ.Kind() == reflect.Struct && len(d.Fields) == 0
}

// Plain is a value out of its box, for native code that only looks at memory.
func (r *Runtime) Plain(x any) any { return V(r.Un(x)) }

// Quick is a function that package testing/quick calls with values that it makes
// by reflection.
func (r *Runtime) Quick(x any) any {
	x = r.Un(x)
	t := r.TypeOf(x)
	if t == nil || t.Kind() != reflect.Func {
		return V(x)
	}
	for p := range t.Ins() {
		r.eachInside(r.descOf(p), map[int]bool{}, func(e *Desc) {
			if _, ok := e.Methods["Generate"]; ok {
				panic(fmt.Sprintf("%s cannot be given to testing/quick in a cell: it would not call method Generate of %s; take a seed and make the value of it in the function", r.typeName(x), e.Name))
			}
		})
	}
	return V(x)
}

// Scanned is what a scan function of package fmt fills.
func (r *Runtime) Scanned(x any) any {
	if f, ok := r.bound(x, "Scan").(func(fmt.ScanState, rune) error); ok {
		return scanTarget{f}
	}
	return r.Plain(x)
}

type scanTarget struct {
	f func(fmt.ScanState, rune) error
}

func (t scanTarget) Scan(s fmt.ScanState, verb rune) error { return t.f(s, verb) }

// SQL is a value that package database/sql sends, or a target that it fills.
func (r *Runtime) SQL(x any) any {
	x = r.Un(x)
	if f, ok := r.bound(x, "Scan").(func(any) error); ok {
		return sqlTarget{f}
	}
	if f, ok := r.bound(x, "Value").(func() (any, error)); ok { // driver.Value is any to the interpreter
		return sqlValue{f}
	}
	return V(x)
}

type sqlTarget struct{ f func(any) error }

func (t sqlTarget) Scan(src any) error { return t.f(src) }

type sqlValue struct {
	f func() (any, error)
}

func (v sqlValue) Value() (driver.Value, error) { return v.f() }

type jsonValue struct{ f func() ([]byte, error) }

func (v jsonValue) MarshalJSON() ([]byte, error) { return v.f() }

type textValue struct{ f func() ([]byte, error) }

func (v textValue) MarshalText() ([]byte, error) { return v.f() }

// unencodable says what in a type decoders would get wrong, and
// whether it has embedded structs.
func (r *Runtime) unencodable(d *Desc, seen map[int]bool) (why string, embeds bool) {
	if d == nil || d.Foreign || seen[d.ID] {
		return "", false
	}
	seen[d.ID] = true
	for _, m := range [...]string{"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText", "MarshalXML", "UnmarshalXML", "MarshalXMLAttr", "UnmarshalXMLAttr"} {
		if _, ok := d.Methods[m]; ok {
			return "method " + m + " of " + d.Name + " would not be called; decode that part by hand", false
		}
	}
	if d.borrowed() {
		return d.Name + " has the fields of " + d.typ.String() + ", whose methods would be called; use " + d.typ.String(), false
	}
	inside := []int{d.Key, d.Elem}
	for _, f := range d.Fields {
		embeds = embeds || f.Embedded
		inside = append(inside, f.Type)
	}
	for _, id := range inside {
		w, e := r.unencodable(r.desc(id), seen)
		if embeds = embeds || e; w != "" {
			return w, embeds
		}
	}
	return "", embeds
}

// embedded is a value, or what a pointer points at, under a type of the same
// layout whose embedded fields are embedded for reflect too.
func (r *Runtime) embedded(x any, d *Desc) (any, bool) {
	v := reflect.ValueOf(V(x))
	if v.Kind() != reflect.Pointer {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		t, ok := r.twin(v.Type(), d, map[int]bool{})
		if !ok {
			return nil, false
		}
		return reflect.NewAt(t, p.UnsafePointer()).Elem().Interface(), true
	}
	t, ok := r.twin(v.Type().Elem(), r.desc(d.Elem), map[int]bool{})
	if !ok {
		return nil, false
	}
	return reflect.NewAt(t, v.UnsafePointer()).Interface(), true
}

// twin is a type of the same layout with embedding; false if it is recursive.
func (r *Runtime) twin(t reflect.Type, d *Desc, above map[int]bool) (reflect.Type, bool) {
	if d == nil || d.Foreign || t.Kind() == reflect.Interface {
		return t, true
	}
	if above[d.ID] {
		return t, false
	}
	above[d.ID] = true
	defer delete(above, d.ID)
	elem := func() (reflect.Type, bool) { return r.twin(t.Elem(), r.desc(d.Elem), above) }
	switch t.Kind() {
	case reflect.Pointer:
		e, ok := elem()
		return reflect.PointerTo(e), ok
	case reflect.Slice:
		e, ok := elem()
		return reflect.SliceOf(e), ok
	case reflect.Array:
		e, ok := elem()
		return reflect.ArrayOf(t.Len(), e), ok
	case reflect.Map:
		e, ok := elem()
		return reflect.MapOf(t.Key(), e), ok
	case reflect.Struct:
		var fs []reflect.StructField
		for i, f := range d.Fields {
			sf := t.Field(i)
			ft, ok := r.twin(sf.Type, r.desc(f.Type), above)
			if !ok {
				return t, false
			}
			anonymous := f.Embedded && indirect(ft).Kind() == reflect.Struct && ft.NumMethod() == 0 && reflect.PointerTo(indirect(ft)).NumMethod() == 0
			fs = append(fs, reflect.StructField{Name: sf.Name, Type: ft, Tag: sf.Tag, Anonymous: anonymous})
		}
		return reflect.StructOf(fs), true
	}
	return t, true
}

// Logged is a value for log/slog.
func (r *Runtime) Logged(x any) any {
	if !r.special(x) || r.speaks(x) {
		return x
	}
	in := logged{shown{r, x}}
	if f, ok := r.bound(x, "LogValue").(func() slog.Value); ok {
		return logValuer{in, f}
	}
	if d := r.of(x); d != nil && d.binders["Error"] != nil {
		return r.ToErr(x)
	}
	if f, ok := r.bound(x, "MarshalText").(func() ([]byte, error)); ok {
		return loggedText{in, f}
	}
	return in
}

// logged formats itself for text and encodes itself for JSON handlers.
type logged struct{ shown }

func (v logged) MarshalJSON() ([]byte, error) { return v.r.JSONMarshal(v.x) }
func (v logged) value() any                   { return v.x }

type loggedText struct {
	logged
	f func() ([]byte, error)
}

func (v loggedText) MarshalText() ([]byte, error) { return v.f() }

type logValuer struct {
	logged
	f func() slog.Value
}

func (v logValuer) LogValue() slog.Value { return v.f() }
