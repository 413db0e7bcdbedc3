package ir

import (
	"reflect"
	"strings"
	"testing"

	"github.com/traefik/yaegi/interp"
)

func opCall(name string, t *Type, args ...Expr) *Call {
	return &Call{Fun: &Native{Pkg: OpPkg, Name: name}, Args: args, T: t}
}

// Operations stand wherever statements do, take operands of all kinds, and write
// to variables that closures share. A new yaegi may have other nodes.
func TestOperations(t *testing.T) {
	var got []int64
	ops := map[string]Op{
		"add": func(operands []Slot) func(Frame) {
			a, b, to := operands[0], operands[1], operands[2]
			return func(f Frame) { to(f).SetInt(a(f).Int() + b(f).Int()) }
		},
		"tell": func(operands []Slot) func(Frame) {
			return func(f Frame) { got = append(got, operands[0](f).Int()) }
		},
		"two": func(operands []Slot) func(Frame) {
			return func(f Frame) { operands[0](f).SetInt(8); operands[1](f).SetBool(true) }
		},
	}
	y, err := NewYaegi(interp.New(interp.Options{}), map[string]reflect.Value{"LineAt": reflect.ValueOf(func(_, _ *int) {}), "FlagsAt": reflect.ValueOf(func(_, _ *bool) {}), "Check": reflect.ValueOf(func() {})}, ops, func(string) (map[string]reflect.Value, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	global := &Var{Name: "global", T: Int, Global: true}
	local, inner, n, ok := &Var{Name: "local", T: Int}, &Var{Name: "inner", T: Int}, &Var{Name: "n", T: Int}, &Var{Name: "ok", T: Bool}
	closure := &Var{Name: "closure", T: FuncOf(nil, nil)}
	tell := func(x Expr) Stmt { return &Do{X: opCall("tell", nil, x)} }
	u := &Unit{Vars: []*Var{global}, Entry: &Function{Name: "cell", Body: []Stmt{
		&Define{V: local, X: opCall("add", Int, tNum(1), tNum(2))},
		tell(local),
		&Define{V: closure, X: &FuncLit{T: closure.T, Body: []Stmt{
			&Define{V: inner, X: opCall("add", Int, local, tNum(10))},
			&Assign{L: local, X: opCall("add", Int, inner, local)},
			&Assign{L: global, X: opCall("add", Int, local, &Binary{Op: "*", X: inner, Y: tNum(100), T: Int})},
		}}},
		&Do{X: &Call{Fun: closure}},
		tell(local), tell(global),
		&Do{X: &Call{Fun: closure}},
		tell(local), tell(global),
		&DefineAll{Vs: []*Var{n, ok}, X: opCall("two", nil)},
		&For{Cond: ok, Body: []Stmt{tell(n), &Assign{L: ok, X: &Unary{Op: "!", X: ok, T: Bool}}}, Poll: true},
	}}}
	if err := y.Define(u); err != nil {
		t.Fatal(err)
	}
	if err := y.Run(u); err != nil {
		t.Fatal(err)
	}
	want := []int64{3, 16, 1316, 42, 2642, 8}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	if text := Text(u, nil); strings.Contains(text, Stop) {
		t.Errorf("a loop polls before an operation, which polls:\n%s", text)
	}
}

// What takes a value elsewhere than to a variable leaves the operation alone.
func TestDirectOperations(t *testing.T) {
	z, x, other := &Var{Name: "z1", T: Int}, &Var{Name: "x", T: Int}, &Var{Name: "y", T: Int64}
	for _, c := range []struct {
		use  Stmt
		want string
	}{
		{&Define{V: x, X: z}, "var x int\nprintln(\"op\", y, x)"},
		{&Assign{L: x, X: z}, "println(\"op\", y, x)"},
		{&Assign{L: x, Op: "+", X: z}, "var z1 int\nprintln(\"op\", y, z1)\nx += z1"},
		{&Return{Xs: []Expr{z}}, "var z1 int\nprintln(\"op\", y, z1)\nreturn z1"},
		{&Assign{L: x, X: &Binary{Op: "+", X: z, Y: x, T: Int}}, "var z1 int\nprintln(\"op\", y, z1)\nx = z1 + x"},
		{&Define{V: other, X: z}, "var z1 int\nprintln(\"op\", y, z1)\nvar y int64 = z1"},
	} {
		p := &printer{unit: &Unit{}}
		p.stmts(Direct([]Stmt{&Define{V: z, X: opCall("op", Int, other)}, c.use}))
		if got := strings.TrimSpace(p.b.String()); got != c.want {
			t.Errorf("gives\n%s\nwant\n%s", got, c.want)
		}
	}
}
