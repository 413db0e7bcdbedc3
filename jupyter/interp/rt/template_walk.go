package rt

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"text/template"
	"text/template/parse"
)

// filling is one execution of a template. Its values know the notebook's types
// (see tag).
type filling struct {
	r         *Runtime
	t         *template.Template
	w         io.Writer
	functions map[string]reflect.Value
	missing   int64 // what becomes of missing keys
	node      parse.Node
	vars      []binding
	depth     int
}

type binding struct {
	name  string
	value reflect.Value
}

// unwritten is a panic with the error of a writer.
type unwritten struct{ err error }

// maxTemplates is how deep templates may call one another, as in the package.
const maxTemplates = 100000

// fail ends the execution with an error in the words of the package.
func (f *filling) fail(format string, args ...any) {
	double := func(s string) string { return strings.ReplaceAll(s, "%", "%%") }
	where := fmt.Sprintf("template: %s: ", double(f.t.Name()))
	if f.node != nil {
		location, context := f.t.ErrorContext(f.node)
		where = fmt.Sprintf("template: %s: executing %q at <%s>: ", location, double(f.t.Name()), double(context))
	}
	panic(template.ExecError{Name: f.t.Name(), Err: f.r.Errorf(where+format, args)})
}

func (f *filling) set(name string, v reflect.Value) {
	for i := len(f.vars) - 1; i >= 0; i-- {
		if f.vars[i].name == name {
			f.vars[i].value = v
			return
		}
	}
	f.fail("undefined variable: %s", name)
}

func (f *filling) variable(name string) reflect.Value {
	for i := len(f.vars) - 1; i >= 0; i-- {
		if f.vars[i].name == name {
			return f.vars[i].value
		}
	}
	f.fail("undefined variable: %s", name)
	return reflect.Value{}
}

// leaves says how a node was left.
type leaves int

const (
	onward leaves = iota
	loopOver
	nextRound
)

func (f *filling) walk(dot reflect.Value, n parse.Node) leaves {
	f.node = n
	if *f.r.stop {
		f.r.Check()
	}
	switch n := n.(type) {
	case *parse.ActionNode:
		v := f.pipeline(dot, n.Pipe)
		if len(n.Pipe.Decl) == 0 {
			f.print(n, v)
		}
	case *parse.BreakNode:
		return loopOver
	case *parse.ContinueNode:
		return nextRound
	case *parse.CommentNode:
	case *parse.IfNode:
		return f.branch(dot, &n.BranchNode, false)
	case *parse.WithNode:
		return f.branch(dot, &n.BranchNode, true)
	case *parse.ListNode:
		for _, c := range n.Nodes {
			if l := f.walk(dot, c); l != onward {
				return l
			}
		}
	case *parse.RangeNode:
		return f.loop(dot, n)
	case *parse.TemplateNode:
		f.call(dot, n)
	case *parse.TextNode:
		f.write(n.Text)
	default:
		f.fail("unknown node: %s", n)
	}
	return onward
}

func (f *filling) write(b []byte) {
	if _, err := f.w.Write(b); err != nil {
		panic(unwritten{err})
	}
}

func (f *filling) branch(dot reflect.Value, n *parse.BranchNode, with bool) leaves {
	mark := len(f.vars)
	defer func() { f.vars = f.vars[:mark] }()
	v := f.pipeline(dot, n.Pipe)
	truth, ok := f.truth(v)
	switch {
	case !ok:
		f.fail("if/with can't use %v", v)
	case truth && with:
		return f.walk(v, n.List)
	case truth:
		return f.walk(dot, n.List)
	case n.ElseList != nil:
		return f.walk(dot, n.ElseList)
	}
	return onward
}

// truth tells whether a value is not the zero of its type, as branches ask.
func (f *filling) truth(v reflect.Value) (truth, ok bool) {
	v = f.held(v)
	switch v.Kind() {
	case reflect.Invalid:
		return false, true
	case reflect.Struct:
		return true, true
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() > 0, true
	case reflect.Float32, reflect.Float64: // -0 is zero
		return v.Float() != 0, true
	case reflect.Complex64, reflect.Complex128:
		return v.Complex() != 0, true
	}
	return !v.IsZero(), true
}

// call fills in a template inside another.
func (f *filling) call(dot reflect.Value, n *parse.TemplateNode) {
	t := f.t.Lookup(n.Name)
	if t == nil {
		f.fail("template %q not defined", n.Name)
	}
	if f.depth == maxTemplates {
		f.fail("exceeded maximum template depth (%v)", maxTemplates)
	}
	dot = f.pipeline(dot, n.Pipe)
	inner := *f
	inner.depth++
	inner.t, inner.vars = t, []binding{{"$", dot}}
	inner.walk(dot, t.Root)
}

// loop is a range. Its rounds go over what each gives; a loop without any fills
// in its else.
func (f *filling) loop(dot reflect.Value, n *parse.RangeNode) leaves {
	mark := len(f.vars)
	defer func() { f.vars = f.vars[:mark] }()
	v, _ := f.indirect(f.pipeline(dot, n.Pipe))
	inside, ran := len(f.vars), false
	round := func(index, elem reflect.Value) bool {
		ran = true
		f.assign(n.Pipe, index, elem)
		l := f.walk(elem, n.List)
		f.vars = f.vars[:inside]
		return l != loopOver
	}
	if !f.rounds(v, len(n.Pipe.Decl), round) {
		f.fail("range can't iterate over %v", v)
	}
	if !ran && n.ElseList != nil {
		return f.walk(dot, n.ElseList)
	}
	return onward
}

// assign gives the variables of a loop their values.
func (f *filling) assign(p *parse.PipeNode, index, elem reflect.Value) {
	top := func(n int, v reflect.Value) { f.vars[len(f.vars)-n].value = v }
	switch {
	case len(p.Decl) == 0:
	case p.IsAssign && len(p.Decl) == 1:
		f.set(p.Decl[0].Ident[0], elem)
	case p.IsAssign:
		f.set(p.Decl[0].Ident[0], index)
		f.set(p.Decl[1].Ident[0], elem)
	case len(p.Decl) == 1:
		top(1, elem)
	default:
		top(1, elem)
		top(2, index)
	}
}

// rounds calls round for what is in v, with an index if there is one, until it
// returns false. It reports whether a loop can go over such a value.
func (f *filling) rounds(v reflect.Value, names int, round func(index, elem reflect.Value) bool) bool {
	single := func(words string) {
		if names > 1 {
			f.fail("can't use %v "+words+" over more than one variable", v)
		}
	}
	d, bare := f.r.tagged(v), f.r.bare(v)
	switch k := v.Kind(); {
	case k == reflect.Invalid:
	case reflect.Int <= k && k <= reflect.Uintptr:
		single("to iterate")
		for x := range f.r.ValueSeq(v) {
			if !round(reflect.Value{}, x) {
				break
			}
		}
	case k == reflect.Array || k == reflect.Slice:
		for i := 0; i < v.Len() && round(reflect.ValueOf(i), f.r.ValueIndex(v, i)); i++ {
		}
	case k == reflect.Map:
		for _, key := range sortedKeys(bare) {
			if d != nil {
				key = f.r.tag(key, d.Key)
			}
			if !round(key, f.r.ValueMapIndex(v, key)) {
				break
			}
		}
	case k == reflect.Chan:
		f.received(v, round)
	case k == reflect.Func:
		return f.yielded(v, names, single, round)
	default:
		return false
	}
	return true
}

func (f *filling) received(v reflect.Value, round func(index, elem reflect.Value) bool) {
	if v.IsNil() {
		return
	}
	if v.Type().ChanDir() == reflect.SendDir {
		f.fail("range over send-only channel %v", v)
	}
	for i := 0; ; i++ {
		x, ok := f.r.ValueRecv(v)
		if !ok || !round(reflect.ValueOf(i), x) {
			return
		}
	}
}

// yielded goes over what an iterator yields.
func (f *filling) yielded(v reflect.Value, names int, single func(string), round func(index, elem reflect.Value) bool) bool {
	switch t := v.Type(); {
	case t.CanSeq():
		single("iterate")
		for x := range f.r.ValueSeq(v) {
			if !round(reflect.Value{}, x) {
				break
			}
		}
	case t.CanSeq2():
		for i, x := range f.r.ValueSeq2(v) {
			if names < 2 {
				i, x = reflect.Value{}, i
			}
			if !round(i, x) {
				break
			}
		}
	default:
		return false
	}
	return true
}
