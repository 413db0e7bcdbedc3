package rt

import "reflect"

// Functions by reflect. What is variadic to its author has a slice as its last
// parameter in the interpreter.

// ValueCall is Call of a reflect.Value.
func (r *Runtime) ValueCall(f reflect.Value, in []reflect.Value) []reflect.Value {
	if f.Kind() != reflect.Func || f.IsNil() {
		return f.Call(in) // says so
	}
	t := r.ValueType(f)
	if !t.IsVariadic() {
		return r.called(f, t, in, reflect.Value.Call)
	}
	fixed := t.NumIn() - 1
	if len(in) < fixed {
		panic("reflect: Call with too few input arguments")
	}
	s := reflect.Zero(f.Type().In(fixed))
	d := boxedType(t.In(fixed))
	elem := t.In(fixed).Elem()
	for _, x := range in[fixed:] {
		if x.IsValid() && !r.TypeAssignableTo(r.ValueType(x), elem) {
			panic("reflect: cannot use " + r.TypeString(r.ValueType(x)) + " as type " + r.TypeString(elem) + " in Call")
		}
		s = reflect.Append(s, r.stored("", x, s.Type().Elem(), r.elemOf(d)))
	}
	return r.called(f, t, append(append([]reflect.Value(nil), in[:fixed]...), r.retag(s, d)), spread(f))
}

// spread is how a variadic function is called with a slice.
func spread(f reflect.Value) func(reflect.Value, []reflect.Value) []reflect.Value {
	if f.Type().IsVariadic() {
		return reflect.Value.CallSlice
	}
	return reflect.Value.Call
}

// ValueCallSlice is CallSlice of a reflect.Value.
func (r *Runtime) ValueCallSlice(f reflect.Value, in []reflect.Value) []reflect.Value {
	if f.Kind() != reflect.Func || f.IsNil() {
		return f.CallSlice(in)
	}
	t := r.ValueType(f)
	if !t.IsVariadic() {
		panic("reflect: CallSlice of non-variadic function")
	}
	return r.called(f, t, in, spread(f))
}

// called calls f, whose author knows it as of type t.
func (r *Runtime) called(f reflect.Value, t reflect.Type, in []reflect.Value, call func(reflect.Value, []reflect.Value) []reflect.Value) []reflect.Value {
	args := make([]reflect.Value, len(in))
	for i, x := range in {
		args[i] = r.bare(x)
		if x.IsValid() && i < t.NumIn() {
			if !r.TypeAssignableTo(r.ValueType(x), t.In(i)) {
				panic("reflect: Call using " + r.TypeString(r.ValueType(x)) + " as type " + r.TypeString(t.In(i)))
			}
			args[i] = r.stored("", x, f.Type().In(i), boxedType(t.In(i)))
		}
	}
	out := call(r.bare(f), args)
	for i := range out {
		if a, ok := t.Out(i).(authorType); ok {
			out[i] = r.tag(out[i], a.id())
		}
	}
	return out
}

// ValueMakeFunc is reflect.MakeFunc.
func (r *Runtime) ValueMakeFunc(t reflect.Type, fn func([]reflect.Value) []reflect.Value) reflect.Value {
	a, ok := t.(authorType)
	if !ok {
		return reflect.MakeFunc(t, fn)
	}
	d := a.desc()
	f := reflect.MakeFunc(a.Type, func(in []reflect.Value) []reflect.Value {
		for i := range in {
			if p, ok := a.In(i).(authorType); ok {
				in[i] = r.tag(in[i], p.id())
			}
		}
		out := fn(in)
		for i := range out {
			if i >= a.NumOut() || !out[i].IsValid() {
				break // reflect says what is wrong
			}
			if x := r.ValueType(out[i]); !r.TypeAssignableTo(x, a.Out(i)) {
				panic("reflect: function created by MakeFunc using closure returned wrong type: have " + r.TypeString(x) + " for " + r.TypeString(a.Out(i)))
			}
			out[i] = r.stored("", out[i], a.Type.Out(i), boxedType(a.Out(i)))
		}
		return out
	})
	return r.tag(f, d.ID)
}
