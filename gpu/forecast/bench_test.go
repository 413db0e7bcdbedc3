package forecast_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"surprisal/gpu/forecast"
)

// simulate runs an autoregression with normal noise of standard deviation 1
// around mean, past its start.
func simulate(r *rand.Rand, n int, mean float64, phi ...float64) []float64 {
	const start = 500
	y := make([]float64, n+start)
	for t := range y {
		y[t] = r.NormFloat64()
		for j, v := range phi {
			if t > j {
				y[t] += v * y[t-1-j]
			}
		}
	}
	for t := range y {
		y[t] += mean
	}
	return y[start:]
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func manySeries(series, n int) [][]float64 {
	r := seeded(1)
	out := make([][]float64, series)
	for i := range out {
		out[i] = simulate(r, n, 3, 0.6, -0.3, 0.1, 0.05)
	}
	return out
}

func BenchmarkFitAll(b *testing.B) {
	series := manySeries(1000, 1000)
	for _, a := range []forecast.AR{
		{Order: 4, Threads: 1}, {Order: 4, Threads: 2}, {Order: 16, Threads: 1}, {Threads: 1},
		{Method: forecast.YuleWalker, Order: 4, Threads: 1}, {Method: forecast.LeastSquares, Order: 4, Threads: 1},
	} {
		b.Run(fmt.Sprintf("%v/order=%d/threads=%d", a.Method, a.Order, a.Threads), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.FitAll(context.Background(), series); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkForecast(b *testing.B) {
	m, err := forecast.AR{Order: 9}.Fit(context.Background(), manySeries(1, 300)[0])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := m.Forecast(11); err != nil {
			b.Fatal(err)
		}
	}
}
