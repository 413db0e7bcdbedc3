package interp

import (
	"context"
	"math/rand"
	"strings"
	"testing"
)

// pool are cells that redefine one another's names in every way.
var pool = []string{
	"type T struct{ X int }", "type T struct{ X, Y int }", "type T int", "type T []string",
	"func (t T) M() int { return 1 }", "func (t T) M() int { return 2 }", "func (t *T) M() int { return 3 }", "func (t T) M() string { return f() }",
	"func (t T) String() string { return \"T\" }", "func (t *T) N(g G[int]) int { return g.Get() }",
	"func f() int { return 1 }", "func f() string { return \"s\" }", "func f[A any](a A) A { return a }",
	"func g() int { return len(x) }", "func callM() int { var t T; return t.M() }", "callM()", "func g() int { return f() }", "func g() int { return k }",
	"const k = 1", "const k = \"k\"", "k := 3", "var k = f()",
	"x := \"text\"", "x := []int{1, 2}", "x := T{}", "var x any = T{}", "x := f", "x, y := 1, \"y\"", "var x, y = y, x",
	"type I interface{ M() int }", "var i I = T{}", "var i I = &T{}", "i.M()", "i = nil", "type I interface{ fmt.Stringer }",
	"type G[A any] struct{ a A }", "func (g G[A]) Get() A { return g.a }", "func (g *G[A]) Set(a A) { g.a = a }", "var gg G[int]", "gg.Set(3); gg.Get()", "type G[A any] []A", "func useG(g *G[string]) string { g.Set(\"a\"); return g.Get() }",
	"useG(&G[string]{})", "fmt.Println(x, k)", "fmt.Sprint(T{}, i)", "g()", "f()", "T{}.M()", "(&T{}).M()", "x", "type A = T", "func (a A) ViaA() int { return 1 }", "A{}.ViaA()",
	"type E struct{ T; G[int] }", "E{}.M()", "E{}.Get()", "import f \"fmt\"", "f.Sprint(1)", "strings := 1", "import \"strings\"", "strings.ToUpper(\"a\")",
	"func init() { x = x }", "defer func() { recover() }(); panic(i)", "h := func() int { return g() }", "h()", "type T struct{ next *T; I }", "switch v := any(i).(type) { case T: v.M(); case *T: v.M(); case nil: }",
	"package main\nfunc main() { fmt.Print(g()) }", "main()", "func must() {}", "ctx := 1", "must(1, nil)", "type k int", "var T = 3", "func T() {}", "type f = int",
}

// TestAnySequenceOfCells runs the pool in random order: whatever the cells do
// to each other, an error is the reader's or says a limit, and the session
// lives.
func TestAnySequenceOfCells(t *testing.T) {
	seen := map[string]int{}
	for seed := range int64(8) {
		rng := rand.New(rand.NewSource(seed))
		b := newNotebook(t)
		var past []string
		for range 150 {
			code := pool[rng.Intn(len(pool))]
			past = append(past, code)
			_, e := b.run(context.Background(), code)
			if e == nil {
				seen["ok"]++
				continue
			}
			seen[e.Name]++
			if e.Name == "InternalError" || strings.Contains(e.Value, "internal error") || e.Name == "InterpreterLimit" && !strings.Contains(e.Value, "not supported") {
				t.Fatalf("seed %d:\n%s\n\n%s", seed, strings.Join(past, "\n---\n"), plain(e))
			}
		}
		b.shows("1 + 1", "2")
	}
	t.Logf("%v", seen)
	if seen["ok"] < 300 {
		t.Errorf("hardly a cell ran: %v", seen)
	}
}
