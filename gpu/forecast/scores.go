package forecast

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Scores say how good a forecast was, averaged over the steps whose outcome is
// known. Of CRPS, LogScore, errors and losses lower is better.
type Scores struct {
	Steps     int     // that were scored
	Period    int     // of MASE
	MAE, RMSE float64 // in the unit of the series
	MASE      float64
	SMAPE     float64 // percent, 0 to 200
	CRPS      float64 // in the unit of the series, of the normal forecast
	LogScore  float64 // nats, for values in the unit of the series
	Pinball   []QuantileLoss
	Coverage  []Held
	Unit      string
	Method    string
}

// QuantileLoss is the mean pinball loss of one quantile, in the unit of the
// series.
type QuantileLoss struct{ Quantile, Loss float64 }

// Held says how many outcomes lay in the intervals of a level.
type Held struct {
	Level         float64
	Inside, Steps int
}

// Share is Inside/Steps.
func (h Held) Share() float64 { return float64(h.Inside) / float64(h.Steps) }

func (h Held) String() string {
	return fmt.Sprintf("%d of %d in the %s interval", h.Inside, h.Steps, percent(h.Level))
}

// Scores compares the forecast with what happened, f.Actual. MASE is against
// the seasonal naive forecast of the period given, 1 being the last value.
// Steps whose outcome is NaN or beyond the end of Actual do not count. Without
// standard errors CRPS and LogScore are NaN.
func (f *Forecast) Scores(period int) (*Scores, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	s := &Scores{Period: period, Unit: f.Unit, Method: f.Method}
	known := func(v []float64) []float64 {
		out := make([]float64, 0, len(f.Actual))
		for i, y := range f.Actual {
			if !math.IsNaN(y) {
				out = append(out, v[i])
			}
		}
		return out
	}
	actual, mean := known(f.Actual), known(f.Mean)
	if s.Steps = len(actual); s.Steps == 0 {
		return nil, errors.New("forecast: scores: what happened is not known; put it into Actual")
	}
	var err error
	if s.MASE, err = MASE(f.History, actual, mean, period); err != nil {
		return nil, err
	}
	if s.SMAPE, err = SMAPE(actual, mean); err != nil {
		return nil, err
	}
	n := float64(s.Steps)
	for i, y := range actual {
		e := y - mean[i]
		s.MAE += math.Abs(e) / n
		s.RMSE = math.Hypot(s.RMSE, e/math.Sqrt(n))
	}
	s.CRPS, s.LogScore = math.NaN(), math.NaN()
	if f.SE != nil {
		s.CRPS, s.LogScore = 0, 0
		for i, sd := range known(f.SE) {
			s.CRPS += CRPSGaussian(mean[i], sd, actual[i]) / n
			s.LogScore += LogScore(mean[i], sd, actual[i]) / n
		}
	}
	quantile := func(q float64, at []float64) {
		l := QuantileLoss{Quantile: q}
		for i, y := range actual {
			l.Loss += Pinball(q, at[i], y) / n
		}
		s.Pinball = append(s.Pinball, l)
	}
	quantile(0.5, mean)
	for _, v := range f.Intervals {
		lo, hi := known(v.Lo), known(v.Hi)
		quantile((1-v.Level)/2, lo)
		quantile((1+v.Level)/2, hi)
		share, err := Coverage(lo, hi, actual)
		if err != nil {
			return nil, err
		}
		s.Coverage = append(s.Coverage, Held{Level: v.Level, Inside: int(math.Round(share * n)), Steps: s.Steps})
	}
	slices.SortFunc(s.Pinball, func(a, b QuantileLoss) int {
		if a.Quantile < b.Quantile {
			return -1
		}
		return 1
	})
	return s, nil
}

// String is one sentence with the numbers.
func (s *Scores) String() string {
	var b strings.Builder
	if s.Method != "" {
		fmt.Fprintf(&b, "%s, ", s.Method)
	}
	fmt.Fprintf(&b, "%s scored: MASE %.3f (period %d), sMAPE %.1f %%, CRPS %s, log score %.3f nats", count(s.Steps, "step"), s.MASE, s.Period, s.SMAPE, withUnit(number(s.CRPS), s.Unit), s.LogScore)
	for i, h := range s.Coverage {
		sep := ", "
		if i == 0 {
			sep = "; "
		}
		b.WriteString(sep)
		b.WriteString(h.String())
	}
	return b.String()
}
