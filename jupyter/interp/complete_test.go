package interp

import (
	"go/types"
	"slices"
	"strings"
	"testing"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/symbols"
)

// newBook returns a book in which the cells have been checked.
func newBook(t testing.TB, cells ...string) *book {
	t.Helper()
	tab := symbols.New(symbols.Options{})
	b := &book{
		Checker: check.New(check.Options{Export: tab.Export, Preload: tab.Preload()}),
		preload: tab.Preload(), paths: tab.Paths(), doc: tab.Doc,
		source: func(n int) string { return cells[n-1] },
		value:  func(name string) (string, string) { return "the value of " + name, "" },
	}
	for i, text := range cells {
		c, errs := b.Check(uint64(i+1), i+1, text)
		if len(errs) > 0 {
			t.Fatalf("cell %d: %v", i+1, errs[0])
		}
		b.Commit(c)
	}
	return b
}

const earlier = `
import stdsort "sort"
import "gonum.org/v1/plot"

type point struct{ X, Y int; hidden string }
func (p *point) Move(dx, dy int) *point { p.X += dx; p.Y += dy; return p }
func (p point) Norm() float64 { return math.Hypot(float64(p.X), float64(p.Y)) }
type named struct { point; Name string }
type shape interface { Area() float64 }
func mean(xs []float64) float64 { return stat.Mean(xs, nil) }
type pair[A, B any] struct { First A; Second B }

pts := []point{{1, 2, ""}}
pp := &pts[0]
var sh shape
var table map[string]named
both := pair[int, string]{1, "b"}
pl := plot.New()
`

// The place is marked by ‸ in the cell.
func at(t testing.TB, text string) (string, int) {
	before, after, ok := strings.Cut(text, "‸")
	if !ok {
		t.Fatalf("no place in %q", text)
	}
	return before + after, points(before)
}

func TestComplete(t *testing.T) {
	b := newBook(t, earlier)
	for _, c := range []struct{ reason, cell, want, not string }{
		{"package member", "fmt.Printl‸", "Println", "Printf"},
		{"case does not matter", "fmt.println‸", "Println", ""},
		{"notebook import under another name", "stdsort.Sl‸", "Slice SliceStable", "Sort"},
		{"import in the cell", "import q \"net/url\"\nq.Pa‸", "Parse PathEscape", ""},
		{"package member without a name", "strings.‸", "Builder Split Title", ""},
		{"package that hides nothing private", "sort.‸", "Slice", "insertionSort"},
		{"variable", "p‸", "pl pp pts plot plotter", "fmt"},
		{"notebook function", "mea‸", "mean", ""},
		{"preloaded package", "strin‸", "strings", ""},
		{"keyword", "swi‸", "switch", ""},
		{"builtin", "appe‸", "append", ""},
		{"nothing typed shows no packages", "x := ‸", "pts mean", "fmt switch"},
		{"fields and methods of a pointer", "pp.‸", "X Y hidden Move Norm", ""},
		{"of an addressable value", "pts[0].‸", "X Move", ""},
		{"of a map element, which has no address", "table[\"a\"].‸", "Name X Norm", "Move"},
		{"of a call", "pp.Move(1, 2).‸", "X Norm", ""},
		{"of a conversion", "point{}.‸", "X Norm", "Move"},
		{"of an interface", "sh.‸", "Area", ""},
		{"of a type: method expressions", "point.‸", "Norm", "Move X"},
		{"of a generic type", "both.‸", "First Second", ""},
		{"of a native value, nested", "pl.Title.‸", "Text TextStyle Padding", "draw"},
		{"of a native value, two deep", "pl.Title.TextStyle.‸", "Color Font", ""},
		{"variable of this cell", "y := pts[0]\ny.‸", "X Norm", ""},
		{"inside an open block", "for i, p := range pts {\n\tp.‸", "X Move", ""},
		{"inside an open call", "fmt.Println(pp.‸", "X Norm", ""},
		{"inside open brackets of all kinds", "f := func(q *point) { fmt.Println([]int{q.‸", "X", ""},
		{"in the head of a loop", "for pp.‸", "X", ""},
		{"in a condition", "if pp.N‸", "Norm", ""},
		{"in a switch", "switch x := pp.‸", "X Norm", ""},
		{"before code that follows", "y := pp.‸\nfmt.Println(y)", "X Norm", ""},
		{"before code that does not parse", "pp.‸\nfor ) {", "X Norm", ""},
		{"in the middle of a name", "fmt.Pri‸ntln(1)", "Println Printf", "Sprint"},
		{"local variables of a function", "func f(alpha int) { beta := 2; _ = al‸", "alpha", ""},
		{"locals of a closed block are gone", "{ inner := 1; _ = inner }\ninn‸", "", "inner"},
		{"not yet declared", "x := la‸\nlater := 1", "", "later"},
		{"variables of the cell in a function of it", "total := 1\nfunc f() { tot‸ }", "total", ""},
		{"method of an earlier type", "func (p *point) Twice() { p.‸ }", "X Move Norm", ""},
		{"method of a type of this cell", "type two struct{ A int }\nfunc (t two) M() { t.‸ }", "A M", ""},
		{"function declared below", "hel‸\nfunc helper() {}", "helper", ""},
		{"keys of a struct literal", "point{‸", "X: Y: hidden:", ""},
		{"keys that are left", "point{X: 1, ‸}", "Y:", "X:"},
		{"keys through elided types", "[]point{{‸", "X: Y:", ""},
		{"keys of a pointer literal", "&point{‸", "X:", ""},
		{"keys of a native struct, exported only", "http.Client{‸", "Timeout:", "send:"},
		{"value of a key", "point{X: pp.‸", "X Y", ""},
		{"import path", "import \"net/ht‸", "net/http net/http/httptest", "fmt"},
		{"import path in brackets", "import (\n\t\"fmt\"\n\t\"gonum.org/v1/gonum/ma‸", "gonum.org/v1/gonum/mat", ""},
		{"not in a string", "\"fmt.‸", "", "Println"},
		{"not in a closed string", "x := \"fmt.‸\"", "", "Println"},
		{"not in a comment", "// fmt.‸", "", "Println"},
		{"not in an open comment", "/* fmt.‸", "", "Println"},
		{"not in a number", "x := 1‸", "", "append"},
		{"after a comment", "/* a */ fmt.Printl‸", "Println", ""},
		{"nothing for what is not defined", "nothing.‸", "", "X"},
		{"type parameter", "func f[T fmt.Stringer](v T) { v.‸ }", "String", ""},
		{"channel element", "ch := make(chan point)\n(<-ch).‸", "X", "Move"},
		{"type assertion", "var v any\nv.(*point).‸", "X Move", ""},
		{"label and go", "go func() { pp.‸", "Move", ""},
		{"what defer calls", "defer pp.‸", "Move", ""},
		{"what go calls", "go pp.‸", "Move", ""},
		{"what defer calls, of a package", "defer fmt.‸", "Println", ""},
		{"what defer calls, in a function that goes on", "func f(q *point) {\n\tdefer q.‸\n\tq.Move(1, 2)\n}", "Move", ""},
		{"what defer calls, with its arguments", "defer pp.M‸(1, 2)", "Move", ""},
		{"what go calls, a name", "go mea‸", "mean", ""},
		{"in an argument of defer", "defer pp.Move(pp.‸", "X", ""},
		{"second statement of a line", "a := 1; pp.‸", "Move", ""},
		{"case of a switch", "switch {\ncase pp.‸", "X", ""},
		{"empty cell", "‸", "pts mean", ""},
	} {
		code, cur := at(t, c.cell)
		got := b.complete(code, cur)
		var names []string
		for _, m := range got.Matches {
			names = append(names, m.Text)
		}
		for _, w := range strings.Fields(c.want) {
			if !slices.Contains(names, w) {
				t.Errorf("%s: %q: %s is not among %d: %.200s", c.reason, c.cell, w, len(names), strings.Join(names, " "))
			}
		}
		for _, w := range strings.Fields(c.not) {
			if slices.Contains(names, w) {
				t.Errorf("%s: %q: %s is offered", c.reason, c.cell, w)
			}
		}
	}
}

func TestCompleteReplacesCodePoints(t *testing.T) {
	b := newBook(t)
	code, cur := at(t, "s := \"π≈3😀\"; strings.Spl‸")
	got := b.complete(code, cur)
	if got.End != cur || got.Start != cur-3 || got.Matches[0].Text != "Split" {
		t.Errorf("%d to %d, want %d to %d: %v", got.Start, got.End, cur-3, cur, got.Matches)
	}
	for _, far := range []int{-1, 1000} {
		b.complete(code, far) // must not panic
	}
}

func TestCompleteSignatures(t *testing.T) {
	b := newBook(t, earlier)
	for _, c := range []struct{ cell, text, typ, sig string }{
		{"fmt.Fprint‸", "Fprint", "function", "(w io.Writer, a ...any) (n int, err error)"},
		{"math.P‸", "Pi", "instance", "untyped float = 3.14159"},
		{"pp.M‸", "Move", "function", "(dx int, dy int) *point"},
		{"pp.X‸", "X", "property", "int"},
		{"poin‸", "point", "class", "struct"},
		{"table‸", "table", "instance", "map[string]named"},
		{"str‸", "strings", "module", "package strings"},
		{"time.Dur‸", "Duration", "class", "int64"},
		{"retu‸", "return", "keyword", ""},
	} {
		code, cur := at(t, c.cell)
		i := slices.IndexFunc(b.complete(code, cur).Matches, func(m Match) bool { return m.Text == c.text })
		if i < 0 {
			t.Errorf("%s: no %s", c.cell, c.text)
			continue
		}
		if m := b.complete(code, cur).Matches[i]; m.Type != c.typ || m.Signature != c.sig {
			t.Errorf("%s: %s %q, want %s %q", c.cell, m.Type, m.Signature, c.typ, c.sig)
		}
	}
}

// What is near comes first: an editor shows ten.
func TestCompleteOrder(t *testing.T) {
	b := newBook(t, earlier)
	code, cur := at(t, "pl2 := 1; pl‸")
	var names []string
	for _, m := range b.complete(code, cur).Matches {
		names = append(names, m.Text)
	}
	if got := strings.Join(names, " "); !strings.HasPrefix(got, "pl2 pl plot") {
		t.Errorf("order is %s", got)
	}
}

// Completion must never change what the notebook knows.
func TestCompleteLeavesTheNotebookAlone(t *testing.T) {
	b := newBook(t, earlier)
	before := b.Names()
	for _, cell := range []string{"pts := 3\npts‸", "type point int\npoint(1).‸", "func (p point) New() {}\npp.‸"} {
		b.complete(at(t, cell))
	}
	if !slices.Equal(before, b.Names()) {
		t.Errorf("names were %v, are %v", before, b.Names())
	}
	if c, errs := b.Check(9, 9, "pp.Move(1, 1).Norm()"); len(errs) > 0 {
		t.Errorf("a cell no longer passes: %v", errs)
	} else {
		b.Commit(c)
	}
}

func FuzzComplete(f *testing.F) {
	b := newBook(f, earlier)
	for _, s := range []string{"pp.", "for i := range pts {", "func (", "type x struct { x", "point{X: ", "import \"", "a, b := <-", "switch x := sh.(type) { case "} {
		f.Add(s, len(s))
	}
	f.Fuzz(func(t *testing.T, code string, cur int) {
		c := b.complete(code, cur)
		if n := points(code); c.Start < 0 || c.Start > c.End || c.End > n {
			t.Errorf("replaces %d to %d of %d", c.Start, c.End, n)
		}
		b.inspect(code, cur, 1)
	})
}

// FuzzAsk asks at every byte of any text, of a notebook that the text may
// redefine in part: nothing may panic, change what is known, or answer beyond
// the text.
func FuzzAsk(f *testing.F) {
	b := newBook(f, earlier)
	known := func() string {
		var w strings.Builder
		for _, n := range b.Names() {
			o := b.Lookup(n).Object
			w.WriteString(types.ObjectString(o, nil) + "\n")
			if t, ok := o.(*types.TypeName); ok {
				w.WriteString(methodList(t) + "\n")
			}
		}
		return w.String()
	}
	before := known()
	for _, s := range []string{
		"pp.Move(1, 2).X", "for i := range pts { x := pts[i]; x. }", "func (p *point) New() {}\npp.New()", "type point struct{ Z int }\npoint{Z: 1}",
		"func (p pair[A, B]) Swap() pair[B, A] { return p. }", "switch x := sh.(type) {\ncase nil:\n\tbreak L\n}", "import . \"math\"\nSqrt(", "import (\n\t\"fm",
		"\xff\x00π😀.", "var x = []point{{X: 1}, {", "a, b := <-c, func() { goto L; L: }", "s := `\npp.", "'", "/*", "pts[0].\r\n}", "type T T\nvar t T\nt.", "type R[P any] struct{ r *R[[]P] }\nvar r R[int]\nr.r.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if len(code) > 200 { // every place of it is asked
			t.Skip("a long text: every place of it is asked")
		}
		for at := range points(code) + 1 {
			c := b.complete(code, at)
			if c.Start < 0 || c.Start > c.End || c.End != at {
				t.Errorf("at %d: replaces %d to %d", at, c.Start, c.End)
			}
			for _, m := range c.Matches {
				if m.Text == "" || m.Type == "" || strings.Contains(m.Text+m.Signature, placeholder) {
					t.Errorf("at %d: %+v", at, m)
				}
			}
			b.inspect(code, at, at%2)
		}
		if after := known(); after != before {
			t.Fatalf("the notebook was\n%s\nand is\n%s", before, after)
		}
	})
}

func BenchmarkComplete(b *testing.B) {
	book := newBook(b, earlier)
	for _, cell := range []string{"fmt.Printl‸", "pl.Title.‸", "pts[0].‸", "y := pts[0]\ny.X‸", "for i, p := range pts {\n\tp.‸", "po‸"} {
		code, cur := at(b, cell)
		b.Run(strings.ReplaceAll(cell, "\n", ";"), func(b *testing.B) {
			for range b.N {
				book.complete(code, cur)
			}
		})
	}
}
