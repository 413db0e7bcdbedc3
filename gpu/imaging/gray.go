package imaging

import (
	"fmt"
	"image"
	"image/color"
)

// Gray is a grey image of 8 or 16 bits. Make one with NewGray8, NewGray16,
// FromInt16 or GrayOf. It is an image.Image, so that it can be shown and
// encoded as it is; a dark picture is one whose values use few of the bits.
type Gray struct {
	w, h, stride int
	pix8         []uint8 // one of the two is set
	pix16        []uint16
}

var _ image.Image = (*Gray)(nil)

// NewGray8 returns the image of w × h pixels whose rows follow each other in
// pix. It keeps pix and never writes to it.
func NewGray8(w, h int, pix []uint8) (*Gray, error) {
	if err := checkSize(w, h, len(pix)); err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	return &Gray{w: w, h: h, stride: w, pix8: pix}, nil
}

// NewGray16 is NewGray8 for 16 bits.
func NewGray16(w, h int, pix []uint16) (*Gray, error) {
	if err := checkSize(w, h, len(pix)); err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	return &Gray{w: w, h: h, stride: w, pix16: pix}, nil
}

// FromInt16 returns a copy of signed values, such as elevations in metres, as
// an image of 16 bits. A negative value is an error: nothing is shifted
// unasked.
func FromInt16(w, h int, values []int16) (*Gray, error) {
	if err := checkSize(w, h, len(values)); err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	pix := make([]uint16, len(values))
	for i, v := range values {
		if v < 0 {
			return nil, fmt.Errorf("imaging: value %d at column %d, row %d is below 0: grey values start at 0; add an offset first", v, i%w, i/w)
		}
		pix[i] = uint16(v)
	}
	return &Gray{w: w, h: h, stride: w, pix16: pix}, nil
}

func checkSize(w, h, n int) error {
	switch {
	case w <= 0 || h <= 0:
		return fmt.Errorf("an image of %d×%d pixels is empty: width and height must be at least 1", w, h)
	case w > maxSide || h > maxSide:
		return fmt.Errorf("an image of %d×%d pixels is too large: a side may have %d; cut it into parts", w, h, maxSide)
	case n != w*h:
		return fmt.Errorf("%d values for an image of %d×%d pixels: it needs %d", n, w, h, w*h)
	}
	return nil
}

// maxSide keeps every product of two sides far inside an int64.
const maxSide = 1 << 24

// GrayOf returns img as a Gray. A *Gray is returned as it is, an *image.Gray
// shares its pixels, an *image.Gray16 is copied. Anything else has colours, or
// may have, and is an error; Luma makes grey values of those.
func GrayOf(img image.Image) (*Gray, error) {
	g, err := grayOf(img)
	if err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	return g, nil
}

func grayOf(img image.Image) (*Gray, error) {
	switch p := img.(type) {
	case nil:
		return nil, fmt.Errorf("no image: nil was given")
	case *Gray:
		if p == nil {
			return nil, fmt.Errorf("no image: a nil *Gray was given")
		}
		if err := checkSize(p.w, p.h, p.w*p.h); err != nil {
			return nil, err
		}
		return p, nil
	case *image.Gray:
		if p == nil {
			return nil, fmt.Errorf("no image: a nil *image.Gray was given")
		}
		r := p.Rect
		if err := checkSize(r.Dx(), r.Dy(), r.Dx()*r.Dy()); err != nil {
			return nil, err
		}
		if err := checkPixels(r, p.Stride, r.Dx(), len(p.Pix)); err != nil {
			return nil, err
		}
		return &Gray{w: r.Dx(), h: r.Dy(), stride: p.Stride, pix8: p.Pix}, nil
	case *image.Gray16:
		if p == nil {
			return nil, fmt.Errorf("no image: a nil *image.Gray16 was given")
		}
		r := p.Rect
		if err := checkSize(r.Dx(), r.Dy(), r.Dx()*r.Dy()); err != nil {
			return nil, err
		}
		if err := checkPixels(r, p.Stride, 2*r.Dx(), len(p.Pix)); err != nil {
			return nil, err
		}
		g := &Gray{w: r.Dx(), h: r.Dy(), stride: r.Dx(), pix16: make([]uint16, r.Dx()*r.Dy())}
		for y := range g.h {
			row := p.Pix[p.PixOffset(r.Min.X, r.Min.Y+y):]
			for x := range g.w {
				g.pix16[y*g.w+x] = uint16(row[2*x])<<8 | uint16(row[2*x+1])
			}
		}
		return g, nil
	}
	return nil, fmt.Errorf("%T has colours: entropy maps want grey values; imaging.Luma(img) makes them", img)
}

// checkPixels refuses an image of the standard library that was put together
// by hand and holds fewer pixels than its rectangle says. row is the bytes of
// one row.
func checkPixels(r image.Rectangle, stride, row, have int) error {
	if stride >= row && (r.Dy() == 1 || stride <= have) && (r.Dy()-1)*stride+row <= have {
		return nil
	}
	return fmt.Errorf("%d bytes in rows of %d do not hold %d×%d pixels: make the image with image.NewGray, or NewGray8 here", have, stride, r.Dx(), r.Dy())
}

// Luma returns the 8-bit luma of any image (ITU-R BT.601, as image/color has
// it).
func Luma(img image.Image) (*Gray, error) {
	if img == nil {
		return nil, fmt.Errorf("imaging: no image: nil was given")
	}
	r := img.Bounds()
	if err := checkSize(r.Dx(), r.Dy(), r.Dx()*r.Dy()); err != nil {
		return nil, fmt.Errorf("imaging: %w", err)
	}
	g := &Gray{w: r.Dx(), h: r.Dy(), stride: r.Dx(), pix8: make([]uint8, r.Dx()*r.Dy())}
	for y := range g.h {
		for x := range g.w {
			g.pix8[y*g.w+x] = color.GrayModel.Convert(img.At(r.Min.X+x, r.Min.Y+y)).(color.Gray).Y
		}
	}
	return g, nil
}

// Width returns the number of columns.
func (g *Gray) Width() int { return g.w }

// Height returns the number of rows.
func (g *Gray) Height() int { return g.h }

// Depth returns the bits of a value: 8 or 16.
func (g *Gray) Depth() int {
	if g.pix16 != nil {
		return 16
	}
	return 8
}

// Value returns the value at column x, row y. It panics outside the image, as
// an index does.
func (g *Gray) Value(x, y int) int {
	if x < 0 || x >= g.w || y < 0 || y >= g.h {
		panic(fmt.Sprintf("imaging: column %d, row %d is outside an image of %d×%d pixels", x, y, g.w, g.h))
	}
	if g.pix16 != nil {
		return int(g.pix16[y*g.stride+x])
	}
	return int(g.pix8[y*g.stride+x])
}

// Range returns the smallest and the largest value.
func (g *Gray) Range() (lo, hi int) {
	lo = 1 << 16
	for y := range g.h {
		var l, h int
		if g.pix16 != nil {
			l, h = span(g.pix16[y*g.stride:][:g.w])
		} else {
			l, h = span(g.pix8[y*g.stride:][:g.w])
		}
		lo, hi = min(lo, l), max(hi, h)
	}
	return lo, hi
}

// span is the smallest and the largest of some values, of which there must be one.
func span[V uint8 | uint16](row []V) (lo, hi int) {
	l, h := row[0], row[0]
	for _, v := range row {
		l, h = min(l, v), max(h, v)
	}
	return int(l), int(h)
}

// Crop returns the part of the image that starts at column x, row y and has
// w × h pixels. It shares the pixels.
func (g *Gray) Crop(x, y, w, h int) (*Gray, error) {
	if x < 0 || y < 0 || w <= 0 || h <= 0 || w > g.w-x || h > g.h-y {
		return nil, fmt.Errorf("imaging: %d×%d pixels from column %d, row %d: not inside an image of %d×%d pixels", w, h, x, y, g.w, g.h)
	}
	c := &Gray{w: w, h: h, stride: g.stride}
	if g.pix16 != nil {
		c.pix16 = g.pix16[y*g.stride+x:]
	} else {
		c.pix8 = g.pix8[y*g.stride+x:]
	}
	return c, nil
}

// ColorModel implements image.Image.
func (g *Gray) ColorModel() color.Model {
	if g.pix16 != nil {
		return color.Gray16Model
	}
	return color.GrayModel
}

// Bounds implements image.Image.
func (g *Gray) Bounds() image.Rectangle { return image.Rect(0, 0, g.w, g.h) }

// At implements image.Image.
func (g *Gray) At(x, y int) color.Color {
	if !(image.Point{X: x, Y: y}).In(g.Bounds()) {
		return color.Gray16{}
	}
	if g.pix16 != nil {
		return color.Gray16{Y: g.pix16[y*g.stride+x]}
	}
	return color.Gray{Y: g.pix8[y*g.stride+x]}
}

// String says size, depth and range.
func (g *Gray) String() string {
	lo, hi := g.Range()
	return fmt.Sprintf("grey image, %d×%d pixels of %d bits, values %d–%d", g.w, g.h, g.Depth(), lo, hi)
}
