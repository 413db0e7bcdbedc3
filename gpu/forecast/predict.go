package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// MaxSteps is the longest forecast.
const MaxSteps = 100_000

// Forecast predicts the next steps values, with central intervals of the levels
// given: 0.5, 0.8 and 0.95 if none.
//
// The mean is the model run on without noise. The standard error of step h is
// σ·√(ψ0² + … + ψ(h−1)²) with the weights ψ of the moving average that the
// model is (Brockwell and Davis 1991, §5.5); intervals are normal quantiles of
// it. They know the noise of the model only: not that its coefficients, its
// order and its form are doubtful too, so that they are somewhat too narrow.
//
// Steps below 1 or above MaxSteps are errors, levels outside (0, 1) too. An
// explosive model gives a forecast with a warning, and an error if it leaves
// the range of float64.
func (m *Model) Forecast(steps int, levels ...float64) (*Forecast, error) {
	levels, err := checkForecast(steps, levels)
	if err != nil {
		return nil, err
	}
	p, n := len(m.Coefficients), len(m.History)
	if n < p {
		return nil, fmt.Errorf("forecast: %w", &TooShortError{Have: n, Need: p, What: fmt.Sprintf("a forecast of AR(%d)", p)})
	}
	z := append(make([]float64, 0, p+steps), m.History[n-p:]...)
	psi := append(make([]float64, 0, steps), 1)
	f := &Forecast{History: slices.Clone(m.History), Mean: z[p : p+steps], SE: make([]float64, steps), Unit: m.Unit, Method: m.name()}
	var sum float64 // of ψ²
	for h := range steps {
		v := m.Intercept + m.Slope*float64(n+h+1)
		for j, phi := range m.Coefficients {
			v += phi * z[p+h-1-j]
		}
		z = append(z, v)
		sum += psi[h] * psi[h]
		f.SE[h] = m.Sigma * math.Sqrt(sum)
		var w float64
		for j := range min(p, h+1) {
			w += m.Coefficients[j] * psi[h-j]
		}
		psi = append(psi, w)
	}
	f.intervals(levels)
	if h := f.overflow(); h >= 0 {
		return nil, fmt.Errorf("forecast: step %d leaves the range of float64 (%s); ask for fewer steps", h+1, m.stability())
	}
	if !m.Stationary() {
		f.Warnings = append(f.Warnings, m.stability())
	}
	if m.Sigma == 0 {
		f.Warnings = append(f.Warnings, "the model leaves no noise, so the intervals have no width")
	}
	return f, nil
}

// Forecast fits the model to y and predicts the next steps values, as Fit and
// Model.Forecast do.
func (a AR) Forecast(ctx context.Context, y []float64, steps int, levels ...float64) (*Forecast, error) {
	if _, err := checkForecast(steps, levels); err != nil {
		return nil, err
	}
	m, err := a.Fit(ctx, y)
	if err != nil {
		return nil, err
	}
	return m.Forecast(steps, levels...)
}

// checkForecast returns the levels in order.
func checkForecast(steps int, levels []float64) ([]float64, error) {
	if steps < 1 || steps > MaxSteps {
		return nil, fmt.Errorf("forecast: %d steps, need 1 to %d", steps, MaxSteps)
	}
	if len(levels) == 0 {
		return []float64{0.5, 0.8, 0.95}, nil
	}
	levels = slices.Sorted(slices.Values(levels))
	for _, l := range levels {
		if !(l > 0 && l < 1) {
			return nil, fmt.Errorf("forecast: an interval of level %v: levels lie between 0 and 1, as 0.95", l)
		}
	}
	return slices.Compact(levels), nil
}

// intervals fills the normal intervals from mean and standard error.
func (f *Forecast) intervals(levels []float64) {
	for _, l := range levels {
		q := math.Sqrt2 * math.Erfinv(l)
		v := Interval{Level: l, Lo: make([]float64, len(f.Mean)), Hi: make([]float64, len(f.Mean))}
		for h, mean := range f.Mean {
			v.Lo[h], v.Hi[h] = mean-q*f.SE[h], mean+q*f.SE[h]
		}
		f.Intervals = append(f.Intervals, v)
	}
}

// overflow returns the first step with an end that is not finite, or −1.
func (f *Forecast) overflow() int {
	v := f.Intervals[len(f.Intervals)-1]
	for h := range f.Mean {
		if lo, hi := v.Lo[h], v.Hi[h]; lo-lo != 0 || hi-hi != 0 {
			return h
		}
	}
	return -1
}
