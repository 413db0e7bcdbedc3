package figure_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"surprisal/gpu/dataset"
	"surprisal/gpu/imaging"
	"surprisal/jupyter/display"
	"surprisal/jupyter/figure"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// rings is a generated picture with edges and even areas.
func rings(w, h int) *imaging.Gray {
	pix := make([]uint8, w*h)
	for i := range pix {
		x, y := float64(i%w-w/2), float64(i/w-h/2)
		pix[i] = uint8(128 + 100*math.Sin((x*x+y*y)/float64(w)))
		if i%w < w/4 {
			pix[i] = 40
		}
	}
	g, err := imaging.NewGray8(w, h, pix)
	if err != nil {
		panic(err)
	}
	return g
}

func entropy(tb testing.TB, img image.Image) *imaging.Map {
	tb.Helper()
	m, err := imaging.EntropyMap{MillerMadow: true}.Of(context.Background(), img)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func waves(w, h int) [][]float64 {
	rows := make([][]float64, h)
	for y := range rows {
		rows[y] = make([]float64, w)
		for x := range rows[y] {
			rows[y][x] = math.Sin(float64(x)/9) * math.Cos(float64(y)/7) * 2.5
		}
	}
	return rows
}

func decode(tb testing.TB, f *figure.Figure) image.Image {
	tb.Helper()
	b, err := f.PNG()
	if err != nil {
		tb.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	return img
}

func TestGolden(t *testing.T) {
	masked := waves(60, 40)
	masked[10][20], masked[11][20] = math.NaN(), math.NaN()
	photo := image.NewRGBA(image.Rect(0, 0, 48, 32))
	for i := range 48 * 32 {
		photo.Set(i%48, i/48, color.RGBA{uint8(5 * (i % 48)), uint8(7 * (i / 48)), 90, 255})
	}
	for _, c := range []struct {
		name string
		f    *figure.Figure
	}{
		{"entropy-map", figure.Image(entropy(t, rings(160, 120)), figure.Options{Title: "Rings"})},
		{"grey", figure.Image(rings(160, 120))},
		{"diverging-nan", figure.Image(masked, figure.Options{Palette: figure.Diverging, Unit: "mV"})},
		{"one-pixel", figure.Image([][]float64{{3.5}}, figure.Options{Unit: "m"})},
		{"one-row", figure.Image([][]float64{{1, 2, 3, 4, 5, 9}})},
		{"colour", figure.Image(photo, figure.Options{Title: "Colours of its own"})},
		{"no-number", figure.Image([][]float64{{math.NaN()}})},
		{"entropy-map-dark", figure.Image(entropy(t, rings(160, 120)), figure.Options{Title: "Rings", Theme: figure.Dark})},
		{"colour-dark", figure.Image(photo, figure.Options{Title: "Colours of its own", Theme: figure.Dark})},
		{"lines", figure.Lines([]figure.Line{
			{Name: "temperature", Unit: "°C", Y: gap(figure.Walk(400)), Times: figure.Days(400)},
			{Name: "its half", Unit: "°C", Y: half(figure.Walk(400)), Times: figure.Days(400)},
			{Name: "wind", Unit: "m/s", Y: figure.Walk(400), Times: figure.Days(400)},
		}, figure.Options{Title: "Lines"})},
		{"graph", figure.Graph(figure.Regions(5, 6, 1, 2), figure.Options{Title: "Five regions"})},
		{"graph-dark", figure.Graph(figure.Regions(17, 30, 1, 2), figure.Options{Theme: figure.Dark})},
		{"fan", figure.Fan(figure.Cycles(300, 11), figure.Options{Title: "One cycle ahead"})},
		{"fan-dark", figure.Fan(figure.Cycles(300, 11), figure.Options{Theme: figure.Dark})},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join("testdata", c.name+".png")
			if *update {
				b, err := c.f.PNG()
				if err == nil {
					err = os.WriteFile(path, b, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; make it with -update", err)
			}
			want, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			similar(t, decode(t, c.f), want)
		})
	}
}

// gap leaves out a month.
func gap(y []float64) []float64 {
	for i := 100; i < 130; i++ {
		y[i] = math.NaN()
	}
	return y
}

func half(y []float64) []float64 {
	for i := range y {
		y[i] /= 2
	}
	return y
}

// similar allows for edges of letters, which other processors may round
// otherwise: no colour may be off by more than 40 of 255, and 0.5 % of them by
// more than 2.
func similar(t *testing.T, got, want image.Image) {
	t.Helper()
	if got.Bounds() != want.Bounds() {
		t.Fatalf("the picture has %v, the golden one %v; look at it, then -update", got.Bounds(), want.Bounds())
	}
	off, worst := 0, 0
	b := want.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			r0, g0, b0, _ := got.At(x, y).RGBA()
			r1, g1, b1, _ := want.At(x, y).RGBA()
			d := 0
			for _, p := range [][2]uint32{{r0, r1}, {g0, g1}, {b0, b1}} {
				d = max(d, int(p[0]>>8)-int(p[1]>>8), int(p[1]>>8)-int(p[0]>>8))
			}
			if worst = max(worst, d); d > 2 {
				off++
			}
		}
	}
	if worst > 40 || off*200 > b.Dx()*b.Dy() {
		t.Errorf("%d of %d dots differ from the golden picture, by up to %d of 255; look at it, then -update", off, b.Dx()*b.Dy(), worst)
	}
}

func TestSameBytesEveryTime(t *testing.T) {
	a, err := figure.Image(entropy(t, rings(90, 70))).PNG()
	if err != nil {
		t.Fatal(err)
	}
	b, err := figure.Image(entropy(t, rings(90, 70))).PNG()
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two drawings of the same map differ (%v)", err)
	}
}

// One value is one screen pixel, two dots of the PNG, its first row on top.
func TestPixelsAreExact(t *testing.T) {
	const w, h = 300, 280
	rows := make([][]float64, h)
	for y := range rows {
		rows[y] = make([]float64, w)
	}
	rows[0][0], rows[0][1], rows[h-1][w-1] = 1, -1, 1
	img := decode(t, figure.Image(rows, figure.Options{Palette: figure.Grey}))
	white := func(x, y int) bool { r, g, b, _ := img.At(x, y).RGBA(); return r+g+b == 3*65535 }
	grey := func(x, y int) bool { r, _, _, _ := img.At(x, y).RGBA(); return r>>8 > 100 && r>>8 < 150 }
	// The map's upper left corner: a white square of 2×2 inside the frame,
	// black beside it, grey below.
	found := false
	for y := range 100 {
		for x := range 150 {
			r, _, _, _ := img.At(x+2, y).RGBA()
			if white(x, y) && white(x+1, y+1) && r == 0 && grey(x, y+2) && grey(x+1, y+2) && grey(x+4, y) {
				if !white(x+2*w-1, y+2*h-1) || !white(x+2*w-2, y+2*h-2) || !grey(x+2*w-3, y+2*h-1) || !grey(x+2*w-1, y+2*h-3) {
					t.Errorf("the last value is not at its place, %d×%d values from the first", w, h)
				}
				found = true
			}
		}
	}
	if !found {
		t.Error("the first value is nowhere drawn as one screen pixel")
	}
}

func TestBundle(t *testing.T) {
	f := figure.Image(entropy(t, rings(300, 200)))
	b := display.Of(f)
	img := decode(t, f)
	meta, ok := b.Metadata["image/png"].(map[string]any)
	if !ok || meta["width"] != img.Bounds().Dx()/2 || meta["height"] != img.Bounds().Dy()/2 || meta["needs_background"] != "light" || b.Metadata["needs_background"] != "light" {
		t.Errorf("metadata %v of a PNG of %v", b.Metadata, img.Bounds())
	}
	if p, err := f.PNG(); err != nil || !bytes.Equal(b.Data["image/png"].([]byte), p) {
		t.Errorf("the bundle has another picture than PNG (%v)", err)
	}
	if s := b.Data["text/plain"]; s != f.String() || !strings.HasPrefix(f.String(), "entropy map 300×200, 9×9 window, border crop, 256 bins, Miller–Madow: 0.00–") {
		t.Errorf("text %q", s)
	}
}

func TestSentences(t *testing.T) {
	nan := math.NaN()
	g, err := imaging.NewGray16(2, 1, []uint16{7, 900})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v    any
		o    figure.Options
		want string
	}{
		{[][]float64{{1, 2}, {3, 10}}, figure.Options{Unit: "m"}, "image, 2×2 values: 1 to 10 m, median 2.5"},
		{[][]float64{{-1, 2}}, figure.Options{Title: "T"}, "T: image, 2×1 values: −1 to 2, median 0.5"},
		{[][]float64{{4, 4, 4}}, figure.Options{}, "image, 3×1 values, all 4"},
		{[][]float64{{nan, 1, 2, nan}}, figure.Options{}, "image, 4×1 values: 1 to 2, median 1.5; 2 values are NaN, drawn grey"},
		{[][]float64{{nan, math.Inf(1), 2, 3}}, figure.Options{}, "image, 4×1 values: 2 to 3, median 2.5; 1 value is NaN, drawn grey; 1 value is infinite"},
		{[][]float64{{nan}}, figure.Options{}, "image, 1×1 values, none of them a number"},
		{[][]float64{{1, 2}}, figure.Options{Lo: -5, Hi: 5}, "image, 2×1 values: 1 to 2, median 1.5; colours from −5 to 5"},
		{mat.NewDense(1, 3, []float64{1, 2, 3}), figure.Options{}, "image, 3×1 values: 1 to 3, median 2"},
		{&dataset.Array{Shape: []int{1, 2}, Type: "<i2", Data: []int16{236, 1076}}, figure.Options{Unit: "m"}, "image, 2×1 values: 236 to 1076 m, median 656"},
		{g, figure.Options{}, "grey image, 2×1 pixels of 16 bits, values 7–900"},
		{g, figure.Options{Title: "Relief", Unit: "m"}, "Relief: grey image, 2×1 pixels of 16 bits, values 7–900 m"},
		{image.NewGray(image.Rect(2, 2, 5, 4)), figure.Options{}, "grey image, 3×2 pixels of 8 bits, values 0–0"},
		{image.NewRGBA(image.Rect(0, 0, 3, 2)), figure.Options{}, "colour image, 3×2 pixels"},
	} {
		if got := figure.Image(c.v, c.o).String(); got != c.want {
			t.Errorf("%T: %q, want %q", c.v, got, c.want)
		}
	}
}

func TestBadRequests(t *testing.T) {
	some := [][]float64{{1, 2}}
	for _, c := range []struct {
		name string
		f    *figure.Figure
		want string
	}{
		{"nil", figure.Image(nil), "nil was given"},
		{"nil map", figure.Image((*imaging.Map)(nil)), "nil was given"},
		{"a number", figure.Image(3), "int cannot be drawn as an image"},
		{"no rows", figure.Image([][]float64{}), "no rows"},
		{"empty row", figure.Image([][]float64{{}}), "0×1 values"},
		{"ragged", figure.Image([][]float64{{1, 2}, {3}}), "row 1 has 1 values, row 0 has 2"},
		{"one dimension", figure.Image(&dataset.Array{Shape: []int{2}, Data: []int16{1, 2}}), "an array of 1 dimensions"},
		{"map without values", figure.Image(&imaging.Map{}), "0×0 values"},
		{"map of the wrong size", figure.Image(&imaging.Map{Width: 2, Height: 2, Bits: []float64{1}}), "1 values for an image of 2×2"},
		{"range upside down", figure.Image(some, figure.Options{Lo: 2, Hi: 1}), "Lo must be a number below Hi"},
		{"NaN in range", figure.Image(some, figure.Options{Hi: math.NaN()}), "Lo must be a number"},
		{"factor", figure.Image(some, figure.Options{Factor: -1}), "possible are 1 to 64"},
		{"palette", figure.Image(some, figure.Options{Palette: 77}), "Palette(77): no such palette"},
		{"two options", figure.Image(some, figure.Options{}, figure.Options{}), "give one"},
		{"zero Figure", &figure.Figure{}, "make one with figure.Image"},
	} {
		b, err := c.f.PNG()
		if b != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "figure: ") {
			t.Errorf("%s: picture %v, error %v, want one with %q", c.name, b != nil, err, c.want)
		} else if c.f.String() != err.Error() {
			t.Errorf("%s: says %q, not its error", c.name, c.f)
		}
	}
}

// Noise cannot be compressed: of 2000×1500 values a picture of less than 2 MB
// must be made of fewer dots, and must say so.
func TestLargePicturesShrinkAndSaySo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	m := mat.NewDense(1500, 2000, nil)
	for i := range m.RawMatrix().Data {
		m.RawMatrix().Data[i] = r.Float64()
	}
	f := figure.Image(m)
	b, err := f.PNG()
	if err != nil || len(b) > 2<<20 {
		t.Fatalf("%d bytes, %v; want at most 2 MB", len(b), err)
	}
	if want := "; drawn at 1/2 of its size, each dot the mean of 2×2 values"; !strings.HasSuffix(f.String(), want) {
		t.Errorf("says %q, want it to end in %q", f, want)
	}
}

func ExampleImage() {
	f := figure.Image([][]float64{{0, 1}, {2, 3}}, figure.Options{Unit: "m"})
	b, err := f.PNG()
	fmt.Println(f)
	fmt.Println(len(b) > 1000, err)
	// Output:
	// image, 2×2 values: 0 to 3 m, median 1.5
	// true <nil>
}

func BenchmarkImage(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	pix := make([]uint8, 512*512)
	for i := range pix {
		pix[i] = uint8(128 + 40*r.NormFloat64())
	}
	g, err := imaging.NewGray8(512, 512, pix)
	if err != nil {
		b.Fatal(err)
	}
	m := entropy(b, g)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := figure.Image(m).PNG(); err != nil {
			b.Fatal(err)
		}
	}
}
