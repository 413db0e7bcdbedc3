package display

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

type rich struct{ name string }

func (r rich) HTML() string   { return "<b>" + r.name + "</b>" }
func (r rich) SVG() string    { return "<svg/>" }
func (r rich) String() string { return "rich " + r.name }

type broken struct{}

func (*broken) PNG() ([]byte, error) { return nil, errors.New("no pixels") }

type bomb struct{}

func (bomb) HTML() string { panic("boom") }

type bundler struct{ b Bundle }

func (b *bundler) Bundle() (Bundle, error) { return b.b, nil }

type table [][]float64

func (t table) Dims() (r, c int) {
	if len(t) == 0 {
		return 0, 0
	}
	return len(t), len(t[0])
}
func (t table) At(i, j int) float64 { return t[i][j] }

type phases [][]complex128

func (t phases) Dims() (r, c int)       { return len(t), len(t[0]) }
func (t phases) At(i, j int) complex128 { return t[i][j] }

type column []float64

func (c column) Len() int            { return len(c) }
func (c column) AtVec(i int) float64 { return c[i] }

func TestLongMatrix(t *testing.T) {
	big := make(table, 100)
	for i := range big {
		big[i] = make([]float64, 50)
		for j := range big[i] {
			big[i][j] = float64(i)
		}
	}
	lines := strings.Split(plain(big), "\n")
	if len(lines) != 22 || lines[0] != "100 × 50 matrix" {
		t.Fatalf("%d lines, the first %q, want 22 with the middle left out", len(lines), lines[0])
	}
	if want := "⎢ ⋮" + strings.Repeat("   ⋮", 9) + "  …" + strings.Repeat("   ⋮", 10) + "⎥"; lines[11] != want {
		t.Errorf("the middle row is %q, want %q", lines[11], want)
	}
	if n := strings.Count(lines[21], "99"); n != 20 {
		t.Errorf("the last row shows %d elements, want 20: %s", n, lines[21])
	}
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		reason string
		v      any
		mime   string
		want   string
	}{
		{"number", 1.5, "text/plain", "1.5"},
		{"string in quotes", "a\nb", "text/plain", `"a\nb"`},
		{"nil", nil, "text/plain", "<nil>"},
		{"error", errors.New("bad"), "text/plain", "bad"},
		{"struct", struct{ A, B int }{1, 2}, "text/plain", "{1 2}"},
		{"function", math.Sqrt, "text/plain", "func(float64) float64"},
		{"nil function", (func())(nil), "text/plain", "<nil>"},
		{"HTML method", rich{"x"}, "text/html", "<b>x</b>"},
		{"SVG method", rich{"x"}, "image/svg+xml", "<svg/>"},
		{"String method", rich{"x"}, "text/plain", "rich x"},
		{"error of a method", &broken{}, "text/plain", "display: *display.broken could not be rendered: no pixels"},
		{"panic of a method", bomb{}, "text/plain", "display: display.bomb could not be rendered: it panicked: boom"},
		{"nil pointer with value methods", (*rich)(nil), "text/plain", "<nil>"},
		{"nil image", (*image.Gray)(nil), "text/plain", "<nil>"},
		{"a matrix", table{{1, -2.5}, {1.0 / 3, 4}}, "text/plain", "2 × 2 matrix\n⎡       1  -2.5⎤\n⎣0.333333     4⎦"},
		{"a matrix of one row", table{{1, 2, 3}}, "text/plain", "1 × 3 matrix\n[1  2  3]"},
		{"an empty matrix", table{}, "text/plain", "0 × 0 matrix"},
		{"a vector, which is a matrix too", column{1, 2.5, 1e9}, "text/plain", "vector of 3: [1 2.5 1e+09]"},
		{"a nil matrix", (*table)(nil), "text/plain", "<nil>"},
		{"a complex matrix", phases{{1i}, {2}}, "text/plain", "2 × 1 matrix\n⎡(0+1i)⎤\n⎣(2+0i)⎦"},
		{"Bundler", HTML("<i>"), "text/html", "<i>"},
		{"a Bundle itself", Bundle{Data: map[string]any{"text/x": "y"}}, "text/x", "y"},
		{"Markdown", Markdown("# a"), "text/markdown", "# a"},
		{"Latex", Latex("$x$"), "text/latex", "$x$"},
		{"Text without quotes", Text("a"), "text/plain", "a"},
		{"JSON", JSON(map[string]int{"a": 1}), "text/plain", `{"a":1}`},
		{"NaN in JSON", JSON([]float64{math.NaN()}), "text/plain", "display: display.jsonValue could not be rendered: json: unsupported value: NaN"},
		{"scale of nothing", PNGAt(nil, 2), "text/plain", "display: display.scaled could not be rendered: unexpected EOF"},
	} {
		if got := Of(c.v).Data[c.mime]; got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.reason, c.mime, got, c.want)
		}
	}
}

func TestOfImage(t *testing.T) {
	im := image.NewGray(image.Rect(0, 0, 3, 2))
	im.SetGray(1, 1, color.Gray{200})
	b := Of(im)
	got, err := png.Decode(bytes.NewReader(b.Data["image/png"].([]byte)))
	if err != nil || got.Bounds() != im.Bounds() || got.At(1, 1) != im.At(1, 1) {
		t.Errorf("the picture came back as %v, %v", got, err)
	}
	if b.Data["text/plain"] != "image, 3 × 2 pixels" {
		t.Error(b.Data["text/plain"])
	}
	half := Of(PNGAt(b.Data["image/png"].([]byte), 2))
	_, meta, err := half.JSON()
	if err != nil || string(meta["image/png"]) != `{"height":1,"width":2}` {
		t.Errorf("metadata %s, %v", meta["image/png"], err)
	}
	for _, scale := range []float64{0, -1, math.NaN()} {
		if text := Of(PNGAt(b.Data["image/png"].([]byte), scale)).Data["text/plain"].(string); !strings.Contains(text, "must be positive") {
			t.Errorf("scale %v: %s", scale, text)
		}
	}
}

func TestOfLeavesTheValueAlone(t *testing.T) {
	v := &bundler{Bundle{Data: map[string]any{"text/html": "x"}}}
	Of(v)
	if len(v.b.Data) != 1 {
		t.Errorf("the value's own map became %v", v.b.Data)
	}
}

// fmt would follow them until the stack overflows.
func TestValuesThatContainThemselves(t *testing.T) {
	m := map[string]any{}
	m["a"] = m
	list := []any{1, nil}
	list[1] = list
	type node struct{ next []any }
	n := node{[]any{nil}}
	n.next[0] = n
	once := []any{1}
	for _, c := range []struct {
		name string
		v    any
		want string
	}{
		{"a map", m, "a value that contains itself"},
		{"a pointer to it", &m, "a value that contains itself"},
		{"a slice", list, "a value that contains itself"},
		{"a struct", n, "a value that contains itself"},
		{"twice the same beside each other", []any{once, once}, "[[1] [1]]"},
		{"empty ones, which share an address", [][]any{{}, {}}, "[[] []]"},
	} {
		if got := Of(c.v).Data["text/plain"]; got != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestLongValues(t *testing.T) {
	long := make([]int, 1_000_000)
	for i := range long {
		long[i] = i
	}
	grid := make([][]float32, 512)
	for i := range grid {
		grid[i] = make([]float32, 512)
	}
	ragged := [][]int{long[:600], long[:601]}
	m := map[int]string{}
	for i := range 2000 {
		m[i] = "v"
	}
	for _, c := range []struct {
		reason    string
		v         any
		start, to string
		max       int
	}{
		{"whole up to a thousand", long[:1000], "[0 1 2 3 4 5 6 7 8 9 10 ", "999]", 5000},
		{"the ends of more", long, "[0 1 2 3 4 5 6 7 8 9 … 999990 9", "999999] (1000000 elements)", 200},
		{"every row", grid, "[[0 0 0 0 0 0 0 0 0 0 … 0 0 ", "0]] (512 × 512 elements)", 2000},
		{"rows that differ", ragged, "[[0 1 2", "600]] (1201 elements)", 400},
		{"array", [2000]bool{}, "[false ", "false] (2000 elements)", 400},
		{"no elements below", make([][]int, 2000), "[[] [] ", "[]] (2000 × 0 elements)", 400},
		{"map", m, "map[0:v 1:v 2:v ", "9:v …] (2000 entries)", 200},
		{"string", strings.Repeat("é", maxBytes), `"éé`, `é"… (131072 bytes)`, maxBytes + 40},
		{"Stringer", rich{strings.Repeat("a€", maxBytes)}, "rich a€", " of 262149 bytes)", maxBytes + 40},
	} {
		got := plain(c.v)
		if !strings.HasPrefix(got, c.start) || !strings.HasSuffix(got, c.to) || len(got) > c.max || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes: %.60s … %s", c.reason, len(got), got, got[max(0, len(got)-60):])
		}
	}
}

func TestBundleJSON(t *testing.T) {
	b := Bundle{
		Data:     map[string]any{"image/png": []byte{1, 2, 3}, "text/html": "<b>&</b>", "application/json": map[string]int{"a": 1}},
		Metadata: map[string]any{"isolated": true},
	}
	data, meta, err := b.JSON()
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %s %s %s", data["image/png"], data["text/html"], data["application/json"], meta["isolated"])
	if want := `"AQID" "<b>&</b>" {"a":1} true`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for name, bad := range map[string]Bundle{
		"data":     {Data: map[string]any{"application/json": math.Inf(1)}},
		"metadata": {Metadata: map[string]any{"x": func() {}}},
	} {
		if d, m, err := bad.JSON(); err == nil || d != nil || m != nil {
			t.Errorf("bad %s: %v, %v, %v", name, d, m, err)
		}
	}
}

// log is a Publisher that writes down what it is asked.
type log struct{ lines []string }

func (l *log) Display(id string, b Bundle) {
	l.lines = append(l.lines, "display "+id+" "+b.Data["text/plain"].(string))
}
func (l *log) Update(id string, b Bundle) {
	l.lines = append(l.lines, "update "+id+" "+b.Data["text/plain"].(string))
}
func (l *log) Clear(wait bool) { l.lines = append(l.lines, fmt.Sprint("clear ", wait)) }

func TestScreen(t *testing.T) {
	var l log
	s := NewScreen(&l)
	a, b := s.Show(1), s.Show(2)
	b.Update(3)
	a.Update(4)
	s.Clear(true)
	want := []string{"display " + a.id + " 1", "display " + b.id + " 2", "update " + b.id + " 3", "update " + a.id + " 4", "clear true"}
	if !slices.Equal(l.lines, want) || a.id == b.id || a.id == "" {
		t.Errorf("published %q, want %q", l.lines, want)
	}
	if other := NewScreen(&l).Show(1); other.id == a.id {
		t.Error("a new session reuses the display ids of the old one")
	}
	if b, err := a.Bundle(); err != nil || len(b.Data) != 0 {
		t.Errorf("a handle shows %v", b)
	}
}
