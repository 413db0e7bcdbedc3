package rt

import (
	"errors"
	"fmt"
	"reflect"
	"text/template"
	"text/template/parse"
)

// builtin is a function that all templates have.
type builtin struct {
	taking
	call   func(*filling, []reflect.Value) (reflect.Value, error)
	enough func(*filling, reflect.Value) bool // see arguments
}

func builtinOf(name string) (builtin, bool) {
	one := taking{fixed: []reflect.Type{anyValue}}
	two := taking{fixed: []reflect.Type{anyValue, anyValue}}
	several := taking{fixed: []reflect.Type{anyValue}, rest: anyValue}
	all := taking{rest: anything}
	last := func(_ *filling, in []reflect.Value) (reflect.Value, error) { return in[len(in)-1], nil }
	text := func(to func(*filling, []any) string) builtin {
		return builtin{all, func(f *filling, in []reflect.Value) (reflect.Value, error) {
			return reflect.ValueOf(to(f, f.interfaces(in))), nil
		}, nil}
	}
	escape := func(by func(string) string) builtin {
		return text(func(f *filling, xs []any) string { return by(f.joined(xs)) })
	}
	judge := func(t taking, ask func(f *filling, in []reflect.Value) (bool, error)) builtin {
		return builtin{t, func(f *filling, in []reflect.Value) (reflect.Value, error) {
			yes, err := ask(f, in)
			return reflect.ValueOf(yes), err
		}, nil}
	}
	truth := func(f *filling, v reflect.Value) bool { yes, _ := f.truth(v); return yes }
	switch name {
	case "and":
		return builtin{several, last, func(f *filling, v reflect.Value) bool { return !truth(f, v) }}, true
	case "or":
		return builtin{several, last, truth}, true
	case "not":
		return judge(one, func(f *filling, in []reflect.Value) (bool, error) { return !truth(f, in[0]), nil }), true
	case "call":
		return builtin{taking: several}, true
	case "index":
		return builtin{several, (*filling).index, nil}, true
	case "slice":
		return builtin{several, (*filling).slice, nil}, true
	case "len":
		return builtin{one, (*filling).length, nil}, true
	case "print":
		return text(func(f *filling, xs []any) string { return f.r.Sprint(xs) }), true
	case "println":
		return text(func(f *filling, xs []any) string { return f.r.Sprintln(xs) }), true
	case "printf":
		return builtin{taking{[]reflect.Type{stringType}, anything}, func(f *filling, in []reflect.Value) (reflect.Value, error) {
			return reflect.ValueOf(f.r.Sprintf(in[0].String(), f.interfaces(in[1:]))), nil
		}, nil}, true
	case "html":
		return escape(template.HTMLEscapeString), true
	case "js":
		return escape(template.JSEscapeString), true
	case "urlquery":
		return escape(func(s string) string { return template.URLQueryEscaper(s) }), true
	case "eq":
		return judge(several, func(f *filling, in []reflect.Value) (bool, error) { return f.equal(in[0], in[1:]...) }), true
	case "ne":
		return judge(two, func(f *filling, in []reflect.Value) (bool, error) {
			yes, err := f.equal(in[0], in[1])
			return !yes, err
		}), true
	case "lt":
		return judge(two, func(f *filling, in []reflect.Value) (bool, error) { return f.less(in[0], in[1]) }), true
	case "ge":
		return judge(two, func(f *filling, in []reflect.Value) (bool, error) {
			yes, err := f.less(in[0], in[1])
			return !yes && err == nil, err
		}), true
	case "le":
		return judge(two, func(f *filling, in []reflect.Value) (bool, error) { return f.lessOrEqual(in[0], in[1]) }), true
	case "gt":
		return judge(two, func(f *filling, in []reflect.Value) (bool, error) {
			yes, err := f.lessOrEqual(in[0], in[1])
			return !yes && err == nil, err
		}), true
	}
	return builtin{}, false
}

// callBuiltin calls the function that is the first argument of call.
func (f *filling) callBuiltin(cmd parse.Node, args []parse.Node, in []reflect.Value) reflect.Value {
	name := f.r.ValueString(in[0])
	if len(args) > 1 {
		name = args[1].String()
	}
	v, err := f.callValue(name, f.held(in[0]), in[1:])
	if err != nil {
		f.node = cmd
		f.called("call", err)
	}
	return v
}

func (f *filling) callValue(name string, fn reflect.Value, args []reflect.Value) (v reflect.Value, err error) {
	if !fn.IsValid() {
		return v, errors.New("call of nil")
	}
	if fn.Kind() != reflect.Func {
		return v, fmt.Errorf("non-function %s of type %s", name, f.typ(fn))
	}
	if err := f.good(fn, name); err != nil {
		return v, err
	}
	t := f.r.takes(fn)
	if t.rest != nil && len(args) < len(t.fixed) {
		return v, fmt.Errorf("wrong number of args for %s: got %d want at least %d", name, len(args), len(t.fixed))
	} else if t.rest == nil && len(args) != len(t.fixed) {
		return v, fmt.Errorf("wrong number of args for %s: got %d want %d", name, len(args), len(t.fixed))
	}
	in := make([]reflect.Value, len(args))
	for i, a := range args {
		if in[i], err = f.prepared(f.held(a), t.at(i)); err != nil {
			return v, fmt.Errorf("arg %d: %w", i, err)
		}
	}
	return f.result(fn, t, name, in)
}

// prepared is v for a place of type t; whole numbers become those of t.
func (f *filling) prepared(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	if !v.IsValid() {
		if !nillable(t) {
			return v, fmt.Errorf("value is nil; should be of type %s", f.r.TypeString(t))
		}
		return f.r.ValueZero(t), nil
	}
	if f.assignable(v, t) {
		return v, nil
	}
	if whole(v.Kind()) && whole(t.Kind()) {
		return f.r.made(t, f.r.bare(v).Convert), nil
	}
	return v, fmt.Errorf("value has type %s; should be %s", f.typ(v), f.r.TypeString(t))
}

func whole(k reflect.Kind) bool { return reflect.Int <= k && k <= reflect.Uintptr }

// index is item[indexes[0]][indexes[1]] and so on.
func (f *filling) index(in []reflect.Value) (item reflect.Value, err error) {
	item = f.held(in[0])
	if !item.IsValid() {
		return item, errors.New("index of untyped nil")
	}
	for _, i := range in[1:] {
		i = f.held(i)
		isNil := false
		if item, isNil = f.indirect(item); isNil {
			return item, errors.New("index of nil pointer")
		}
		switch item.Kind() {
		case reflect.Array, reflect.Slice, reflect.String:
			n, err := f.place(i, item.Len())
			if err != nil {
				return item, err
			}
			item = f.r.ValueIndex(item, n)
		case reflect.Map:
			key, err := f.prepared(i, f.r.ValueType(item).Key())
			if err != nil {
				return item, err
			}
			if t := item.Type().Key(); t.Kind() == reflect.Interface {
				key = f.r.interfaceOf(f.r.ValueInterface(key), t)
			}
			e := f.r.ValueMapIndex(item, key)
			if !e.IsValid() {
				e = f.r.ValueZero(f.elem(item))
			}
			item = e
		default:
			return item, fmt.Errorf("can't index item of type %s", f.typ(item))
		}
	}
	return item, nil
}

// place is an index or a bound up to limit.
func (f *filling) place(i reflect.Value, limit int) (int, error) {
	var n int64
	switch k := i.Kind(); {
	case k == reflect.Invalid:
		return 0, errors.New("cannot index slice/array with nil")
	case reflect.Int <= k && k <= reflect.Int64:
		n = i.Int()
	case whole(k):
		n = int64(i.Uint())
	default:
		return 0, fmt.Errorf("cannot index slice/array with type %s", f.typ(i))
	}
	if n < 0 || int(n) < 0 || int(n) > limit {
		return 0, fmt.Errorf("index out of range: %d", n)
	}
	return int(n), nil
}

func (f *filling) slice(in []reflect.Value) (reflect.Value, error) {
	item := f.held(in[0])
	if !item.IsValid() {
		return item, errors.New("slice of untyped nil")
	}
	item, isNil := f.indirect(item)
	if isNil {
		return item, errors.New("slice of nil pointer")
	}
	bounds := in[1:]
	if len(bounds) > 3 {
		return item, fmt.Errorf("too many slice indexes: %d", len(bounds))
	}
	limit := 0
	switch item.Kind() {
	case reflect.String:
		if len(bounds) == 3 {
			return item, errors.New("cannot 3-index slice a string")
		}
		limit = item.Len()
	case reflect.Array, reflect.Slice:
		limit = item.Cap()
	default:
		return item, fmt.Errorf("can't slice item of type %s", f.typ(item))
	}
	at := [3]int{0, item.Len()}
	for i, b := range bounds {
		n, err := f.place(b, limit)
		if err != nil {
			return item, err
		}
		at[i] = n
	}
	if at[0] > at[1] {
		return item, fmt.Errorf("invalid slice index: %d > %d", at[0], at[1])
	}
	if len(bounds) < 3 {
		return f.r.ValueSlice(item, at[0], at[1]), nil
	}
	if at[1] > at[2] {
		return item, fmt.Errorf("invalid slice index: %d > %d", at[1], at[2])
	}
	return f.r.ValueSlice3(item, at[0], at[1], at[2]), nil
}

func (f *filling) length(in []reflect.Value) (reflect.Value, error) {
	item, isNil := f.indirect(in[0])
	if isNil {
		return item, errors.New("len of nil pointer")
	}
	switch item.Kind() {
	case reflect.Array, reflect.Chan, reflect.Map, reflect.Slice, reflect.String:
		return reflect.ValueOf(item.Len()), nil
	}
	return item, fmt.Errorf("len of type %s", f.typ(item))
}

var errBadComparison = errors.New("invalid type for comparison")

// sort of basic kinds that compare with one another; 0 for others.
func basicSort(k reflect.Kind) reflect.Kind {
	switch {
	case k == reflect.Bool, k == reflect.String:
		return k
	case reflect.Int <= k && k <= reflect.Int64:
		return reflect.Int
	case reflect.Uint <= k && k <= reflect.Uintptr:
		return reflect.Uint
	case k == reflect.Float32, k == reflect.Float64:
		return reflect.Float64
	case k == reflect.Complex64, k == reflect.Complex128:
		return reflect.Complex128
	}
	return reflect.Invalid
}

func (f *filling) equal(a reflect.Value, bs ...reflect.Value) (bool, error) {
	a = f.held(a)
	if len(bs) == 0 {
		return false, errors.New("missing argument for comparison")
	}
	for _, b := range bs {
		if same, err := f.same(a, f.held(b)); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func (f *filling) same(a, b reflect.Value) (bool, error) {
	switch x, y := basicSort(a.Kind()), basicSort(b.Kind()); {
	case x == reflect.Int && y == reflect.Uint:
		return a.Int() >= 0 && uint64(a.Int()) == b.Uint(), nil
	case x == reflect.Uint && y == reflect.Int:
		return b.Int() >= 0 && a.Uint() == uint64(b.Int()), nil
	case x != y && a.IsValid() && b.IsValid():
		return false, fmt.Errorf("incompatible types for comparison: %s and %s", f.typ(a), f.typ(b))
	case x != y:
		return false, nil
	case x != reflect.Invalid:
		return f.r.bare(a).Equal(f.r.bare(b).Convert(a.Type())), nil
	}
	isNil := func(v reflect.Value) bool { return !v.IsValid() || nillable(v.Type()) && v.IsNil() }
	switch {
	case a.Kind() != b.Kind() && a.IsValid() && b.IsValid():
		return false, fmt.Errorf("non-comparable types %s: %s, %s: %s", f.shown("%s", a), f.typ(a), f.typ(b), f.shown("%v", b))
	case isNil(a) || isNil(b):
		return isNil(a) == isNil(b), nil
	case !b.Type().Comparable():
		return false, fmt.Errorf("non-comparable type %s: %s", f.shown("%s", b), f.typ(b))
	}
	return f.r.Eq(f.r.ValueInterface(a), f.r.ValueInterface(b)), nil
}

func (f *filling) shown(verb string, v reflect.Value) string { return f.r.Sprintf(verb, []any{v}) }

func (f *filling) less(a, b reflect.Value) (bool, error) {
	a, b = f.held(a), f.held(b)
	x, y := basicSort(a.Kind()), basicSort(b.Kind())
	switch {
	case x == reflect.Invalid || y == reflect.Invalid:
		return false, errBadComparison
	case x == reflect.Int && y == reflect.Uint:
		return a.Int() < 0 || uint64(a.Int()) < b.Uint(), nil
	case x == reflect.Uint && y == reflect.Int:
		return b.Int() >= 0 && a.Uint() < uint64(b.Int()), nil
	case x != y:
		return false, fmt.Errorf("incompatible types for comparison: %s and %s", f.typ(a), f.typ(b))
	}
	switch x {
	case reflect.Int:
		return a.Int() < b.Int(), nil
	case reflect.Uint:
		return a.Uint() < b.Uint(), nil
	case reflect.Float64:
		return a.Float() < b.Float(), nil
	case reflect.String:
		return f.r.bare(a).String() < f.r.bare(b).String(), nil
	}
	return false, errBadComparison
}

func (f *filling) lessOrEqual(a, b reflect.Value) (bool, error) {
	if yes, err := f.less(a, b); yes || err != nil {
		return yes, err
	}
	return f.equal(a, b)
}
