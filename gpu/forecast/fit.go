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

func (w *fitter) fit(ctx context.Context, a AR, y []float64) (*Model, error) {
	p, err := a.orders(len(y))
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	c, err := w.centre(y, a.Trend != NoTrend)
	if err != nil {
		return nil, err
	}
	m := &Model{Method: a.Method, Trend: a.Trend, N: len(y), History: slices.Clone(y), Unit: a.Unit, Mean: c.mean, adjusted: a.Adjusted}
	if a.Order == 0 {
		m.chosenBy = a.Criterion.String()
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
func (w *fitter) centre(y []float64, mean bool) (centred, error) {
	var c centred
	n, first := len(y), y[0]
	// Summed as differences from the first value, so that a series that lies
	// far from zero loses no digits, and the mean of a constant one is exact.
	var s0, s1, s2, s3 float64 // four, so that the additions do not wait for each other
	i := 0
	for ; i+3 < n; i += 4 {
		s0 += y[i] - first
		s1 += y[i+1] - first
		s2 += y[i+2] - first
		s3 += y[i+3] - first
	}
	for ; i < n; i++ {
		s0 += y[i] - first
	}
	sum := (s0 + s1) + (s2 + s3)
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
	f := w.f
	for i, v := range y {
		f[i] = v - c.mean
	}
	if e := dot(f, f); e > 1e-200 && e < 1e200 {
		return c, nil
	}
	_, c.exp = math.Frexp(max(slices.Max(f), -slices.Min(f)))
	for i, v := range f {
		f[i] = math.Ldexp(v, -c.exp)
	}
	return c, nil
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
