// Package ir is the typed intermediate form of a cell: plain functions over
// structs, slices, maps, channels, closures and one empty interface. It has no
// methods, notebook interfaces, type parameters, embedding, variadics, named
// types other than structs, or constants left to evaluate, so that a back end
// has little to know and little to get wrong.
//
// Every expression carries its type. Names are unique within a unit: nothing
// is shadowed. [Text] prints a unit for yaegi; [Yaegi] runs it.
package ir

import (
	"strconv"
	"strings"
)

// Kind tells the shapes of types apart.
type Kind uint8

const (
	Basic     Kind = iota // Name is the predeclared name
	Any                   // interface{}
	Pointer               // Elem
	Slice                 // Elem
	Array                 // Elem, Len
	Map                   // Key, Elem
	Chan                  // Elem, Dir
	Func                  // Params, Results
	Struct                // Fields, without a name
	Named                 // Name of a TypeDecl
	NativeOne             // Pkg and Name of a native type, "" and error
)

// Dir is the direction of a channel.
type Dir uint8

const (
	Both Dir = iota
	SendOnly
	RecvOnly
)

// Type is an erased type. Types are made by the functions of this package and
// never changed afterwards; two types are the same if their texts are.
type Type struct {
	Kind            Kind
	Name, Pkg       string
	Elem, Key       *Type
	Len             int64
	Dir             Dir
	Params, Results []*Type
	Fields          []Field
	text            string
}

// Field is a field of a struct type. The tag carries what encoders need, and
// in the first field the identity of the type.
type Field struct {
	Name string
	Type *Type
	Tag  string
}

// Types that every unit needs.
var (
	Int      = BasicType("int")
	Bool     = BasicType("bool")
	String   = BasicType("string")
	Uint64   = BasicType("uint64")
	Int64    = BasicType("int64")
	Int32    = BasicType("int32")
	Float64  = BasicType("float64")
	Anything = &Type{Kind: Any, text: "interface{}"}
	Error    = &Type{Kind: NativeOne, Name: "error", text: "error"}
)

// BasicType is the predeclared type of that name.
func BasicType(name string) *Type { return &Type{Kind: Basic, Name: name, text: name} }

// PointerTo is *elem.
func PointerTo(elem *Type) *Type {
	return &Type{Kind: Pointer, Elem: elem, text: "*" + elem.text}
}

// SliceOf is []elem.
func SliceOf(elem *Type) *Type {
	return &Type{Kind: Slice, Elem: elem, text: "[]" + elem.text}
}

// ArrayOf is [n]elem.
func ArrayOf(n int64, elem *Type) *Type {
	return &Type{Kind: Array, Elem: elem, Len: n, text: "[" + strconv.FormatInt(n, 10) + "]" + elem.text}
}

// MapOf is map[key]elem.
func MapOf(key, elem *Type) *Type {
	return &Type{Kind: Map, Key: key, Elem: elem, text: "map[" + key.text + "]" + elem.text}
}

// ChanOf is a channel of elem.
func ChanOf(dir Dir, elem *Type) *Type {
	e := elem.text
	if elem.Kind == Chan {
		e = "(" + e + ")"
	}
	words := [...]string{"chan ", "chan<- ", "<-chan "}
	return &Type{Kind: Chan, Elem: elem, Dir: dir, text: words[dir] + e}
}

// FuncOf is a function type. It is never variadic.
func FuncOf(params, results []*Type) *Type {
	return &Type{Kind: Func, Params: params, Results: results, text: "func" + signature(params, results)}
}

// StructOf is a struct type without a name.
func StructOf(fields []Field) *Type {
	var b strings.Builder
	b.WriteString("struct{")
	for i, f := range fields {
		if i > 0 {
			b.WriteString(";")
		}
		b.WriteString(" " + f.Name + " " + f.Type.text)
		if f.Tag != "" {
			b.WriteString(" " + strconv.Quote(f.Tag))
		}
	}
	b.WriteString(" }")
	return &Type{Kind: Struct, Fields: fields, text: b.String()}
}

// NamedType is the type that a TypeDecl declares.
func NamedType(name string) *Type { return &Type{Kind: Named, Name: name, text: name} }

// NativeType is a type of a native package.
func NativeType(pkg, name string) *Type {
	return &Type{Kind: NativeOne, Pkg: pkg, Name: name, text: Alias(pkg) + "." + name}
}

// String is the type as yaegi reads it.
func (t *Type) String() string { return t.text }

// Same tells whether two types are one.
func (t *Type) Same(u *Type) bool { return t == u || t.text == u.text }

func signature(params, results []*Type) string {
	s := "(" + list(params) + ")"
	switch len(results) {
	case 0:
		return s
	case 1:
		return s + " " + results[0].text
	}
	return s + " (" + list(results) + ")"
}

func list(ts []*Type) string {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// Alias is the name under which units import a native package.
func Alias(path string) string {
	if path == RT {
		return "p_rt"
	}
	return "p_" + aliases.Replace(path)
}

var aliases = strings.NewReplacer("/", "_", ".", "_", "-", "_")
