package rt

import (
	"reflect"
	"unsafe"
)

// chanElems are the element types that have operations of their own.
var chanElems = map[string]func(*Runtime, string, map[string]Op){
	"bool": chanOps[bool], "string": chanOps[string], "error": chanOps[error], "interface{}": chanOps[any],
	"int": chanOps[int], "int8": chanOps[int8], "int16": chanOps[int16], "int32": chanOps[int32], "int64": chanOps[int64],
	"uint": chanOps[uint], "uint8": chanOps[uint8], "uint16": chanOps[uint16], "uint32": chanOps[uint32], "uint64": chanOps[uint64],
	"float32": chanOps[float32], "float64": chanOps[float64],
	"[]int": chanOps[[]int], "[]float64": chanOps[[]float64], "[]string": chanOps[[]string], "[]uint8": chanOps[[]byte],
}

// ChanSuffix is what the names of the operations on channels of an element type
// end in.
func ChanSuffix(elem string) string {
	if chanElems[elem] == nil {
		return ""
	}
	return " " + elem
}

// chanOps are recv (channel, value), recv2 (channel, value, ok) and send
// (channel, value).
func chanOps[T any](r *Runtime, suffix string, m map[string]Op) {
	m["recv"+suffix] = func(operands []Slot) func(unsafe.Pointer) {
		c, to := operands[0], operands[1]
		return func(f unsafe.Pointer) {
			r.poll()
			v, _ := recv(r, toRecv[T](c(f)))
			store(to(f), v)
		}
	}
	m["recv2"+suffix] = func(operands []Slot) func(unsafe.Pointer) {
		c, to, toOK := operands[0], operands[1], operands[2]
		return func(f unsafe.Pointer) {
			r.poll()
			v, ok := recv(r, toRecv[T](c(f)))
			store(to(f), v)
			store(toOK(f), ok)
		}
	}
	m["send"+suffix] = func(operands []Slot) func(unsafe.Pointer) {
		c, x := operands[0], operands[1]
		return func(f unsafe.Pointer) {
			r.poll()
			send(r, toSend[T](c(f)), load[T](x(f)))
		}
	}
}

// poll asks whether the cell has been stopped: a loop that begins with an
// operation does not ask.
func (r *Runtime) poll() {
	if *r.stop {
		r.Config.Check()
	}
}

func toRecv[T any](c reflect.Value) <-chan T {
	if t := c.Type(); t == reflect.TypeFor[chan T]() || t == reflect.TypeFor[<-chan T]() {
		p := c.UnsafePointer() // a channel is a pointer; by Interface it would take 10 ns
		return *(*<-chan T)(unsafe.Pointer(&p))
	}
	return c.Convert(reflect.TypeFor[<-chan T]()).Interface().(<-chan T)
}

func toSend[T any](c reflect.Value) chan<- T {
	if t := c.Type(); t == reflect.TypeFor[chan T]() || t == reflect.TypeFor[chan<- T]() {
		p := c.UnsafePointer()
		return *(*chan<- T)(unsafe.Pointer(&p))
	}
	return c.Convert(reflect.TypeFor[chan<- T]()).Interface().(chan<- T)
}

// recv tries first: half of all operations find somebody who waits, and a select
// costs 135 ns more than to wait at one channel. That is most of what separates
// these operations from yaegi's, which wait for ever: 1.3 times as long without
// the second channel, 1.5 to 1.7 with it.
func recv[T any](r *Runtime, c <-chan T) (v T, ok bool) {
	select {
	case v, ok = <-c:
		return v, ok
	default:
	}
	for {
		select {
		case v, ok = <-c:
			return v, ok
		case <-r.Config.Done():
			r.Config.Check() // returns in a deferred function of the stopped goroutine
		}
	}
}

func send[T any](r *Runtime, c chan<- T, v T) {
	select {
	case c <- v:
		return
	default:
	}
	for {
		select {
		case c <- v:
			return
		case <-r.Config.Done():
			r.Config.Check()
		}
	}
}

func (r *Runtime) recvOp(operands []Slot) func(unsafe.Pointer) {
	c, to := operands[0], operands[1]
	return func(f unsafe.Pointer) {
		r.poll()
		v, _ := r.recv(c(f))
		set(to(f), v)
	}
}

func (r *Runtime) recv2Op(operands []Slot) func(unsafe.Pointer) {
	c, to, toOK := operands[0], operands[1], operands[2]
	return func(f unsafe.Pointer) {
		r.poll()
		v, ok := r.recv(c(f))
		set(to(f), v)
		toOK(f).SetBool(ok)
	}
}

func (r *Runtime) sendOp(operands []Slot) func(unsafe.Pointer) {
	c, x := operands[0], operands[1]
	return func(f unsafe.Pointer) {
		r.poll()
		r.send(c(f), x(f))
	}
}

// set stores what came out of a channel. An empty struct has one value, and
// that of native code has another type.
func set(v, x reflect.Value) {
	if x.Type() != v.Type() {
		if v.Type().Size() == 0 {
			return
		}
		x = x.Convert(v.Type())
	}
	v.Set(x)
}

func (r *Runtime) recv(c reflect.Value) (reflect.Value, bool) {
	if !c.IsNil() {
		if v, ok := c.TryRecv(); v.IsValid() {
			return v, ok
		}
	}
	_, v, ok := r.wait(append(make([]reflect.SelectCase, 0, 2), reflect.SelectCase{Dir: reflect.SelectRecv, Chan: c}))
	return v, ok
}

func (r *Runtime) send(c, x reflect.Value) {
	x = sent(x, c.Type().Elem())
	if !c.IsNil() && c.TrySend(x) {
		return
	}
	r.wait(append(make([]reflect.SelectCase, 0, 2), reflect.SelectCase{Dir: reflect.SelectSend, Chan: c, Send: x}))
}
