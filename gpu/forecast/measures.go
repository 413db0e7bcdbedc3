package forecast

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// MASE is the mean absolute error of a forecast, divided by that of the
// seasonal naive forecast one period ahead inside the history (Hyndman and
// Koehler 2006). Below 1 is better than that. It needs a history longer than
// the period, not all of whose periods are equal.
func MASE(history, actual, mean []float64, period int) (float64, error) {
	if err := paired(actual, mean); err != nil {
		return 0, fmt.Errorf("forecast: MASE: %w", err)
	}
	scale, err := naiveError(history, period)
	if err != nil {
		return 0, fmt.Errorf("forecast: MASE: %w", err)
	}
	var s float64
	for i, y := range actual {
		s += math.Abs(y - mean[i])
	}
	return s / float64(len(actual)) / scale, nil
}

// naiveError is the mean absolute difference of values a period apart.
func naiveError(history []float64, period int) (float64, error) {
	if period < 1 {
		return 0, fmt.Errorf("a period of %d values, need 1 or more", period)
	}
	n := len(history)
	if n <= period {
		return 0, &TooShortError{Have: n, Need: period + 1, What: fmt.Sprintf("a history with a period of %d", period)}
	}
	var s float64
	for i := period; i < n; i++ {
		s += math.Abs(history[i] - history[i-period])
	}
	if s == 0 {
		return 0, fmt.Errorf("%w one period of %d after the other, so that there is no error to compare with", ErrConstant, period)
	}
	return s / float64(n-period), nil
}

// SMAPE is the symmetric mean absolute percentage error, 200·|y−f|/(|y|+|f|) on
// average: from 0 to 200. Where both are 0 it counts 0.
func SMAPE(actual, mean []float64) (float64, error) {
	if err := paired(actual, mean); err != nil {
		return 0, fmt.Errorf("forecast: sMAPE: %w", err)
	}
	var s float64
	for i, y := range actual {
		if d := math.Abs(y) + math.Abs(mean[i]); d != 0 {
			s += math.Abs(y-mean[i]) / d
		}
	}
	return 200 * s / float64(len(actual)), nil
}

func paired(actual, mean []float64) error {
	switch {
	case len(actual) == 0:
		return errors.New("no values to compare")
	case len(actual) != len(mean):
		return fmt.Errorf("%d values of what happened, but %d of the forecast", len(actual), len(mean))
	}
	return nil
}

// CRPSGaussian is the continuous ranked probability score of y under a normal
// forecast, in the unit of y, lower is better (Gneiting and Raftery 2007,
// eq. 21). With sd = 0 it is the absolute error; a negative sd gives NaN.
func CRPSGaussian(mean, sd, y float64) float64 {
	if sd == 0 {
		return math.Abs(y - mean)
	}
	if sd < 0 {
		return math.NaN()
	}
	z := (y - mean) / sd
	// z·(2Φ(z)−1) + 2φ(z) − 1/√π
	return sd * (z*math.Erf(z/math.Sqrt2) + 2*math.Exp(-z*z/2)/math.Sqrt(2*math.Pi) - 1/math.Sqrt(math.Pi))
}

// CRPSEnsemble is the same score of the members of an ensemble, as the
// distribution that they are: mean|x−y| − ½·mean|x−x'|, x' over all members, x
// itself among them. No member is an error.
func CRPSEnsemble(members []float64, y float64) (float64, error) {
	m := len(members)
	if m == 0 {
		return 0, errors.New("forecast: CRPS: an ensemble without members")
	}
	x := slices.Sorted(slices.Values(members))
	var s, spread float64
	for i, v := range x {
		s += math.Abs(v - y)
		spread += float64(2*i+1-m) * v // Σ|x−x'| over pairs, by rank
	}
	return (s - spread/float64(m)) / float64(m), nil
}

// Pinball is the loss of a forecast of quantile q: q·(y−f) above it and
// (1−q)·(f−y) below. Its average over all q is half the CRPS.
func Pinball(q, quantile, y float64) float64 {
	return max(q*(y-quantile), (q-1)*(y-quantile))
}

// LogScore is the surprisal of y under a normal forecast, −ln of its density,
// in nats if y has no unit: lower is better. With sd = 0 it is −Inf for what
// was foretold exactly and +Inf for all else; a negative sd gives NaN.
func LogScore(mean, sd, y float64) float64 {
	switch {
	case sd < 0:
		return math.NaN()
	case sd == 0 && y == mean:
		return math.Inf(-1)
	case sd == 0:
		return math.Inf(1)
	}
	z := (y - mean) / sd
	return z*z/2 + math.Log(sd) + math.Log(2*math.Pi)/2
}

// Coverage is the share of values between lo and hi, ends included.
func Coverage(lo, hi, actual []float64) (float64, error) {
	if err := paired(actual, lo); err != nil {
		return 0, fmt.Errorf("forecast: coverage: %w", err)
	}
	if err := paired(actual, hi); err != nil {
		return 0, fmt.Errorf("forecast: coverage: %w", err)
	}
	n := 0
	for i, y := range actual {
		if lo[i] <= y && y <= hi[i] {
			n++
		}
	}
	return float64(n) / float64(len(actual)), nil
}
