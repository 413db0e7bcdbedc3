package figure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"surprisal/gpu/causal"
	"surprisal/gpu/forecast"
)

// walk is a random walk of n steps.
func walk(n int) []float64 {
	r := rand.New(rand.NewPCG(1, 1))
	y := make([]float64, n)
	for i := 1; i < n; i++ {
		y[i] = y[i-1] + r.NormFloat64()
	}
	return y
}

// days returns n dates from 1 January 2012 on.
func days(n int) []time.Time {
	out := make([]time.Time, n)
	for i := range out {
		out[i] = time.Date(2012, 1, 1+i, 0, 0, 0, 0, time.UTC)
	}
	return out
}

// regions is a graph of n nodes of which all pairs were tested at the lags,
// with about as many significant links as asked for.
func regions(n, significant int, lags ...int) *causal.Graph {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	g := &causal.Graph{Unit: "nats", Method: "KSG transfer entropy (k = 4), 999 circular shifts", Level: 0.05, Samples: 1000}
	for i := range n {
		g.Nodes = append(g.Nodes, fmt.Sprintf("region %d", i+1))
	}
	for i := range n {
		for j := range n {
			for _, lag := range lags {
				if i == j {
					continue
				}
				e := causal.Edge{From: i, To: j, Lag: lag, Effect: 0.004 * r.NormFloat64(), P: 0.05 + 0.95*r.Float64(), Q: 0.9}
				if r.IntN(n*(n-1)*len(lags)) < significant {
					e.Effect, e.P, e.Q, e.Significant = 0.02+0.1*r.Float64()*r.Float64(), 0.001, 0.004, true
				}
				g.Edges = append(g.Edges, e)
			}
		}
	}
	return g
}

// cycles is a forecast of h steps after n values that swing with a period of
// 11, and what happened.
func cycles(n, h int) *forecast.Forecast {
	r := rand.New(rand.NewPCG(4, 1))
	f := &forecast.Forecast{Start: 1697, TimeUnit: "year", Name: "sunspots", Unit: "spots", Method: "AR(9) by Burg, order by AICc"}
	y := func(i int) float64 { return 50 + 45*math.Sin(2*math.Pi*float64(i)/11) + 8*r.NormFloat64() }
	for i := range n {
		f.History = append(f.History, y(i))
	}
	f.Intervals = []forecast.Interval{{Level: 0.5}, {Level: 0.8}, {Level: 0.95}}
	for i := range h {
		m := 50 + 40*math.Sin(2*math.Pi*float64(n+i)/11)
		se := 8 + 12*math.Sqrt(float64(i+1)/float64(h))
		f.Mean, f.SE, f.Actual = append(f.Mean, m), append(f.SE, se), append(f.Actual, y(n+i))
		for k, z := range []float64{0.674, 1.282, 1.96} {
			f.Intervals[k].Lo, f.Intervals[k].Hi = append(f.Intervals[k].Lo, m-z*se), append(f.Intervals[k].Hi, m+z*se)
		}
	}
	return f
}
