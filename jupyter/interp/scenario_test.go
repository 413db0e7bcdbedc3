package interp

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// scenario is a notebook: its cells, and what they print, show (=> value) and
// fail with (!! Name: first line).
type scenario struct {
	name  string
	cells []string
	want  string
	why   string // what an interpreter without checking and lowering does
}

// play runs the cells and writes down what a reader sees.
func (b *notebook) play(cells []string) string {
	var s strings.Builder
	at := 0
	for _, c := range cells {
		r, e := b.run(context.Background(), c)
		all := b.printed()
		s.WriteString(all[at:])
		at = len(all)
		for _, v := range r.Values {
			fmt.Fprintf(&s, "=> %v\n", v)
		}
		if e != nil {
			first, _, _ := strings.Cut(e.Value, "\n")
			fmt.Fprintf(&s, "!! %s: %s\n", e.Name, first)
		}
	}
	return s.String()
}

func TestScenarios(t *testing.T) {
	for _, group := range [][]scenario{cellScenarios, languageScenarios, interfaceScenarios, libraryScenarios, panicScenarios, foundScenarios, furtherScenarios, callScenarios, orderScenarios, behindScenarios, channelScenarios, textScenarios, boxScenarios} {
		for _, r := range group {
			t.Run(r.name, func(t *testing.T) {
				if got := newNotebook(t).play(r.cells); got != r.want {
					t.Errorf("%s\n%s\ngives:\n%s\nwant:\n%s", r.why, strings.Join(r.cells, "\n---\n"), got, r.want)
				}
			})
		}
	}
}

// What cells are to one another.
var cellScenarios = []scenario{
	{"a value, another of its name, another type", []string{"x := 41", "x+1", "x := 1\nx", "x := \"s\"\nx"}, "=> 42\n=> 1\n=> s\n", "the plainest notebook"},
	{"a variable redefined under a function", []string{"var x = 1\nfunc f() int { return x }", "var x = 7", "f()"}, "=> 7\n", "the function keeps the old variable"},
	{"var with a type, again and of another", []string{"var x int = 2", "var x int = 3\nx", "var x string = \"a\"\nx"}, "=> 3\n=> a\n", "re-running a cell is the commonest edit"},
	{"var from an earlier cell", []string{"x := 41", "var y = x\nvar z int = x + 1", "fmt.Println(y, z)"}, "41 42\n", "variable definition loop, and later y is 0"},
	{"a function of another signature", []string{"func f() int { return 1 }", "func f(s string) string { return s }", "f(\"a\")"}, "=> a\n", "old callers keep the old function"},
	{"a generic function redefined", []string{"func f[T any](x T) T { return x }\nf(3)", "func f[T any](x T) (z T) { return }", "f(3)"}, "=> 3\n=> 0\n", "instances of the old one are cached"},
	{"a struct redefined", []string{"type P struct{ X int }", "type P struct{ X float64 }", "P{1.5}.X / 2"}, "=> 0.75\n", "silently keeps the old fields"},
	{"a type redefined with its methods", []string{"type P struct{ X int }\nfunc (p P) Get() int { return p.X }", "type P struct{ Y int }\nfunc (p P) Get() int { return p.Y }", "P{Y: 4}.Get()"}, "=> 4\n", "undefined selector"},
	{"a function that becomes a variable", []string{"func c() int { return 1 }\nfunc d() int { return c() }", "var c = 5", "c + d()"}, "note: d of Cell [1] does not fit the new c and keeps the earlier: Cell [1] 2:23: invalid operation: cannot call c (variable of type int): int is not a function; define d again if it is to use the new\n=> 6\n", "redeclared in this block"},
	{"one method redefined", []string{"type P struct{}\nfunc (P) M() int { return 1 }", "func (P) M() int { return 2 }", "P{}.M()"}, "=> 2\n", "silently runs the old body"},
	{"a method added", []string{"type P struct{ n int }", "func (p *P) Inc() { p.n++ }", "p := P{1}\np.Inc()\np.n"}, "=> 2\n", "go/types has no such notion"},
	{"several results", []string{"func f() (int, string) { return 1, \"a\" }\na, b := f()\nfmt.Println(a, b)", "f()"}, "1 a\n=> 1\n=> a\n", "only the first comes back"},
	{"a deferred call at the top", []string{"defer fmt.Println(\"end\")\nfmt.Println(\"start\")", "fmt.Println(\"next\")"}, "start\nend\nnext\n", "runs again in every later cell"},
	{"comma-ok at the top", []string{"m := map[string]int{\"a\": 1}\nv, ok := m[\"b\"]\nfmt.Println(v, ok)", "if v, ok := m[\"a\"]; ok { fmt.Println(v) }"}, "0 false\n1\n", "panics past the interpreter"},
	{"an import in the middle, a function, then statements", []string{"x := 2\nimport \"math\"\nfunc sq(v float64) float64 { return v * v }\nfmt.Println(math.Sqrt(sq(float64(x))))"}, "2\n", "does not parse"},
	{"an import twice", []string{"import \"fmt\"", "import \"fmt\"\nfmt.Println(1)"}, "1\n", "redeclared in this block"},
	{"a literal called first", []string{"func() { fmt.Println(\"in\") }()"}, "in\n", "shows a useless pointer"},
	{"var and type before statements", []string{"var n = 1\ntype M map[string]int\nm := M{\"a\": n}\nm[\"a\"]"}, "=> 1\n", "expected declaration"},
	{"several expressions", []string{"1\n2\n3"}, "=> 3\n", "the last is shown"},
	{"a program", []string{"package main\nimport \"fmt\"\nfunc main() { fmt.Println(\"main\") }", "fmt.Println(\"later\")"}, "main\nlater\n", "main runs after every later cell"},
	{"init", []string{"var v = 1\nfunc init() { v = 5 }", "v"}, "=> 5\n", "a program calls it"},
	{"blank, comment, letters of the world, raw text", []string{"", "// nothing", "größe := `a\\n`\ngröße"}, "=> a\\n\n", "each is a cell"},
	{"an undefined name", []string{"x := 1\ny := undefined1\nz := undefined2"}, "!! CompileError: Cell [1] 2:6: undefined: undefined1 (and 1 more)\n", "first error only, its column 27 off"},
	{"a failed cell defines nothing", []string{"func a() int { return 1 }\nfunc b() int { return nope }", "a()"}, "!! CompileError: Cell [1] 2:23: undefined: nope\n!! CompileError: Cell [2] 1:1: undefined: a\n", "symbols stay half defined"},
	{"unused variable and import", []string{"import \"os\"\nx := 1"}, "", "the next cell may use them"},
	{"unused at the top", []string{"import \"strings\"\nx, err := 1, error(nil)\nvar y int", "x + y"}, "=> 1\n", "refused, though a later cell may use it"},
	{"unused inside a function", []string{"func f() { x := 1 }", "h := func() { x := 1; x = 2 }", "if true { x := 1 }", "for i, v := range []int{1} { fmt.Println(i) }", "switch x := any(1).(type) { case int: }", "func g() { x := 1; func() { x = 2 }() }", "f := func() int { x := 1; return func() int { return x }() }\nf()"},
		"!! CompileError: Cell [1] 1:12: declared and not used: x\n!! CompileError: Cell [2] 1:15: declared and not used: x\n!! CompileError: Cell [3] 1:11: declared and not used: x\n!! CompileError: Cell [4] 1:8: declared and not used: v\n!! CompileError: Cell [5] 1:8: x declared and not used\n!! CompileError: Cell [6] 1:12: declared and not used: x\n=> 1\n", "tolerated, as if a later cell could use it"},
	{"a name that hides a package", []string{"len := 3\nlen", "fmt := \"f\"\nfmt"}, "=> 3\n=> f\n", "a notebook's own name wins"},
}

var languageScenarios = []scenario{
	{"closures count", []string{"c := func() func() int { n := 0; return func() int { n++; return n } }()", "c()\nc()"}, "=> 2\n", "state lives on"},
	{"loop variables", []string{"var fs []func() int\nfor i := 0; i < 3; i++ { fs = append(fs, func() int { return i }) }\nfor _, f := range fs { fmt.Print(f(), \" \") }"}, "0 1 2 ", "3 3 3"},
	{"range over int, function, labels and goto", []string{"for i := range 3 { fmt.Print(i) }\nseq := func(yield func(int) bool) { for i := 5; yield(i); i++ {} }\nouter: for i := range seq { for j := range seq { if j == 7 { continue outer }; if i == 6 { break outer }; fmt.Print(\" \", i, j) } }\nn := 0\nagain: n++\nif n < 3 { goto again }\nfmt.Print(\" \", n)"}, "012 5 5 5 6 3", "panic: nil type"},
	{"return inside range over a function", []string{"func find(want int) (at int) {\n\tfor i := range func(yield func(int) bool) { _ = yield(1) && yield(2) && yield(3) } {\n\t\tif i == want { return i * 10 }\n\t}\n\treturn -1\n}\nfmt.Println(find(2), find(9))"}, "20 -1\n", "panic: nil type"},
	{"min max clear new", []string{"m := map[int]int{1: 1}\nclear(m)\np := new(41)\nfmt.Println(min(3, 1, 2), max(2.5, 1), len(m), *p)"}, "1 2.5 0 41\n", "undefined: min; new(41) points to 0"},
	{"inference", []string{"func Map[T, U any](xs []T, f func(T) U) (r []U) { for _, x := range xs { r = append(r, f(x)) }; return }\nfunc Sum[T int | float64](xs ...T) (s T) { for _, x := range xs { s += x }; return }\nfunc Keys[M ~map[K]V, K comparable, V any](m M) (r []K) { for k := range m { r = append(r, k) }; return }\nfmt.Println(Map([]int{1, 2}, func(i int) float64 { return float64(i) / 2 }), Sum(1, 2, 3), Sum(1.5), Keys(map[string]int{\"a\": 1}))"}, "[0.5 1] 6 1.5 [a]\n", "undefined type for T"},
	{"a generic result at the top", []string{"type Pair[A, B any] struct { A A; B B }\nfunc MkPair[A, B any](a A, b B) Pair[A, B] { return Pair[A, B]{a, b} }\np := MkPair(1, 2.5)\nfmt.Printf(\"%v %T\\n\", p, p)"}, "{1 2.5} main.Pair[int,float64]\n", "panic: nil reflect type"},
	{"generic types", []string{"type Node[T any] struct { v T; next *Node[T] }\ntype List[T any] struct{ head *Node[T] }\nfunc (l *List[T]) Push(v T) { l.head = &Node[T]{v, l.head} }\nfunc (l *List[T]) All() (r []T) { for n := l.head; n != nil; n = n.next { r = append(r, n.v) }; return }\ntype Set[T comparable] map[T]struct{}\nfunc (s Set[T]) Add(v T) { s[v] = struct{}{} }\nvar l List[string]\nl.Push(\"a\")\nl.Push(\"b\")\ns := Set[int]{}\ns.Add(3)\nfmt.Println(l.All(), len(s))"}, "[b a] 1\n", "pointer methods, linked lists, sets"},
	{"a constraint with methods", []string{"type S interface { ~int; String() string }\ntype N int\nfunc (n N) String() string { return fmt.Sprint(\"N\", int(n)) }\nfunc show[T S](x T) string { return x.String() }\nshow(N(3))"}, "=> N3\n", "only explicit instances work"},
	{"method value and expression", []string{"type P struct{ x int }\nfunc (p P) Add(n int) int { return p.x + n }\nf := P{1}.Add\ng := P.Add\nh := (*P).Add\nfmt.Println(f(2), g(P{2}, 3), h(&P{5}, 1))"}, "3 5 6\n", "too many input arguments"},
	{"constants", []string{"x := 0.5 * math.Pi\nconst big = 1 << 100\ny := big >> 98\nz := 0.5*math.Ln2 + 1\nfmt.Println(x, y, z > 1.34)"}, "1.5707963267948966 4 true\n", "mismatched types"},
	{"an inner block leaves the outer variable", []string{"a := 1\nif a := 2; a > 0 { a = 3 }\n{ a := a + 10; _ = a }\nfmt.Println(a)"}, "1\n", "prints 2"},
	{"append that reads what it writes", []string{"s := []int{0, 1, 2, 3}\ns = append(s[:2], 5, s[2])\ni := 0\nm := map[int]int{}\ni, m[i] = 1, 2\nfmt.Println(s, m)"}, "[0 1 5 2] map[0:2]\n", "5 twice; the new i"},
	{"range with =", []string{"i, s := -1, []int{4, 5}\nfor i = range s {}\nfmt.Println(i)\nfor i, r := range \"a\\xffb\" { fmt.Print(i, r, \" \") }"}, "1\n0 97 1 65533 2 98 ", "leaves -1; wrong offsets"},
	{"defer evaluates its arguments", []string{"func p(i int, xs ...string) { fmt.Print(i, xs, \" \") }\nfunc f() { for i := range 2 { defer p(i, \"x\") } }\nf()"}, "1 [x] 0 [x] ", "2 2"},
	{"initialisation order", []string{"var a = f()\nvar b = 2\nfunc f() int { return b + 1 }\nvar v, ok = map[string]int{\"a\": 7}[\"a\"]", "fmt.Println(a, v, ok)"}, "3 7 true\n", "1, silently"},
	{"initialisation order before statements", []string{"var a = f()\nfunc f() int { return b + 1 }\nvar b = 2\nfmt.Println(a, b)\nc := a\nvar d = c\nfmt.Println(d)", "a + b + d"}, "3 2\n3\n=> 8\n", "undefined: b"},
	{"a variable that statements declare anew", []string{"var err error\nn, err := strconv.Atoi(\"1\")\nfmt.Println(n, err)", "var n = n + 1\nfmt.Println(n)"}, "1 <nil>\n2\n", "redeclared in this block"},
	{"blank fields and pointers to themselves", []string{"type B struct { _ int; a int; _ string }\nb := B{a: 2}\nfmt.Println(b.a, b == B{a: 2})"}, "2 true\n", "duplicate field"},
	{"select", []string{"c, d := make(chan int32, 1), make(chan int)\na := []int{0}\nselect { case c <- 7: fmt.Print(\"sent \") }\ngo func() { d <- 9 }()\nselect { case a[0] = <-d: }\nselect { case v := <-d: fmt.Print(v); default: fmt.Print(\"none \") }\nfmt.Println(<-c, a)"}, "sent none 7 [9]\n", "int is not assignable to int32"},
	{"shifts and untyped constants", []string{"var u uint8 = 200\nvar n uint = 3\nfmt.Println(u<<1, 1<<n, int64(1)<<40, ^u, -7/2, -7>>1, uint32(1)<<31)"}, "144 8 1099511627776 55 -3 -4 2147483648\n", "Uint on int Value"},
	{"goroutines", []string{"var wg sync.WaitGroup\nvar mu sync.Mutex\nsum := 0\nfor i := range 10 { wg.Add(1); go func() { defer wg.Done(); mu.Lock(); defer mu.Unlock(); sum += i }() }\nwg.Wait()\nselect { case <-time.After(time.Millisecond): fmt.Println(sum) }"}, "45\n", "WaitGroup, Mutex, time.After"},
}

var interfaceScenarios = []scenario{
	{"verbs of a struct", []string{"type P struct{ X, y int }\nfmt.Printf(\"%v %+v %#v %T\\n\", P{1, 2}, P{1, 2}, P{1, 2}, &P{})"}, "{1 2} {X:1 y:2} main.P{X:1, y:2} *main.P\n", "y prints as Xy, %T as a struct"},
	{"type switch without a binding", []string{"type T struct{ X int }\nfunc (T) M() {}\nfunc k(v any) string { switch v.(type) { case T: return \"T\"; case *T: return \"*T\"; case error: return \"error\" }; return \"none\" }\nfmt.Println(k(T{}), k(&T{}), k(io.EOF), k(1))"}, "T *T error none\n", "none none none none"},
	{"types of equal structure", []string{"type T struct{ X int }\ntype U struct{ X int }\ntype C int\nvar a, b any = T{1}, U{1}\n_, isC := any(1).(C)\n_, isInt := any(C(1)).(int)\nfmt.Println(a == b, isC, isInt, any(C(1)) == any(C(1)))"}, "false false false true\n", "taken for the same type"},
	{"assertion to a notebook interface", []string{"type I interface{ M() int }\ntype A struct{ n int }\nfunc (a A) M() int { return a.n }\ntype B struct{ n int }\nfunc (b *B) M() int { return b.n }\nfor _, v := range []any{A{1}, &B{2}, B{3}, 4} { i, ok := v.(I); if ok { fmt.Print(i.M(), \" \") } else { fmt.Print(\"no \") } }"}, "1 2 no no ", "silently false for pointers"},
	{"an embedded interface", []string{"type I interface{ M() string }\ntype A struct{}\nfunc (A) M() string { return \"A\" }\ntype C struct{ I }\nfmt.Println(C{A{}}.M())\ntype M struct{ n int }\nfunc (m M) M() int { return m.n }\ntype E struct{ M }\nfmt.Println(E{M{3}}.M.M())"}, "A\n3\n", "nil dereference in the compiler"},
	{"a notebook error", []string{"type ME struct{ C int }\nfunc (e ME) Error() string { return fmt.Sprint(\"ME\", e.C) }\nvar e error = ME{4}\nw := fmt.Errorf(\"w: %w\", e)\nvar me ME\nfmt.Println(e.Error(), w, errors.Is(w, ME{4}), errors.As(w, &me), me.C)", "func() { defer func() { r := recover(); _, isErr := r.(error); m, isME := r.(ME); fmt.Println(isErr, isME, m.C) }(); panic(ME{5}) }()"}, "ME4 w: ME4 true true 4\ntrue true 5\n", "Method index out of range; errors.Is false"},
	{"joined errors", []string{"type E struct{}\nfunc (E) Error() string { return \"E\" }\nj := errors.Join(io.EOF, E{})\nu, ok := j.(interface{ Unwrap() []error })\nfmt.Println(ok, len(u.Unwrap()), errors.Is(j, E{}))"}, "true 2 true\n", "false"},
	{"Stringer at any depth", []string{"type S int\nfunc (s S) String() string { return fmt.Sprint(\"S\", int(s)) }\ntype H struct{ A S; M map[S][]S }\nfmt.Println(S(1), []S{2}, H{3, map[S][]S{4: {5}}})\nfmt.Printf(\"%d %5.1f %v\\n\", S(3), 2.5, &H{})"}, "S1 [S2] {S3 map[S4:[S5]]}\n3   2.5 &{S0 map[]}\n", "not inside slices; %d prints an address"},
	{"JSON", []string{"type A struct{ City string }\ntype P struct { Name string `json:\"name\"`; age int; A; T []A `json:\"t,omitempty\"` }\nb, err := json.Marshal(P{Name: \"n\", age: 3, A: A{\"c\"}})\nfmt.Println(string(b), err)\nvar p P\nerr = json.Unmarshal([]byte(`{\"name\":\"m\",\"City\":\"d\",\"t\":[{\"City\":\"e\"}]}`), &p)\nfmt.Printf(\"%+v %v\\n\", p, err)"}, "{\"name\":\"n\",\"City\":\"c\"} <nil>\n{Name:m age:0 A:{City:d} T:[{City:e}]} <nil>\n", "unexported fields leak, embedded ones nest"},
	{"a marshaler inside", []string{"type D int\nfunc (d D) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprintf(\"\\\"%dd\\\"\", int(d))), nil }\ntype P struct{ D D }\nb, err := json.Marshal([]P{{3}})\nfmt.Println(string(b), err)"}, "[{\"D\":\"3d\"}] <nil>\n", "the nested method is not called"},
	{"native interfaces", []string{"type up struct{ r io.Reader }\nfunc (u up) Read(b []byte) (int, error) { n, err := u.r.Read(b); copy(b, bytes.ToUpper(b[:n])); return n, err }\ns := bufio.NewScanner(up{strings.NewReader(\"a b\")})\nfor s.Scan() { fmt.Println(s.Text()) }\ntype by []string\nfunc (b by) Len() int { return len(b) }\nfunc (b by) Less(i, j int) bool { return b[i] < b[j] }\nfunc (b by) Swap(i, j int) { b[i], b[j] = b[j], b[i] }\nx := by{\"b\", \"a\"}\nsort.Sort(x)\nfmt.Println(x)"}, "A B\n[a b]\n", "needs a registered wrapper"},
	{"variadic native interfaces", []string{"type r string\nfunc (x r) Read(b []byte) (int, error) { n := copy(b, x); return n, io.EOF }\nb, err := io.ReadAll(io.MultiReader(r(\"a\"), r(\"b\")))\nfmt.Println(string(b), err)"}, "ab <nil>\n", "cannot use struct as type io.Reader"},
	{"values of functions", []string{"func g() int { return 3 }\nfunc f() func() int { return g }\nfmt.Println(f()(), strings.Map(func(r rune) rune { return r + 1 }, \"ab\"))"}, "3 bc\n", "node is not assignable to func"},
}

var libraryScenarios = []scenario{
	{"slices and maps", []string{"x := []int{3, 1, 2}\nslices.Sort(x)\ni, ok := slices.BinarySearch(x, 2)\nslices.Reverse(x)\nfmt.Println(x, i, ok, slices.Max(x), slices.Sorted(maps.Keys(map[string]int{\"b\": 1, \"a\": 2})), slices.Collect(slices.Values(x)), slices.Equal(x, x))"}, "[3 2 1] 1 true 3 [a b] [3 2 1] true\n", "undefined selector: slices.Sort"},
	{"iter", []string{"import \"iter\"\nfunc count(n int) iter.Seq[int] { return func(yield func(int) bool) { for i := range n { if !yield(i) { return } } } }\nnext, stop := iter.Pull(count(2))\ndefer stop()\na, ok := next()\nfmt.Println(slices.Collect(count(3)), a, ok)"}, "[0 1 2] 0 true\n", "unable to find source"},
	{"once and atomic", []string{"import \"sync/atomic\"\nf := sync.OnceValue(func() int { fmt.Print(\"once \"); return 4 })\nvar p atomic.Pointer[string]\ns := \"v\"\np.Store(&s)\nfmt.Println(f(), f(), *p.Load())"}, "once 4 4 v\n", "generic: absent"},
	{"reflect and values of named types", []string{"type colour int\nfunc (c colour) String() string { return \"red\" }", "v := reflect.ValueOf(colour(1))\nvar x any = colour(2)\nfmt.Println(v, v.Type(), v.Kind(), v.Interface() == any(colour(1)), reflect.ValueOf(x).Type() == v.Type(), v.String(), v.Method(0).Call(nil)[0])", "e := reflect.ValueOf([]any{colour(1)}).Index(0).Elem()\nfmt.Println(e, e.Type())", "fmt.Println(reflect.Zero(v.Type()), reflect.Zero(v.Type()).Type(), v.Type().Method(0).Name)\nvar pc any = new(colour)\n_ = pc\nfmt.Println(reflect.New(v.Type()).Elem().Type())", "reflect.MakeSlice(reflect.TypeOf([]colour{}), 1, 1)", "v.Convert(reflect.TypeOf(0))", "reflect.Append(reflect.ValueOf([]colour{1}), v)"},
		"red main.colour int true true <main.colour Value> red\nred main.colour\nred main.colour String\nmain.colour\n=> [red]\n=> 1\n=> [red red]\n", "reflect sees the base type"},
	{"a template that calls a method", []string{"import \"text/template\"\ntype item struct{ Name string }\nfunc (i item) Upper() string { return \"X\" }", "template.Must(template.New(\"\").Parse(\"{{.Name}}{{.Upper}}\")).Execute(os.Stdout, item{\"a\"})"}, "aX", "a field of a nameless struct is missing"},
	{"a template that prints a Stringer", []string{"import \"html/template\"\ntype colour int\nfunc (c colour) String() string { return \"red\" }\ntype page struct { C colour; N int }", "t := template.Must(template.New(\"\").Parse(\"{{range .}}{{.N}} {{end}}\"))\nt.Execute(os.Stdout, []page{{1, 2}})", "template.Must(template.New(\"\").Parse(\"{{.C}}\")).Execute(os.Stdout, page{1, 2})"}, "2 red", "prints 1"},
	{"gob and a type that encodes itself", []string{"import \"encoding/gob\"\ntype g struct{ x int }\nfunc (v g) GobEncode() ([]byte, error) { return []byte{byte(v.x)}, nil }\nfunc (v *g) GobDecode(b []byte) error { v.x = int(b[0]); return nil }\ntype c float64\nfunc (v c) MarshalBinary() ([]byte, error) { return []byte{byte(v * 10)}, nil }\nfunc (v *c) UnmarshalBinary(b []byte) error { *v = c(b[0]) / 10; return nil }\ntype s struct { G g; P *g; L []g; M map[string]c; C c }", "var b bytes.Buffer\ngob.NewEncoder(&b).Encode(s{g{1}, &g{2}, []g{{0}, {3}}, map[string]c{\"a\": 1.5}, 2.5})\nvar v s\nfmt.Println(gob.NewDecoder(&b).Decode(&v), v.G, *v.P, v.L, v.M, v.C)"}, "<nil> {1} {2} [{0} {3}] map[a:1.5] 2.5\n", "encodes x, or nothing"},
	{"gob and what an interface holds", []string{"import \"encoding/gob\"\ntype g struct{ x int }\nfunc (v g) GobEncode() ([]byte, error) { return nil, nil }", "gob.Register(g{})"}, "!! Panic: main.g cannot be given to encoding/gob in a cell as the value of an interface: method GobEncode of main.g would not be called; send it as its own type\n", "encodes x"},
	{"gob and a hidden ring", []string{"import \"encoding/gob\"\ntype n struct{ V int; Next *n; x bool }", "gob.NewEncoder(io.Discard).Encode(n{1, nil, true})"}, "!! Panic: main.n cannot be given to encoding/gob: main.n refers to itself and has unexported fields or parts that encode themselves; copy it to a type that has none\n", "encodes x"},
	{"exit and fatal keep state", []string{"x := 1", "x = 2\nos.Exit(3)", "x"}, "!! Exit: os.Exit(3)\n=> 2\n", "the process ends"},
}

// What ends a cell, and what is kept.
var panicScenarios = []scenario{
	{"panics", []string{"panic(\"p\")", "var m map[string]int\nm[\"a\"] = 1", "z := 0\n1 / z", "var f func()\nf()", "c := make(chan int)\nclose(c)\nclose(c)", "any(1).(string)", "x := []int{1}\nx[z+1]", "var q *struct{ n int }\nq.n", "z"},
		"!! Panic: p\n!! Panic: assignment to entry in nil map\n!! Panic: runtime error: integer divide by zero\n!! Panic: runtime error: invalid memory address or nil pointer dereference\n!! Panic: close of closed channel\n!! Panic: interface conversion: interface {} is int, not string\n!! Panic: runtime error: index out of range [1] with length 1\n!! Panic: runtime error: invalid memory address or nil pointer dereference\n=> 0\n", "the words are the interpreter's"},
	{"a panic in a goroutine", []string{"x := 1\ndone := make(chan bool)", "go func() { panic(\"g\") }()\n<-done", "x"}, "!! Panic: g\n=> 1\n", "the process ends"},
	{"recovered", []string{"func f() (err error) { defer func() { if r := recover(); r != nil { err = r.(error) } }(); var p *struct{ n int }; p.n = 1; return nil }\n_, isRuntime := f().(runtime.Error)\nfmt.Println(f(), isRuntime)"}, "runtime error: invalid memory address or nil pointer dereference true\n", "reflect's words, and no runtime.Error"},
	{"Goexit", []string{"x := 5\nruntime.Goexit()\nx = 6", "x"}, "=> 5\n", "usable afterwards"},
	{"native panic", []string{"strings.Repeat(\"a\", -1)"}, "!! Panic: strings: negative Repeat count\n", "the value is the package's"},
}

// What random programs found, each of a class that is cured.
var foundScenarios = []scenario{
	{"a pointer's value in an operation inside a literal", []string{"i := int32(6)\np := &i\nfmt.Println([]int32{*p & i, -*p}, map[int32]int32{*p + 1: *p & i}, struct{ a, b int32 }{*p & i, -*p})", "v := \"abc\"\nw := uint8(3)\nfmt.Println([]uint8{255, v[0] << 1, w, -v[1]})"}, "[6 -6] map[7:6] {6 -6}\n[255 194 3 158]\n", "taken for a pointer to a pointer; the compiler panics"},
	{"labels to jump to in several literals", []string{"func f() {\n\ti := 0\na:\n\ti++\n\tif i > 3 { goto b }\n\tgoto a\nb:\n\tfunc() {\n\t\tj := 0\n\tc:\n\t\tj++\n\t\tif j > 3 { goto d }\n\t\tgoto c\n\td:\n\t\tfmt.Println(i, j)\n\t}()\n}\nf()"}, "4 4\n", "they were counted together"},
	{"an index of a map literal under && and ||", []string{"x := int8(3)\nfmt.Println(x == map[int]int8{0: x}[0] || x == 5, x == 3 && x == map[int]int8{0: x}[0])\nswitch x { case map[int]int8{1: x}[0], 3: fmt.Println(\"3\") }"}, "true true\n3\n", "a nil dereference"},
	{"a struct literal assigned to what a pointer or closure sees", []string{"type P struct{ c int }\nfunc f() (r P) {\n\tp := &r\n\tr = P{1}\n\tfmt.Print(*p)\n\tfunc() { r = P{2} }()\n\tfmt.Print(*p, r)\n\tdefer func() { r = P{3} }()\n\treturn P{4}\n}\nfmt.Println(f())", "var g P\nq := &g\ng = P{5}\nfmt.Println(*q)"}, "{1}{2} {2}{3}\n{5}\n", "another variable took its place: {0}{0} {0}{4}"},
	{"a field of a literal as a condition", []string{"v, w := true, int64(3)\nif struct{ f bool }{v}.f && v || struct{ g bool }{v}.g { fmt.Print(1) }\nif struct{ f bool }{v}.f { fmt.Print(2) }\nswitch w { case struct{ f int64 }{w}.f, ^w: fmt.Print(3) }\nfor i := 0; struct{ i int }{i}.i < 2; i++ { fmt.Print(4) }\nif ([2]bool{v, v}) == ([2]bool{true, true}) && v { fmt.Print(5) }"}, "123445", "a nil dereference"},
	{"parts of a complex behind a pointer, in a literal", []string{"v := complex64(3 + 4i)\np := &v\nfmt.Println([]float32{imag(*p), float32(real(*p))})"}, "[4 3]\n", "invalid complex type ptr"},
	{"a labelled loop in a case", []string{"func f(x any) {\n\tswitch x.(type) {\n\tcase int:\n\tL:\n\t\tfor k := range 4 {\n\t\t\tswitch k {\n\t\t\tcase 1: continue L\n\t\t\tcase 3: break L\n\t\t\t}\n\t\t\tfmt.Print(k)\n\t\t}\n\t}\n}\nf(1)"}, "02", "undefined: L"},
	{"nil interfaces by %#v", []string{"type I interface{ M() }\ntype P struct{ A I; b error; c any; d []I; e map[string]I; f interface{ N() int } }\nfmt.Printf(\"%#v\\n\", P{d: []I{nil}, e: map[string]I{\"a\": nil}})\nfmt.Printf(\"%#v %#v\\n\", []I{nil}, [1]error{})"}, "main.P{A:main.I(nil), b:error(nil), c:interface {}(nil), d:[]main.I{main.I(nil)}, e:map[string]main.I{\"a\":main.I(nil)}, f:interface { N() int }(nil)}\n[]main.I{main.I(nil)} [1]error{error(nil)}\n", "interface {}(nil)"},
	{"a type that is no key", []string{"type T []string\ntype U struct{ t T }\nm := map[any]int{}\nfor _, k := range []any{T{\"a\"}, []string{\"a\"}, U{}, &U{}, 1, nil} {\n\tfunc() {\n\t\tdefer func() { fmt.Println(recover()) }()\n\t\tm[k]++\n\t}()\n}\nfmt.Println(len(m))", "m[T{}] = 1"}, "runtime error: hash of unhashable type main.T\nruntime error: hash of unhashable type []string\nruntime error: hash of unhashable type main.U\n<nil>\n<nil>\n<nil>\n3\n!! Panic: runtime error: hash of unhashable type main.T\n", "named by what it is made of"},
	{"verbs that do not fit native errors", []string{"fmt.Printf(\"%g %t %e\\n\", []error{io.EOF}, []any{errors.New(\"a\"), nil, 3}, map[string]error{\"k\": io.EOF})\ntype E struct{ Err error; p error }\nfmt.Printf(\"%g %+g\\n\", E{io.EOF, nil}, [1]E{{Err: io.EOF}})"}, "[%!g(*errors.errorString=&{EOF})] [%!t(*errors.errorString=&{a}) <nil> %!t(int=3)] map[%!e(string=k):%!e(*errors.errorString=&{EOF})]\n{%!g(*errors.errorString=&{EOF}) <nil>} [{%!g(*errors.errorString=&{EOF}) <nil>}]\n", "addresses"},
	{"closures that are kept call what is defined anew", []string{"type T struct{ n float64 }\nfunc (t T) M(x float64) (int, float64) { return 1, x }\nfunc f(xs ...int) int { return len(xs) }\nfunc g() int { return f(1) }\nfunc v(p *int) { *p = 1 }", "n, p := 0, 0\nh := func() (int, int, int, int) { n++; a, b := T{}.M(2); v(&p); return n, f(1, 2), g(), a*100 + int(b)*10 + p }\nfmt.Println(h())", "func f(xs ...int) int { return 10 + len(xs) }\nfmt.Println(h())", "func (t T) M(x float64) (int, float64) { return 2, x + 1 }\nfunc v(p *int) { *p = 7 }\nfmt.Println(h())", "k := func() int { return f() }\nfunc f(xs ...int) int { return 20 + len(xs) }\nfmt.Println(h())\nk()", "func f(s string) int { return 5 }", "fmt.Println(h())", "func f(xs ...int) int { return 40 }\nfmt.Println(h())\nk()"}, "1 2 1 121\n2 12 11 121\n3 12 11 237\n4 22 21 237\n=> 20\nnote: g of Cell [1] does not fit the new f and keeps the earlier: Cell [1] 4:25: cannot use 1 (untyped int constant) as string value in argument to f; define g again if it is to use the new\nnote: h (Cell [2]) keeps the earlier f: run Cell [2] again to have it made anew\nnote: k (Cell [5]) keeps the earlier f: run Cell [5] again to have it made anew\n5 22 21 237\n6 40 40 237\n=> 40\n", "they called what was there when they were made"},
	{"type arguments by %T", []string{"type e struct{}\ntype G[T any] struct{ x T }\nfmt.Printf(\"%T\\n%T\\n%T %T\\n\", G[struct{ b int; C string; e; d []struct{ f int } }]{}, G[interface{ m(int) error; N() }]{}, G[G[<-chan struct{ a int }]]{}, G[json.Decoder]{})"}, "main.G[struct { main.b int; C string; main.e; main.d []struct { main.f int } }]\nmain.G[interface { N(); main.m(int) error }]\nmain.G[main.G[<-chan struct { main.a int }]] main.G[encoding/json.Decoder]\n", "fields without their package"},
	{"a generic type gains and replaces methods", []string{"type S[T any] struct{ xs []T }\nfunc (s S[T]) Len() int { return len(s.xs) }\nold := S[int]{[]int{1}}\nvar a any = old\nvar st fmt.Stringer", "func (s S[T]) String() string { return \"S!\" }", "_, ok := a.(S[int])\nst = old\nfmt.Println(ok, a, st, a.(fmt.Stringer).String(), old.String())", "func (s S[T]) Len() int { return 100 }", "fmt.Println(old.Len(), a.(interface{ Len() int }).Len(), a.(S[int]).Len())", "var b any = S[int]{[]int{2}}\nfmt.Printf(\"%T %T\\n\", a, b)\nold = b.(S[int])\nfmt.Println(old.xs)"}, "true S! S! S! S!\n100 100 100\nmain.S[int] main.S[int]\n[2]\n", "an old value was of another type and had the old method"},
	{"generic types made of one that gains a method", []string{"type N[T any] struct{ v T; next *N[T] }\ntype L[T any] struct{ head *N[T] }\nfunc (l *L[T]) Push(v T) { l.head = &N[T]{v, l.head} }\nvar l L[int]\nl.Push(3)\ntype Box struct{ l *L[int] }\nbox := Box{&l}", "func (n *N[T]) Get() T { return n.v }", "fmt.Println(l.head.Get(), box.l.head.Get())", "box.l.Push(4)\nl.head.Get()"}, "3 3\n=> 4\n", "their fields kept the old type"},
	{"a cell of a generic type runs twice", []string{"type S[T any] struct{ x T }\nfunc (s S[T]) Get() T { return s.x }\nvar a any = S[string]{\"a\"}", "type S[T any] struct{ x T }\nfunc (s S[T]) Get() T { return s.x }", "a.(S[string]).Get()", "type S[T any] struct{ x T }\nfunc (s S[T]) Get() string { return \"new\" }", "_, ok := a.(S[string])\nok"}, "=> a\n=> false\n", "parted old values from new functions"},
	{"a generic type cannot change a method", []string{"type S[T any] struct{ x T }\nfunc (s S[T]) Get() T { return s.x }\nold := S[int]{3}", "func (s S[T]) Get() string { return \"\" }", "func (s *S[T]) Get() T { return s.x }", "old.Get()"}, "!! CompileError: Cell [2] 1:15: cannot change method Get of the generic type S of Cell [1]: declare the type and its methods in one cell\n!! CompileError: Cell [3] 1:16: cannot change method Get of the generic type S of Cell [1]: declare the type and its methods in one cell\n=> 3\n", "old values went on with the old one"},
	{"a generic type whose names mean something else", []string{"type P struct{ X int }\ntype S[T any] struct{ p P; x T }\nfunc (s S[T]) Get() P { return s.p }\nold := S[int]{}", "type P struct{ Y int }", "func (s S[T]) Sum() int { return 0 }", "old.Get()"}, "note: type S of Cell [1] is made of the earlier P: run Cell [1] again if it is to be of the new\n!! CompileError: Cell [3] 1:1: cannot add a method to the generic type S of Cell [1], whose declaration has another meaning by now: declare the type and its methods in one cell\n=> {0}\n", "two types of one name"},
	{"a failed method leaves a generic type as it was", []string{"type S[T any] struct{ xs []T }\nfunc (s S[T]) Len() int { return len(s.xs) }\nvar l = []S[int]{{[]int{1}}}\nvar a any = l[0]", "func (s S[T]) Len() int { return nope }", "func (s S[T]) Len() int { for { goto a; a: goto b; b: goto c; c: } }\nS[int]{}.Len()", "_, ok := a.(S[int])\nfmt.Println(ok, l[0].Len(), a.(interface{ Len() int }).Len())"}, "!! CompileError: Cell [2] 1:34: undefined: nope\n!! InterpreterLimit: Cell [3] 1:55: not supported in a cell: goto to more than two labels in a function; write a loop over a switch on a state\ntrue 1 1\n", "what a cell renews must be undone"},
	{"reflect.Values keep what they were", []string{"type C int\nfunc (c C) String() string { return \"C!\" }\ntype S struct { C C; N int; M map[C][]C; P *C }\nfunc (s S) M1(S) C { return 0 }\nc := C(9)\nv := reflect.ValueOf(S{1, 2, map[C][]C{3: {4}}, &c})\nf := v.Field(0)", "fmt.Println(f.Type(), f, f.Interface(), f.NumMethod())", "func k(f reflect.Value) any { return f.Interface() }\nfmt.Printf(\"%T\\n\", k(f))", "m := v.Field(2)\nfmt.Println(m, m.Type(), m.MapKeys()[0].Type(), m.MapIndex(m.MapKeys()[0]).Index(0))\nfor it := m.MapRange(); it.Next(); { fmt.Println(it.Key().Type(), it.Value().Type(), it.Value().Index(0).Interface()) }", "fmt.Println(v.Field(3).Elem(), v.Field(3).Elem().Type(), reflect.Indirect(v.Field(3)).Type())", "reflect.ValueOf(&c).Elem().SetInt(7)\nfmt.Println(int(c), reflect.ValueOf(&c).Elem().Addr().Type())", "v.Method(0).Type()", "m1 := v.Type().Method(0)\nfmt.Println(m1.Name, m1.Type.NumIn())\nfmt.Println(m1.Type)", "m1.Type.In(0)"}, "main.C C! C! 1\nmain.C\nmap[C!:[C!]] map[main.C][]main.C main.C C!\nmain.C []main.C C!\nC! main.C main.C\n7 *main.C\n=> func(main.S) main.C\nM1 2\nfunc(main.S, main.S) main.C\n=> main.S\n", "the base type, and the interpreter's structs"},
	{"binary and structs without fields", []string{"import \"encoding/binary\"\ntype E struct{}\ntype H struct { E E; X int32 }", "binary.Size(E{})", "binary.Size(H{})"}, "=> 0\n!! Panic: main.H cannot be given to encoding/binary in a cell: main.E, a struct without fields, takes room there; write the parts by themselves\n", "5 for 4"},
	{"a type that cannot be compared", []string{"type S struct{ any; B []int }\nvar a, b any = S{}, S{}\na == b", "type B []int\na, b = B{}, B{}\na == b", "a = S{}\na == b"}, "!! Panic: runtime error: comparing uncomparable type main.S\n!! Panic: runtime error: comparing uncomparable type main.B\n=> false\n", "named by what it is made of"},
}
