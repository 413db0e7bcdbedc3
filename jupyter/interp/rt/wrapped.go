package rt

import (
	"reflect"
	"runtime"
	"unsafe"
	"weak"
)

// Native code compares the interface values that it is given, and has them as
// keys of maps: a listener's connections, say. So a wrapper is a pointer, and a
// value has one wrapper for an interface as long as that is in use.

// wrappedValue tells what is wrapped for what. A pointer is known by its
// address, for the key must not keep it: the wrapper does while it lives.
type wrappedValue struct {
	wrapped
	at uintptr
	x  any // of a value without pointers
}

// only is the wrapper of x for interface i, made if there is none.
func (r *Runtime) only(x any, d *Desc, i *Iface, make func() reflect.Value) any {
	key := wrappedValue{wrapped: wrapped{d, i}}
	switch v := reflect.ValueOf(V(x)); {
	case v.Kind() == reflect.Pointer && !v.IsNil() && v.Type().Elem().Size() > 0, v.Kind() == reflect.Chan:
		key.at = v.Pointer()
	case v.Kind() <= reflect.Complex128 || v.Kind() == reflect.String:
		key.x = V(x)
	default:
		return make().Interface()
	}
	if w, ok := r.living.Load(key); ok {
		if p := w.(life).p.Value(); p != nil {
			return reflect.NewAt(w.(life).t, unsafe.Pointer(p)).Interface()
		}
	}
	v := make()
	p := (*byte)(v.UnsafePointer())
	w := life{weak.Make(p), v.Type().Elem()}
	r.living.Store(key, w)
	runtime.AddCleanup(p, func(key wrappedValue) { r.living.CompareAndDelete(key, w) }, key)
	return v.Interface()
}

// life is a wrapper for as long as something uses it.
type life struct {
	p weak.Pointer[byte]
	t reflect.Type
}
