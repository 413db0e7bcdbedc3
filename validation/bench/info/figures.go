package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"surprisal/gpu/causal"
	"surprisal/gpu/forecast"
	"surprisal/jupyter/display"
	"surprisal/jupyter/figure"
)

// drawing makes a figure and all that is sent when it is shown: layout, PNG,
// SVG and sentence.
func drawing(draw func() *figure.Figure) op {
	return func(*answer) error {
		if _, ok := display.Of(draw()).Data["image/svg+xml"]; !ok {
			return fmt.Errorf("the figure has no picture")
		}
		return nil
	}
}

// network is a graph of n nodes, every arrow tested at two lags, some of them
// found.
func network(n int) *causal.Graph {
	r := rand.New(rand.NewPCG(1, 2))
	g := &causal.Graph{Unit: "nats", Method: "KSG transfer entropy (k = 4)", Level: 0.05, Samples: 1000}
	for from := range n {
		g.Nodes = append(g.Nodes, fmt.Sprintf("region %d", from+1))
		for to := range n {
			for lag := 1; lag <= 2 && from != to; lag++ {
				e := causal.Edge{From: from, To: to, Lag: lag, Effect: 0.004 * r.NormFloat64(), P: 0.5, Q: 0.9}
				if r.IntN(25) == 0 {
					e.Effect, e.P, e.Q, e.Significant = 0.02+0.1*r.Float64(), 0.001, 0.004, true
				}
				g.Edges = append(g.Edges, e)
			}
		}
	}
	return g
}

// cycles is a forecast of a cycle of 11 steps after a history of n.
func cycles(n, steps int) *forecast.Forecast {
	r := rand.New(rand.NewPCG(3, 4))
	f := &forecast.Forecast{Start: 1697, TimeUnit: "year", Name: "sunspots", Unit: "spots", Method: "AR(9)",
		Intervals: []forecast.Interval{{Level: 0.5}, {Level: 0.8}, {Level: 0.95}}}
	for i := range n + steps {
		mean := 50 + 45*math.Sin(2*math.Pi*float64(i)/11)
		y := mean + 8*r.NormFloat64()
		if i < n {
			f.History = append(f.History, y)
			continue
		}
		f.Mean, f.SE, f.Actual = append(f.Mean, mean), append(f.SE, 10), append(f.Actual, y)
		for k, z := range []float64{6.74, 12.8, 19.6} {
			f.Intervals[k].Lo, f.Intervals[k].Hi = append(f.Intervals[k].Lo, mean-z), append(f.Intervals[k].Hi, mean+z)
		}
	}
	return f
}
