package ir

import (
	"fmt"
	"reflect"
	"strings"
)

// A variable that holds a function is called by way of reflection, which takes
// ten times as long as the call of a declared function; which of the two it is,
// yaegi decides by what it finds in the variable's place. So a slot gets what
// stands for a declared function, and a call through it costs what a call of the
// function costs.

// link makes links. Where this yaegi keeps its functions otherwise, a slot gets
// a closure that calls the function.
func (y *Yaegi) link(ls []Link) error {
	var slow []Link
	for _, l := range ls {
		if !y.keeps.point(l.Slot.Name, l.Func) {
			slow = append(slow, l)
		}
	}
	if len(slow) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("package main\nfunc init() {\n")
	for _, l := range slow {
		var params, args []string
		for i, t := range l.Slot.T.Params {
			params = append(params, fmt.Sprintf("a%d %s", i, t.text))
			args = append(args, fmt.Sprintf("a%d", i))
		}
		call := l.Func + "(" + strings.Join(args, ", ") + ")"
		if len(l.Slot.T.Results) > 0 {
			call = "return " + call
		}
		fmt.Fprintf(&b, "%s = func(%s)%s { %s }\n", l.Slot.Name, strings.Join(params, ", "), results(l.Slot.T.Results), call)
	}
	b.WriteString("}\n")
	return y.eval(b.String())
}

// point puts a declared function in the place of a global variable. Calls may go
// on meanwhile: of a reflect.Value that held another function before, the pointer
// alone changes.
func (k keeps) point(variable, function string) bool {
	if !k.functions.IsValid() || !k.globals.IsValid() {
		return false
	}
	v, f := k.functions.MapIndex(reflect.ValueOf(variable)), k.functions.MapIndex(reflect.ValueOf(function))
	if v.Kind() != reflect.Pointer || f.Kind() != reflect.Pointer {
		return false
	}
	index, node := field(v.Elem(), "index", reflect.Int), field(f.Elem(), "node", reflect.Pointer)
	if !index.IsValid() || !node.IsValid() || node.IsNil() {
		return false
	}
	i := int(index.Int())
	if i < 0 || i >= k.globals.Len() {
		return false
	}
	place := k.globals.Index(i)
	if place.Type() != reflect.TypeFor[reflect.Value]() {
		return false
	}
	place.Set(reflect.ValueOf(reflect.ValueOf(node.Interface())))
	return true
}
