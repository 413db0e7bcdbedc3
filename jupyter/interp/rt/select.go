package rt

import (
	"reflect"
	"unsafe"
)

// The cases of a select statement, in the text that its operation gets.
const (
	Recv    = "r"
	Send    = "s"
	Default = "d"
)

// selectOp is the select statement. Its operands are the text of the cases, for
// each but the default the channel and the value to send or the variable that
// receives, and the variables for the number of the case and for whether the
// received value was sent.
func (r *Runtime) selectOp(operands []Slot) func(unsafe.Pointer) {
	dirs := operands[0](nil).String()
	chans := make([]Slot, len(dirs)) // nil for the default
	vals := make([]Slot, len(dirs))
	waits := true
	rest := operands[1:]
	for i := range dirs {
		if dirs[i:i+1] == Default {
			waits = false
			continue
		}
		chans[i], vals[i], rest = rest[0], rest[1], rest[2:]
	}
	idx, ok := rest[0], rest[1]
	return func(f unsafe.Pointer) {
		r.poll()
		cases := make([]reflect.SelectCase, len(dirs), len(dirs)+1)
		for i, c := range chans {
			switch {
			case c == nil:
				cases[i].Dir = reflect.SelectDefault
			case dirs[i:i+1] == Send:
				ch := c(f)
				cases[i] = reflect.SelectCase{Dir: reflect.SelectSend, Chan: ch, Send: sent(vals[i](f), ch.Type().Elem())}
			default:
				cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: c(f)}
			}
		}
		var i int
		var v reflect.Value
		var received bool
		if waits {
			i, v, received = r.wait(cases)
		} else {
			i, v, received = reflect.Select(cases)
		}
		if v.IsValid() {
			set(vals[i](f), v)
		}
		store(idx(f), i)
		store(ok(f), received)
	}
}

// wait is reflect.Select that a stop of the cell ends.
func (r *Runtime) wait(cases []reflect.SelectCase) (int, reflect.Value, bool) {
	done := r.Config.Done()
	if done == nil {
		if len(cases) == 0 {
			select {}
		}
		return reflect.Select(cases)
	}
	i, v, ok := reflect.Select(append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(done)}))
	if i < len(cases) {
		return i, v, ok
	}
	r.Config.Check()
	return r.wait(cases) // in a deferred function of the stopped goroutine
}

// sent is x as an element of a channel. Functions come in an interface.
func sent(x reflect.Value, elem reflect.Type) reflect.Value {
	if x.Kind() == reflect.Interface && elem.Kind() == reflect.Func {
		x = x.Elem()
	}
	switch {
	case !x.IsValid():
		return reflect.Zero(elem)
	case x.Type() != elem:
		return x.Convert(elem)
	}
	return x
}
