package forecast_test

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"

	"surprisal/gpu/forecast"
)

// near fails unless every value is within tol of the wanted one.
func near(t rapid.TB, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tol) {
			t.Errorf("%s: value %d is %v, want %v within %g", what, i, got[i], want[i], tol)
		}
	}
}

func fit(t testing.TB, a forecast.AR, y []float64) *forecast.Model {
	t.Helper()
	m, err := a.Fit(context.Background(), y)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func predict(t testing.TB, m *forecast.Model, steps int, levels ...float64) *forecast.Forecast {
	t.Helper()
	f, err := m.Forecast(steps, levels...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sine has whole half-periods between its first and last value, so that the
// first reflection of Burg is cos ω exactly.
func sine(n int, period float64) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = 7 * math.Sin(2*math.Pi*float64(i)/period+0.3)
	}
	return y
}

func TestYuleWalkerByHand(t *testing.T) {
	y := []float64{1, 2, 4, 1, 2}
	// Less their mean of 2: −1 0 2 −1 0. Lag products: 1+0+4+1+0 = 6,
	// 0+0−2+0 = −2 and −2+0+0 = −2.
	m := fit(t, forecast.AR{Method: forecast.YuleWalker, Order: 2}, y)
	near(t, "autocovariances / N", m.Autocovariances, []float64{6. / 5, -2. / 5, -2. / 5}, 1e-15)
	// φ = [r1(r0−r2), r0·r2−r1²]/(r0²−r1²) with r = 6 −2 −2
	near(t, "coefficients", m.Coefficients, []float64{-2. * 8 / 32, (-12. - 4) / 32}, 1e-15)
	// σ² = r0 − φ1·r1 − φ2·r2 = (6 − 1 − 1)/5
	near(t, "noise", []float64{m.Sigma}, []float64{math.Sqrt(4. / 5)}, 1e-15)
	a := fit(t, forecast.AR{Method: forecast.YuleWalker, Order: 1, Adjusted: true}, y)
	near(t, "autocovariances / (N−k)", a.Autocovariances, []float64{6. / 5, -2. / 4}, 1e-15)
	near(t, "adjusted coefficient", a.Coefficients, []float64{-5. / 12}, 1e-15)
}

func TestBurgByHand(t *testing.T) {
	// Around zero: r = 2(1·2 + 2·1 + 1·3)/((1+4+1) + (4+1+9)) = 14/20,
	// σ² = (1 − 0.49)·20/(2·3).
	m := fit(t, forecast.AR{Order: 1, Trend: forecast.NoTrend}, []float64{1, 2, 1, 3})
	near(t, "coefficient", m.Coefficients, []float64{0.7}, 1e-15)
	near(t, "noise", []float64{m.Sigma * m.Sigma}, []float64{0.51 * 20 / 6}, 1e-14)
}

func TestBurgOfAPureSine(t *testing.T) {
	y := sine(101, 10)
	m := fit(t, forecast.AR{Order: 2, Trend: forecast.NoTrend}, y)
	near(t, "φ = 2cos ω, −1", m.Coefficients, []float64{2 * math.Cos(2*math.Pi/10), -1}, 1e-12)
	near(t, "largest root", []float64{m.Root()}, []float64{1}, 1e-12)
	if !(m.Sigma < 1e-12) {
		t.Errorf("a noise of %v on a sine of amplitude 7", m.Sigma)
	}
	f := predict(t, m, 40)
	near(t, "the sine goes on", f.Mean, sine(141, 10)[101:], 1e-9)
	if len(f.Warnings) == 0 || f.Warnings[0] != "largest root 1: shocks never fade" {
		t.Errorf("warnings %q", f.Warnings)
	}
	if p := fit(t, forecast.AR{MaxOrder: 6, Trend: forecast.NoTrend}, []float64{1, -1, 1, -1, 1, -1, 1, -1, 1, -1}).Order; p != 1 {
		t.Errorf("order %d, want 1: the lower of those without noise", p)
	}
	for _, v := range fit(t, forecast.AR{Order: 4, Trend: forecast.NoTrend}, []float64{1, -1, 1, -1, 1, -1, 1, -1}).Coefficients[1:] {
		if v != 0 {
			t.Errorf("a coefficient of %v where nothing is left", v)
		}
	}
	for _, p := range []int{3, 5, 20} { // nothing is left to predict: no coefficient may become NaN
		for i, v := range fit(t, forecast.AR{Order: p, Trend: forecast.NoTrend}, y).Coefficients {
			if !(math.Abs(v) <= 1e3) {
				t.Errorf("order %d: φ%d = %v", p, i+1, v)
			}
		}
	}
}

func TestLeastSquaresFindsExactModels(t *testing.T) {
	fibonacci := []float64{1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144}
	m := fit(t, forecast.AR{Method: forecast.LeastSquares, Order: 2, Trend: forecast.NoTrend}, fibonacci)
	near(t, "Fibonacci's coefficients", m.Coefficients, []float64{1, 1}, 1e-11)
	near(t, "golden ratio", []float64{m.Root()}, []float64{math.Phi}, 1e-11)
	f := predict(t, m, 3)
	near(t, "next numbers", f.Mean, []float64{233, 377, 610}, 1e-8)

	y := make([]float64, 40) // y(t) = 2 + 0.25·t + 0.5·y(t−1)
	last := -30.0
	for i := range y {
		last = 2 + 0.25*float64(i+1) + 0.5*last
		y[i] = last
	}
	m = fit(t, forecast.AR{Method: forecast.LeastSquares, Order: 1, Trend: forecast.Linear}, y)
	near(t, "intercept, slope, φ", []float64{m.Intercept, m.Slope, m.Coefficients[0]}, []float64{2, 0.25, 0.5}, 1e-10)
	near(t, "the trend goes on", predict(t, m, 1).Mean, []float64{2 + 0.25*41 + 0.5*y[39]}, 1e-10)
}

// The standard errors of Burg and Yule–Walker have closed forms for orders 1
// and 2: √((1−φ²)/N) and √((1−φ2²)/N) for both.
func TestAsymptoticErrors(t *testing.T) {
	y := simulate(seeded(2), 400, 1, 0.5, -0.3)
	for _, method := range []forecast.Method{forecast.Burg, forecast.YuleWalker} {
		one, two := fit(t, forecast.AR{Method: method, Order: 1}, y), fit(t, forecast.AR{Method: method, Order: 2}, y)
		phi, phi2 := one.Coefficients[0], two.Coefficients[1]
		near(t, "order 1", one.CoefficientErrors, []float64{math.Sqrt((1 - phi*phi) / 400)}, 1e-14)
		e := math.Sqrt((1 - phi2*phi2) / 400)
		near(t, "order 2", two.CoefficientErrors, []float64{e, e}, 1e-14)
	}
}

// AR(2) has ψ = 1, φ1, φ1²+φ2, …
func TestForecastVarianceOfTwoLags(t *testing.T) {
	m := &forecast.Model{Coefficients: []float64{0.5, -0.3}, Sigma: 2, Intercept: 1, History: []float64{3, 4}}
	f := predict(t, m, 3, 0.6826894921370859)
	psi := []float64{1, 0.5, 0.25 - 0.3}
	v := []float64{4, 4 * (1 + psi[1]*psi[1]), 4 * (1 + psi[1]*psi[1] + psi[2]*psi[2])}
	for i := range v {
		v[i] = math.Sqrt(v[i])
	}
	near(t, "standard errors", f.SE, v, 1e-15)
	y1 := 1 + 0.5*4 - 0.3*3
	y2 := 1 + 0.5*y1 - 0.3*4
	near(t, "means", f.Mean, []float64{y1, y2, 1 + 0.5*y2 - 0.3*y1}, 1e-15)
	near(t, "one standard error holds 68 %", []float64{f.Intervals[0].Hi[0] - f.Mean[0]}, []float64{2}, 1e-12)
}

func TestSeasonalNaive(t *testing.T) {
	f, err := forecast.SeasonalNaive{Period: 2}.Forecast(context.Background(), []float64{1, 5, 2, 7, 4, 6}, 5)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "means", f.Mean, []float64{4, 6, 4, 6, 4}, 0)
	s := math.Sqrt((1. + 4 + 4 + 1) / 4) // differences 1 2 2 −1
	near(t, "standard errors", f.SE, []float64{s, s, s * math.Sqrt2, s * math.Sqrt2, s * math.Sqrt(3)}, 1e-14)
	last, err := forecast.SeasonalNaive{}.Forecast(context.Background(), []float64{1, 5}, 2)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the zero value repeats the last value", last.Mean, []float64{5, 5}, 0)
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		ar   forecast.AR
		want string
	}{
		{forecast.AR{}, "AR by Burg, order by AICc"},
		{forecast.AR{Order: 3, Method: forecast.YuleWalker, Adjusted: true}, "AR(3) by Yule–Walker (adjusted)"},
		{forecast.AR{Method: forecast.LeastSquares, Trend: forecast.NoTrend, Criterion: forecast.BIC}, "AR by least squares with no trend, order by BIC"},
	} {
		if got := c.ar.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	byHand := &forecast.Model{Coefficients: []float64{0.5}, Sigma: 2, Unit: "m"}
	if got, want := byHand.String(), "AR(1): φ1 = 0.500, noise of standard deviation 2 m; largest root 0.5000: stationary"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
