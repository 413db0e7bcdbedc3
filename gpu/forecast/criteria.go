package forecast

import "math"

// Criteria judge one order. LogLikelihood is that of Gaussian noise; of Burg
// and Yule–Walker it is −N/2·ln σ², without the constant −N/2·(ln 2π + 1), so
// that values compare within a method and a sample, not across.
type Criteria struct {
	Order         int
	Sigma         float64 // standard deviation of the noise, in the unit of the series
	LogLikelihood float64 // nats
	AIC, AICc     float64
	BIC           float64
}

// criteria of k parameters fitted to n values.
func criteria(order int, logLikelihood float64, k, n int) Criteria {
	d := -2 * logLikelihood
	kf, nf := float64(k), float64(n)
	return Criteria{
		Order: order, LogLikelihood: logLikelihood,
		AIC: d + 2*kf, AICc: d + 2*kf*nf/(nf-kf-1), BIC: d + kf*math.Log(nf),
	}
}

// best returns the place of the smallest value, the first of equal ones.
func best(c []Criteria, by Criterion) int {
	at := 0
	for i := range c {
		a, b := c[i].AICc, c[at].AICc
		if by == BIC {
			a, b = c[i].BIC, c[at].BIC
		}
		if a < b {
			at = i
		}
	}
	return at
}
