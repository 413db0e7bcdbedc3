package rt

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// What cells ask package reflect about their own types goes through here: the
// interpreter's types have other field names and tags, and no methods.

// Reflected is a value for reflect.TypeOf and ValueOf.
func (r *Runtime) Reflected(x any) any {
	if b, ok := x.(Box); ok {
		panic(fmt.Sprintf("reflect cannot tell %s from %T in a cell; switch on the type, or use fmt's %%T for its name", r.typeName(b), b.V))
	}
	return r.Plain(x)
}

// TypeOf is reflect.TypeOf.
func (r *Runtime) TypeOf(x any) reflect.Type {
	x = r.Un(x)
	if b, ok := x.(Box); ok {
		return authorType{reflect.TypeOf(b.V), r, b.ID}
	}
	return reflect.TypeOf(x)
}

// DeepEqual is reflect.DeepEqual.
func (r *Runtime) DeepEqual(a, b any) bool {
	a, b = r.Un(a), r.Un(b)
	return r.typeName(a) == r.typeName(b) && reflect.DeepEqual(V(a), V(b))
}

// TypeString and TypeName are String and Name of a reflect.Type.
func (r *Runtime) TypeString(t reflect.Type) string {
	if d := r.descs.Load().byType[t]; d != nil {
		return d.Name
	}
	return t.String()
}

func (r *Runtime) TypeName(t reflect.Type) string {
	if d := r.descs.Load().byType[t]; d != nil && d.Own {
		return d.Name[strings.IndexByte(d.Name, '.')+1:]
	}
	return t.Name()
}

// authorType is a type of the notebook that reflect takes for another: it has
// the name, the parts and the methods that its author knows. Values of it
// compare as types do.
type authorType struct {
	reflect.Type
	r  *Runtime
	id int
}

func (t authorType) desc() *Desc    { return t.r.desc(t.id) }
func (t authorType) String() string { return t.desc().Name }

func (t authorType) Name() string {
	if d := t.desc(); d.Own {
		return d.Name[strings.IndexByte(d.Name, '.')+1:]
	}
	return ""
}

func (t authorType) PkgPath() string {
	if d := t.desc(); d.Own {
		return d.Name[:strings.IndexByte(d.Name, '.')]
	}
	return ""
}

func (t authorType) Elem() reflect.Type { return t.part(t.Type.Elem(), t.desc().Elem) }
func (t authorType) Key() reflect.Type  { return t.part(t.Type.Key(), t.desc().Key) }

func (t authorType) part(real reflect.Type, id int) reflect.Type {
	if id == 0 && real.Kind() == reflect.Interface && real.NumMethod() == 0 { // any, or an interface of the notebook
		t.refuse("Elem")
	}
	if d := t.r.desc(id); d != nil && d.Boxed {
		return authorType{real, t.r, id}
	}
	return real
}

func (t authorType) NumMethod() int {
	n := 0
	for m := range t.desc().Methods {
		if exported(m) {
			n++
		}
	}
	return n
}

// refuse is for what would show the type that reflect knows.
func (t authorType) refuse(method string) {
	panic(fmt.Sprintf("reflect.Type.%s of %s, which reflect cannot tell from %v in a cell; switch on the type of a value", method, t, t.Type))
}

func (t authorType) Method(int) reflect.Method { t.refuse("Method"); panic("unreachable") }
func (t authorType) MethodByName(string) (reflect.Method, bool) {
	t.refuse("MethodByName")
	panic("unreachable")
}
func (t authorType) Implements(u reflect.Type) bool  { return t.implements(u) }
func (t authorType) AssignableTo(reflect.Type) bool  { t.refuse("AssignableTo"); panic("unreachable") }
func (t authorType) ConvertibleTo(reflect.Type) bool { t.refuse("ConvertibleTo"); panic("unreachable") }
func (t authorType) Field(i int) reflect.StructField { return t.r.TypeField(t, i) }
func (t authorType) In(i int) reflect.Type           { return t.inOut(t.Type.In(i), t.desc().Params, i) }
func (t authorType) Out(i int) reflect.Type          { return t.inOut(t.Type.Out(i), t.desc().Results, i) }
func (t authorType) IsVariadic() bool                { return t.desc().Variadic }

func (t authorType) inOut(real reflect.Type, ids []int, i int) reflect.Type {
	if i >= len(ids) {
		t.refuse("In and Out")
	}
	if ids[i] == 0 {
		return real
	}
	return t.part(real, ids[i])
}

func (t authorType) implements(u reflect.Type) bool {
	if u.NumMethod() == 0 { // any, or an interface of the notebook
		t.refuse("Implements")
	}
	zero := Box{t.id, reflect.Zero(t.Type).Interface(), t.r}
	for i := range u.NumMethod() {
		m := u.Method(i)
		if _, ok := t.desc().Methods[m.Name]; !ok {
			return false
		}
		f := t.r.bound(zero, m.Name)
		if f == nil {
			t.refuse("Implements")
		}
		if reflect.TypeOf(f) != m.Type {
			return false
		}
	}
	return true
}

// RealType is a type that is handed to a function of package reflect.
func (r *Runtime) RealType(t reflect.Type) reflect.Type {
	if a, ok := t.(authorType); ok {
		panic(fmt.Sprintf("reflect cannot make values of %s in a cell: it cannot tell the type from %v; make them without reflect", a, a.Type))
	}
	if m, ok := t.(methodType); ok {
		return m.Type
	}
	return t
}

// TypePkgPath is PkgPath of a reflect.Type.
func (r *Runtime) TypePkgPath(t reflect.Type) string {
	if d := r.descs.Load().byType[t]; d != nil && d.Own {
		return d.Name[:strings.IndexByte(d.Name, '.')]
	}
	return t.PkgPath()
}

// identity is the tag that tells notebook structs apart, in their first field.
var identity = regexp.MustCompile(` ?sp:"[^"]*"$`)

// hidden is the tag of a field that only its author calls unexported.
const hidden = `json:"-" xml:"-"`

// TypeField is Field of a reflect.Type.
func (r *Runtime) TypeField(t reflect.Type, i int) reflect.StructField {
	d := r.descs.Load().byType[t]
	if a, ok := t.(authorType); ok {
		t, d = a.Type, a.desc()
	}
	f := t.Field(i)
	f.Tag = reflect.StructTag(identity.ReplaceAllString(string(f.Tag), ""))
	if d != nil && !d.Foreign && i < len(d.Fields) {
		f.Name, f.Anonymous = d.Fields[i].Name, d.Fields[i].Embedded
		if e := r.desc(d.Fields[i].Type); e != nil && e.Boxed {
			f.Type = authorType{f.Type, r, e.ID}
		}
		if !exported(f.Name) {
			f.PkgPath, f.Tag = "main", reflect.StructTag(d.Fields[i].Tag)
		}
		return f
	}
	if name, ok := strings.CutPrefix(f.Name, "U_"); ok && f.Tag == hidden { // of a struct without a name
		f.Name, f.PkgPath, f.Tag = name, "main", ""
	}
	return f
}

// fieldIndex finds a field by the name that its author knows, in embedded
// structs if not in t itself, as the language does.
func (r *Runtime) fieldIndex(t reflect.Type, name string) ([]int, bool) {
	type place struct {
		t     reflect.Type
		index []int
	}
	level, seen := []place{{t, nil}}, map[reflect.Type]bool{}
	for len(level) > 0 {
		var next []place
		var found [][]int
		for _, p := range level {
			if seen[p.t] {
				continue
			}
			seen[p.t] = true
			for i := range p.t.NumField() {
				f := r.TypeField(p.t, i)
				index := append(slices.Clone(p.index), i)
				if f.Name == name {
					found = append(found, index)
				}
				if e := indirect(f.Type); f.Anonymous && e.Kind() == reflect.Struct {
					next = append(next, place{e, index})
				}
			}
		}
		if len(found) > 0 {
			return found[0], len(found) == 1
		}
		level = next
	}
	return nil, false
}

// TypeFieldByName is FieldByName of a reflect.Type.
func (r *Runtime) TypeFieldByName(t reflect.Type, name string) (reflect.StructField, bool) {
	index, ok := r.fieldIndex(t, name)
	if !ok {
		return reflect.StructField{}, false
	}
	f := reflect.StructField{Type: t}
	for _, i := range index {
		f = r.TypeField(indirect(f.Type), i)
	}
	f.Index = index
	return f, true
}

// ValueFieldByName is FieldByName of a reflect.Value.
func (r *Runtime) ValueFieldByName(v reflect.Value, name string) reflect.Value {
	index, ok := r.fieldIndex(v.Type(), name)
	if !ok {
		return reflect.Value{}
	}
	return r.ValueFieldByIndex(v, index)
}

// ValueFieldByIndex is FieldByIndex of a reflect.Value.
func (r *Runtime) ValueFieldByIndex(v reflect.Value, index []int) reflect.Value {
	for n, i := range index {
		if n > 0 && v.Kind() == reflect.Pointer && v.Type().Elem().Kind() == reflect.Struct {
			if v.IsNil() {
				panic("reflect: indirection through nil pointer to embedded struct")
			}
			v = v.Elem()
		}
		v = r.ValueField(v, i)
	}
	return v
}

// ValueField is Field of a reflect.Value. A field that its author did not
// export can be looked at only, as in compiled Go.
func (r *Runtime) ValueField(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	var sf reflect.StructField
	id := 0
	if d := r.tagged(v); d != nil {
		sf = r.TypeField(authorType{v.Type(), r, d.ID}, i)
	} else {
		sf = r.TypeField(v.Type(), i)
	}
	if t, ok := sf.Type.(authorType); ok {
		id = t.id
	}
	if !f.CanInterface() || sf.IsExported() {
		return r.tag(f, id)
	}
	if sf.Anonymous {
		return r.tag(viaEmbedded(f), id)
	}
	p := reflect.New(f.Type())
	if f.CanAddr() {
		p = f.Addr()
	} else {
		p.Elem().Set(f)
	}
	holder := reflect.StructOf([]reflect.StructField{{Name: "x", PkgPath: "main", Type: f.Type()}})
	return r.tag(reflect.NewAt(holder, p.UnsafePointer()).Elem().Field(0), id)
}

// ValueElem is Elem of a reflect.Value.
func (r *Runtime) ValueElem(v reflect.Value) reflect.Value {
	e := v.Elem()
	if v.Kind() == reflect.Interface && !v.IsNil() {
		if x := r.Un(e.Interface()); reflect.TypeOf(x) != e.Type() || e.Type() == reflect.TypeFor[Box]() {
			return r.ValueOf(x)
		}
	}
	if d := r.tagged(v); d != nil {
		return r.tag(e, d.Elem)
	}
	return e
}

// ValueIndirect is reflect.Indirect.
func (r *Runtime) ValueIndirect(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	return r.ValueElem(v)
}

// methodNames are the exported methods of a type in the order of reflect; ok
// is false for types that reflect knows as they are.
func (r *Runtime) methodNames(t reflect.Type) (names []string, ok bool) {
	d := r.descs.Load().byType[t]
	if a, ok := t.(authorType); ok {
		d = a.desc()
	}
	if d == nil || d.Foreign || t.Kind() == reflect.Interface {
		return nil, false
	}
	for _, n := range slices.Sorted(maps.Keys(d.Methods)) {
		if exported(n) {
			names = append(names, n)
		}
	}
	return names, true
}

// method is method name of a value, bound. Its types are the interpreter's.
func (r *Runtime) method(v reflect.Value, name string) reflect.Value {
	x := r.ValueInterface(v)
	f := r.bound(x, name)
	if f == nil {
		panic(fmt.Sprintf("a cell cannot call method %s of %s through reflect; call it without", name, r.typeName(x)))
	}
	return r.tag(reflect.ValueOf(f), r.of(x).Methods[name])
}

// ValueCall is Call of a reflect.Value.
func (r *Runtime) ValueCall(f reflect.Value, in []reflect.Value) []reflect.Value {
	d := r.tagged(f)
	if d != nil && d.Variadic && len(in) >= len(d.Params)-1 {
		last := len(d.Params) - 1
		slice := reflect.Zero(f.Type().In(last))
		rest := r.desc(d.Params[last])
		for _, x := range in[last:] {
			slice = reflect.Append(slice, r.stored("reflect.Value.Call", x, slice.Type().Elem(), r.elemOf(rest)))
		}
		in = append(slices.Clone(in[:last]), r.retag(slice, rest))
	}
	return r.ValueCallSlice(f, in)
}

// ValueCallSlice is CallSlice of a reflect.Value.
func (r *Runtime) ValueCallSlice(f reflect.Value, in []reflect.Value) []reflect.Value {
	d := r.tagged(f)
	args := make([]reflect.Value, len(in))
	for i, x := range in {
		if args[i] = r.bare(x); i < f.Type().NumIn() && !f.Type().IsVariadic() {
			var own *Desc
			if d != nil {
				own = r.boxedPart(d, func(d *Desc) int { return d.Params[i] })
			}
			args[i] = r.stored("reflect.Value.Call", x, f.Type().In(i), own)
		} else if r.tagged(x) != nil {
			r.Untagged(x, "Call")
		}
	}
	out := r.bare(f).Call(args)
	if d != nil {
		for i := range out {
			out[i] = r.tag(out[i], d.Results[i])
		}
	}
	return out
}

// ValueNumMethod is NumMethod of a reflect.Value.
func (r *Runtime) ValueNumMethod(v reflect.Value) int { return r.TypeNumMethod(r.ValueType(v)) }

// ValueMethodByName is MethodByName of a reflect.Value.
func (r *Runtime) ValueMethodByName(v reflect.Value, name string) reflect.Value {
	names, ok := r.methodNames(r.ValueType(v))
	if !ok {
		return v.MethodByName(name)
	}
	if !slices.Contains(names, name) {
		return reflect.Value{}
	}
	return r.method(v, name)
}

// ValueMethod is Method of a reflect.Value.
func (r *Runtime) ValueMethod(v reflect.Value, i int) reflect.Value {
	names, ok := r.methodNames(r.ValueType(v))
	if !ok {
		return v.Method(i)
	}
	return r.method(v, names[i])
}

// TypeNumMethod is NumMethod of a reflect.Type.
func (r *Runtime) TypeNumMethod(t reflect.Type) int {
	if names, ok := r.methodNames(t); ok {
		return len(names)
	}
	return t.NumMethod()
}

// TypeMethod is Method of a reflect.Type.
func (r *Runtime) TypeMethod(t reflect.Type, i int) reflect.Method {
	names, ok := r.methodNames(t)
	if !ok {
		return t.Method(i)
	}
	name := names[i]
	var f reflect.Type
	if t.Kind() == reflect.Pointer {
		f = r.method(reflect.New(t.Elem()), name).Type()
	} else {
		f = r.method(r.ValueZero(t), name).Type()
	}
	if a, ok := t.(authorType); ok {
		t = a.Type
	}
	in, out := []reflect.Type{t}, []reflect.Type{}
	for p := range f.Ins() {
		in = append(in, p)
	}
	for p := range f.Outs() {
		out = append(out, p)
	}
	whole := reflect.FuncOf(in, out, false)
	call := func(args []reflect.Value) []reflect.Value {
		m := r.method(args[0], name)
		r.Untagged(m, "Method.Func")
		return m.Call(args[1:])
	}
	return reflect.Method{Name: name, Type: methodType{whole}, Func: reflect.MakeFunc(whole, call), Index: i}
}

// TypeMethodByName is MethodByName of a reflect.Type.
func (r *Runtime) TypeMethodByName(t reflect.Type, name string) (reflect.Method, bool) {
	names, ok := r.methodNames(t)
	if !ok {
		return t.MethodByName(name)
	}
	i := slices.Index(names, name)
	if i < 0 {
		return reflect.Method{}, false
	}
	return r.TypeMethod(t, i), true
}

// TypeImplements is Implements of a reflect.Type.
func (r *Runtime) TypeImplements(t, u reflect.Type) bool {
	if a, ok := t.(authorType); ok {
		return a.implements(u)
	}
	d := r.descs.Load().byType[t]
	if d == nil || d.Foreign || len(d.Methods) == 0 {
		return t.Implements(u)
	}
	for i := range u.NumMethod() {
		m := u.Method(i)
		if _, ok := d.Methods[m.Name]; !ok {
			return false
		}
		v := reflect.Zero(t)
		if t.Kind() == reflect.Pointer {
			v = reflect.New(t.Elem())
		}
		if r.method(v, m.Name).Type() != m.Type {
			return false
		}
	}
	return true
}
