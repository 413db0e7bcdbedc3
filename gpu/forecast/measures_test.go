package forecast_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu/forecast"
)

func TestCRPSGaussianIsItsIntegral(t *testing.T) {
	for _, c := range []struct{ mean, sd, y float64 }{{0, 1, 0}, {0, 1, 1.3}, {5, 0.2, 4.1}, {-2, 3, 7}} {
		// ∫ (Φ(x) − 1[x ≥ y])² dx, by the midpoint rule on both sides of y
		var want float64
		const parts = 200_000
		lo, hi := min(c.y, c.mean-9*c.sd), max(c.y, c.mean+9*c.sd)
		for _, side := range []struct{ a, b, one float64 }{{lo, c.y, 0}, {c.y, hi, 1}} {
			d := (side.b - side.a) / parts
			for i := range parts {
				x := side.a + (float64(i)+0.5)*d
				f := 0.5*math.Erfc(-(x-c.mean)/c.sd/math.Sqrt2) - side.one
				want += f * f * d
			}
		}
		near(t, "CRPS", []float64{forecast.CRPSGaussian(c.mean, c.sd, c.y)}, []float64{want}, 1e-8)
	}
	near(t, "at the mean (√2−1)/√π", []float64{forecast.CRPSGaussian(3, 2, 3)}, []float64{2 * (math.Sqrt2 - 1) / math.Sqrt(math.Pi)}, 1e-15)
	near(t, "without spread", []float64{forecast.CRPSGaussian(3, 0, 5)}, []float64{2}, 0)
	if v := forecast.CRPSGaussian(3, -1, 5); !math.IsNaN(v) {
		t.Errorf("a negative sd gives %v, want NaN", v)
	}
}

// Twice the mean pinball loss over all quantiles is the CRPS.
func TestPinballAddsUpToCRPS(t *testing.T) {
	const parts = 20_000
	var s float64
	for i := range parts {
		q := (float64(i) + 0.5) / parts
		s += 2 * forecast.Pinball(q, 1+2*math.Sqrt2*math.Erfinv(2*q-1), 2.5) / parts
	}
	near(t, "CRPS", []float64{s}, []float64{forecast.CRPSGaussian(1, 2, 2.5)}, 1e-5)
}

func TestCRPSEnsemble(t *testing.T) {
	members := []float64{4, 1, 2}
	got, err := forecast.CRPSEnsemble(members, 3)
	if err != nil {
		t.Fatal(err)
	}
	// mean of 1, 2, 1 less half the mean of |x−x'|: (3+2+1)·2/9/2
	near(t, "three members", []float64{got}, []float64{4./3 - 6./9}, 1e-15)
	if !slices.Equal(members, []float64{4, 1, 2}) {
		t.Errorf("the members became %v", members)
	}
	if got, _ := forecast.CRPSEnsemble([]float64{7}, 3); got != 4 {
		t.Errorf("one member: %v, want the absolute error 4", got)
	}
	if _, err := forecast.CRPSEnsemble(nil, 3); err == nil {
		t.Error("no members gave no error")
	}
}

func TestLogScoreIsSurprisal(t *testing.T) {
	near(t, "at the mean", []float64{forecast.LogScore(1, 2, 1)}, []float64{math.Log(2 * math.Sqrt(2*math.Pi))}, 1e-15)
	near(t, "three sd away", []float64{forecast.LogScore(0, 1, 3)}, []float64{4.5 + math.Log(2*math.Pi)/2}, 1e-15)
	if v := forecast.LogScore(1, 0, 1); !math.IsInf(v, -1) {
		t.Errorf("certain and right: %v", v)
	}
	if v := forecast.LogScore(1, 0, 2); !math.IsInf(v, 1) {
		t.Errorf("certain and wrong: %v", v)
	}
}

func TestScores(t *testing.T) {
	f := &forecast.Forecast{
		History: []float64{1, 3, 2, 4}, Mean: []float64{3, 5, 0}, SE: []float64{1, 2, 0}, Actual: []float64{4, math.NaN(), 0},
		Intervals: []forecast.Interval{{Level: 0.5, Lo: []float64{2, 4, 0}, Hi: []float64{3.5, 6, 0}}, {Level: 0.9, Lo: []float64{1, 1, 0}, Hi: []float64{4, 9, 0}}},
		Method:    "a guess", Unit: "spots",
	}
	s, err := f.Scores(1)
	if err != nil {
		t.Fatal(err)
	}
	if s.Steps != 2 {
		t.Errorf("%d steps, want the 2 that are known", s.Steps)
	}
	near(t, "MAE", []float64{s.MAE}, []float64{0.5}, 1e-15)
	near(t, "RMSE", []float64{s.RMSE}, []float64{math.Sqrt(0.5)}, 1e-15)
	near(t, "MASE: naive errors 2 1 2", []float64{s.MASE}, []float64{0.5 / (5. / 3)}, 1e-15)
	near(t, "sMAPE: 1/7 and 0/0", []float64{s.SMAPE}, []float64{200 * (1. / 7) / 2}, 1e-13)
	near(t, "CRPS", []float64{s.CRPS}, []float64{forecast.CRPSGaussian(3, 1, 4) / 2}, 1e-15)
	var q, loss []float64
	for _, p := range s.Pinball {
		q, loss = append(q, p.Quantile), append(loss, p.Loss)
	}
	near(t, "quantiles", q, []float64{0.05, 0.25, 0.5, 0.75, 0.95}, 1e-15)
	near(t, "losses", loss, []float64{0.05 * 3 / 2, 0.25 * 2 / 2, 0.5 * 1 / 2, 0.75 * 0.5 / 2, 0}, 1e-15)
	if s.Coverage[0].Inside != 1 || s.Coverage[1].Inside != 2 || s.Coverage[1].Share() != 1 {
		t.Errorf("coverage %v", s.Coverage)
	}
	s.LogScore, f.SE = 1, nil // of a step without spread it is −Inf
	want := "a guess, 2 steps scored: MASE 0.300 (period 1), sMAPE 14.3 %, CRPS 0.3012 spots, log score 1.000 nats; 1 of 2 in the 50 % interval, 2 of 2 in the 90 % interval"
	if got := s.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if s, err = f.Scores(1); err != nil || !math.IsNaN(s.CRPS) || !math.IsNaN(s.LogScore) {
		t.Errorf("without standard errors: %v, %v", s, err)
	}
}

func TestScoresOfNothing(t *testing.T) {
	good := func() *forecast.Forecast {
		return &forecast.Forecast{History: []float64{1, 3, 2, 4}, Mean: []float64{3}, Actual: []float64{4}}
	}
	for _, c := range []struct {
		spoil  func(*forecast.Forecast)
		period int
		want   string
	}{
		{func(f *forecast.Forecast) { f.Actual = nil }, 1, "what happened is not known"},
		{func(f *forecast.Forecast) { f.Actual[0] = math.NaN() }, 1, "what happened is not known"},
		{func(f *forecast.Forecast) { f.Actual = make([]float64, 2) }, 1, "2 values of Actual for 1 steps"},
		{func(f *forecast.Forecast) {}, 0, "a period of 0 values, need 1 or more"},
		{func(f *forecast.Forecast) {}, 4, "4 values, a history with a period of 4 needs at least 5"},
		{func(f *forecast.Forecast) { f.History = []float64{1, 2, 1, 2} }, 2, "all values are the same one period of 2 after the other"},
	} {
		f := good()
		c.spoil(f)
		if _, err := f.Scores(c.period); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
	f := good()
	f.History = []float64{2, 2, 2}
	if _, err := f.Scores(1); !errors.Is(err, forecast.ErrConstant) {
		t.Errorf("a constant history: %v", err)
	}
	if _, err := forecast.SMAPE([]float64{1}, nil); err == nil {
		t.Error("lengths that differ gave no error")
	}
	if _, err := forecast.Coverage([]float64{1}, []float64{1, 2}, []float64{1}); err == nil {
		t.Error("ends that differ in number gave no error")
	}
}
