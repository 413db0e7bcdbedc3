package causal

import (
	"slices"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/info"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/series"
)

// A graph whose neighbours a device counted is that of the CPU to the last bit: edges,
// effects, p and q, with either algorithm, over trials, and by permutations.
func TestDeviceFindsTheGraphOfTheCPU(t *testing.T) {
	d, cpu := devicetest.Open(t), gpu.Open(gpu.CPU)
	rec := network(t, 70, 5)
	trials, err := rec.WithTrials(30, 40)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p      Pairwise
		rec    series.Recording
		reason string
	}{
		{Pairwise{Lags: []int{1, 2}, Surrogates: 9}, rec, "two lags and circular shifts"},
		{Pairwise{KSG: info.KSG{Algorithm: 2, K: 3, Window: 1}, Surrogates: 5, Kind: series.Permutation}, trials, "algorithm 2 over trials"},
		{Pairwise{KSG: info.KSG{History: 2, SourceHistory: 2}, Surrogates: 5}, rec, "five columns"},
	} {
		c.p.FDR, c.p.Seed, c.p.KSG.On = 0.5, 3, &cpu
		want, err := c.p.Of(t.Context(), c.rec)
		if err != nil {
			t.Fatal(err)
		}
		busy := launches(t, d)
		c.p.KSG.On = d
		got, err := c.p.Of(t.Context(), c.rec)
		if err != nil {
			t.Fatal(err)
		}
		if launches(t, d) == busy {
			t.Errorf("%s: nothing ran on %v", c.reason, d)
		}
		if !slices.Equal(got.Edges, want.Edges) || !slices.Equal(got.Nodes, want.Nodes) || got.Samples != want.Samples || got.Method != want.Method || !slices.Equal(got.Warnings, want.Warnings) {
			t.Errorf("%s: on %v\n%v\n%+v\nand on the CPU\n%v\n%+v", c.reason, d, got, got.Edges, want, want.Edges)
		}
		if !slices.ContainsFunc(want.Edges, func(e Edge) bool { return e.P < 0.5 && e.Value != 0 }) {
			t.Errorf("%s: nothing was found at all: %v", c.reason, want)
		}
	}
}

func launches(t *testing.T, d *gpu.Device) (n uint64) {
	t.Helper()
	for _, k := range d.Several()[0].Stats().Kernels {
		n += k.Launches
	}
	return n
}
