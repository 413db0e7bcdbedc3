package rt

import (
	"errors"
	htmltemplate "html/template"
	"io"
	"reflect"
	"sync"
	"text/template"
	"text/template/parse"
)

// Package text/template finds methods, fields and texts by reflection, which
// knows a notebook value as the interpreter holds it. So templates are parsed
// and escaped by their packages and filled in here, where values are looked at
// as their author does.

// TemplateExecute is Execute of a template of either package.
func (r *Runtime) TemplateExecute(t any, w io.Writer, data any) error {
	switch t := t.(type) {
	case *template.Template:
		return r.fillIn(t, w, data)
	case *htmltemplate.Template:
		text, err := escaped(t)
		if err != nil {
			return err
		}
		return r.fillIn(text, w, data)
	}
	panic("internal error: no template")
}

// TemplateExecuteTemplate is ExecuteTemplate of a template of either package.
func (r *Runtime) TemplateExecuteTemplate(t any, w io.Writer, name string, data any) error {
	switch t := t.(type) {
	case *template.Template:
		if x := t.Lookup(name); x != nil {
			return r.fillIn(x, w, data)
		}
		return t.ExecuteTemplate(w, name, nil) // says so
	case *htmltemplate.Template:
		x := t.Lookup(name)
		if x == nil || x.Tree == nil || x.Tree.Root == nil {
			return t.ExecuteTemplate(w, name, nil)
		}
		return r.TemplateExecute(x, w, data)
	}
	panic("internal error: no template")
}

// executed executes x if it is a template and the method that is called by name
// does.
func (r *Runtime) executed(x any, name string, args []any) (result any, ok bool) {
	switch x.(type) {
	case *template.Template, *htmltemplate.Template:
	default:
		return nil, false
	}
	var err error
	switch name {
	case "Execute":
		err = r.TemplateExecute(x, args[0].(io.Writer), args[1])
	case "ExecuteTemplate":
		err = r.TemplateExecuteTemplate(x, args[0].(io.Writer), args[1].(string), args[2])
	default:
		return nil, false
	}
	if err == nil {
		return nil, true
	}
	return err, true
}

func (r *Runtime) fillIn(t *template.Template, w io.Writer, data any) (err error) {
	if t == nil {
		return t.Execute(w, nil) // panics
	}
	v, ok := data.(reflect.Value)
	if !ok {
		v = r.ValueOf(data)
	}
	f := &filling{r: r, t: t, w: w, vars: []binding{{"$", v}}, functions: functionsOf(t), missing: missingKey(t)}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case unwritten:
			err = e.err
		case template.ExecError:
			err = e
		default:
			panic(e)
		}
	}()
	if t.Tree == nil || t.Root == nil {
		f.fail("%q is an incomplete or empty template", t.Name())
	}
	f.walk(v, t.Root)
	return nil
}

// escaped is the text template behind t, after html/template has put in its
// escapers. That happens when it is executed: here with a root that begins with
// an empty text, which cannot be written.
func escaped(t *htmltemplate.Template) (*template.Template, error) {
	if t == nil || t.Tree == nil || t.Tree.Root == nil {
		return nil, t.Execute(io.Discard, nil) // says so
	}
	one := *t
	text := free(reflect.ValueOf(&one).Elem().FieldByName("text"))
	behind := text.Interface().(*template.Template)
	first := *behind
	first.Tree = &parse.Tree{Name: t.Tree.Name, ParseName: t.Tree.ParseName, Root: &parse.ListNode{NodeType: parse.NodeList, Pos: t.Tree.Root.Pos}}
	first.Root.Nodes = append([]parse.Node{&parse.TextNode{NodeType: parse.NodeText}}, behind.Root.Nodes...)
	text.Set(reflect.ValueOf(&first))
	if err := one.Execute(closedWriter{}, nil); !errors.Is(err, errNotWritten) {
		return nil, err
	}
	return behind, nil
}

type closedWriter struct{}

var errNotWritten = errors.New("not written")

func (closedWriter) Write([]byte) (int, error) { return 0, errNotWritten }

// functionsOf are the functions that a template was given, and html/template's.
func functionsOf(t *template.Template) map[string]reflect.Value {
	c := reflect.ValueOf(t).Elem().FieldByName("common")
	if c.IsNil() {
		return nil
	}
	mu := free(c.Elem().FieldByName("muFuncs")).Addr().Interface().(*sync.RWMutex)
	mu.RLock()
	defer mu.RUnlock()
	funcs := free(c.Elem().FieldByName("execFuncs")).Interface().(map[string]reflect.Value)
	own := make(map[string]reflect.Value, len(funcs))
	for name, f := range funcs {
		own[name] = f
	}
	return own
}

// What a template does for a key that is not in a map, as the package counts.
const (
	keyZero  = 1
	keyError = 2
)

func missingKey(t *template.Template) int64 {
	c := reflect.ValueOf(t).Elem().FieldByName("common")
	if c.IsNil() {
		return 0
	}
	return c.Elem().FieldByName("option").FieldByName("missingKey").Int()
}
