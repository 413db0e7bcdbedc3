package interp

import (
	"strings"
	"testing"
)

// What is out of range is told with the numbers of the compiler wherever it
// stands: in loops that only compute, where nothing else is checked or marked,
// in closures, methods and instances. Each row is a body of
//
//	func f(v []float64, i int)
//
// that is called with two numbers and 7, and what Go says of it.
func TestBounds(t *testing.T) {
	const before = `
type T struct{ a, b int; list []int }
type M [3]int
type N int
type U uint8
type L []string
func (t T) at(i int) (s int) { for range 2 { s += t.list[i] }; return s }
func (t *T) set(i int) { for range 2 { t.list[i]++ } }
func (m *M) at(i int) int { return m[i] }
func pick[E any](v []E, i int) (e E) { for range 2 { e = v[i] }; return e }
func deep(v []float64, n int) float64 { if n == 0 { return v[len(v)+1] }; return deep(v, n-1) }
var g = []int{1, 2, 3}
var _, _ = sort.Ints, strings.ToUpper
`
	b := newNotebook(t)
	b.ok(before)
	for _, r := range []struct{ body, want string }{
		{"s := 0.0; for i := 0; i <= len(v); i++ { s += v[i] }", "index out of range [2] with length 2"},
		{"for i := range 9 { v[i] = 1 }", "index out of range [2] with length 2"},
		{"for i := range 9 { v[i] += 1 }", "index out of range [2] with length 2"},
		{"for i := range 9 { v[i]++ }", "index out of range [2] with length 2"},
		{"for i := range 9 { p := &v[i]; *p = 1 }", "index out of range [2] with length 2"},
		{"for i := range 9 { v[i], v[0] = 1, 2 }", "index out of range [2] with length 2"},
		{"for i := range 9 { v[i], v[i+1] = v[i+1], v[i] }", "index out of range [2] with length 2"},
		{"for range 2 { _ = v[i] }", "index out of range [7] with length 2"},
		{"for range 2 { v[-i] = 1 }", "index out of range [-7]"},
		{"for i := 1; v[i] >= 0; i-- {}", "index out of range [-1]"},
		{"n := 0; for i := 0; i < 9; i++ { if v[i] == 0 && v[i+1] == 0 || v[i+2] > 0 { n++ } }", "index out of range [2] with length 2"},
		{"b := make([]bool, 3); n := 0; for i := 0; ; i++ { if b[i] { n++ } }", "index out of range [3] with length 3"},
		{"b := make([]bool, 3); n := 0; for i := 0; ; i++ { if !b[i] { n++ } }", "index out of range [3] with length 3"},
		{"b := make([]bool, 3); for i := 0; !b[i]; i++ {}", "index out of range [3] with length 3"},
		{"b := [3]bool{}; for i := 0; !b[i]; i++ {}", "index out of range [3] with length 3"},
		{"var w []int; for range 2 { _ = w[0] }", "index out of range [0] with length 0"},
		{"w := [][]int{{1}, {2, 3}}; for range 2 { w[1][i]++ }", "index out of range [7] with length 2"},
		{"w := [][]int{{1}, {2, 3}}; for range 2 { w[i][1]++ }", "index out of range [7] with length 2"},
		{"w := [][]int{{1}, {2, 3}}; n := 0; for j := range 9 { for k := range w[j] { n += w[k][j] } }", "index out of range [1] with length 1"},
		{"var a [3][2]int; for k := range 9 { a[k][1] = 1 }", "index out of range [3] with length 3"},
		{"var a [3][2]int; for k := range 9 { a[1][k]++ }", "index out of range [2] with length 2"},
		{"a := &[3]int{}; for k := range 9 { a[k] = a[k] + 1 }", "index out of range [3] with length 3"},
		{"var a *[3]int; for k := range 2 { a[k+i] = 1 }", "invalid memory address or nil pointer dereference"},
		{"var a *[3]int; for k := range 2 { _ = a[k:] }", "invalid memory address or nil pointer dereference"},
		{"s := \"héé\"; n := 0; for i := 0; ; i++ { if s[i] == 'x' { n++ } }", "index out of range [5] with length 5"},
		{"for k := range 2 { _ = \"abc\"[k+i] }", "index out of range [7] with length 3"},
		{"for k := range uint8(9) { v[k]++ }", "index out of range [2] with length 2"},
		{"n := uint64(1<<64 - 1); for range 2 { v[n] = 1 }", "index out of range [18446744073709551615] with length 2"},
		{"n := int8(-3); for range 2 { v[n] = 1 }", "index out of range [-3]"},
		{"n := N(4); for range 2 { v[n] = 1 }", "index out of range [4] with length 2"},
		{"n := U(200); for range 2 { v[n] = 1 }", "index out of range [200] with length 2"},
		{"l := L{\"a\"}; for range 2 { l[i] += \"b\" }", "index out of range [7] with length 1"},
		{"x := []any{1, \"a\"}; for k := range 9 { x[k] = x[k+1] }", "index out of range [2] with length 2"},
		{"x := []error{nil}; for k := range 9 { x[k] = x[k] }", "index out of range [1] with length 1"},
		{"x := []func() int{nil}; for k := range 9 { if x[k] != nil { return } }", "index out of range [1] with length 1"},
		{"x := []T{{}, {}}; for k := range 9 { x[k].a = x[k].b }", "index out of range [2] with length 2"},
		{"x := []*T{{}, {}}; for k := range 9 { x[k].a = 1 }", "index out of range [2] with length 2"},
		{"x := []struct{}{{}}; for k := range 9 { x[k] = struct{}{} }", "index out of range [1] with length 1"},
		{"x := make([]struct{ a [2]int }, 3); for k := range 9 { x[k].a[k/4]++ }", "index out of range [3] with length 3"},
		{"m := map[int][]int{}; for k := range 2 { m[k][0] = 1 }", "index out of range [0] with length 0"},
		{"for k := range 9 { g[k]++ }", "index out of range [3] with length 3"},
		{"T{list: g}.at(i)", "index out of range [7] with length 3"},
		{"t := &T{list: g}; t.set(i)", "index out of range [7] with length 3"},
		{"t := &T{}; m := t.set; m(i)", "index out of range [7] with length 0"},
		{"(&M{}).at(i)", "index out of range [7] with length 3"},
		{"pick(v, i)", "index out of range [7] with length 2"},
		{"pick([]string{\"a\"}, 1)", "index out of range [1] with length 1"},
		{"deep(v, 5)", "index out of range [3] with length 2"},
		{"h := func(k int) float64 { return v[k] }; for k := range 9 { h(k) }", "index out of range [2] with length 2"},
		{"h := func() func(int) { return func(k int) { for ; ; k++ { v[k]++ } } }; h()(1)", "index out of range [2] with length 2"},
		{"h := func() { var q = func() { for k := range 9 { v[k:][0]++ } }; q() }; h()", "index out of range [0] with length 0"},
		{"sort.Slice(v, func(a, b int) bool { return v[a+i] < v[b] })", ""}, // 8 or 7: which is compared is not said
		{"for range 2 { _ = v[:i] }", "slice bounds out of range [:7] with capacity 2"},
		{"for range 2 { _ = v[i:] }", "slice bounds out of range [7:2]"},
		{"for range 2 { _ = v[i:1] }", "slice bounds out of range [7:1]"},
		{"for range 2 { _ = v[-i:] }", "slice bounds out of range [-7:]"},
		{"for range 2 { _ = v[:-i] }", "slice bounds out of range [:-7]"},
		{"for range 2 { _ = v[:1:i] }", "slice bounds out of range [::7] with capacity 2"},
		{"for range 2 { _ = v[:i:2] }", "slice bounds out of range [:7:2]"},
		{"for range 2 { _ = v[i:2:2] }", "slice bounds out of range [7:2:]"},
		{"for range 2 { _ = \"abc\"[1:i] }", "slice bounds out of range [:7] with length 3"},
		{"var a [3]int; for range 2 { _ = a[1:i] }", "slice bounds out of range [:7] with length 3"},
		{"a := &[3]int{}; for range 2 { _ = a[1:2:i] }", "slice bounds out of range [::7] with length 3"},
		{"n := uint(1<<64 - 2); for range 2 { _ = v[:n] }", "slice bounds out of range [:18446744073709551614] with capacity 2"},
		{"w := v[:1]; w = w[:2]; w = w[2:]; for range 2 { _ = w[:0]; _ = w[0] }", "index out of range [0] with length 0"},
		{"for k := range 2 { i /= k }", "integer divide by zero"},
		{"var t *T; for range 2 { t.a++ }", "invalid memory address or nil pointer dereference"},
		{"for range 2 { v[i] = v[i/(i-7)] }", ""}, // either: which operand is first is not said
	} {
		code := "func f(v []float64, i int) { " + r.body + " }\n" + `func() {
	defer func() {
		x := recover()
		_, ok := x.(runtime.Error)
		fmt.Println(x, ok)
	}()
	f([]float64{0, 0}, 7)
}()`
		was := len(b.printed())
		b.run(t.Context(), code)
		got := b.printed()[was:]
		want := "runtime error: " + r.want + " true\n"
		if got != want && r.want != "" || !strings.HasPrefix(got, "runtime error: ") {
			t.Errorf("%s\nis told as\n%swant\n%s", r.body, got, want)
		}
		// and without a recover, on another goroutine
		_, e := b.run(t.Context(), "done := make(chan bool)\ngo func() { defer close(done); f([]float64{0, 0}, 7) }()\n<-done")
		if e == nil || r.want != "" && e.Value != "runtime error: "+r.want {
			t.Errorf("%s\nfails on a goroutine with %v", r.body, e)
		}
	}
}

// Elements are the elements themselves, of every kind of list and of index:
// what is written through them is there.
func TestElements(t *testing.T) {
	const code = `
type P struct{ x, y int; in [2]int }
type Ls []P
var ps = []P{{1, 2, [2]int{3, 4}}, {5, 6, [2]int{7, 8}}}
ar := [2]P{ps[0], ps[1]}
pa := &ar
cp := ar
one := [1]*P{&ps[0]}
as := []any{1, "b", nil}
fs := []func(int) int{func(n int) int { return n + 1 }, nil}
es := []struct{}{{}, {}}
mm := map[string][2]P{"a": ar}
var sum int
for i := range 2 {
	ps[i].x += 10
	ps[i].in[1-i]++
	p := &ps[i].y
	*p *= 2
	pa[i].x = ps[1-i].x
	as[i], as[i+1] = as[i+1], as[i]
	es[i] = struct{}{}
	one[0].x++
	x := ps[i]
	x.x = 1000
	sum += mm["a"][i].x + cp[i].y + x.x
}
for i := uint8(0); i < 2; i++ {
	ar[i].y = int("xyz"[i])
	ls := Ls(ps[i:])
	ls[0].in[i] -= 100
}
fs[1] = fs[0]
fmt.Println(ps, ar, cp, as, fs[1](fs[0](1)), one[0].x, sum, len(es))
`
	const want = "[{13 4 [-97 5]} {15 12 [8 -92]}] [{5 120 [3 4]} {12 121 [7 8]}] [{1 2 [3 4]} {5 6 [7 8]}] [b <nil> 1] 3 13 2014 2\n"
	if got := newNotebook(t).play([]string{code}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := newNotebook(t).play([]string{"func f() {" + code + "}\nf()"}); got != want {
		t.Errorf("in a function got\n%swant\n%s", got, want)
	}
}
