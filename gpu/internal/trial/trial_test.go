package trial

import (
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/prim"
)

// Problems of different columns, with ties, a window and trials, and kernels made
// for more columns than there are.
func TestCountsAreThoseOfTheCPU(t *testing.T) {
	d := devicetest.Opened(t, devicetest.Simulated(t, 0, 0))
	r := rand.New(rand.NewPCG(1, 2))
	var columns [][]float64
	for range 7 {
		c := make([]float64, 150)
		for i := range c {
			c[i] = float64(r.IntN(200)) / 8
		}
		columns = append(columns, c)
	}
	te := []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}
	for _, c := range []struct {
		reason string
		b      prim.JointCounts
	}{
		{"transfer entropies of two pairs", prim.JointCounts{K: 4, Problems: []prim.Problem{
			{Variables: [][]int{{0}, {1}, {2}}, Marginals: te}, {Variables: [][]int{{3}, {4}, {1}}, Marginals: te}}}},
		{"seven columns by the kernel for eight", prim.JointCounts{K: 3, Window: 2, Problems: []prim.Problem{{Variables: [][]int{{0, 1, 2}, {3}, {4, 5, 6}}, Marginals: te}}}},
		{"five columns, the last variable single, as boxes", prim.JointCounts{K: 5, Algorithm: prim.Box, Trials: []int{70, 80}, Problems: []prim.Problem{{Variables: [][]int{{0, 1, 2, 3}, {4}}, Marginals: []prim.Marginal{prim.Of(0), prim.Of(1)}}}}},
	} {
		c.b.Columns = columns
		want, err := c.b.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Do(func(th *device.Thread) error {
			got, err := Counts(t.Context(), th, c.b)
			if err != nil {
				return err
			}
			for p := range want {
				if got[p].Tied != want[p][0].Tied || !slices.EqualFunc(got[p].N, want[p][0].N, slices.Equal) {
					t.Errorf("%s: problem %d differs", c.reason, p)
				}
			}
			return nil
		}); err != nil {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

func TestMapIsThatOfTheCPU(t *testing.T) {
	m := Map{Frames: 2, Height: 20, Width: 40}
	r := rand.New(rand.NewPCG(3, 4))
	for range m.Frames * m.Height * m.Width {
		m.Pixels = append(m.Pixels, uint8(r.IntN(256)))
	}
	d := devicetest.Opened(t, devicetest.Simulated(t, 0, 0))
	if err := d.Do(func(th *device.Thread) error {
		got, err := m.Of(t.Context(), th)
		if err != nil {
			return err
		}
		if i := m.Differs(got, 1); i >= 0 {
			t.Errorf("value %d is %v", i, got[i])
		}
		got[77] += 0.01
		if i := m.Differs(got, 1); i != 77 {
			t.Errorf("a wrong value 77 was found at %d", i)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
