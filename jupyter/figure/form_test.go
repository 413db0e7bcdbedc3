package figure

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"surprisal/gpu/causal"
	"surprisal/gpu/forecast"
	"surprisal/jupyter/display"
)

// The PNG has two dots a pixel of the SVG and of the metadata, its border is
// ground on all sides, and there is ink inside.
func TestForms(t *testing.T) {
	for name, v := range pictures() {
		for _, theme := range []Theme{Light, Dark} {
			l, err := theme.look()
			if err != nil {
				t.Fatal(err)
			}
			b := display.Of(figureOf(v, Options{Theme: theme}))
			pic, _ := b.Data["image/png"].([]byte)
			decoded, err := png.Decode(bytes.NewReader(pic))
			img, ok := decoded.(*image.Paletted)
			if err != nil || !ok {
				t.Errorf("%s: %T, %v: %v", name, decoded, err, b.Data["text/plain"])
				continue
			}
			size := img.Bounds().Size()
			for _, mime := range []string{"image/png", "image/svg+xml"} {
				m, _ := b.Metadata[mime].(map[string]any)
				if m["width"] != size.X/2 || m["height"] != size.Y/2 || m["needs_background"] != theme.String() || b.Metadata["needs_background"] != theme.String() {
					t.Errorf("%s: metadata of %s are %v for %v dots", name, mime, m, size)
				}
			}
			if at, ok := rim(img, l.ground); !ok {
				t.Errorf("%s, %s: something touches the border at %v", name, theme, at)
			}
			if share := ink(img, l.ground); !(share > 0.005 && share < 0.7) {
				t.Errorf("%s, %s: %.4f of the picture is not ground", name, theme, share)
			}
			svg, _ := b.Data["image/svg+xml"].(string)
			checkSVG(t, name, svg, size, b.Data["text/plain"])
		}
	}
}

// rim looks at the outermost 8 dots.
func rim(img *image.Paletted, ground color.NRGBA) (image.Point, bool) {
	is := isGround(img, ground)
	for i, k := range img.Pix {
		x, y := i%img.Stride, i/img.Stride
		if inside := x >= 8 && x < img.Rect.Dx()-8 && y >= 8 && y < img.Rect.Dy()-8; !inside && !is[k] {
			return image.Pt(x, y), false
		}
	}
	return image.Point{}, true
}

// ink is the share of the dots that are not ground.
func ink(img *image.Paletted, ground color.NRGBA) float64 {
	is, n := isGround(img, ground), 0
	for _, k := range img.Pix {
		if !is[k] {
			n++
		}
	}
	return float64(n) / float64(len(img.Pix))
}

// isGround tells of each entry of the palette whether it is the ground.
func isGround(img *image.Paletted, ground color.NRGBA) (is [256]bool) {
	for i, c := range img.Palette {
		is[i] = color.NRGBAModel.Convert(c) == ground
	}
	return is
}

func checkSVG(t *testing.T, name, svg string, size image.Point, text any) {
	t.Helper()
	var root struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		Role    string   `xml:"role,attr"`
		Width   int      `xml:"width,attr"`
		Height  int      `xml:"height,attr"`
		Title   string   `xml:"title"`
		Desc    string   `xml:"desc"`
	}
	if err := xml.Unmarshal([]byte(svg), &root); err != nil {
		t.Errorf("%s: SVG: %v", name, err)
		return
	}
	if root.Role != "img" || root.Title == "" || root.Desc != text || 2*root.Width != size.X || 2*root.Height != size.Y {
		t.Errorf("%s: SVG says role %q, title %q, %d × %d, desc %q; the text is %q", name, root.Role, root.Title, root.Width, root.Height, root.Desc, text)
	}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		k, err := d.Token()
		if err == io.EOF {
			break
		}
		if e, ok := k.(xml.StartElement); ok {
			if long := slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == "textLength" && a.Value != "0" }); e.Name.Local == "text" && !long {
				t.Errorf("%s: SVG has a text of any width: %v", name, e.Attr)
			}
			if !slices.Contains([]string{"svg", "title", "desc", "g", "path", "text", "rect"}, e.Name.Local) {
				t.Errorf("%s: SVG holds a <%s>", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s: SVG has %s=%q", name, a.Name.Local, a.Value)
				}
			}
		}
	}
}

// Drawn twice in a process, and once in another, the bytes are the same.
func TestSameBytes(t *testing.T) {
	mine, again := hashes(t), hashes(t)
	if mine != again {
		t.Error("the second drawing differs from the first")
	}
	if os.Getenv("FIGURE_HASHES") != "" {
		fmt.Println("hashes", mine)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestSameBytes$", "-test.v")
	c.Env = append(os.Environ(), "FIGURE_HASHES=1")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "hashes "+mine+"\n") {
		t.Errorf("another process draws otherwise: %s", out)
	}
}

func hashes(t *testing.T) string {
	h := sha256.New()
	all := pictures()
	for _, name := range []string{"a map", "days", "45 lines", "islands", "graph of 5", "graph of 30", "both signs", "hostile names", "fan", "fan with gaps"} {
		f := figureOf(all[name], Options{Title: "t"})
		b, err := f.PNG()
		if err != nil {
			t.Fatal(name, err)
		}
		svg, err := f.SVG()
		if err != nil {
			t.Fatal(name, err)
		}
		h.Write(b)
		io.WriteString(h, svg)
		io.WriteString(h, f.String())
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestWhatCannotBeDrawn(t *testing.T) {
	nan := math.NaN()
	some := []float64{1, 2}
	for _, c := range []struct {
		name string
		f    *Figure
		want string
	}{
		{"nil", Lines(nil), "figure: lines: nothing to draw: nil was given"},
		{"a number", Lines(3), "figure: lines: int cannot be drawn as lines"},
		{"no values", Lines([]float64{}), "line 0 has no values"},
		{"no lines", Lines([]Line{}), "nothing to draw: no lines"},
		{"no lines by name", Lines(map[string][]float64{}), "nothing to draw: no lines"},
		{"lengths", Lines(Line{Name: "a", Y: some, X: []float64{1}}), "line 0 (a) has 1 values of X for 2 of Y"},
		{"lengths of times", Lines(Line{Y: some, Times: make([]time.Time, 3)}), "line 0 has 3 Times for 2 values of Y"},
		{"two axes", Lines(Line{Y: some, X: some, Times: make([]time.Time, 2)}), "both X and Times"},
		{"back", Lines(Line{Y: []float64{1, 2, 3}, X: []float64{1, 3, 2}}), "X goes back at value 2, from 3 to 2: sort the values first"},
		{"nowhere", Lines(Line{Y: some, X: []float64{1, nan}}), "X is NaN at value 1"},
		{"axes that differ", Lines([]Line{{Y: some}, {Y: some, X: some}}), "line 1 and line 0 have different horizontal axes"},
		{"units", Lines(unitLines(9)), "9 different units"},
		{"range", Lines(some, Options{Lo: 3, Hi: 1}), "Lo must be a number below Hi"},
		{"theme", Lines(some, Options{Theme: 5}), "Theme(5): there are Light and Dark"},
		{"two options", Lines(some, Options{}, Options{}), "2 Options were given: give one"},
		{"nil graph", Graph(nil), "figure: graph: nothing to draw: nil was given"},
		{"empty graph", Graph(&causal.Graph{}), "the graph has no nodes"},
		{"too many nodes", Graph(&causal.Graph{Nodes: make([]string, 501)}), "501 nodes are too many to be seen: at most 500"},
		{"edge to nowhere", Graph(&causal.Graph{Nodes: []string{"a"}, Edges: []causal.Edge{{From: 0, To: 1}}}), "edge 0 goes from node 0 to node 1, but there are only nodes 0 to 0"},
		{"nil forecast", Fan(nil), "figure: fan: nothing to draw: nil was given"},
		{"no steps", Fan(&forecast.Forecast{History: some}), "no steps"},
		{"ends", Fan(&forecast.Forecast{Mean: some, Intervals: []forecast.Interval{{Level: 0.5, Lo: some}}}), "0 upper ends for 2 steps"},
		{"times", Fan(&forecast.Forecast{Mean: some, Start: nan}), "Start must be a number"},
		{"backwards", Fan(&forecast.Forecast{Mean: some, Step: -1}), "Step not below 0"},
	} {
		_, err := c.f.PNG()
		var typed *Error
		if err == nil || !errors.As(err, &typed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want an Error with %q", c.name, err, c.want)
			continue
		}
		if b := display.Of(c.f); b.Data["image/png"] != nil || !strings.HasSuffix(fmt.Sprint(b.Data["text/plain"]), err.Error()) {
			t.Errorf("%s: is shown as %v", c.name, b.Data)
		}
	}
	if _, err := Image([][]float64{{1}}).SVG(); err == nil || !strings.Contains(err.Error(), "ask for PNG") {
		t.Errorf("the SVG of an image: %v", err)
	}
}

// What a theme promises of its colours.
func TestContrast(t *testing.T) {
	for _, theme := range []Theme{Light, Dark} {
		l, err := theme.look()
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]color.NRGBA{"ink": l.ink, "soft": l.soft} {
			if r := contrast(c, l.ground); !(r >= 4.5) {
				t.Errorf("%s: letters in %s have a contrast of %.1f, below 4.5", theme, name, r)
			}
		}
		if r := contrast(l.axis, l.ground); !(r >= 3) {
			t.Errorf("%s: axes have a contrast of %.1f, below 3", theme, r)
		}
		for i, c := range l.series {
			if r := contrast(c, l.ground); !(r >= 3) {
				t.Errorf("%s: series %d has a contrast of %.1f, below 3", theme, i, r)
			}
			for j, d := range l.series[:i] {
				if c == d {
					t.Errorf("%s: series %d and %d look alike", theme, i, j)
				}
			}
		}
		k, err := newShades(l, scale{lo: 0, hi: 1}, false)
		if err != nil {
			t.Fatal(err)
		}
		before := 0.0
		for v := 0.0; v <= 1; v += 0.05 {
			r := contrast(k.of(v), l.ground)
			if !(r >= 2.9 && r >= before) {
				t.Errorf("%s: the effect %.2f has a contrast of %.2f, a smaller one %.2f", theme, v, r, before)
			}
			before = r
		}
	}
}
