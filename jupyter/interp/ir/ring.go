package ir

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// Yaegi builds a struct type that contains itself with holes that it fills in
// later. Where three types refer to each other in a circle, or two of which one
// holds the other by value, it makes several types of one, of different
// layout, and programs read each other's fields without an error. Such rings
// are built here, by the same trick but once, and given to yaegi as types of a
// native package. So are types that contain themselves and are no structs:
// type L []L.

// defineTypes defines a unit, its rings first.
func (y *Yaegi) defineTypes(u *Unit) error {
	ring := map[string]*Type{}
	for _, t := range u.Types {
		if t.Ring {
			ring[t.Name] = t.T
		}
	}
	if len(ring) == 0 {
		return y.eval(Text(u, y.known))
	}
	// what a ring refers to comes before it, everything else after
	decls := map[string]TypeDecl{}
	for _, t := range u.Types {
		decls[t.Name] = t
	}
	before := map[string]bool{}
	for _, t := range ring {
		below(t, decls, ring, before)
	}
	first, rest := *u, *u
	first.Types, first.Vars, first.Funcs, first.Entry, rest.Types = nil, nil, nil, nil, nil
	b := &ringBuilder{y: y, ring: ring, built: map[string]reflect.Type{}}
	for _, t := range u.Types {
		switch {
		case before[t.Name]:
			first.Types = append(first.Types, t)
		case t.Ring:
			b.names = append(b.names, t.Name)
		default:
			rest.Types = append(rest.Types, t)
		}
	}
	if err := y.eval(Text(&first, y.known)); err != nil {
		return err
	}
	known := map[string]bool{}
	for path := range y.known {
		known[path] = true
	}
	for _, path := range u.Imports {
		known[path] = true
	}
	aliases, err := b.build()
	if err != nil {
		return err
	}
	text := Text(&rest, known)
	u.apart = rest.apart
	return y.eval(strings.Replace(text, "package main\n", "package main\n"+aliases, 1))
}

// below collects the declarations that a type needs, rings apart.
func below(t *Type, decls map[string]TypeDecl, ring map[string]*Type, found map[string]bool) {
	if t == nil {
		return
	}
	if d, ok := decls[t.Name]; ok && t.Kind == Named && ring[t.Name] == nil && !found[t.Name] {
		found[t.Name] = true
		below(d.T, decls, ring, found)
	}
	below(t.Elem, decls, ring, found)
	below(t.Key, decls, ring, found)
	for _, e := range t.Params {
		below(e, decls, ring, found)
	}
	for _, e := range t.Results {
		below(e, decls, ring, found)
	}
	for _, f := range t.Fields {
		below(f.Type, decls, ring, found)
	}
}

type ringBuilder struct {
	y     *Yaegi
	ring  map[string]*Type
	names []string
	built map[string]reflect.Type
	err   error
}

// build makes the types known to yaegi and returns the text that names them.
func (b *ringBuilder) build() (string, error) {
	for _, name := range b.names {
		b.shape(name)
	}
	for _, name := range b.names {
		b.fill(name)
	}
	if b.err != nil {
		return "", b.err
	}
	path := "ring/" + b.names[0]
	table := map[string]reflect.Value{}
	var text strings.Builder
	fmt.Fprintf(&text, "import %s %q\n", Alias(path), path)
	for _, name := range b.names {
		table["R"+name] = reflect.Zero(reflect.PointerTo(b.built[name]))
		fmt.Fprintf(&text, "type %s = %s.R%s\n", name, Alias(path), name)
	}
	if err := b.y.in.Use(interp.Exports{exportKey(path): table}); err != nil {
		return "", fmt.Errorf("ir: recursive types: %w", err)
	}
	return text.String(), nil
}

// refers tells whether a type contains a type of the ring.
func (b *ringBuilder) refers(t *Type) bool {
	if t == nil {
		return false
	}
	if t.Kind == Named && b.ring[t.Name] != nil || b.refers(t.Elem) || b.refers(t.Key) {
		return true
	}
	for _, e := range append(append([]*Type(nil), t.Params...), t.Results...) {
		if b.refers(e) {
			return true
		}
	}
	for _, f := range t.Fields {
		if b.refers(f.Type) {
			return true
		}
	}
	return false
}

// shape builds a type of the ring with holes of the right size.
func (b *ringBuilder) shape(name string) reflect.Type {
	if t := b.built[name]; t != nil {
		return t
	}
	if b.ring[name].Kind != Struct {
		t := b.hollow(b.ring[name])
		b.built[name] = t
		return t
	}
	var fs []reflect.StructField
	for _, f := range b.ring[name].Fields {
		fs = append(fs, reflect.StructField{Name: f.Name, Type: b.hole(f.Type), Tag: reflect.StructTag(f.Tag)})
	}
	t := reflect.StructOf(fs)
	b.built[name] = t
	return t
}

// hollow is a type that nobody else has, of the shape of t: its elements are
// to be set.
func (b *ringBuilder) hollow(t *Type) reflect.Type {
	// package reflect gives out one type for one text, in all sessions
	u := reflect.StructOf([]reflect.StructField{{Name: "H", Type: reflect.TypeFor[bool](), Tag: reflect.StructTag(rand.Text())}})
	slots := func(ts []*Type) (rs []reflect.Type) {
		for _, t := range ts {
			rs = append(rs, b.slot(t, u))
		}
		return rs
	}
	switch t.Kind {
	case Slice:
		return reflect.SliceOf(u)
	case Chan:
		return reflect.ChanOf(chanDirs[t.Dir], b.slot(t.Elem, u))
	case Map:
		return reflect.MapOf(b.slot(t.Key, u), b.slot(t.Elem, u))
	case Func:
		return reflect.FuncOf(slots(t.Params), slots(t.Results), false)
	}
	return reflect.PointerTo(u)
}

// slot is a type of the size of t, with pointers where t has them, that
// contains u if t refers to the ring.
func (b *ringBuilder) slot(t *Type, u reflect.Type) reflect.Type {
	if !b.refers(t) {
		return b.leaf(t)
	}
	if t.Kind == Named {
		if t = b.ring[t.Name]; t.Kind == Struct {
			return b.shape(t.Name)
		}
	}
	switch t.Kind {
	case Slice:
		return reflect.SliceOf(u)
	case Array:
		return reflect.ArrayOf(int(t.Len), b.slot(t.Elem, u))
	case Struct:
		var fs []reflect.StructField
		for _, f := range t.Fields {
			fs = append(fs, reflect.StructField{Name: f.Name, Type: b.slot(f.Type, u)})
		}
		return reflect.StructOf(fs)
	}
	return reflect.PointerTo(u)
}

var chanDirs = [...]reflect.ChanDir{reflect.BothDir, reflect.SendDir, reflect.RecvDir}

// fill sets what was left open in a type of the ring.
func (b *ringBuilder) fill(name string) {
	t, r := b.ring[name], b.built[name]
	set := func(i int, child *Type) {
		if b.refers(child) {
			setElement(r, i, b.real(child))
		}
	}
	switch t.Kind {
	case Struct:
		for i, f := range t.Fields {
			if b.refers(f.Type) {
				setFieldType(r, i, b.real(f.Type))
			}
		}
	case Map:
		set(0, t.Key)
		set(1, t.Elem)
	case Func:
		for i, c := range t.Params {
			set(1+i, c) // behind the numbers of both
		}
		for i, c := range t.Results {
			set(1+len(t.Params)+i, c)
		}
	default:
		set(0, t.Elem)
	}
}

type hole struct{}

// hole is a type as large as t and as comparable.
func (b *ringBuilder) hole(t *Type) reflect.Type {
	if !b.refers(t) {
		return b.leaf(t)
	}
	switch t.Kind {
	case Named:
		return b.shape(t.Name)
	case Array:
		return reflect.ArrayOf(int(t.Len), b.hole(t.Elem))
	case Slice:
		return reflect.TypeFor[[]hole]()
	case Map:
		return reflect.TypeFor[map[hole]hole]()
	case Chan:
		return reflect.TypeFor[chan hole]()
	case Func:
		return reflect.TypeFor[func(hole)]()
	case Struct:
		var fs []reflect.StructField
		for _, f := range t.Fields {
			fs = append(fs, reflect.StructField{Name: f.Name, Type: b.hole(f.Type), Tag: reflect.StructTag(f.Tag)})
		}
		return reflect.StructOf(fs)
	}
	return reflect.TypeFor[*hole]()
}

// real is a type whose parts of the ring have been built.
func (b *ringBuilder) real(t *Type) reflect.Type {
	if !b.refers(t) {
		return b.leaf(t)
	}
	switch t.Kind {
	case Named:
		return b.built[t.Name]
	case Pointer:
		return reflect.PointerTo(b.real(t.Elem))
	case Slice:
		return reflect.SliceOf(b.real(t.Elem))
	case Array:
		return reflect.ArrayOf(int(t.Len), b.real(t.Elem))
	case Map:
		return reflect.MapOf(b.real(t.Key), b.real(t.Elem))
	case Chan:
		return reflect.ChanOf(chanDirs[t.Dir], b.real(t.Elem))
	case Func:
		return reflect.FuncOf(b.reals(t.Params), b.reals(t.Results), false)
	case Struct:
		var fs []reflect.StructField
		for _, f := range t.Fields {
			fs = append(fs, reflect.StructField{Name: f.Name, Type: b.real(f.Type), Tag: reflect.StructTag(f.Tag)})
		}
		return reflect.StructOf(fs)
	}
	b.err = fmt.Errorf("ir: a field of type %s in a ring of types", t)
	return reflect.TypeFor[hole]()
}

func (b *ringBuilder) reals(ts []*Type) []reflect.Type {
	var rs []reflect.Type
	for _, t := range ts {
		rs = append(rs, b.real(t))
	}
	return rs
}

// leaf is the interpreter's own type.
func (b *ringBuilder) leaf(t *Type) reflect.Type {
	switch t.Kind {
	case Any:
		return reflect.TypeFor[any]()
	case NativeOne:
		if t.Pkg == "" {
			return reflect.TypeFor[error]()
		}
	}
	v, err := b.y.in.Eval("new(" + t.text + ")")
	if err != nil || v.Kind() != reflect.Pointer {
		b.err = fmt.Errorf("ir: the type %s: %w", t, err)
		return reflect.TypeFor[hole]()
	}
	return v.Type().Elem()
}

// The beginnings of the runtime's type descriptions, as far as a field's type
// has to be found in them.
type (
	typeHeader struct {
		_ [2]uintptr
		_ [2]uint32
		_ [2]uintptr
		_ [2]uint32
	}
	structHeader struct {
		typeHeader
		_      uintptr
		fields []fieldHeader
	}
	fieldHeader struct {
		_   uintptr
		typ unsafe.Pointer
		_   uintptr
	}
)

// setFieldType changes a struct type that was made at run time and that nobody
// has used yet.
func setFieldType(s reflect.Type, i int, t reflect.Type) {
	(*structHeader)(description(s)).fields[i].typ = description(t)
}

// setElement sets the i-th word behind the common part of a type that was made
// at run time and that nobody has used yet: element types stand there.
func setElement(s reflect.Type, i int, t reflect.Type) {
	word := unsafe.Add(description(s), unsafe.Sizeof(typeHeader{})+uintptr(i)*unsafe.Sizeof(uintptr(0)))
	*(*unsafe.Pointer)(word) = description(t)
}

func description(t reflect.Type) unsafe.Pointer {
	v := reflect.Zero(t).Interface()
	return *(*unsafe.Pointer)(unsafe.Pointer(&v))
}
