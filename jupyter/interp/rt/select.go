package rt

import (
	"reflect"
	"unsafe"
)

// The cases of a select statement, in the text that its operation gets.
const (
	Recv    = "r"
	Drop    = "x" // a receive of what nobody wants
	Send    = "s"
	Default = "d"
)

// choice is a select statement.
type choice struct {
	dirs        string
	chans, vals []Slot // nil where the case has none
	other       int    // the default, −1 without one
	idx, ok     Slot   // ok may be nil
}

// selectOp is the select statement. Its operands are the text of the cases, for
// each but the default the channel and the value to send or the variable that
// receives, the variable for the number of the case and, if that is asked for,
// the one for whether the received value was sent.
func (r *Runtime) selectOp(operands []Slot) func(unsafe.Pointer) {
	c := &choice{dirs: operands[0](nil).String(), other: -1}
	c.chans, c.vals = make([]Slot, len(c.dirs)), make([]Slot, len(c.dirs))
	rest := operands[1:]
	for i := range c.dirs {
		switch c.dirs[i : i+1] {
		case Default:
			c.other = i
		case Drop:
			c.chans[i], rest = rest[0], rest[1:]
		default:
			c.chans[i], c.vals[i], rest = rest[0], rest[1], rest[2:]
		}
	}
	c.idx = rest[0]
	if len(rest) > 1 {
		c.ok = rest[1]
	}
	if len(c.dirs) == 2 && c.other >= 0 {
		return func(f unsafe.Pointer) {
			r.poll()
			c.try(f, 1-c.other)
		}
	}
	return func(f unsafe.Pointer) {
		r.poll()
		c.choose(r, f)
	}
}

// try is a select of one case and the default. By reflect.Select it would take
// four times as long.
func (c *choice) try(f unsafe.Pointer, i int) {
	ch := c.chans[i](f)
	if c.dirs[i:i+1] == Send {
		if !ch.TrySend(sent(c.vals[i](f), ch.Type().Elem())) {
			i = c.other
		}
		c.end(f, i, reflect.Value{}, false)
		return
	}
	v, ok := ch.TryRecv()
	if !v.IsValid() {
		i = c.other
	}
	c.end(f, i, v, ok)
}

func (c *choice) choose(r *Runtime, f unsafe.Pointer) {
	cases := make([]reflect.SelectCase, len(c.dirs), len(c.dirs)+1)
	for i, ch := range c.chans {
		switch c.dirs[i : i+1] {
		case Default:
			cases[i].Dir = reflect.SelectDefault
		case Send:
			ch := ch(f)
			cases[i] = reflect.SelectCase{Dir: reflect.SelectSend, Chan: ch, Send: sent(c.vals[i](f), ch.Type().Elem())}
		default:
			cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: ch(f)}
		}
	}
	wait := reflect.Select
	if c.other < 0 {
		wait = r.wait
	}
	i, v, ok := wait(cases)
	c.end(f, i, v, ok)
}

// end tells what came of the statement.
func (c *choice) end(f unsafe.Pointer, i int, v reflect.Value, ok bool) {
	if v.IsValid() && c.vals[i] != nil {
		set(c.vals[i](f), v)
	}
	store(c.idx(f), i)
	if c.ok != nil {
		store(c.ok(f), ok)
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
