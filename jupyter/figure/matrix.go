package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// matrix shows a network with a row for each source and a column for each
// target.
type matrix struct {
	*network
	shades  shades
	cell    float64 // side of one
	size    float64 // of names; 0: there are none
	upward  bool    // names of columns
	decide  int     // decimals of values; −1: there is no room for them
	letters float64 // size of values
	left    float64 // width of the names of rows
	top     float64 // height of the names of columns
}

func (w *network) matrix(s *sheet, k shades) *matrix {
	n := float64(len(w.names))
	m := &matrix{network: w, shades: k, cell: math.Floor(max(13, min(44, 420/n))), size: 11, decide: -1}
	switch {
	case n > 100:
		m.cell, m.size = math.Floor(max(2, 900/n)), 0
	case n > 40:
		m.cell, m.size = 10, 8.5
	case m.cell < 20:
		m.size = 10
	}
	for _, name := range w.names {
		long := s.lettering.width(s.fit(name, m.size, false, nameWidth), m.size, false)
		m.left = max(m.left, long)
		m.upward = m.upward || long > m.cell-6
	}
	m.top = m.size + 4
	if m.upward {
		m.top = m.left + 4
	}
	if m.size == 0 {
		m.left, m.top = 0, 0
	}
	m.decide, m.letters = m.decimals(s)
	return m
}

// decimals is how many digits after the point the values have, so that the
// largest has two figures, or three if it starts with 1, and the size of their
// letters. −1: there is no room for them.
func (m *matrix) decimals(s *sheet) (int, float64) {
	top := max(math.Abs(m.shades.lo), math.Abs(m.shades.hi))
	if !(m.cell >= 28 && top >= 1e-4 && top < 1e5) {
		return -1, 0
	}
	size := math.Floor(math.Log10(top))
	d := max(0, 1-int(size))
	if top < 2*math.Pow(10, size) {
		d++
	}
	for _, letters := range []float64{9.5, 8.5} {
		fits := true
		for _, l := range m.links {
			fits = fits && (math.IsNaN(l.Effect) || s.lettering.width(fixed(l.Effect, d), letters, l.Significant) <= m.cell-8)
		}
		if fits {
			return d, letters
		}
	}
	return -1, 0
}

func (m *matrix) side() float64 { return m.cell * float64(len(m.names)) }

// draw draws the cells with their upper left corner at x, y, and the names to
// the left and above.
func (m *matrix) draw(s *sheet, x, y float64) {
	side := m.side()
	for i := range m.names {
		for j := range m.names {
			m.one(s, m.at[i][j], i == j, x+float64(j)*m.cell, y+float64(i)*m.cell)
		}
	}
	if m.cell >= 8 {
		for i := 1; i < len(m.names); i++ {
			d := float64(i) * m.cell
			s.segment(s.ground, 1, x+d, y, x+d, y+side)
			s.segment(s.ground, 1, x, y+d, x+side, y+d)
		}
	}
	for _, l := range [][4]float64{{x, y, x + side, y}, {x + side, y, x + side, y + side}, {x + side, y + side, x, y + side}, {x, y + side, x, y}} {
		s.segment(s.axis, 1, l[0], l[1], l[2], l[3])
	}
	if m.size == 0 {
		return
	}
	f := style{size: m.size}
	for i, name := range m.names {
		name = s.fit(name, m.size, false, nameWidth)
		at := (float64(i) + 0.5) * m.cell
		s.write(s.ink, f, x-5, y+at+0.36*m.size, 1, name)
		if m.upward {
			s.writeUp(s.ink, f, x+at+0.36*m.size, y-5, 0, name)
		} else {
			s.write(s.ink, f, x+at, y-6, 0.5, name)
		}
	}
}

// boxed tells whether values that are not significant have room for a dashed
// box around them.
func (m *matrix) boxed() bool { return m.decide >= 0 && m.cell >= 38 }

// spotted tells whether what is not significant has a spot; in large matrices
// it is blank.
func (m *matrix) spotted() bool { return len(m.names) <= 100 }

// coloured tells whether any cell has a colour that needs explaining.
func (m *matrix) coloured() bool {
	return slices.ContainsFunc(m.links, func(l link) bool {
		return !math.IsNaN(l.Effect) && (l.Significant || m.decide < 0 && m.spotted())
	})
}

// one draws one cell: full if the link is significant, a spot or a value on
// the ground if it is not, grey if it was not tested.
func (m *matrix) one(s *sheet, l *link, diagonal bool, x, y float64) {
	b := box{x, y, x + m.cell, y + m.cell}
	if diagonal && l == nil {
		s.segment(s.grid, 1, b.x0, b.y0, b.x1, b.y1)
		return
	}
	if l == nil || !l.tested || math.IsNaN(l.Effect) {
		s.rect(s.blank, b.x0, b.y0, b.x1, b.y1)
	}
	if l == nil || math.IsNaN(l.Effect) {
		return
	}
	colour, ink := m.shades.of(l.Effect), s.soft
	switch {
	case l.Significant:
		s.rect(colour, b.x0, b.y0, b.x1, b.y1)
		if ink = rgb(0xffffff); contrast(ink, colour) < contrast(rgb(0x111111), colour) {
			ink = rgb(0x111111)
		}
	case l.tested && m.boxed():
		dashedBox(s, b.grown(-2.5))
	case l.tested && m.decide >= 0: // the value alone
	case l.tested && !m.spotted():
	case l.tested:
		c := b.grown(-math.Round(0.34 * m.cell))
		s.rect(mix(colour, s.ground, 0.55), c.x0, c.y0, c.x1, c.y1)
	case m.decide < 0: // no test: a spot on grey
		c := b.grown(-math.Round(0.34 * m.cell))
		s.rect(colour, c.x0, c.y0, c.x1, c.y1)
	default:
		ink = s.ink
	}
	if m.decide >= 0 {
		s.write(ink, style{size: m.letters, bold: l.Significant}, x+m.cell/2, y+m.cell/2+0.36*m.letters, 0.5, fixed(l.Effect, m.decide))
	}
}

// sample is what the key shows of a link that is not significant.
func (m *matrix) sample(s *sheet, x, y float64) {
	c := box{x + sample/2, y, x + sample/2, y}.grown(6)
	switch {
	case m.boxed():
		dashedBox(s, c)
		return
	case m.decide >= 0:
		s.write(s.soft, style{size: m.letters}, x+sample/2, y+0.36*m.letters, 0.5, fixed(0, m.decide))
		return
	}
	s.line(s.axis, 1, nil, polygon(pt(c.x0, c.y0), pt(c.x1, c.y0), pt(c.x1, c.y1), pt(c.x0, c.y1)))
	if m.spotted() {
		c = c.grown(-4)
		s.rect(mix(m.shades.colours[0], s.ground, 0.55), c.x0, c.y0, c.x1, c.y1)
	}
}

func dashedBox(s *sheet, b box) {
	s.line(s.axis, 1, []vg.Length{3, 2.5}, polygon(pt(b.x0, b.y0), pt(b.x1, b.y0), pt(b.x1, b.y1), pt(b.x0, b.y1)))
}

// bar draws the scale of colours from x, y down and returns where it ends on
// the right.
func (k shades) bar(s *sheet, unit string, x, y, height float64) float64 {
	const width = 12
	step := height / shadeCount
	for i := range shadeCount { // each over a part of the next, so that no seam shows
		s.rect(k.colours[shadeCount-1-i], x, y+float64(i)*step, x+width, min(y+height, y+float64(i+2)*step))
	}
	f := styleOfText()
	right := x
	if unit != "" {
		b := s.write(s.soft, f, x, y-7, 0, s.fit(unit, labelSize, false, 70))
		right = b.x1
	}
	for _, t := range ticks(k.lo, k.hi, int(max(2, min(6, height/32)))) {
		at := y + height - k.share(t.at)*height
		s.segment(s.axis, 1, x+width, at, x+width+tickLength, at)
		b := s.write(s.soft, f, x+width+tickLength+3, at+0.36*labelSize, 0, t.label)
		right = max(right, b.x1)
	}
	return right
}
