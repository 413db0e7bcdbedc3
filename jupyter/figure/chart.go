package figure

import (
	"image/color"
	"math"
	"time"

	"gonum.org/v1/plot/vg"
)

// Sizes of figures made of lines, in screen pixels.
const (
	chartWidth  = 624 // 6.5 inches of 96
	panelHeight = 280 // of a single panel without what is around it
	edge        = 12  // free all around
	tickLength  = 4
)

func styleOfTitle() style { return style{size: titleSize, bold: true} }
func styleOfText() style  { return style{size: labelSize} }

// chart is one or several panels, each with its own value axis, over one
// horizontal axis.
type chart struct {
	title  string
	x      string         // below the horizontal axis
	lo, hi float64        // of the horizontal axis
	whole  bool           // it has whole values only
	times  *time.Location // it counts seconds since 1970 in this place; nil: numbers
	panels []panel
	legend []entry
}

// panel is what is drawn over one value axis.
type panel struct {
	unit   string // above the axis
	above  bool   // there is something to the right of it
	lo, hi float64
	draw   func(s *sheet, f frame)
}

// frame is where a panel lies and what its axes count.
type frame struct {
	box
	xs, ys scale
}

func (f frame) x(v float64) float64 { return f.x0 + f.xs.share(v)*(f.x1-f.x0) }
func (f frame) y(v float64) float64 { return f.y1 - f.ys.share(v)*(f.y1-f.y0) }

// sheet lays the chart out and draws it, with text below unless it is empty.
func (c *chart) sheet(l look, text string) *sheet {
	s := newSheet(l)
	s.width = chartWidth
	y := edge + 0.0
	if c.title != "" {
		y = s.paragraph(s.ink, styleOfTitle(), edge, y, s.wrap(c.title, titleSize, true, s.width-2*edge, 2)) + 4
	}
	if len(c.legend) > 0 {
		y = s.legend(c.legend, edge, y, s.width-2*edge) + 4
	}
	height := math.Max(90, math.Min(panelHeight, 420/float64(len(c.panels))))
	left := edge + 0.0
	ticked := make([][]tick, len(c.panels))
	for i, p := range c.panels {
		ticked[i] = roundTicks(p.lo, p.hi, int(max(3, height/32)))
		for _, k := range ticked[i] {
			left = max(left, edge+s.lettering.width(k.label, labelSize, false)+tickLength+4)
		}
	}
	right := s.width - edge - 8
	xs := c.xTicks(s, left, right)
	if n := len(xs); n > 0 { // half of the last label may lie beyond the axis
		f := frame{box{left, 0, right, 0}, scale{lo: c.lo, hi: c.hi}, scale{}}
		over := f.x(xs[n-1].at) + s.lettering.width(xs[n-1].label, labelSize, false)/2 - (s.width - edge)
		right -= max(0, math.Ceil(over))
	}
	for i, p := range c.panels {
		if p.unit != "" || p.above {
			room := s.width - 2*edge
			if p.above {
				room /= 2
			}
			s.write(s.soft, styleOfText(), edge, y+labelSize, 0, s.fit(p.unit, labelSize, false, room))
			y += labelSize + 8
		} else {
			y += 6
		}
		f := frame{box{left, y, right, y + height}, scale{lo: c.lo, hi: c.hi}, scale{lo: p.lo, hi: p.hi}}
		c.panel(s, p, f, ticked[i], xs)
		y += height
		if i < len(c.panels)-1 {
			y += 14
		}
	}
	y = c.under(s, left, right, y, xs)
	if text != "" {
		y = s.paragraph(s.soft, styleOfText(), edge, y+4, s.wrap(text, labelSize, false, s.width-2*edge, 8))
	}
	s.height = y + edge
	return s
}

// panel draws the grid, what the panel shows, and its axes.
func (c *chart) panel(s *sheet, p panel, f frame, ys, xs []tick) {
	before := len(s.marks)
	p.draw(s, f)
	shown := append([]mark(nil), s.marks[before:]...)
	s.marks = s.marks[:before]
	for len(shown) > 0 && shown[0].width == 0 && shown[0].text == "" { // areas lie below the grid
		s.marks, shown = append(s.marks, shown[0]), shown[1:]
	}
	for _, k := range ys {
		s.segment(s.grid, 1, f.x0, half(f.y(k.at)), f.x1, half(f.y(k.at)))
	}
	s.marks = append(s.marks, shown...)
	s.segment(s.axis, 1, half(f.x0), f.y0, half(f.x0), f.y1)
	s.segment(s.axis, 1, f.x0, half(f.y1), f.x1, half(f.y1))
	for _, k := range ys {
		y := half(f.y(k.at))
		s.segment(s.axis, 1, f.x0-tickLength, y, f.x0, y)
		s.write(s.soft, styleOfText(), f.x0-tickLength-3, y+0.36*labelSize, 1, k.label)
	}
	for _, k := range xs {
		x := half(f.x(k.at))
		s.segment(s.axis, 1, x, f.y1, x, f.y1+tickLength)
	}
}

// half puts a line of one pixel between two, where it is sharp.
func half(v float64) float64 { return math.Floor(v) + 0.5 }

// under writes what stands below the lowest panel and returns where it ends.
func (c *chart) under(s *sheet, left, right, y float64, xs []tick) float64 {
	f := frame{box{left, 0, right, 0}, scale{lo: c.lo, hi: c.hi}, scale{}}
	y += tickLength + 3
	second := false
	for _, k := range xs {
		s.write(s.soft, styleOfText(), f.x(k.at), y+labelSize, 0.5, k.label)
		second = second || k.below != ""
	}
	y += labelSize + 5
	if second {
		end := 0.0
		for i := len(xs) - 1; i >= 0; i-- { // from the right: the first date yields to the one that changes
			k := xs[i]
			w := s.lettering.width(k.below, labelSize, false)
			x := max(edge, min(f.x(k.at)-w/2, s.width-edge-w))
			if k.below == "" || end > 0 && x+w+8 > end {
				continue
			}
			s.write(s.soft, styleOfText(), x, y+labelSize, 0, k.below)
			end = x
		}
		y += labelSize + 5
	}
	if c.x != "" {
		s.write(s.soft, styleOfText(), (left+right)/2, y+labelSize, 0.5, s.fit(c.x, labelSize, false, right-left))
		y += labelSize + 6
	}
	return y
}

// xTicks returns as many ticks as have room for their labels.
func (c *chart) xTicks(s *sheet, left, right float64) []tick {
	f := frame{box{left, 0, right, 0}, scale{lo: c.lo, hi: c.hi}, scale{}}
	fits := func(t []tick) bool {
		end := math.Inf(-1)
		for _, k := range t {
			w := s.lettering.width(k.label, labelSize, false)
			if f.x(k.at)-w/2 < end+14 {
				return false
			}
			end = f.x(k.at) + w/2
		}
		return len(t) <= 12
	}
	if c.times != nil {
		return calendar(c.lo, c.hi, c.times, fits)
	}
	var t []tick
	for n := 10; n >= 1; n-- {
		m := n
		if c.whole {
			m = int(max(1, min(float64(n), c.hi-c.lo)))
		}
		t = ticks(c.lo, c.hi, m)
		if c.whole {
			t = wholes(t)
		}
		if len(t) > 0 && fits(t) {
			return t
		}
	}
	return t[:min(1, len(t))]
}

// wholes leaves out ticks between whole values.
func wholes(t []tick) []tick {
	out := t[:0]
	for _, k := range t {
		if k.at == math.Trunc(k.at) {
			k.label = number(k.at, 17)
			out = append(out, k)
		}
	}
	return out
}

// roundTicks returns about n ticks: where the next round step would leave less
// than two thirds of them, those of a smaller one.
func roundTicks(lo, hi float64, n int) []tick {
	for more := range 4 {
		if t := ticks(lo, hi, n+more); t[0].at != lo && 3*len(t) >= 2*n {
			return t
		}
	}
	return ticks(lo, hi, n)
}

// roomy is the range of an axis that shows values from lo to hi: a little more,
// so that no line lies on the border, and something where all are equal.
func roomy(lo, hi float64) (float64, float64) {
	if lo == hi {
		d := math.Max(math.Abs(lo)*0.05, 1e-300)
		if lo == 0 {
			d = 1
		}
		return math.Max(lo-d, -math.MaxFloat64), math.Min(hi+d, math.MaxFloat64)
	}
	d := (hi - lo) * 0.04
	if math.IsInf(hi-lo, 0) {
		d = hi*0.04 - lo*0.04
	}
	return math.Max(lo-d, -math.MaxFloat64), math.Min(hi+d, math.MaxFloat64)
}

// entry explains one thing that is drawn.
type entry struct {
	name string
	draw func(s *sheet, x, y float64) // its sample, 26 wide, around y
}

const sample = 26

func lineEntry(name string, c stroke) entry {
	return entry{name, func(s *sheet, x, y float64) {
		s.line(c.colour, c.width, c.dash, open(pt(x, y), pt(x+sample, y)))
	}}
}

// stroke is how a series is drawn.
type stroke struct {
	colour color.NRGBA
	width  float64
	dash   []vg.Length
}

// legend writes entries in rows from y down, at most three of them, and
// returns where they end.
func (s *sheet) legend(entries []entry, x, y, width float64) float64 {
	const gap, rows = 20, 3
	at, row := x, 0
	for i, e := range entries {
		name := s.fit(e.name, labelSize, false, 220)
		w := sample + 6 + s.lettering.width(name, labelSize, false)
		if at > x && at+w > x+width {
			at, y, row = x, y+labelSize+6, row+1
		}
		if row == rows-1 && i < len(entries)-1 && at+w+gap+90 > x+width {
			s.write(s.soft, styleOfText(), at, y+labelSize, 0, "and "+countOf(len(entries)-i, "other"))
			break
		}
		e.draw(s, at, half(y+0.62*labelSize))
		s.write(s.ink, styleOfText(), at+sample+6, y+labelSize, 0, name)
		at += w + gap
	}
	return y + labelSize + 6
}
