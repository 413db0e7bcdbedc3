package imaging_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"surprisal/gpu/imaging"
)

func TestSummary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		levels := rapid.SampledFrom([]int{1, 2, 3, 1 << 40}).Draw(t, "levels")
		m := imaging.Map{Width: n, Height: 1, Bits: make([]float64, n)}
		sum := 0.0
		for i := range m.Bits {
			m.Bits[i] = float64(r.IntN(levels)) / float64(levels) * 8
			sum += m.Bits[i]
		}
		v := slices.Sorted(slices.Values(m.Bits))
		want := imaging.Summary{Min: v[0], Median: (v[(n-1)/2] + v[n/2]) / 2, Max: v[n-1], Mean: sum / float64(n)}
		got := m.Summary()
		if got.Min != want.Min || got.Median != want.Median || got.Max != want.Max || !(math.Abs(got.Mean-want.Mean) <= 1e-12) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestSummaryOfMaskedMap(t *testing.T) {
	m := imaging.Map{Width: 4, Height: 1, Bits: []float64{3, math.NaN(), 1, 2}}
	if got, want := m.Summary(), (imaging.Summary{Min: 1, Median: 2, Max: 3, Mean: 2}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if s := (&imaging.Map{}).Summary(); !math.IsNaN(s.Min) || !math.IsNaN(s.Median) || !math.IsNaN(s.Max) || !math.IsNaN(s.Mean) {
		t.Errorf("an empty map has %v, want NaN", s)
	}
	inf := imaging.Map{Width: 3, Height: 1, Bits: []float64{math.Inf(1), 1, 0}}
	if got := inf.Summary().Median; got != 1 {
		t.Errorf("median %v, want 1", got)
	}
}
