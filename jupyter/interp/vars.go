package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"surprisal/jupyter/display/cycle"
)

// Var is a variable of the notebook.
type Var struct{ Name, Type, Value string }

// maxValue bounds the text of a variable's value, in bytes.
const maxValue = 200

// Vars returns the variables that cells have declared, sorted by name.
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

// inMotion is what is said of a value that a goroutine may be changing.
const inMotion = "(not read while a cell runs)"

// moving says whether a goroutine other than the caller's cell may be changing
// variables.
func (s *Session) moving() bool {
	self := s.guard.Owner()
	for _, id := range s.guard.Live() {
		if id != self {
			return true
		}
	}
	return s.running && self == 0
}

// steady says whether a value can be read while it is changed. Reading a map
// then ends the process, and half of a new string or interface may do so too.
func steady(t reflect.Type) bool {
	switch k := t.Kind(); k {
	case reflect.Array:
		return steady(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !steady(t.Field(i).Type) {
				return false
			}
		}
		return true
	default:
		return k >= reflect.Bool && k <= reflect.Complex128
	}
}

// valueText is the value of a variable in one short line, "" if it has none.
func (s *Session) valueText(name string) string {
	text, _ := s.look(name, false)
	return text
}

// look returns the head of a variable's value and how much it holds, both empty
// if there is nothing to tell.
func (s *Session) look(name string, named bool) (text, shape string) {
	defer func() {
		if recover() != nil { // a value that is not what it seems
			text, shape = "", ""
		}
	}()
	e := s.checker.Lookup(name)
	if e == nil {
		return "", ""
	}
	v, ok := e.Object.(*types.Var)
	if !ok {
		return "", ""
	}
	x := s.global(v)
	if !x.IsValid() || !x.CanInterface() {
		return "", ""
	}
	if !steady(x.Type()) && s.moving() {
		return inMotion, ""
	}
	if cycle.In(x.Interface()) {
		return "(it contains itself)", ""
	}
	g := glance{un: s.runtime.Un, named: named}
	g.print(x, v.Type(), 0)
	text = strings.ToValidUTF8(g.out.String(), "�")
	if n := x.Kind(); !named && n == reflect.Slice && x.Len() > glanceParts {
		text += fmt.Sprintf(" %d in all", x.Len())
	}
	if named {
		shape = g.shape(x, v.Type())
	}
	return text, shape
}

// global returns the interpreter's variable for v.
func (s *Session) global(v *types.Var) reflect.Value {
	name := s.lowerer.Global(v)
	if name == "" {
		return reflect.Value{}
	}
	return s.yaegi.Globals()[name]
}
