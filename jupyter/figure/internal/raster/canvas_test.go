package raster_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"

	"surprisal/jupyter/figure/internal/raster"
)

const w, h = 120, 90

var fonts = font.NewCache(liberation.Collection())

func at(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }

func line(p ...vg.Point) vg.Path {
	var l vg.Path
	l.Move(p[0])
	for _, q := range p[1:] {
		l.Line(q)
	}
	return l
}

// Every drawing looks as gonum's own canvas makes it: the mean difference of
// the two is a small part of the ink.
func TestDrawsAsVgimgDoes(t *testing.T) {
	var curve vg.Path
	curve.Move(at(10, 10))
	curve.QuadTo(at(60, 80), at(110, 10))
	curve.CubeTo(at(100, 60), at(30, 30), at(20, 80))
	var ring vg.Path
	ring.Move(at(90, 45))
	ring.Arc(at(60, 45), 30, 0, 2*math.Pi)
	ring.Close()
	for _, c := range []struct {
		name   string
		within float64 // mean difference over mean ink
		blur   int     // pixels, because vgimg does not set letters on whole ones
		draw   func(vg.Canvas)
	}{
		{"rectangle", 0.01, 1, func(c vg.Canvas) { c.Fill(vg.Rectangle{Min: at(10.25, 10.5), Max: at(50, 40.75)}.Path()) }},
		{"polygon over the border", 0.01, 1, func(c vg.Canvas) { c.Fill(line(at(-50, 20), at(60, 150), at(200, -30))) }},
		{"disc", 0.01, 1, func(c vg.Canvas) { c.Fill(ring) }},
		{"hole", 0.01, 1, func(c vg.Canvas) {
			p := vg.Rectangle{Min: at(10, 10), Max: at(100, 80)}.Path()
			p.Move(at(30, 30))
			p.Line(at(30, 60))
			p.Line(at(70, 60))
			p.Line(at(70, 30))
			p.Close()
			c.Fill(p)
		}},
		{"curves", 0.03, 1, func(c vg.Canvas) { c.SetLineWidth(3); c.Stroke(curve) }},
		{"ring", 0.03, 1, func(c vg.Canvas) { c.SetLineWidth(2); c.Stroke(ring) }},
		{"thin line", 0.05, 1, func(c vg.Canvas) { c.SetLineWidth(0.5); c.Stroke(line(at(3, 5), at(100, 40), at(20, 85))) }},
		{"sharp turns", 0.05, 1, func(c vg.Canvas) {
			c.SetLineWidth(6)
			c.Stroke(line(at(10, 20), at(100, 30), at(15, 40), at(60, 80), at(60, 50)))
		}},
		{"dashes", 0.06, 1, func(c vg.Canvas) {
			c.SetLineWidth(2)
			c.SetLineDash([]vg.Length{8, 4, 2, 4}, 3)
			c.Stroke(line(at(5, 10), at(110, 20), at(30, 80)))
		}},
		{"see-through", 0.01, 1, func(c vg.Canvas) {
			c.SetColor(color.NRGBA{30, 200, 30, 100})
			c.Fill(ring)
			c.Fill(line(at(0, 0), at(120, 0), at(60, 90)))
		}},
		{"letters", 0.2, 6, func(c vg.Canvas) {
			c.FillString(fonts.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans"}, 14), at(5, 40), "Tₓ→ᵧ AVATAR g&q")
		}},
		{"turned and moved", 0.2, 6, func(c vg.Canvas) {
			c.Push()
			c.Translate(at(60, 20))
			c.Rotate(math.Pi / 3)
			c.FillString(fonts.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans"}, 16), at(0, 0), "turned")
			c.Pop()
			c.Fill(line(at(0, 0), at(10, 0), at(0, 10)))
		}},
	} {
		mine, theirs := raster.New(w, h, 2, color.White), vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(144))
		c.draw(mine)
		c.draw(theirs)
		if d := difference(mine.Image(), theirs.Image(), max(1, c.blur)); !(d < c.within) {
			t.Errorf("%s: differs by %.3f of its ink, want below %v", c.name, d, c.within)
		}
	}
}

// difference is the mean difference of blocks of n × n pixels over their mean
// ink, both of the red.
func difference(a, b image.Image, n int) float64 {
	diff, ink := 0.0, 0.0
	for y := 0; y < 2*h; y += n {
		for x := 0; x < 2*w; x += n {
			d := 0.0
			for i := range n * n {
				p, _, _, _ := a.At(x+i%n, y+i/n).RGBA()
				q, _, _, _ := b.At(x+i%n, y+i/n).RGBA()
				d += float64(p) - float64(q)
				ink += 65535 - float64(q)
			}
			diff += math.Abs(d)
		}
	}
	return diff / ink // NaN if there is none
}

// What has no place on the canvas, or none at all, must not end the program.
func TestHostilePaths(t *testing.T) {
	c := raster.New(w, h, 2, color.White)
	c.SetLineWidth(4)
	big := math.MaxFloat64
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), big, -big, 1e9} {
		for _, y := range []float64{math.NaN(), math.Inf(-1), big, 40} {
			p := line(at(10, 10), at(x, y), at(50, 50))
			c.Fill(p)
			c.Stroke(p)
		}
	}
	c.Stroke(vg.Path{})
	c.Fill(line(at(5, 5)))
	c.Stroke(line(at(5, 5), at(5, 5)))
	c.SetLineDash([]vg.Length{0, 0}, 0)
	c.Stroke(line(at(5, 5), at(90, 5)))
	c.SetLineDash([]vg.Length{0, 5}, 0)
	c.Stroke(line(at(5, 5), at(90, 5)))
}

func TestPNG(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name    string
		colours int
		off     int // by how much a component may differ
	}{
		{"one colour", 1, 0},
		{"as many as fit", 200, 0},
		{"too many", 3000, 48},
	} {
		img := raster.New(w, h, 2, color.White)
		palette := make([]color.RGBA, c.colours)
		for i := range palette {
			palette[i] = color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}
		}
		for i := range 4 * w * h {
			img.Image().SetRGBA(i%(2*w), i/(2*w), palette[r.IntN(len(palette))])
		}
		b, err := img.PNG()
		if err != nil {
			t.Fatal(err)
		}
		back, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if worst := furthest(img.Image(), back); worst > c.off {
			t.Errorf("%s: a colour moved by %d, want at most %d", c.name, worst, c.off)
		}
		again, err := img.PNG()
		if err != nil || !bytes.Equal(b, again) {
			t.Errorf("%s: the second file differs, error %v", c.name, err)
		}
	}
}

func furthest(a, b image.Image) int {
	worst := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			r0, g0, b0, _ := a.At(x, y).RGBA()
			r1, g1, b1, _ := b.At(x, y).RGBA()
			for _, p := range [][2]uint32{{r0, r1}, {g0, g1}, {b0, b1}} {
				worst = max(worst, int(p[0]>>8)-int(p[1]>>8), int(p[1]>>8)-int(p[0]>>8))
			}
		}
	}
	return worst
}

// both measures a drawing on this canvas and on gonum's.
func both(b *testing.B, draw func(vg.Canvas)) {
	b.Run("raster", func(b *testing.B) {
		c := raster.New(1000, 500, 2, color.White)
		for b.Loop() {
			draw(c)
		}
	})
	b.Run("vgimg", func(b *testing.B) {
		c := vgimg.NewWith(vgimg.UseWH(1000, 500), vgimg.UseDPI(144))
		for b.Loop() {
			draw(c)
		}
	})
}

func BenchmarkText(b *testing.B) {
	f := fonts.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans"}, 11)
	both(b, func(c vg.Canvas) { c.FillString(f, at(100, 100), "abcdefghij") })
}

func BenchmarkCurve(b *testing.B) {
	var p vg.Path
	p.Move(at(10, 10))
	p.QuadTo(at(150, 250), at(300, 150))
	both(b, func(c vg.Canvas) { c.SetLineWidth(2); c.Stroke(p) })
}

func zigzag() vg.Path {
	p := line(at(0, 0))
	for i := range 300 {
		p.Line(at(float64(3*i), float64(7919*i%400)))
	}
	return p
}

func BenchmarkZigzag(b *testing.B) {
	p := zigzag()
	both(b, func(c vg.Canvas) { c.SetLineWidth(2); c.Stroke(p) })
}

// A whole file: a new canvas, a line, and 2 million dots encoded.
func BenchmarkPNG(b *testing.B) {
	p := zigzag()
	b.Run("raster", func(b *testing.B) {
		for b.Loop() {
			c := raster.New(1000, 500, 2, color.White)
			c.SetLineWidth(2)
			c.Stroke(p)
			if _, err := c.PNG(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("vgimg", func(b *testing.B) {
		for b.Loop() {
			c := vgimg.NewWith(vgimg.UseWH(1000, 500), vgimg.UseDPI(144))
			c.SetLineWidth(2)
			c.Stroke(p)
			e := png.Encoder{CompressionLevel: png.BestSpeed}
			if err := e.Encode(io.Discard, c.Image()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
