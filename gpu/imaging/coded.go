package imaging

import (
	"context"
	"fmt"
	"image"
	"math"

	"surprisal/gpu"
)

// Form is how the values of a Coded map are kept.
type Form int

const (
	Byte Form = 1 + iota // whole multiples of Coded.Unit: right to half of it, 0.0125 bits for 9×9
	Half                 // IEEE float16: right to 2^-12 of the value or more, 0.002 bits between 4 and 8
)

func (f Form) String() string {
	switch f {
	case Byte:
		return "byte"
	case Half:
		return "half"
	}
	return fmt.Sprintf("Form(%d)", int(f))
}

// Coded is an entropy map for a screen or a slow line: a byte or two a value, where
// a Map has eight. A device makes the codes itself, so that fewer bytes come from it.
type Coded struct {
	Width, Height int
	Bytes         []uint8  // of Byte, row by row
	Halves        []uint16 // of Half, row by row: the bits of float16
	Unit          float64  // bits that a byte of 1 stands for
	Place         gpu.Place
}

// Coded returns the entropy maps of images in a short form. The whole range of a byte
// is what a window of this size can show at most, which Unit tells. Beside the error
// of the form values have that of maps of the place. Occupied bins are not kept.
func (e EntropyMap) Coded(ctx context.Context, form Form, images ...image.Image) ([]*Coded, error) {
	if form != Byte && form != Half {
		return nil, fmt.Errorf("imaging: entropy map: form %d: it must be Byte or Half", int(form))
	}
	e.Occupied = false
	out := make([]*Coded, len(images))
	b := batch{e: e, limit: groupPixels, form: form, images: images, maps: make([]*Map, len(images)), coded: out}
	return out, b.run(ctx)
}

// Value returns the bits at column x, row y.
func (c *Coded) Value(x, y int) float64 {
	if x < 0 || x >= c.Width || y < 0 || y >= c.Height {
		panic(fmt.Sprintf("imaging: column %d, row %d is outside a map of %d×%d values", x, y, c.Width, c.Height))
	}
	i := y*c.Width + x
	if c.Bytes != nil {
		return float64(c.Bytes[i]) * c.Unit
	}
	return fromHalf(c.Halves[i])
}

// Image is the map as a picture, white where a window is as varied as can be. A map
// of bytes shares its memory with it.
func (c *Coded) Image() *image.Gray {
	g := &image.Gray{Pix: c.Bytes, Stride: c.Width, Rect: image.Rect(0, 0, c.Width, c.Height)}
	if c.Bytes == nil {
		g.Pix = make([]uint8, len(c.Halves))
		for i, h := range c.Halves {
			g.Pix[i] = toByte(float32(fromHalf(h)), float32(1/c.Unit))
		}
	}
	return g
}

// coded puts a short form together.
func (p *plan) coded(whole *part, at gpu.Place) *Coded {
	return &Coded{Width: p.outW, Height: p.outH, Bytes: whole.bytes, Halves: whole.halves, Unit: p.most() / 255, Place: at}
}

// shorten makes codes of the values of a part.
func (p *plan) shorten(m *part, form Form) {
	if form == Half {
		m.halves = make([]uint16, len(m.bits))
		for i, v := range m.bits {
			m.halves[i] = toHalf(float32(v))
		}
		return
	}
	scale := p.scale()
	m.bytes = make([]uint8, len(m.bits))
	for i, v := range m.bits {
		m.bytes[i] = toByte(float32(v), scale)
	}
}

// most is the largest value that a window can show: that of k pixels in k bins.
func (p *plan) most() float64 {
	k := min(p.maxArea(), p.bins)
	most := math.Log2(float64(k))
	if p.correct {
		most += float64(k-1) * perBin(k)
	}
	return max(most, 1) // a window of one pixel has no bits to show
}

// scale is codes a bit, as devices multiply by it.
func (p *plan) scale() float32 { return float32(255 / p.most()) }

func toByte(bits, scale float32) uint8 {
	return uint8(min(255, int(float32(bits*scale)+0.5)))
}

// toHalf is the nearest float16 to a value from 0 to 2048, ties to even.
func toHalf(bits float32) uint16 {
	if bits == 0 {
		return 0
	}
	_, e := math.Frexp(float64(bits))
	e = max(e, -13) // below 2^-14 there are fewer places
	m := math.RoundToEven(math.Ldexp(float64(bits), 11-e))
	return uint16((e+13)<<10) + uint16(m) // 1024 and 2048 go over into the exponent by themselves
}

func fromHalf(h uint16) float64 {
	e, m := int(h>>10), float64(h&1023)
	if e == 0 {
		return math.Ldexp(m, -24)
	}
	return math.Ldexp(1024+m, e-25)
}
