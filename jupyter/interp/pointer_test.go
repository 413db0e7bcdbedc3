package interp

import (
	"strings"
	"testing"
)

// A float and, behind it, a struct that holds floats reach a function as they are.
func TestFloatBeforeStruct(t *testing.T) {
	b := newNotebook(t)
	b.prints(`type P struct{ X, Y float64 }
func f(a float64, p P, b float64, q *P, r [1]float64) string { return fmt.Sprint(a, p, b, *q, r) }
zero := 0.0
fmt.Println(f(-zero, P{-zero, 1}, 2, &P{X: 3}, [1]float64{-zero}))`, "-0 {-0 1} 2 {3 0} [-0]\n")
}

// A pointer to a variable sees what is assigned to the variable later, whatever
// the form of the value: the interpreter would put some of them in another place.
func TestPointersSeeAssignments(t *testing.T) {
	for _, test := range []struct{ typ, value, other string }{
		{"S", "S{A: 2, B: []int{1}}", "S{}"},
		{"struct{ A, B int }", "struct{ A, B int }{1, 2}", "struct{ A, B int }{}"},
		{"[2]int", "[2]int{1, 2}", "[2]int{}"},
		{"[]int", "[]int{1, 2}", "[]int{}"},
		{"map[string]int", "map[string]int{`a`: 1}", "map[string]int{}"},
		{"int", "7", "0"},
		{"float64", "1.5", "0"},
		{"string", "`s`", "``"},
		{"any", "any(S{A: 2})", "any(1)"},
		{"error", "errors.New(`e`)", "error(nil)"},
		{"fmt.Stringer", "fmt.Stringer(time.Second)", "fmt.Stringer(nil)"},
		{"N", "N(3)", "N(0)"},
		{"time.Duration", "time.Second", "time.Duration(0)"},
		{"[2]S", "[2]S{{A: 1}, {A: 2}}", "[2]S{}"},
		{"G[int]", "G[int]{X: 4}", "G[int]{}"},
		{"E", "E{S{A: 1}, 2}", "E{}"},
	} {
		for _, form := range []string{
			"x = VALUE",
			"x = f()",
			"other := VALUE; x = other",
			"h := struct{ f T }{VALUE}; x = h.f",
			"l := []T{VALUE}; x = l[0]",
			"a := [1]T{VALUE}; x = a[0]",
			"m := map[int]T{0: VALUE}; x = m[0]",
			"o := VALUE; q := &o; x = *q",
			"var i any = T(VALUE); x, _ = i.(T)",
			"var i any = struct{ f T }{VALUE}; x = i.(struct{ f T }).f",
			"c := make(chan T, 1); c <- VALUE; x = <-c",
			"x = T(VALUE)",
			"x = func() T { return VALUE }()",
			"x, v = VALUE, x",
			"*p = VALUE",
			"for _, x = range []T{VALUE} {}",
			"defer func() { x = VALUE; fmt.Print(show(*p) == show(x), ` `) }()",
		} {
			if strings.Contains(form, "i.(T)") && (test.typ == "any" || test.typ == "error") {
				continue // an assertion of another value
			}
			body := strings.NewReplacer("VALUE", test.value, "T", "Te").Replace(form)
			decl := "type S struct { A int; B []int }\ntype N int\ntype G[P any] struct{ X P }\ntype E struct { S; C int }\ntype Te = " + test.typ + "\nfunc f() Te { return " + test.value + " }\nfunc show(x any) string { return fmt.Sprintf(`%#v`, x) }\n"
			want := "true true true"
			inner := "var x, v Te = " + test.other + ", " + test.other + "\np := &x\n_ = v\n" + body + "\nfmt.Print(p == &x, show(*p) == show(x), show(x) == show(f()))\n"
			if strings.HasPrefix(form, "defer") {
				inner = strings.Replace(inner, ", show(x) == show(f())", "", 1)
				want = "true true" + "true " // the second by the deferred function
			}
			for where, cell := range map[string]string{"a function": decl + "func run() {\n" + inner + "}\nrun()", "the cell": decl + inner} {
				b := newNotebook(t)
				if _, e := b.run(t.Context(), cell); e != nil {
					t.Errorf("%s in %s: %s", body, where, e.Value)
				} else if got := b.printed(); got != want {
					t.Errorf("%s in %s, type %s: %s, want %s", body, where, test.typ, got, want)
				}
			}
		}
	}
}
