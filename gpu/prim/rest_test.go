package prim_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu/prim"
)

// TestManyOrderingsAreTheOracles has so many orderings that neighbours are
// found by lists.
func TestManyOrderingsAreTheOracles(t *testing.T) {
	for _, c := range []struct {
		name   string
		shape  shape
		k      int
		window int
		reason string
	}{
		{"transfer entropy", shape{rows: 90, columns: 3, levels: []int{0}, variables: 3, orders: 60}, 4, 0, "the common case"},
		{"mutual information", shape{rows: 90, columns: 2, levels: []int{0}, variables: 2, orders: 60}, 1, 0, "lists over one column, k below 4"},
		{"dry days", shape{rows: 90, columns: 3, levels: []int{1, 0, 0}, variables: 3, repeats: 2, orders: 60}, 3, 5, "ties, and barred rows"},
		{"quantised", shape{rows: 90, columns: 3, levels: []int{5}, variables: 3, orders: 60}, 4, 0, "every radius is shared by many rows"},
		{"all equal", shape{rows: 70, columns: 3, levels: []int{1}, variables: 3, orders: 60}, 2, 0, "all distances are 0"},
		{"long window", shape{rows: 90, columns: 3, levels: []int{0}, variables: 3, trials: 3, orders: 60}, 2, 25, "few rows are left to a row"},
		{"many columns", shape{rows: 80, columns: 6, levels: []int{0, 0, 3}, variables: 3, orders: 60}, 4, 2, "marginals that trees count"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.shape.seed = 11
			b := c.shape.draw()
			b.K, b.Window, b.Threads = c.k, c.window, 2
			hold(t, b)
		})
	}
}

// TestManyOrderingsAreCountedAsOneByOne shares lists between two problems.
func TestManyOrderingsAreCountedAsOneByOne(t *testing.T) {
	const n, surrogates = 500, 64
	b := transferEntropy(n)
	for i, v := range b.Columns[0] {
		b.Columns[0][i] = v * v * v
	}
	b.Columns = append(b.Columns, slices.Clone(b.Columns[0]))
	b.Problems = append(b.Problems, b.Problems[0])
	b.Problems[1].Variables = [][]int{{3}, {1}, {2}} // shares the lists
	r := rand.New(rand.NewPCG(3, 4))
	var orders [][]int32
	for range surrogates {
		order := make([]int32, n)
		for i, v := range r.Perm(n) {
			order[i] = int32(v)
		}
		orders = append(orders, order)
	}
	for i := range b.Problems {
		b.Problems[i].Orders = orders
	}
	for _, threads := range []int{1, 3} {
		b.Threads = threads
		together, err := b.Counts(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for s := range orders {
			one := b
			one.Problems = []prim.Problem{b.Problems[0]}
			one.Problems[0].Orders = orders[s : s+1]
			want, err := one.Counts(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for p := range b.Problems {
				got := together[p][s]
				if got.Tied != want[0][0].Tied {
					t.Fatalf("problem %d, ordering %d: %d rows tied, want %d", p, s, got.Tied, want[0][0].Tied)
				}
				for m := range got.N {
					if !slices.Equal(got.N[m], want[0][0].N[m]) {
						t.Fatalf("problem %d, ordering %d, marginal %d: counts differ from those of the ordering alone", p, s, m)
					}
				}
			}
		}
	}
}
