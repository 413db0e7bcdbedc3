package prim_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"surprisal/gpu/prim"
)

// TestSumsAreTheSameOnAnyNumberOfThreads runs batches whose items go beside each
// other, and ones that share the threads inside.
func TestSumsAreTheSameOnAnyNumberOfThreads(t *testing.T) {
	for _, c := range []struct {
		name   string
		shape  shape
		reason string
	}{
		{"beside", shape{rows: 900, columns: 4, levels: []int{0, 7, 0}, variables: 3, orders: 6, seed: 3}, "many items, few rows"},
		{"inside", shape{rows: 6000, columns: 4, levels: []int{0, 7, 0}, variables: 3, seed: 4}, "few items, many rows"},
	} {
		for _, algorithm := range []prim.Algorithm{prim.Ball, prim.Box} {
			b := c.shape.draw()
			b.K, b.Algorithm, b.Window = 4, algorithm, 2
			before := make([][]float64, len(b.Columns))
			for i, x := range b.Columns {
				before[i] = slices.Clone(x)
			}
			table := prim.PsiFixed(c.shape.rows + 1)[1:]
			tables := [][]int64{table, table, table, table}
			var want [][]prim.Sum
			for _, threads := range []int{1, 2, 3, 8} {
				b.Threads = threads
				got, err := b.Sums(context.Background(), tables)
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
				}
				for p := range want {
					if !slices.Equal(got[p], want[p]) {
						t.Errorf("%s, %v, %d threads: %v, on one %v (%s)", c.name, algorithm, threads, got[p], want[p], c.reason)
					}
				}
			}
			counts, err := b.Counts(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for p := range want {
				for s, sum := range want[p] {
					total := int64(0)
					for m := range counts[p][s].N {
						for _, n := range counts[p][s].N[m] {
							total += table[n]
						}
					}
					if v, ok := sum.Int64(); !ok || v != total || sum.Tied != counts[p][s].Tied {
						t.Errorf("%s, %v: the sum of problem %d, ordering %d is %d, that over its counts %d", c.name, algorithm, p, s, v, total)
					}
				}
			}
			for i, x := range b.Columns {
				if !slices.Equal(x, before[i]) {
					t.Errorf("%s: column %d was changed", c.name, i)
				}
			}
		}
	}
}

// TestCountsStopSoon cancels in every phase of a batch that takes a second or
// more: sorting, dealing, searching in few columns and in many.
func TestCountsStopSoon(t *testing.T) {
	wide := transferEntropy(40_000)
	x, y, z := wide.Columns[0], wide.Columns[1], wide.Columns[2]
	wide.Columns = [][]float64{x, y, z}
	for _, c := range [][]float64{x, y, z} { // other rows beside these, for columns that are independent
		wide.Columns = append(wide.Columns, append(slices.Clone(c[7:]), c[:7]...), append(slices.Clone(c[99:]), c[:99]...))
	}
	wide.Problems = []prim.Problem{{Variables: [][]int{{0, 3, 4}, {1, 5, 6}, {2, 7, 8}}, Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}}}
	for name, b := range map[string]prim.JointCounts{"long": transferEntropy(1_000_000), "wide": wide} {
		for _, after := range []time.Duration{5 * time.Millisecond, 60 * time.Millisecond, 250 * time.Millisecond, 600 * time.Millisecond} {
			ctx, cancel := context.WithCancel(context.Background())
			var at time.Time
			timer := time.AfterFunc(after, func() { at = time.Now(); cancel() })
			got, err := b.Counts(ctx)
			late := time.Since(at)
			timer.Stop()
			if !errors.Is(err, context.Canceled) || got != nil {
				t.Fatalf("%s: cancelled after %v, it returned %v", name, after, err)
			}
			// 50 ms are promised; other tests may hold the cores for longer.
			if !(late <= 400*time.Millisecond) {
				t.Errorf("%s: cancelled after %v, it went on for %v", name, after, late)
			}
			t.Logf("%s: cancelled after %v, it returned within %v", name, after, late)
		}
	}
}

// TestMeansAgreeWithTheClosedForm holds the mutual information of Gaussian
// variables, −½ ln(1−ρ²), which the counts give through digammas.
func TestMeansAgreeWithTheClosedForm(t *testing.T) {
	const n, rho = 20_000, 0.8
	r := rand.New(rand.NewPCG(9, 0))
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
		y[i] = rho*x[i] + math.Sqrt(1-rho*rho)*r.NormFloat64()
	}
	psi := prim.Psi(n)
	table := prim.PsiFixed(n + 1)[1:]
	b := prim.JointCounts{Columns: [][]float64{x, y}, K: 4, Problems: []prim.Problem{{
		Variables: [][]int{{0}, {1}}, Marginals: []prim.Marginal{prim.Of(0), prim.Of(1)}}}}
	sums, err := b.Sums(context.Background(), [][]int64{table, table})
	if err != nil {
		t.Fatal(err)
	}
	got, want := psi[4]+psi[n]-sums[0][0].Mean(), -0.5*math.Log(1-rho*rho)
	if !(math.Abs(got-want) <= 0.02) { // its standard deviation is 0.007
		t.Errorf("mutual information %v, want %v", got, want)
	}
}
