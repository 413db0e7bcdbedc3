package rt

import (
	"fmt"
	"reflect"
	"text/template/parse"
)

var (
	anything   = reflect.TypeFor[any]()
	anyValue   = reflect.TypeFor[reflect.Value]() // a parameter that takes a value with what reflect knows of it
	stringType = reflect.TypeFor[string]()
)

// taking is what a function takes.
type taking struct {
	fixed []reflect.Type
	rest  reflect.Type // of what is variadic; nil if nothing is
}

// at is the type of parameter i.
func (t taking) at(i int) reflect.Type {
	if i < len(t.fixed) {
		return t.fixed[i]
	}
	return t.rest
}

// takes is what fn takes.
func (r *Runtime) takes(fn reflect.Value) taking {
	t := r.ValueType(fn)
	var ts taking
	for i := range t.NumIn() {
		if i == t.NumIn()-1 && t.IsVariadic() {
			ts.rest = t.In(i).Elem()
			break
		}
		ts.fixed = append(ts.fixed, t.In(i))
	}
	return ts
}

// function is the value of a call by name, of a function of the template or of
// one that all templates have.
func (f *filling) function(dot reflect.Value, n *parse.IdentifierNode, cmd parse.Node, args []parse.Node, last *reflect.Value) reflect.Value {
	f.node = n
	if fn, ok := f.functions[n.Ident]; ok && fn.IsValid() {
		if made, ok := fn.Interface().(templateFunc); ok {
			fn = made.behind()
		}
		return f.apply(dot, fn, cmd, n.Ident, args, last)
	}
	b, ok := builtinOf(n.Ident)
	if !ok {
		f.fail("%q is not a defined function", n.Ident)
	}
	in := f.arguments(dot, b.taking, n.Ident, args, last, b.enough)
	if n.Ident == "call" {
		f.node = cmd
		return f.callBuiltin(cmd, args, in)
	}
	v, err := safely(func() (reflect.Value, error) { return b.call(f, in) }, plainError)
	if err != nil {
		f.node = cmd
		f.called(n.Ident, err)
	}
	return v
}

// apply calls a function or a bound method.
func (f *filling) apply(dot, fn reflect.Value, n parse.Node, name string, args []parse.Node, last *reflect.Value) reflect.Value {
	t := f.r.takes(fn)
	in := f.arguments(dot, t, name, args, last, nil)
	if err := f.good(fn, name); err != nil {
		f.fail("%v", err)
	}
	v, err := f.result(fn, t, name, in)
	if err != nil {
		f.node = n
		f.called(name, err)
	}
	return v
}

// good tells whether a function has results as a template wants them.
func (f *filling) good(fn reflect.Value, name string) error {
	switch t := fn.Type(); {
	case t.NumOut() == 1:
	case t.NumOut() == 2 && t.Out(1) == errorType:
	case t.NumOut() == 2:
		return fmt.Errorf("invalid function signature for %s: second return value should be error; is %s", name, t.Out(1))
	default:
		return fmt.Errorf("function %s has %d return values; should be 1 or 2", name, t.NumOut())
	}
	return nil
}

// result calls fn and gives its first result.
func (f *filling) result(fn reflect.Value, t taking, name string, in []reflect.Value) (reflect.Value, error) {
	return safely(func() (reflect.Value, error) {
		out := f.r.bare(fn).Call(f.handed(fn, t, name, in))
		v := out[0]
		if d := f.r.tagged(fn); d != nil {
			v = f.r.tag(v, d.Results[0])
		}
		if v.Type() == anyValue {
			v = v.Interface().(reflect.Value)
		}
		if len(out) == 2 && !out[1].IsNil() {
			return v, out[1].Interface().(error)
		}
		return v, nil
	}, f.r.panicError)
}

// handed are arguments as fn takes them.
func (f *filling) handed(fn reflect.Value, t taking, name string, in []reflect.Value) []reflect.Value {
	out := make([]reflect.Value, 0, len(in))
	for i, x := range in {
		out = append(out, f.handedTo(t.at(i), name, x))
	}
	if t.rest == nil || fn.Type().IsVariadic() {
		return out
	}
	rest := out[len(t.fixed):] // the interpreter has it as a slice
	s := reflect.MakeSlice(fn.Type().In(len(t.fixed)), len(rest), len(rest))
	for i, x := range rest {
		s.Index(i).Set(x)
	}
	return append(out[:len(t.fixed):len(t.fixed)], s)
}

// handedTo is one argument for a parameter of type t of function name.
func (f *filling) handedTo(t reflect.Type, name string, x reflect.Value) reflect.Value {
	switch {
	case t == anyValue:
		return reflect.ValueOf(x)
	case !x.IsValid():
		return reflect.Zero(bareType(t))
	case t.Kind() != reflect.Interface:
		return f.r.bare(x)
	}
	y := f.r.Un(f.r.ValueInterface(x))
	if t == anything && escapes(name) {
		y = f.plain(name, y)
	}
	return f.r.interfaceOf(y, bareType(t))
}

// safely makes a panic of call an error.
func safely(call func() (reflect.Value, error), as func(any) error) (v reflect.Value, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = as(e)
		}
	}()
	return call()
}

// plainError is the error that a template makes of a panic.
func plainError(e any) error {
	if err, ok := e.(error); ok {
		return err
	}
	return fmt.Errorf("%v", e)
}

// panicError is the same of a panic in the notebook's code.
func (r *Runtime) panicError(e any) error {
	e = r.Fault(e)
	if _, ok := r.bound(e, "Error").(func() string); ok {
		return r.ToErr(e)
	}
	if err, ok := e.(error); ok {
		return err
	}
	return fmt.Errorf("%s", r.Sprint([]any{e}))
}

// arguments evaluates those of a call. enough, if it is not nil, says that the
// value of one makes the others needless.
func (f *filling) arguments(dot reflect.Value, t taking, name string, args []parse.Node, last *reflect.Value, enough func(*filling, reflect.Value) bool) []reflect.Value {
	if len(args) > 0 {
		args = args[1:]
	}
	n := len(args)
	if last != nil {
		n++
	}
	if t.rest != nil && n < len(t.fixed) {
		f.fail("wrong number of args for %s: want at least %d got %d", name, len(t.fixed), len(args))
	} else if t.rest == nil && n != len(t.fixed) {
		f.fail("wrong number of args for %s: want %d got %d", name, len(t.fixed), n)
	}
	in := make([]reflect.Value, 0, n)
	for i, a := range args {
		in = append(in, f.argument(dot, t.at(i), a))
		if enough != nil && enough(f, in[i]) {
			return in
		}
	}
	if last != nil {
		in = append(in, f.valid(*last, t.at(n-1)))
	}
	return in
}

// argument is the value of a node for a parameter of type t.
func (f *filling) argument(dot reflect.Value, t reflect.Type, n parse.Node) reflect.Value {
	f.node = n
	switch n := n.(type) {
	case *parse.DotNode:
		return f.valid(dot, t)
	case *parse.NilNode:
		if !nillable(t) {
			f.fail("cannot assign nil to %s", f.r.TypeString(t))
		}
		return f.zero(t)
	case *parse.FieldNode:
		return f.valid(f.chain(dot, dot, n, n.Ident, []parse.Node{n}, nil), t)
	case *parse.VariableNode:
		return f.valid(f.variableNode(dot, n, nil, nil), t)
	case *parse.PipeNode:
		return f.valid(f.pipeline(dot, n), t)
	case *parse.IdentifierNode:
		return f.valid(f.function(dot, n, n, nil, nil), t)
	case *parse.ChainNode:
		return f.valid(f.chained(dot, n, nil, nil), t)
	}
	return f.constant(t, n)
}

// constant is a constant of a template for a parameter of type t.
func (f *filling) constant(t reflect.Type, n parse.Node) reflect.Value {
	if t == anyValue || t.Kind() == reflect.Interface && t.NumMethod() == 0 {
		switch n := n.(type) {
		case *parse.BoolNode:
			return reflect.ValueOf(n.True)
		case *parse.NumberNode:
			return f.number(n)
		case *parse.StringNode:
			return reflect.ValueOf(n.Text)
		}
		f.fail("can't handle assignment of %s to empty interface argument", n)
	}
	v, ok := reflect.New(bareType(t)).Elem(), false
	word := ""
	switch k := t.Kind(); {
	case k == reflect.Bool:
		word = "bool"
		if n, is := n.(*parse.BoolNode); is {
			v.SetBool(n.True)
			ok = true
		}
	case k == reflect.String:
		word = "string"
		if n, is := n.(*parse.StringNode); is {
			v.SetString(n.Text)
			ok = true
		}
	case reflect.Int <= k && k <= reflect.Complex128:
		word, ok = f.numeric(v, n)
	default:
		f.fail("can't handle %s for arg of type %s", n, f.r.TypeString(t))
	}
	if !ok {
		f.fail("expected %s; found %s", word, n)
	}
	if a, ok := t.(authorType); ok {
		v = f.r.tag(v, a.id())
	}
	return v
}

// numeric sets v to a number, and says of which kind one has to be.
func (f *filling) numeric(v reflect.Value, n parse.Node) (word string, ok bool) {
	x, ok := n.(*parse.NumberNode)
	switch k := v.Kind(); {
	case k <= reflect.Int64:
		if word = "integer"; ok && x.IsInt {
			v.SetInt(x.Int64)
			return word, true
		}
	case k <= reflect.Uintptr:
		if word = "unsigned integer"; ok && x.IsUint {
			v.SetUint(x.Uint64)
			return word, true
		}
	case k <= reflect.Float64:
		if word = "float"; ok && x.IsFloat {
			v.SetFloat(x.Float64)
			return word, true
		}
	default:
		if word = "complex"; ok && x.IsComplex {
			v.SetComplex(x.Complex128)
			return word, true
		}
	}
	return word, false
}

// valid is v for a parameter of type t, or an error.
func (f *filling) valid(v reflect.Value, t reflect.Type) reflect.Value {
	switch {
	case !v.IsValid() && nillable(t):
		return f.zero(t)
	case !v.IsValid():
		f.fail("invalid value; expected %s", f.r.TypeString(t))
	case t == anyValue, f.assignable(v, t):
		return v
	}
	if v.Kind() == reflect.Interface && !v.IsNil() {
		if v = f.r.ValueElem(v); f.assignable(v, t) {
			return v
		}
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() && f.elem(v) == t {
			f.fail("dereference of nil pointer of type %s", f.r.TypeString(t))
		} else if e := f.r.ValueElem(v); e.IsValid() && f.assignable(e, t) {
			return e
		}
	}
	if p, ok := f.addr(v); ok && f.assignable(p, t) {
		return p
	}
	f.fail("wrong type for value; expected %s; got %s", f.r.TypeString(t), f.typ(v))
	return v
}

func (f *filling) zero(t reflect.Type) reflect.Value {
	if t == anyValue {
		return reflect.Value{}
	}
	return f.r.ValueZero(t)
}

// nillable tells whether nil can be a value of type t.
func nillable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
		return true
	}
	return t == anyValue
}

// assignable tells whether v can be assigned to a variable of type t.
func (f *filling) assignable(v reflect.Value, t reflect.Type) bool {
	return f.r.TypeAssignableTo(f.r.ValueType(v), t)
}
