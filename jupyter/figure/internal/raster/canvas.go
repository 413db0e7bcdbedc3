// Package raster is a canvas of gonum/plot's vg that paints pixels, and a PNG
// encoder for what was painted.
//
// Coverage of an area is summed exactly per pixel, edge by edge, and only the
// pixels that an edge passes or that lie inside are looked at again; outlines
// of letters are kept. Against vg's vgimg, in the same minute: ten letters 22
// and 157 µs, a curve of 340 points 62 and 200 µs, a whole file of 2 million
// pixels 20 and 106 ms.
package raster

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// Canvas implements vg.Canvas. Make one with New.
type Canvas struct {
	img    *image.RGBA
	cover  coverage
	state  state
	stack  []state
	glyphs map[glyphKey]glyph
	buf    sfnt.Buffer
	path   []polyline // of the fill or stroke at work
}

var _ vg.CanvasSizer = (*Canvas)(nil)

type state struct {
	m      matrix
	width  float64
	dash   []float64
	offset float64
	colour color.NRGBA
}

// New returns a canvas of width × height points, each dots × dots pixels,
// painted with ground, which must be opaque.
func New(width, height, dots int, ground color.Color) *Canvas {
	w, h := width*dots, height*dots
	c := &Canvas{img: image.NewRGBA(image.Rect(0, 0, w, h)), glyphs: map[glyphKey]glyph{}}
	c.cover.init(w, h)
	d := float64(dots)
	c.state.m = matrix{d, 0, 0, -d, 0, float64(h)} // y grows upwards
	r, g, b, _ := ground.RGBA()
	px := c.img.Pix
	px[0], px[1], px[2], px[3] = uint8(r>>8), uint8(g>>8), uint8(b>>8), 255
	for n := 4; n < len(px); n *= 2 {
		copy(px[n:], px[:n])
	}
	vg.Initialize(c)
	return c
}

// Image is what was painted so far.
func (c *Canvas) Image() *image.RGBA { return c.img }

// Size is in points.
func (c *Canvas) Size() (w, h vg.Length) {
	d := c.state.m.scale()
	return vg.Length(float64(c.img.Rect.Dx()) / d), vg.Length(float64(c.img.Rect.Dy()) / d)
}

func (c *Canvas) SetLineWidth(w vg.Length) { c.state.width = w.Points() }

func (c *Canvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	c.state.dash, c.state.offset = nil, offset.Points()
	sum := 0.0
	for _, d := range pattern {
		c.state.dash = append(c.state.dash, d.Points())
		sum += math.Abs(d.Points())
	}
	if !(sum > 0) {
		c.state.dash = nil
	}
}

func (c *Canvas) SetColor(k color.Color) {
	if k == nil {
		k = color.Black
	}
	c.state.colour, _ = color.NRGBAModel.Convert(k).(color.NRGBA)
}

func (c *Canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.state.m = matrix{cos, sin, -sin, cos, 0, 0}.then(c.state.m)
}

func (c *Canvas) Translate(p vg.Point) {
	c.state.m = matrix{1, 0, 0, 1, p.X.Points(), p.Y.Points()}.then(c.state.m)
}

func (c *Canvas) Scale(x, y float64) { c.state.m = matrix{x, 0, 0, y, 0, 0}.then(c.state.m) }

func (c *Canvas) Push() { c.stack = append(c.stack, c.state) }

func (c *Canvas) Pop() {
	c.state = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

// Fill fills p by the nonzero rule; open parts are closed.
func (c *Canvas) Fill(p vg.Path) {
	c.flatten(p)
	for _, l := range c.path {
		c.cover.area(l.p)
	}
	c.cover.paint(c.img, c.state.colour)
}

// Stroke draws along p with round joins and straight ends.
func (c *Canvas) Stroke(p vg.Path) {
	scale := c.state.m.scale()
	w := c.state.width * scale
	if !(w > 0) {
		return
	}
	c.flatten(p)
	for _, l := range c.path {
		if c.state.dash == nil {
			c.cover.stroke(l, w)
			continue
		}
		for _, d := range dashed(l, c.state.dash, c.state.offset, scale) {
			c.cover.stroke(d, w)
		}
	}
	c.cover.paint(c.img, c.state.colour)
}

// FillString draws text with its baseline at p.
func (c *Canvas) FillString(f font.Face, p vg.Point, text string) {
	if f.Font.Size == 0 {
		return
	}
	c.letters(f, p, text)
	c.cover.paint(c.img, c.state.colour)
}

// DrawImage draws img into r, each pixel as a rectangle of its own colour.
func (c *Canvas) DrawImage(r vg.Rectangle, img image.Image) {
	x0, y0 := c.state.m.apply(r.Min.X.Points(), r.Max.Y.Points())
	x1, y1 := c.state.m.apply(r.Max.X.Points(), r.Min.Y.Points())
	b := img.Bounds()
	area := image.Rect(int(math.Round(x0)), int(math.Round(y0)), int(math.Round(x1)), int(math.Round(y1)))
	clip := area.Intersect(c.img.Rect)
	for y := clip.Min.Y; y < clip.Max.Y; y++ {
		sy := b.Min.Y + (y-area.Min.Y)*b.Dy()/area.Dy()
		for x := clip.Min.X; x < clip.Max.X; x++ {
			k, _ := color.NRGBAModel.Convert(img.At(b.Min.X+(x-area.Min.X)*b.Dx()/area.Dx(), sy)).(color.NRGBA)
			blend(c.img.Pix[c.img.PixOffset(x, y):], k, int32(k.A))
		}
	}
}

// matrix maps x, y to a·x+c·y+e, b·x+d·y+f.
type matrix struct{ a, b, c, d, e, f float64 }

func (m matrix) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// then is m, and n on what m gives.
func (m matrix) then(n matrix) matrix {
	return matrix{
		n.a*m.a + n.c*m.b, n.b*m.a + n.d*m.b,
		n.a*m.c + n.c*m.d, n.b*m.c + n.d*m.d,
		n.a*m.e + n.c*m.f + n.e, n.b*m.e + n.d*m.f + n.f,
	}
}

func (m matrix) scale() float64 { return math.Sqrt(math.Abs(m.a*m.d - m.b*m.c)) }
