package interp

import (
	"context"
	"strings"
	"testing"
	"time"

	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/symbols"
)

// product is a session with all packages of the product.
func product(t testing.TB) *Session {
	t.Helper()
	g := guard.New()
	tab := symbols.New(symbols.Options{Wrap: g.Wrap, Sleep: g.Sleep, Exit: g.Exit})
	s, err := New(Config{Packages: tab, Guard: g, Preload: tab.Preload(), Bind: tab.Bind()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Session) mustRun(t testing.TB, id int, code string) {
	t.Helper()
	if _, e := s.Run(context.Background(), Cell{ID: uint64(id), Count: id, Code: code}); e != nil {
		t.Fatalf("%s\n%s", code, strings.Join(e.Traceback, "\n"))
	}
}

func TestInspectValues(t *testing.T) {
	s := product(t)
	s.mustRun(t, 1, `
type point struct{ X, Y int; hidden string }
func (p point) String() string { fmt.Println("called"); for {} }
type celsius float64
type shape interface{ Area() float64 }
type square struct{ Side float64 }
func (s square) Area() float64 { return s.Side * s.Side }
type list struct{ Value int; Next *list }
n := 42
name := "a\tb"
long := strings.Repeat("x", 5000)
p := point{1, 2, "h"}
ptr := &p
pts := []point{{1, 2, "a"}, {3, 4, "b"}}
xs := make([]float64, 1000000)
rows := [][]float64{{1, 2, 3}, {4, 5, 6}}
ragged := [][]int{{1}, {2, 3}}
arr := [3]int{1, 2, 3}
m := map[string]point{"k": {5, 6, "m"}}
empty := []int{}
var none []int
var err error
bad := errors.New("no way")
var sh shape = square{2}
anys := []any{1, "s", celsius(3), nil}
deg := celsius(21.5)
d := 90 * time.Second
mtx := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
big1 := mat.NewDense(100, 50, nil)
pic := image.NewRGBA(image.Rect(0, 0, 640, 480))
ch := make(chan int, 8)
ch <- 1
f := func(a int) int { return a }
ring := &list{Value: 1}
ring.Next = ring
chain := &list{1, &list{2, nil}}
huge := new(big.Int).Lsh(big.NewInt(1), 100000)
data := make([]byte, 3000)
c := complex(1, -2)
when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
`)
	for _, r := range []struct{ name, text, shape, reason string }{
		{"n", "42", "", "a number needs no shape"},
		{"name", `"a\tb"`, "", "strings are quoted"},
		{"long", `"xxxxxxxx`, "5000 bytes", "the head of a long string"},
		{"p", `{X:1 Y:2 hidden:"h"}`, "", "a struct by fields, and its String is not called"},
		{"ptr", `&{X:1 Y:2 hidden:"h"}`, "", "a pointer to one"},
		{"pts", `[{X:1 Y:2 hidden:"a"} {X:3 Y:4 hidden:"b"}]`, "2 elements", "a slice of them"},
		{"xs", "[0 0 0", "1000000 elements, 8 MB", "the head of a long slice"},
		{"rows", "[[1 2 3] [4 5 6]]", "2×3", "rows of one length"},
		{"ragged", "[[1] [2 3]]", "2 rows of different lengths", "ragged rows"},
		{"arr", "[1 2 3]", "3 elements", "an array"},
		{"m", `map["k":{X:5 Y:6 hidden:"m"}]`, "1 entry", "a map"},
		{"empty", "[]", "empty", "an empty slice"},
		{"none", "[]", "empty", "a nil slice"},
		{"err", "<nil>", "", "a nil error"},
		{"bad", "no way", "", "an error by its words"},
		{"sh", "{Side:2}", "", "a notebook type in an interface"},
		{"anys", `[1 "s" 3 <nil>]`, "4 elements", "values of notebook types in any"},
		{"deg", "21.5", "", "a notebook number"},
		{"d", "1m30s", "", "a duration"},
		{"mtx", "[1 2 3; 4 5 6]", "2×3", "a matrix"},
		{"big1", "[0 0 0 0 …; 0 0 0 0 …;", "100×50, 40.1 kB", "the corner of a large one"},
		{"pic", "RGBA of 640×480", "640×480 pixels, 1.23 MB", "a picture"},
		{"ch", "chan", "1 of 8 in it", "a channel"},
		{"f", "func", "", "a function"},
		{"chain", "&{Value:1 Next:&{Value:2 Next:<nil>}}", "", "pointers are followed"},
		{"ring", "&{Value:1 Next:&{Value:1 Next:&{", "", "and not for ever"},
		{"huge", "an integer of 100001 bits", "12.6 kB", "a number that takes long to print"},
		{"data", "[0 0", "3000 elements, 3.02 kB", "bytes"},
		{"c", "(1-2i)", "", "a complex number"},
		{"when", "2026-01-02 03:04:05 +0000 UTC", "", "a time"},
	} {
		got := s.Inspect(r.name, len(r.name), 0)
		if _, value, _ := strings.Cut(got.Text, "\n\nvalue: "); !strings.Contains(value, r.text) {
			t.Errorf("%s: %s is %q, want value %q", r.reason, r.name, got.Text, r.text)
		}
		if has := strings.Contains(got.Text, "\nshape: "); has != (r.shape != "") || !strings.Contains(got.Text, r.shape) {
			t.Errorf("%s: %s is %q, want shape %q", r.reason, r.name, got.Text, r.shape)
		}
		if len(got.Text) > 5*maxValue {
			t.Errorf("%s: %s: %d bytes", r.reason, r.name, len(got.Text))
		}
	}
}

// A value may be large, and a question must not hold up the next cell.
func TestInspectValuesAtOnce(t *testing.T) {
	s := product(t)
	s.mustRun(t, 1, `
deep := make([][][]string, 300)
for i := range deep { deep[i] = make([][]string, 100); for j := range deep[i] { deep[i][j] = make([]string, 50) } }
table := map[int][]int{}
for i := range 300000 { table[i] = nil }`)
	for _, name := range []string{"deep", "table"} {
		fastest := time.Hour
		for range 5 {
			start := time.Now()
			s.Inspect(name, len(name), 0)
			fastest = min(fastest, time.Since(start))
		}
		if fastest > 100*time.Millisecond {
			t.Errorf("%s takes %v", name, fastest)
		}
	}
}

// What the prelude defines for readers comes after their own names, and the
// package that it needs is not theirs.
func TestCompletePrelude(t *testing.T) {
	s := product(t)
	s.mustRun(t, 1, "zebra := 1")
	var names []string
	for _, m := range s.Complete("x := ", 5).Matches {
		names = append(names, m.Text)
	}
	if got := strings.Join(names, " "); got != "zebra ctx must" {
		t.Errorf("offered: %s", got)
	}
}

// Questions about texts of any size and depth are answered, and the session
// goes on.
func TestAskLargeCells(t *testing.T) {
	s := product(t)
	s.mustRun(t, 1, "pl := plot.New()")
	for _, c := range []struct {
		code, reason string
		found        bool
	}{
		{strings.Repeat("fmt.Println(1)\n", 5000) + "pl.", "5,000 lines", true},
		{"x := []int{" + strings.Repeat("1, ", 50_000) + "pl.", "50,000 elements", true},
		{strings.Repeat("(", 10_000) + "pl.", "10,000 parentheses", true},
		{strings.Repeat("{", 100_000) + "pl.", "more blocks than the parser takes", false},
		{"type R[P any] struct { r *R[[]P] }\nvar r R[int]\nr.r.", "a type that would be instantiated for ever", true},
		{"type T struct { T }\nvar t T\nt.", "a type that contains itself", false},
		{"a\x00b\xffpl.", "bytes that are no text", false},
	} {
		if got := s.Complete(c.code, points(c.code)); len(got.Matches) > 0 != c.found {
			t.Errorf("%s: %d matches", c.reason, len(got.Matches))
		}
		s.Inspect(c.code, points(c.code)-1, 1)
	}
	s.mustRun(t, 2, "pl.Title.Text = \"a\"")
}
