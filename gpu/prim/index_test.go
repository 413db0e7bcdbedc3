package prim

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// quiet is a flag that nobody raises.
func quiet(t *testing.T) *halt {
	h, end := watch(context.Background())
	t.Cleanup(func() { end() })
	return h
}

// spread makes a column of many decades, with ties: the buckets of an index are
// of little use to it.
func spread(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		if x[i] = math.Exp(20 * r.NormFloat64()); r.IntN(3) == 0 {
			x[i] = float64(r.IntN(5))
		}
	}
	return x
}

func TestColumnFindsRanges(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 0))
	for _, n := range []int{1, 2, 3, 50, 700} {
		x := spread(r, n)
		c := newColumn(quiet(t), new(sorter), x)
		for range 500 {
			q := x[r.IntN(n)]
			d := []float64{-1, 0, math.Abs(q - x[r.IntN(n)]), math.Exp(20 * r.NormFloat64()), math.MaxFloat64}[r.IntN(5)]
			a, b := c.within(q, d)
			want := 0
			for _, v := range x {
				if math.Abs(q-v) <= d {
					want++
				}
			}
			if int(b-a) != want {
				t.Fatalf("%d values: %d within %v of %v, want %d", n, b-a, d, q, want)
			}
			for _, v := range c.values[a:b] {
				if !(math.Abs(q-v) <= d) {
					t.Fatalf("%v is not within %v of %v", v, d, q)
				}
			}
		}
	}
}

func TestWaveletCountsRectangles(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 0))
	var scratch pairScratch
	var w wavelet // used again for all sizes, as surrogates do
	for _, n := range []int{1, 2, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000, 4096, 70000} {
		first, second := newColumn(quiet(t), new(sorter), spread(r, n)), newColumn(quiet(t), new(sorter), spread(r, n))
		w.build(quiet(t), first, second, &scratch)
		for range 200 {
			a, b, lo, hi := int32(r.IntN(n+1)), int32(r.IntN(n+1)), int32(r.IntN(n+1)), int32(r.IntN(n+1))
			if r.IntN(2) == 0 {
				hi = min(int32(n), lo+int32(r.IntN(20))) // narrow: both ends in one run
			}
			want := int32(0)
			for i := a; i < b; i++ {
				if v := second.rank[first.row[i]]; v >= lo && v < hi {
					want++
				}
			}
			if got := w.count(a, b, lo, hi); got != want {
				t.Fatalf("n %d: %d in [%d, %d) × [%d, %d), want %d", n, got, a, b, lo, hi, want)
			}
		}
	}
}

func TestRootDecidesAsSquaresDo(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 0))
	values := []float64{0, 5e-324, 1e-310, 1e-281, 9.999e-281, 1e-280, 1, 2, 1e300, math.MaxFloat64}
	for range 2000 {
		values = append(values, math.Exp(700*r.NormFloat64()/2))
	}
	for _, v := range values {
		if math.IsInf(v, 0) {
			continue
		}
		d := root(v)
		next := math.Nextafter(d, math.Inf(1))
		if !(d*d <= v) || !(next*next > v) {
			t.Errorf("root(%v) = %v: its square is %v, that of the next number %v", v, d, d*d, next*next)
		}
	}
}

// TestTreeHoldsEveryRowOnce also holds that boxes hold their points and that no
// leaf has more points than a search has room for.
func TestTreeHoldsEveryRowOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 0))
	var tr tree
	for _, n := range []int{1, 2, 16, 17, 33, 1000, 40000} {
		columns := []*column{newColumn(quiet(t), new(sorter), spread(r, n)), newColumn(quiet(t), new(sorter), spread(r, n))}
		tr.build(quiet(t), metric{ends: []int{1, 2}}, columns, true)
		seen := make([]bool, n)
		for j := range 1 << tr.depth {
			a, b := tr.start(j, tr.depth), tr.start(j+1, tr.depth)
			if b-a > leafSize || b-a < 1 {
				t.Fatalf("n %d: leaf %d has %d points", n, j, b-a)
			}
			for node := 1<<tr.depth + j; node > 0; node /= 2 {
				box := tr.box(node)
				for p := a; p < b; p++ {
					for d, c := range columns {
						if v := c.x[tr.rows[p]]; tr.x[d][p] != v || v < box[2*d] || v > box[2*d+1] {
							t.Fatalf("n %d: point %d is not in box %v of node %d", n, p, box, node)
						}
					}
					if tr.least[node] > tr.rows[p] {
						t.Fatalf("n %d: node %d starts at row %d and holds %d", n, node, tr.least[node], tr.rows[p])
					}
				}
			}
			for p := a; p < b; p++ {
				if seen[tr.rows[p]] {
					t.Fatalf("n %d: row %d is there twice", n, tr.rows[p])
				}
				seen[tr.rows[p]] = true
			}
		}
	}
}
