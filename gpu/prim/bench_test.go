package prim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"surprisal/gpu/prim"
)

// coupled is a pair of AR(1) processes, the first driving the second, as
// source, target and target past of n samples.
func coupled(n int) (source, target, past []float64) {
	r := rand.New(rand.NewPCG(1, 2))
	x, y := make([]float64, n+1), make([]float64, n+1)
	for t := 1; t <= n; t++ {
		x[t] = 0.5*x[t-1] + r.NormFloat64()
		y[t] = 0.5*y[t-1] + 0.5*x[t-1] + r.NormFloat64()
	}
	return x[:n], y[1:], y[:n]
}

func transferEntropy(n int) prim.JointCounts {
	x, y, z := coupled(n)
	return prim.JointCounts{Columns: [][]float64{x, y, z}, K: 4, Threads: 1, Problems: []prim.Problem{{
		Variables: [][]int{{0}, {1}, {2}},
		Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)},
	}}}
}

func benchmark(b *testing.B, batch prim.JointCounts) {
	b.Helper()
	table := prim.PsiFixed(len(batch.Columns[0]) + 1)[1:]
	tables := [][]int64{table, table, table}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := batch.Sums(context.Background(), tables); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(batch.Columns[0])), "ns/sample")
}

func BenchmarkJointCountsTransferEntropy(b *testing.B) {
	for _, n := range []int{1e3, 1e4, 1e5, 1e6} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("n=%d/threads=%d", n, threads), func(b *testing.B) {
				batch := transferEntropy(n)
				batch.Threads = threads
				benchmark(b, batch)
			})
		}
	}
}

func BenchmarkJointCountsMutualInformation(b *testing.B) {
	batch := transferEntropy(1e5)
	batch.Problems[0].Variables = [][]int{{0}, {1}}
	batch.Problems[0].Marginals = []prim.Marginal{prim.Of(0), prim.Of(1)}
	benchmark(b, batch)
}

func BenchmarkJointCountsBox(b *testing.B) {
	batch := transferEntropy(1e4)
	batch.Algorithm = prim.Box
	benchmark(b, batch)
}

func BenchmarkJointCountsSurrogates(b *testing.B) {
	for _, c := range []struct{ n, surrogates int }{{1500, 200}, {10000, 10}, {10000, 250}} {
		b.Run(fmt.Sprintf("n=%d/surrogates=%d", c.n, c.surrogates), func(b *testing.B) {
			batch := transferEntropy(c.n)
			r := rand.New(rand.NewPCG(1, 2))
			for range c.surrogates {
				order := make([]int32, c.n)
				for i, v := range r.Perm(len(order)) {
					order[i] = int32(v)
				}
				batch.Problems[0].Orders = append(batch.Problems[0].Orders, order)
			}
			benchmark(b, batch)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*c.surrogates), "ns/surrogate")
		})
	}
}

// BenchmarkJointCountsWide is transfer entropy with histories of 5 and 4.
func BenchmarkJointCountsWide(b *testing.B) {
	const n = 1e4
	batch := prim.JointCounts{K: 4, Threads: 1, Problems: []prim.Problem{{
		Variables: [][]int{{0, 1, 2, 3}, {4}, {5, 6, 7, 8, 9}},
		Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)},
	}}}
	x, y, _ := coupled(n + 5)
	for c := range 10 {
		if c < 4 {
			batch.Columns = append(batch.Columns, x[4-c:][:n])
		} else {
			batch.Columns = append(batch.Columns, y[9-c:][:n])
		}
	}
	benchmark(b, batch)
}
