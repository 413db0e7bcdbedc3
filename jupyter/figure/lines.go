package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"

	"surprisal/gpu/series"
)

// Lines draws series over their index, over numbers or over time. v may be a
// series.Recording, []float64, []float32, []int, [][]float64,
// map[string][]float64 (in the order of the names), a Line or []Line. Series of
// different units have a panel each, one above the other. Each series has its
// colour and, beside others, its dash. Gaps stay gaps, also those between the
// trials of a recording; a value between two gaps is a dot; infinite values are
// left out, and counted in the sentence. Of a series of more than 4992 values,
// four for each column of dots, the first, smallest, largest and last of each
// column are drawn, which looks the same, and the sentence says so.
//
// What is wrong with v or the options is reported by the Figure when it is
// drawn.
func Lines(v any, options ...Options) *Figure {
	return newFigure("lines", options, func(o Options) (rendered, error) {
		lines, err := linesOf(v)
		if r, ok := v.(series.Recording); ok {
			var x string
			lines, x, err = recorded(r)
			o.X = or(o.X, x)
		}
		if err != nil {
			return rendered{}, err
		}
		s, text, err := linesSheet(lines, o)
		if err != nil {
			return rendered{}, err
		}
		return s.render(o, "Lines", text)
	})
}

// maxPanels is how many units have room above one another.
const maxPanels = 8

// linesSheet lays lines out and draws them; text is the sentence without the
// title.
func linesSheet(lines []Line, o Options) (s *sheet, text string, err error) {
	look, err := o.Theme.look()
	if err == nil {
		err = o.checkRange()
	}
	if err != nil {
		return nil, "", err
	}
	if len(lines) == 0 {
		return nil, "", errors.New("nothing to draw: no lines")
	}
	runs := make([]run, len(lines))
	var units []string
	for i, l := range lines {
		if runs[i], err = runOf(l, i, o.Unit); err != nil {
			return nil, "", err
		}
		if (l.Times == nil) != (lines[0].Times == nil) || (l.X == nil) != (lines[0].X == nil) {
			return nil, "", fmt.Errorf("line %d and line 0 have different horizontal axes: give X to all lines, or Times to all, or neither", i)
		}
		if !slices.Contains(units, runs[i].unit) {
			units = append(units, runs[i].unit)
		}
	}
	if len(units) > maxPanels {
		return nil, "", fmt.Errorf("the lines have %d different units; a panel each leaves room for %d", len(units), maxPanels)
	}
	c := &chart{title: clean(o.Title), x: clean(o.X), lo: math.Inf(1), hi: math.Inf(-1), whole: lines[0].X == nil && lines[0].Times == nil}
	if lines[0].Times != nil {
		c.times = lines[0].Times[0].Location()
	}
	for _, r := range runs {
		c.lo, c.hi = min(c.lo, r.x(0)), max(c.hi, r.x(len(r.y)-1))
	}
	if c.lo == c.hi {
		c.lo, c.hi = roomy(c.lo, c.hi)
	}
	colour := 0
	for _, u := range units {
		var of []run
		for _, r := range runs {
			if r.unit == u {
				of = append(of, r)
			}
		}
		p := linesPanel(u, of, look, colour, o)
		c.panels = append(c.panels, p.panel)
		c.legend = append(c.legend, p.legend...)
		colour += len(of)
	}
	text = linesSentence(runs, units, c, lines[0].X != nil)
	return c.sheet(look, below(o, text)), text, nil
}

// below is the text below a picture.
func below(o Options, text string) string {
	if o.NoText {
		return ""
	}
	return text
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// explained is a panel and what its lines are called.
type explained struct {
	panel
	legend []entry
}

// linesPanel is the panel of the series that have one unit, whose colours
// start with a given one. A single series is named by its axis.
func linesPanel(unit string, runs []run, l look, colour int, o Options) explained {
	p := explained{panel: panel{unit: unit}}
	strokes := l.strokes(colour, runs)
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, r := range runs {
		lo, hi = min(lo, r.lo), max(hi, r.hi)
		if len(runs) > 1 {
			p.legend = append(p.legend, lineEntry(or(r.name, fmt.Sprintf("line %d", i)), strokes[i]))
		} else if r.name != "" {
			p.unit = r.name
			if unit != "" {
				p.unit += " (" + unit + ")"
			}
		}
	}
	p.lo, p.hi = o.axis(lo, hi)
	p.draw = func(s *sheet, f frame) {
		for i, r := range runs {
			r.draw(s, f, strokes[i])
		}
		if lo > hi {
			s.write(s.soft, styleOfText(), (f.x0+f.x1)/2, (f.y0+f.y1)/2, 0.5, "no finite value")
		}
	}
	return p
}

// strokes have a colour and a dash for each series, 40 of them before one
// comes back. Lines of more values than there are dots are thin.
func (l look) strokes(colour int, runs []run) []stroke {
	dashes := [][]vg.Length{nil, {6, 2.5}, {1.6, 2}, {8, 2, 1.6, 2}, {12, 3}}
	out := make([]stroke, len(runs))
	for i, r := range runs {
		out[i] = stroke{l.series[(colour+i)%len(l.series)], 1.5, dashes[i%len(dashes)]}
		if len(r.y) > chartWidth {
			out[i].width = 1
		}
	}
	return out
}

func linesSentence(runs []run, units []string, c *chart, numbers bool) string {
	var b strings.Builder
	n := 0
	for _, r := range runs {
		n = max(n, len(r.y))
	}
	fmt.Fprintf(&b, "%s of %s", countOf(len(runs), "line"), countOf(n, "value"))
	if c.times != nil {
		fmt.Fprintf(&b, " from %s to %s", date(c.lo, c), date(c.hi, c))
	} else if numbers {
		d := digits(c.lo, c.hi)
		fmt.Fprintf(&b, " over %s from %s to %s", or(c.x, "x"), number(c.lo, d), number(c.hi, d))
	}
	left, infinite := 0, 0
	for i, r := range runs {
		left, infinite = left+r.left, infinite+r.infinite
		if i < 6 {
			b.WriteString("; " + r.numbers(len(runs) > 1, i))
		}
	}
	if len(runs) > 6 {
		fmt.Fprintf(&b, "; and %s", countOf(len(runs)-6, "more line"))
	}
	if left > 0 {
		fmt.Fprintf(&b, "; %s missing", count(left))
	}
	if infinite > 0 {
		fmt.Fprintf(&b, "; %s infinite and left out", count(infinite))
	}
	if n > thinFrom {
		b.WriteString("; drawn by the smallest and largest value of each column of dots")
	}
	return b.String()
}

// numbers are the name, the range and the mean of a series.
func (r *run) numbers(named bool, i int) string {
	s := ""
	if r.name != "" {
		s = shortened(r.name) + ": "
	} else if named {
		s = fmt.Sprintf("line %d: ", i)
	}
	unit := ""
	if r.unit != "" {
		unit = " " + shortened(r.unit)
	}
	switch {
	case r.lo > r.hi:
		return s + "no finite value"
	case r.lo == r.hi:
		return s + "always " + number(r.lo, 6) + unit
	}
	return s + beside(r.lo, r.lo, r.hi) + " to " + beside(r.hi, r.lo, r.hi) + unit + ", mean " + beside(r.mean, r.lo, r.hi)
}

func date(at float64, c *chart) string {
	t := moment(at, c.times)
	switch {
	case c.hi-c.lo < 10:
		return t.Format("2006-01-02 15:04:05.000")
	case c.hi-c.lo < 3*dayLong:
		return t.Format(time.DateTime)
	}
	return t.Format(time.DateOnly)
}
