package rt

import (
	"reflect"
	"strings"
	"text/template/parse"
)

// print writes a value as fmt.Fprint does, what a pointer points to rather than
// the pointer.
func (f *filling) print(n parse.Node, v reflect.Value) {
	f.node = n
	x, ok := f.printable(v)
	if !ok {
		f.fail("can't print %s of type %s", n, f.typ(v))
	}
	f.write([]byte(f.r.Sprint([]any{x})))
}

// printable is v for a print function, in interface form.
func (f *filling) printable(v reflect.Value) (any, bool) {
	if v.Kind() == reflect.Pointer {
		v, _ = f.indirect(v)
	}
	if !v.IsValid() {
		return "<no value>", true
	}
	x := f.r.Un(f.r.ValueInterface(v))
	if !f.r.hasText(x) {
		if p, ok := f.addr(v); ok && f.r.hasText(f.r.ValueInterface(p)) {
			return f.r.ValueInterface(p), true
		}
		if k := v.Kind(); k == reflect.Chan || k == reflect.Func {
			return nil, false
		}
	}
	return x, true
}

// hasText tells whether a value is an error or a Stringer.
func (r *Runtime) hasText(x any) bool { return r.satisfies(x, errorType) || r.satisfies(x, stringer) }

// interfaces are arguments in interface form.
func (f *filling) interfaces(in []reflect.Value) []any {
	xs := make([]any, len(in))
	for i, v := range in {
		if v.IsValid() {
			xs[i] = f.r.Un(f.r.ValueInterface(v))
		}
	}
	return xs
}

// joined is what the escaping functions of a template escape.
func (f *filling) joined(xs []any) string {
	if len(xs) == 1 {
		if s, ok := xs[0].(string); ok {
			return s
		}
	}
	out := make([]any, len(xs))
	for i, x := range xs {
		out[i] = x
		if y, ok := f.printable(f.r.ValueOf(x)); ok {
			out[i] = y
		}
	}
	return f.r.Sprint(out)
}

// escapes tells whether a function is one that html/template puts in.
func escapes(name string) bool {
	return strings.HasPrefix(name, "_html_template_") || name == "_eval_args_"
}

// plain is a value for such a function, which asks values for their texts, and
// for JSON where a script is written.
func (f *filling) plain(name string, x any) any {
	x = f.r.Un(x)
	if !f.r.special(x) {
		return x
	}
	method := ""
	asks := func(x any) bool { return f.r.hasText(x) }
	if name == "_html_template_jsvalescaper" {
		method = "MarshalJSON"
		asks = func(x any) bool { return f.r.bound(x, method) != nil }
	}
	for v := f.r.ValueOf(x); !asks(x) && v.Kind() == reflect.Pointer && !v.IsNil(); {
		v = f.r.ValueElem(v)
		x = f.r.ValueInterface(v)
	}
	switch {
	case method == "":
		return asText{f.r, x}
	case !asks(x) && f.r.satisfies(x, stringer):
		return f.r.bound(x, "String").(func() string)()
	}
	return asJSON{f.r, x}
}

// asText and asJSON stand for a value in an escaping function.
type (
	asText struct {
		r *Runtime
		x any
	}
	asJSON struct {
		r *Runtime
		x any
	}
)

func (t asText) String() string { return t.r.Sprint([]any{t.x}) }

func (j asJSON) MarshalJSON() ([]byte, error) { return j.r.JSONMarshal(j.x) }

// satisfies tells whether a value has the methods of a native interface.
func (r *Runtime) satisfies(x any, t reflect.Type) bool {
	if x == nil {
		return false
	}
	d := r.of(x)
	if d == nil || d.Foreign {
		return reflect.TypeOf(x).Implements(t)
	}
	for i := range t.NumMethod() {
		m := t.Method(i)
		if have := r.bound(x, m.Name); have == nil || !fits(reflect.TypeOf(have), m.Type) {
			return false
		}
	}
	return true
}

// asNative is a value for a parameter of a native interface type.
func (r *Runtime) asNative(x any, t reflect.Type) any {
	if d := r.of(x); d == nil || d.Foreign {
		return x
	}
	if t == errorType {
		return r.ToErr(x)
	}
	for _, i := range r.descs.Load().ifaces {
		if i.native == t {
			return r.ToNative(x, i.ID)
		}
	}
	i, _ := r.strays.LoadOrStore(t, &Iface{Name: t.String(), native: t})
	return r.wrap(x, i.(*Iface))
}
