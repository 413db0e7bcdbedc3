package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// Var is a variable of the notebook.
type Var struct{ Name, Type, Value string }

// maxValue bounds the text of a variable's value, in bytes.
const maxValue = 200

// Vars returns the variables that cells have declared, sorted by name. A value
// is read without a lock, as a debugger would: a cell that runs may be changing
// it.
func (s *Session) Vars() []Var {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Var
	for _, name := range s.checker.Names() {
		e := s.checker.Lookup(name)
		v, ok := e.Object.(*types.Var)
		if !ok || e.Cell == preludeID {
			continue
		}
		t := types.TypeString(v.Type(), shortly)
		out = append(out, Var{Name: name, Type: t, Value: s.valueText(name)})
	}
	slices.SortFunc(out, func(a, b Var) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// valueText is the value of a variable in one short line, "" if it has none.
func (s *Session) valueText(name string) (text string) {
	defer func() {
		if recover() != nil { // a String method that fails, or a value in motion
			text = ""
		}
	}()
	e := s.checker.Lookup(name)
	if e == nil {
		return ""
	}
	v, ok := e.Object.(*types.Var)
	if !ok {
		return ""
	}
	x := s.global(v)
	if !x.IsValid() || !x.CanInterface() {
		return ""
	}
	text = short(s.runtime.View(x.Interface()))
	return text
}

// global returns the interpreter's variable for v.
func (s *Session) global(v *types.Var) reflect.Value {
	name := s.lowerer.Global(v)
	if name == "" {
		return reflect.Value{}
	}
	return s.yaegi.Globals()[name]
}

// short prints a value without building what it will not show: only the head
// of a long slice is formatted.
func short(x any) string {
	v := reflect.ValueOf(x)
	more := ""
	if v.IsValid() && v.Kind() == reflect.Slice && v.Len() > 20 {
		more = fmt.Sprintf(" … %d in all", v.Len())
		x = v.Slice(0, 20).Interface()
	}
	text := strings.Join(strings.Fields(fmt.Sprintf("%v", x)), " ")
	if len(text) > maxValue {
		text = strings.ToValidUTF8(text[:maxValue], "") + "…"
	}
	return text + more
}
