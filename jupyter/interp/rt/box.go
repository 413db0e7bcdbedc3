package rt

import (
	"database/sql/driver"
	"encoding/xml"
	"fmt"
	"reflect"
)

// Box is the interface form of a value whose reflect type does not tell its
// notebook type: a Celsius that reflect sees as a float64. Boxes compare as
// the values would.
type Box struct {
	ID int
	V  any
	r  *Runtime
}

// Box boxes a value of type id.
func (r *Runtime) Box(id int, v any) any { return Box{id, v, r} }

// BoxEmpty boxes a struct{}.
func (r *Runtime) BoxEmpty(id int) any { return Box{id, struct{}{}, r} }

// Format prints the value as fmt would print it in compiled Go.
func (b Box) Format(s fmt.State, verb rune) { b.r.format(s, verb, b) }

// MarshalJSON is the value as compiled Go encodes it, for native code that was
// given it as an any.
func (b Box) MarshalJSON() ([]byte, error) { return b.r.JSONMarshal(b) }

// MarshalXML is that for XML.
func (b Box) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if start.Name.Local == "Box" {
		start.Name.Local = b.r.of(b).element()
	}
	return e.EncodeElement(b.r.EncodedXML(b), start)
}

// Value is the value as a driver of a database takes it.
func (b Box) Value() (driver.Value, error) {
	return driver.DefaultParameterConverter.ConvertValue(b.r.SQL(b))
}

// V takes a value out of its box.
func V(x any) any {
	if b, ok := x.(Box); ok {
		return b.V
	}
	return x
}

// I is the interface form of a function: passing through native code makes it
// one that reflect knows.
func I(x any) any { return x }

// Nop uses a value.
func Nop(any) {}

// Un is the interface form behind a wrapper that stands for a notebook value
// in a native interface.
func (r *Runtime) Un(x any) any {
	if e, ok := x.(standIn); ok {
		return e.value()
	}
	if t := r.descs.Load(); len(t.wraps) > 0 && x != nil && t.wraps[reflect.TypeOf(x)] {
		return reflect.ValueOf(x).Elem().Field(0).Interface()
	}
	return x
}

// Eq compares two interface values.
func (r *Runtime) Eq(a, b any) bool {
	a, b = r.Un(a), r.Un(b)
	if x, ok := a.(Box); ok {
		if y, ok := b.(Box); ok && x.ID == y.ID && !reflect.TypeOf(x.V).Comparable() {
			panic(fault("comparing uncomparable type " + r.typeName(a)))
		}
	}
	if t := reflect.TypeOf(a); t != nil && t == reflect.TypeOf(b) && !t.Comparable() {
		panic(fault("comparing uncomparable type " + r.typeName(a)))
	}
	return a == b
}

// Key is x as a key of a map. Where Go cannot hash it, its author's name of the
// type is kept for the panic, which reflect would word by what a box holds. The
// panic itself comes when the map is reached, after the operands.
func (r *Runtime) Key(x any) any {
	if raw := V(x); raw != nil && !reflect.TypeOf(raw).Comparable() {
		r.unhashable.Store(&unhashable{reflect.TypeOf(raw).String(), r.typeName(x)})
	}
	return x
}

// unhashable is a type whose values are no keys: reflect's text and its name.
type unhashable struct{ text, name string }

// ID is the number of a value's dynamic type, 0 if no cell declared it. Nil
// panics as a call through a nil interface does.
func (r *Runtime) ID(x any) int {
	if x == nil {
		NilDeref()
	}
	if d := r.of(x); d != nil && !d.Foreign {
		return d.ID
	}
	return 0
}

// TID is the number of a value's dynamic type, 0 for nil and for types that no
// cell has named.
func (r *Runtime) TID(x any) int {
	if d := r.of(x); d != nil {
		return d.ID
	}
	return 0
}

// Is tells whether the dynamic type of x is type id.
func (r *Runtime) Is(x any, id int) bool {
	d := r.of(x)
	return d != nil && d.ID == id
}
