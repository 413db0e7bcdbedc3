package rt

import (
	"reflect"
	"testing"
	"unsafe"
)

// variable is the slot of a variable.
func variable[T any](p *T) Slot {
	return func(unsafe.Pointer) reflect.Value { return reflect.ValueOf(p).Elem() }
}

// value is the slot of what the interpreter has no variable for.
func value(x any) Slot { return func(unsafe.Pointer) reflect.Value { return reflect.ValueOf(x) } }

func TestSelect(t *testing.T) {
	full, empty := make(chan int64, 1), make(chan int64)
	full <- 7
	var none chan int64
	anys := make(chan any, 1)
	var nothing any
	var x, y int64
	nine := int64(9)
	for _, c := range []struct {
		why, dirs string
		operands  []Slot
		idx       int
		ok        bool
		x         int64
	}{
		{"a nil channel is never ready", "rr", []Slot{variable(&none), variable(&y), variable(&full), variable(&x)}, 1, true, 7},
		{"nothing is ready", "srd", []Slot{variable(&none), variable(&nine), variable(&empty), variable(&x)}, 2, false, 7},
		{"the default may come first", "ds", []Slot{variable(&empty), variable(&nine)}, 0, false, 7},
		{"a send", "sr", []Slot{variable(&full), variable(&nine), variable(&empty), variable(&x)}, 0, false, 7},
		{"a nil interface", "s", []Slot{variable(&anys), variable(&nothing)}, 0, false, 7},
		{"a receive that is dropped", "xs", []Slot{variable(&full), variable(&empty), variable(&nine)}, 0, true, 7},
		{"one case and the default", "xd", []Slot{variable(&none)}, 1, false, 7},
		{"its send", "ds", []Slot{variable(&full), variable(&nine)}, 1, false, 7},
		{"its send, in vain", "sd", []Slot{variable(&full), variable(&nine)}, 1, false, 7},
		{"its receive", "dr", []Slot{variable(&full), variable(&x)}, 1, true, 9},
		{"its receive, in vain", "rd", []Slot{variable(&full), variable(&x)}, 1, false, 9},
	} {
		idx, ok := -9, false
		twin().selectOp(append(append([]Slot{value(c.dirs)}, c.operands...), variable(&idx), variable(&ok)))(nil)
		if idx != c.idx || ok != c.ok || x != c.x {
			t.Errorf("%s: case %d, %v, received %d; want %d, %v, %d", c.why, idx, ok, x, c.idx, c.ok, c.x)
		}
	}
	if v := <-anys; v != nil {
		t.Errorf("a nil interface became %v", v)
	}
	close(full)
	idx, ok := -9, true
	twin().selectOp([]Slot{value("r"), variable(&full), variable(&x), variable(&idx), variable(&ok)})(nil)
	if idx != 0 || ok || x != 0 {
		t.Errorf("a closed channel: case %d, %v, received %d", idx, ok, x)
	}
}

// The interpreter's operands are not always variables of the type: constants
// are of their own type, channels have directions, and elements that reflect
// handles are converted.
func TestOperands(t *testing.T) {
	type named chan float64
	ops := twin().Ops()
	c := make(chan float64, 2)
	in, out := (<-chan float64)(c), (chan<- float64)(c)
	other := named(c)
	var x float64
	var ok bool
	for _, ch := range []Slot{variable(&c), variable(&out), variable(&other)} {
		ops["send float64"]([]Slot{ch, value(2)})(nil)
		for _, from := range []Slot{variable(&c), variable(&in), variable(&other)} {
			x = 0
			ops["recv2 float64"]([]Slot{from, variable(&x), variable(&ok)})(nil)
			if x != 2 || !ok {
				t.Errorf("received %v, %v", x, ok)
			}
			c <- 2
		}
		<-c
	}
	var f func() int
	fs := make(chan func() int, 2)
	for _, boxed := range []any{func() int { return 7 }, nil} {
		ops["send"]([]Slot{variable(&fs), variable(&boxed)})(nil)
		ops["recv"]([]Slot{variable(&fs), variable(&f)})(nil)
		if (f == nil) != (boxed == nil) || f != nil && f() != 7 {
			t.Errorf("a function, nil %v, became one that is nil %v", boxed == nil, f == nil)
		}
	}
	empties, e := make(chan struct{}, 1), [0]int{}
	empties <- struct{}{}
	ops["recv"]([]Slot{variable(&empties), variable(&e)})(nil) // another type without values
	if len(empties) != 0 {
		t.Error("an empty struct was not received")
	}
}
