package lower

import (
	"strings"
	"testing"
)

// A closure in a frame of its own costs 3 µs, and one without it, whose calls
// return on other goroutines, a nil dereference once in 300,000.
func TestWhereClosuresAreMade(t *testing.T) {
	for _, c := range []struct {
		name, body string
		own        bool // a frame of its own
	}{
		{"outside of loops", "keep(func() {})", false},
		{"given away in a loop", "for range 2 { keep(func() {}) }", true},
		{"given away by way of a variable", "for range 2 { h := func() {}; keep(h) }", true},
		{"stored", "for range 2 { kept = func() {} }", true},
		{"given to native code that starts it", "for range 2 { time.AfterFunc(0, func() {}) }", true},
		{"given to native code that forgets it", "for range 2 { sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] }) }", false},
		{"called where it stands", "for range 2 { func() {}() }", false},
		{"called by its name", "for range 2 { h := func() {}; h() }", false},
		{"called by a closure that is given away", "for range 2 { h := func() {}; keep(func() { h() }) }", true},
		{"body of a range over a function", "for range 2 { for range seq {} }", false},
		{"goroutine", "for range 2 { go func() {}() }", false},
		{"goroutine with an argument", "for i := range 2 { go func(int) {}(i) }", false},
		{"given away behind a label of goto", "n := 0\nagain:\nkeep(func() {})\nif n++; n < 2 { goto again }", true},
		{"in a function that is made in a loop", "for range 2 { func() { keep(func() {}) }() }", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook(t)
			if _, err := b.eval("import (\"sort\"; \"time\")\nvar kept func()\nvar xs = []int{2, 1}\nfunc keep(f func()) { kept = f }\nfunc seq(yield func() bool) { yield() }\nvar _, _ = sort.Ints, time.Now"); err != nil {
				t.Fatal(err)
			}
			if _, err := b.eval(c.body); err != nil {
				t.Fatal(err)
			}
			if own := strings.Contains(b.text, "{ return func("); own != c.own {
				t.Errorf("a frame of its own: %v, want %v\n%s", own, c.own, numbered(b.text))
			}
		})
	}
}

// A goroutine ends before its closure returns.
func TestGoroutinesEndInTheirClosure(t *testing.T) {
	for _, code := range []string{"go func() { return }()", "go func(n int) int { return n }(1)", "go println(1)", "var f func()\nif f != nil { go f() }"} {
		b := newBook(t)
		if _, err := b.eval(code); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.text, "rt.End()\n}") {
			t.Errorf("%s\n%s", code, numbered(b.text))
		}
	}
}
