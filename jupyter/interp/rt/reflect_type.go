package rt

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
)

// authorType is a type of the notebook that reflect takes for another: it has
// the name, the parts and the methods that its author knows. Values of it
// compare as types do.
type authorType struct {
	reflect.Type
	r   *Runtime
	ref *typeRef
}

// typeRef is the number of a type. That of one which reflection made changes
// when a cell names it.
type typeRef struct{ id atomic.Int64 }

// author is the type number id, which reflect knows as real.
func (r *Runtime) author(real reflect.Type, id int) authorType {
	if d := r.desc(id); d != nil {
		id = d.ID
	}
	ref, ok := r.refs.Load(id)
	if !ok {
		made := new(typeRef)
		made.id.Store(int64(id))
		ref, _ = r.refs.LoadOrStore(id, made)
	}
	return authorType{real, r, ref.(*typeRef)}
}

func (t authorType) id() int        { return int(t.ref.id.Load()) }
func (t authorType) desc() *Desc    { return t.r.desc(t.id()) }
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

func (t authorType) Elem() reflect.Type {
	d := t.desc()
	return t.r.partType(t.Type.Elem(), d.Elem, d.ElemOf)
}

func (t authorType) Key() reflect.Type {
	d := t.desc()
	return t.r.partType(t.Type.Key(), d.Key, d.KeyOf)
}

func (t authorType) In(i int) reflect.Type {
	d := t.desc()
	return t.r.partType(t.Type.In(i), at(d.Params, i), at(d.ParamsOf, i))
}

func (t authorType) Out(i int) reflect.Type {
	d := t.desc()
	return t.r.partType(t.Type.Out(i), at(d.Results, i), at(d.ResultsOf, i))
}

// at is element i of a list that may be shorter.
func at[T any](s []T, i int) (x T) {
	if i < len(s) {
		x = s[i]
	}
	return x
}

func (t authorType) IsVariadic() bool                  { return t.desc().Variadic }
func (t authorType) Field(i int) reflect.StructField   { return t.r.TypeField(t, i) }
func (t authorType) NumField() int                     { return t.r.TypeNumField(t) }
func (t authorType) NumMethod() int                    { return t.r.TypeNumMethod(t) }
func (t authorType) Method(i int) reflect.Method       { return t.r.TypeMethod(t, i) }
func (t authorType) Implements(u reflect.Type) bool    { return t.r.TypeImplements(t, u) }
func (t authorType) AssignableTo(u reflect.Type) bool  { return t.r.TypeAssignableTo(t, u) }
func (t authorType) ConvertibleTo(u reflect.Type) bool { return t.r.TypeConvertibleTo(t, u) }

func (t authorType) Fields() iter.Seq[reflect.StructField] { return t.r.TypeFields(t) }
func (t authorType) Methods() iter.Seq[reflect.Method]     { return t.r.TypeMethods(t) }
func (t authorType) Ins() iter.Seq[reflect.Type]           { return slices.Values(parts(t.NumIn, t.In)) }
func (t authorType) Outs() iter.Seq[reflect.Type]          { return slices.Values(parts(t.NumOut, t.Out)) }

func (t authorType) FieldByIndex(index []int) reflect.StructField {
	return t.r.TypeFieldByIndex(t, index)
}

func (t authorType) FieldByNameFunc(match func(string) bool) (reflect.StructField, bool) {
	return t.r.TypeFieldByNameFunc(t, match)
}

func (t authorType) MethodByName(name string) (reflect.Method, bool) {
	return t.r.TypeMethodByName(t, name)
}

func (t authorType) FieldByName(name string) (reflect.StructField, bool) {
	return t.r.TypeFieldByName(t, name)
}

// partType is the type of a part of a described type: number id, or, if that is
// 0, the interface of the given name.
func (r *Runtime) partType(real reflect.Type, id int, iface string) reflect.Type {
	if d := r.desc(id); d != nil && d.Boxed {
		return r.author(real, id)
	}
	if real == anything && id == 0 && iface != "" && iface != anything.String() {
		return r.author(real, r.face(iface).ID)
	}
	return real
}

// descOf describes a type of the notebook, or one made of such; nil for others.
func (r *Runtime) descOf(t reflect.Type) *Desc {
	if a, ok := t.(authorType); ok {
		return a.desc()
	}
	if d := r.descs.Load().byType[t]; d != nil && !d.Foreign && (d.Own || t.Name() == "") {
		return d
	}
	return nil
}

// boxedType describes a type that reflect takes for another, nil for others.
func boxedType(t reflect.Type) *Desc {
	if a, ok := t.(authorType); ok {
		return a.desc()
	}
	return nil
}

// bareType is t as reflect knows it.
func bareType(t reflect.Type) reflect.Type {
	if a, ok := t.(authorType); ok {
		return a.Type
	}
	return t
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

// TypePkgPath is PkgPath of a reflect.Type.
func (r *Runtime) TypePkgPath(t reflect.Type) string {
	if d := r.descs.Load().byType[t]; d != nil && d.Own {
		return d.Name[:strings.IndexByte(d.Name, '.')]
	}
	return t.PkgPath()
}

// RealType is a type that is handed to a function of package reflect.
func (r *Runtime) RealType(t reflect.Type) reflect.Type {
	if a, ok := t.(authorType); ok {
		panic(fmt.Sprintf("reflect cannot make values of %s in a cell: it cannot tell the type from %v; make them without reflect", a, a.Type))
	}
	return t
}

// TypeImplements is Implements of a reflect.Type.
func (r *Runtime) TypeImplements(t, u reflect.Type) bool {
	if u == nil || u.Kind() != reflect.Interface {
		return t.Implements(u) // says what is wrong
	}
	d, face := r.descOf(t), r.faceOf(u)
	switch {
	case face == nil && d == nil:
		return t.Implements(u)
	case face != nil:
		return r.typeHas(t, d, face)
	case d.face:
		return u.NumMethod() == 0 || r.faceHas(r.faceOf(t), u)
	}
	v := reflect.Zero(bareType(t))
	if t.Kind() == reflect.Pointer {
		v = reflect.New(bareType(t).Elem())
	}
	return u.NumMethod() == 0 || r.satisfies(r.ValueInterface(r.tag(v, d.ID)), u)
}

// typeHas tells whether a type has the methods of an interface of the notebook.
func (r *Runtime) typeHas(t reflect.Type, d *Desc, i *Iface) bool {
	if d != nil && d.face {
		have := r.faceOf(t)
		for m, sig := range i.Methods {
			if s, ok := have.Methods[m]; !ok || s != sig {
				return false
			}
		}
		return true
	}
	if d != nil && (d.Own || d.Boxed || len(d.Methods) > 0) {
		for m, sig := range i.Methods {
			if s, ok := d.Methods[m]; !ok || s != sig {
				return false
			}
		}
		return true
	}
	for m := range i.Methods {
		f, ok := t.MethodByName(m)
		if !ok || t.Kind() != reflect.Interface && !r.sameMethod(f.Type, i, m) {
			return false
		}
	}
	return true
}

// faceHas tells whether an interface of the notebook has the methods of a native
// one.
func (r *Runtime) faceHas(i *Iface, u reflect.Type) bool {
	for n := range u.NumMethod() {
		if m := u.Method(n); i.sigs[m.Name] == nil || !fits(i.sigs[m.Name], m.Type) {
			return false
		}
	}
	return true
}
