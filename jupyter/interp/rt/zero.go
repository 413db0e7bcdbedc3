package rt

import "reflect"

// ZeroText is what a zero value of the type that a wrapper holds says of itself;
// not ok for what is no wrapper of a notebook value, or says nothing.
func (r *Runtime) ZeroText(x any) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	d := r.of(x)
	if d == nil || d.typ == nil {
		return "", false
	}
	var zero any
	if d.typ.Kind() == reflect.Pointer {
		zero = reflect.New(d.typ.Elem()).Interface()
	} else {
		zero = reflect.Zero(d.typ).Interface()
	}
	if d.Boxed {
		zero = Box{d.ID, zero, r}
	}
	f, ok := r.bound(zero, "String").(func() string)
	if !ok {
		return "", false
	}
	return f(), true
}
