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
	y, err := NewYaegi(in, map[string]reflect.Value{"LineAt": reflect.ValueOf(func(*int) {})}, func(string) (map[string]reflect.Value, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	before := y.keeps.functions.Len()
	for _, name := range []string{"cell1", "cell2"} {
		u := &Unit{Funcs: []*Function{{Name: "kept_" + name}}, Entry: &Function{Name: name}}
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
