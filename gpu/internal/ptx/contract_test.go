package ptx_test

import (
	"context"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu/imaging"
	"surprisal/gpu/prim"
)

// The kernels of float64 find what prim.JointCounts promises, by both
// algorithms, with trials, a window, ties, a variable of two columns, and
// orderings.
func TestJointCountsKeepTheContract(t *testing.T) {
	t.Parallel()
	const n, k, window = 301, 3, 2
	r := rand.New(rand.NewPCG(11, 12))
	c := neighbours{columns: make([][]float64, 4), k: k, barred: make([]int32, 2*n), shuffled: 1,
		variables: []uint32{1, 2, 12, 12}, marginals: []uint32{1 | 12, 2 | 12, 12}}
	for j := range c.columns {
		for range n {
			c.columns[j] = append(c.columns[j], math.Round(8*r.NormFloat64())/8+float64(j)*1e-9*r.NormFloat64())
		}
	}
	trials := []int{130, 171}
	for row, first := 0, 0; row < n; row++ {
		last := trials[0] - 1
		if row > last {
			first, last = trials[0], n-1
		}
		c.barred[2*row], c.barred[2*row+1] = int32(max(first, row-window)), int32(min(last, row+window))
	}
	for range 2 {
		order := make([]int32, n)
		for i, v := range r.Perm(n) {
			order[i] = int32(v)
		}
		c.order = append(c.order, order)
	}
	for _, algorithm := range []prim.Algorithm{prim.Ball, prim.Box} {
		c.box = algorithm == prim.Box
		counts, err := prim.JointCounts{Columns: c.columns, Trials: trials, K: k, Algorithm: algorithm, Window: window,
			Problems: []prim.Problem{{Variables: [][]int{{0}, {1}, {2, 3}}, Shuffled: 0, Orders: c.order,
				Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}}}}.Counts(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		of := counter{c.box, false, 4, 4}
		got, err := c.launch(&device{TB: t}, kernel(t, "sm_80", "joint_counts", of.name()), 4, 8, 100)
		if err != nil {
			t.Fatal(err)
		}
		for s, want := range counts[0] {
			if int(got.tied[s]) != want.Tied {
				t.Errorf("%s, ordering %d: %d rows tied, want %d", algorithm, s, got.tied[s], want.Tied)
			}
			for m, row := range want.N {
				if at := (s*3 + m) * n; !slices.Equal(got.counts[at:at+n], row) {
					t.Errorf("%s, ordering %d, marginal %d: counts differ", algorithm, s, m)
				}
			}
		}
	}
}

// The table of the GPU is coarser than that of the CPU: each of up to 82 entries
// is off by half a unit of 2^-14, over 81 pixels, so maps differ by up to 3.1e-5
// bits; in fact by a tenth of that. float32 adds 4e-7.
func TestEntropyMapIsNearThatOfTheCPU(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, correct := range []bool{false, true} {
		v := newView(r, false, 256, 9, 9)
		for v.correct != correct {
			v = newView(r, false, 256, 9, 9)
		}
		v.frames, v.planeW, v.planeH, v.outW, v.outH, v.ox, v.oy, v.form = 1, 140, 50, 140, 50, -4, -4, 0
		g := image.NewGray(image.Rect(0, 0, 140, 50))
		v.pixels = make([]int, 140*50)
		for i := range v.pixels {
			v.pixels[i] = r.IntN(256) >> (i / 140 % 8)
			g.Pix[i] = uint8(v.pixels[i])
		}
		want, err := imaging.EntropyMap{Window: imaging.Square(9), MillerMadow: correct}.Of(context.Background(), g)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := v.launch(&device{TB: t}, kernel(t, "sm_80", "entropy_map", "entropy_map_u8_256_9x9"), false)
		if err != nil {
			t.Fatal(err)
		}
		worst := 0.0
		for i := range got {
			worst = max(worst, math.Abs(float64(got[i])-want.Bits[i]))
		}
		t.Logf("correction %v: at most %.2g bits apart", correct, worst)
		if !(worst <= 3.1e-5) {
			t.Errorf("correction %v: %v bits apart", correct, worst)
		}
	}
}
