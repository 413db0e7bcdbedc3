package interp

import (
	"context"
	"strings"
	"testing"
)

// What compiled Go 1.26 says when it ends of these panics, less "panic: ".
var panicTexts = []struct{ code, want string }{
	{"var p *struct{ x int }; _ = p.x", "runtime error: invalid memory address or nil pointer dereference"},
	{"var p *[3]int; i := 1; p[i] = 2", "runtime error: invalid memory address or nil pointer dereference"},
	{"var e error; e.Error()", "runtime error: invalid memory address or nil pointer dereference"},
	{"var f func(int) int; f(1)", "runtime error: invalid memory address or nil pointer dereference"},
	{"i := -1; s := []int{1, 2, 3}; s[i] = 3", "runtime error: index out of range [-1]"},
	{"i := 5; s := [3]int{1, 2, 3}; fmt.Println(s[i])", "runtime error: index out of range [5] with length 3"},
	{"i := 5; s := \"abc\"; fmt.Println(s[i])", "runtime error: index out of range [5] with length 3"},
	{"x := []int{1}; i := 3; x[i]++", "runtime error: index out of range [3] with length 1"},
	{"x := []int{1}; i := 3; x[i], x[0] = 1, 2", "runtime error: index out of range [3] with length 1"},
	{"x := []int{1}; f := func() int { return 3 }; x[f()] = 1", "runtime error: index out of range [3] with length 1"},
	{"x := []int{1}; f := func() int { return 3 }; x[f()] += 1", "runtime error: index out of range [3] with length 1"},
	{"i := 5; s := \"abc\"; fmt.Println(s[i:])", "runtime error: slice bounds out of range [5:3]"},
	{"i := 5; s := []int{1, 2, 3}; fmt.Println(s[:i])", "runtime error: slice bounds out of range [:5] with capacity 3"},
	{"i := 5; s := [3]int{1, 2, 3}; fmt.Println(s[:i])", "runtime error: slice bounds out of range [:5] with length 3"},
	{"i := 5; s := &[3]int{1, 2, 3}; fmt.Println(s[0:1:i])", "runtime error: slice bounds out of range [::5] with length 3"},
	{"i, j := 3, 2; s := []int{1, 2, 3}; fmt.Println(s[0:i:j])", "runtime error: slice bounds out of range [:3:2]"},
	{"slices.Insert([]int{1}, 5, 2)", "runtime error: slice bounds out of range [5:1]"},
	{"z := 0; fmt.Println(1 % z)", "runtime error: integer divide by zero"},
	{"var a any; fmt.Println(a.(int))", "interface conversion: interface {} is nil, not int"},
	{"var a any = 1; fmt.Println(a.(fmt.Stringer))", "interface conversion: int is not fmt.Stringer: missing method String"},
	{"var a any; fmt.Println(a.(fmt.Stringer))", "interface conversion: interface is nil, not fmt.Stringer"},
	{"type T struct{}; var a any = T{}; fmt.Println(a.(*T))", "interface conversion: interface {} is main.T, not *main.T"},
	{"var e error = io.EOF; fmt.Println(e.(interface{ Foo() }))", "interface conversion: *errors.errorString is not interface { Foo() }: missing method Foo"},
	{"c := make(chan int); close(c); c <- 1", "send on closed channel"},
	{"var c chan int; close(c)", "close of nil channel"},
	{"var m map[string]map[string]int; m[\"a\"][\"b\"]++", "assignment to entry in nil map"},
	{"n := -1; _ = make([]int, n)", "runtime error: makeslice: len out of range"},
	{"n := 1 << 62; _ = make([]int, n)", "runtime error: makeslice: len out of range"},
	{"n := -1; _ = make([]int, 0, n)", "runtime error: makeslice: cap out of range"},
	{"n := -1; _ = make(chan int, n)", "makechan: size out of range"},
	{"m := map[any]int{}; m[[]int{1}] = 2", "runtime error: hash of unhashable type []int"},
	{"var a, b any = []int{1}, []int{1}; fmt.Println(a == b)", "runtime error: comparing uncomparable type []int"},
	{"s := []int{1, 2}; fmt.Println([3]int(s))", "runtime error: cannot convert slice with length 2 to array or pointer to array with length 3"},
	{"x := -1; fmt.Println(1 << x)", "runtime error: negative shift amount"},
	{"panic(nil)", "panic called with nil argument (use GODEBUG=panicnil=1 to disable)"},
	{"panic(2.5)", "2.5"},
	{"panic('x')", "120"},
	{"panic(fmt.Sprintf(\"a %d\", 3))", "a 3"},
	{"panic(fmt.Errorf(\"w %w\", io.EOF))", "w EOF"},
	{"type S string; panic(S(\"q\"))", `main.S("q")`},
	{"type N int; panic(N(3))", "main.N(3)"},
	{"type S int; func (S) String() string { return \"S!\" }; panic(S(3))", "S!"},
	{"type E struct{ c int }; func (e *E) Error() string { return fmt.Sprint(\"code \", e.c) }; panic(&E{4})", "code 4"},
	{"type T struct{ A, b int }; panic(T{1, 2})", "(main.T) {A:1 b:2}"}, // DIFFERS: the compiler shows an address for the value
	{"panic([]int{1})", "([]int) [1]"}, // likewise
	{"reflect.ValueOf(1).Len()", "reflect: call of reflect.Value.Len on int Value"},
	{"for i := range func(yield func(int) bool) { yield(1); yield(2) } { _ = i; break }", "runtime error: range function continued iteration after function for loop body returned false"},
}

func TestPanicTexts(t *testing.T) {
	for _, r := range panicTexts {
		b := newNotebook(t)
		_, e := b.run(context.Background(), r.code)
		if e == nil || e.Name != "Panic" || e.Value != r.want && !strings.HasPrefix(r.want, e.Value+" (") {
			t.Errorf("%s\nfails with %v, want %s", r.code, e, r.want)
			continue
		}
		if strings.Contains(e.Value, "\x1b") || !strings.HasPrefix(e.Traceback[0], "\x1b[31mPanic\x1b[0m: ") {
			t.Errorf("%s\ncolours belong into the traceback alone: %q %q", r.code, e.Value, e.Traceback[0])
		}
	}
}

// Tracebacks as they read, behind their first line. The first cell declares
// s := []int{1}, k := 5 and func f(i int) int { return s[i] }.
var tracebacks = []struct{ name, code, want string }{
	{"which of several calls", "f(0)\nf(9)\nf(0)", "  Cell [1] 2:21 in f\n    func f(i int) int { return s[i] }\n  Cell [2] 2:1\n    f(9)"},
	{"a literal and what called it", "g := func() {\n\tpanic(1)\n}\ng()", "  Cell [2] 2:2\n    \tpanic(1)\n  Cell [2] 4:1\n    g()"},
	{"lines of one statement", "x := f(0) +\n\tf(0) +\n\tf(9)", "  Cell [1] 2:21 in f\n    func f(i int) int { return s[i] }\n  Cell [2] 3:3\n    \tf(9)"},
	{"arguments in lines", "fmt.Println(\n\ts[0],\n\ts[k],\n)", "  Cell [2] 3:3\n    \ts[k],"},
	{"the call after its arguments", "strings.Repeat(\n\t\"a\",\n\tf(0)-2,\n)", "  in strings.Repeat\n  Cell [2] 1:1\n    strings.Repeat("},
	{"a native call after one of ours", "func g() {\n\tfmt.Print()\n\tstrings.Repeat(\"a\", f(0)-2)\n}\ng()", "  in strings.Repeat\n  Cell [2] 3:2 in g\n    \tstrings.Repeat(\"a\", f(0)-2)\n  Cell [2] 5:1\n    g()"},
	{"an index after a call", "x := f(0) + s[k]", "  Cell [2] 1:1\n    x := f(0) + s[k]"},
	{"a chain of calls", "x := strings.NewReplacer().\n\tReplace(\"a\") + strings.\n\tRepeat(\"b\", -1)", "  in strings.Repeat\n  Cell [2] 3:2\n    \tRepeat(\"b\", -1)"},
	{"a literal in lines", "x := map[string]int{\n\t\"a\": 1,\n\t\"b\": s[k],\n}", "  Cell [2] 3:8\n    \t\"b\": s[k],"},
	{"a case", "switch k {\ncase 1:\ncase s[k]:\n}", "  Cell [2] 3:6\n    case s[k]:"},
	{"a condition behind a statement", "if x := 3; s[k] > x {\n}", "  Cell [2] 1:12\n    if x := 3; s[k] > x {"},
	{"the target of a range", "for s[k] = range 3 {\n}", "  Cell [2] 1:5\n    for s[k] = range 3 {"},
	{"recursion", "func rec(n int) int {\n\tif n == 0 {\n\t\tpanic(\"bottom\")\n\t}\n\treturn rec(n-1) + 1\n}\nrec(5)", "  Cell [2] 3:3 in rec, called by itself 5 times\n    \t\tpanic(\"bottom\")\n  Cell [2] 7:1\n    rec(5)"},
	{"a panic on top of another", "defer func() {\n\tpanic(\"second\")\n}()\npanic(\"first\")", "  raised while panicking with: first\n  Cell [2] 2:2\n    \tpanic(\"second\")\n  Cell [2] 4:1\n    panic(\"first\")"},
	{"a panic raised anew", "defer func() {\n\tr := recover()\n\tpanic(fmt.Sprint(r, \" again\"))\n}()\npanic(\"first\")", "  raised by a function that had recovered: first\n  Cell [2] 3:2\n    \tpanic(fmt.Sprint(r, \" again\"))\n  Cell [2] 5:1\n    panic(\"first\")"},
	{"a panic passed on", "defer func() { panic(recover()) }()\npanic(\"first\")", "  Cell [2] 1:16\n    defer func() { panic(recover()) }()\n  Cell [2] 2:1\n    panic(\"first\")"},
	{"three of them", "defer func() { defer func() { panic(3) }(); panic(2) }()\npanic(1)", "  raised while panicking with: 1\n  raised while panicking with: 2\n  Cell [2] 1:31\n    defer func() { defer func() { panic(3) }(); panic(2) }()\n  Cell [2] 2:1\n    panic(1)"},
	{"one that was over", "func() { defer func() { recover() }(); panic(\"inner\") }()\npanic(\"outer\")", "  Cell [2] 2:1\n    panic(\"outer\")"},
	{"one that package fmt has recovered", "type S int\nfunc (S) String() string {\n\treturn fmt.Sprint(s[k])\n}\nfmt.Fprint(io.Discard, S(1))\nf(9)", "  Cell [1] 2:21 in f\n    func f(i int) int { return s[i] }\n  Cell [2] 6:1\n    f(9)"},
	{"one that native code passes on", "type M struct{}\nfunc (M) MarshalJSON() ([]byte, error) {\n\treturn nil, errors.New(fmt.Sprint(s[k]))\n}\njson.Marshal(M{})", "  Cell [2] 3:2 in M.MarshalJSON\n    \treturn nil, errors.New(fmt.Sprint(s[k]))\n  Cell [2] 5:1\n    json.Marshal(M{})"},
	{"of a goroutine", "done := make(chan int)\ngo func() {\n\tdefer close(done)\n\ts[k] = 1\n}()\n<-done", "  Cell [2] 4:2\n    \ts[k] = 1"},
	{"of a comparison", "sort.Slice([]int{1, 2}, func(i, j int) bool {\n\tpanic(\"less\")\n})", "  Cell [2] 2:2\n    \tpanic(\"less\")\n  Cell [2] 1:1\n    sort.Slice([]int{1, 2}, func(i, j int) bool {"},
}

func TestTracebacks(t *testing.T) {
	for _, r := range tracebacks {
		t.Run(r.name, func(t *testing.T) {
			b := newNotebook(t)
			b.ok("s, k := []int{1}, 5\nfunc f(i int) int { return s[i] }")
			_, got, _ := strings.Cut(plain(b.bad(r.code, "Panic")), "\n")
			if got != r.want {
				t.Errorf("%s\nreads\n%s\nwant\n%s", r.code, got, r.want)
			}
		})
	}
}

// A wide letter takes two columns, a mark none, a tab what it takes.
func TestCarets(t *testing.T) {
	for _, r := range []struct{ code, want string }{
		{"\tx := \"日本\" + 1", "    \tx := \"日本\" + 1\n    \t     ^"},
		{"s := \"日本\"; t := s + 1", "    s := \"日本\"; t := s + 1\n          \u3000\u3000        ^"},
		{"größe := 1; b := größe + \"a\"", "    größe := 1; b := größe + \"a\"\n                     ^"},
		{"e := \"e\u0301\"; b := 1 + \"a\"", "    e := \"e\u0301\"; b := 1 + \"a\"\n                   ^"},
		{"s := \"👍\"; t := 1 + s", "    s := \"👍\"; t := 1 + s\n          \u3000        ^"},
	} {
		b := newNotebook(t)
		e := b.bad(r.code, "CompileError")
		if _, got, _ := strings.Cut(plain(e), "\n"); got != r.want {
			t.Errorf("%s\nreads\n%s\nwant\n%s", r.code, got, r.want)
		}
	}
}

// The closures of a large function are made in functions of their own: a panic
// in one is told as ever, and each has its own variables and those around it.
func TestManyClosures(t *testing.T) {
	b := newNotebook(t)
	b.ok("n := 0\nfunc table(k int) []func(int) int {\n\treturn []func(int) int{\n" +
		numbered(200, "\t\tfunc(x int) int { n += x; y := %d; add := func() int { y++; return y }; add(); return add() / (x - 7) },\n") +
		"\t\tfunc(x int) int { return x + k },\n\t}\n}\na, b := table(1), table(2)")
	b.shows("fmt.Sprint(a[5](8), b[5](8), a[199](8), a[200](8), b[200](8), n)", "7 7 201 9 10 24")
	_, e := b.run(context.Background(), "a[5](7)")
	if text := plain(e); !strings.Contains(text, "Cell [1] 9:") || !strings.Contains(text, "y := 5;") {
		t.Errorf("the line of the division is not told:\n%s", text)
	}
}
