package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// fitter fits series one after the other in the same scratch memory.
type fitter struct {
	f, b []float64 // forward and backward errors; f starts as the centred series
	rows [][]float64
}

// lookEvery is the number of values between two looks at ctx, some
// milliseconds of work.
const lookEvery = 1 << 20

// each calls do for one block of 0 … n after the other and looks at ctx between
// them.
func each(ctx context.Context, n int, do func(from, to int)) error {
	for from := 0; from < n; from += lookEvery {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		do(from, min(n, from+lookEvery))
	}
	return nil
}

func (w *fitter) fit(ctx context.Context, a AR, y []float64) (*Model, error) {
	p, err := a.orders(len(y))
	if err != nil {
		return nil, err
	}
	c, err := w.centre(ctx, y, a.Trend != NoTrend)
	if err != nil {
		return nil, err
	}
	m := &Model{Method: a.Method, Trend: a.Trend, N: len(y), Unit: a.Unit, Mean: c.mean, adjusted: a.Adjusted}
	if a.Order == 0 {
		m.chosenBy = a.Criterion.String()
	}
	if len(y) > lookEvery {
		m.History = make([]float64, 0, len(y)) // a short one is not cleared before it is filled
	}
	if err := each(ctx, len(y), func(from, to int) { m.History = append(m.History, y[from:to]...) }); err != nil {
		return nil, err
	}
	switch a.Method {
	case Burg:
		err = w.burg(ctx, a, m, p, c.exp)
	case YuleWalker:
		err = w.yuleWalker(ctx, a, m, p, c.exp)
	case LeastSquares:
		err = w.leastSquares(ctx, a, m, p, c.exp)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// centred says how the values in fitter.f came from the series:
// f = (y − mean)·2^−exp. The exponent is 0 but for values whose squares would
// leave the range of float64.
type centred struct {
	mean float64
	exp  int
}

// centre checks y and copies it to w.f, without its mean if so asked.
func (w *fitter) centre(ctx context.Context, y []float64, mean bool) (centred, error) {
	var c centred
	n, first := len(y), y[0]
	// Summed as differences from the first value, so that a series that lies
	// far from zero loses no digits, and the mean of a constant one is exact.
	var sum float64
	if err := each(ctx, n, func(from, to int) { sum += differences(y[from:to], first) }); err != nil {
		return c, err
	}
	if sum-sum != 0 {
		return c, notFinite(y)
	}
	if !slices.ContainsFunc(y, func(v float64) bool { return v != first }) {
		return c, fmt.Errorf("%w: %v, %d times", ErrConstant, first, n)
	}
	if mean {
		c.mean = first + sum/float64(n)
	}
	w.f = slices.Grow(w.f[:0], n)[:n]
	var energy float64
	err := each(ctx, n, func(from, to int) {
		f := w.f[from:to]
		for i, v := range y[from:to] {
			f[i] = v - c.mean
		}
		energy += dot(f, f)
	})
	if err != nil || energy > 1e-200 && energy < 1e200 {
		return c, err
	}
	_, c.exp = math.Frexp(max(slices.Max(w.f), -slices.Min(w.f)))
	return c, each(ctx, n, func(from, to int) {
		for i, v := range w.f[from:to] {
			w.f[from+i] = math.Ldexp(v, -c.exp)
		}
	})
}

// differences is the sum of y − first.
func differences(y []float64, first float64) float64 {
	var a, b, c, d float64 // four, so that the additions do not wait for each other
	i := 0
	for ; i+3 < len(y); i += 4 {
		a += y[i] - first
		b += y[i+1] - first
		c += y[i+2] - first
		d += y[i+3] - first
	}
	for ; i < len(y); i++ {
		a += y[i] - first
	}
	return (a + b) + (c + d)
}

// notFinite finds the value that made a sum overflow.
func notFinite(y []float64) error {
	for i, v := range y {
		if v-v != 0 {
			return &ValueError{Index: i, Value: v}
		}
	}
	return fmt.Errorf("the values, up to %.3g, are too large to be summed; use another unit", max(slices.Max(y), -slices.Min(y)))
}
