package rt

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// pipeline is the value of a pipeline, which the variables that it declares
// take, too. Each command gets what the one before it gives as its last
// argument.
func (f *filling) pipeline(dot reflect.Value, p *parse.PipeNode) reflect.Value {
	var v reflect.Value
	if p == nil {
		return v
	}
	f.node = p
	var last *reflect.Value
	for _, c := range p.Cmds {
		v = f.command(dot, c, last)
		if v.Kind() == reflect.Interface && v.NumMethod() == 0 && f.r.tagged(v) == nil {
			v = f.r.ValueElem(v)
		}
		given := v
		last = &given
	}
	for _, d := range p.Decl {
		if p.IsAssign {
			f.set(d.Ident[0], v)
		} else {
			f.vars = append(f.vars, binding{d.Ident[0], v})
		}
	}
	return v
}

func (f *filling) command(dot reflect.Value, c *parse.CommandNode, last *reflect.Value) reflect.Value {
	switch n := c.Args[0].(type) {
	case *parse.FieldNode:
		f.node = n
		return f.chain(dot, dot, n, n.Ident, c.Args, last)
	case *parse.ChainNode:
		return f.chained(dot, n, c.Args, last)
	case *parse.IdentifierNode:
		return f.function(dot, n, c, c.Args, last)
	case *parse.PipeNode:
		f.alone(c.Args, last)
		return f.pipeline(dot, n)
	case *parse.VariableNode:
		return f.variableNode(dot, n, c.Args, last)
	}
	f.node = c.Args[0]
	f.alone(c.Args, last)
	switch n := c.Args[0].(type) {
	case *parse.BoolNode:
		return reflect.ValueOf(n.True)
	case *parse.DotNode:
		return dot
	case *parse.NilNode:
		f.fail("nil is not a command")
	case *parse.NumberNode:
		return f.number(n)
	case *parse.StringNode:
		return reflect.ValueOf(n.Text)
	}
	f.fail("can't evaluate command %q", c.Args[0])
	return reflect.Value{}
}

// alone refuses arguments to what is no function.
func (f *filling) alone(args []parse.Node, last *reflect.Value) {
	if len(args) > 1 || last != nil {
		f.fail("can't give argument to non-function %s", args[0])
	}
}

func (f *filling) chained(dot reflect.Value, n *parse.ChainNode, args []parse.Node, last *reflect.Value) reflect.Value {
	f.node = n
	if len(n.Field) == 0 {
		f.fail("internal error: no fields in evalChainNode")
	}
	if n.Node.Type() == parse.NodeNil {
		f.fail("indirection through explicit nil in %s", n)
	}
	return f.chain(dot, f.argument(dot, anything, n.Node), n, n.Field, args, last)
}

func (f *filling) variableNode(dot reflect.Value, n *parse.VariableNode, args []parse.Node, last *reflect.Value) reflect.Value {
	f.node = n
	v := f.variable(n.Ident[0])
	if len(n.Ident) == 1 {
		f.alone(args, last)
		return v
	}
	return f.chain(dot, v, n, n.Ident[1:], args, last)
}

// number is a constant whose type its text tells.
func (f *filling) number(n *parse.NumberNode) reflect.Value {
	f.node = n
	hex := len(n.Text) > 2 && n.Text[0] == '0' && strings.ContainsAny(n.Text[1:2], "xX") && !strings.ContainsAny(n.Text, "pP")
	switch {
	case n.IsComplex:
		return reflect.ValueOf(n.Complex128)
	case n.IsFloat && !hex && n.Text[0] != '\'' && strings.ContainsAny(n.Text, ".eEpP"):
		return reflect.ValueOf(n.Float64)
	case n.IsInt && int64(int(n.Int64)) == n.Int64:
		return reflect.ValueOf(int(n.Int64))
	case n.IsInt || n.IsUint:
		f.fail("%s overflows int", n.Text)
	}
	return reflect.Value{}
}

// chain follows names from v. The last may be a method, which takes the
// arguments.
func (f *filling) chain(dot, v reflect.Value, n parse.Node, names []string, args []parse.Node, last *reflect.Value) reflect.Value {
	for _, name := range names[:len(names)-1] {
		v = f.field(dot, v, n, name, nil, nil)
	}
	return f.field(dot, v, n, names[len(names)-1], args, last)
}

// field is a method, a field or an element of v.
func (f *filling) field(dot, v reflect.Value, n parse.Node, name string, args []parse.Node, last *reflect.Value) reflect.Value {
	if !v.IsValid() {
		if f.missing == keyError {
			f.fail("nil data; no entry for key %q", name)
		}
		return v
	}
	typ := f.typ(v)
	v, isNil := f.indirect(v)
	if v.Kind() == reflect.Interface && isNil {
		f.fail("nil pointer evaluating %s.%s", typ, name)
	}
	if m, ok := f.method(v, name); ok {
		return f.apply(dot, m, n, name, args, last)
	}
	given := len(args) > 1 || last != nil
	switch v.Kind() {
	case reflect.Struct:
		sf, ok := f.r.TypeFieldByName(f.r.ValueType(v), name)
		if !ok {
			break
		}
		if !sf.IsExported() {
			f.fail("%s is an unexported field of struct type %s", name, typ)
		}
		if given {
			f.fail("%s has arguments but cannot be invoked as function", name)
		}
		return f.at(v, sf.Index)
	case reflect.Map:
		if key, ok := f.mapKey(v, name); ok {
			if given {
				f.fail("%s is not a method but has arguments", name)
			}
			return f.element(v, key, name)
		}
	case reflect.Pointer:
		if e := f.elem(v); e.Kind() == reflect.Struct {
			if _, ok := f.r.TypeFieldByName(e, name); !ok {
				break
			}
		}
		if isNil {
			f.fail("nil pointer evaluating %s.%s", typ, name)
		}
	}
	f.fail("can't evaluate field %s in type %s", name, typ)
	return reflect.Value{}
}

// at follows an index of fields.
func (f *filling) at(v reflect.Value, index []int) reflect.Value {
	for n, i := range index {
		if n > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				f.fail("reflect: indirection through nil pointer to embedded struct field %s", f.r.TypeName(f.elem(v)))
			}
			v = f.r.ValueElem(v)
		}
		v = f.r.ValueField(v, i)
	}
	return v
}

// mapKey is a name as a key of the map v, if it can be one.
func (f *filling) mapKey(v reflect.Value, name string) (reflect.Value, bool) {
	key := reflect.ValueOf(name)
	return key, f.assignable(key, f.r.ValueType(v).Key())
}

// element is the element of the map v at a key of the given name.
func (f *filling) element(v, key reflect.Value, name string) reflect.Value {
	e := f.r.ValueMapIndex(v, key)
	if !e.IsValid() {
		switch f.missing {
		case keyZero:
			return f.r.ValueZero(f.elem(v))
		case keyError:
			f.fail("map has no entry for key %q", name)
		}
	}
	return e
}

// method is method name of v or of its address, if there is one.
func (f *filling) method(v reflect.Value, name string) (m reflect.Value, ok bool) {
	if v.Kind() != reflect.Interface && v.Kind() != reflect.Pointer {
		if p, ok := f.addr(v); ok {
			v = p
		}
	}
	if names, ok := f.r.methodNames(f.r.ValueType(v)); ok && !slices.Contains(names, name) {
		return m, false
	}
	defer f.failing(name)
	m = f.r.ValueMethodByName(v, name)
	return m, m.IsValid()
}

// failing is deferred where the notebook's code is called: a panic in it is an
// error of the template.
func (f *filling) failing(name string) {
	if e := recover(); e != nil {
		f.called(name, f.r.panicError(e))
	}
}

func (f *filling) called(name string, err error) { f.fail("error calling %s: %w", name, err) }

// addr is the address of v, if it has one.
func (f *filling) addr(v reflect.Value) (reflect.Value, bool) {
	if !v.CanAddr() {
		return v, false
	}
	return f.r.ValueAddr(v), true
}

// indirect follows pointers and interfaces to a value, or to the first nil.
func (f *filling) indirect(v reflect.Value) (end reflect.Value, isNil bool) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return v, true
		}
		v = f.r.ValueElem(v)
	}
	return v, false
}

// held is v, or what it holds if it is an interface.
func (f *filling) held(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface {
		return f.r.ValueElem(v)
	}
	return v
}

// typ is the name of a value's type.
func (f *filling) typ(v reflect.Value) string { return f.r.TypeString(f.r.ValueType(v)) }

// elem is the type of what v points to or holds.
func (f *filling) elem(v reflect.Value) reflect.Type { return f.r.ValueType(v).Elem() }
