package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

func TestCellsInAnyOrder(t *testing.T) {
	b := newBook(t)
	c := b.ok("x := 1\nimport \"math\"\nfunc f() float64 { return math.Sqrt(float64(x)) * k }\ntype P struct{ X int }\nconst k = 2\nvar p P\nfmt.Println(p, f())\nf()")
	if len(c.Funcs) != 1 || len(c.Types) != 1 || len(c.Body) != 3 || c.Show == nil || len(c.Top) != 2 {
		t.Errorf("funcs %d, types %d, body %d, show %v, top %v", len(c.Funcs), len(c.Types), len(c.Body), c.Show, c.Top)
	}
	b.shows("x", "int")
	b.shows("p.X + k", "int")
	b.shows("f", "func() float64")
	b.shows("", "nothing")
	b.shows("// only a comment", "nothing")
	b.shows("1 + 1", "untyped int")
	b.shows("package main\nx", "int")
	b.bad("package foo\nx", "Cell [9] 1:1: a notebook is package main")
}

func TestErrorsNameThePlace(t *testing.T) {
	rows := []struct{ name, code, want string }{
		{"first line, behind the hidden head", "y + 1", "Cell [1] 1:1: undefined: y"},
		{"later line", "a := 1\n\tb := a + \"s\"", "Cell [1] 2:7: invalid operation: a + \"s\" (mismatched types int and untyped string)"},
		{"in a function", "func f() int {\n\treturn \"s\"\n}", "Cell [1] 2:9: cannot use \"s\" (untyped string constant) as int value in return statement"},
		{"statement after a function", "func f() {}\nf(1)", "Cell [1] 2:3: too many arguments in call to f\n\thave (number)\n\twant ()"},
		{"type", "type T struct{ X Y }", "Cell [1] 1:18: undefined: Y"},
		{"two at once", "undefined1\nundefined2", "Cell [1] 1:1: undefined: undefined1\nCell [1] 2:1: undefined: undefined2"},
		{"missing return", "func f() int { }", "missing return"},
		{"redeclared in one cell", "func f() {}\nfunc f() {}", "Cell [1] 2:6: f redeclared in this block\n\tCell [1] 1:6: other declaration of f"},
		{"variable and function of one cell", "func f() {}\nf := 1", "Cell [1] 2:1: f redeclared in this block\n\tCell [1] 1:6: other declaration of f"},
		{"no new variables", "x := 1\nx := 2", "Cell [1] 2:3: no new variables on left side of :="},
		{"statement expression in a block", "for range 3 {\n\t1 + 1\n}", "Cell [1] 2:2: 1 + 1 (untyped int constant 2) is not used"},
		{"unknown package", "import \"no/such\"", "Cell [1] 1:8: could not import no/such: this kernel does not have the package"},
		{"unknown selector", "strings.ToUper(\"a\")", "Cell [1] 1:9: undefined: strings.ToUper"},
		{"another major version has it", "rand.Intn(3)", "rand is package math/rand/v2 here; math/rand has Intn: import \"math/rand\""},
		{"break outside", "break", "break is not in a loop, switch, or select"},
		{"return with a value", "return 1", "too many return values"},
		{"main with arguments", "func main(a int) {}", "func main must have no arguments and no return values"},
		{"initialisation cycle", "var a = b\nvar b = a", "initialization cycle for a\n\tCell [1] 1:5: a refers to b"},
		{"package in place of a value", "strings", "use of package strings not in selector"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			b := newBook(t)
			b.bad(r.code, r.want)
		})
	}
}

func TestSyntaxErrors(t *testing.T) {
	rows := []struct{ code, want string }{
		{"x := ", "Cell [1] 1:5: syntax error: unexpected end of cell, expected expression"},
		{"x := )", "Cell [1] 1:6: syntax error: unexpected ), nothing is open here"},
		{"f(1]", "Cell [1] 1:4: syntax error: unexpected ], expected )"},
		{"if true {", "Cell [1] 1:10: syntax error: unexpected end of cell, expected }\n\tCell [1] 1:9: to close this {"},
		{"a b", "Cell [1] 1:3: syntax error: unexpected name b at end of statement"},
		{"x := 1\ny := 2 3", "Cell [1] 2:8: syntax error: unexpected literal 3 at end of statement"},
		{"for i := 0; i < 3; i++", "Cell [1] 1:23: syntax error"},
		{"\"abc", "Cell [1] 1:1: string not terminated"},
		{"a @ b", "Cell [1] 1:3: invalid character U+0040 '@'"},
		{"x = = 1", "Cell [1] 1:5: syntax error: unexpected =, expected expression"},
		{"func f( {", "Cell [1] 1:10: syntax error"},
		{"if x := 1 { }", "Cell [1] 1:4: syntax error: cannot use assignment as value"},
		{"func f()\n{\n}", "Cell [1] 1:6: missing function body"},
		{"a, b", "syntax error: unexpected comma at end of statement"},
		{"else {}", "syntax error: unexpected keyword else"},
		{"import fmt", "Cell [1] 1:11: syntax error: missing import path; require quoted string"},
		{"f(1 2)", "Cell [1] 1:5: syntax error: unexpected literal 2 in argument list; possibly missing comma or )"},
		{"f(x int)", "Cell [1] 1:5: syntax error: unexpected name int in argument list; possibly missing comma or )"},
		{"f(1,\n2\n)", "Cell [1] 2:2: syntax error: unexpected newline in argument list; possibly missing comma or )"},
		{"_ = []int{1; 2}", "Cell [1] 1:12: syntax error: unexpected semicolon in composite literal; possibly missing comma or }"},
		{"_ = []int{1 if}", "Cell [1] 1:13: syntax error: unexpected keyword if in composite literal; possibly missing comma or }"},
		{"x = y = 3", "Cell [1] 1:7: syntax error: unexpected = at end of statement"},
		{"if true\n{ }", "syntax error: unexpected newline, expected { after if clause"},
		{"go f", "Cell [1] 1:5: expression in go must be function call"},
		{"for i, j, k := range x {}", "range clause permits at most two iteration variables"},
		{"L: for {}", "Cell [1] 1:1: label L defined and not used"},
		{"for { break M }", "invalid break label M"},
		{"goto M", "label M not defined"},
		{"if true { break }", "break is not in a loop, switch, or select"},
		{"func f() { continue }", "continue is not in a loop"},
		{"type", "Cell [1] 1:5"},
		{"var 1x int", "Cell [1] 1:5"},
	}
	for _, r := range rows {
		newBook(t).bad(r.code, r.want)
	}
}

func TestWrongCellChangesNothing(t *testing.T) {
	b := newBook(t)
	b.ok("type P struct{ x int }\nx := 1\np := P{3}")
	b.bad("x := \"s\"\ntype P int\nfunc (q P) M() int { return 1 }\nundefined1", "undefined: undefined1")
	b.shows("x + 1", "int")
	b.bad("func (q P) M() int { return q.x }\nundefined1", "undefined: undefined1")
	b.bad("p.M()", "p.M undefined (type P has no field or method M)")
	b.bad("var _ interface{ M() int } = p", "does not implement")
	b.ok("func (q P) M() string { return \"a\" }")
	b.shows("p.M()", "string")
	b.bad("func (q P) M() int { return undefined1 }", "undefined: undefined1")
	b.shows("p.M()", "string")
	c, errs := b.Check(99, 99, "func (q P) M() int { return 1 }")
	if errs != nil {
		t.Fatal(errs)
	}
	b.Drop(c)
	b.shows("p.M()", "string")
}

func TestMethodsOnEarlierTypes(t *testing.T) {
	b := newBook(t)
	b.ok("type P struct{ x int }")
	b.ok("type I interface{ Add(int) int }")
	c := b.ok("func (p *P) Add(n int) int { p.x += n; return p.x + len(s) }\ns := []int{1}\nvar i I = &P{1}\n(&P{}).Add(1)")
	f := c.Funcs[0]
	if f.Recv == nil || f.Name.Name != "Add" || len(f.Type.Params.List) != 1 {
		t.Errorf("the method did not come back: %v", f.Name)
	}
	o, ok := c.Info.Defs[f.Name].(*types.Func)
	if !ok || o.Signature().Recv() == nil || o.Signature().Params().Len() != 1 {
		t.Errorf("definition %v", o)
	}
	b.shows("i.Add(2)", "int")
	b.ok("func (P) Len(int, string) int { return 1 }\nfunc (p P) Twice(int) int { return p.x }\nfunc (P) Zero(a int) {}\nfunc (_ P) Under(int) {}")
	b.shows("P{}.Len(1, \"\") + P{}.Twice(2)", "int")
	b.ok("func (p *P) Add(n int) int { return 0 }") // again
	b.ok("func (p *P) Add(n float64) float64 { return n }")
	b.shows("(&P{}).Add(2)", "float64")
	b.bad("var _ I = &P{}", "*P does not implement I (wrong type for method Add)")
	b.bad("func (p P) x() {}", "field and method with the same name x")
	b.bad("func (p P) Q() {}\nfunc (p P) Q() {}", "method P.Q already declared at Cell [12] 1:12")
	b.bad("P{}.Q()", "P{}.Q undefined")
	b.bad("func (s strings.Builder) M() {}", "Cell [14] 1:9: cannot define new methods on non-local type strings.Builder")
	b.bad("import . \"strings\"\nfunc (s Builder) M() {}", "cannot define new methods on non-local type Builder")
	b.ok("type L[T any] []T\nfunc (l L[T]) Len() int { return len(l) }\nvar l L[int]")
	b.ok("func (l L[T]) First() T { return l[0] }")
	b.shows("l.First()", "int")                                                // a value that is there gets the method
	b.ok("type L[T any] []T\nfunc (l L[T]) First() T { return l[0] }\nm := l") // again: the same type
	b.ok("var _ L[int] = l\nl = L[int]{1}")
	b.ok("type L[T any] []*T")
	b.bad("l.Last()", "l.Last undefined", "l is of the L of Cell [19], the newest L is that of Cell [21]: make l again, too")
	b.ok("func (l L[T]) First() *T { return l[0] }")
	b.bad("func (l L[T]) First() int { return 0 }", "cannot change method First of the generic type L of Cell [23]: declare the type and its methods in one cell")
	b.shows("L[string]{nil}.First()", "*string")
	b.ok("type A = P")
	b.ok("func (a A) ByAlias() int { return 1 }")
	b.ok("type B = A\nfunc (b *B) Late() {}\ntype C P")
	b.ok("func (c C) Late() {}")
	b.ok("(&P{}).Late(); C{}.Late()")
	b.shows("P{}.ByAlias()", "int")
}

func TestRedefinition(t *testing.T) {
	b := newBook(t)
	b.ok("x := 1\ny := 2.5")
	old := b.Lookup("x").Object
	c := b.ok("x := 3\nfunc g() int { return x }")
	if c.Same[c.Top[0]] != old || b.Lookup("x").Object != old {
		t.Error("a variable of the same type did not go on")
	}
	c = b.ok("x := fmt.Sprint(x)\nfunc h() string { return x }")
	if len(c.Same) != 0 {
		t.Error("a variable of another type went on")
	}
	b.shows("h() + x", "string")
	b.shows("g()", "int")
	b.ok("var x = x + \"!\"")
	b.ok("type T struct{ A int }\nv := T{1}")
	b.ok("type T struct{ B string }\nfunc (t T) M() string { return t.B }\nw := T{\"b\"}")
	b.shows("v.A", "int")
	b.shows("w.M()", "string")
	b.bad("v = w", "cannot use w (variable of struct type T) as T value in assignment")
	b.ok("func mean(v []float64) float64 { return 0 }")
	b.ok("mean := mean([]float64{1})")
	b.shows("mean", "float64")
	b.ok("func mean() int { return 1 }")
	b.shows("mean()", "int")
	b.ok("const mean = 3")
	b.shows("mean << 2", "untyped int")
	b.ok("a, err := strings.CutPrefix(\"a\", \"b\")")
	b.ok("c, err := strings.CutPrefix(\"a\", \"b\")")
	b.ok("var time = time.Now()")
	b.shows("time.Unix()", "int64")
}

func TestImports(t *testing.T) {
	b := newBook(t)
	b.ok("import m \"math\"")
	b.shows("m.Pi", "untyped float")
	b.ok("import . \"strings\"\nToUpper(\"a\")")
	b.shows("ToLower(\"a\")", "string")
	b.ok("import _ \"os\"")
	b.ok("import (\n\t\"bytes\"\n\tj \"encoding/json\"\n)\nvar buf bytes.Buffer\nj.Valid(nil)")
	b.ok("strings := 3")
	b.bad("strings.Repeat(\"a\", 2)",
		"Cell [8] 1:9: strings.Repeat undefined (type int has no field or method Repeat)",
		"strings is a variable of Cell [7], which hides package strings: to use the package, import it under another name: import stringsPkg \"strings\"")
	b.ok("import stringsPkg \"strings\"\nstringsPkg.Repeat(\"a\", 2)")
	b.shows("stringsPkg.ToUpper(\"a\")", "string")
	b.ok("import \"strings\"")
	b.shows("strings.ToUpper(\"a\")", "string")
	b.bad("import \"math\"\nfunc math() {}", "math already declared")
	b.ok("import \"fmt\"\nimport \"fmt\"\nfmt.Print()")
	b.bad("import a \"fmt\"\nimport a \"os\"", "a redeclared in this block")
	b.bad("func f() { os := 1; os.Exit(1) }", "os is a variable of this cell, which hides package os")
	b.bad("func f() { time := 1; time.Nonsense() }", "time.Nonsense undefined")
}

func TestFunctionsSeeTheCellsVariables(t *testing.T) {
	b := newBook(t)
	b.ok("x := \"old\"")
	// The statement before the declaration still sees the old one.
	c := b.ok("n := len(x)\nx := 5\nfunc f() int { return x + n }\nfunc (t *T) M() int { return x }\ntype T struct{}\nf()")
	var uses []types.Object
	for id, o := range c.Info.Uses {
		if id.Name == "x" {
			uses = append(uses, o)
		}
	}
	if len(uses) != 3 {
		t.Errorf("uses of x: %v", uses)
	}
	b.shows("f()", "int")
}

func TestInitOrder(t *testing.T) {
	b := newBook(t)
	c := b.ok("var a = f()\nvar b, c int = 3, b + 1\nvar u int\nfunc f() int { return c }\nvar p, q = g()\nfunc g() (int, int) { return a, 1 }")
	var got []string
	for _, s := range c.Body {
		for _, n := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Names {
			got = append(got, n.Name)
		}
	}
	if s := strings.Join(got, " "); s != "u b c a p q" {
		t.Errorf("order %s", s)
	}
	if len(c.Top) != 6 {
		t.Errorf("top %v", c.Top)
	}
	b.shows("p + q", "int")
}

func TestInitAndMain(t *testing.T) {
	b := newBook(t)
	calls := func(c *Cell) string {
		var s []string
		for _, st := range c.Body {
			switch st := st.(type) {
			case *ast.ExprStmt:
				s = append(s, st.X.(*ast.CallExpr).Fun.(*ast.Ident).Name)
			case *ast.DeclStmt:
				s = append(s, "var")
			default:
				s = append(s, "other")
			}
		}
		return strings.Join(s, " ")
	}
	if s := calls(b.ok("package main\nimport \"fmt\"\nfunc init() { x++ }\nfunc init() { x = 2 }\nvar x int\nfunc main() { fmt.Println(x) }")); s != "var init__1 init__2 main" {
		t.Errorf("a program runs %q", s)
	}
	if s := calls(b.ok("func main() {}")); s != "" {
		t.Errorf("func main alone runs %q", s)
	}
	b.shows("main", "func()")
	if s := calls(b.ok("var y = 1\nfunc init() { y++ }\ny = 3")); s != "var init__1 other" {
		t.Errorf("mixed: %q", s)
	}
	b.bad("init()", "undefined: init")
}

func TestPredeclared(t *testing.T) {
	b := newBook(t)
	b.ok("var ctx context.Context\nfunc must[T any](v T, err error) T { return v }")
	b.Predeclare("ctx", "must")
	b.shows("must(1, nil)", "int")
	c := b.ok("ctx, cancel := context.WithCancel(ctx)")
	if len(c.Same) != 0 {
		t.Error("a cell's own ctx became the predeclared one")
	}
	c = b.ok("ctx, cancel := context.WithCancel(ctx)")
	if len(c.Same) != 2 {
		t.Errorf("the second time: %v", c.Same)
	}
	b.ok("must := 3")
	b.shows("must + 1", "int")
}

func TestShow(t *testing.T) {
	b := newBook(t)
	b.shows("x := 1", "nothing")
	b.shows("x = 2", "nothing")
	b.shows("x;", "int")
	b.shows("1\nx\n\"a\"", "untyped string")
	b.shows("fmt.Println(x)", "nothing")
	b.shows("fmt.Sprint(x)", "string")
	b.shows("import f \"fmt\"\nf.Fprintf(nil, \"\")", "nothing")
	b.shows("func() (int, string) { return 1, \"a\" }()", "(int, string)")
	b.shows("map[string]int{\n\t\"a\": 1,\n}", "map[string]int")
	b.shows("func(a int) int { return a }(3)", "int")
	b.shows("func f() {}\nx // comment", "int")
	b.shows("x\ntype After int", "int")
	b.bad("1 << 100", "Cell [13] 1:1: cannot use 1 << 100 (untyped int constant 1267650600228229401496703205376) as int value (overflows)")
	b.bad("1e400", "as float64 value (overflows)")
	b.shows("1 << 62", "untyped int")
	b.bad("int", "int (type) is not an expression")
}

func TestPositions(t *testing.T) {
	b := newBook(t)
	c := b.ok("a := 1; b := 2\nfunc f() {\n\tprintln(a)\n}\nif a > 1 { b = 3 }")
	want := map[string]string{"f": "Cell [1] 2:6", "println": "Cell [1] 3:2"}
	ast.Inspect(c.Funcs[0], func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && want[id.Name] != "" {
			if got := Place(c.Name(id.Pos())); got != want[id.Name] {
				t.Errorf("%s at %s, want %s", id.Name, got, want[id.Name])
			}
		}
		return true
	})
	if p := Place(c.Name(c.Body[1].Pos())); p != "Cell [1] 1:9" {
		t.Errorf("second statement at %s", p)
	}
	if p := Place(c.Name(c.Body[2].Pos())); p != "Cell [1] 5:1" {
		t.Errorf("if at %s", p)
	}
	if p := b.Position(token.Pos(1 << 40)); p.IsValid() {
		t.Errorf("a position of nowhere: %v", p)
	}
}

func BenchmarkCheckTenLines(b *testing.B) {
	k := newBook(b)
	k.ok("import \"fmt\"\nx := []float64{1, 2, 3}\nfunc mean(v []float64) float64 { s := 0.0; for _, a := range v { s += a }; return s / float64(len(v)) }")
	code := "s := 0.0\nfor i, v := range x {\n\tif v > mean(x) {\n\t\ts += v * float64(i)\n\t}\n}\nm := mean(x)\nfmt.Println(s, m)\nvar r = math.Sqrt(m)\nr"
	k.ok(code)
	b.ResetTimer()
	for b.Loop() {
		c, errs := k.Check(1, 1, code)
		if errs != nil {
			b.Fatal(errs)
		}
		k.Drop(c)
	}
}

func TestTypesThatStay(t *testing.T) {
	b := newBook(t)
	cell := "type P struct{ X int; next *P }\nfunc (p P) Get() int { return p.X }\ntype (\n\tA struct{ b B }\n\tB struct{ a *A }\n)"
	b.ok(cell)
	p, a := b.Lookup("P").Object, b.Lookup("A").Object
	b.ok("p := P{X: 1}\nfunc use(p P, a A) {}")
	c := b.ok(cell)
	if b.Lookup("P").Object != p || b.Lookup("A").Object != a {
		t.Error("a cell that ran twice made new types")
	}
	if len(c.Types) != 0 || len(c.Funcs) != 1 {
		t.Errorf("types %d, methods %d", len(c.Types), len(c.Funcs))
	}
	b.ok("use(P{X: 2}, A{})\np = P{X: 3}")
	b.shows("p.Get()", "int")
	b.ok("type B struct{ a *A; n int }\ntype A struct{ b B }") // B changes, and A with it
	if b.Lookup("A").Object == a {
		t.Error("a type of a changed type stayed")
	}
	b.ok("type P struct{ X int }")
	if b.Lookup("P").Object == p {
		t.Error("a type with other fields stayed")
	}
	b.ok("type N int\ntype V struct{ n N }")
	v := b.Lookup("V").Object
	b.ok("type N float64")
	b.ok("type V struct{ n N }")
	if b.Lookup("V").Object == v {
		t.Error("a type stayed though a name in it has a new meaning")
	}
	b.bad("type V struct{ n N }\ntype V struct{ n N }", "V redeclared in this block")
}

func TestFunctionsFollowWhatTheyUse(t *testing.T) {
	b := newBook(t)
	names := func(c *Cell) string {
		var s []string
		for _, f := range c.Funcs {
			s = append(s, f.Name.Name)
		}
		return strings.Join(s, " ")
	}
	b.ok("func f() int { return 1 }")
	b.ok("func g() int { return f() }\nfunc other() int { return 2 }")
	b.ok("func h() int { return g() }\ntype T struct{}\nfunc (T) M() int { return h() }")
	// What calls f by its name needs nothing: it takes and returns what it did.
	if s := names(b.ok("func f() int { return 2 }")); s != "f" {
		t.Errorf("compiled again: %s", s)
	}
	if e := b.Lookup("g"); e.Cell != 2 {
		t.Errorf("g is of cell %d now", e.Cell)
	}
	// What does not fit keeps the old one, and what uses only that fits.
	c := b.ok("func f() string { return \"a\" }")
	if s := names(c); s != "f h M" && s != "f" {
		t.Errorf("compiled again: %s", s)
	}
	b.shows("f()", "string")
	b.shows("g()", "int")
	b.shows("T{}.M()", "int")
	if s := names(b.ok("g := 3\nfunc f() int { return 1 }")); s != "f" && s != "f h M" {
		t.Errorf("compiled again: %s", s)
	}
	b.shows("g", "int")
	// A type takes its methods along, an old value keeps its own.
	b.ok("type P struct{ X int }")
	b.ok("func (p P) Sum() int { return p.X }\nfunc (p *P) Set(x int) { p.X = x }")
	b.ok("old := P{1}\nfunc show(p P) int { return p.Sum() }")
	if s := names(b.ok("type P struct{ X, Y int }")); s != "Sum Set show" {
		t.Errorf("compiled again: %s", s)
	}
	b.shows("show(P{1, 2})", "int")
	b.shows("old.Sum()", "int")
	b.bad("old == P{}", "mismatched types P and P", "old is of the P of Cell [11], the newest P is that of Cell [14]: make old again, too")
	b.bad("show(old)", "cannot use old", "old is of the P of Cell [11], the newest P is that of Cell [14]: make old again, too")
	if s := names(b.ok("type P struct{ Z int }")); s != "" {
		t.Errorf("compiled again: %s", s)
	}
	b.bad("P{}.Sum()", "P{}.Sum undefined")
	b.bad("func f() int { return undefined1 }", "Cell [21] 1:23: undefined: undefined1")
	b.ok("const k = 1\nfunc usesK() int { return k }")
	if s := names(b.ok("const k = 2")); s != "usesK" {
		t.Errorf("compiled again: %s", s)
	}
}
