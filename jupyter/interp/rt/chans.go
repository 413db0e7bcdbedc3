package rt

import "reflect"

// Sends and receives of common element types are compiled code: by reflection
// an element costs 5 µs to pass on, like this 0.5. The names end in the type.

// fastChans are the element types that have functions of their own.
var fastChans = map[string]func(*Runtime, string, map[string]reflect.Value){
	"bool": chanFuncs[bool], "string": chanFuncs[string], "error": chanFuncs[error], "interface{}": chanFuncs[any],
	"int": chanFuncs[int], "int8": chanFuncs[int8], "int16": chanFuncs[int16], "int32": chanFuncs[int32], "int64": chanFuncs[int64],
	"uint": chanFuncs[uint], "uint8": chanFuncs[uint8], "uint16": chanFuncs[uint16], "uint32": chanFuncs[uint32], "uint64": chanFuncs[uint64],
	"float32": chanFuncs[float32], "float64": chanFuncs[float64],
	"[]int": chanFuncs[[]int], "[]float64": chanFuncs[[]float64], "[]string": chanFuncs[[]string], "[]uint8": chanFuncs[[]byte],
}

// ChanSuffix is what the names of the functions for channels of an element type
// end in: Recv, Recv2 (with ok) and Send. It is empty if there are none.
func ChanSuffix(elem string) string {
	if fastChans[elem] == nil {
		return ""
	}
	switch elem {
	case "interface{}":
		return "_any"
	}
	if elem[0] == '[' {
		return "_slice_" + elem[2:]
	}
	return "_" + elem
}

func chanFuncs[T any](r *Runtime, suffix string, m map[string]reflect.Value) {
	m["Recv"+suffix] = reflect.ValueOf(func(c <-chan T) T { v, _ := recv(r, c); return v })
	m["Recv2"+suffix] = reflect.ValueOf(func(c <-chan T) (T, bool) { return recv(r, c) })
	m["Send"+suffix] = reflect.ValueOf(func(c chan<- T, v T) { send(r, c, v) })
}

func recv[T any](r *Runtime, c <-chan T) (v T, ok bool) {
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
	for {
		select {
		case c <- v:
			return
		case <-r.Config.Done():
			r.Config.Check()
		}
	}
}
