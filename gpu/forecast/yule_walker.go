package forecast

import (
	"context"
	"fmt"
	"math"
)

// yuleWalker fits the centred series in w.f, orders 0 to p.
func (w *fitter) yuleWalker(ctx context.Context, a AR, m *Model, p, exp int) error {
	r := make([]float64, p+1)
	for k := range r {
		n := len(w.f)
		err := each(ctx, n-k, func(from, to int) { r[k] += dot(w.f[k+from:k+to], w.f[from:to]) })
		if err != nil {
			return err
		}
		if a.Adjusted {
			n -= k
		}
		r[k] /= float64(n)
	}
	l := levinson{phi: make([]float64, 0, p), reflection: make([]float64, 0, p), sigma2: append(make([]float64, 0, p+1), r[0])}
	s2 := r[0]
	for k := 1; k <= p; k++ {
		rest := r[k]
		for i, v := range l.phi {
			rest -= v * r[k-1-i]
		}
		c := 0.0
		if s2 > 0 {
			c = rest / s2
		}
		if !(math.Abs(c) <= 1) {
			if a.Adjusted {
				return fmt.Errorf("the adjusted autocovariances up to lag %d are those of no series (partial autocorrelation %.4g, beyond 1): ask for an order below %d, or leave Adjusted out", k, c, k)
			}
			c = math.Copysign(1, c) // by rounding alone
		}
		l.step(c)
		s2 *= (1 - c) * (1 + c)
		l.sigma2 = append(l.sigma2, s2)
	}
	m.choose(a, p, &l, exp)
	m.Autocovariances = r[:m.Order+1]
	for k, v := range m.Autocovariances {
		m.Autocovariances[k] = math.Ldexp(v, 2*exp)
	}
	return nil
}

// dot is the inner product with four sums, so that the additions do not wait
// for each other.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	i := 0
	for ; i+3 < len(x); i += 4 {
		a += x[i] * y[i]
		b += x[i+1] * y[i+1]
		c += x[i+2] * y[i+2]
		d += x[i+3] * y[i+3]
	}
	for ; i < len(x); i++ {
		a += x[i] * y[i]
	}
	return (a + b) + (c + d)
}
