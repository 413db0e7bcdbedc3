package rt

import "reflect"

// noVal marks a receive among the values of Select.
type noVal struct{}

// Select is the select statement: channel i is received from if vals[i] is
// NoVal, else vals[i] is sent. It returns the index of the case, −1 for the
// default, and what was received.
func Select(hasDefault bool, chans, vals []any) (int, any, bool) {
	cases := make([]reflect.SelectCase, 0, len(chans)+1)
	for i, c := range chans {
		cases = append(cases, selectCase(reflect.ValueOf(c), vals[i]))
	}
	if hasDefault {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectDefault})
	}
	if len(cases) == 0 {
		select {}
	}
	i, v, ok := reflect.Select(cases)
	switch {
	case hasDefault && i == len(chans):
		return -1, nil, false
	case !v.IsValid():
		return i, nil, ok
	}
	return i, v.Interface(), ok
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
