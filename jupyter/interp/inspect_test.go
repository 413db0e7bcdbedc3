package interp

import (
	"strings"
	"testing"
)

const documented = `
// Twice doubles x.
//
// It is exact.
func Twice(x float64) float64 { return 2 * x }

// A box holds things.
type box struct{ Size int; note string }
func (b *box) Grow(by int) { b.Size += by }
width := Twice(3)
var bx box
`

func TestInspect(t *testing.T) {
	b := newBook(t, documented)
	for _, c := range []struct {
		reason, cell string
		level        int
		want         []string
		not          string
	}{
		{"function of a package", "fmt.Prin‸tln(1)", 0, []string{"func Println(a ...any) (n int, err error)", "Println formats using the default formats", `package fmt (import "fmt")`}, "```"},
		{"package", "str‸ings.Split", 0, []string{`package strings // import "strings"`, "UTF-8 encoded strings"}, ""},
		{"method", "var sb strings.Builder\nsb.WriteStr‸ing(\"\")", 0, []string{"func (*strings.Builder) WriteString(s string) (int, error)", "appends the contents"}, ""},
		{"field of a native struct", "http.DefaultClient.Time‸out", 0, []string{"field Client.Timeout time.Duration", "time limit"}, ""},
		{"field of what is embedded", "var c struct{ http.Client }\nc.Time‸out", 0, []string{"field Client.Timeout", "time limit"}, ""},
		{"native type", "sync.Mut‸ex", 0, []string{"type Mutex struct", "unexported fields", "func (*sync.Mutex) Lock()", "mutual exclusion"}, "sema"},
		{"interface", "io.Read‸er", 0, []string{"Read(p []byte) (n int, err error)", "EOF"}, ""},
		{"constant", "math.P‸i", 0, []string{"const Pi untyped float = 3.14159"}, ""},
		{"native variable", "os.Ar‸gs", 0, []string{"var Args []string", "command-line arguments"}, ""},
		{"among arguments", "fmt.Println(1, ‸", 0, []string{"func Println"}, ""},
		{"after closed arguments of another call", "fmt.Println(len(os.Args), ‸)", 0, []string{"func Println"}, ""},
		{"builtin", "appen‸d(nil, 1)", 0, []string{"func append", "appends elements to the end"}, ""},
		{"notebook function", "Twi‸ce(1)", 0, []string{"func Twice(x float64) float64", "Twice doubles x.", "It is exact.", "declared in Cell [1], line 5"}, "return 2 * x"},
		{"its source", "Twice‸(1)", 1, []string{"func Twice(x float64) float64 { return 2 * x }", "// Twice doubles"}, ""},
		{"notebook type", "bo‸x{}", 0, []string{"type box struct", "note string", "func (*box) Grow(by int)", "A box holds things"}, ""},
		{"notebook method", "bx.Gr‸ow(1)", 1, []string{"func (*box) Grow(by int)", "b.Size += by"}, "holds things"},
		{"notebook field", "bx.Si‸ze", 0, []string{"field box.Size int"}, ""},
		{"variable", "wid‸th", 0, []string{"var width float64", "value: the value of width", "line 10"}, ""},
		{"variable of this cell", "local := 1\n_ = loc‸al", 0, []string{"var local int"}, "value"},
		{"broken cell", "for {\nfmt.Printl‸n(", 0, []string{"func Println"}, ""},
		{"name at its start", "‸fmt.Println", 0, []string{"package fmt"}, ""},
		{"links are words", "strings.Spli‸t(s, s)", 0, []string{"equivalent to SplitN with"}, "[SplitN]"},
		{"keyword", "de‸fer f()", 0, []string{"defer f(x)", "last deferred call runs first"}, ""},
		{"builtin's declaration", "le‸n(x)", 0, []string{"func len(v Type) int"}, "func len\n"},
		{"among arguments of a builtin", "append(xs, ‸", 0, []string{"func append(slice []Type, elems ...Type) []Type"}, ""},
		{"predeclared type", "var x float6‸4", 0, []string{"type float64", "IEEE 754"}, ""},
		{"predeclared constant", "ni‸l", 0, []string{"nil", "pointer, channel, func"}, ""},
		{"error", "var e erro‸r", 0, []string{"type error interface", "Error() string"}, ""},
		{"import path", "import \"net/ht‸tp\"", 0, []string{`package http // import "net/http"`, "HTTP"}, ""},
		{"a function literal among arguments is no argument", "http.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) {\n\tstrings.ToUpper(‸\n})", 0, []string{"func ToUpper"}, ""},
		{"an index among arguments", "fmt.Println(os.Args[‸", 0, []string{"func Println"}, ""},
		{"brackets among arguments", "fmt.Println((‸", 0, []string{"func Println"}, ""},
		{"own type: method and sources", "info.KS‸G{}", 0, []string{"in nats", "Grassberger 2004", "ψ(K) + ψ(N)"}, ""},
		{"own method: source, and the unit of its type", "info.KSG{}.TransferEntro‸py", 0, []string{"Schreiber 2000", "in nats", "Kraskov"}, ""},
		{"own field: the unit of its type", "info.KSG{K‸: 4}", 0, []string{"field", "neighbours"}, ""},
		{"field in a literal", "box{Si‸ze: 1}", 0, []string{"field box.Size int"}, ""},
		{"generic type", "atomic.Poin‸ter[int]", 0, []string{"type Pointer[T any] struct", "CompareAndSwap"}, ""},
		{"fields with what they are", "info.KSG‸{}", 0, []string{"// neighbours, 1 to 16; 0: 4"}, ""},
		{"label", "outer‸:\nfor { break outer }", 0, []string{"label outer"}, ""},
		{"method value of a notebook type in a closure", "f := func(b *box) { b.Gro‸w(1) }", 0, []string{"func (*box) Grow(by int)"}, ""},
		{"generic function", "slices.Sor‸t(xs)", 0, []string{"func Sort[S ~[]E, E cmp.Ordered](x S)", "ascending order"}, ""},
		{"with text of many bytes before", "s := \"π≈3😀\"; strings.Spli‸t(s, s)", 0, []string{"func Split("}, ""},
	} {
		code, cur := at(t, c.cell)
		got := b.inspect(code, cur, c.level)
		if !got.Found {
			t.Errorf("%s: %q is not found", c.reason, c.cell)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(got.Text, w) {
				t.Errorf("%s: %q: text lacks %q:\n%s", c.reason, c.cell, w, got.Text)
			}
		}
		if c.not != "" && strings.Contains(got.Text, c.not) {
			t.Errorf("%s: %q: text holds %q:\n%s", c.reason, c.cell, c.not, got.Text)
		}
		if !strings.HasPrefix(got.Markdown, "```go\n") || strings.Count(got.Markdown, "```")%2 != 0 {
			t.Errorf("%s: Markdown is\n%s", c.reason, got.Markdown)
		}
	}
}

func TestInspectNothing(t *testing.T) {
	b := newBook(t, documented)
	for _, c := range []struct{ reason, cell string }{
		{"empty", "‸"},
		{"unknown name", "unkno‸wn"},
		{"unknown member", "fmt.Unkno‸wn"},
		{"a number", "1‸2"},
		{"a comment", "// fm‸t"},
		{"a string", "\"fm‸t\""},
		{"blank", "  ‸  "},
		{"a body among arguments", "http.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) {\n\t‸\n})"},
		{"a new line below a call", "fmt.Println()\n‸"},
		{"behind a closed call", "fmt.Println()‸"},
		{"an unknown path", "import \"no/su‸ch\""},
		{"an operator", "1 + ‸"},
		{"a rune", "'f‸'"},
	} {
		code, cur := at(t, c.cell)
		if got := b.inspect(code, cur, 1); got.Found {
			t.Errorf("%s: %q is %s", c.reason, c.cell, got.Text)
		}
	}
	b.inspect("fmt", 99, 0)
	b.inspect("fmt", -1, 0)
}

func BenchmarkInspect(b *testing.B) {
	book := newBook(b, documented)
	for _, cell := range []string{"fmt.Prin‸tln(1)", "Twi‸ce(1)", "plot.Pl‸ot"} {
		code, cur := at(b, cell)
		b.Run(cell, func(b *testing.B) {
			for range b.N {
				book.inspect(code, cur, 1)
			}
		})
	}
}
