package forecast

import (
	"math"
	"slices"
)

// levinson holds a model that grows order by order (Levinson 1947, Durbin
// 1960).
type levinson struct {
	phi, reflection []float64
	sigma2          []float64 // by order, from 0
}

// step goes to the next order, whose last coefficient is r.
func (l *levinson) step(r float64) {
	p := len(l.phi)
	for i, j := 0, p-1; i <= j; i, j = i+1, j-1 {
		l.phi[i], l.phi[j] = l.phi[i]-r*l.phi[j], l.phi[j]-r*l.phi[i]
	}
	l.phi = append(l.phi, r)
	l.reflection = append(l.reflection, r)
}

// of returns the coefficients of order p, remade from the reflections.
func (l *levinson) of(p int) []float64 {
	if p == len(l.phi) {
		return l.phi
	}
	s := levinson{phi: make([]float64, 0, p), reflection: make([]float64, 0, p)}
	for _, r := range l.reflection[:p] {
		s.step(r)
	}
	return s.phi
}

// choose fills the model with the order asked for, or the one that the
// criterion likes best of 0 to p.
func (m *Model) choose(a AR, p int, l *levinson, exp int) {
	m.Orders = make([]Criteria, 0, p+1)
	for k, s2 := range l.sigma2 {
		// ln σ², in the unit of the series; the constant of the likelihood is left out
		logS2 := math.Log(s2) + 2*float64(exp)*math.Ln2
		c := criteria(k, -float64(m.N)/2*logS2, k+1, m.N)
		c.Sigma = math.Ldexp(math.Sqrt(s2), exp)
		m.Orders = append(m.Orders, c)
	}
	m.Order = p
	if a.Order == 0 {
		m.Order = best(m.Orders, a.Criterion)
	}
	m.Criteria = m.Orders[m.Order]
	m.Sigma = m.Criteria.Sigma
	m.Coefficients = slices.Clip(l.of(m.Order))
	m.Reflection = slices.Clip(l.reflection[:m.Order])
	m.CoefficientErrors = asymptotic(m.Coefficients, m.N)
	rest := 1.0
	for _, v := range m.Coefficients {
		rest -= v
	}
	m.Intercept = m.Mean * rest
}

// asymptotic returns the standard errors of the coefficients: the roots of the
// diagonal of σ²·Γ⁻¹/n (Brockwell and Davis 1991, §8.1) with the inverse of
// Siddiqui (1958).
func asymptotic(phi []float64, n int) []float64 {
	p := len(phi)
	a := make([]float64, p+1) // the polynomial 1 − φ1·z − …
	a[0] = 1
	for i, v := range phi {
		a[i+1] = -v
	}
	se := make([]float64, p)
	var sum float64
	for i := range p {
		sum += a[i]*a[i] - a[p-i]*a[p-i]
		se[i] = math.Sqrt(max(0, sum) / float64(n))
	}
	return se
}
