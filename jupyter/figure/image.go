package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"
)

// Image draws v with its first row on top, one value a screen pixel or a whole
// number of them, and a bar that explains the colours. v may be an entropy map,
// an image of the standard library or of package imaging, a two-dimensional
// dataset.Array, [][]float64 or a Matrix. NaN is grey. A picture of more than
// 2 MB is drawn smaller, and its sentence says so.
//
// What is wrong with v or the options is reported by the Figure when it is
// drawn.
func Image(v any, options ...Options) *Figure {
	return newFigure("image", options, func(o Options) (rendered, error) {
		g, err := gridOf(v)
		if err != nil {
			return rendered{}, err
		}
		return drawImage(g, o)
	})
}

const (
	maxBytes = 2 << 20 // of a PNG: a notebook holds all its pictures in one file
	smallMap = 256     // shorter images are enlarged by a whole factor up to this
	denseMap = 1024    // longer ones get one dot a screen pixel, not two
	wideMap  = 2048    // longer ones are made smaller
)

// drawImage draws g, smaller and smaller until it fits into maxBytes.
func drawImage(g *grid, o Options) (rendered, error) {
	n := g.numbers()
	s, err := newScale(g, n, o)
	if err != nil {
		return rendered{}, err
	}
	long := max(g.w, g.h)
	k := (long + wideMap - 1) / wideMap
	for dots := 2; ; {
		small := g.shrink(k)
		factor := o.Factor
		if factor == 0 || k > 1 {
			factor = max(1, min(64, smallMap/max(small.w, small.h)))
		}
		if max(small.w, small.h)*factor > denseMap {
			dots = 1
		}
		text := sentence(g, n, o, k)
		p := layOut(g, small, s, o, text, factor, k, dots)
		b, err := p.png()
		if err != nil {
			return rendered{}, err
		}
		if len(b) <= maxBytes || max(small.w, small.h) == 1 {
			if o.Title != "" {
				text = o.Title + ": " + text
			}
			return rendered{png: b, theme: o.Theme, width: p.width / dots, height: p.height / dots, sentence: text}, nil
		}
		if dots == 2 {
			dots = 1
		} else {
			k *= 2
		}
	}
}

// sentence is what is said below, and instead of, the picture.
func sentence(g *grid, n numbers, o Options, k int) string {
	var b strings.Builder
	unit := ""
	if u := unitOf(g, o); u != "" {
		unit = " " + u
	}
	switch {
	case g.grey:
		b.WriteString(g.sentence + unit) // it ends with the range of values
	case g.sentence != "":
		b.WriteString(g.sentence)
	case n.finite == 0:
		fmt.Fprintf(&b, "image, %d×%d values, none of them a number", g.w, g.h)
	case n.lo == n.hi:
		fmt.Fprintf(&b, "image, %d×%d values, all %s%s", g.w, g.h, number(n.lo, 3), unit)
	default:
		d := digits(n.lo, n.hi)
		fmt.Fprintf(&b, "image, %d×%d values: %s to %s%s, median %s", g.w, g.h, number(n.lo, d), number(n.hi, d), unit, number(n.median, d))
	}
	if n.nan > 0 && n.finite > 0 {
		fmt.Fprintf(&b, "; %s NaN, drawn grey", count(n.nan))
	}
	if n.inf > 0 && n.finite > 0 {
		fmt.Fprintf(&b, "; %s infinite", count(n.inf))
	}
	if o.Lo != o.Hi && g.colour == nil {
		d := digits(o.Lo, o.Hi)
		fmt.Fprintf(&b, "; colours from %s to %s%s", number(o.Lo, d), number(o.Hi, d), unit)
	}
	if k > 1 && g.colour != nil {
		fmt.Fprintf(&b, "; drawn at 1/%d of its size, from every %dth pixel", k, k)
	} else if k > 1 {
		fmt.Fprintf(&b, "; drawn at 1/%d of its size, each dot the mean of %d×%d values", k, k, k)
	}
	return b.String()
}

func count(n int) string {
	if n == 1 {
		return "1 value is"
	}
	return fmt.Sprintf("%d values are", n)
}

func unitOf(g *grid, o Options) string {
	if o.Unit != "" {
		return o.Unit
	}
	return g.unit
}

// Colours of a paletted picture: the map's own, NaN, and greys for text.
const (
	mapColours = 224
	nanColour  = mapColours
	firstGrey  = nanColour + 1
	greys      = 256 - firstGrey
)

// scale turns values into colours.
type scale struct {
	lo, hi  float64
	some    bool // is there a value to explain?
	palette color.Palette
	look    look
}

// paper is the colour of what is v on white paper in black ink.
func (l look) paper(v uint8) color.Color {
	if l.theme == Light {
		return color.RGBA{v, v, v, 255}
	}
	c := mix(l.ground, l.ink, float64(v)/255)
	return color.RGBA{c.R, c.G, c.B, 255}
}

func newScale(g *grid, n numbers, o Options) (*scale, error) {
	l, err := o.Theme.look()
	if err == nil {
		err = o.checkRange()
	}
	if err != nil {
		return nil, err
	}
	s := &scale{lo: n.lo, hi: n.hi, some: n.finite > 0, look: l}
	switch {
	case o.Factor < 0 || o.Factor > 64 || o.Factor > 1 && max(g.w, g.h) > 4096/o.Factor:
		return nil, fmt.Errorf("%d screen pixels a value: possible are 1 to 64, and 4096 in all", o.Factor)
	case o.Lo != o.Hi:
		s.lo, s.hi = o.Lo, o.Hi
	}
	p := o.Palette
	if p == Auto && g.grey {
		p = Grey
	}
	if p == Diverging {
		s.hi = math.Max(math.Abs(s.lo), math.Abs(s.hi))
		s.lo = -s.hi
	}
	c, err := p.colours(mapColours)
	if err != nil {
		return nil, err
	}
	s.palette = append(color.Palette(c), color.RGBA{0xb4, 0xb4, 0xb4, 255})
	for i := range greys {
		s.palette = append(s.palette, l.paper(uint8(i*255/(greys-1))))
	}
	return s, nil
}

// index returns the colour of v. Values beyond the range take its end.
func (s *scale) index(v float64) uint8 {
	switch {
	case math.IsNaN(v):
		return nanColour
	case s.lo == s.hi && !math.IsInf(v, 0):
		return mapColours / 2
	}
	return uint8(math.Max(0, math.Min(mapColours-1, math.Floor(s.share(v)*mapColours))))
}

// share is where v lies between the ends, from 0 to 1; at is its inverse.
// Halves where the distance of the ends is too large for a float64.
func (s *scale) share(v float64) float64 {
	if span := s.hi - s.lo; !math.IsInf(span, 0) {
		return (v - s.lo) / span
	}
	return (v/2 - s.lo/2) / (s.hi/2 - s.lo/2)
}

func (s *scale) at(share float64) float64 {
	if span := s.hi - s.lo; !math.IsInf(span, 0) {
		return s.lo + share*span
	}
	return s.lo*(1-share) + s.hi*share
}
