package interp

import (
	"strings"
	"testing"
)

// redefinition is a notebook whose cells define names again; rule is what its
// reader may rely on.
type redefinition struct {
	name  string
	cells []string
	want  string
	rule  string
}

func TestWhatCellsDefineAgain(t *testing.T) {
	for _, group := range [][]redefinition{redefinedFunctions} {
		for _, r := range group {
			t.Run(r.name, func(t *testing.T) {
				if got := newNotebook(t).play(r.cells); got != r.want {
					t.Errorf("%s\n%s\ngives:\n%s\nwant:\n%s", r.rule, strings.Join(r.cells, "\n---\n"), got, r.want)
				}
			})
		}
	}
}

const (
	byName = "what calls a function by its name calls the newest, wherever it stands"
	asBody = "a stored function keeps its body; what the body calls by name is today's"
)

var redefinedFunctions = []redefinition{
	{"a callee, and the values of its caller", []string{
		"func g() int { return 1 }\nfunc f() int { return g() }\nh := f\nm := map[string]func() int{\"f\": f}\ns := []func() int{f, g}\nt := struct{ F func() int }{f}",
		"func g() int { return 2 }",
		"fmt.Println(h(), m[\"f\"](), s[0](), s[1](), t.F(), f())",
	}, "2 2 2 1 2 2\n", asBody},
	{"the stored function, then its callee", []string{
		"func g() int { return 1 }\nfunc f() int { return g() }\nh := f",
		"func f() int { return 10 * g() }",
		"func g() int { return 3 }\nfmt.Println(h(), f())",
	}, "3 30\n", asBody},
	{"a function that calls itself", []string{
		"func fact(n int) int { if n < 2 { return 1 }; return n * fact(n-1) }\nold := fact",
		"func fact(n int) int { return -1 }",
		"fmt.Println(old(3), fact(3))",
	}, "-3 -1\n", "an old body calls the new function by its name"},
	{"the callee of a goroutine that runs", []string{
		"func step(i int) string { return fmt.Sprint(\"old\", i) }\nfunc work(in, out chan string) { for range in { out <- step(1) } }\nin, out := make(chan string), make(chan string)\ngo work(in, out)\nin <- \"\"\nfmt.Println(<-out)",
		"func step(i int) string { return fmt.Sprint(\"new\", i) }\nin <- \"\"\nfmt.Println(<-out)",
	}, "old1\nnew1\n", byName},
	{"the callee of a closure", []string{
		"func g() int { return 1 }\nn := 0\nc := func() int { n++; return 10*n + g() }\nfmt.Println(c())",
		"func g() int { return 2 }\nfmt.Println(c())",
	}, "11\n22\n", byName},
	{"a method and its values", []string{
		"type P struct{ n int }\nfunc (p P) M() int { return p.n + k() }\nfunc (p *P) Inc() { p.n++ }\nfunc k() int { return 100 }\ntype I interface{ M() int }\np := P{1}\nm, e, inc := p.M, P.M, p.Inc\nvar i I = p\nfmt.Println(m(), e(p), i.M())",
		"func k() int { return 200 }\nfmt.Println(m(), e(p), i.M())",
		"func (p P) M() int { return -p.n - k() }\nfmt.Println(m(), e(p), i.M(), p.M())",
		"func k() int { return 300 }\nfunc (p *P) Inc() { p.n = 50 }\ninc()\nfmt.Println(m(), e(p), i.M(), p.M(), p.n)",
	}, "101 101 101\n201 201 201\n201 201 -201 -201\n301 302 -301 -302 2\n", asBody},
	{"a method in an interface and in any", []string{
		"type P struct{ n int }\nfunc (p P) String() string { return \"old\" }\nvar a any = P{1}\nvar s fmt.Stringer = P{2}\nxs := []any{P{3}}",
		"func (p P) String() string { return fmt.Sprint(\"new\", p.n) }\nfmt.Println(a, s, xs, s.String())",
	}, "new1 new2 [new3] new2\n", "values are of the type that they are of, whose methods are today's"},
	{"a generic function", []string{
		"func inc(x int) int { return x + 1 }\nfunc Map[T any](xs []T, f func(T) T) []T { var r []T; for _, x := range xs { r = append(r, f(x)) }; return r }\nfunc all(xs []int) []int { return Map(xs, inc) }\nh, v := all, Map[int]",
		"func Map[T any](xs []T, f func(T) T) []T { return xs }",
		"fmt.Println(all([]int{1}), h([]int{1}), v([]int{1}, inc))",
		"func inc(x int) int { return x + 5 }\nfmt.Println(all([]int{1}), v([]int{1}, inc))",
	}, "[1] [1] [2]\n[1] [6]\n", asBody},
	{"a function that a generic one calls", []string{
		"func help() string { return \"a\" }\nfunc G[T any](x T) string { return help() + fmt.Sprint(x) }\nfmt.Println(G(1))",
		"func help() string { return \"b\" }\nfmt.Println(G(\"s\"))",
		"fmt.Println(G(1), G(2.5))",
	}, "a1\nbs\nb1 b2.5\n", byName},
	{"methods of a generic type", []string{
		"type L[T any] struct{ xs []T }\nfunc (l *L[T]) Add(x T) { l.xs = append(l.xs, x) }\nfunc (l *L[T]) Len() int { return len(l.xs) }\nvar l L[int]\nl.Add(3)\nc := func() int { return l.Len() }\nfmt.Println(c())",
		"type L[T any] struct{ xs []T }\nfunc (l *L[T]) Add(x T) { l.xs = append(l.xs, x, x) }\nfunc (l *L[T]) Len() int { return -len(l.xs) }",
		"l.Add(4)\nfmt.Println(c(), l.Len())",
	}, "1\n-3 -3\n", byName},
	{"a method of a generic type alone", []string{
		"type L[T any] struct{ xs []T }\nfunc (l *L[T]) Len() int { return len(l.xs) }\ntype Lener interface{ Len() int }\nl := L[int]{[]int{1}}\nvar a any = &l",
		"func (l *L[T]) Len() int { return -len(l.xs) }\nfunc (l *L[T]) String() string { return \"L!\" }",
		"fmt.Println(a.(Lener).Len(), a, l.Len())",
	}, "-1 L! -1\n", "a method added or changed is that of the values that are there"},
	{"an iterator while it is ranged over", []string{
		"import \"iter\"\nfunc seq(yield func(int) bool) { for i := range 3 { if !yield(i) { return } } }\nnext, stop := iter.Pull(seq)\na, _ := next()",
		"func seq(yield func(int) bool) { for i := range 3 { if !yield(10 * i) { return } } }\nb, _ := next()\nstop()\nfor x := range seq { fmt.Print(x, \" \") }\nfmt.Println(a, b)",
	}, "0 10 20 0 1\n", "a body that runs goes on"},
	{"a deferred function, which recovers before and after", []string{
		"func safe() { fmt.Println(\"old\", recover()) }\nfunc run() { defer safe(); panic(\"x\") }\nh := run\nh()",
		"func safe() { fmt.Println(\"new\", recover()) }\nh()\nrun()",
	}, "old x\nnew x\nnew x\n", byName},
	{"a parameter that is −0", []string{
		"func same(x float64) float64 { return x }\nc := func() float64 { return 1 / same(math.Copysign(0, -1)) }",
		"func same(x float64) float64 { return x * 1 }\nfmt.Println(c())",
	}, "-Inf\n", "a new function takes its parameters as the old did"},
}
