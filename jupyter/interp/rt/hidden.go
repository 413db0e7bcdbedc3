package rt

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// A native value may hold notebook values where package fmt looks by itself: the
// element of a list, an atomic.Value, the keys of a context.

// conceals tells whether fmt would meet a notebook value inside a native one.
func (r *Runtime) conceals(x any) bool {
	if e, ok := x.(error); ok {
		_, bad := r.reworded(e)
		return bad
	}
	t := reflect.TypeOf(x)
	may, ok := r.lookedInto.Load(t)
	if !ok {
		may = looksInto(t)
		r.lookedInto.Store(t, may)
	}
	if !may.(bool) {
		return false
	}
	if isContext(t) {
		return r.keyed(x)
	}
	v := reflect.ValueOf(x)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return r.hidden(v)
}

// looksInto tells whether fmt looks into values of a native type, and may find
// interfaces there.
func looksInto(t reflect.Type) bool {
	switch {
	case isContext(t):
		return true
	case t.Implements(formatter), t.Implements(errorType), t.Implements(stringer):
		return false
	case t.Kind() == reflect.Pointer:
		return composite(t.Elem().Kind()) && holdsAny(t.Elem())
	}
	return holdsAny(t)
}

func holdsAny(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice, reflect.Array:
		return holdsAny(t.Elem())
	case reflect.Map:
		return holdsAny(t.Key()) || holdsAny(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsAny(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// hidden tells whether there is a notebook value in v, on this side of pointers.
func (r *Runtime) hidden(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return false
		}
		t := r.descs.Load()
		e := v.Elem()
		d := t.byType[e.Type()]
		return e.Type() == reflect.TypeFor[Box]() || e.Type().Implements(reflect.TypeFor[standIn]()) || t.wraps[e.Type()] || d != nil && !d.Foreign && r.walks(d, map[int]bool{}) || r.hidden(e)
	case reflect.Slice, reflect.Array:
		if !holdsAny(v.Type().Elem()) {
			return false
		}
		for i := range v.Len() {
			if r.hidden(v.Index(i)) {
				return true
			}
		}
	case reflect.Map:
		if !holdsAny(v.Type()) {
			return false
		}
		for i := v.MapRange(); i.Next(); {
			if r.hidden(i.Key()) || r.hidden(i.Value()) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if r.hidden(v.Field(i)) {
				return true
			}
		}
	}
	return false
}

// foreign prints a native value that holds notebook values, as structure does one
// of the notebook.
func (p *walker) foreign(v reflect.Value, depth int, open bool) {
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		p.sequence(v, &Desc{Name: v.Type().String()}, depth, open)
		return
	case reflect.Map:
		p.mapping(v, &Desc{Name: v.Type().String()}, depth, open)
		return
	}
	if p.sharp {
		p.put(v.Type().String())
	}
	p.put("{")
	all := reflect.New(v.Type()).Elem()
	all.Set(v)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if i > 0 {
			p.put(p.comma())
		}
		if p.plus || p.sharp {
			p.put(f.Name + ":")
		}
		x := unlocked(all.Field(i))
		if ok := open && f.IsExported(); x.Kind() == reflect.Interface && !x.IsNil() {
			p.inner(x.Elem().Interface(), depth+1, ok)
		} else {
			p.value(x, p.r.descs.Load().byType[x.Type()], depth+1, ok)
		}
	}
	p.put("}")
}

// unlocked is a field of an addressable struct, free to be read.
func unlocked(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}

// isContext tells whether a type is one of package context.
func isContext(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == "context" && t.Elem().Kind() == reflect.Struct && t.Implements(reflect.TypeFor[context.Context]())
}

// keyed tells whether a context, or one that it is made of, has a key or value of
// the notebook, or is one.
func (r *Runtime) keyed(c any) bool {
	for c != nil {
		if !isContext(reflect.TypeOf(c)) {
			return r.of(c) != nil
		}
		v := reflect.ValueOf(c).Elem()
		for _, name := range [...]string{"key", "val"} {
			if f := v.FieldByName(name); f.IsValid() && f.CanAddr() && f.Kind() == reflect.Interface && r.special(unlocked(f).Interface()) {
				return true
			}
		}
		c = parent(v)
	}
	return false
}

// parent is the context that one of package context is made of, nil if none.
func parent(v reflect.Value) any {
	for _, name := range [...]string{"Context", "c"} {
		if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.Interface && f.CanAddr() {
			return unlocked(f).Interface()
		}
	}
	return nil
}

// contextText is how a context prints.
func (r *Runtime) contextText(c any) string {
	if c == nil || !isContext(reflect.TypeOf(c)) {
		return r.contextWord(c)
	}
	v := reflect.ValueOf(c).Elem()
	field := func(name string) any {
		if f := v.FieldByName(name); f.IsValid() {
			return unlocked(f).Interface()
		}
		return nil
	}
	switch v.Type().Name() {
	case "valueCtx":
		return r.contextText(parent(v)) + ".WithValue(" + r.contextWord(field("key")) + ", " + r.contextWord(field("val")) + ")"
	case "cancelCtx":
		return r.contextText(parent(v)) + ".WithCancel"
	case "timerCtx":
		if d, ok := field("deadline").(time.Time); ok {
			return r.contextText(parent(v)) + ".WithDeadline(" + d.String() + " [" + time.Until(d).String() + "])"
		}
	case "withoutCancelCtx":
		return r.contextText(parent(v)) + ".WithoutCancel"
	}
	return r.contextWord(c)
}

// contextWord is how package context writes what a context is made of: by its
// method, or as its type.
func (r *Runtime) contextWord(x any) string {
	x = r.Un(x)
	if f, ok := r.bound(x, "String").(func() string); ok {
		return f()
	}
	switch x := x.(type) {
	case fmt.Stringer:
		return x.String()
	case string:
		return x
	case nil:
		return "<nil>"
	}
	return r.typeName(x)
}

// ValuePointer is Pointer of a reflect.Value. Functions of cells share the code
// that calls them.
func (r *Runtime) ValuePointer(v reflect.Value) uintptr {
	v = r.bare(v)
	if v.Kind() == reflect.Func && !v.IsNil() {
		panic("not supported in a cell: reflect.Value.Pointer of a function, which is the same for all; give functions names of their own to tell them apart")
	}
	return v.Pointer()
}
