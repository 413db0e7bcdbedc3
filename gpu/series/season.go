package series

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// RemoveSeason returns the recording with a cycle taken out of every column:
// what is left of
//
//	x(t) = a + Σ_h b_h cos(2π h t/period) + c_h sin(2π h t/period),   h = 1 … harmonics
//
// fitted by least squares (harmonic regression). t is the number of the row
// and period is in rows: 365.25 for daily values with a yearly cycle. The mean
// goes too. Trials are taken as one stretch of time. It returns an error if a
// value is missing, or if there are fewer rows than coefficients.
func (r Recording) RemoveSeason(period float64, harmonics int) (Recording, error) {
	n, m := r.Len(), 2*harmonics+1
	switch {
	case harmonics < 1:
		return Recording{}, fmt.Errorf("series: season: %d harmonics: it must be at least 1", harmonics)
	case !(period >= 2*float64(harmonics)) || math.IsInf(period, 0):
		return Recording{}, fmt.Errorf("series: season: a period of %v rows: harmonic %d needs at least %v", period, harmonics, 2*float64(harmonics))
	case n < m:
		return Recording{}, fmt.Errorf("series: season: %d rows, need at least %d for %d harmonics", n, m, harmonics)
	}
	design := mat.NewDense(n, m, nil)
	for t := range n {
		design.Set(t, 0, 1)
		for h := 1; h <= harmonics; h++ {
			// The phase is reduced to one turn first, as exactly as can be: a
			// sine of a large angle loses digits.
			turns := math.Mod(float64(h)*math.Mod(float64(t), period), period) / period
			sin, cos := math.Sincos(2 * math.Pi * turns)
			design.Set(t, 2*h-1, cos)
			design.Set(t, 2*h, sin)
		}
	}
	var qr mat.QR
	qr.Factorize(design)
	return r.each(func(c Column) ([]float64, error) {
		if i := notFinite(c.Values); i >= 0 {
			return nil, fmt.Errorf("series: season: %w", &ValueError{c.Name, i, c.Values[i]})
		}
		var coefficients, fit mat.VecDense
		if err := qr.SolveVecTo(&coefficients, false, mat.NewVecDense(n, c.Values)); err != nil {
			return nil, fmt.Errorf("series: season: %d rows do not tell %d harmonics of a period of %v apart; take fewer: %w", n, harmonics, period, err)
		}
		fit.MulVec(design, &coefficients)
		left := make([]float64, n)
		for t, x := range c.Values {
			left[t] = x - fit.AtVec(t)
		}
		return left, nil
	})
}
