package rt

import (
	"cmp"
	"fmt"
	htmltemplate "html/template"
	"maps"
	"reflect"
	"slices"
	"text/template"
	"text/template/parse"
)

// Filled is the data for a template. A template finds methods by reflection,
// and a notebook value has none there: what would call one, or print a value
// that has a text of its own, is refused.
func (r *Runtime) Filled(t, data any) any {
	w := words{used: map[string]bool{}, shown: map[string]bool{}, keys: map[string]bool{}, calls: map[string]bool{}}
	switch t := t.(type) {
	case *template.Template:
		for _, t := range t.Templates() {
			w.tree(t.Tree)
		}
	case *htmltemplate.Template:
		for _, t := range t.Templates() {
			w.tree(t.Tree)
		}
	}
	x := r.Un(data)
	c := contents{r: r, words: w, fields: map[string]bool{}, reached: map[reached]bool{}, seen: map[uintptr]bool{}}
	c.value(reflect.ValueOf(V(x)), r.of(x), "", 0)
	for _, at := range slices.SortedFunc(maps.Keys(c.reached), func(a, b reached) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.field, b.field))
	}) {
		c.judge(at)
	}
	d, embeds := r.of(x), false
	r.eachInside(d, map[int]bool{}, func(e *Desc) {
		for _, f := range e.Fields {
			embeds = embeds || f.Embedded
		}
	})
	if embeds {
		y, ok := r.embedded(x, d)
		if !ok {
			panic(fmt.Sprintf("a template cannot be given %s in a cell: it embeds a struct that refers to itself; give the field a name", d.Name))
		}
		return y
	}
	return V(x)
}

// words are what a template mentions.
type words struct {
	used  map[string]bool // names behind dots
	shown map[string]bool // those of them that no function of a FuncMap takes
	bare  bool            // a dot, a variable or an element by itself
	keys  map[string]bool // variables that hold keys or indices
	calls map[string]bool // functions
	taken bool            // a function of a FuncMap takes what is looked at
}

func (w *words) tree(t *parse.Tree) {
	if t != nil && t.Root != nil {
		w.node(t.Root)
	}
}

func (w *words) names(ns []string) {
	for _, n := range ns {
		w.used[n] = true
		if !w.taken {
			w.shown[n] = true
		}
	}
}

func (w *words) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				w.node(c)
			}
		}
	case *parse.ActionNode:
		w.node(n.Pipe)
	case *parse.TemplateNode:
		w.node(n.Pipe)
	case *parse.IfNode:
		w.branch(&n.BranchNode)
	case *parse.RangeNode:
		if len(n.Pipe.Decl) == 2 {
			w.keys[n.Pipe.Decl[0].Ident[0]] = true
		}
		w.branch(&n.BranchNode)
	case *parse.WithNode:
		w.branch(&n.BranchNode)
	case *parse.PipeNode:
		if n != nil {
			w.commands(n.Cmds)
		}
	case *parse.ChainNode:
		w.names(n.Field)
		w.node(n.Node)
	case *parse.FieldNode:
		w.names(n.Ident)
	case *parse.VariableNode:
		w.names(n.Ident[1:])
		w.bare = w.bare || len(n.Ident) == 1 && !w.keys[n.Ident[0]] && !w.taken
	case *parse.DotNode:
		w.bare = w.bare || !w.taken
	case *parse.IdentifierNode:
		w.calls[n.Ident] = true
		w.bare = w.bare || n.Ident == "index" || n.Ident == "slice"
	}
}

// commands are those of a pipeline: each takes what the one before it gives.
func (w *words) commands(cmds []*parse.CommandNode) {
	outer := w.taken
	defer func() { w.taken = outer }()
	for i, c := range cmds {
		w.taken = outer || takes(c) || i+1 < len(cmds) && takes(cmds[i+1])
		for _, a := range c.Args {
			w.node(a)
		}
	}
}

// takes tells whether a command is a call of a function of a FuncMap.
func takes(c *parse.CommandNode) bool {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok {
		return false
	}
	switch id.Ident {
	case "and", "or", "not", "call", "html", "index", "slice", "js", "len", "print", "printf", "println", "urlquery", "eq", "ge", "gt", "le", "lt", "ne":
		return false
	}
	return true
}

func (w *words) branch(n *parse.BranchNode) {
	bare := w.bare
	w.node(n.Pipe)
	w.bare = bare // what is ranged over is not printed
	w.node(n.List)
	w.node(n.ElseList)
}

// reached is a type of the notebook inside the data of a template, and the
// field that holds it, if one does.
type reached struct {
	id    int
	field string
}

// contents are the types of the notebook inside a value.
type contents struct {
	words
	r       *Runtime
	fields  map[string]bool
	reached map[reached]bool
	seen    map[uintptr]bool // pointers, slices and maps
}

func (c *contents) value(v reflect.Value, d *Desc, field string, depth int) {
	if !v.IsValid() || depth > 1000 {
		return
	}
	if v.Kind() == reflect.Interface {
		if !v.IsNil() {
			x := c.r.Un(v.Elem().Interface())
			c.value(reflect.ValueOf(V(x)), c.r.of(x), field, depth+1)
		}
		return
	}
	if d == nil || d.Foreign {
		return
	}
	c.reached[reached{d.ID, field}] = true
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() || c.seen[v.Pointer()] {
			return
		}
		c.seen[v.Pointer()] = true
	}
	elem := c.r.desc(d.Elem)
	switch v.Kind() {
	case reflect.Pointer:
		c.value(v.Elem(), elem, field, depth+1)
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			c.value(it.Key(), c.r.desc(d.Key), "", depth+1)
			c.value(it.Value(), elem, "", depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			c.value(v.Index(i), elem, "", depth+1)
		}
	case reflect.Struct:
		for i, f := range d.Fields {
			c.fields[f.Name] = true
			c.value(v.Field(i), c.r.desc(f.Type), f.Name, depth+1)
		}
	}
}

// judge refuses a template that would miss methods of a type.
func (c *contents) judge(at reached) {
	d := c.r.desc(at.id)
	if d.borrowed() && c.prints(at) {
		panic(fmt.Sprintf("a template would print %s by the methods of %v in a cell; give the template fmt.Sprint of it", d.Name, d.typ))
	}
	for m := range d.Methods {
		if exported(m) && c.used[m] {
			panic(fmt.Sprintf("a template cannot call method %s of %s in a cell; put its result into a field, or call it in a function of a FuncMap", m, d.Name))
		}
	}
	for f := range c.calls {
		if _, loose := c.r.looseFuncs.Load(f); loose && d.Own && d.Boxed {
			panic(fmt.Sprintf("a template would give function %s a %s as a %v in a cell; declare the parameter with its type", f, d.Name, d.typ))
		}
	}
	for _, m := range [...]string{"String", "Error", "Format"} {
		if _, ok := d.Methods[m]; ok && c.prints(at) {
			panic(fmt.Sprintf("a template would print %s without its method %s in a cell; give the template fmt.Sprint of it", d.Name, m))
		}
	}
}

// prints tells whether the template may print what it reaches there.
func (c *contents) prints(at reached) bool {
	if at.field != "" {
		return c.shown[at.field] || c.bare
	}
	for n := range c.used { // a name that is no field is the key of a map
		if !c.fields[n] {
			return true
		}
	}
	return c.bare
}
