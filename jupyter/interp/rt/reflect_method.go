package rt

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// methodNames are the exported methods of a type in the order of reflect; ok
// is false for types that reflect knows as they are.
func (r *Runtime) methodNames(t reflect.Type) (names []string, ok bool) {
	d := r.descOf(t)
	if d == nil {
		return nil, false
	}
	methods := d.Methods
	if d.face {
		methods = r.faceOf(t).Methods
	}
	for _, n := range slices.Sorted(maps.Keys(methods)) {
		if exported(n) {
			names = append(names, n)
		}
	}
	return names, true
}

// method is method name of a value, bound.
func (r *Runtime) method(v reflect.Value, name string) reflect.Value {
	x := r.ValueInterface(v)
	f := r.bound(x, name)
	if f == nil {
		if y := reflect.ValueOf(x); y.IsValid() && r.of(x) == nil { // of a native value in an interface
			return y.MethodByName(name)
		}
		panic(fmt.Sprintf("a cell cannot call method %s of %s through reflect; call it without", name, r.typeName(x)))
	}
	return r.tag(reflect.ValueOf(f), r.of(x).Methods[name])
}

// ValueNumMethod is NumMethod of a reflect.Value.
func (r *Runtime) ValueNumMethod(v reflect.Value) int {
	if !v.IsValid() {
		return v.NumMethod()
	}
	return r.TypeNumMethod(r.ValueType(v))
}

// ValueMethodByName is MethodByName of a reflect.Value.
func (r *Runtime) ValueMethodByName(v reflect.Value, name string) reflect.Value {
	if !v.IsValid() {
		return v.MethodByName(name)
	}
	names, ok := r.methodNames(r.ValueType(v))
	if !ok {
		return v.MethodByName(name)
	}
	if !slices.Contains(names, name) {
		return reflect.Value{}
	}
	return r.method(v, name)
}

// ValueMethod is Method of a reflect.Value.
func (r *Runtime) ValueMethod(v reflect.Value, i int) reflect.Value {
	if !v.IsValid() {
		return v.Method(i)
	}
	names, ok := r.methodNames(r.ValueType(v))
	if !ok {
		return v.Method(i)
	}
	if i < 0 || i >= len(names) {
		panic("reflect: Method index out of range")
	}
	return r.method(v, names[i])
}

// TypeNumMethod is NumMethod of a reflect.Type.
func (r *Runtime) TypeNumMethod(t reflect.Type) int {
	if names, ok := r.methodNames(t); ok {
		return len(names)
	}
	return t.NumMethod()
}

// TypeMethod is Method of a reflect.Type.
func (r *Runtime) TypeMethod(t reflect.Type, i int) reflect.Method {
	names, ok := r.methodNames(t)
	if !ok {
		return t.Method(i)
	}
	if i < 0 || i >= len(names) {
		panic("reflect: Method index out of range")
	}
	name := names[i]
	if r.descOf(t).face {
		return reflect.Method{Name: name, Type: r.signature(r.faceOf(t).Methods[name], r.faceOf(t).sigs[name]), Index: i}
	}
	zero := r.ValueZero(t)
	if t.Kind() == reflect.Pointer {
		zero = r.tag(reflect.New(bareType(t).Elem()), r.descOf(t).ID)
	}
	f := r.ValueType(r.method(zero, name))
	whole := r.funcOf(append([]reflect.Type{t}, parts(f.NumIn, f.In)...), parts(f.NumOut, f.Out), f.IsVariadic())
	id := r.descOf(t).ID
	call := reflect.MakeFunc(bareType(whole), func(args []reflect.Value) []reflect.Value {
		return r.bare(r.method(r.tag(args[0], id), name)).Call(args[1:])
	})
	if a, ok := whole.(authorType); ok {
		call = r.tag(call, a.id())
	}
	return reflect.Method{Name: name, Type: whole, Func: call, Index: i}
}

// signature is the type of a method of an interface.
func (r *Runtime) signature(id int, real reflect.Type) reflect.Type {
	if d := r.desc(id); d != nil && d.Boxed && d.typ != nil {
		return r.author(d.typ, d.ID)
	}
	return real
}

// TypeMethodByName is MethodByName of a reflect.Type.
func (r *Runtime) TypeMethodByName(t reflect.Type, name string) (reflect.Method, bool) {
	names, ok := r.methodNames(t)
	if !ok {
		return t.MethodByName(name)
	}
	i := slices.Index(names, name)
	if i < 0 {
		return reflect.Method{}, false
	}
	return r.TypeMethod(t, i), true
}

// TypeMethods and ValueMethods are Methods of a reflect.Type and Value.
func (r *Runtime) TypeMethods(t reflect.Type) func(func(reflect.Method) bool) {
	return func(yield func(reflect.Method) bool) {
		for i := range r.TypeNumMethod(t) {
			if !yield(r.TypeMethod(t, i)) {
				return
			}
		}
	}
}

func (r *Runtime) ValueMethods(v reflect.Value) func(func(reflect.Method, reflect.Value) bool) {
	return func(yield func(reflect.Method, reflect.Value) bool) {
		for i := range r.ValueNumMethod(v) {
			if !yield(r.TypeMethod(r.ValueType(v), i), r.ValueMethod(v, i)) {
				return
			}
		}
	}
}
