package rt

import (
	"fmt"
	"reflect"
	"sort"
)

// Err is a notebook error as a native error. It compares as its value does,
// so that errors.Is works on sentinels.
type Err struct {
	V any // interface form
	r *Runtime
}

// standIn is what stands for a value in native code: an Err of any kind, what
// is logged.
type standIn interface{ value() any }

func (e Err) value() any { return e.V }

func (e Err) Error() string {
	if f, ok := e.r.bound(e.V, "Error").(func() string); ok {
		return f()
	}
	return e.r.typeName(e.V)
}

// Unwrap, Is and As are those of the notebook type, if it has them.
func (e Err) Unwrap() error {
	if f, ok := e.r.bound(e.V, "Unwrap").(func() error); ok {
		return f()
	}
	return nil
}

func (e Err) Is(target error) bool {
	if f, ok := e.r.bound(e.V, "Is").(func(error) bool); ok {
		return f(target)
	}
	return false
}

func (e Err) As(target any) bool {
	if f, ok := e.r.bound(e.V, "As").(func(any) bool); ok {
		return f(target)
	}
	return false
}

// Format prints the value below as fmt would print it in compiled Go.
func (e Err) Format(s fmt.State, verb rune) { e.r.format(s, verb, e.V) }

// timed is an Err that tells whether it is a timeout, as native code asks.
type timed struct{ Err }

func (e timed) Timeout() bool {
	f, ok := e.r.bound(e.V, "Timeout").(func() bool)
	return ok && f()
}

// passing is a timed that has the other method of net.Error.
type passing struct{ timed }

func (e passing) Temporary() bool {
	f, ok := e.r.bound(e.V, "Temporary").(func() bool)
	return ok && f()
}

// many is an Err whose notebook type unwraps to several errors.
type many struct{ Err }

func (e many) Unwrap() []error {
	if f, ok := e.r.bound(e.V, "Unwrap").(func() []error); ok {
		return f()
	}
	return nil
}

// ToErr is the native error that stands for a value in interface form.
func (r *Runtime) ToErr(x any) error {
	if x == nil {
		return nil
	}
	if e, ok := x.(error); ok {
		return e
	}
	switch e := r.errOf(x).(type) {
	case Err:
		return onlyComparable(x, e)
	case many:
		return onlyComparable(x, e)
	case timed:
		return onlyComparable(x, e)
	default:
		return onlyComparable(x, e.(passing))
	}
}

// onlyComparable is e, or a pointer to it if e stands for a value that cannot be
// compared: package errors would compare it.
func onlyComparable[E any, P interface {
	*E
	error
}](x any, e E) error {
	if reflect.ValueOf(V(x)).Comparable() {
		return any(e).(error)
	}
	return P(&e)
}

// errOf is the kind of Err that stands for a value.
func (r *Runtime) errOf(x any) error {
	e := Err{x, r}
	d := r.of(x)
	if d == nil {
		return e
	}
	if f := d.binders["Unwrap"]; f != nil {
		if _, ok := f(x).(func() []error); ok {
			return many{e}
		}
	}
	if f := d.binders["Timeout"]; f != nil {
		if _, ok := f(x).(func() bool); ok && d.binders["Temporary"] != nil {
			return passing{timed{e}}
		} else if ok {
			return timed{e}
		}
	}
	return e
}

// ToNative is the native interface value that stands for x: x itself if it is
// native, else yaegi's wrapper with the methods bound.
func (r *Runtime) ToNative(x any, id int) any {
	i := r.iface(id)
	if x == nil || i == nil {
		return x
	}
	return r.wrap(x, i)
}

func (r *Runtime) wrap(x any, i *Iface) any {
	d := r.of(x)
	if d == nil || len(d.binders) == 0 {
		return x
	}
	w := r.wrapperFor(x, d, i)
	if w == nil {
		panic(fmt.Sprintf("%s cannot be passed to native code as %s: no wrapper is known for this interface", d.Name, i.native))
	}
	return r.only(x, d, i, func() reflect.Value {
		v := reflect.New(w)
		v.Elem().Field(0).Set(reflect.ValueOf(x))
		if missing := r.fill(v.Elem(), x); missing != "" {
			panic(fmt.Sprintf("internal error: method %s of %s is not bound", missing, d.Name))
		}
		return v
	})
}

// Impl tells whether the dynamic type of x has the methods of interface id.
func (r *Runtime) Impl(x any, id int) bool {
	if x == nil {
		return false
	}
	return r.missing(x, r.iface(id)) == ""
}

// missing names the first method, by name, that x lacks.
func (r *Runtime) missing(x any, i *Iface) string {
	names := make([]string, 0, len(i.Methods))
	for m := range i.Methods {
		names = append(names, m)
	}
	sort.Strings(names)
	d := r.of(x)
	if d != nil && !d.Foreign && (d.Own || d.Boxed || len(d.Methods) > 0) {
		for _, m := range names {
			if have, ok := d.Methods[m]; !ok || have != i.Methods[m] {
				return m
			}
		}
		return ""
	}
	t := reflect.TypeOf(x)
	for _, m := range names {
		f, ok := t.MethodByName(m)
		if !ok || !r.sameMethod(f.Type, i, m) {
			return m
		}
	}
	return ""
}

// sameMethod compares a native method, receiver first, with the interface's.
func (r *Runtime) sameMethod(f reflect.Type, i *Iface, name string) bool {
	var want reflect.Type
	if i.native != nil {
		m, ok := i.native.MethodByName(name)
		if !ok {
			return false
		}
		want = m.Type
	} else if want = i.sigs[name]; want == nil {
		return true
	}
	if f.NumIn() != want.NumIn()+1 || f.NumOut() != want.NumOut() {
		return false
	}
	for j := range want.NumIn() {
		if f.In(j+1) != want.In(j) {
			return false
		}
	}
	for j := range want.NumOut() {
		if f.Out(j) != want.Out(j) {
			return false
		}
	}
	return true
}

// CallN calls a method of a native value through a notebook interface.
func (r *Runtime) CallN(x any, name string, args []any, variadic bool) []any {
	if err, ok := r.executed(x, name, args); ok {
		return []any{err}
	}
	m := reflect.ValueOf(x).MethodByName(name)
	if !m.IsValid() {
		if e, ok := x.(error); ok && name == "Error" {
			return []any{e.Error()}
		}
		panic(fault(fmt.Sprintf("%s has no method %s any more: a later cell gave it another receiver or signature", r.typeName(x), name)))
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		if a == nil {
			in[i] = reflect.Zero(m.Type().In(i))
			continue
		}
		in[i] = reflect.ValueOf(a)
	}
	call := m.Call
	if variadic {
		call = m.CallSlice
	}
	var out []any
	for _, v := range call(in) {
		out = append(out, v.Interface())
	}
	return out
}

// AsMethod asks the As method of a link of an error chain, as errors.As does.
func (r *Runtime) AsMethod(x, target any) bool {
	if f, ok := r.bound(x, "As").(func(any) bool); ok {
		return f(target)
	}
	if e, ok := x.(interface{ As(any) bool }); ok {
		return e.As(target)
	}
	return false
}

// Chain lists an error tree in the order of errors.As, in interface form.
func (r *Runtime) Chain(e error) []any {
	if e == nil {
		return nil
	}
	list := []any{r.Un(e)}
	switch u := e.(type) {
	case interface{ Unwrap() error }:
		list = append(list, r.Chain(u.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, n := range u.Unwrap() {
			list = append(list, r.Chain(n)...)
		}
	}
	return list
}
