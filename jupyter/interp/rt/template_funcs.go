package rt

import (
	"fmt"
	"reflect"
)

// TemplateFuncs are functions for a template, which takes only those that
// reflect knows as functions: parameters and results of the notebook's types go
// through any.
func (r *Runtime) TemplateFuncs(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for name, f := range m {
		x := r.Un(f)
		out[name] = V(x)
		v := reflect.ValueOf(V(x))
		if v.Kind() != reflect.Func || v.IsNil() {
			continue
		}
		d := r.of(x)
		if d == nil {
			d = &Desc{}
		}
		if t, changed := r.templateFunc(v.Type(), d); changed {
			out[name] = reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value { return r.callForTemplate(v, d, t, in) }).Interface()
		}
		for p := range v.Type().Ins() {
			if p == reflect.TypeFor[any]() {
				r.looseFuncs.Store(name, true)
			}
		}
	}
	return out
}

// templateFunc is the type of a function as a template calls it.
func (r *Runtime) templateFunc(t reflect.Type, d *Desc) (reflect.Type, bool) {
	changed := d.Variadic
	part := func(real reflect.Type, ids []int, i int) reflect.Type {
		if i < len(ids) && ids[i] != 0 {
			changed = true
			return reflect.TypeFor[any]()
		}
		return real
	}
	var ins, outs []reflect.Type
	for i := range t.NumIn() {
		if d.Variadic && i == t.NumIn()-1 {
			e := t.In(i).Elem()
			if r.elemOf(r.desc(d.Params[i])) != nil {
				e = reflect.TypeFor[any]()
			}
			ins = append(ins, reflect.SliceOf(e))
			continue
		}
		ins = append(ins, part(t.In(i), d.Params, i))
	}
	for i := range t.NumOut() {
		out := part(t.Out(i), d.Results, i)
		if e := r.descs.Load().byType[t.Out(i)]; e != nil && !e.Foreign && e.prints() {
			changed, out = true, reflect.TypeFor[any]()
		}
		outs = append(outs, out)
	}
	if !changed {
		return t, false
	}
	return reflect.FuncOf(ins, outs, d.Variadic), true
}

// prints tells whether a type has a text of its own.
func (d *Desc) prints() bool {
	for _, m := range [...]string{"String", "Error", "Format"} {
		if _, ok := d.Methods[m]; ok {
			return true
		}
	}
	return false
}

func (r *Runtime) callForTemplate(f reflect.Value, d *Desc, t reflect.Type, in []reflect.Value) []reflect.Value {
	args := make([]reflect.Value, len(in))
	for i, x := range in {
		want := f.Type().In(i)
		if x.Type() == want {
			args[i] = x
			continue
		}
		if d.Variadic && i == len(in)-1 {
			s := reflect.MakeSlice(want, x.Len(), x.Len())
			for j := range x.Len() {
				s.Index(j).Set(r.fromTemplate(x.Index(j), want.Elem(), r.elemOf(r.desc(d.Params[i]))))
			}
			args[i] = s
			continue
		}
		args[i] = r.fromTemplate(x, want, r.desc(d.Params[i]))
	}
	out := f.Call(args)
	for i, y := range out {
		if t.Out(i) == y.Type() {
			continue
		}
		x := y.Interface()
		e := r.descs.Load().byType[y.Type()]
		if i < len(d.Results) && d.Results[i] != 0 {
			e = r.desc(d.Results[i])
			x = Box{e.ID, x, r}
		}
		if e != nil && e.prints() {
			x = r.texted(x)
		} else {
			x = V(x)
		}
		out[i] = reflect.ValueOf([]any{x}).Index(0)
	}
	return out
}

// texted is a value that a template prints by its own text.
func (r *Runtime) texted(x any) any {
	if r.bound(x, "MarshalJSON") != nil {
		return logged{shown{r, x}}
	}
	return textShown{shown{r, x}}
}

type textShown struct{ shown }

func (p textShown) String() string { return p.r.Sprint([]any{p.x}) }
func (p textShown) value() any     { return p.x }

// fromTemplate is an argument as the function takes it: the template knows the
// value as reflect does.
func (r *Runtime) fromTemplate(v reflect.Value, want reflect.Type, d *Desc) reflect.Value {
	x := r.Un(v.Interface())
	if b, ok := x.(Box); ok && d != nil && b.ID != d.ID {
		panic(fmt.Sprintf("wrong type for value; expected %s; got %s", d.Name, r.typeName(x)))
	}
	y := reflect.ValueOf(V(x))
	switch {
	case !y.IsValid():
		return reflect.Zero(want)
	case y.Type() == want:
		return y
	case basicKind(want) && y.Type().ConvertibleTo(want) && (y.Kind() == reflect.String) == (want.Kind() == reflect.String): // a constant of the template
		return y.Convert(want)
	}
	panic(fmt.Sprintf("wrong type for value; expected %v; got %s", want, r.typeName(x)))
}
