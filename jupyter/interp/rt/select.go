package rt

import "reflect"

// noVal marks a receive among the values of Select.
type noVal struct{}

// Select is the select statement: channel i is received from if vals[i] is
// NoVal, else vals[i] is sent. It returns the index of the case, −1 for the
// default, and what was received.
func (r *Runtime) Select(hasDefault bool, chans, vals []any) (int, any, bool) {
	cases := make([]reflect.SelectCase, 0, len(chans)+1)
	for i, c := range chans {
		cases = append(cases, selectCase(reflect.ValueOf(c), vals[i]))
	}
	var i int
	var v reflect.Value
	var ok bool
	if hasDefault {
		i, v, ok = reflect.Select(append(cases, reflect.SelectCase{Dir: reflect.SelectDefault}))
	} else {
		i, v, ok = r.wait(cases)
	}
	switch {
	case i == len(chans):
		return -1, nil, false
	case !v.IsValid():
		return i, nil, ok
	}
	return i, v.Interface(), ok
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

// Recv is the receive <-c: the value, nil for a nil interface, and whether it
// was sent.
func (r *Runtime) Recv(c any) (any, bool) {
	ch := reflect.ValueOf(c)
	if !ch.IsNil() {
		if v, ok := ch.TryRecv(); v.IsValid() {
			return v.Interface(), ok
		}
	}
	_, v, ok := r.wait([]reflect.SelectCase{selectCase(ch, noVal{})})
	return v.Interface(), ok
}

// Send is the send c <- x.
func (r *Runtime) Send(c, x any) {
	s := selectCase(reflect.ValueOf(c), x)
	if s.Chan.IsValid() && s.Chan.TrySend(s.Send) {
		return
	}
	r.wait([]reflect.SelectCase{s})
}

func selectCase(c reflect.Value, val any) reflect.SelectCase {
	_, recv := val.(noVal)
	dir := reflect.SelectSend
	if recv {
		dir = reflect.SelectRecv
	}
	if !c.IsValid() || c.IsNil() { // never ready
		return reflect.SelectCase{Dir: dir}
	}
	if recv {
		return reflect.SelectCase{Dir: dir, Chan: c}
	}
	v := reflect.Zero(c.Type().Elem())
	if val != nil {
		v = reflect.ValueOf(val)
	}
	return reflect.SelectCase{Dir: dir, Chan: c, Send: v}
}
