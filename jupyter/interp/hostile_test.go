package interp

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hostile cells must be right or be refused by a sentence, soon, and leave the
// session as it was. says is part of the sentence; empty for a cell that is right.
var hostile = []struct{ name, code, says string }{
	{"no statement", "/* only a comment */", ""},
	{"semicolons", ";;", ""},
	{"another package", "package foo\nfunc F() {}", "a notebook is package main"},
	{"cgo", "import \"C\"\nC.puts(nil)", "cells have no cgo"},
	{"an embedded file", "import _ \"embed\"\n//go:embed x.txt\nvar s string", "read the file with os.ReadFile"},
	{"linkname", "//go:linkname now time.now\nfunc now()", "missing function body"},
	{"no body", "func body()\nbody()", "missing function body"},
	{"unsafe", "import \"unsafe\"\nx := 3\n*(*float64)(unsafe.Pointer(&x))", "not supported in a cell: unsafe.Pointer"},
	{"an unknown package", "import \"nope/nope\"\nnope.F()", "could not import nope/nope"},
	{"a bad byte", "x := \"\xff\"", "illegal UTF-8 encoding"},
	{"a bad byte in a comment", "// \xff\nx := 1", "illegal UTF-8 encoding"},
	{"NUL", "a := 1\x00", "invalid character NUL"},
	{"NUL in a string", "a := \"\x00\"", "invalid character NUL"},
	{"a byte order mark", "\ufeffx := 1", ""},
	{"one inside", "x\ufeff := 1", "illegal byte order mark"},
	{"an invisible letter", "x\u200b := 3", "invalid character U+200B"},
	{"typographic quotes", "fmt.Println(“x”)", "curly quotation mark"},
	{"lines of Windows", "a := 1\r\nb := `x\r\ny`\r\na + len(b)", ""},
	{"letters of the world", "π, größe, 日本, 𝒳 := 1, 2, 3, 4\ntype Ä struct{ Ö int }\nfmt.Sprint(π, größe, 日本, 𝒳, Ä{5})", ""},
	{"a type of itself", "type T struct{ T }", "invalid recursive type"},
	{"an array of itself", "type T [2]T", "invalid recursive type"},
	{"two types of one another", "type A struct{ B }\ntype B struct{ A }", "invalid recursive type"},
	{"an interface of itself", "type I interface{ I }", "invalid recursive type"},
	{"types that may", "type S []S\ntype M map[string]M\ntype F func() F\ntype P *P\ntype C chan C\nfmt.Sprint(S{S{}}, M{\"a\": nil}, F(nil) == nil)", ""},
	{"an endless type", "type G[T any] struct{ x *G[G[T]] }\nvar g G[int]", "endless instantiation of G"},
	{"two endless types", "type A[T any] struct{ b *B[[]T] }\ntype B[T any] struct{ a *A[[]T] }\nvar a A[int]", "endless instantiation of A"},
	{"an endless function", "func f[T any](n int, x T) { if n > 0 { f(n-1, []T{x}) } }\nf(3, 1)", "endless instantiation of f"},
	{"an endless method", "type L[T any] struct{}\nfunc (l L[T]) M(n int) int { if n == 0 { return 0 }; return L[*T]{}.M(n - 1) }\nL[int]{}.M(2)", "endless instantiation"},
	{"a constant of itself", "const x = x", "initialization cycle"},
	{"variables of one another", "var x = y\nvar y = x", "initialization cycle"},
	{"a huge shift", "const x = 1 << 100000", "invalid shift count"},
	{"a large constant", "const x = 1 << 500\nx >> 498", ""},
	{"constants that overflow", "var b byte = 256", "overflows"},
	{"a constant division by zero", "1 / 0", "division by zero"},
	{"nested parentheses", nest("x := ", "(", "1", ")"), "brackets stand more than 1000 deep"},
	{"open parentheses", nest("", "(", "", ""), "brackets stand more than 1000 deep"},
	{"nested blocks", nest("", "{", "", "}"), "brackets stand more than 1000 deep"},
	{"nested functions", nest("", "func() {", "", "}()"), "brackets stand more than 1000 deep"},
	{"nested ifs", nest("", "if true {", "", "}"), "brackets stand more than 1000 deep"},
	{"nested loops", nest("", "for {", "", "}"), "brackets stand more than 1000 deep"},
	{"nested literals", nest("x := []any", "{[]any", "{}", "}"), "brackets stand more than 1000 deep"},
	{"nested structs", nest("type T ", "struct{ F ", "int", "}"), "brackets stand more than 1000 deep"},
	{"nested calls", nest("x := ", "len([]int{", "", "})"), "brackets stand more than 1000 deep"},
	{"a deep slice type", "type T " + strings.Repeat("[]", 10000) + "int", ""},
	{"a deep pointer type", "type T " + strings.Repeat("*", 10000) + "int", ""},
	{"a variable of a deep slice type", "var x = " + strings.Repeat("[]", 10000) + "int{}", "a type of more than 300 levels"},
	{"a variable of a deep pointer type", "var p " + strings.Repeat("*", 10000) + "int", "a type of more than 300 levels"},
	{"a variable of a deep map type", "var m " + strings.Repeat("map[int]", 10000) + "int", "a type of more than 300 levels"},
	{"a variable of a deep array type", "var a " + strings.Repeat("[1]", 10000) + "int", "a type of more than 300 levels"},
	{"a deep type in a function", "func f() any { return " + strings.Repeat("[]", 10000) + "int{} }", "a type of more than 300 levels"},
	{"a deep type in a conversion", "fmt.Sprint((" + strings.Repeat("[]", 10000) + "int)(nil))", "a type of more than 300 levels"},
	{"a deep type as an argument", "func g[T any]() T { var x T; return x }\n_ = g[" + strings.Repeat("[]", 10000) + "int]()", "a type of more than 300 levels"},
	{"deep aliases", "type A0 = int\n" + chained(5000, "type A%d = []A%d\n") + "var x A5000", "a type of more than 300 levels"},
	{"a deep function type", "var x " + strings.Repeat("func() ", 10000) + "int", "a type of more than 300 levels"},
	{"a deep function type of parameters", "type F " + strings.Repeat("func(", 900) + "int" + strings.Repeat(")", 900), "a type of more than 300 levels"},
	{"a deep function type in a function", "func f() any { var x " + strings.Repeat("[]func() ", 5000) + "int; return x }", "a type of more than 300 levels"},
	{"pointers to pointers", "p0 := 1\n" + chained(2000, "p%d := &p%d\n"), "a type of more than 300 levels"},
	{"structs by name in one another", "type S0 int\n" + chained(5000, "type S%d struct{ x S%d }\n") + "var s S5000", "S300 holds more than 300 types in one another"},
	{"aliases that double", "type D0 = int\n" + chained(60, "type D%[1]d = struct{ a, b *D%[2]d }\n") + "var d D60", "a type of more than 100000 parts"},
	{"slices by name of one another", "type N0 int\n" + chained(5000, "type N%d []N%d\n") + "var n N5000\nlen(n)", ""},
	{"rings of slices by name", "type O0 []O300\n" + chained(300, "type O%d []O%d\n") + "var o O300\nfmt.Sprint(len(append(o, nil)))", ""},
	{"a type of 280 levels", "var x = " + strings.Repeat("[]", 280) + "int{}\nlen(x)", ""},
	{"a huge array", "var a [1 << 40]byte", "a value of 1024 GiB"},
	{"a huge array of arrays", "var a [1 << 30][1 << 10]int", "let make give a slice"},
	{"a huge array by size", "a := [...]byte{1 << 40: 1}", "a value of 1024 GiB"},
	{"a huge local array", "func f() int { var a [1 << 40]byte; return len(a) }", "a value of 1024 GiB"},
	{"a huge new array", "p := new([1 << 40]byte)", "a value of 1024 GiB"},
	{"a huge array in a struct", "type B struct{ a, b [1 << 29]int16 }\nvar b B", "a value of 2 GiB"},
	{"huge arrays in a slice", "s := make([][1 << 40]byte, 1)", "a value of 1024 GiB"},
	{"a huge array in a map", "m := map[string][1 << 40]byte{}\nm[\"a\"] = m[\"b\"]", "a value of 1024 GiB"},
	{"a huge array in a generic function", "func g[T any]() int { var a [1 << 30]T; return len(a) }\ng[[1 << 10]int]()", "a value of 8192 GiB"},
	{"a huge array of a generic type", "type V[T any] struct{ a [1 << 30]T }\nvar v V[int]", "a value of 8 GiB"},
	{"structs that double", "type W0 [1 << 20]int\n" + chained(10, "type W%[1]d struct{ a, b W%[2]d }\n") + "var w W10", "let make give a slice"},
	{"structs that double in the checker", "type X0 int\n" + chained(60, "type X%[1]d struct{ a, b X%[2]d }\n"), "parts, with those of the types that it holds"},
	{"structs by name in a function", "func f() {\ntype S0 int\n" + chained(1000, "type S%d struct{ x [2]S%d }\n") + "}", "S300 holds more than 300 types in one another"},
	{"150 structs by name in one another", "type Y0 int\n" + chained(150, "type Y%d struct{ x Y%d }\n") + "var y Y150\nfmt.Sprint(len(fmt.Sprint(y)))", ""},
	{"an array of nothing", "var a [1 << 40]struct{}\nlen(a)", ""},
	{"an array of 1 MiB", "var a [1 << 20]byte\nlen(a)", ""},
	{"many operators", "y := 1\nx := y" + strings.Repeat("+y", 10000), ""},
	{"many negations", "y := true\nx := " + strings.Repeat("!", 10000) + "y", ""},
	{"a long chain of elses", "y := 1\n" + strings.Repeat("if y == 0 { y = 2 } else ", 1000) + "{}", ""},
	{"a long name", strings.Repeat("x", 1000000) + " := 1", ""},
	{"a long string", "x := \"" + strings.Repeat("a", 5000000) + "\"\nlen(x)", ""},
	{"a long comment", "x := 1 //" + strings.Repeat("c", 5000000), ""},
	{"empty lines", strings.Repeat("\n", 200000) + "x := 1", ""},
	{"many functions", numbered(4000, "func fn%d(x int) int { return x }\n") + "fn3999(1)", ""},
	{"many lines", "x := 0\n" + strings.Repeat("x += 1\n", 50000) + "x", ""},
	{"many variables", numbered(50000, "x%[1]d := %[1]d\n") + "x49999", ""},
	{"many expressions", "y := 1\n" + numbered(20000, "y + %d\n") + "y", ""},
	{"expressions around init", "y := 1\ny + 1\nfunc init() {}\ny + 2\ny", ""},
	{"many numbers", "len([]int{" + numbered(50000, "%d, ") + "})", ""},
	{"many structs", "type P struct{ X int; Y float64 }\nlen([]P{" + numbered(20000, "{%d, 2}, ") + "})", ""},
	{"many keys", "len(map[string]int{" + numbered(20000, "\"k%d\": 1, ") + "})", ""},
	{"many cases", "n := 7\nswitch n {\n" + numbered(5000, "case %d: n++\n") + "}", ""},
	{"many closures", "fs := []func(int) int{\n" + numbered(5000, "func(x int) int { return x + %d },\n") + "}\nfs[4999](1)", ""},
	{"many closures by name", numbered(5000, "lit%d := func(x int) int { return x }\n") + "lit4999(1)", ""},
	{"a deep recursion", "func d(n int) int { if n == 0 { return 0 }; return d(n-1) + 1 }\nd(100000)", ""},
}

// nest is 10,000 levels of something.
func nest(head, open, middle, end string) string {
	return head + strings.Repeat(open, 10000) + middle + strings.Repeat(end, 10000)
}

// chained is numbered from 1 on, each with the number before it.
func chained(n int, format string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, format, i, i-1)
	}
	return b.String()
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestHostileCells(t *testing.T) {
	b := newNotebook(t)
	b.ok("keep := 42\ntype Keep struct{ A int }\nfunc kept() int { return keep }")
	for _, r := range hostile {
		start := time.Now()
		res, e := b.run(t.Context(), r.code)
		if took := time.Since(start); took > 20*time.Second { // the slowest takes 1.5 s of a free core
			t.Errorf("%s: takes %v", r.name, took)
		}
		short := r.code[:min(len(r.code), 100)]
		switch {
		case r.says == "" && e != nil:
			t.Errorf("%s: %.100q fails: %.300s", r.name, short, e)
		case r.says != "" && e == nil:
			t.Errorf("%s: %.100q is taken, and shows %v", r.name, short, res.Values)
		case e != nil && (!strings.Contains(e.Value, r.says) || e.Name == "InternalError" || strings.Contains(plain(e), "What the interpreter got")):
			t.Errorf("%s: %.100q fails with %.300s, want %s", r.name, short, e, r.says)
		}
		b.shows("Keep{kept()}", "{42}")
	}
	b.shows("fn3999(keep) + d(3)", "45")
}

// A cell may take the names of Go and of the notebook; the next may not miss
// those that it has not taken.
func TestTakenNames(t *testing.T) {
	for _, r := range []struct {
		code string
		want []string // what the code and then use show
		use  string
	}{
		{"ctx := 1\nctx", []string{"1", "3"}, "must(strconv.Atoi(\"3\"))"},
		{"must := 2\nmust", []string{"2", "true"}, "ctx.Err() == nil"},
		{"fmt := 3\nfmt", []string{"3", "A"}, "strings.ToUpper(\"a\")"},
		{"fmt := 3\nfmt", []string{"3", "x"}, "import \"fmt\"\nfmt.Sprint(\"x\")"},
		{"len := 3\nlen", []string{"3", "2"}, "cap([]int{1, 2})"},
		{"cap := func(x int) int { return x * 2 }\ncap(3)", []string{"6", "8"}, "cap(4)"},
		{"func append(x []float64, y float64) int { return 1 }\nappend(nil, 3)", []string{"1", "[0 0]"}, "make([]int, 2)"},
		{"func make(x float32) float32 { return x }\nmake(3)", []string{"3", "1"}, "len(append([]int{}, 1))"},
		{"type int string\nint(\"a\")", []string{"a", "3"}, "int64(3)"},
		{"int := 5\nint", []string{"5", "7"}, "int + 2"},
		{"true := false\ntrue", []string{"false", "2"}, "func() int8 { if true { return 1 }; return 2 }()"},
		{"nil := 3\nnil", []string{"3", "4"}, "nil + 1"},
		{"type error string\nerror(\"x\")", []string{"x", "e"}, "errors.New(\"e\")"},
		{"type any int\nany(3)", []string{"3", "x"}, "fmt.Sprint(\"x\")"},
		{"string := \"s\"\nstring", []string{"s", "x"}, "fmt.Sprint(\"x\")"},
		{"func panic(x string) string { return \"P\" + x }\npanic(\"a\")", []string{"Pa", "Pb"}, "panic(\"b\")"},
		{"func recover() float64 { return 3 }\nrecover()", []string{"3", "3"}, "recover()"},
		{"iota := 4\niota", []string{"4", "5"}, "iota + 1"},
	} {
		b := newNotebook(t)
		b.ok("keep := 42\nfunc kept() int { return keep }")
		b.shows(r.code, r.want[0])
		b.shows(r.use, r.want[1])
		b.shows("kept()", "42")
	}
}
