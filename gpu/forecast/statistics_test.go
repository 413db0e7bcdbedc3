package forecast_test

import (
	"fmt"
	"math"
	"testing"

	"surprisal/gpu/forecast"
)

// Of 3,000 simulated futures the intervals hold the share that they promise.
// Five binomial standard errors, and 0.006 for what 400 values leave in doubt
// about the coefficients, are allowed: about p/N·4.
func TestIntervalsHoldWhatTheyPromise(t *testing.T) {
	const runs, n, steps = 3000, 400, 8
	for _, c := range []struct {
		ar     forecast.AR
		phi    []float64
		reason string
	}{
		{forecast.AR{Order: 1}, []float64{0.8}, "Burg, slowly forgotten"},
		{forecast.AR{Method: forecast.YuleWalker, Order: 2}, []float64{0.5, -0.4}, "Yule–Walker, a cycle"},
		{forecast.AR{Method: forecast.LeastSquares, Order: 1}, []float64{-0.6}, "least squares, alternating"},
	} {
		r := seeded(3)
		inside := map[string]int{}
		for range runs {
			y := simulate(r, n+steps, 10, c.phi...)
			f := predict(t, fit(t, c.ar, y[:n]), steps)
			for _, v := range f.Intervals {
				for _, h := range []int{0, steps - 1} {
					if y := y[n+h]; v.Lo[h] <= y && y <= v.Hi[h] {
						inside[fmt.Sprintf("%v/%d", v.Level, h)]++
					}
				}
			}
		}
		for _, level := range []float64{0.5, 0.8, 0.95} {
			for _, h := range []int{0, steps - 1} {
				share := float64(inside[fmt.Sprintf("%v/%d", level, h)]) / runs
				allowed := 5*math.Sqrt(level*(1-level)/runs) + 0.006
				if !(math.Abs(share-level) <= allowed) {
					t.Errorf("%s: the %v interval of step %d held %.4f, allowed is ± %.4f", c.reason, level, h+1, share, allowed)
				}
			}
		}
	}
}

// The standard errors of the coefficients are those that simulation finds.
// The standard deviation of 2,000 estimates is known to 1/√4000 = 1.6 %; 8 %
// are allowed, five of those.
func TestStandardErrorsAreTheSpreadOfEstimates(t *testing.T) {
	const runs, n = 2000, 500
	for _, method := range []forecast.Method{forecast.Burg, forecast.YuleWalker, forecast.LeastSquares} {
		r := seeded(4)
		var sum, squares, claimed float64
		for range runs {
			m := fit(t, forecast.AR{Method: method, Order: 2}, simulate(r, n, 0, 0.5, -0.3))
			sum += m.Coefficients[0]
			squares += m.Coefficients[0] * m.Coefficients[0]
			claimed += m.CoefficientErrors[0] / runs
		}
		spread := math.Sqrt(squares/runs - sum/runs*sum/runs)
		if !(math.Abs(spread/claimed-1) <= 0.08) {
			t.Errorf("%v: standard error %.4f, but the estimates spread by %.4f", method, claimed, spread)
		}
	}
}

// BIC finds the order of a long series; AICc, which is not consistent, never
// takes less.
func TestCriteriaFindTheOrder(t *testing.T) {
	for _, method := range []forecast.Method{forecast.Burg, forecast.YuleWalker, forecast.LeastSquares} {
		y := simulate(seeded(5), 20000, 5, 0.5, -0.3, 0.2)
		if p := fit(t, forecast.AR{Method: method, Criterion: forecast.BIC}, y).Order; p != 3 {
			t.Errorf("%v: order %d by BIC, want 3", method, p)
		}
		if p := fit(t, forecast.AR{Method: method}, y).Order; p < 3 {
			t.Errorf("%v: order %d by AICc, want 3 or a little more", method, p)
		}
		noise := simulate(seeded(6), 2000, 5)
		if p := fit(t, forecast.AR{Method: method, Criterion: forecast.BIC}, noise).Order; p != 0 {
			t.Errorf("%v: order %d for noise, want 0", method, p)
		}
	}
}
