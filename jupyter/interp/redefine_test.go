package interp

import (
	"context"
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
	for _, group := range [][]redefinition{redefinedFunctions, redefinedValues, redefinedTypes, redefinedInPart, heldAtRedefinition, freeAtRedefinition} {
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
	byName  = "what calls a function by its name calls the newest, wherever it stands"
	fits    = "functions that use a name follow it to its new meaning if they fit that; if not, a note says which keep the earlier"
	noted   = "a closure cannot be compiled again: a note says what keeps the earlier meaning"
	reached = "a statement declares its variables when it has run; before, their names mean what they meant"
	gone    = "where nothing is kept, nothing is told"
	asBody  = "a stored function keeps its body; what the body calls by name is today's"
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
	{"a method value of an interface", []string{
		"type P struct{}\nfunc (P) M() int { return 1 }\ntype I interface{ M() int }\nvar i I = P{}\nm := i.M",
		"func (P) M() int { return 2 }\nm()",
	}, "=> 2\n", "an interface looks its method up when it is called"},
	{"a variadic function", []string{
		"func f(xs ...int) int { return len(xs) }\nh := f\nc := func() int { return f(1, 2) }",
		"func f(xs ...int) int { return -len(xs) }\nfmt.Println(h(1), c(), f(1))",
	}, "1 -2 -1\n", asBody},
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

var redefinedValues = []redefinition{
	{"a constant", []string{
		"const k = 10\nfunc f() int { return k }\nfunc show() any { return k }\nh := f",
		"const k = 20\nfmt.Println(f(), show(), h())",
		"k := 30\nfmt.Println(f(), show(), h())",
		"k = 40\nfmt.Println(f(), show(), h())",
	}, "20 20 20\n30 30 30\n40 40 40\n", fits},
	{"a constant of another type", []string{
		"const k = 10\nfunc f() int { return k }\nfunc show() any { return k }",
		"const k = \"s\"\nfmt.Println(f(), show())",
		"const k = 7\nfmt.Println(f(), show())",
	}, "note: f of Cell [1] does not fit the new k and keeps the earlier: Cell [1] 2:23: cannot use k (untyped string constant \"s\") as int value in return statement; define f again if it is to use the new\n10 s\n7 7\n", fits},
	{"a constant in closures", []string{
		"const k = 10\nc := func() int { return k }\nm := map[string]func() int{\"c\": func() int { return -k }}\nfunc mk() func() int { return func() int { return k } }\nd := mk()",
		"const k = 20\nfmt.Println(c(), m[\"c\"](), d(), mk()())",
		"const k = 30\nc := func() int { return k }\nfmt.Println(c(), mk()())",
	}, "note: c (Cell [1]) keeps the earlier k: run Cell [1] again to have it made anew\nnote: closures that mk made before keep the earlier k\nnote: m (Cell [1]) keeps the earlier k: run Cell [1] again to have it made anew\n10 -10 10 20\n30 30\n", noted},
	{"a constant in a goroutine that runs", []string{
		"const k = 1\nfunc work(in, out chan int) { for range in { out <- k } }\nin, out := make(chan int), make(chan int)\ngo work(in, out)\nin <- 1\n<-out",
		"const k = 2\nin <- 1\n<-out",
		"close(in)",
	}, "=> 1\nnote: a goroutine that runs work (Cell [1]) goes on with the earlier k\n=> 1\n", noted},
	{"a variable of another type", []string{
		"x := 1\nfunc f() int { return x }\nfunc show() string { return fmt.Sprint(x) }\np := &x",
		"x := \"s\"\nfmt.Println(f(), show(), *p)",
		"x := 5\nfmt.Println(f(), show(), *p)",
	}, "note: f of Cell [1] does not fit the new x and keeps the earlier: Cell [1] 2:23: cannot use x (variable of type string) as int value in return statement; define f again if it is to use the new\n1 s 1\n5 5 1\n", fits},
	{"a variable of the same type", []string{
		"x := 1\nfunc f() int { return x }\np := &x",
		"x := 2\nfmt.Println(f(), *p)",
	}, "2 2\n", "it is the same variable"},
	{"one of two variables that depend on each other", []string{
		"var a = b + 1\nvar b = 2",
		"var b = 10\nfmt.Println(a, b)",
		"var a = b + 1\nvar b = 20\na",
	}, "3 10\n=> 21\n", "a cell initialises what it declares, in the order of dependence"},
	{"a function that becomes a variable, and a function again", []string{
		"func f() int { return 1 }\nfunc g() int { return f() }",
		"f := func() int { return 2 }\ng()",
		"f = func() int { return 3 }\ng()",
		"func f() int { return 4 }\ng()",
	}, "=> 2\n=> 3\n=> 4\n", fits},
	{"a function of another signature", []string{
		"func g(x int) int { return x }\nfunc f() int { return g(1) }\nc := func() int { return g(2) }\nh := f",
		"func g(x, y int) int { return x + y }\nfmt.Println(f(), c(), h())",
		"func f() int { return g(1, 2) }\nfmt.Println(f(), h())",
	}, "note: f of Cell [1] does not fit the new g and keeps the earlier: Cell [1] 2:26: not enough arguments in call to g; define f again if it is to use the new\nnote: c (Cell [1]) keeps the earlier g: run Cell [1] again to have it made anew\n1 2 1\n3 1\n", fits},
	{"what callers do not fit, defined again as it was", []string{
		"func g(x int) int { return x }\nfunc f() int { return g(1) }",
		"func g(x string) int { return len(x) }",
		"func g(x int) int { return 5 * x }\nf()",
	}, "note: f of Cell [1] does not fit the new g and keeps the earlier: Cell [1] 2:25: cannot use 1 (untyped int constant) as string value in argument to g; define f again if it is to use the new\n=> 5\n", fits},
	{"another constraint of a generic function", []string{
		"func Max[T int | float64](a, b T) T { if a > b { return a }; return b }\nfunc f() float64 { return Max(1.5, 2) }\nc := func() int { return Max(1, 2) }",
		"func Max[T int](a, b T) T { return -b }\nfmt.Println(f(), c())",
		"func Max[T int | float64](a, b T) T { return -a }\nfmt.Println(f(), c())",
	}, "note: f of Cell [1] does not fit the new Max and keeps the earlier: Cell [1] 2:31: cannot use 1.5 (untyped float constant) as int value in argument to Max (truncated); define f again if it is to use the new\nnote: c (Cell [1]) keeps the earlier Max: run Cell [1] again to have it made anew\n2 -2\n-1.5 -1\n", fits},
	{"a package of the same name", []string{
		"import \"math/rand\"\nfunc r() int { return rand.Intn(1) }",
		"import \"math/rand/v2\"\nr()",
	}, "note: r of Cell [1] does not fit the new rand and keeps the earlier: Cell [1] 2:28: undefined: rand.Intn (but have IntN); define r again if it is to use the new\n=> 0\n", fits},
	{"a constant with iota and a type", []string{
		"type D int\nconst (\n\tA D = iota\n\tB\n)\nfunc (d D) String() string { return [...]string{\"a\", \"b\"}[d] }\nfunc last() D { return B }",
		"const (\n\tZ D = iota\n\tA\n\tB\n)\nfunc (d D) String() string { return [...]string{\"z\", \"a\", \"b\"}[d] }\nfmt.Println(A, B, last())",
	}, "a b b\n", fits},
}

var redefinedTypes = []redefinition{
	{"a struct with other fields", []string{
		"type P struct{ X int }\nfunc (p P) Sum() int { return p.X }\nfunc tot(ps ...P) (n int) { for _, p := range ps { n += p.Sum() }; return }\np := P{1}",
		"type P struct{ Y string }\nfmt.Printf(\"%T %v %d\\n\", p, p, p.Sum())\nvar a any = p\n_, ok := a.(P)\nok",
		"func (p P) Sum() int { return len(p.Y) }\nfmt.Println(p.Sum(), P{\"abc\"}.Sum(), tot(P{\"ab\"}))",
		"var p P\np = P{\"b\"}\np.Sum()",
	}, "note: method Sum of P (Cell [1]) does not fit the new P: Cell [1] 2:33: p.X undefined (type P has no field or method X); define it again if it is to be one of the new\nnote: tot of Cell [1] does not fit the new P and keeps the earlier: Cell [1] 3:59: p.Sum undefined (type P has no field or method Sum); define tot again if it is to use the new\nmain.P {1} 1\n=> false\n1 3 2\n=> 1\n", "values keep the type that they have, with its methods; functions and methods follow where they fit"},
	{"a struct whose methods fit", []string{
		"type P struct{ X int }\nfunc (p P) Sum() int { return p.X }\nfunc tot(ps []P) (n int) { for _, p := range ps { n += p.Sum() }; return }",
		"type P struct{ X, Y int }\ntot([]P{{1, 2}, {3, 4}})",
	}, "=> 4\n", fits},
	{"a type made of one that is redefined", []string{
		"type Q struct{ n int }\ntype P struct{ Q }\np := P{Q{1}}",
		"type Q struct{ s string }\np.Q.n",
		"type P struct{ Q }\nP{Q{\"a\"}}.s",
	}, "note: type P of Cell [1] is made of the earlier Q: run Cell [1] again if it is to be of the new\n=> 1\n=> a\n", "a note says which types are made of the earlier one"},
	{"a method and a field of the name of what is redefined", []string{
		"type Q struct{ n int }\ntype I interface{ Q() int }\ntype F struct{ Q int }\nfunc q(i I, f F) int { return i.Q() + f.Q }",
		"type Q struct{ s string }",
	}, "", "a name that a type selects is not the notebook's"},
	{"an interface that asks for more", []string{
		"type I interface{ M() int }\ntype A struct{}\nfunc (A) M() int { return 1 }\nfunc use(i I) int { return i.M() }\nvar i I = A{}",
		"type I interface{ M() int; N() int }\nfmt.Println(i.M())",
		"func (A) N() int { return 2 }\nfmt.Println(use(A{}), i.M())",
		"i = I(A{})\ni.M()",
	}, "1\n1 1\n=> 1\n", "functions take the new interface, variables keep theirs"},
	{"a method added while values sit in interfaces", []string{
		"type P struct{ n int }\nvar a any = P{1}\nxs := []any{&P{2}}\n_, ok := a.(fmt.Stringer)\nok",
		"func (p P) String() string { return fmt.Sprint(\"P\", p.n) }\nfmt.Println(a, xs[0], a.(fmt.Stringer).String())",
	}, "=> false\nP1 P2 P1\n", "values are of the type that they are of, whose methods are today's"},
	{"a method of an embedded type, then of the outer one", []string{
		"type E struct{}\nfunc (E) Hi() string { return \"E\" }\ntype S struct{ E }\ns := S{}\nvar a any = s\ntype H interface{ Hi() string }\nfunc hi(h H) string { return h.Hi() }",
		"func (E) Hi() string { return \"E2\" }\nfmt.Println(s.Hi(), hi(s), a.(H).Hi())",
		"func (s S) Hi() string { return \"S\" + s.E.Hi() }\nfmt.Println(s.Hi(), hi(s), a.(H).Hi())",
	}, "E2 E2 E2\nSE2 SE2 SE2\n", "a method is looked up when it is called"},
	{"a method that gets a pointer receiver", []string{
		"type T int\nfunc (t T) A() int { return int(t) }\nfunc show(t T) int { return t.A() }",
		"func (t *T) A() int { return 10 * int(*t) }\nx := T(2)\nfmt.Println(x.A(), show(3))",
	}, "20 30\n", fits},
	{"a method that takes more", []string{
		"type T struct{}\nfunc (T) M() int { return 1 }\ntype U struct{}\nfunc (U) M() int { return 5 }\nc := func() int { return T{}.M() }\nd := func() int { return U{}.M() }\nfunc f() int { return T{}.M() }",
		"func (T) M(x int) int { return x }\nfmt.Println(c(), d(), f(), T{}.M(3))",
		"func (T) M() int { return 2 }\nfmt.Println(c(), d(), f())",
	}, "note: f of Cell [1] does not fit the new T.M and keeps the earlier: Cell [1] 7:29: not enough arguments in call to T{}.M; define f again if it is to use the new\nnote: c (Cell [1]) keeps the earlier T.M: run Cell [1] again to have it made anew\n1 5 1 3\n2 5 2\n", fits},
	{"a method whose name is a type's", []string{
		"type A struct{ x int }\ntype I interface{ A() }\ntype B A",
		"func (B) A() {}",
	}, "", "what a method is called means nothing to others"},
	{"a type declared as it was", []string{
		"type P struct{ X int }\nfunc (p P) M() int { return 1 }\np := P{}",
		"type P struct{ X int }\nfunc (p P) M() int { return 2 }\nvar q P = p\nfmt.Println(p.M(), q.M())",
	}, "2 2\n", "the same text is the same type"},
	{"a closure over a type", []string{
		"type P struct{ X int }\nc := func() any { return P{3} }",
		"type P struct{ X string }\n_, ok := c().(P)\nok",
	}, "note: c (Cell [1]) keeps the earlier P: run Cell [1] again to have it made anew\n=> false\n", noted},
}

var redefinedInPart = []redefinition{
	{"calls before and behind the statement", []string{
		"x := 1\nfunc show() string { return fmt.Sprint(\"x=\", x) }\nh := show",
		"y := show() + h()\nx := \"s\"\nz := show() + h()\nfmt.Println(y, x, z)",
	}, "x=1x=1 s x=sx=s\n", reached},
	{"a panic before the statement", []string{
		"x := 1\nfunc show() string { return fmt.Sprint(\"x=\", x) }\nfunc f() int { return 1 }\nfunc g() int { return f() }",
		"panic(\"a\")\nx := \"s\"\nf := func() int { return 2 }",
		"fmt.Println(x, show(), f(), g())",
		"h := show\nx := 2\nfunc f() int { return 7 }\nfmt.Println(x, h(), g())",
		"x := \"t\"\nfmt.Println(show(), h())",
	}, "!! Panic: a\n1 x=1 1 1\n2 x=2 7\nx=t x=t\n", reached},
	{"a panic in the statement", []string{
		"const k = 1\nfunc f() any { return k }",
		"k := fmt.Sprint([]int{}[k])",
		"f()",
		"k := \"b\"\nf()",
	}, "!! Panic: runtime error: index out of range [1] with length 0\n=> 1\n=> b\n", reached},
	{"new names behind a panic", []string{
		"a := 1\nb := []int{1}[a]\nc := 3",
		"a",
		"c",
	}, "!! Panic: runtime error: index out of range [1] with length 1\n=> 1\n!! CompileError: Cell [3] 1:1: undefined: c\n", reached},
	{"new names behind a return", []string{
		"if true { return }\nw := 3",
		"w",
	}, "!! CompileError: Cell [2] 1:1: undefined: w\n", reached},
	{"new names among labels and goto", []string{
		"n := 0\nagain: n++\nif n < 3 { goto again }\nfunc() { defer func() { recover() }(); panic(1) }()\nL: x := n\nouter: for { for { break outer } }\npanic(\"z\")\nw := 2\nif n > 9 { goto L }",
		"n := \"s\"\nback: for range 2 { continue back }\nfmt.Println(n, x)",
		"w",
	}, "!! Panic: z\ns 3\n!! CompileError: Cell [3] 1:1: undefined: w\n", reached},
	{"a name behind a panic that a function of the cell uses", []string{
		"panic(1)\nq := 3\nfunc f() int { return q }",
		"q := 4\nf()",
	}, "!! Panic: 1\n=> 4\n", "functions are declared when the cell starts, and find the variable that comes later"},
	{"a panic before the functions of the cell", []string{
		"func f() int { return 1 }\nfunc g() int { return f() }",
		"panic(g())\nfunc f() int { return 2 }",
		"fmt.Println(f(), g())",
	}, "!! Panic: 2\n2 2\n", "types, constants and functions are declared when the cell starts, all at once"},
	{"a cell that does not compile", []string{
		"x := 1\nfunc f() int { return x }\ntype P struct{ n int }",
		"x := \"s\"\nfunc f() string { return x }\ntype P struct{ s string }\nnope",
		"fmt.Println(x, f(), P{1})",
	}, "!! CompileError: Cell [2] 4:1: undefined: nope\n1 1 {1}\n", "a wrong cell changes nothing"},
	{"an exit before the statement", []string{
		"x := 1",
		"os.Exit(3)\nx := \"s\"",
		"x",
	}, "!! Exit: os.Exit(3)\n=> 1\n", reached},
	{"a generic function that waits", []string{
		"func S[T any](v T) string { return fmt.Sprint(v, n) }\nn := 1\nS(1)",
		"panic(\"x\")\nn := \"s\"",
		"fmt.Println(S(1), S(\"a\"))",
		"n := \"t\"\nfmt.Println(S(1), S(2.5))",
	}, "=> 1 1\n!! Panic: x\n1 1 a1\n1t 2.5t\n", reached},
}

// An interrupt in the middle of a cell leaves what the cell had not come to.
func TestInterruptBeforeADeclaration(t *testing.T) {
	b := newNotebook(t)
	b.ok("x := 1\nfunc show() string { return fmt.Sprint(\"x=\", x) }")
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-b.ping; cancel() }()
	if _, e := b.run(ctx, "a := 5\nruntime.GC()\nfor {}\nx := \"s\"\ny := 2"); e == nil || e.Name != "Interrupted" {
		t.Fatalf("the interrupt: %v", e)
	}
	b.shows("fmt.Sprint(x, show(), a)", "1x=15")
	b.bad("y", "CompileError", "undefined: y")
}
