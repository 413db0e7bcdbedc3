package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Backtest repeats a forecast from many origins in the past of a series, each
// time with nothing but the values before the origin, and scores it by what
// came. One held-back stretch is one draw: a method may win it by luck.
type Backtest struct {
	Steps  int // of each forecast; 0: 1
	First  int // values before the first origin; 0: half the series
	Every  int // values between origins; 0: Steps, so that no outcome counts twice
	Period int // of MASE; 0: 1, the last value
}

// Forecaster is a method that is fitted and predicts in one step; AR and
// SeasonalNaive are two. It must not look beyond y and must not change it.
type Forecaster interface {
	Forecast(ctx context.Context, y []float64, steps int, levels ...float64) (*Forecast, error)
}

var _, _ Forecaster = AR{}, SeasonalNaive{}

// Backtested is the outcome of a backtest.
type Backtested struct {
	Method  string
	Origins []int     // values before each forecast
	Scores  []*Scores // by origin
	Mean    *Scores   // over the origins; RMSE of all errors, coverage of all steps
}

// Of runs the backtest. It returns a *TooShortError if y ends before the steps
// of the first origin do, and the first error of the method, with its origin.
func (b Backtest) Of(ctx context.Context, y []float64, method Forecaster) (*Backtested, error) {
	if b.Steps == 0 {
		b.Steps = 1
	}
	if b.First == 0 {
		b.First = len(y) / 2
	}
	if b.Every == 0 {
		b.Every = b.Steps
	}
	if b.Period == 0 {
		b.Period = 1
	}
	switch {
	case ctx == nil:
		return nil, fmt.Errorf("forecast: backtest: %w", errNoContext)
	case method == nil:
		return nil, errors.New("forecast: backtest: no method; give one, as forecast.AR{}")
	case b.Steps < 0 || b.First < 0 || b.Every < 0 || b.Period < 0:
		return nil, fmt.Errorf("forecast: backtest: Steps %d, First %d, Every %d and Period %d must not be negative", b.Steps, b.First, b.Every, b.Period)
	case b.First > math.MaxInt-b.Steps: // their sum overflows
		return nil, fmt.Errorf("forecast: backtest: %w", &TooShortError{Have: len(y), Need: b.First, What: fmt.Sprintf("a backtest of %s after so many", count(b.Steps, "step"))})
	case len(y) < b.First+b.Steps:
		return nil, fmt.Errorf("forecast: backtest: %w", &TooShortError{Have: len(y), Need: b.First + b.Steps, What: fmt.Sprintf("a backtest of %s after the first %d", count(b.Steps, "step"), b.First)})
	}
	b.Every = min(b.Every, len(y)) // beyond the end there is no origin, and no sum overflows
	t := &Backtested{}
	for origin := b.First; origin+b.Steps <= len(y); origin += b.Every {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("forecast: backtest: %w", context.Cause(ctx))
		}
		f, err := method.Forecast(ctx, y[:origin:origin], b.Steps)
		if err == nil {
			f.Actual = y[origin : origin+b.Steps]
			var s *Scores
			if s, err = f.Scores(b.Period); err == nil {
				t.Origins, t.Scores = append(t.Origins, origin), append(t.Scores, s)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("forecast: backtest: after %d values: %w", origin, err)
		}
	}
	t.mean()
	if s, ok := method.(fmt.Stringer); ok {
		t.Mean.Method = s.String() // the order may differ between origins
	}
	t.Method = t.Mean.Method
	return t, nil
}

func (t *Backtested) mean() {
	n := float64(len(t.Scores))
	first := t.Scores[0]
	m := &Scores{Period: first.Period, Unit: first.Unit, Method: first.Method}
	for _, s := range t.Scores {
		m.Steps += s.Steps
		m.MAE += s.MAE / n
		m.RMSE = math.Hypot(m.RMSE, s.RMSE/math.Sqrt(n))
		m.MASE += s.MASE / n
		m.SMAPE += s.SMAPE / n
		m.CRPS += s.CRPS / n
		m.LogScore += s.LogScore / n
		for i, q := range s.Pinball {
			if i == len(m.Pinball) {
				m.Pinball = append(m.Pinball, QuantileLoss{Quantile: q.Quantile})
			}
			m.Pinball[i].Loss += q.Loss / n
		}
		for i, c := range s.Coverage {
			if i == len(m.Coverage) {
				m.Coverage = append(m.Coverage, Held{Level: c.Level})
			}
			m.Coverage[i].Inside += c.Inside
			m.Coverage[i].Steps += c.Steps
		}
	}
	t.Mean = m
}

// String is one sentence with the mean scores.
func (t *Backtested) String() string {
	return fmt.Sprintf("%s: %v", count(len(t.Origins), "origin"), t.Mean)
}

// Gain says by how much one method's CRPS is below another's, over the same
// origins.
type Gain struct {
	CRPS    float64 // mean of the other's less ours, in the unit of the series: positive is better
	SE      float64 // its standard error, the origins taken as independent; NaN for one origin
	Wins    int     // origins where ours is lower
	Origins int
	Unit    string
}

// Over compares two backtests of the same series and origins.
func (t *Backtested) Over(other *Backtested) (Gain, error) {
	n := len(t.Origins)
	if n != len(other.Origins) {
		return Gain{}, fmt.Errorf("forecast: backtests of %d and of %d origins do not compare", n, len(other.Origins))
	}
	g := Gain{Origins: n, Unit: t.Mean.Unit, CRPS: other.Mean.CRPS - t.Mean.CRPS}
	var squares float64
	for i, s := range t.Scores {
		if t.Origins[i] != other.Origins[i] {
			return Gain{}, fmt.Errorf("forecast: backtests with origins at %d and at %d do not compare", t.Origins[i], other.Origins[i])
		}
		d := other.Scores[i].CRPS - s.CRPS
		if d > 0 {
			g.Wins++
		}
		squares += (d - g.CRPS) * (d - g.CRPS)
	}
	g.SE = math.Sqrt(squares / float64(n-1) / float64(n))
	return g, nil
}

// String is one sentence that also says whether the gain is more than its doubt.
func (g Gain) String() string {
	verdict := "no difference beyond the doubt"
	if math.IsNaN(g.SE) {
		verdict = "one origin tells nothing"
	} else if math.Abs(g.CRPS) > 2*g.SE {
		verdict = "more than two standard errors"
	}
	return fmt.Sprintf("CRPS lower by %s ± %s, in %d of %s: %s", number(g.CRPS), withUnit(number(g.SE), g.Unit), g.Wins, count(g.Origins, "origin"), verdict)
}
