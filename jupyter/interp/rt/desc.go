package rt

import (
	"maps"
	"reflect"
)

// Desc describes a type that cells name. The lowerer writes it; the code of
// the cell adds the reflect type and the methods that native code may call.
type Desc struct {
	ID      int
	Name    string         // main.P
	Own     bool           // declared in the notebook: Methods is all it has
	Foreign bool           // a native type: reflect knows its methods
	Boxed   bool           // reflect does not tell it from other types
	Methods map[string]int // names and signatures of the method set
	Elem    int            // ID of the element type; 0 for interfaces and none
	Key     int
	ElemOf  string // the name of the element type if it is an interface
	KeyOf   string
	Fields  []FieldDesc

	Params, Results     []int    // of a function: 0 if reflect knows the type
	ParamsOf, ResultsOf []string // of those the names of interfaces
	Variadic            bool     // which has a slice as its last parameter here

	ElemMethods bool // the element type is an interface of the notebook with methods

	typ     reflect.Type
	face    bool // an interface of the notebook: see Runtime.face
	binders map[string]func(any) any
}

// borrowed tells whether a notebook's type is made of a native struct, as type
// Stamp time.Time is: reflect shows that one, with methods which are not d's.
func (d *Desc) borrowed() bool {
	return d != nil && d.Own && d.Boxed && d.typ != nil && d.typ.Kind() == reflect.Struct && d.typ.Name() != ""
}

// FieldDesc is a struct field as its author wrote it.
type FieldDesc struct {
	Name     string
	Type     int    // 0 if it is an interface
	Of       string // the interface's name
	Methods  bool   // which is the notebook's and has methods
	Embedded bool
	Tag      string // of an unexported field, whose own tag hides it
}

// Iface describes an interface type that cells assert to.
type Iface struct {
	ID      int
	Name    string
	Methods map[string]int

	native reflect.Type
	sigs   map[string]reflect.Type
}

// change replaces the tables by an edited copy.
func (r *Runtime) change(edit func(*tables)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.descs.Load()
	t := &tables{maps.Clone(old.byID), maps.Clone(old.byType), maps.Clone(old.ifaces), maps.Clone(old.wraps)}
	edit(t)
	r.descs.Store(t)
}

// Describe makes types and interfaces known, or known better: a description
// replaces the earlier one of its number and keeps type and methods.
func (r *Runtime) Describe(ds []*Desc, is []*Iface) {
	if len(ds) == 0 && len(is) == 0 {
		return
	}
	r.change(func(t *tables) {
		for _, d := range ds {
			c := *d
			if old := t.byID[d.ID]; old != nil {
				c.typ, c.binders = old.typ, old.binders
			}
			t.byID[d.ID] = &c
			if c.typ != nil && !c.Boxed {
				t.byType[c.typ] = &c
			}
		}
		for _, i := range is {
			c := *i
			if old := t.ifaces[i.ID]; old != nil {
				c.native, c.sigs = old.native, old.sigs
			}
			t.ifaces[i.ID] = &c
		}
	})
}

// Known gives a described type its reflect type: that of the pointer p's
// element.
func (r *Runtime) Known(id int, p any) {
	r.change(func(t *tables) {
		c := *t.byID[id]
		c.typ = reflect.TypeOf(p).Elem()
		t.byID[id] = &c
		if !c.Boxed {
			t.byType[c.typ] = &c
		}
		if r.lastMade > 0 {
			r.takeOver(t, &c)
		}
	})
}

// Method adds a method that native code may call: bind takes a receiver in
// its interface form and returns the bound function.
func (r *Runtime) Method(id int, name string, bind func(any) any) {
	r.change(func(t *tables) {
		c := *t.byID[id]
		c.binders = maps.Clone(c.binders)
		if c.binders == nil {
			c.binders = map[string]func(any) any{}
		}
		c.binders[name] = bind
		t.byID[id] = &c
		if c.typ != nil && !c.Boxed {
			t.byType[c.typ] = &c
		}
	})
}

// NativeIface gives a described interface its native type.
func (r *Runtime) NativeIface(id int, p any) {
	r.change(func(t *tables) {
		c := *t.ifaces[id]
		c.native = reflect.TypeOf(p).Elem()
		t.ifaces[id] = &c
	})
}

// IfaceMethod gives a method of a described interface its function type, by
// which methods of native types are judged: that of the pointer p's element.
func (r *Runtime) IfaceMethod(id int, name string, p any) {
	r.change(func(t *tables) {
		c := *t.ifaces[id]
		c.sigs = maps.Clone(c.sigs)
		if c.sigs == nil {
			c.sigs = map[string]reflect.Type{}
		}
		c.sigs[name] = reflect.TypeOf(p).Elem()
		t.ifaces[id] = &c
	})
}

func (r *Runtime) desc(id int) *Desc   { return r.descs.Load().byID[id] }
func (r *Runtime) iface(id int) *Iface { return r.descs.Load().ifaces[id] }

// of returns the description of a value in interface form, nil if no cell has
// named its type or it is nil. Wrappers are looked through.
func (r *Runtime) of(x any) *Desc {
	switch x := x.(type) {
	case nil:
		return nil
	case Box:
		return r.desc(x.ID)
	case standIn:
		return r.of(x.value())
	}
	t := r.descs.Load()
	typ := reflect.TypeOf(x)
	if len(t.wraps) > 0 && t.wraps[typ] {
		return r.of(reflect.ValueOf(x).Elem().Field(0).Interface())
	}
	return t.byType[typ]
}

// bound returns method name of a value, bound, or nil.
func (r *Runtime) bound(x any, name string) any {
	d := r.of(x)
	if d == nil {
		return nil
	}
	if f := d.binders[name]; f != nil {
		return f(r.Un(x))
	}
	return nil
}

// typeName is the name of a value's type as its author knows it.
func (r *Runtime) typeName(x any) string {
	if x == nil {
		return "nil"
	}
	if d := r.of(x); d != nil {
		return d.Name
	}
	return r.TypeString(reflect.TypeOf(x))
}
