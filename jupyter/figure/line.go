package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"surprisal/gpu/series"
)

// Line is one series of a figure of Lines: values over their index, over X or
// over Times. NaN is a gap.
type Line struct {
	Name  string
	Unit  string // default: that of the options
	Y     []float64
	X     []float64   // as many as Y, never going back; nil: 0, 1, 2, …
	Times []time.Time // instead of X

	trials []int // lengths of parts that do not hang together; nil: all does
}

// recorded are the columns of a recording, over its time if that is known, and
// what its horizontal axis counts.
func recorded(r series.Recording) ([]Line, string, error) {
	step, unit := r.Step()
	var x []float64
	name := "sample"
	if step > 0 {
		x = make([]float64, r.Len())
		for i := range x {
			x[i] = float64(i) * step
		}
		name = "time"
		if unit != "" {
			name += " (" + unit + ")"
		}
	}
	var out []Line
	for _, n := range r.Names() {
		c, err := r.Column(n)
		if err != nil {
			return nil, "", err
		}
		out = append(out, Line{Name: c.Name, Unit: c.Unit, Y: c.Values, X: x, trials: r.Trials()})
	}
	return out, name, nil
}

// linesOf reads what Lines accepts. Recordings are read by recorded.
func linesOf(v any) ([]Line, error) {
	switch x := v.(type) {
	case nil:
		return nil, errors.New("nothing to draw: nil was given")
	case []float64:
		return []Line{{Y: x}}, nil
	case []float32:
		return []Line{{Y: floats(x)}}, nil
	case []int:
		return []Line{{Y: floats(x)}}, nil
	case [][]float64:
		out := make([]Line, len(x))
		for i := range x {
			out[i] = Line{Name: fmt.Sprint(i), Y: x[i]}
		}
		return out, nil
	case map[string][]float64:
		var out []Line
		for name, y := range x {
			out = append(out, Line{Name: name, Y: y})
		}
		slices.SortFunc(out, func(a, b Line) int { return compareNames(a.Name, b.Name) })
		return out, nil
	case Line:
		return []Line{x}, nil
	case []Line:
		return x, nil
	}
	return nil, fmt.Errorf("%T cannot be drawn as lines: give a series.Recording, []float64, []float32, []int, [][]float64, map[string][]float64, figure.Line or []figure.Line", v)
}

func floats[T float32 | int](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// runOf checks line i of n.
func runOf(l Line, i int, unit string) (run, error) {
	name := clean(l.Name)
	what := fmt.Sprintf("line %d", i)
	if name != "" {
		what += fmt.Sprintf(" (%s)", shortened(name))
	}
	r := run{name: name, unit: clean(l.Unit), y: l.Y, trials: l.trials, lo: math.Inf(1), hi: math.Inf(-1)}
	if r.unit == "" {
		r.unit = clean(unit)
	}
	switch {
	case len(l.Y) == 0:
		return r, fmt.Errorf("%s has no values", what)
	case l.X != nil && l.Times != nil:
		return r, fmt.Errorf("%s has both X and Times: give one", what)
	case l.X != nil && len(l.X) != len(l.Y):
		return r, fmt.Errorf("%s has %d values of X for %d of Y", what, len(l.X), len(l.Y))
	case l.Times != nil && len(l.Times) != len(l.Y):
		return r, fmt.Errorf("%s has %d Times for %d values of Y", what, len(l.Times), len(l.Y))
	case l.X != nil:
		r.x = func(i int) float64 { return l.X[i] }
	case l.Times != nil:
		r.x = func(i int) float64 { return instant(l.Times[i]) }
	default:
		r.x = func(i int) float64 { return float64(i) }
	}
	before := math.Inf(-1)
	for i := range l.Y {
		switch x := r.x(i); {
		case math.IsNaN(x) || math.IsInf(x, 0):
			return r, fmt.Errorf("%s: X is %v at value %d: every value needs its place", what, x, i)
		case x < before:
			return r, fmt.Errorf("%s: X goes back at value %d, from %v to %v: sort the values first", what, i, before, x)
		default:
			before = x
		}
	}
	r.count()
	return r, nil
}

func shortened(name string) string {
	if r := []rune(name); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return name
}
