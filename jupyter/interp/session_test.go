package interp

import (
	"context"
	"fmt"
	"image"
	"runtime"
	"strings"
	"testing"
)

func TestValuesShown(t *testing.T) {
	b := newNotebook(t)
	b.shows("1+1", "2")
	b.shows("x := 41")
	b.shows("x+1", "42")
	b.shows("x = 3")
	b.shows("x++")
	b.shows("x", "4")
	b.shows("fmt.Println(x)")
	b.shows("fmt.Sprint(x, \"a\")", "4a")
	b.shows("func() {}()")
	b.shows("func two() (int, string) { return 1, \"a\" }\ntwo()", "1", "a")
	b.shows("var e error\ne", "<nil>")
	b.shows("func fine() error { return nil }\nfine()")
	b.shows("(fine())")
	b.shows("func wrong() error { return errors.New(\"no\") }\nwrong().Error()", "no")
	b.shows("func none() any { return nil }\nnone()", "<nil>")
	b.shows("nil", "<nil>")
	b.shows("[]int{1, 2}", "[1 2]")
	b.shows("1\n2\n3", "3")
	b.shows("type P struct{ X, y int }\nP{1, 2}", "{1 2}")
	b.shows("type S string\nfunc (s S) String() string { return \"<\" + string(s) + \">\" }\nS(\"a\")", "<a>")
	b.shows("strings.ToUpper(\"a\")", "A")
	b.shows("'a'", "97")
	b.shows("0.5*math.Pi", "1.5707963267948966")
	b.shows("")
	b.shows("// nothing")
	b.shows("make(chan int) == nil", "false")
	b.shows("reflect.TypeOf(P{})", "main.P")
	b.shows("make(chan int, 3)", "chan int, 0 of 3 in it")
	b.shows("func(x int) string { return \"\" }", "func(int) string")
	b.shows("strings.ToUpper", "func(string) string")
}

// The table of what a notebook does over and over, as one compiled program
// would have it where Go has the notion.
func TestRedefinition(t *testing.T) {
	t.Run("variable of the same type", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("x := 1\nfunc f() int { return x }")
		b.ok("x := 7")
		b.shows("f()", "7")
		b.ok("var x int")
		b.shows("f()", "0")
	})
	t.Run("variable of another type", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("x := 1\nfunc f() int { return x }")
		b.ok("x := \"s\"")
		b.shows("x", "s")
		b.shows("f()", "1")
		b.ok("var x = x + \"t\"")
		b.shows("x", "st")
		b.ok("x := len(x)")
		b.shows("x", "2")
		b.ok("var y = x\nvar z int = x + 1")
		b.shows("y + z", "5")
	})
	t.Run("function", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("func f() int { return 1 }\nfunc g() int { return f() }")
		b.ok("func f() string { return \"a\" }")
		b.shows("f()", "a")
		b.shows("g()", "1")
		b.ok("func Id[T any](x T) T { return x }")
		b.shows("Id(3)", "3")
		b.ok("func Id[T any](x T) T { var z T; return z }")
		b.shows("Id(3)", "0")
		b.ok("f := 3")
		b.shows("f", "3")
	})
	t.Run("what uses it", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("func f() int { return 1 }")
		b.ok("func g() int { return f() * 10 }")
		b.ok("type T struct{}\nfunc (T) M() int { return g() }\ntype I interface{ M() int }\nvar i I = T{}\nclosure := g")
		b.ok("func f() int { return 2 }")
		b.shows("g()", "20")
		b.shows("i.M() + T{}.M()", "40")
		b.shows("closure()", "20") // a value keeps its body, not what that calls
		b.ok("func (T) M() int { return -1 }\nfunc viaM() int { return T{}.M() }")
		b.ok("func (T) M() int { return -2 }")
		b.shows("viaM()", "-2")
		b.ok("type P struct{ X int }")
		b.ok("func (p P) Sum() int { return p.X }\nfunc total(ps []P) (n int) { for _, p := range ps { n += p.Sum() }; return }")
		b.ok("old := P{5}")
		b.ok("type P struct{ X, Y int }")
		b.shows("total([]P{{1, 2}, {3, 4}})", "4")
		b.shows("old.Sum()", "5")
		e := b.bad("func f() int { return []int{}[n] }\nn := 3\ng()", "Panic", "in f", "in g")
		if !strings.Contains(plain(e), "Cell [2] 1:16 in g") {
			t.Errorf("g is not where it stands:\n%s", plain(e))
		}
		b.ok("func rec(n int) int { if n == 0 { return f2() }; return rec(n-1) }\nfunc f2() int { return 7 }")
		b.ok("func f2() int { return 8 }")
		b.shows("rec(3)", "8")
	})
	t.Run("type", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("type P struct{ X int }\nfunc (p P) Sum() int { return p.X }\nold := P{1}")
		b.ok("type P struct{ X, Y int }\nfunc (p P) Sum() int { return p.X + p.Y }")
		b.shows("P{1, 2}.Sum()", "3")
		b.shows("old.Sum()", "1")
		b.shows("old", "{1}")
		b.shows("fmt.Sprintf(\"%v %+v\", old, P{3, 4})", "{1} {X:3 Y:4}")
	})
	t.Run("the same cell twice", func(t *testing.T) {
		b := newNotebook(t)
		cell := "type P struct{ X int }\nfunc (p P) Get() int { return p.X }\ntype G interface{ Get() int }"
		b.ok(cell)
		b.ok("p := P{1}\nvar g G = p\nfunc use(p P) int { return p.Get() }")
		b.ok(cell)
		b.shows("use(P{2}) + use(p) + g.Get()", "4")
		b.ok("p = P{5}\ng = P{6}")
		b.shows("use(p) + g.Get()", "11")
		b.ok("type P struct{ X int }\nfunc (p P) Get() int { return -p.X }")
		b.shows("p.Get() + g.Get()", "-11")
	})
	t.Run("method", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("type P struct{ X int }\np := P{2}\nvar s fmt.Stringer")
		b.ok("func (p P) String() string { return \"P!\" }")
		b.shows("p.String()", "P!")
		b.ok("s = p")
		b.shows("s.String()", "P!")
		b.ok("func (p P) String() string { return \"P?\" }")
		b.shows("p.String()", "P?")
		b.ok("func (p *P) Add(n int) { p.X += n }\np.Add(3)")
		b.shows("p.X", "5")
	})
	t.Run("methods of a generic type, cell by cell", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("type Stack[T any] struct{ xs []T }")
		b.ok("func (s *Stack[T]) Push(x T) { s.xs = append(s.xs, x) }")
		b.ok("func (s *Stack[T]) Len() int { return len(s.xs) }\nfunc fill(s *Stack[int]) { s.Push(1); s.Push(2) }")
		b.ok("var st Stack[int]\nfill(&st)")
		b.shows("st.Len()", "2")
		b.ok("func (s *Stack[T]) Top() T { return s.xs[len(s.xs)-1] }")
		b.shows("st.Len() + st.Top()", "4") // what exists gets them, too
		b.shows("st.Top()", "2")
	})
	t.Run("constant and import", func(t *testing.T) {
		b := newNotebook(t)
		b.ok("const k = 1")
		b.ok("const k = \"a\"")
		b.shows("k", "a")
		b.ok("import \"fmt\"")
		b.ok("import \"fmt\"\nimport m \"math\"")
		b.shows("m.Floor(1.5)", "1")
		b.ok("type N int\nconst (A N = iota; B)")
		b.shows("B", "1")
	})
}

func TestLanguageAtTopLevel(t *testing.T) {
	b := newNotebook(t)
	b.ok("m := map[string]int{\"a\": 1}\nv, ok := m[\"a\"]")
	b.shows("ok", "true")
	b.ok("c := make(chan int, 1)\nc <- 5\nw, open := <-c")
	b.shows("w", "5")
	b.ok("var a any = 3\nn, isInt := a.(int)\nif s, ok := a.(string); ok { n = len(s) }")
	b.shows("n", "3")
	b.prints("switch x := a.(type) {\ncase int:\n\tfmt.Println(\"int\", x)\n}", "int 3\n")
	b.prints("var fs []func()\nfor i := 0; i < 3; i++ { fs = append(fs, func() { fmt.Print(i) }) }\nfor _, f := range fs { f() }", "012")
	b.prints("defer fmt.Println(\"end\")\nfmt.Println(\"begin\")", "begin\nend\n")
	b.prints("fmt.Println(\"next\")", "next\n")
	b.prints("a1 := 1\nif a1 := 2; a1 > 0 { a1 = 3 }\nfmt.Println(a1)", "1\n")
	b.prints("{ z := 1; z = z + 1 }\nfor i := range 2 { fmt.Print(i) }", "01")
	b.prints("var wg sync.WaitGroup\nvar mu sync.Mutex\nsum := 0\nfor i := range 4 { wg.Add(1); go func() { defer wg.Done(); mu.Lock(); sum += i; mu.Unlock() }() }\nwg.Wait()\nfmt.Print(sum)", "6")
	b.prints("if true { return }\nfmt.Println(\"not reached\")", "")
	b.prints("x := 1\nfunc show() { fmt.Println(x, later) }\nlater := 2\nshow()", "1 2\n")
}

func TestPrograms(t *testing.T) {
	b := newNotebook(t)
	b.prints("package main\n\nimport \"fmt\"\n\nvar x = f()\n\nfunc f() int { return y + 1 }\n\nvar y = 1\n\nfunc init() { x *= 10 }\n\nfunc main() { fmt.Println(x, y) }", "20 1\n")
	b.prints("x", "")
	b.prints("main()", "20 1\n")
	b.prints("func main() { fmt.Println(\"mine\") }", "")
	b.prints("main()", "mine\n")
}

func TestPredeclared(t *testing.T) {
	b := newNotebook(t)
	b.shows("must(strconv.Atoi(\"12\")) + 1", "13")
	e := b.bad("x := 1\nmust(strconv.Atoi(\"no\"))", "Error", "strconv.Atoi: parsing \"no\": invalid syntax", "Cell [2] 2:1")
	if strings.Contains(plain(e), "in must") {
		t.Errorf("the traceback shows the prelude:\n%s", plain(e))
	}
	b.shows("x", "1")
	b.shows("err := ctx.Err()\nerr", "<nil>")
	b.ok("ctx, cancel := context.WithCancel(ctx)\ncancel()")
	b.shows("ctx.Err()", "context canceled")
	b.ok("must := 3")
	b.shows("must", "3")
}

func TestWrongCellsChangeNothing(t *testing.T) {
	b := newNotebook(t)
	b.ok("x := 1\ntype P struct{ a int }\nfunc f() int { return 1 }")
	b.bad("x := \"s\"\nfunc f() string { return \"s\" }\ntype P int\ny + 1", "CompileError", "Cell [2] 4:1: undefined: y", "    y + 1", "    ^")
	b.shows("x + f()", "2")
	b.shows("P{2}", "{2}")
	b.bad("x := 5\nx = \"a\"", "CompileError")
	b.shows("x", "1")
}

func TestErrorsReadWell(t *testing.T) {
	b := newNotebook(t)
	e := b.bad("a := 1\n\tb := a + \"s\"\nc", "CompileError")
	want := "Cell [1] 2:7: invalid operation: a + \"s\" (mismatched types int and untyped string)\n    \tb := a + \"s\"\n    \t     ^\n\nCell [1] 3:1: undefined: c\n    c\n    ^"
	if got := plain(e); got != want {
		t.Errorf("traceback:\n%s\nwant:\n%s", got, want)
	}
	if e.Value != "Cell [1] 2:7: invalid operation: a + \"s\" (mismatched types int and untyped string) (and 1 more)" {
		t.Errorf("value %q", e.Value)
	}
	b.ok("func f(xs []int, i int) int {\n\ty := 1\n\treturn xs[i] + y\n}")
	e = b.bad("z := 1\nf([]int{1, 2, 3}, 5+z)", "Panic", "runtime error: index out of range [6] with length 3",
		"  Cell [2] 3:2 in f\n    \treturn xs[i] + y", "  Cell [3] 2:1\n    f([]int{1, 2, 3}, 5+z)")
	if e.Value != "runtime error: index out of range [6] with length 3" {
		t.Errorf("value %q", e.Value)
	}
	b.bad("var m map[string]int\nm[\"a\"] = 1", "Panic", "assignment to entry in nil map")
	b.bad("var p *struct{ X int }\np.X", "Panic", "invalid memory address or nil pointer dereference")
	b.bad("d := 0\n1 / d", "Panic", "integer divide by zero")
	b.bad("panic(fmt.Errorf(\"bad %d\", 3))", "Panic", "bad 3")
	b.bad("strings.Repeat(\"a\", -1)", "Panic", "strings: negative Repeat count", "in strings.Repeat")
	b.bad("var a any = \"s\"\na.(int)", "Panic", "interface conversion: interface {} is string, not int")
	b.bad("c := make(chan int)\nclose(c)\nclose(c)", "Panic", "close of closed channel")
	b.shows("func() (s string) { defer func() { s = fmt.Sprint(recover()) }(); panic(\"caught\") }()", "caught")
	b.bad("panic(\"second\")", "Panic", "second")
	b.shows("z", "1")
}

func TestExit(t *testing.T) {
	b := newNotebook(t)
	b.ok("x := 1")
	if e := b.bad("x = 2\nos.Exit(3)\nx = 3", "Exit"); e.Value != "os.Exit(3)" {
		t.Errorf("value %q", e.Value)
	}
	b.shows("x", "2")
	b.bad("go os.Exit(4)\nselect {}", "Exit", "os.Exit(4)")
	b.bad("defer func() { recover() }()\nos.Exit(5)", "Exit", "os.Exit(5)")
	b.shows("x", "2")
}

func TestPanicsInGoroutines(t *testing.T) {
	b := newNotebook(t)
	b.ok("x := 1")
	b.bad("go func() { panic(\"boom\") }()\nfor { x++ }", "Panic", "boom", "Cell [2] 1:")
	b.bad("go func() { var m map[int]int; m[1] = 1 }()\nselect {}", "Panic", "assignment to entry in nil map")
	b.bad("func bad() { panic(\"named\") }\ngo bad()\ntime.Sleep(time.Hour)", "Panic", "named", "in bad")
	b.shows("x > 0", "true")
	// A goroutine that outlives its cell.
	b.ok("gate := make(chan int)\ngo func() { <-gate; panic(\"late\") }()")
	b.ok("gate <- 1")
	if e := within(t, "late panic", b.late); e.Name != "Panic" || e.Value != "late" {
		t.Errorf("late failure %v", e)
	}
	b.ok("timed := make(chan int)\ntime.AfterFunc(0, func() { <-timed; panic(\"timer\") })")
	b.ok("timed <- 1")
	if e := within(t, "timer's panic", b.late); e.Value != "timer" {
		t.Errorf("late failure %v", e)
	}
	b.shows("func() (s any) { defer func() { s = recover() }(); panic(1) }()", "1")
}

func TestEval(t *testing.T) {
	b := newNotebook(t)
	b.ok("x := 20")
	r, e := b.Eval(context.Background(), "x + 1")
	if e != nil || len(r.Values) != 1 || r.Values[0] != any(21) {
		t.Errorf("x + 1: %v, %v", r, e)
	}
	for _, s := range []string{"y", "x := 3", "x = 1", "func f() {}", "", "x +", "for {}"} {
		if _, e := b.Eval(context.Background(), s); e == nil {
			t.Errorf("%q is an expression", s)
		}
	}
	b.shows("x", "20")
}

func TestMemory(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc >> 20
	}
	b := newNotebook(t)
	base := heap()
	for range 4 {
		b.ok("big := make([]byte, 100<<20)")
	}
	if h := heap() - base; h > 150 {
		t.Errorf("four runs of one cell hold %d MB", h)
	}
	b.ok("small := len(big)\nbig := small")
	b.shows("big == 100<<20", "true")
	if h := int64(heap()) - int64(base); h > 50 {
		t.Errorf("a variable that was replaced still holds %d MB", h)
	}
	b.ok("s := []int{1, 2}\np := &s\nq := []string{\"a\"}\nf := func() int { return len(q) }\nm := map[int]int{1: 1}")
	b.ok("s := 1\nq := 2\nm := 3")
	b.shows("len(*p) + f()", "3")
}

func ExampleSession() {
	s, err := New(Config{Packages: stock{}, Preload: map[string]string{"strings": "strings"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, code := range []string{"x := strings.Repeat(\"ab\", 2)", "x + \"!\"", "x + 1"} {
		r, e := s.Run(context.Background(), Cell{ID: uint64(i + 1), Count: i + 1, Code: code})
		if e != nil {
			fmt.Println(e)
			continue
		}
		fmt.Println(r.Values...)
	}
	// Output:
	//
	// abab!
	// CompileError: Cell [3] 1:1: invalid operation: x + 1 (mismatched types string and untyped int)
}

// A cell costs memory that stays, but little.
func TestMemoryOfManyCells(t *testing.T) {
	b := newNotebook(t)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC() // what finalizers of the first let go
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for range 200 {
		b.ok("x := 1\nx + 1")
	}
	before := heap()
	const n = 1000
	for range n {
		b.ok("x := 1\nx + 1")
	}
	per := (int64(heap()) - int64(before)) / n
	b.shows("x", "1") // keeps the session until here
	t.Logf("%d bytes a cell", per)
	if per > 40<<10 {
		t.Errorf("%d bytes a cell", per)
	}
}

// Front ends draw an image.Image, whoever wrote it.
func TestImageOfTheNotebook(t *testing.T) {
	b := newNotebook(t)
	b.ok(`import ("image"; "image/color")
type shade uint8
func (s shade) RGBA() (r, g, b, a uint32) { return uint32(s) * 257, 0, 0, 0xffff }
type ramp struct{ w int }
func (m ramp) ColorModel() color.Model { return color.RGBAModel }
func (m ramp) Bounds() image.Rectangle { return image.Rect(0, 0, m.w, 1) }
func (m ramp) At(x, y int) color.Color { return shade(x) }
type drawn struct{ ramp }
func (d drawn) PNG() ([]byte, error) { return []byte("own"), nil }`)
	for _, code := range []string{"ramp{3}", "&ramp{3}", "any(ramp{3})", "image.Image(ramp{3})"} {
		m, ok := b.ok(code).Values[0].(image.Image)
		if !ok {
			t.Errorf("%s is no image", code)
			continue
		}
		if r, _, _, _ := m.At(2, 0).RGBA(); m.Bounds().Dx() != 3 || r != 2*257 {
			t.Errorf("%s is %v, red %d at (2, 0), want a width of 3 and 514", code, m.Bounds(), r)
		}
	}
	if p, ok := b.ok("drawn{ramp{3}}").Values[0].(interface{ PNG() ([]byte, error) }); !ok {
		t.Error("a type with PNG does not say itself how it is to be shown")
	} else if got, err := p.PNG(); err != nil || string(got) != "own" {
		t.Errorf("PNG gives %q, %v", got, err)
	}
}
