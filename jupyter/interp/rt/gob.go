package rt

import (
	"fmt"
	"reflect"
)

// Gobbed is a value for an encoder of package gob: without the fields that its
// author did not export.
func (r *Runtime) Gobbed(x any) any {
	x = r.GobTarget(x)
	d := r.of(x)
	if d == nil || d.Foreign || !r.hides(d, map[int]bool{}) {
		return V(x)
	}
	g := sender{r, d}
	v := reflect.ValueOf(V(x))
	return g.copy(g.typ(v.Type(), d, map[int]bool{}), v, d).Interface()
}

// GobTarget is a value that package gob registers or fills.
func (r *Runtime) GobTarget(x any) any {
	x = r.Un(x)
	if d := r.of(x); d != nil {
		r.eachInside(d, map[int]bool{}, func(e *Desc) {
			for _, m := range [...]string{"GobEncode", "GobDecode", "MarshalBinary", "UnmarshalBinary"} {
				if _, ok := e.Methods[m]; ok {
					panic(fmt.Sprintf("%s cannot be given to encoding/gob: method %s of %s would not be called; copy the value to a type without it", d.Name, m, e.Name))
				}
			}
		})
	}
	return V(x)
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

func (g sender) typ(t reflect.Type, d *Desc, above map[int]bool) reflect.Type {
	if d == nil || d.Foreign || !g.r.hides(d, map[int]bool{}) {
		return t
	}
	if above[d.ID] {
		panic(fmt.Sprintf("%s cannot be given to encoding/gob: %s refers to itself and has unexported fields; copy it to a type that has none", g.top.Name, d.Name))
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

func (g sender) copy(t reflect.Type, v reflect.Value, d *Desc) reflect.Value {
	if t == v.Type() {
		return v
	}
	out := reflect.New(t).Elem()
	elem := g.r.desc(d.Elem)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(t.Elem()))
			out.Elem().Set(g.copy(t.Elem(), v.Elem(), elem))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(t, v.Len(), v.Len()))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			out.Index(i).Set(g.copy(t.Elem(), v.Index(i), elem))
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMapWithSize(t, v.Len()))
		}
		for it := v.MapRange(); it.Next(); {
			out.SetMapIndex(g.copy(t.Key(), it.Key(), g.r.desc(d.Key)), g.copy(t.Elem(), it.Value(), elem))
		}
	case reflect.Struct:
		n := 0
		for i, f := range d.Fields {
			if exported(f.Name) {
				out.Field(n).Set(g.copy(t.Field(n).Type, v.Field(i), g.r.desc(f.Type)))
				n++
			}
		}
	}
	return out
}
