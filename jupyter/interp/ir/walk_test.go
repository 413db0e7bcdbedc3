package ir

import (
	"go/constant"
	"testing"
)

func TestMayTakeLong(t *testing.T) {
	one := &Const{constant.MakeInt64(1), Int}
	x := &Var{Name: "x", T: Int}
	show := &Call{Fun: &Native{Pkg: RT, Name: "Show"}, Args: []Expr{&Binary{"+", one, x, Int}}}
	call := &Call{Fun: &Native{Pkg: "fmt", Name: "Println"}}
	for _, c := range []struct {
		name string
		body []Stmt
		want bool
	}{
		{"nothing", nil, false},
		{"x := 1; x + 1", []Stmt{&Define{x, one}, &Assign{L: x, Op: "+", X: one}, &Do{show}}, false},
		{"a call", []Stmt{&Do{call}}, true},
		{"a call in what is shown", []Stmt{&Do{&Call{Fun: show.Fun, Args: []Expr{call}}}}, true},
		{"a call of the run time that can wait", []Stmt{&Do{&Call{Fun: &Native{Pkg: RT, Name: "Recv"}}}}, true},
		{"a function of a cell, below a branch", []Stmt{&If{Cond: one, Else: []Stmt{&Do{&Call{Fun: &FuncRef{Name: "f"}}}}}}, true},
		{"a loop", []Stmt{&Block{[]Stmt{&For{}}}}, true},
		{"a range", []Stmt{&Range{X: x}}, true},
		{"a loop by goto", []Stmt{&Label{"l"}, &Jump{"goto", "l"}}, true},
	} {
		u := &Unit{Entry: &Function{Body: c.body}}
		if got := u.MayTakeLong(); got != c.want {
			t.Errorf("%s: MayTakeLong = %v, want %v", c.name, got, c.want)
		}
		u = &Unit{Entry: &Function{}, Init: c.body}
		if got := u.MayTakeLong(); got != c.want {
			t.Errorf("%s, before the cell: MayTakeLong = %v, want %v", c.name, got, c.want)
		}
	}
}
