package lower

import (
	"testing"

	"surprisal/jupyter/interp/check"
)

const tenLines = `xs := []float64{2.1, 3.4, 1.9, 5.6, 4.4, 3.8}
var sum float64
for _, x := range xs {
	sum += x
}
mean := sum / float64(len(xs))
counts := map[string]int{}
for i, w := range strings.Fields("a b a c") {
	counts[w] += i
}
fmt.Println(mean, counts)`

// Lowering alone, on a session that has 300 functions and types.
func BenchmarkLower(b *testing.B) {
	book := newBook(b)
	if _, err := book.eval("import (\"fmt\"; \"strings\")"); err != nil {
		b.Fatal(err)
	}
	for i := range 100 {
		n := itoa(i)
		if _, err := book.eval("type T" + n + " struct{ n int }\nfunc (t T" + n + ") String() string { return fmt.Sprint(t.n) }\nfunc f" + n + "() fmt.Stringer { return T" + n + "{1} }\nfmt.Sprint(f" + n + "())"); err != nil {
			b.Fatal(err)
		}
	}
	var cells []*check.Cell
	c, errs := book.Check(1000, 1000, tenLines)
	if errs != nil {
		b.Fatal(errs)
	}
	cells = append(cells, c)
	b.ResetTimer()
	for range b.N {
		if _, err := book.low.Cell(cells[0]); err != nil {
			b.Fatal(err)
		}
	}
}
