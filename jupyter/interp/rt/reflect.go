package rt

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// What cells ask package reflect about their own types goes through here: the
// interpreter's types have other field names and tags, and no methods.

// Reflected is a value for reflect.TypeOf and ValueOf.
func (r *Runtime) Reflected(x any) any {
	if b, ok := x.(Box); ok {
		panic(fmt.Sprintf("reflect cannot tell %s from %T in a cell; switch on the type, or use fmt's %%T for its name", r.typeName(b), b.V))
	}
	return r.Plain(x)
}

// TypeOf is reflect.TypeOf.
func (r *Runtime) TypeOf(x any) reflect.Type {
	x = r.Un(x)
	if b, ok := x.(Box); ok {
		return r.author(reflect.TypeOf(b.V), r.desc(b.ID).ID)
	}
	return r.known(reflect.TypeOf(x))
}

// DeepEqual is reflect.DeepEqual.
func (r *Runtime) DeepEqual(a, b any) bool {
	a, b = r.Un(a), r.Un(b)
	return r.typeName(a) == r.typeName(b) && reflect.DeepEqual(V(a), V(b))
}

// identity is the tag that tells notebook structs apart, in their first field.
var identity = regexp.MustCompile(` ?sp:"[^"]*"$`)

// hidden is the tag of a field that only its author calls unexported.
const hidden = `json:"-" xml:"-"`

// TypeField is Field of a reflect.Type.
func (r *Runtime) TypeField(t reflect.Type, i int) reflect.StructField {
	d := r.descOf(t)
	t = bareType(t)
	if d.empty() {
		panic("reflect: Field index out of bounds")
	}
	f := t.Field(i)
	f.Tag = reflect.StructTag(identity.ReplaceAllString(string(f.Tag), ""))
	if d != nil && i < len(d.Fields) {
		f.Name, f.Anonymous = d.Fields[i].Name, d.Fields[i].Embedded
		f.Type = r.partType(f.Type, d.Fields[i].Type, d.Fields[i].Of)
		if !exported(f.Name) {
			f.PkgPath, f.Tag = "main", reflect.StructTag(d.Fields[i].Tag)
		}
		return f
	}
	if name, ok := strings.CutPrefix(f.Name, "U_"); ok && f.Tag == hidden { // of a struct without a name
		f.Name, f.PkgPath, f.Tag = name, "main", ""
	}
	return f
}

// TypeNumField and ValueNumField are NumField of a reflect.Type and Value.
func (r *Runtime) TypeNumField(t reflect.Type) int {
	if r.descOf(t).empty() {
		return 0
	}
	return bareType(t).NumField()
}

func (r *Runtime) ValueNumField(v reflect.Value) int {
	if v.Kind() != reflect.Struct {
		return v.NumField() // says so
	}
	return r.TypeNumField(r.ValueType(v))
}

// TypeFields and ValueFields are Fields of a reflect.Type and Value.
func (r *Runtime) TypeFields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range r.TypeNumField(t) {
			if !yield(r.TypeField(t, i)) {
				return
			}
		}
	}
}

func (r *Runtime) ValueFields(v reflect.Value) func(func(reflect.StructField, reflect.Value) bool) {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		for i := range r.ValueNumField(v) {
			if !yield(r.TypeField(r.ValueType(v), i), r.ValueField(v, i)) {
				return
			}
		}
	}
}

// fieldIndex finds a field by the name that its author knows, in embedded
// structs if not in t itself, as the language does.
func (r *Runtime) fieldIndex(t reflect.Type, name string) ([]int, bool) {
	return r.findField(t, func(s string) bool { return s == name })
}

func (r *Runtime) findField(t reflect.Type, match func(string) bool) ([]int, bool) {
	type place struct {
		t     reflect.Type
		index []int
	}
	level, seen := []place{{t, nil}}, map[reflect.Type]bool{}
	for len(level) > 0 {
		var next []place
		var found [][]int
		for _, p := range level {
			if seen[p.t] {
				continue
			}
			seen[p.t] = true
			for i := range r.TypeNumField(p.t) {
				f := r.TypeField(p.t, i)
				index := append(slices.Clone(p.index), i)
				if match(f.Name) {
					found = append(found, index)
				}
				if e := indirect(f.Type); f.Anonymous && e.Kind() == reflect.Struct {
					next = append(next, place{e, index})
				}
			}
		}
		if len(found) > 0 {
			return found[0], len(found) == 1
		}
		level = next
	}
	return nil, false
}

// TypeFieldByName is FieldByName of a reflect.Type.
func (r *Runtime) TypeFieldByName(t reflect.Type, name string) (reflect.StructField, bool) {
	index, ok := r.fieldIndex(t, name)
	if !ok {
		return reflect.StructField{}, false
	}
	f := reflect.StructField{Type: t}
	for _, i := range index {
		f = r.TypeField(indirect(f.Type), i)
	}
	f.Index = index
	return f, true
}

// ValueFieldByName is FieldByName of a reflect.Value.
func (r *Runtime) ValueFieldByName(v reflect.Value, name string) reflect.Value {
	index, ok := r.fieldIndex(r.ValueType(v), name)
	if !ok {
		return reflect.Value{}
	}
	return r.ValueFieldByIndex(v, index)
}

// ValueFieldByIndex is FieldByIndex of a reflect.Value.
func (r *Runtime) ValueFieldByIndex(v reflect.Value, index []int) reflect.Value {
	for n, i := range index {
		if n > 0 && v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct {
			if v.IsNil() {
				panic("reflect: indirection through nil pointer to embedded struct")
			}
			v = v.Elem()
		}
		v = r.ValueField(v, i)
	}
	return v
}

// ValueFieldByIndexErr is FieldByIndexErr of a reflect.Value.
func (r *Runtime) ValueFieldByIndexErr(v reflect.Value, index []int) (reflect.Value, error) {
	for n, i := range index {
		if n > 0 && v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct {
			if v.IsNil() {
				return reflect.Value{}, errors.New("reflect: indirection through nil pointer to embedded struct field " + r.TypeName(r.ValueType(v).Elem()))
			}
			v = r.ValueElem(v)
		}
		v = r.ValueField(v, i)
	}
	return v, nil
}

// TypeFieldByIndex is FieldByIndex of a reflect.Type.
func (r *Runtime) TypeFieldByIndex(t reflect.Type, index []int) (f reflect.StructField) {
	for n, i := range index {
		if n > 0 && t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
			t = t.Elem()
		}
		f = r.TypeField(t, i)
		t = f.Type
	}
	return f
}

// TypeFieldByNameFunc and ValueFieldByNameFunc are FieldByNameFunc of a
// reflect.Type and Value.
func (r *Runtime) TypeFieldByNameFunc(t reflect.Type, match func(string) bool) (reflect.StructField, bool) {
	index, ok := r.findField(t, match)
	if !ok {
		return reflect.StructField{}, false
	}
	f := r.TypeFieldByIndex(t, index)
	f.Index = index
	return f, true
}

func (r *Runtime) ValueFieldByNameFunc(v reflect.Value, match func(string) bool) reflect.Value {
	index, ok := r.findField(r.ValueType(v), match)
	if !ok {
		return reflect.Value{}
	}
	return r.ValueFieldByIndex(v, index)
}

// TypeVisibleFields is reflect.VisibleFields.
func (r *Runtime) TypeVisibleFields(t reflect.Type) []reflect.StructField {
	if t == nil || t.Kind() != reflect.Struct {
		return reflect.VisibleFields(t) // panics
	}
	var all []reflect.StructField
	var visit func(t reflect.Type, index []int, seen map[reflect.Type]bool)
	visit = func(t reflect.Type, index []int, seen map[reflect.Type]bool) {
		if seen[t] {
			return
		}
		seen[t] = true
		for i := range r.TypeNumField(t) {
			f := r.TypeField(t, i)
			f.Index = append(slices.Clone(index), i)
			all = append(all, f)
			if e := indirect(f.Type); f.Anonymous && e.Kind() == reflect.Struct {
				visit(e, f.Index, seen)
			}
		}
		delete(seen, t)
	}
	visit(t, nil, map[reflect.Type]bool{})
	return slices.DeleteFunc(all, func(f reflect.StructField) bool {
		index, ok := r.fieldIndex(t, f.Name)
		return !ok || !slices.Equal(index, f.Index)
	})
}

// ValueField is Field of a reflect.Value. A field that its author did not
// export can be looked at only, as in compiled Go.
func (r *Runtime) ValueField(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	var sf reflect.StructField
	id := 0
	if d := r.tagged(v); d != nil {
		sf = r.TypeField(r.author(v.Type(), d.ID), i)
	} else {
		sf = r.TypeField(v.Type(), i)
	}
	if t, ok := sf.Type.(authorType); ok {
		id = t.id()
	}
	if !f.CanInterface() || sf.IsExported() {
		return r.tag(f, id)
	}
	if sf.Anonymous {
		return r.tag(viaEmbedded(f), id)
	}
	p := reflect.New(f.Type())
	if f.CanAddr() {
		p = f.Addr()
	} else {
		p.Elem().Set(f)
	}
	holder := reflect.StructOf([]reflect.StructField{{Name: "x", PkgPath: "main", Type: f.Type()}})
	return r.tag(reflect.NewAt(holder, p.UnsafePointer()).Elem().Field(0), id)
}

// ValueElem is Elem of a reflect.Value.
func (r *Runtime) ValueElem(v reflect.Value) reflect.Value {
	e := v.Elem()
	if v.Kind() == reflect.Interface && !v.IsNil() {
		if x := r.Un(e.Interface()); reflect.TypeOf(x) != e.Type() || e.Type() == reflect.TypeFor[Box]() {
			return r.ValueOf(x)
		}
	}
	return r.inside(r.tagged(v), e)
}

// ValueIndirect is reflect.Indirect.
func (r *Runtime) ValueIndirect(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	return r.ValueElem(v)
}
