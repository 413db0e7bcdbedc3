package rt

import (
	"fmt"
	"reflect"
)

// Gobbed is a value for an encoder of package gob: without the fields that its
// author did not export, and with parts that encode themselves as they do.
func (r *Runtime) Gobbed(x any) any {
	x = r.Un(x)
	d := r.of(x)
	if b := r.boxIn(reflect.ValueOf(V(x)), map[uintptr]bool{}); b != nil {
		panic(fmt.Sprintf("%s cannot be given to encoding/gob in a cell: an interface in it holds %s, which gob would take for %s; send a struct that has it as a field", r.typeName(x), b.Name, b.typ))
	}
	g := sender{r, d}
	if e := r.unsent(d, map[int]bool{}); e != nil {
		return unsent(e.Name)
	}
	if d == nil || d.Foreign || !g.changes(d) {
		return V(x)
	}
	v := reflect.ValueOf(V(x))
	return g.copy(g.typ(v.Type(), d, map[int]bool{}), v, d, false).Interface()
}

// boxIn is the type of a boxed value that an interface inside v holds, nil if
// none does.
func (r *Runtime) boxIn(v reflect.Value, seen map[uintptr]bool) *Desc {
	if !v.IsValid() || !reaches(v.Type(), map[reflect.Type]bool{}) {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if b, ok := free(v).Elem().Interface().(Box); ok {
			return r.of(b)
		}
		return r.boxIn(v.Elem(), seen)
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return nil
		}
		seen[v.Pointer()] = true
		return r.boxIn(v.Elem(), seen)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if d := r.boxIn(v.Index(i), seen); d != nil {
				return d
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if d := r.boxIn(it.Value(), seen); d != nil {
				return d
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				if d := r.boxIn(v.Field(i), seen); d != nil {
					return d
				}
			}
		}
	}
	return nil
}

// reaches tells whether there may be an interface inside values of a type.
func reaches(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return reaches(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if reaches(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// unsent is in place of a value that package gob refuses: the copy of its type
// without the fields that are not sent would have none, which gob sends.
type unsent string

func (u unsent) GobEncode() ([]byte, error) {
	return nil, fmt.Errorf("gob: type %s has no exported fields", string(u))
}

// unsent is the type of a struct in d whose fields are not sent, one and all.
func (r *Runtime) unsent(d *Desc, seen map[int]bool) *Desc {
	if d == nil || d.Foreign || seen[d.ID] {
		return nil
	}
	seen[d.ID] = true
	for _, m := range gobMethods {
		if _, ok := d.Methods[m]; ok {
			return nil
		}
	}
	for _, part := range []int{d.Key, d.Elem} {
		if e := r.unsent(r.desc(part), seen); e != nil {
			return e
		}
	}
	sent := 0
	for _, f := range d.Fields {
		if exported(f.Name) {
			sent++
			if e := r.unsent(r.desc(f.Type), seen); e != nil {
				return e
			}
		}
	}
	if len(d.Fields) > 0 && sent == 0 {
		return d
	}
	return nil
}

// gobMethods are those by which package gob lets a value encode itself.
var gobMethods = [...]string{"GobEncode", "GobDecode", "MarshalBinary", "UnmarshalBinary"}

// GobTarget is a value that package gob registers or fills.
func (r *Runtime) GobTarget(x any) any {
	x = r.Un(x)
	r.eachInside(r.of(x), map[int]bool{}, func(e *Desc) { r.refuseGob(x, e) })
	return V(x)
}

// refuseGob refuses a type whose methods package gob would not call.
func (r *Runtime) refuseGob(x any, e *Desc) {
	for _, m := range gobMethods {
		if _, ok := e.Methods[m]; ok {
			panic(fmt.Sprintf("%s cannot be given to encoding/gob in a cell as the value of an interface: method %s of %s would not be called; send it as its own type", r.typeName(x), m, e.Name))
		}
	}
}

// Exported is a value for an encoder that takes no unexported fields.
func (r *Runtime) Exported(x any) any {
	if d := r.of(x); d != nil && r.hides(d, map[int]bool{}) {
		panic(fmt.Sprintf("%s cannot be given to this function: struct contains unexported fields", d.Name))
	}
	return r.Raw(x)
}

// eachInside visits a type of the notebook and those inside it.
func (r *Runtime) eachInside(d *Desc, seen map[int]bool, visit func(*Desc)) {
	if d == nil || d.Foreign || seen[d.ID] {
		return
	}
	seen[d.ID] = true
	visit(d)
	r.eachInside(r.desc(d.Key), seen, visit)
	r.eachInside(r.desc(d.Elem), seen, visit)
	for _, f := range d.Fields {
		r.eachInside(r.desc(f.Type), seen, visit)
	}
}

// hides tells whether a type has fields somewhere that its author did not
// export.
func (r *Runtime) hides(d *Desc, seen map[int]bool) bool {
	found := false
	r.eachInside(d, seen, func(e *Desc) {
		for _, f := range e.Fields {
			found = found || !exported(f.Name)
		}
	})
	return found
}

// sender copies values to types without unexported fields.
type sender struct {
	r   *Runtime
	top *Desc
}

// changes tells whether a type is sent as another.
func (g sender) changes(d *Desc) bool {
	if g.r.hides(d, map[int]bool{}) {
		return true
	}
	found := false
	g.r.eachInside(d, map[int]bool{}, func(e *Desc) {
		found = found || e.borrowed()
		for _, m := range gobMethods {
			_, ok := e.Methods[m]
			found = found || ok
		}
	})
	return found
}

// part is the type by which a value that encodes itself is sent, nil for others.
func (g sender) part(t reflect.Type, d *Desc) reflect.Type {
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return nil
	}
	gob, binary := g.methods(reflect.New(t).Elem(), d)
	switch {
	case gob != nil:
		return reflect.TypeFor[gobPart]()
	case binary != nil:
		return reflect.TypeFor[binaryPart]()
	}
	return nil
}

func (g sender) methods(v reflect.Value, d *Desc) (gob, binary func() ([]byte, error)) {
	x := v.Interface()
	if d.Boxed {
		x = Box{d.ID, x, g.r}
	}
	p := g.r.addressed(v, d)
	method := func(name string) func() ([]byte, error) {
		if f, ok := g.r.bound(x, name).(func() ([]byte, error)); ok {
			return f
		}
		f, _ := g.r.bound(p, name).(func() ([]byte, error))
		return f
	}
	return method("GobEncode"), method("MarshalBinary")
}

func (g sender) typ(t reflect.Type, d *Desc, above map[int]bool) reflect.Type {
	if d == nil || d.Foreign || !g.changes(d) {
		return t
	}
	if p := g.part(t, d); p != nil {
		return p
	}
	if above[d.ID] {
		panic(fmt.Sprintf("%s cannot be given to encoding/gob: %s refers to itself and has unexported fields or parts that encode themselves; copy it to a type that has none", g.top.Name, d.Name))
	}
	above[d.ID] = true
	defer delete(above, d.ID)
	elem := func() reflect.Type { return g.typ(t.Elem(), g.r.desc(d.Elem), above) }
	switch t.Kind() {
	case reflect.Pointer:
		return reflect.PointerTo(elem())
	case reflect.Slice:
		return reflect.SliceOf(elem())
	case reflect.Array:
		return reflect.ArrayOf(t.Len(), elem())
	case reflect.Map:
		return reflect.MapOf(g.typ(t.Key(), g.r.desc(d.Key), above), elem())
	case reflect.Struct:
		var fs []reflect.StructField
		for i, f := range d.Fields {
			if exported(f.Name) {
				fs = append(fs, reflect.StructField{Name: f.Name, Type: g.typ(t.Field(i).Type, g.r.desc(f.Type), above)})
			}
		}
		return reflect.StructOf(fs)
	}
	return t
}

// copy is v as a value of type t. A part that is zero is left out of a struct.
func (g sender) copy(t reflect.Type, v reflect.Value, d *Desc, field bool) reflect.Value {
	if t == v.Type() {
		return v
	}
	out := reflect.New(t).Elem()
	elem := g.r.desc(d.Elem)
	switch {
	case isPart(t):
		gob, binary := g.methods(v, d)
		switch p := out.Addr().Interface().(type) {
		case *gobPart:
			if !field || !v.IsZero() {
				p.data, p.err = gob()
			}
		case *binaryPart:
			if !field || !v.IsZero() {
				p.data, p.err = binary()
			}
		}
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(t.Elem()))
			out.Elem().Set(g.copy(t.Elem(), v.Elem(), elem, field))
		}
	case v.Kind() == reflect.Slice, v.Kind() == reflect.Array:
		if v.Kind() == reflect.Slice && !v.IsNil() {
			out.Set(reflect.MakeSlice(t, v.Len(), v.Len()))
		}
		for i := range v.Len() {
			out.Index(i).Set(g.copy(t.Elem(), v.Index(i), elem, false))
		}
	case v.Kind() == reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMapWithSize(t, v.Len()))
		}
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(g.copy(t.Key(), it.Key(), g.r.desc(d.Key), false), g.copy(t.Elem(), it.Value(), elem, false))
		}
	case v.Kind() == reflect.Struct:
		n := 0
		for i, f := range d.Fields {
			if exported(f.Name) {
				out.Field(n).Set(g.copy(t.Field(n).Type, v.Field(i), g.r.desc(f.Type), true))
				n++
			}
		}
	}
	return out
}
