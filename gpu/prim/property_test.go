package prim_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"surprisal/gpu/prim"
	"surprisal/validation/oracle"
)

// shape says how a random batch is made.
type shape struct {
	rows, columns int
	levels        []int // distinct values of a column, nearly; 0: continuous
	repeats       int   // rows in ten that repeat another one
	trials        int
	variables     int
	orders        int
	seed          uint64
}

// draw makes the batch: columns dealt to variables, marginals at random.
func (s shape) draw() prim.JointCounts {
	r := rand.New(rand.NewPCG(s.seed, 1))
	var b prim.JointCounts
	for c := range s.columns {
		x := make([]float64, s.rows)
		levels := s.levels[c%len(s.levels)]
		for i := range x {
			if x[i] = r.NormFloat64(); levels > 0 {
				x[i] = float64(r.IntN(levels)) / 8 // differences are exact: ties stay ties
			}
		}
		b.Columns = append(b.Columns, x)
	}
	for i := range s.rows {
		if r.IntN(10) < s.repeats {
			from := r.IntN(s.rows)
			for _, x := range b.Columns {
				x[i] = x[from]
			}
		}
	}
	for left, t := s.rows, s.trials; t > 0; t-- {
		n := left
		if t > 1 {
			n = r.IntN(left + 1)
		}
		b.Trials = append(b.Trials, n)
		left -= n
	}
	for range 1 + r.IntN(2) {
		b.Problems = append(b.Problems, s.problem(r))
	}
	return b
}

func (s shape) problem(r *rand.Rand) prim.Problem {
	q := prim.Problem{Variables: make([][]int, s.variables), Shuffled: r.IntN(s.variables)}
	for i, c := range r.Perm(s.columns) {
		v := i
		if i >= s.variables {
			v = r.IntN(s.variables)
		}
		q.Variables[v] = append(q.Variables[v], c)
	}
	for range 1 + r.IntN(4) {
		q.Marginals = append(q.Marginals, prim.Marginal(1+r.IntN(1<<s.variables-1)))
	}
	for range s.orders {
		order := make([]int32, s.rows)
		for i, v := range r.Perm(s.rows) {
			order[i] = int32(v)
		}
		q.Orders = append(q.Orders, order)
	}
	return q
}

// hold compares all results of a batch with the oracle's.
func hold(t interface {
	Helper()
	Fatalf(string, ...any)
}, b prim.JointCounts) {
	t.Helper()
	got, err := b.Counts(context.Background())
	if errors.As(err, new(*prim.WindowError)) || errors.As(err, new(*prim.TooFewSamplesError)) {
		return // TestErrorsAboutRowsAreRight holds these
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	var trial []int
	for k, n := range b.Trials {
		for range n {
			trial = append(trial, k)
		}
	}
	for p, q := range b.Problems {
		rows := make([][][]float64, len(b.Columns[0]))
		for i := range rows {
			for _, columns := range q.Variables {
				var x []float64
				for _, c := range columns {
					x = append(x, b.Columns[c][i])
				}
				rows[i] = append(rows[i], x)
			}
		}
		var sets [][]int
		for _, m := range q.Marginals {
			var set []int
			for v := range q.Variables {
				if m.Has(v) {
					set = append(set, v)
				}
			}
			sets = append(sets, set)
		}
		for s := range max(1, len(q.Orders)) {
			o := oracle.Neighbours{Rows: rows, Trial: trial, Exclude: b.Window, K: b.K, Box: b.Algorithm == prim.Box, Squared: b.Norm == prim.Euclid}
			if q.Orders != nil {
				o.Rows = oracle.Order(rows, q.Shuffled, q.Orders[s])
			}
			want, tied := o.Count(sets...)
			if got[p][s].Tied != tied {
				t.Fatalf("problem %d, ordering %d: %d rows tied, want %d", p, s, got[p][s].Tied, tied)
			}
			for m := range want {
				for i, n := range want[m] {
					if int(got[p][s].N[m][i]) != n {
						t.Fatalf("problem %d, ordering %d, marginal %b, row %d: counted %d, want %d (%v, %v, k %d, window %d, variables %v)",
							p, s, q.Marginals[m], i, got[p][s].N[m][i], n, b.Algorithm, b.Norm, b.K, b.Window, q.Variables)
					}
				}
			}
		}
	}
}

func TestCountsAreTheOraclesAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := shape{
			rows:    rapid.IntRange(2, 90).Draw(t, "rows"),
			columns: rapid.IntRange(1, 11).Draw(t, "columns"),
			levels:  rapid.SliceOfN(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 5, 40}), 1, 3).Draw(t, "levels"),
			repeats: rapid.SampledFrom([]int{0, 0, 1, 5, 9}).Draw(t, "repeats"),
			trials:  rapid.IntRange(0, 4).Draw(t, "trials"),
			orders:  rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "orders"),
			seed:    rapid.Uint64().Draw(t, "seed"),
		}
		s.variables = rapid.IntRange(1, min(4, s.columns)).Draw(t, "variables")
		b := s.draw()
		b.K = rapid.IntRange(1, min(prim.MaxK, s.rows)).Draw(t, "k")
		b.Algorithm = rapid.SampledFrom([]prim.Algorithm{prim.Ball, prim.Box}).Draw(t, "algorithm")
		b.Norm = rapid.SampledFrom([]prim.Norm{prim.Max, prim.Euclid}).Draw(t, "norm")
		b.Window = rapid.SampledFrom([]int{0, 0, 0, 1, 2, 7, 30}).Draw(t, "window")
		b.Threads = rapid.IntRange(1, 3).Draw(t, "threads")
		hold(t, b)
	})
}

// TestCountsOfLargerSamplesAreTheOracles has trees several levels deep.
func TestCountsOfLargerSamplesAreTheOracles(t *testing.T) {
	for _, c := range []struct {
		name   string
		shape  shape
		k      int
		window int
		reason string
	}{
		{"transfer entropy", shape{rows: 300, columns: 3, levels: []int{0}, variables: 3}, 4, 0, "the common case"},
		{"quantised", shape{rows: 300, columns: 3, levels: []int{40}, variables: 3, orders: 1}, 4, 0, "every radius is shared by many rows"},
		{"dry days", shape{rows: 250, columns: 3, levels: []int{1, 0, 0}, variables: 3, repeats: 2}, 3, 5, "one column is constant"},
		{"all equal", shape{rows: 300, columns: 2, levels: []int{1}, variables: 2}, 16, 0, "all distances are 0"},
		{"one column", shape{rows: 300, columns: 1, levels: []int{0}, variables: 1}, 1, 3, "a line"},
		{"two and one", shape{rows: 250, columns: 3, levels: []int{0, 5}, variables: 2, orders: 2}, 5, 0, "a variable of two columns"},
		{"wide", shape{rows: 200, columns: 11, levels: []int{0, 0, 3}, variables: 3, orders: 1}, 4, 2, "marginals of many columns"},
		{"long window", shape{rows: 200, columns: 3, levels: []int{0}, variables: 3, trials: 3}, 2, 60, "leaves that hold barred rows alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.shape.seed = 7
			for _, algorithm := range []prim.Algorithm{prim.Ball, prim.Box} {
				for _, norm := range []prim.Norm{prim.Max, prim.Euclid} {
					b := c.shape.draw()
					b.K, b.Window, b.Algorithm, b.Norm, b.Threads = c.k, c.window, algorithm, norm, 2
					hold(t, b)
				}
			}
		})
	}
}
