package ir

import (
	"reflect"
	"slices"
	"testing"

	"github.com/traefik/yaegi/interp"
)

// later is native code that calls the closure it was given last on another
// goroutine, while the unit's frame is at work on the next one.
type later struct {
	given func()
	ran   []int
}

func (l *later) give(f func(), _ int) { l.given = f }

func (l *later) call() int {
	if l.given == nil {
		return 0
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.given()
	}()
	<-done
	return 0
}

// TestClosuresThatReturnElsewhere lets a call of a closure return between the
// making of the next one and its use. A literal alone would give nil then: each
// call puts back what its own making has found.
func TestClosuresThatReturnElsewhere(t *testing.T) {
	i := &Var{Name: "i", T: Int}
	body := func() []Stmt {
		own := &Var{Name: "own", T: Int}
		lit := &FuncLit{T: FuncOf(nil, nil), Body: []Stmt{&Do{&Call{Fun: &Native{Pkg: "later", Name: "Ran"}, Args: []Expr{own}}}}}
		call := &Call{Fun: &Native{Pkg: "later", Name: "Call"}, T: Int}
		return []Stmt{
			&Define{own, i},
			&Do{&Call{Fun: &FuncRef{Name: "give"}, Args: []Expr{lit, call}}},
			&Assign{L: i, Op: "+", X: tNum(1)},
		}
	}
	f, n := &Var{Name: "f", T: FuncOf(nil, nil)}, &Var{Name: "n", T: Int}
	give := &Function{Name: "give", Params: []*Var{f, n}, Body: []Stmt{&Do{&Call{Fun: &Native{Pkg: "later", Name: "Give"}, Args: []Expr{f, n}}}}}
	less := &Binary{Op: "<", X: i, Y: tNum(5), T: Bool}
	for _, c := range []struct {
		name string
		body []Stmt
	}{
		{"for", []Stmt{&Define{V: i}, &For{Cond: less, Body: body()}}},
		{"goto", []Stmt{&Define{V: i}, &Label{Name: "again"}, &Block{Body: body()}, &If{Cond: less, Then: []Stmt{&Jump{Word: "goto", Label: "again"}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &later{}
			symbols := map[string]reflect.Value{
				"Give": reflect.ValueOf(l.give), "Call": reflect.ValueOf(l.call),
				"Ran": reflect.ValueOf(func(n int) { l.ran = append(l.ran, n) }),
			}
			y, err := NewYaegi(interp.New(interp.Options{}), map[string]reflect.Value{
				"LineAt": reflect.ValueOf(func(_, _ *int) {}), "FlagsAt": reflect.ValueOf(func(_, _ *bool) {}), "Check": reflect.ValueOf(func() {}),
			}, nil, func(string) (map[string]reflect.Value, error) { return symbols, nil })
			if err != nil {
				t.Fatal(err)
			}
			u := &Unit{Imports: []string{"later"}, Funcs: []*Function{give}, Entry: &Function{Name: "cell", Body: c.body}}
			if err := y.Define(u); err != nil {
				t.Fatal(err)
			}
			if err := y.Run(u); err != nil {
				t.Fatal(err)
			}
			l.call()
			if want := []int{0, 1, 2, 3, 4}; !slices.Equal(l.ran, want) {
				t.Errorf("closures ran %v, want %v", l.ran, want)
			}
		})
	}
}
