package ir

import (
	"go/constant"
	"reflect"
	"testing"

	"github.com/traefik/yaegi/interp"
)

// A call through a slot calls what the slot points at, by the fast way and by
// the one for a yaegi that keeps its functions elsewhere.
func TestSlots(t *testing.T) {
	for _, c := range []struct {
		name   string
		hidden bool
	}{{"in place", false}, {"by a closure", true}} {
		t.Run(c.name, func(t *testing.T) {
			in := interp.New(interp.Options{})
			y, err := NewYaegi(in, map[string]reflect.Value{"LineAt": reflect.ValueOf(func(_, _ *int) {}), "FlagsAt": reflect.ValueOf(func(_, _ *bool) {})}, nil, func(string) (map[string]reflect.Value, error) { return nil, nil })
			if err != nil {
				t.Fatal(err)
			}
			if c.hidden {
				y.keeps.globals = reflect.Value{}
			}
			slot := &Var{Name: "slot", T: FuncOf([]*Type{Int}, []*Type{Int, String}), Global: true}
			n, s := &Var{Name: "n", T: Int, Global: true}, &Var{Name: "s", T: String, Global: true}
			x := &Var{Name: "x", T: Int}
			body := func(word string) []Stmt {
				return []Stmt{&Return{Xs: []Expr{&Binary{Op: "+", X: x, Y: x, T: Int}, &Const{Val: constant.MakeString(word), T: String}}}}
			}
			fun := func(name, word string) *Function {
				return &Function{Name: name, Params: []*Var{x}, Results: slot.T.Results, Body: body(word)}
			}
			a, b := &Var{Name: "a", T: Int}, &Var{Name: "b", T: String}
			caller := &Function{Name: "caller", Body: []Stmt{
				&DefineAll{Vs: []*Var{a, b}, X: &Call{Fun: &FuncRef{Name: "first", Slot: "slot"}, Args: []Expr{&Const{Val: constant.MakeInt64(3), T: Int}}, Results: slot.T.Results}},
				&Assign{L: n, X: a}, &Assign{L: s, X: b},
			}}
			call := &Function{Name: "cell1", Body: []Stmt{&Do{X: &Call{Fun: &FuncRef{Name: "caller"}}}}}
			run := func(u *Unit, want string) {
				t.Helper()
				if err := y.Define(u); err != nil {
					t.Fatal(err)
				}
				if err := y.Run(u); err != nil {
					t.Fatal(err)
				}
				if got := in.Globals()["s"].String(); got != want || in.Globals()["n"].Int() != 6 {
					t.Errorf("the slot gives %q and %v, want %q and 6", got, in.Globals()["n"], want)
				}
			}
			run(&Unit{Vars: []*Var{slot, n, s}, Funcs: []*Function{fun("first", "old"), caller}, Links: []Link{{slot, "first"}}, Entry: call}, "old")
			again := &Function{Name: "cell2", Body: call.Body}
			run(&Unit{Funcs: []*Function{fun("second", "new")}, Links: []Link{{slot, "second"}}, Entry: again}, "new")
		})
	}
}
