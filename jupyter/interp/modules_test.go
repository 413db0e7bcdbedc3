package interp

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/interp/module"
	"surprisal/jupyter/interp/module/moduletest"
)

// withModules is a notebook beside a go.mod that requires what the cache holds.
func withModules(t *testing.T, gomod string, cache, beside map[string]string) *notebook {
	t.Helper()
	dir := t.TempDir()
	if gomod != "" {
		moduletest.Write(t, dir, map[string]string{"go.mod": gomod})
	}
	moduletest.Write(t, dir, beside)
	t.Setenv("PATH", os.Getenv("PATH"))
	return newNotebookWith(t, module.New(module.Options{Dir: dir, Getenv: moduletest.Env(moduletest.Cache(t, cache))}))
}

var shapes = map[string]string{
	"example.com/shapes@v1.2.0/go.mod": "module example.com/shapes\ngo 1.21\nrequire example.com/units v0.1.0\n",
	"example.com/shapes@v1.2.0/shape.go": `// Package shapes is a module under test.
package shapes

import (
	"errors"
	"fmt"
	"sort"
	"sync/atomic"

	"example.com/shapes/internal/log"
	"example.com/units"
)

type Shape interface {
	Area() units.Area
	private()
}

type Square struct {
	Side units.Length
	note string
}

func (s Square) Area() units.Area { return units.Area(s.Side * s.Side) }
func (Square) private()           {}
func (s *Square) Note(text string) { s.note = text }
func (s Square) String() string   { return fmt.Sprintf("square %v%s", s.Side, s.note) }

var ErrFlat = errors.New("shapes: flat")

type SizeError struct{ Side units.Length }

func (e *SizeError) Error() string { return fmt.Sprintf("shapes: side %v", e.Side) }
func (e *SizeError) Unwrap() error { return ErrFlat }

func New(side units.Length) (Square, error) {
	if side <= 0 {
		return Square{}, &SizeError{side}
	}
	made.Add(1)
	return Square{Side: side}, nil
}

func Must(side units.Length) Square {
	s, err := New(side)
	if err != nil {
		panic(err)
	}
	return s
}

var made atomic.Int64

func Made() int64 { return made.Load() }

var (
	order = log.Add("order")     // reads first, although it stands before
	first = units.Start + " first"
	table = map[string]units.Length{"unit": 1, "double": 2}
	Default Shape = Square{Side: 3}
)

func Order() []string { return append([]string{first}, log.Lines...) }
func Named(name string) units.Length { return table[name] }

func init() { log.Add("init 1") }
func init() { log.Add("init 2 " + order) }

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }
func (s *Stack[T]) Len() int { return len(s.items) }

func Sorted[S ~[]E, E units.Ordered](s S) S {
	s = append(S(nil), s...)
	sort.Slice(s, func(i, j int) bool { return s[i] < s[j] })
	return s
}

func Total(shapes ...Shape) (a units.Area) {
	for _, s := range shapes {
		a += s.Area()
	}
	return a
}

func Last(xs []int) int { return xs[len(xs)-1+Offset] }

var Offset int
`,
	"example.com/shapes@v1.2.0/internal/log/log.go": `package log

var Lines []string

func Add(s string) string {
	Lines = append(Lines, s)
	return s
}
`,
	"example.com/units@v0.1.0/go.mod": "module example.com/units\ngo 1.18\n",
	"example.com/units@v0.1.0/units.go": `package units

type Length float64
type Area float64

type Ordered interface{ ~int | ~float64 | ~string }

var Start = begin()

func begin() string { return "units" }
`,
}

const lab = "module lab\ngo 1.24\nrequire example.com/shapes v1.2.0\n"

func TestModuleInCells(t *testing.T) {
	b := withModules(t, lab, shapes, nil)
	b.shows(`import "example.com/shapes"
shapes.Order()`, "[units first order init 1 init 2 order]")
	b.shows(`shapes.Order()`, "[units first order init 1 init 2 order]") // ran once
	b.prints(`s := shapes.Must(2)
fmt.Printf("%T %v %+v\n", s, s, s)`, "shapes.Square square 2 square 2\n")
	b.prints(`s.Note("!")
fmt.Println(s, s.Area())`, "square 2! 4\n")
	b.prints(`import "example.com/units"
var l units.Length = s.Side
_, err := shapes.New(-l)
var size *shapes.SizeError
fmt.Println(err, errors.Is(err, shapes.ErrFlat), errors.As(err, &size), size.Side)
fmt.Printf("%T %T\n", err, l)`, "shapes: side -2 true true -2\n*shapes.SizeError units.Length\n")
	b.prints(`fmt.Println(shapes.Total(s, shapes.Default), shapes.Made(), shapes.Named("double"))`, "13 1 2\n")
	b.prints(`var st shapes.Stack[string]
st.Push("a")
fmt.Println(st.Len(), shapes.Sorted([]int{3, 1, 2}))
fmt.Printf("%T\n", st)`, "1 [1 2 3]\nshapes.Stack[string]\n")
	// a notebook type cannot have a method that belongs to the package
	b.prints(`type mine struct{}
func (mine) Area() units.Area { return 1 }
func (mine) private() {}
_, ok := any(mine{}).(shapes.Shape)
_, ok2 := any(s).(shapes.Shape)
_, ok3 := any(s).(interface{ private() })
fmt.Println(ok, ok2, ok3)`, "false true false\n")
	b.bad(`var sh shapes.Shape = mine{}`, "CompileError", "mine does not implement shapes.Shape")
	b.bad(`shapes.nothing()`, "CompileError", "nothing")
	b.prints(`shapes.Offset = -1
fmt.Println(shapes.Last([]int{1, 2}))`, "1\n")
}

// A panic in a module shows the cell, and what was in between as one line.
func TestPanicInModule(t *testing.T) {
	b := withModules(t, lab, shapes, nil)
	e := b.bad("import \"example.com/shapes\"\nfunc f() shapes.Square {\n\treturn shapes.Must(-1)\n}\n_ = f()", "Panic", "shapes: side -1", "in shapes.Must", "Cell [1] 3:2 in f")
	if s := plain(e); strings.Contains(s, "shape.go") || strings.Count(s, "shapes.Must") != 2 {
		t.Errorf("frames of the module are not folded:\n%s", s)
	}
	b.bad("shapes.Last([]int{})", "Panic", "index out of range [-1]", "in shapes.Last", "Cell [2] 1:1")
}

// What cannot run, or cannot be had, is said at the import; the cell has then
// done nothing, and the session goes on.
func TestModuleRefused(t *testing.T) {
	one := func(text string) map[string]string {
		return map[string]string{"example.com/x@v1.0.0/x.go": "package x\n" + text}
	}
	with := func(m map[string]string, name, text string) map[string]string {
		m["example.com/x@v1.0.0/"+name] = text
		return m
	}
	for _, test := range []struct {
		reason string
		cache  map[string]string
		want   []string
	}{
		{"cgo only", map[string]string{"example.com/x@v1.0.0/x.go": "package x\nimport \"C\"\n"}, []string{"Cell [2] 1:8", "needs cgo (x.go:2)"}},
		{"cgo in one of its files", with(one("func F() int { return inC() }"), "c.go", "package x\nimport \"C\"\nfunc inC() int { return 1 }\n"), []string{"undefined: inC", "may be in cgo (c.go:2)"}},
		{"assembly", with(one("func F() int { return fast() }\nfunc fast() int\n"), "x_amd64.s", ""), []string{"x.go:3", "in x.fast", "has no Go body: it is written in assembly"}},
		{"linkname", one("import _ \"unsafe\"\n//go:linkname now time.now\nfunc now() int64\nfunc F() int64 { return now() }\n"), []string{"x.go:4", "go:linkname"}},
		{"unsafe in a method", one("import \"unsafe\"\ntype T struct{ a, b int }\nfunc (t *T) M() int { return t.m() }\nfunc (t *T) m() int { return *(*int)(unsafe.Pointer(t)) }\n"), []string{"x.go:5", "in x.(*T).m", "unsafe.Pointer"}},
		{"unsafe in a variable", one("import \"unsafe\"\nvar y = 1\nvar X = *(*uint)(unsafe.Pointer(&y))\n"), []string{"x.go:4", "unsafe.Pointer"}},
		{"a web of goto", one("func F(n int) {\na:\n\tn++\nb:\n\tn++\nc:\n\tn++\n\tif n < 5 { goto a }\n\tif n < 7 { goto b }\n\tif n < 9 { goto c }\n}\n"), []string{"x.F", "goto"}},
		{"reflection that would see boxes", one("import \"reflect\"\nfunc F(x interface{}) interface{} { return reflect.ValueOf(x).Field(0).Interface() }\n"), []string{"x.go:3", "in x.F", "reflect.Value.Field, which would see the interpreter's types"}},
		{"embedded files", one("import _ \"embed\"\n//go:embed x.go\nvar S string\n"), []string{"embeds files (//go:embed x.go"}},
		{"does not parse", one("func F( {"), []string{"does not parse", "x@v1.0.0/x.go:2"}},
		{"does not compile", one("func F() int { return \"\" }"), []string{"cannot be used", "x@v1.0.0/x.go:2", "cannot use \"\""}},
		{"import cycle", map[string]string{"example.com/x@v1.0.0/x.go": "package x\nimport _ \"example.com/x/y\"\n", "example.com/x@v1.0.0/y/y.go": "package y\nimport _ \"example.com/x\"\n"}, []string{"import cycle: example.com/x imports example.com/x/y imports example.com/x"}},
		{"a package that is nowhere", one("import _ \"example.com/z\"\n"), []string{"no module that has package example.com/z", "imported by example.com/x"}},
		{"a standard package that is not there", one("import _ \"nothing\"\n"), []string{"could not import nothing"}},
	} {
		b := withModules(t, "module lab\ngo 1.24\nrequire example.com/x v1.0.0\n", test.cache, nil)
		b.ok("n := 1")
		for range 2 { // the second time as the first
			b.n = 1
			e := b.bad("import \"example.com/x\"\nn = 2\nfmt.Print(x.F, n)", "CompileError", append(test.want, "could not import example.com/x")...)
			if strings.Contains(plain(e), "undefined: x") {
				t.Errorf("the error has an echo:\n%s", plain(e))
			}
			if t.Failed() {
				t.Fatalf("%s", test.reason)
			}
		}
		b.shows("n", "1")
		b.bad("x.F()", "CompileError", "undefined: x")
	}
}

// Of a package that can run in part, the rest is named at the import, and a cell
// that comes to it, over whatever, is refused before it runs.
func TestModuleInPart(t *testing.T) {
	b := withModules(t, "module lab\ngo 1.24\nrequire example.com/x v1.0.0\n", map[string]string{
		"example.com/x@v1.0.0/x.go": `package x
import "unsafe"
type T struct{ N int }
func (t T) Good() int { return t.N }
func (t *T) Bits() int { return bits(t) }
func bits(t *T) int { return *(*int)(unsafe.Pointer(t)) }
func Good() int { return 1 }
func Bad() int { return bits(&T{2}) }
var one = 1
var Word = (*uint)(unsafe.Pointer(new(int)))
`,
		"example.com/x@v1.0.0/y/y.go": "package y\nimport \"example.com/x\"\nfunc Sum() int { return x.Good() + x.Bad() }\nfunc One() int { return x.Good() }\n",
		"example.com/x@v1.0.0/z/z.go": "package z\nimport \"example.com/x\"\nvar Z = x.Bad()\nfunc One() int { return 1 }\n",
	}, nil)
	stderr := os.Stderr
	os.Stderr = b.out
	t.Cleanup(func() { os.Stderr = stderr })
	const where = "x@v1.0.0/x.go:6: in x.bits: not supported in the interpreter: unsafe.Pointer"
	b.prints("import \"example.com/x\"\nfmt.Println(x.Good(), x.T{3}.Good())", "package example.com/x works in cells without Bad, T.Bits, Word: "+where+"\n1 3\n")
	b.prints("import \"example.com/x\"\nfmt.Println(x.Good())", "1\n") // said once
	b.ok("n := 1\nvar t x.T")
	for _, use := range []string{"n = x.Bad()", "f := x.Bad\nn = f()", "n = t.Bits()", "f := t.Bits\nn = f()", "f := (*x.T).Bits\nn = f(&t)", "func F() int { return x.Bad() }", "var i interface{ Bits() int } = &t\nn = i.Bits()"} {
		b.bad("n = 2\n"+use, "InterpreterLimit", where)
	}
	b.bad("n = 2\n_ = x.Word", "InterpreterLimit", "x.go:10: in package x", "unsafe.Pointer")
	b.shows("n", "1")
	b.prints("import \"example.com/x/y\"\nfmt.Println(y.One())", "package example.com/x/y works in cells without Sum: "+where+"\n1\n")
	b.bad("n = y.Sum()", "InterpreterLimit", where)
	b.bad("import \"example.com/x/z\"", "CompileError", "package example.com/x/z cannot run in a cell", where)
	b.shows("n + y.One() + t.Good()", "2")
}

// A package whose initialisation fails is as if it had not been imported.
func TestModuleInitFails(t *testing.T) {
	b := withModules(t, "module lab\nrequire example.com/x v1.0.0\n", map[string]string{
		"example.com/x@v1.0.0/x.go":     "package x\nimport \"os\"\nimport \"example.com/x/ok\"\nfunc init() {\n\tif os.Getenv(\"SURPRISAL_X\") == \"\" {\n\t\tpanic(\"not yet\")\n\t}\n}\nfunc N() int { return ok.N }\n",
		"example.com/x@v1.0.0/ok/ok.go": "package ok\nvar N = next()\nvar n int\nfunc next() int { n++; return n }\n",
	}, nil)
	b.bad("import \"example.com/x\"", "Panic", "not yet", "while package example.com/x was initialised, which this cell imports")
	b.bad("x.N()", "CompileError", "undefined: x")
	b.ok(`os.Setenv("SURPRISAL_X", "1")`)
	b.shows("import \"example.com/x\"\nx.N()", "1")
}

func TestModuleInitInterrupted(t *testing.T) {
	b := withModules(t, "module lab\nrequire example.com/x v1.0.0\n", map[string]string{
		"example.com/x@v1.0.0/x.go": "package x\nfunc init() { for {} }\n",
	}, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, e := b.run(ctx, `import "example.com/x"`); e == nil || e.Name != "Interrupted" {
		t.Errorf("an endless init: %v", e)
	}
	b.shows("1", "1")
}

// A wrong cell runs nothing, so not even the init functions of what it imports.
func TestWrongCellRunsNoInit(t *testing.T) {
	b := withModules(t, "module lab\nrequire example.com/x v1.0.0\n", map[string]string{
		"example.com/x@v1.0.0/x.go": "package x\nimport \"fmt\"\nfunc init() { fmt.Println(\"init\") }\n",
	}, nil)
	b.bad("import \"example.com/x\"\nundefined()", "CompileError", "undefined: undefined")
	if out := b.printed(); out != "" {
		t.Errorf("a wrong cell printed %q", out)
	}
	b.prints(`import _ "example.com/x"`, "init\n")
}

// Source from before Go 1.22 has one variable a loop.
func TestModuleLoopVariables(t *testing.T) {
	text := `package x
func For() (out []int) {
	var fs []func() int
	for i := 0; i < 3; i++ {
		fs = append(fs, func() int { return i })
	}
	for _, f := range fs {
		out = append(out, f())
	}
	return out
}
func Range() (out []int) {
	var ps []*int
	for _, x := range []int{5, 6, 7} {
		ps = append(ps, &x)
	}
	for _, p := range ps {
		out = append(out, *p)
	}
	return out
}
func Map() int {
	ps := map[*string]bool{}
	for k, v := range map[string]bool{"a": true, "b": true} {
		ps[&k] = v
	}
	return len(ps)
}
`
	for gover, want := range map[string]string{"1.21": "[3 3 3] [7 7 7] 1\n", "1.22": "[0 1 2] [5 6 7] 2\n"} {
		b := withModules(t, "module lab\nrequire example.com/x v1.0.0\n", map[string]string{
			"example.com/x@v1.0.0/go.mod": "module example.com/x\ngo " + gover + "\n", "example.com/x@v1.0.0/x.go": text,
		}, nil)
		b.prints("import \"example.com/x\"\nfmt.Println(x.For(), x.Range(), x.Map())", want)
	}
}

// Two packages may each have an unexported method of the same name.
func TestUnexportedMethodsOfTwoPackages(t *testing.T) {
	b := withModules(t, "module lab\nrequire example.com/x v1.0.0\n", map[string]string{
		"example.com/x@v1.0.0/go.mod": "module example.com/x\ngo 1.18\n",
		"example.com/x@v1.0.0/a/a.go": "package a\ntype I interface{ m() int }\ntype T struct{}\nfunc (T) m() int { return 1 }\nfunc Call(v any) int {\n\tif i, ok := v.(I); ok {\n\t\treturn i.m()\n\t}\n\treturn 0\n}\n",
		"example.com/x@v1.0.0/b/b.go": "package b\nimport \"example.com/x/a\"\ntype T struct{}\nfunc (T) m() int { return 2 }\ntype E struct{ a.T }\nfunc (E) m() int { return 3 }\n",
	}, nil)
	b.shows("import (\"example.com/x/a\"; \"example.com/x/b\")\na.Call(a.T{})*100 + a.Call(b.T{})*10 + a.Call(b.E{})", "101")
}

// Goroutines of a module belong to the cell: a panic there is its error.
func TestGoroutineOfModule(t *testing.T) {
	b := withModules(t, "module lab\nrequire example.com/x v1.0.0\n", map[string]string{
		"example.com/x@v1.0.0/x.go": "package x\nfunc Go(f func()) chan bool {\n\tc := make(chan bool)\n\tgo func() { f(); close(c) }()\n\treturn c\n}\n",
	}, nil)
	b.bad("import \"example.com/x\"\n<-x.Go(func() { panic(\"late\") })", "Panic", "late")
	b.shows("<-x.Go(func() {})", "false")
}

func TestOwnModuleAndReplacement(t *testing.T) {
	b := withModules(t, "module lab\ngo 1.24\nrequire example.com/r v1.0.0\nreplace example.com/r => ./r\n", nil, map[string]string{
		"filters/f.go": "package filters\nimport \"example.com/r\"\nfunc Twice(n int) r.N { return r.N(2 * n) }\n",
		"r/go.mod":     "module example.com/r\n", "r/r.go": "package r\ntype N int\nfunc (n N) String() string { return \"N\" }\n",
	})
	b.prints("import \"lab/filters\"\nimport \"example.com/r\"\nvar n r.N = filters.Twice(4)\nfmt.Printf(\"%v %d %T\\n\", n, n, n)", "N 8 r.N\n")
}

func TestGetInASession(t *testing.T) {
	t.Setenv("PATH", "") // no Go toolchain
	var said bytes.Buffer
	cache := moduletest.Cache(t, shapes)
	b := newNotebookWith(t, module.New(module.Options{Dir: t.TempDir(), Getenv: moduletest.Env(cache), Progress: &said, Preload: "what this test has"}))
	b.bad(`import "example.com/shapes"`, "CompileError", "could not import example.com/shapes", "preloaded are what this test has", `notebook.Get("example.com/shapes@v1.2.0")`)
	if err := b.Get("example.com/shapes@v1.2.0"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "is in the module cache") {
		t.Errorf("Get says %q", &said)
	}
	b.shows("import \"example.com/shapes\"\nshapes.Must(3).Area()", "9")
	if err := b.Get("example.com/shapes@v1.3.0"); err == nil || !strings.Contains(err.Error(), "restart the kernel") {
		t.Errorf("another version of a module in use: %v", err)
	}
	b.shows("shapes.Must(3).Area()", "9")
	c := b.Complete("shapes.Mu", 9)
	if len(c.Matches) != 1 || !strings.Contains(c.Matches[0].Signature, "side units.Length") {
		t.Errorf("completion in a module: %+v", c)
	}
	if i := b.Inspect("shapes.Must", 9, 0); !i.Found || !strings.Contains(i.Text, "side units.Length") {
		t.Errorf("inspection in a module: %+v", i)
	}
}

// A real module, of our own go.mod: google/uuid against the compiled one.
func TestRealModule(t *testing.T) {
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	b := newNotebookWith(t, module.New(module.Options{Dir: dir}))
	b.prints(`import "github.com/google/uuid"
u := uuid.MustParse("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}")
fmt.Println(u, u == uuid.NameSpaceDNS, u.Version(), u.Variant(), uuid.NewMD5(u, []byte("www.example.com")))
_, err := uuid.Parse("x")
fmt.Printf("%v %T %v\n", err, u, uuid.IsInvalidLengthError(err))
text, _ := json.Marshal(map[string]any{"id": u})
fmt.Println(string(text))`,
		// RFC 9562, A.2 and our uuid v1.6.0, compiled
		"6ba7b810-9dad-11d1-80b4-00c04fd430c8 true VERSION_1 RFC4122 5df41881-3aed-3515-88a7-2f4a814cf09e\n"+
			"invalid UUID length: 1 uuid.UUID true\n"+`{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8"}`+"\n")
}
