package rt

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// fault is a runtime error in the compiler's words.
type fault string

func (e fault) Error() string { return "runtime error: " + string(e) }
func (e fault) RuntimeError() {}

// conversion is a failed type assertion, or another error without a prefix, in
// the compiler's words.
type conversion string

func (e conversion) Error() string { return string(e) }
func (e conversion) RuntimeError() {}

var (
	_ runtime.Error = fault("")
	_ runtime.Error = conversion("")
)

const nilDeref = fault("invalid memory address or nil pointer dereference")

// Panic is the predeclared panic. Nil becomes the error that Go makes of it.
func Panic(v any) { panic(v) }

// NilDeref panics as a nil pointer does.
func NilDeref() { panic(nilDeref) }

// NilWrapper panics as the call of a value's method by a nil pointer does.
func NilWrapper(typ, method string) {
	panic(conversion("value method " + typ + "." + method + " called using nil *" + typ[strings.IndexByte(typ, '.')+1:] + " pointer"))
}

// Missing panics where control must not get.
func Missing() { panic("internal error: the end of a function with results was reached") }

// BadIndex panics as an index i out of a range of length n does. One of an
// unsigned type is negative here if it is large.
func BadIndex(i, n int, unsigned bool) {
	if i < 0 && !unsigned {
		panic(fault(fmt.Sprintf("index out of range [%d]", i)))
	}
	panic(fault(fmt.Sprintf("index out of range [%d] with length %d", uint(i), n)))
}

// CheckSlice panics as x[low:high:most] does if a bound is out of range; those
// that are left out are invalid values.
func CheckSlice(x, low, high, most reflect.Value) {
	if x.Kind() == reflect.Pointer { // to an array
		x = x.Elem()
	}
	length, limit, with := x.Len(), x.Len(), " with length %d"
	if x.Kind() == reflect.Slice {
		limit, with = x.Cap(), " with capacity %d"
	}
	l, h := boundOf(low, 0), boundOf(high, length)
	if most.IsValid() {
		m := boundOf(most, limit)
		m.within(limit, "[::%d]", "[::%d]"+with)
		h.within(m.n, "[:%d:]", "[:%d:%d]")
		l.within(h.n, "[%d::]", "[%d:%d:]")
		return
	}
	h.within(limit, "[:%d]", "[:%d]"+with)
	l.within(h.n, "[%d:]", "[%d:%d]")
}

// bound is a bound of a slice expression.
type bound struct {
	n        int
	unsigned bool // negative if it is large
}

func boundOf(v reflect.Value, otherwise int) bound {
	switch {
	case !v.IsValid():
		return bound{n: otherwise}
	case v.CanInt():
		return bound{n: int(v.Int())}
	}
	return bound{int(v.Uint()), true}
}

// within panics unless the bound lies between 0 and limit.
func (b bound) within(limit int, negative, beyond string) {
	switch {
	case uint64(b.n) <= uint64(limit):
	case b.n < 0 && !b.unsigned:
		panic(fault(fmt.Sprintf("slice bounds out of range "+negative, b.n)))
	default:
		panic(fault(fmt.Sprintf("slice bounds out of range "+beyond, uint64(b.n), limit)))
	}
}

// BadLen panics as a conversion of a slice of length n to an array of length m
// does.
func BadLen(n, m int) {
	panic(fault(fmt.Sprintf("cannot convert slice with length %d to array or pointer to array with length %d", n, m)))
}

// IterPanic panics as a range-over-func loop does whose iterator misbehaves.
func IterPanic(state int) {
	switch state {
	case iterDone:
		panic(fault("range function continued iteration after function for loop body returned false"))
	case iterBusy:
		panic(fault("range function continued iteration after loop body panic"))
	case iterOver:
		panic(fault("range function continued iteration after whole loop exit"))
	}
	panic(fault("range function recovered a loop body panic and did not resume panicking"))
}

// States of a range-over-func loop, as lowered code keeps them.
const (
	_ = iota
	iterDone
	iterBusy
	iterOver
)

// BadAssert panics because x is not of type or interface id.
func (r *Runtime) BadAssert(x any, id int, static string) {
	if i := r.iface(id); i != nil {
		if x == nil {
			panic(conversion("interface conversion: interface is nil, not " + i.Name))
		}
		panic(conversion("interface conversion: " + r.typeName(x) + " is not " + i.Name + ": missing method " + r.missing(x, i)))
	}
	d := r.desc(id)
	have := r.typeName(x)
	scope := ""
	if x != nil && have == d.Name {
		scope = " (types from different scopes)"
	}
	panic(conversion("interface conversion: " + static + " is " + have + ", not " + d.Name + scope))
}

// Fault is what a recovered value would have been in compiled Go: the
// interpreter's own panics, strings and errors of package reflect among them,
// become runtime errors in the compiler's words.
func (r *Runtime) Fault(x any) any {
	switch y := x.(type) {
	case nil:
		return nil
	case runtime.Error:
		for _, words := range []string{"hash of unhashable type: ", "runtime error: hash of unhashable type "} { // reflect's, and those of what a box holds
			if t, ok := strings.CutPrefix(y.Error(), words); ok {
				return fault("hash of unhashable type " + r.authorName(t))
			}
		}
		if y.Error() == "runtime: allocation size out of range" {
			return fault("makeslice: len out of range")
		}
		return x
	case *reflect.ValueError:
		if y.Kind != reflect.Invalid { // of a cell that uses reflect itself
			return x
		}
		return nilDeref
	case string:
		if strings.HasPrefix(y, "reflect.MakeChan") {
			return conversion("makechan: size out of range")
		}
		if f, ok := reflectFault(y); ok {
			return f
		}
		return r.Worded(y)
	}
	return r.Un(x)
}

// authorName is the notebook's name for a reflect type known by its text.
func (r *Runtime) authorName(text string) string {
	if u := r.unhashable.Load(); u != nil && u.text == text {
		return u.name
	}
	for t, d := range r.descs.Load().byType {
		if t.String() == text {
			return d.Name
		}
	}
	return text
}

// PanicText is what the runtime prints for the value of a panic that ends a
// program: the text of an error or Stringer, the value of a basic type, with
// its type if that has a name. Of other types, whose address the runtime
// prints, it shows the type and the value.
func (r *Runtime) PanicText(v any) string {
	v = r.Fault(v)
	switch x := v.(type) {
	case nil:
		return "panic called with nil argument"
	case error:
		return r.Sprint([]any{x})
	case string:
		return x
	}
	for _, name := range []string{"Error", "String"} {
		if _, ok := r.bound(v, name).(func() string); ok {
			return r.Sprint([]any{v})
		}
	}
	typ, text := r.Sprintf("%T", []any{v}), r.Sprintf("%+v", []any{v})
	switch k := reflect.ValueOf(V(v)).Kind(); {
	case typ == k.String():
		return text
	case k == reflect.String:
		return fmt.Sprintf("%s(%q)", typ, text)
	case k <= reflect.Complex128:
		return typ + "(" + text + ")"
	}
	if s, ok := v.(fmt.Stringer); ok {
		return s.String()
	}
	return "(" + typ + ") " + text
}

func reflectFault(s string) (fault, bool) {
	if !strings.HasPrefix(s, "reflect") {
		return "", false
	}
	switch {
	case strings.Contains(s, "unexported field"), strings.Contains(s, "out of range"), strings.Contains(s, "out of bounds"), strings.Contains(s, "is not assignable to type"): // reflect's own words to its user
		return "", false
	case strings.Contains(s, "MakeSlice"):
		if strings.Contains(s, "cap") {
			return "makeslice: cap out of range", true
		}
		return "makeslice: len out of range", true
	case strings.Contains(s, "nil"), strings.Contains(s, "zero Value"):
		return nilDeref, true
	}
	return nilDeref, strings.HasPrefix(s, "reflect.Value.") || strings.HasPrefix(s, "reflect: call of")
}

// Sh is a shift count.
func Sh(n int64) uint64 {
	if n < 0 {
		panic(fault("negative shift amount"))
	}
	return uint64(n)
}
