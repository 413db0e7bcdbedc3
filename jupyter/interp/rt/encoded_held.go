package rt

import (
	"encoding/json"
	"encoding/xml"
	"reflect"
)

// content is that of an interface, as encoders must see it. The type tells
// it from what the interface holds.
type content any

// boxed is the content of an interface.
func (e *encoder) boxed(x any, as reflect.Value) reflect.Value {
	d, in := e.r.of(x), reflect.ValueOf(V(x))
	if (d == nil || d.Foreign) && !e.r.holds(in) {
		return as
	}
	out := reflect.New(reflect.TypeFor[content]()).Elem()
	out.Set(e.value(in, d))
	return out
}

// holds tells whether a list, a map or what a pointer points at is of no
// notebook type and holds a value of one.
func (r *Runtime) holds(v reflect.Value) bool {
	if !v.IsValid() || v.NumMethod() > 0 {
		return false
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map:
		return r.hidden(v)
	case reflect.Pointer:
		return !v.IsNil() && (v.Type().Elem().Kind() == reflect.Interface && r.hidden(v.Elem()) || r.holds(v.Elem()))
	}
	return false
}

// unsupported is v, of a type that encoders do not take.
func (e *encoder) unsupported(v reflect.Value, d *Desc) reflect.Value {
	if d.ID == 0 {
		return reflect.ValueOf(unsupported{v.Type()})
	}
	return reflect.ValueOf(unsupported{e.r.author(v.Type(), d.ID)})
}

type unsupported struct{ t reflect.Type }

func (u unsupported) MarshalJSON() ([]byte, error) {
	return nil, notEncoded{&json.UnsupportedTypeError{Type: u.t}}
}

func (u unsupported) MarshalXML(*xml.Encoder, xml.StartElement) error {
	return &xml.UnsupportedTypeError{Type: u.t}
}

// notEncoded is an error that no method has made.
type notEncoded struct{ error }
