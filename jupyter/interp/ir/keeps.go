package ir

import (
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// keeps is where yaegi holds on to every tree that it has ever compiled: two
// lists for its debugger, which nobody uses here, and the table of functions.
// The entry of a cell runs once and no other cell can name it, so it is taken
// out of all three; what its goroutines and closures need, they hold themselves.
// A cell 1+1 would leave 15 KB behind, which the collector would mark for ever.
type keeps struct {
	roots, scopes, functions reflect.Value // invalid where this yaegi has none
	globals                  reflect.Value // the values of global variables
}

// keptBy finds the three by name: yaegi exports none.
func keptBy(in *interp.Interpreter) (k keeps) {
	v := reflect.ValueOf(in).Elem()
	k.roots = field(v, "roots", reflect.Slice)
	scopes := field(v, "scopes", reflect.Map)
	if !scopes.IsValid() {
		return k
	}
	main := scopes.MapIndex(reflect.ValueOf("main"))
	if main.Kind() != reflect.Pointer || main.IsNil() {
		return k
	}
	k.scopes = field(main.Elem(), "child", reflect.Slice)
	k.functions = field(main.Elem(), "sym", reflect.Map)
	if frame := field(v, "frame", reflect.Pointer); frame.IsValid() && !frame.IsNil() {
		k.globals = field(frame.Elem(), "data", reflect.Slice)
	}
	return k
}

// field is a field of an addressable struct as if it were exported.
func field(v reflect.Value, name string, k reflect.Kind) (none reflect.Value) {
	f := v.FieldByName(name)
	if f.Kind() != k || !f.CanAddr() {
		return none
	}
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}

func (k keeps) forget(function string) {
	for _, list := range []reflect.Value{k.roots, k.scopes} {
		if list.IsValid() {
			list.SetZero()
		}
	}
	if k.functions.IsValid() {
		k.functions.SetMapIndex(reflect.ValueOf(function), reflect.Value{})
	}
}
