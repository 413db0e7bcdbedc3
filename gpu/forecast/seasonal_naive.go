package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// SeasonalNaive is the baseline: what happens is what happened one period ago.
// A period of 1, and the zero value, repeat the last value.
type SeasonalNaive struct {
	Period int    // values; 0: 1
	Unit   string // of the values, for what is printed
}

// String names the method.
func (s SeasonalNaive) String() string {
	if s.Period <= 1 {
		return "naive (the last value)"
	}
	return fmt.Sprintf("seasonal naive with a period of %d", s.Period)
}

// Forecast predicts the next steps values of y, oldest first, with normal
// intervals of the levels given: 0.5, 0.8 and 0.95 if none.
//
// The standard error of step h is s·√(k+1), where k is the number of whole
// periods before it and s the root mean square of y(t) − y(t−Period)
// (Hyndman and Athanasopoulos 2021, §5.5). It needs Period+1 values at least;
// constant series are fine.
func (s SeasonalNaive) Forecast(ctx context.Context, y []float64, steps int, levels ...float64) (*Forecast, error) {
	m := s.Period
	if m == 0 {
		m = 1
	}
	switch {
	case ctx == nil:
		return nil, fmt.Errorf("forecast: %w", errNoContext)
	case m < 0:
		return nil, fmt.Errorf("forecast: a period of %d values, need 1 or more", m)
	case len(y) < m+1:
		return nil, fmt.Errorf("forecast: %w", &TooShortError{Have: len(y), Need: m + 1, What: fmt.Sprintf("a seasonal naive forecast with a period of %d", m)})
	}
	levels, err := checkForecast(steps, levels)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("forecast: %w", context.Cause(ctx))
	}
	for i, v := range y {
		if v-v != 0 {
			return nil, fmt.Errorf("forecast: %w", &ValueError{Index: i, Value: v})
		}
	}
	f := &Forecast{History: slices.Clone(y), Mean: make([]float64, steps), SE: make([]float64, steps), Unit: s.Unit, Method: s.String()}
	var rms float64
	for i := m; i < len(y); i++ {
		rms = math.Hypot(rms, y[i]-y[i-m])
	}
	rms /= math.Sqrt(float64(len(y) - m))
	for h := range steps {
		f.Mean[h] = y[len(y)-m+h%m]
		f.SE[h] = rms * math.Sqrt(float64(h/m+1))
	}
	f.intervals(levels)
	if h := f.overflow(); h >= 0 {
		return nil, fmt.Errorf("forecast: step %d leaves the range of float64; use another unit", h+1)
	}
	return f, nil
}
