package forecast_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"surprisal/gpu/forecast"
)

func ramp(n int) []float64 {
	y := make([]float64, n)
	for i := range y {
		y[i] = float64(i)
	}
	return y
}

func with(y []float64, i int, v float64) []float64 {
	y[i] = v
	return y
}

func TestFitRefuses(t *testing.T) {
	noise := simulate(seeded(7), 50, 0)
	ls := forecast.LeastSquares
	for _, c := range []struct {
		reason string
		ar     forecast.AR
		y      []float64
		want   string
	}{
		{"empty", forecast.AR{}, nil, "0 values, AR(1) by Burg needs at least 4"},
		{"one value", forecast.AR{}, []float64{1}, "1 value, AR(1) by Burg needs at least 4"},
		{"too short for the order", forecast.AR{Order: 48}, noise, "50 values, AR(48) by Burg needs at least 51; the highest order for so many is 47"},
		{"too short for least squares", forecast.AR{Order: 23, Method: ls, Trend: forecast.Linear}, noise, "50 values, AR(23) by least squares needs at least 51; the highest order for so many is 22"},
		{"too short for MaxOrder", forecast.AR{MaxOrder: 60, Method: forecast.YuleWalker}, noise, "AR(60) by Yule–Walker needs at least 63"},
		{"NaN in the middle", forecast.AR{}, with(ramp(20), 11, math.NaN()), "value 11 (from 0) is NaN"},
		{"NaN at the start", forecast.AR{Method: ls}, with(ramp(20), 0, math.NaN()), "value 0 (from 0) is NaN"},
		{"infinity", forecast.AR{}, with(ramp(20), 19, math.Inf(-1)), "value 19 (from 0) is -Inf"},
		{"two infinities", forecast.AR{}, with(with(ramp(20), 3, math.Inf(1)), 8, math.Inf(-1)), "value 3 (from 0) is +Inf"},
		{"sums overflow", forecast.AR{}, with(with(ramp(20), 3, math.MaxFloat64), 8, math.MaxFloat64), "the values, up to 1.8e+308, are too large"},
		{"constant", forecast.AR{}, make([]float64, 20), "all values are the same: 0, 20 times"},
		{"constant by least squares", forecast.AR{Method: ls}, []float64{.1, .1, .1, .1, .1, .1, .1, .1, .1}, "all values are the same: 0.1, 9 times"},
		{"a straight line", forecast.AR{Method: ls, Order: 2}, ramp(20), "lag 2 depends linearly on the trend and the lags before it; ask for an order below 2"},
		{"constant but for its end", forecast.AR{Method: ls, Order: 1}, with(make([]float64, 20), 19, 1), "lag 1 depends linearly"},
		{"unknown method", forecast.AR{Method: 7}, noise, "Method(7) is not known"},
		{"unknown criterion", forecast.AR{Criterion: -1}, noise, "Criterion(-1) is not known"},
		{"unknown trend", forecast.AR{Trend: 3}, noise, "Trend(3) is not known"},
		{"trend by Burg", forecast.AR{Trend: forecast.Linear}, noise, "Burg fits no linear trend; use LeastSquares"},
		{"adjusted Burg", forecast.AR{Adjusted: true}, noise, "Adjusted is about YuleWalker"},
		{"negative order", forecast.AR{Order: -1}, noise, "order -1, need 1 or more"},
		{"negative MaxOrder", forecast.AR{MaxOrder: -1}, noise, "MaxOrder of -1, need 1 or more"},
		{"negative threads", forecast.AR{Threads: -1}, noise, "-1 threads, need 1 or more"},
		{"adjusted autocovariances of no series", forecast.AR{Method: forecast.YuleWalker, Adjusted: true, Order: 12}, sine(20, 10), "are those of no series"},
	} {
		m, err := c.ar.Fit(context.Background(), c.y)
		if m != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "forecast: fit: ") {
			t.Errorf("%s: %v, %v; want an error with %q", c.reason, m, err, c.want)
		}
		if _, err = c.ar.FitAll(context.Background(), [][]float64{noise[:20], c.y}); err == nil {
			t.Errorf("%s: no error in a batch", c.reason)
		}
	}
	//lint:ignore SA1012 what a caller may do
	if _, err := (forecast.AR{}).Fit(nil, noise); err == nil || !strings.Contains(err.Error(), "context is nil") {
		t.Errorf("no context: %v", err)
	}
}

func TestErrorsCanBeAsked(t *testing.T) {
	ctx := context.Background()
	var short *forecast.TooShortError
	if _, err := (forecast.AR{Order: 4}).Fit(ctx, ramp(6)); !errors.As(err, &short) || short.Have != 6 || short.Need != 7 {
		t.Errorf("%v is no TooShortError of 6 and 7", err)
	}
	var value *forecast.ValueError
	if _, err := (forecast.AR{}).Fit(ctx, with(ramp(9), 5, math.NaN())); !errors.As(err, &value) || value.Index != 5 {
		t.Errorf("%v is no ValueError at 5", err)
	}
	if _, err := (forecast.AR{}).Fit(ctx, make([]float64, 9)); !errors.Is(err, forecast.ErrConstant) {
		t.Errorf("%v is not ErrConstant", err)
	}
	var dependent *forecast.DependentError
	if _, err := (forecast.AR{Method: forecast.LeastSquares, Order: 3}).Fit(ctx, ramp(20)); !errors.As(err, &dependent) || dependent.Lag != 2 {
		t.Errorf("%v is no DependentError of lag 2", err)
	}
	_, err := forecast.AR{}.FitAll(ctx, [][]float64{ramp(9), ramp(9), with(ramp(9), 2, math.NaN()), nil})
	if err == nil || !strings.Contains(err.Error(), "series 2 (from 0): value 2") {
		t.Errorf("a batch names the first wrong series: %v", err)
	}
}

// The shortest series of each order and method give numbers.
func TestShortestSeries(t *testing.T) {
	for _, method := range []forecast.Method{forecast.Burg, forecast.YuleWalker, forecast.LeastSquares} {
		for p := 1; p <= 6; p++ {
			n := p + 3
			if method == forecast.LeastSquares {
				n = 2*p + 4
			}
			m := fit(t, forecast.AR{Method: method, Order: p}, simulate(seeded(8), n, 1, 0.5))
			for _, v := range numbers(m) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%v, order %d of %d values: %v", method, p, n, numbers(m))
					break
				}
			}
			predict(t, m, 3)
		}
	}
}

// An order that nobody gave is one that can be fitted, if any can.
func TestDefaultOrderFits(t *testing.T) {
	for _, c := range []struct {
		ar       forecast.AR
		shortest int
	}{
		{forecast.AR{}, 4}, {forecast.AR{Method: forecast.YuleWalker}, 4},
		{forecast.AR{Method: forecast.LeastSquares}, 6}, {forecast.AR{Method: forecast.LeastSquares, Trend: forecast.Linear}, 7},
	} {
		for n := 1; n < 60; n++ {
			_, err := c.ar.Fit(context.Background(), simulate(seeded(13), n, 1, 0.5))
			if (err == nil) != (n >= c.shortest) {
				t.Errorf("%v of %d values: %v; the shortest series has %d", c.ar, n, err, c.shortest)
			}
		}
	}
}

// An order by criterion ends where lags begin to depend on each other.
func TestDependentLagsEndTheSearch(t *testing.T) {
	m := fit(t, forecast.AR{Method: forecast.LeastSquares, MaxOrder: 6}, sine(100, 9))
	if m.Order != 2 || len(m.Orders) != 3 {
		t.Errorf("order %d of %d candidates for a sine, want 2 of 0 to 2", m.Order, len(m.Orders))
	}
}

func TestForecastRefuses(t *testing.T) {
	m := fit(t, forecast.AR{Order: 2}, simulate(seeded(9), 50, 0, 0.5))
	naive := forecast.SeasonalNaive{Period: 11}
	for _, c := range []struct {
		run  func() (*forecast.Forecast, error)
		want string
	}{
		{func() (*forecast.Forecast, error) { return m.Forecast(0) }, "0 steps, need 1 to 100000"},
		{func() (*forecast.Forecast, error) { return m.Forecast(-3) }, "-3 steps, need 1"},
		{func() (*forecast.Forecast, error) { return m.Forecast(forecast.MaxSteps + 1) }, "100001 steps, need 1 to 100000"},
		{func() (*forecast.Forecast, error) { return m.Forecast(1, 95) }, "level 95: levels lie between 0 and 1, as 0.95"},
		{func() (*forecast.Forecast, error) { return m.Forecast(1, 0.5, math.NaN()) }, "level NaN"},
		{func() (*forecast.Forecast, error) {
			return (&forecast.Model{Coefficients: []float64{1, 2}, History: []float64{1}}).Forecast(1)
		}, "1 value, a forecast of AR(2) needs at least 2"},
		{func() (*forecast.Forecast, error) { return naive.Forecast(context.Background(), ramp(11), 2) }, "11 values, a seasonal naive forecast with a period of 11 needs at least 12"},
		{func() (*forecast.Forecast, error) { return naive.Forecast(context.Background(), ramp(20), 0) }, "0 steps"},
		{func() (*forecast.Forecast, error) {
			return naive.Forecast(context.Background(), with(ramp(20), 4, math.NaN()), 1)
		}, "value 4 (from 0) is NaN"},
		{func() (*forecast.Forecast, error) {
			return forecast.SeasonalNaive{Period: -1}.Forecast(context.Background(), ramp(20), 1)
		}, "a period of -1 values"},
		{func() (*forecast.Forecast, error) {
			return forecast.SeasonalNaive{}.Forecast(context.Background(), []float64{-math.MaxFloat64, math.MaxFloat64, 0}, 1)
		}, "step 1 leaves the range of float64"},
	} {
		f, err := c.run()
		if f != nil || err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "forecast: ") != 1 {
			t.Errorf("%v, %v; want an error with %q", f, err, c.want)
		}
	}
	f := predict(t, m, 2, 0.9, 0.5, 0.9)
	if len(f.Intervals) != 2 || f.Intervals[0].Level != 0.5 {
		t.Errorf("levels come out in order and once: %v", f.Intervals)
	}
}

// A model that explodes forecasts, says so, and stops before infinity.
func TestExplosiveModel(t *testing.T) {
	y := make([]float64, 60)
	y[0] = 1
	r := seeded(10)
	for i := 1; i < len(y); i++ {
		y[i] = 1.1*y[i-1] + 0.1*r.NormFloat64()
	}
	m := fit(t, forecast.AR{Method: forecast.LeastSquares, Order: 1, Trend: forecast.NoTrend}, y)
	if !(m.Root() > 1.05) || m.Stationary() || !strings.Contains(m.String(), "explosive, forecasts grow without bound") {
		t.Errorf("%v", m)
	}
	f := predict(t, m, 10)
	if len(f.Warnings) != 1 || !strings.Contains(f.Warnings[0], "explosive") || !strings.Contains(f.String(), "explosive") {
		t.Errorf("warnings %q, %v", f.Warnings, f)
	}
	for h := 1; h < 10; h++ {
		if !(f.Mean[h] > f.Mean[h-1] && f.SE[h] > f.SE[h-1]) {
			t.Errorf("step %d does not grow: %v ± %v", h+1, f.Mean, f.SE)
		}
	}
	if _, err := m.Forecast(forecast.MaxSteps); err == nil || !strings.Contains(err.Error(), "leaves the range of float64 (largest root 1.") {
		t.Errorf("a hundred thousand steps: %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	y := simulate(seeded(11), 100, 0)
	for _, method := range []forecast.Method{forecast.Burg, forecast.YuleWalker, forecast.LeastSquares} {
		if _, err := (forecast.AR{Method: method}).Fit(ctx, y); err == nil || !strings.Contains(err.Error(), "enough") {
			t.Errorf("%v: %v", method, err)
		}
	}
	if _, err := (forecast.AR{}).FitAll(ctx, [][]float64{y}); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("batch: %v", err)
	}
	if _, err := (forecast.SeasonalNaive{}).Forecast(ctx, y, 1); err == nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("naive: %v", err)
	}
}
