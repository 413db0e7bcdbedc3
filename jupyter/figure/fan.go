package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"

	"surprisal/gpu/forecast"
)

// Fan draws a forecast: what was known, the mean and the intervals of what
// follows, from the darkest and narrowest to the palest and widest, and, as
// rings, what happened. A line divides the past from the forecast; both begin
// at the last value that was known. Of a long history the end is drawn, four
// times as long as the forecast or 40 values, and the sentence says so.
//
// What is wrong with f or the options is reported by the Figure when it is
// drawn.
func Fan(f *forecast.Forecast, options ...Options) *Figure {
	return newFigure("fan", options, func(o Options) (rendered, error) {
		if f == nil {
			return rendered{}, errors.New("nothing to draw: nil was given")
		}
		if err := f.Check(); err != nil {
			return rendered{}, err
		}
		s, text, err := fanSheet(f, o)
		if err != nil {
			return rendered{}, err
		}
		return s.render(o, "Forecast", text)
	})
}

// fan is a forecast on its way to the screen.
type fan struct {
	*forecast.Forecast
	look
	first int    // value of the history that is drawn first
	known int    // the last value of the history that is a number; −1: there is none
	unit  string // above the axis
	mean  stroke
	bands []color.NRGBA
}

func fanSheet(f *forecast.Forecast, o Options) (*sheet, string, error) {
	l, err := o.Theme.look()
	if err == nil {
		err = o.checkRange()
	}
	if err != nil {
		return nil, "", err
	}
	n, h := len(f.History), len(f.Mean)
	v := &fan{Forecast: f, look: l, first: max(0, n-max(40, 4*h)), known: n - 1}
	if t0, t1 := f.Time(v.first), f.Time(n+h-1); math.IsNaN(t0+t1) || math.IsInf(t0, 0) || math.IsInf(t1, 0) || f.Step < 0 {
		return nil, "", fmt.Errorf("times from %v in steps of %v have no axis: Start must be a number and Step not below 0", f.Start, f.Step)
	}
	for v.known >= 0 && !finite(f.History[v.known]) {
		v.known--
	}
	if v.known < n-1 { // a gap before the forecast stays a gap
		v.known = -1
	}
	v.mean = stroke{l.series[1], 2, []vg.Length{6, 2.5}}
	for i := range f.Intervals {
		strong, weak := 0.55, 0.16
		if l.theme == Dark {
			weak = 0.24
		}
		share := strong
		if k := len(f.Intervals); k > 1 {
			share -= (strong - weak) * float64(i) / float64(k-1)
		}
		v.bands = append(v.bands, mix(l.series[1], l.ground, share))
	}
	v.unit = v.axis(o)
	p := panel{unit: v.unit, above: true, draw: v.draw}
	p.lo, p.hi = o.axis(v.bounds())
	step := f.Step
	if step == 0 {
		step = 1
	}
	c := &chart{
		title: clean(o.Title), x: clean(or(o.X, f.TimeUnit)), lo: f.Time(v.first), hi: f.Time(n + h - 1),
		whole:  f.Start == math.Trunc(f.Start) && step == math.Trunc(step),
		panels: []panel{p}, legend: v.legend(),
	}
	if c.lo == c.hi {
		c.lo -= step / 2
	}
	c.hi += max(step/4, (c.hi-c.lo)*0.01) // so that the last ring is whole
	text := v.sentence(o)
	return c.sheet(l, below(o, text)), text, nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// axis is what stands above the values.
func (f *fan) axis(o Options) string {
	name, unit := clean(f.Name), or(clean(o.Unit), clean(f.Unit))
	switch {
	case name == "" || name == unit:
		return unit
	case unit == "":
		return name
	}
	return name + " (" + unit + ")"
}

// bounds are those of all finite values that are drawn.
func (f *fan) bounds() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	all := [][]float64{f.History[f.first:], f.Mean, f.Actual}
	for _, v := range f.Intervals {
		all = append(all, v.Lo, v.Hi)
	}
	for _, part := range all {
		for _, y := range part {
			if finite(y) {
				lo, hi = min(lo, y), max(hi, y)
			}
		}
	}
	return lo, hi
}

func (f *fan) draw(s *sheet, at frame) {
	n := len(f.History)
	for i := len(f.Intervals) - 1; i >= 0; i-- { // the widest first
		f.band(s, at, f.Intervals[i], f.bands[i])
	}
	if n > 0 {
		x := half((at.x(f.Time(n-1)) + at.x(f.Time(n))) / 2)
		if f.known >= 0 {
			x = half(at.x(f.Time(n - 1)))
		}
		s.line(s.soft, 1, []vg.Length{2, 3}, open(pt(x, at.y0), pt(x, at.y1)))
		f.name(s, at, x)
	}
	past := run{x: func(i int) float64 { return f.Time(f.first + i) }, y: f.History[f.first:]}
	past.draw(s, at, stroke{f.series[0], 1.5, nil})
	mean := run{x: func(i int) float64 { return f.Time(n + i) }, y: f.Mean}
	if f.known >= 0 {
		mean = run{x: func(i int) float64 { return f.Time(n - 1 + i) }, y: append([]float64{f.History[f.known]}, f.Mean...)}
	}
	mean.draw(s, at, f.mean)
	r := max(1.6, min(3, 0.45*(at.x(f.Time(n+1))-at.x(f.Time(n)))))
	for i, y := range f.Actual {
		if v := at.y(y); finite(y) && v >= at.y0 && v <= at.y1 {
			f.ring(s, at.x(f.Time(n+i)), v, r)
		}
	}
}

// name writes beside the upper end of the boundary what lies on its sides.
func (f *fan) name(s *sheet, at frame, x float64) {
	small := style{size: 10}
	free := edge + 10 + min(s.lettering.width(f.unit, labelSize, false), s.width/2)
	past, next := s.lettering.width("past", small.size, false), s.lettering.width("forecast →", small.size, false)
	start := min(x+5, s.width-edge-next)
	if start > free {
		s.write(s.soft, small, start, at.y0-5, 0, "forecast →")
	}
	if end := min(x, start) - 5; end-past > free {
		s.write(s.soft, small, end, at.y0-5, 1, "past")
	}
}

// ring is the mark of what happened.
func (f *fan) ring(s *sheet, x, y, r float64) {
	s.area(s.ground, disc(x, y, r+0.4))
	s.line(s.ink, 0.7+0.23*r, nil, disc(x, y, r))
}

// band draws an interval, cut where an end is no number.
func (f *fan) band(s *sheet, at frame, v forecast.Interval, c color.NRGBA) {
	n := len(f.History)
	clamp := func(y float64) float64 { return max(at.y0, min(at.y1, at.y(y))) }
	var upper, lower []vg.Point
	end := func() {
		if len(upper) > 1 {
			for i := len(lower) - 1; i >= 0; i-- {
				upper = append(upper, lower[i])
			}
			s.area(c, polygon(upper...))
		} else if len(upper) == 1 { // a single step: a bar
			x := float64(upper[0].X)
			s.rect(c, x-3, float64(upper[0].Y), x+3, float64(lower[0].Y))
		}
		upper, lower = nil, nil
	}
	if f.known >= 0 {
		p := pt(at.x(f.Time(n-1)), clamp(f.History[f.known]))
		upper, lower = []vg.Point{p}, []vg.Point{p}
	}
	for i := range v.Lo {
		if !finite(v.Lo[i]) || !finite(v.Hi[i]) {
			if i == 0 {
				upper, lower = nil, nil
			}
			end()
			continue
		}
		x := at.x(f.Time(n + i))
		upper, lower = append(upper, pt(x, clamp(v.Hi[i]))), append(lower, pt(x, clamp(v.Lo[i])))
	}
	end()
}

func (f *fan) legend() []entry {
	var out []entry
	if len(f.History) > 0 {
		out = append(out, lineEntry("history", stroke{f.series[0], 1.5, nil}))
	}
	out = append(out, lineEntry("mean forecast", f.mean))
	for i, v := range f.Intervals {
		c := f.bands[i]
		out = append(out, entry{fmt.Sprintf("%.4g %%", 100*v.Level), func(s *sheet, x, y float64) {
			s.rect(c, x+2, y-5, x+sample, y+5)
		}})
	}
	if len(f.Actual) > 0 {
		out = append(out, entry{"what happened", func(s *sheet, x, y float64) { f.ring(s, x+sample/2, y, 3) }})
	}
	return out
}

// sentence says what the picture shows: the first and last step, and how many
// of the values that happened each interval holds.
func (f *fan) sentence(o Options) string {
	var b strings.Builder
	n, h := len(f.History), len(f.Mean)
	fmt.Fprintf(&b, "forecast of %s after %s", countOf(h, "step"), countOf(n, "value"))
	if name := clean(f.Name); name != "" {
		fmt.Fprintf(&b, " of %s", shortened(name))
	}
	if m := clean(f.Method); m != "" {
		fmt.Fprintf(&b, ", %s", m)
	}
	unit := or(clean(o.Unit), clean(f.Unit))
	fmt.Fprintf(&b, "; %s", f.step(h-1, unit))
	if known := f.happened(); known > 0 && len(f.Intervals) > 0 {
		fmt.Fprintf(&b, "; of %s what happened lies", countOf(known, "step"))
		for i, v := range f.Intervals {
			fmt.Fprintf(&b, "%s in the %.4g %% interval in %d", []string{"", ","}[min(i, 1)], 100*v.Level, f.held(v))
		}
	}
	if f.first > 0 {
		fmt.Fprintf(&b, "; the last %d values of the history are drawn", n-f.first)
	}
	if len(f.Intervals) > 0 {
		b.WriteString("; the intervals do not hold the doubt about the parameters")
	}
	for _, w := range f.Warnings {
		fmt.Fprintf(&b, "; %s", clean(w))
	}
	return b.String()
}

// step tells the mean and the widest interval of step i.
func (f *fan) step(i int, unit string) string {
	at := f.Time(len(f.History) + i)
	when := fmt.Sprintf("step %d", i+1)
	if f.TimeUnit != "" {
		when = clean(f.TimeUnit) + " " + number(at, 6)
	}
	lo, hi := f.bounds()
	s := when + ": " + strings.TrimSpace(beside(f.Mean[i], lo, hi)+" "+unit)
	if k := len(f.Intervals); k > 0 {
		v := f.Intervals[k-1]
		s += fmt.Sprintf(", %.4g %% between %s and %s", 100*v.Level, beside(v.Lo[i], lo, hi), beside(v.Hi[i], lo, hi))
	}
	return s
}

// happened counts the values that are known.
func (f *fan) happened() int {
	n := 0
	for _, y := range f.Actual {
		if finite(y) {
			n++
		}
	}
	return n
}

// held counts the values that lie in an interval.
func (f *fan) held(v forecast.Interval) int {
	n := 0
	for i, y := range f.Actual {
		if finite(y) && y >= v.Lo[i] && y <= v.Hi[i] {
			n++
		}
	}
	return n
}
