package ir

import (
	"reflect"
	"testing"

	"github.com/traefik/yaegi/interp"
)

// If a new yaegi keeps its trees elsewhere, notebooks grow by all that they
// have ever run.
func TestEntriesAreForgotten(t *testing.T) {
	in := interp.New(interp.Options{})
	y, err := NewYaegi(in, map[string]reflect.Value{"LineAt": reflect.ValueOf(func(_, _ *int) {}), "FlagsAt": reflect.ValueOf(func(_, _ *bool) {})}, nil, func(string) (map[string]reflect.Value, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	before := y.keeps.functions.Len()
	for _, name := range []string{"cell1", "cell2"} {
		entry := &Function{Name: name}
		for range many { // each made in a function of its own
			entry.Body = append(entry.Body, &Do{X: &Call{Fun: &FuncLit{T: FuncOf(nil, nil)}}})
		}
		u := &Unit{Funcs: []*Function{{Name: "kept_" + name}}, Entry: entry}
		if err := y.Define(u); err != nil {
			t.Fatal(err)
		}
		if err := y.Run(u); err != nil {
			t.Fatal(err)
		}
	}
	if n := y.keeps.functions.Len() - before; n != 2 {
		t.Errorf("two cells of one function each leave %d functions, want 2", n)
	}
	if n := y.keeps.roots.Len() + y.keeps.scopes.Len(); n != 0 {
		t.Errorf("%d trees and scopes are kept for a debugger, want none", n)
	}
}

// A unit that fails leaves its imports behind; the next one must not ask for
// them again.
func TestImportsOfAFailedUnit(t *testing.T) {
	load := func(string) (map[string]reflect.Value, error) {
		return map[string]reflect.Value{"Answer": reflect.ValueOf(func() int { return 42 })}, nil
	}
	y, err := NewYaegi(interp.New(interp.Options{}), map[string]reflect.Value{"LineAt": reflect.ValueOf(func(_, _ *int) {}), "FlagsAt": reflect.ValueOf(func(_, _ *bool) {})}, nil, load)
	if err != nil {
		t.Fatal(err)
	}
	twice := StructOf([]Field{{Name: "A", Type: Int}, {Name: "A", Type: Int}})
	if err := y.Define(&Unit{Imports: []string{"deep/thought"}, Types: []TypeDecl{{Name: "t", T: twice}}, Vars: []*Var{{Name: "v", T: NamedType("t"), Global: true}}}); err == nil {
		t.Fatal("a struct with two fields A passes")
	}
	call := &Do{X: &Call{Fun: &Native{Pkg: "deep/thought", Name: "Answer"}}}
	if err := y.Define(&Unit{Imports: []string{"deep/thought"}, Entry: &Function{Name: "cell", Body: []Stmt{call}}}); err != nil {
		t.Errorf("the unit after a failed one: %v", err)
	}
}
