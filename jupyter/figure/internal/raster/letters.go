package raster

import (
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

type glyphKey struct {
	font *sfnt.Font
	r    rune
}

// glyph is an outline in font units, y downwards, its curves kept.
type glyph struct {
	index    sfnt.GlyphIndex
	segments sfnt.Segments
	advance  fixed.Int26_6
}

// letters adds the outlines of text, baseline at p, to the coverage. A rune
// that the font has no shape for is drawn as its box; one that cannot be
// loaded is left out.
func (c *Canvas) letters(f plotfont.Face, p vg.Point, text string) {
	units := fixed.Int26_6(f.Face.UnitsPerEm())
	size := f.Font.Size.Points() / float64(units) // points a unit
	x, y := p.X.Points(), p.Y.Points()
	if m := c.state.m; m.b == 0 && m.c == 0 && m.d != 0 { // level text stands on whole pixels
		_, py := m.apply(x, y)
		y = (math.Round(py) - m.f) / m.d
	}
	var before sfnt.GlyphIndex
	for i, r := range []rune(text) {
		g, ok := c.glyph(f.Face, r, units)
		if !ok {
			continue
		}
		if i > 0 {
			if kern, err := f.Face.Kern(&c.buf, before, g.index, units, font.HintingNone); err == nil {
				x += float64(kern) * size
			}
		}
		c.outline(g.segments, x, y, size)
		x += float64(g.advance) * size
		before = g.index
	}
}

func (c *Canvas) glyph(f *sfnt.Font, r rune, units fixed.Int26_6) (glyph, bool) {
	key := glyphKey{f, r}
	if g, ok := c.glyphs[key]; ok {
		return g, true
	}
	index, err := f.GlyphIndex(&c.buf, r)
	if err != nil {
		return glyph{}, false
	}
	segments, err := f.LoadGlyph(&c.buf, index, units, nil)
	if err != nil {
		return glyph{}, false
	}
	advance, err := f.GlyphAdvance(&c.buf, index, units, font.HintingNone)
	if err != nil {
		return glyph{}, false
	}
	g := glyph{index, append(sfnt.Segments(nil), segments...), advance}
	c.glyphs[key] = g
	return g, true
}

// outline adds the edges of a glyph at x, y.
func (c *Canvas) outline(segments sfnt.Segments, x, y, size float64) {
	at := func(p fixed.Point26_6) point {
		px, py := c.state.m.apply(x+float64(p.X)*size, y-float64(p.Y)*size)
		return point{px, py}
	}
	var first, from point
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			c.cover.edge(from, first) // glyphs are closed; no edge if they say so
			first = at(s.Args[0])
			from = first
		case sfnt.SegmentOpLineTo:
			to := at(s.Args[0])
			c.cover.edge(from, to)
			from = to
		case sfnt.SegmentOpQuadTo:
			from = c.bend(from, at(s.Args[0]), at(s.Args[0]), at(s.Args[1]), true)
		case sfnt.SegmentOpCubeTo:
			from = c.bend(from, at(s.Args[0]), at(s.Args[1]), at(s.Args[2]), false)
		}
	}
	c.cover.edge(from, first)
}

// bend adds a curve from p to q in steps of about two pixels.
func (c *Canvas) bend(p, k1, k2, q point, quadratic bool) point {
	n := max(2, min(12, int((math.Abs(q.x-p.x)+math.Abs(q.y-p.y))/2)))
	from := p
	for i := 1; i <= n; i++ {
		t := float64(i) / float64(n)
		s := 1 - t
		to := q
		if i < n {
			if quadratic {
				to = point{s*s*p.x + 2*s*t*k1.x + t*t*q.x, s*s*p.y + 2*s*t*k1.y + t*t*q.y}
			} else {
				to = point{
					s*s*s*p.x + 3*s*s*t*k1.x + 3*s*t*t*k2.x + t*t*t*q.x,
					s*s*s*p.y + 3*s*s*t*k1.y + 3*s*t*t*k2.y + t*t*t*q.y,
				}
			}
		}
		c.cover.edge(from, to)
		from = to
	}
	return q
}
