package driver

import (
	"fmt"
	"reflect"
	"strings"
)

// Symbol is the name behind a call, by the name of its field.
func Symbol(call string) string {
	f, ok := reflect.TypeFor[Calls]().FieldByName(call)
	if !ok {
		panic("driver: internal error: no call " + call)
	}
	name, _, _ := strings.Cut(f.Tag.Get("symbol"), " ")
	return name
}

// Check returns an error that names what a table lacks and must not.
func (c *Calls) Check() error {
	var lacks []string
	for f, v := range reflect.ValueOf(c).Elem().Fields() {
		if v.IsNil() && f.Tag.Get("optional") == "" {
			lacks = append(lacks, Symbol(f.Name))
		}
	}
	if lacks == nil {
		return nil
	}
	return fmt.Errorf("it lacks %s: it is no NVIDIA driver for CUDA 10 or later; install a newer driver", strings.Join(lacks, ", "))
}

// addresses finds the symbols of a table, by field; alternatives in a tag are
// tried in their order, newest first.
func addresses(find func(symbol string) uintptr) map[string]uintptr {
	at := map[string]uintptr{}
	for f := range reflect.TypeFor[Calls]().Fields() {
		for _, name := range strings.Fields(f.Tag.Get("symbol")) {
			if a := find(name); a != 0 {
				at[f.Name] = a
				break
			}
		}
	}
	return at
}

// Since is the CUDA that brought an optional call, "" for the others.
func Since(call string) string {
	f, _ := reflect.TypeFor[Calls]().FieldByName(call)
	return f.Tag.Get("optional")
}
