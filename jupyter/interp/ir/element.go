package ir

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"unsafe"
)

// index makes the step of x[i], whose value is the element itself and no copy.
// reflect.Value.Index would take as long as the comparison, so elements of most
// types are made here.
func (b *bounded) index(n unsafe.Pointer, yaegis generator) {
	if *(*int)(unsafe.Add(n, b.level)) != 0 {
		yaegis(n)
		return
	}
	operands := b.children(n)
	list, index := genValue(operands[0]), genValue(operands[1])
	to, data := *(*int)(unsafe.Add(n, b.findex)), b.data
	next, otherwise := b.after(n, b.tnext), b.after(n, b.fnext)
	integer := b.values.integer
	var last atomic.Pointer[elements] // a step indexes values of one type
	*(*exec)(unsafe.Add(n, b.exec)) = func(f Frame) exec {
		xv, iv := list(f), index(f)
		var ev reflect.Value
		x, i, e := words(&xv), words(&iv), words(&ev)
		at := 0
		if i.typ == integer {
			at = *(*int)(i.ptr)
		} else {
			at, _ = number(iv)
		}
		k := last.Load()
		if k != nil && k.of == x.typ && k.needs == x.flag&k.needs {
			p, n := x.ptr, k.n
			if n < 0 {
				h := (*header)(p)
				p, n = h.data, h.n
			}
			if uint(at) < uint(n) {
				e.typ, e.ptr, e.flag = k.element.typ, unsafe.Add(p, uintptr(at)*k.size), k.element.flag
			}
		}
		if e.flag == 0 {
			ev = b.element(xv, iv)
			if k == nil && xv.CanInterface() {
				last.Store(b.values.elements(xv, ev))
			}
		}
		(*(*[]reflect.Value)(unsafe.Add(f, data)))[to] = ev
		if otherwise != nil && !*(*bool)(e.ptr) {
			return otherwise
		}
		return next
	}
}

// element is x[i], or a panic.
func (b *bounded) element(x, i reflect.Value) reflect.Value {
	if x.Kind() == reflect.Pointer { // to an array
		x = x.Elem()
	}
	at, unsigned := number(i)
	if n := x.Len(); uint(at) >= uint(n) {
		b.badIndex(at, n, unsigned)
	}
	return x.Index(at)
}

// number is an index or a bound. One of an unsigned type is negative if it is too
// large for an int.
func number(v reflect.Value) (n int, unsigned bool) {
	if v.CanInt() {
		return int(v.Int()), false
	}
	return int(v.Uint()), true
}

// elements are those of slices, arrays or strings of a type.
type elements struct {
	of      unsafe.Pointer // the type
	needs   uintptr        // flags that its values must have
	n       int            // the length of an array; else -1, it stands behind the pointer to a header
	element value          // without a pointer
	size    uintptr
}

// header begins slices and strings.
type header struct {
	data unsafe.Pointer
	n    int
}

// value is a reflect.Value.
type value struct {
	typ, ptr unsafe.Pointer
	flag     uintptr
}

func words(v *reflect.Value) *value { return (*value)(unsafe.Pointer(v)) }

// values is what must be known of reflect's values.
type values struct {
	integer     unsafe.Pointer // the type int
	addressable uintptr        // the flag
}

func newValues() (values, error) {
	ours, theirs := reflect.TypeFor[value](), reflect.TypeFor[reflect.Value]()
	same := ours.Size() == theirs.Size() && ours.NumField() == theirs.NumField()
	for i := 0; same && i < ours.NumField(); i++ {
		o, t := ours.Field(i), theirs.Field(i)
		same = o.Offset == t.Offset && (o.Type.Kind() == t.Type.Kind() || t.Name == "typ_" && t.Type.Kind() == reflect.Pointer)
	}
	if !same {
		return values{}, fmt.Errorf("ir: a reflect.Value of this Go is not a type, a pointer and flags")
	}
	n := 0
	v, w := reflect.ValueOf(n), reflect.ValueOf(&n).Elem()
	return values{words(&v).typ, words(&v).flag ^ words(&w).flag}, nil
}

// elements are those of values like x, one of which is v; nil are those that
// reflect has to be asked for.
func (w values) elements(x, v reflect.Value) *elements {
	n, needs := -1, uintptr(0)
	switch {
	case x.Kind() == reflect.Array && x.CanAddr():
		n, needs = x.Len(), w.addressable
	case x.Kind() != reflect.Slice && x.Kind() != reflect.String:
		return nil
	}
	e := words(&v)
	return &elements{of: words(&x).typ, needs: needs, n: n, element: value{typ: e.typ, flag: e.flag}, size: v.Type().Size()}
}
