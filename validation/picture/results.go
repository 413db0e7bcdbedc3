package picture

import (
	"context"
	"math/rand/v2"

	"surprisal/gpu/causal"
	"surprisal/gpu/forecast"
	"surprisal/gpu/series"
	"surprisal/jupyter/figure"
)

// Graph draws what is found in five generated series with four arrows: a drives
// b a step later, c drives d by its square two steps later, d drives e, and e
// drives b.
func Graph() ([]byte, error) {
	const n = 600
	r := rand.New(rand.NewPCG(7, 1))
	var a, b, c, d, e [n]float64
	for t := 2; t < n; t++ {
		a[t], c[t] = r.NormFloat64(), r.NormFloat64()
		d[t] = 0.7*c[t-2]*c[t-2] + 0.5*r.NormFloat64()
		e[t] = 0.6*d[t-1] + 0.5*r.NormFloat64()
		b[t] = 0.7*a[t-1] + 0.6*e[t-2] + 0.5*r.NormFloat64()
	}
	rec, err := series.New(series.Column{Name: "a", Values: a[2:]}, series.Column{Name: "b", Values: b[2:]},
		series.Column{Name: "c", Values: c[2:]}, series.Column{Name: "d", Values: d[2:]}, series.Column{Name: "e", Values: e[2:]})
	if err != nil {
		return nil, err
	}
	g, err := causal.Pairwise{Lags: []int{1, 2}, Surrogates: 499, Seed: 1}.Of(context.Background(), rec)
	if err != nil {
		return nil, err
	}
	return figure.Graph(g, figure.Options{Title: "Five series with four arrows"}).PNG()
}

// Fan draws the forecast of the last 24 values of a generated series, an
// autoregression of order 2 that swings once in twelve steps.
func Fan() ([]byte, error) {
	const n, steps = 300, 24
	r := rand.New(rand.NewPCG(20261126, 1))
	y := make([]float64, n)
	for t := 2; t < n; t++ {
		y[t] = 1.645*y[t-1] - 0.9025*y[t-2] + r.NormFloat64()
	}
	m, err := forecast.AR{}.Fit(context.Background(), y[:n-steps])
	if err != nil {
		return nil, err
	}
	f, err := m.Forecast(steps)
	if err != nil {
		return nil, err
	}
	f.Name, f.Actual = "a swinging series", y[n-steps:]
	return figure.Fan(f, figure.Options{Title: "A forecast, and what happened"}).PNG()
}
