package forecast_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu/forecast"
)

// spy notes what it is given and predicts with the naive method.
type spy struct{ given [][]float64 }

func (s *spy) Forecast(ctx context.Context, y []float64, steps int, levels ...float64) (*forecast.Forecast, error) {
	s.given = append(s.given, y)
	return forecast.SeasonalNaive{}.Forecast(ctx, y, steps, levels...)
}

func TestBacktestShowsThePastAlone(t *testing.T) {
	y := []float64{1, 4, 2, 8, 5, 7, 1, 9, 3}
	s := &spy{}
	b, err := forecast.Backtest{Steps: 2, First: 3, Period: 2}.Of(context.Background(), y, s)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.Origins, []int{3, 5, 7}) || len(s.given) != 3 {
		t.Fatalf("origins %v", b.Origins)
	}
	for i, g := range s.given {
		if !slices.Equal(g, y[:b.Origins[i]]) || cap(g) != len(g) {
			t.Errorf("origin %d saw %v of capacity %d", b.Origins[i], g, cap(g))
		}
	}
	// errors: 8−2, 5−2; 7−5, 1−5; 9−1, 3−1
	near(t, "MAE", []float64{b.Mean.MAE}, []float64{(6. + 3 + 2 + 4 + 8 + 2) / 6}, 1e-14)
	near(t, "RMSE", []float64{b.Mean.RMSE}, []float64{math.Sqrt((36. + 9 + 4 + 16 + 64 + 4) / 6)}, 1e-14)
	if b.Mean.Steps != 6 || b.Mean.Coverage[0].Steps != 6 {
		t.Errorf("%d steps, coverage of %d, want 6", b.Mean.Steps, b.Mean.Coverage[0].Steps)
	}
	var mase, crps float64
	for _, s := range b.Scores {
		mase, crps = mase+s.MASE/3, crps+s.CRPS/3
	}
	near(t, "means", []float64{b.Mean.MASE, b.Mean.CRPS}, []float64{mase, crps}, 1e-14)
	if got := b.String(); !strings.HasPrefix(got, "3 origins: naive (the last value), 6 steps scored: MASE ") {
		t.Error(got)
	}
}

// On an autoregression the true model beats the last value; against itself it
// gains nothing.
func TestGain(t *testing.T) {
	y := simulate(seeded(12), 1000, 0, 0.3, -0.5)
	run := func(f forecast.Forecaster) *forecast.Backtested {
		b, err := forecast.Backtest{Steps: 4, First: 200}.Of(context.Background(), y, f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	ar, naive := run(forecast.AR{Order: 2}), run(forecast.SeasonalNaive{})
	if ar.Method != "AR(2) by Burg" || naive.Mean.Method != "naive (the last value)" {
		t.Errorf("methods %q and %q", ar.Method, naive.Mean.Method)
	}
	g, err := ar.Over(naive)
	if err != nil || g.Origins != 200 || !(g.CRPS > 5*g.SE) || g.Wins < 120 || !strings.HasSuffix(g.String(), "more than two standard errors") {
		t.Errorf("%v, %v", g, err)
	}
	back, _ := naive.Over(ar)
	near(t, "the other way round", []float64{back.CRPS, back.SE}, []float64{-g.CRPS, g.SE}, 1e-14)
	if g, err := ar.Over(ar); err != nil || g.CRPS != 0 || g.SE != 0 || g.Wins != 0 {
		t.Errorf("over itself: %v, %v", g, err)
	}
	short, err := forecast.Backtest{Steps: 4, First: 996}.Of(context.Background(), y, forecast.AR{Order: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ar.Over(short); err == nil {
		t.Error("backtests of other origins were compared")
	}
	if g, err := short.Over(short); err != nil || !math.IsNaN(g.SE) || !strings.HasSuffix(g.String(), "one origin tells nothing") {
		t.Errorf("one origin: %v, %v", g, err)
	}
}

func TestBacktestRefuses(t *testing.T) {
	y := ramp(20)
	stop, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		b    forecast.Backtest
		ctx  context.Context
		y    []float64
		f    forecast.Forecaster
		want string
	}{
		{forecast.Backtest{Steps: 11, First: 10}, context.Background(), y, forecast.AR{}, "20 values, a backtest of 11 steps after the first 10 needs at least 21"},
		{forecast.Backtest{First: math.MaxInt}, context.Background(), y, forecast.AR{}, "20 values, a backtest of 1 step after so many needs at least 9223372036854775807"},
		{forecast.Backtest{Steps: -1}, context.Background(), y, forecast.AR{}, "Steps -1, "},
		{forecast.Backtest{}, context.Background(), y, nil, "no method"},
		{forecast.Backtest{}, nil, y, forecast.AR{}, "context is nil"},
		{forecast.Backtest{}, stop, y, forecast.AR{}, "context canceled"},
		{forecast.Backtest{First: 2}, context.Background(), y, forecast.AR{}, "after 2 values: forecast: fit: 2 values, AR(1) by Burg needs at least 4"},
		{forecast.Backtest{}, context.Background(), nil, forecast.AR{}, "0 values, a backtest of 1 step after the first 0 needs at least 1"},
	} {
		if b, err := c.b.Of(c.ctx, c.y, c.f); b != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, %v; want an error with %q", b, err, c.want)
		}
	}
	if b, err := (forecast.Backtest{First: 12, Every: math.MaxInt}).Of(context.Background(), y, forecast.SeasonalNaive{}); err != nil || len(b.Origins) != 1 {
		t.Errorf("an Every beyond the end leaves one origin: %v, %v", b, err)
	}
	var short *forecast.TooShortError
	if _, err := (forecast.Backtest{First: 30}).Of(context.Background(), y, forecast.AR{}); !errors.As(err, &short) || short.Need != 31 {
		t.Errorf("%v", err)
	}
}
