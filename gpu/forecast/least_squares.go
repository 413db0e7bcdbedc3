package forecast

import (
	"context"
	"math"
)

// leastSquares fits the centred series in w.f.
//
// Which order is best is decided on the sample that all orders up to p have in
// common; the chosen one is then fitted to the whole sample of its own.
func (w *fitter) leastSquares(ctx context.Context, a AR, m *Model, p, exp int) error {
	terms := a.Trend.terms()
	t, err := w.factor(ctx, a.Trend, p)
	if err != nil {
		return err
	}
	most := t.rank(terms+p) - terms
	if most < 0 {
		return &DependentError{}
	}
	if most < p && a.Order > 0 {
		return &DependentError{Lag: most + 1}
	}
	for k := range most + 1 {
		m.Orders = append(m.Orders, squares(t, k, terms, m.N-p, exp))
	}
	m.Order = p
	if a.Order == 0 {
		m.Order = best(m.Orders, a.Criterion)
	}
	m.Criteria = m.Orders[m.Order]
	if m.Order < p {
		if t, err = w.factor(ctx, a.Trend, m.Order); err != nil {
			return err
		}
		if r := t.rank(terms + m.Order); r < terms+m.Order {
			return &DependentError{Lag: r - terms + 1}
		}
		m.Criteria = squares(t, m.Order, terms, m.N-m.Order, exp)
	}
	m.Sigma = m.Criteria.Sigma
	m.solve(t, terms, exp)
	return nil
}

// squares judges the order k of a triangle over n rows.
func squares(t *triangle, k, terms, n, exp int) Criteria {
	sigma := math.Sqrt(t.residue(terms+k) / float64(n))
	logS2 := 2*math.Log(sigma) + 2*float64(exp)*math.Ln2
	c := criteria(k, -float64(n)/2*(math.Log(2*math.Pi)+logS2+1), terms+k+1, n)
	c.Sigma = math.Ldexp(sigma, exp)
	return c
}

// factor returns the triangle of trend, lags 1 to p and the value itself, over
// all rows that have p lags. Time is counted from the middle and in units of
// the length, which keeps the columns apart.
func (w *fitter) factor(ctx context.Context, trend Trend, p int) (*triangle, error) {
	const rows = 512
	terms := trend.terms()
	t := newTriangle(terms + p + 1)
	n := len(w.f)
	for len(w.rows) < len(t.r) {
		w.rows = append(w.rows, make([]float64, rows))
	}
	block := make([][]float64, len(t.r))
	for from := p; from < n; from += rows {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		count := min(rows, n-from)
		for j := range block {
			block[j] = w.rows[j][:count]
			switch {
			case j == 0 && terms > 0:
				for i := range block[j] {
					block[j][i] = 1
				}
			case j == 1 && terms > 1:
				for i := range block[j] {
					block[j][i] = middle(from+i+1, n)
				}
			case j < len(block)-1:
				lag := j - terms + 1
				copy(block[j], w.f[from-lag:])
			default:
				copy(block[j], w.f[from:])
			}
		}
		t.absorb(block)
	}
	return t, nil
}

// middle is the time t = 1 … n, as a share of n from the middle.
func middle(t, n int) float64 { return (float64(t) - float64(n+1)/2) / float64(n) }

// solve takes the coefficients from the triangle and turns those of the centred
// series into those of the series itself. The errors are σ·|R⁻ᵀ·a|, where a
// says what is looked at.
func (m *Model) solve(t *triangle, terms, exp int) {
	c := t.solve(terms + m.Order)
	n := float64(m.N)
	m.Coefficients = c[terms:]
	m.CoefficientErrors = make([]float64, m.Order)
	a := make([]float64, len(c))
	for i := range m.CoefficientErrors {
		a[terms+i] = 1
		m.CoefficientErrors[i] = math.Ldexp(m.Sigma, -exp) * t.spread(a)
		a[terms+i] = 0
	}
	if terms > 1 {
		a[1] = 1
		m.Slope = math.Ldexp(c[1], exp) / n
		m.SlopeError = m.Sigma / n * t.spread(a)
		a[1] = middle(0, m.N)
		m.Intercept = math.Ldexp(c[1], exp) * a[1]
	}
	if terms > 0 {
		a[0] = 1
		m.Intercept += math.Ldexp(c[0], exp) + m.Mean
		for i, v := range m.Coefficients {
			m.Intercept -= m.Mean * v
			a[terms+i] = -math.Ldexp(m.Mean, -exp)
		}
		m.InterceptError = m.Sigma * t.spread(a)
	}
}
