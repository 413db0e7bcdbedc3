package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// run is a series ready to be drawn.
type run struct {
	name, unit string
	x          func(i int) float64
	y          []float64
	left       int // values that are NaN
	trials     []int
	infinite   int
	lo, hi     float64 // of the finite values; lo > hi: there are none
	mean       float64
}

func (r *run) count() {
	n := 0.0
	for _, y := range r.y {
		switch {
		case math.IsNaN(y):
			r.left++
		case math.IsInf(y, 0):
			r.infinite++
		default:
			r.lo, r.hi = min(r.lo, y), max(r.hi, y)
			n++
			r.mean += y/n - r.mean/n
		}
	}
}

// draw draws the series: lines between its gaps, and a dot for a value that
// stands alone.
func (r *run) draw(s *sheet, f frame, k stroke) {
	for _, part := range r.parts(f) {
		if len(part) == 1 {
			if q := part[0]; q.Y >= vg.Length(f.y0) && q.Y <= vg.Length(f.y1) {
				s.area(k.colour, disc(float64(q.X), float64(q.Y), 1.8))
			}
			continue
		}
		for _, seen := range clip(part, f.box) {
			s.line(k.colour, k.width, k.dash, open(seen...))
		}
	}
}

// clip returns the parts of a line between the upper and the lower side of b.
func clip(p []vg.Point, b box) [][]vg.Point {
	top, low := vg.Length(b.y0), vg.Length(b.y1)
	inside := true
	for _, q := range p {
		inside = inside && q.Y >= top && q.Y <= low
	}
	if inside {
		return [][]vg.Point{p}
	}
	var out [][]vg.Point
	var cur []vg.Point
	for i := 1; i < len(p); i++ {
		t0, t1 := vg.Length(0), vg.Length(1)
		a, d := p[i-1], p[i].Sub(p[i-1])
		for _, y := range []vg.Length{top, low} {
			outside := func(v vg.Length) bool { return y == top && v < y || y == low && v > y }
			switch in, end := outside(a.Y), outside(p[i].Y); {
			case in && end:
				t0, t1 = 1, 0
			case in:
				t0 = max(t0, (y-a.Y)/d.Y)
			case end:
				t1 = min(t1, (y-a.Y)/d.Y)
			}
		}
		if t0 > t1 {
			continue
		}
		if t0 > 0 || len(cur) == 0 {
			cur = []vg.Point{a.Add(d.Scale(t0))}
		}
		cur = append(cur, a.Add(d.Scale(t1)))
		if t1 < 1 || i == len(p)-1 {
			out, cur = append(out, cur), nil
		}
	}
	if len(cur) > 1 {
		out = append(out, cur)
	}
	return out
}

// thinFrom is how many values a series is drawn with at most: four for each
// column of dots. Longer ones are thinned.
const thinFrom = 4 * dots * chartWidth

// parts are the pieces of a series between its gaps, on the screen.
func (r *run) parts(f frame) (parts [][]vg.Point) {
	var cur []vg.Point
	end := func() {
		if len(cur) > 0 {
			parts = append(parts, cur)
		}
		cur = nil
	}
	const far = 1e6 // of values far beyond the axis only the direction counts
	add := func(i int) { cur = append(cur, pt(f.x(r.x(i)), max(-far, min(far, f.y(r.y[i]))))) }
	long := len(r.y) > thinFrom
	next := 0 // where the next trial starts
	trials := r.trials
	for i := 0; i < len(r.y); {
		for i >= next && len(trials) > 0 {
			end()
			next, trials = next+trials[0], trials[1:]
		}
		if y := r.y[i]; math.IsNaN(y) || math.IsInf(y, 0) {
			end()
			i++
			continue
		}
		if !long {
			add(i)
			i++
			continue
		}
		last := len(r.y)
		if next > i {
			last = next
		}
		i = r.column(i, last, f, add)
	}
	end()
	return parts
}

// column adds the values from i on, before last, that lie in one column of
// dots, up to a gap, and returns the first value after them.
func (r *run) column(i, last int, f frame, add func(int)) int {
	at := math.Floor((f.x(r.x(i)) - f.x0) * dots)
	lo, hi, j := i, i, i
	for ; j < last; j++ {
		y := r.y[j]
		if math.IsNaN(y) || math.IsInf(y, 0) || math.Floor((f.x(r.x(j))-f.x0)*dots) != at {
			break
		}
		if y < r.y[lo] {
			lo = j
		}
		if y > r.y[hi] {
			hi = j
		}
	}
	keep := []int{i, min(lo, hi), max(lo, hi), j - 1}
	for _, k := range slices.Compact(keep) {
		add(k)
	}
	return j
}
