package lower

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Notebooks whose meaning is the notebook's own: the compiler has no word for
// redefinition.
func TestAcrossCells(t *testing.T) {
	for _, r := range []struct {
		name, reason string
		cells        []string
		want         string
	}{
		{"method replaced", "fmt, interfaces and calls take the new method, also for values that exist", []string{
			"import \"fmt\"\ntype P struct{ X int }\nfunc (p P) String() string { return \"one\" }\ntype S interface{ String() string }",
			"var s S = P{1}\nfmt.Print(P{1}, s.String(), s, \";\")",
			"func (p P) String() string { return \"two\" }",
			"fmt.Print(P{1}, s.String(), s, P{2}.String())\nvar e fmt.Stringer = P{3}\nfmt.Print(e.String())",
		}, "oneoneone;twotwotwotwotwo"},
		{"method added", "a type gets a method, and with it interfaces", []string{
			"import \"fmt\"\ntype T struct{ n int }\nvar x any = &T{1}",
			"type Setter interface{ Set(int) }\n_, ok := x.(Setter)\nfmt.Print(ok, \" \")",
			"func (t *T) Set(n int) { t.n = n }",
			"s, ok := x.(Setter)\ns.Set(7)\nfmt.Print(ok, x.(*T).n)",
		}, "false true 7"},
		{"method of another signature", "type switches and assertions judge by the new one", []string{
			"import \"fmt\"\ntype T int\nfunc (T) Foo() int { return 1 }\ntype A interface{ Foo() int }\ntype B interface{ Foo() string }\nfunc k(x any) string {\n\tswitch x := x.(type) {\n\tcase A:\n\t\treturn fmt.Sprint(x.Foo())\n\tcase B:\n\t\treturn x.Foo()\n\t}\n\treturn \"none\"\n}\nfmt.Print(k(T(0)), \" \")",
			"func (T) Foo() string { return \"s\" }\nfmt.Print(k(T(0)), \" \")",
			"func (T) Foo() bool { return true }\nfmt.Print(k(T(0)))",
		}, "1 s none"},
		{"type replaced", "old values keep their type, new ones are of another", []string{
			"import \"fmt\"\ntype P struct{ X int }\nold := any(P{1})",
			"type P struct{ X string }\nnew1 := any(P{\"a\"})",
			"_, a := old.(P)\n_, b := new1.(P)\nfmt.Print(a, b, \" \", old, new1, old == new1)",
		}, "false true {1} {a} false"},
		{"type added to a dispatcher", "an interface variable takes a type of a later cell", []string{
			"import \"fmt\"\ntype Shape interface{ Area() int }\ntype Sq int\nfunc (s Sq) Area() int { return int(s * s) }\nfunc total(ss ...Shape) (n int) { for _, s := range ss { n += s.Area() }; return }\nfmt.Print(total(Sq(2)), \" \")",
			"type Rect struct{ a, b int }\nfunc (r *Rect) Area() int { return r.a * r.b }\nfmt.Print(total(Sq(1), &Rect{2, 3}))",
		}, "4 7"},
		{"variable of the same type", "stays one variable, which functions share", []string{
			"import \"fmt\"\nx := 1\nfunc get() int { return x }",
			"x := 5",
			"fmt.Print(get(), \" \")\nx := \"s\"",
			"fmt.Print(get(), x)",
		}, "5 5s"},
		{"zero at definition", "a variable that is declared again starts at zero", []string{
			"import \"fmt\"\nvar n int\nn++\nvar s []int\ns = append(s, 1)",
			"var n int\nvar s []int\nfmt.Print(n, s)",
		}, "0 []"},
		{"generic type from an earlier cell", "instances are made where they are used", []string{
			"import \"fmt\"\ntype Stack[T any] struct{ xs []T }\nfunc (s *Stack[T]) Push(x T) { s.xs = append(s.xs, x) }\nfunc Last[T any](s *Stack[T]) T { return s.xs[len(s.xs)-1] }",
			"type P struct{ n int }\nvar st Stack[P]\nst.Push(P{4})",
			"st.Push(P{5})\nfmt.Print(Last(&st), len(st.xs))",
		}, "{5} 2"},
		{"return at the top", "ends the cell, after its deferred calls", []string{
			"import \"fmt\"\ndefer fmt.Print(\"end\")\nfor i := range 3 {\n\tif i == 1 {\n\t\treturn\n\t}\n\tfmt.Print(i, \" \")\n}\nfmt.Print(\"never\")",
		}, "0 end"},
		{"recover in a function of an earlier cell", "ends the panic where it is deferred, not where a deferred function calls it", []string{
			"import \"fmt\"\nfunc h() { recover() }\nf := func() { recover() }\nfunc try(g func()) { defer func() { fmt.Print(recover(), \" \") }(); g() }",
			"try(func() { defer h(); panic(1) })\ntry(func() { defer func() { h() }(); panic(2) })",
			"try(func() { defer f(); panic(3) })\ntry(func() { defer func() { f() }(); panic(4) })",
		}, "<nil> 2 <nil> 4 "},
		{"function literal of an earlier cell", "keeps its variables", []string{
			"import \"fmt\"\nfunc counter() func() int { n := 0; return func() int { n++; return n } }\nc := counter()",
			"c()\nc()",
			"fmt.Print(c())",
		}, "3"},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := newBook(t)
			var got strings.Builder
			for _, c := range r.cells {
				out, err := b.eval(c)
				got.WriteString(out)
				if err != nil {
					t.Fatalf("%s: %v\n%s", r.reason, err, numbered(b.text))
				}
			}
			if got.String() != r.want {
				t.Errorf("%s: got %q, want %q", r.reason, got.String(), r.want)
			}
		})
	}
}

// What cannot be done right is refused with a sentence, and changes nothing.
func TestLimits(t *testing.T) {
	for _, r := range []struct{ name, code, what string }{
		{"recursive array", "type L [2][]L\nvar l L", "contains itself"},
		{"endless instances", "type T[A any] struct{ x A }\nfunc f[A any](n int, a A) { if n > 0 { f(n-1, T[A]{a}) } }\nf(3, 1)", ""},
		{"web of gotos", "func f(n int) {\na:\n\tn--\n\tswitch n {\n\tcase 1:\n\t\tgoto a\n\tcase 2:\n\t\tgoto b\n\tcase 3:\n\t\tgoto c\n\t}\n\treturn\nb:\n\tgoto a\nc:\n\tgoto b\n}\nf(1)", "two labels"},
	} {
		t.Run(r.name, func(t *testing.T) {
			b := newBook(t)
			_, err := b.eval(r.code)
			if err == nil {
				t.Fatal("was accepted")
			}
			var l *Limit
			if r.what != "" && (!errors.As(err, &l) || !strings.Contains(l.What, r.what) || l.Instead == "") {
				t.Errorf("got %v, want a limit that says %q and what to write instead", err, r.what)
			}
			if out, err := b.eval("import \"fmt\"\nfmt.Print(1)"); err != nil || out != "1" {
				t.Errorf("the next cell: %q, %v", out, err)
			}
		})
	}
}

// A lowered cell that the back end refuses leaves no trace.
func TestRollback(t *testing.T) {
	b := newBook(t)
	if _, err := b.eval("import \"fmt\"\ntype P struct{ X int }\nfunc f() int { return 1 }"); err != nil {
		t.Fatal(err)
	}
	c, errs := b.Check(9, 9, "type Q struct{ P P }\nfunc g() any { return Q{P{f()}} }\ny := g()")
	if errs != nil {
		t.Fatal(errs)
	}
	u, err := b.low.Cell(c)
	if err != nil {
		t.Fatal(err)
	}
	b.Drop(c)
	lost := fmt.Sprint(u.Funcs[0].Name, u.Types)
	out, err := b.eval("type Q struct{ P P }\nfunc g() any { return Q{P{f()}} }\ny := g()\nfmt.Print(y)")
	if err != nil || out != "{{1}}" {
		t.Fatalf("%q, %v", out, err)
	}
	if strings.Contains(b.text, strings.Fields(lost)[0]+"(") {
		t.Error("a name of the dropped unit was given out again")
	}
}

// Values of the last expression reach the session fit for native eyes.
func TestShow(t *testing.T) {
	b := newBook(t)
	if _, err := b.eval("import \"fmt\"\ntype C float64\nfunc (c C) String() string { return fmt.Sprintf(\"%.1f C\", float64(c)) }\ntype H struct{ s string }\nfunc (h H) HTML() string { return \"<b>\" + h.s + \"</b>\" }\nfunc (h H) PNG() ([]byte, error) { return []byte(h.s), nil }"); err != nil {
		t.Fatal(err)
	}
	show := func(code string) []any {
		t.Helper()
		if _, err := b.eval(code); err != nil {
			t.Fatal(err)
		}
		return b.shown
	}
	if got := show("1 + 1"); len(got) != 1 || got[0] != 2 {
		t.Errorf("1 + 1 shows %v", got)
	}
	if got := show("C(21)"); fmt.Sprint(got...) != "21.0 C" {
		t.Errorf("a Stringer shows %v", got)
	} else if _, ok := got[0].(fmt.Stringer); !ok {
		t.Errorf("%T has no String", got[0])
	}
	got := show("H{\"x\"}")
	h, ok := got[0].(interface{ HTML() string })
	if !ok || h.HTML() != "<b>x</b>" {
		t.Errorf("no HTML in %T", got[0])
	}
	if _, ok := got[0].(interface{ SVG() string }); ok {
		t.Error("a type without SVG answers to it")
	}
	if p, ok := got[0].(interface{ PNG() ([]byte, error) }); !ok {
		t.Error("no PNG")
	} else if data, err := p.PNG(); string(data) != "x" || err != nil {
		t.Errorf("PNG gives %q, %v", data, err)
	}
	if got := show("func() (int, error) { return 3, nil }()"); len(got) != 2 || got[0] != 3 || got[1] != nil {
		t.Errorf("two values show as %v", got)
	}
}
