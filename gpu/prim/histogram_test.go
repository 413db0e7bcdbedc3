package prim

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHistogramCountsByItsEdges(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 0))
	for _, c := range []struct {
		h      Histogram
		reason string
	}{
		{Histogram{Bins: 10, Min: 0, Max: 1}, "edges that are no binary fractions"},
		{Histogram{Bins: 1, Min: -1, Max: 1}, "one bin"},
		{Histogram{Bins: 7, Min: -math.MaxFloat64, Max: math.MaxFloat64}, "a width that overflows"},
		{Histogram{Bins: 1000, Min: 1, Max: 1 + 1e-12}, "bins narrower than the spacing of numbers"},
		{Histogram{Bins: 3, Min: -5e-324, Max: 5e-324}, "denormal numbers"},
	} {
		var x []float64
		for i := range c.h.Bins + 1 { // what lies on an edge, just below and just above
			e := c.h.Edge(i)
			x = append(x, e, math.Nextafter(e, math.Inf(-1)), math.Nextafter(e, math.Inf(1)))
		}
		for range 2000 {
			u := r.Float64()*1.2 - 0.1
			x = append(x, c.h.Min*(1-u)+c.h.Max*u)
		}
		x = slices.DeleteFunc(x, math.IsNaN)
		got, err := c.h.Count(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		want := Binned{N: make([]int64, c.h.Bins)}
		for _, v := range x {
			switch {
			case v < c.h.Min:
				want.Below++
			case v > c.h.Max:
				want.Above++
			default:
				last := 0 // the last bin that starts at v or below it
				for i := range c.h.Bins {
					if c.h.Edge(i) <= v {
						last = i
					}
				}
				want.N[last]++
			}
		}
		if !slices.Equal(got.N, want.N) || got.Below != want.Below || got.Above != want.Above {
			t.Errorf("%+v: %v below, %v above, want %v, %v (%s)", c.h, got.Below, got.Above, want.Below, want.Above, c.reason)
		}
	}
}

func TestHistogramRefuses(t *testing.T) {
	for _, c := range []struct {
		h    Histogram
		x    []float64
		text string
	}{
		{Histogram{Bins: 0, Min: 0, Max: 1}, nil, "prim: histogram: 0 bins: it must be from 1 to 16777216"},
		{Histogram{Bins: 2, Min: 1, Max: 1}, nil, "prim: histogram: from 1 to 1: both ends must be finite, the first below the second"},
		{Histogram{Bins: 2, Min: math.NaN(), Max: 1}, nil, "prim: histogram: from NaN to 1: both ends must be finite, the first below the second"},
		{Histogram{Bins: 2, Min: 0, Max: 1}, []float64{0, math.NaN()}, "prim: column 0 holds NaN at row 1: distances and bins need finite values; leave such rows out"},
	} {
		if got, err := c.h.Count(context.Background(), c.x); got != nil || err == nil || err.Error() != c.text {
			t.Errorf("%+v: %v, %v; want %q", c.h, got, err, c.text)
		}
	}
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop)
	if _, err := (Histogram{Bins: 2, Min: 0, Max: 1}).Count(ctx, []float64{0}); !errors.Is(err, stop) {
		t.Errorf("cancelled: %v, want the cause", err)
	}
}
