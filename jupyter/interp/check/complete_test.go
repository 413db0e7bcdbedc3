package check

import "testing"

func TestCompleteness(t *testing.T) {
	rows := []struct{ code, status, indent, reason string }{
		{"", Complete, "", "nothing to wait for"},
		{"x := 1", Complete, "", "a statement"},
		{"x := 1\n", Complete, "", "a statement and its line end"},
		{"func f() {", Incomplete, "\t", "one open brace"},
		{"func f() {\n\tif true {", Incomplete, "\t\t", "two open braces"},
		{"func f() {\n\tif true {\n\t}", Incomplete, "\t", "one closed again"},
		{"func f() {\n}", Complete, "", "closed"},
		{"f(", Incomplete, "\t", "open call"},
		{"f(\n\t[]int{", Incomplete, "\t\t", "call and literal"},
		{"x :=", Incomplete, "", "Go goes on behind an operator"},
		{"x := 1 +", Incomplete, "", "Go goes on behind an operator"},
		{"x,", Incomplete, "", "a list on the left of an assignment"},
		{"a[0], *p, q.x,", Incomplete, "", "places of all kinds"},
		{"y := 1; x,", Incomplete, "", "behind another statement"},
		{"for i,", Incomplete, "", "a list in a header"},
		{"for i, v :=", Incomplete, "", "its range"},
		{"a b,", Invalid, "", "a list behind a fault"},
		{"x, y", Invalid, "", "the line end closes it"},
		{"a :=", Incomplete, "", "Go goes on behind :="},
		{"func f(", Incomplete, "\t", "open parameters"},
		{"if x {", Incomplete, "\t", "open body"},
		{"[]int{1,", Incomplete, "\t", "open literal"},
		{"switch x {case 1:", Incomplete, "\t", "an open switch on one line"},
		{"x.(", Incomplete, "\t", "an open assertion"},
		{"c <-", Incomplete, "", "a value to send"},
		{"if x {\n} else", Incomplete, "", "the other branch"},
		{"strings.", Incomplete, "", "a selector may go on in the next line"},
		{"var x", Invalid, "", "the line end closes the declaration"},
		{"s := `raw", Incomplete, "", "inside a raw string the indent would be text"},
		{"/* comment", Incomplete, "", "inside a comment"},
		{"s := \"abc", Invalid, "", "strings end on their line"},
		{"f)", Invalid, "", "nothing is open"},
		{"f(]", Invalid, "", "the wrong bracket"},
		{"a b", Invalid, "", "two operands"},
		{"if x == 1", Invalid, "", "a brace on the next line is wrong Go"},
		{"for i := 0; i < 3; i++ {", Incomplete, "\t", "a header with semicolons"},
		{"for i := 0; i < 3; i++ {\n}", Complete, "", "a loop"},
		{"import (", Incomplete, "\t", "open import"},
		{"type T struct {\n\tX int", Incomplete, "\t", "open struct"},
		{"undefined + 1", Complete, "", "types play no part"},
		{"x := 1 // {", Complete, "", "a brace in a comment"},
		{"s := \"{\"", Complete, "", "a brace in a string"},
		{"switch x {\ncase 1:", Incomplete, "\t", "a case in an open switch"},
		{"package main", Complete, "", "the clause is tolerated"},
		{"package foo", Invalid, "", "another clause is not"},
		{"x := 1\r\ny := 2\r\n", Complete, "", "line ends of Windows"},
	}
	for _, r := range rows {
		status, indent := Completeness(r.code)
		if status != r.status || indent != r.indent {
			t.Errorf("%q: %s %q, want %s %q: %s", r.code, status, indent, r.status, r.indent, r.reason)
		}
	}
}

func FuzzCompleteness(f *testing.F) {
	for _, s := range []string{"x := 1", "func f() {", "`", "/*", "for i := 0; i < 3; i++ {", "import . \"a\"; type T = T", "L: for {}\nfunc (a B) C(d) {}", "\x00\xff", "var x = x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if s, _ := Completeness(code); s == Unknown {
			t.Errorf("%q: unknown: something panicked", code)
		}
		p := split(code)
		for _, pc := range p.list {
			if pc.lead > pc.start || pc.start >= pc.end || pc.end > len(code) {
				t.Errorf("%q: piece %+v", code, pc)
			}
		}
		if b := p.only(code, stmtPiece, varPiece); len(b) != len(code) {
			t.Errorf("%q: %d bytes became %d", code, len(code), len(b))
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"x := 1", "type T = P\nfunc (t T) M() {}", "func (p P) M(int) {}", "var a, b = b, a", "type P P", "import . \"unsafe\"\nSizeof(p)", "func (p *P) x() {}", "type Q[T any] struct{ p P }\nfunc (q Q[T]) M() {}", "goto L\nL:", "p := p", "func (P) String() string { return `a` }\nvar _ S = p", "const c = len(p)", "func init() {}\nfunc main() {}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		c := New(Options{})
		for i, s := range []string{"type P struct{ x int }\ntype S interface{ String() string }\np := P{1}", code, "p.x", code} {
			cell, errs := c.Check(uint64(i+1), i+1, s)
			if errs != nil {
				for _, e := range errs {
					if e.Pos.Line < 1 || e.Pos.Column < 1 {
						t.Errorf("%q: error without a place: %v", code, e)
					}
				}
				continue
			}
			c.Commit(cell)
		}
	})
}
