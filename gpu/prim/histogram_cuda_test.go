package prim_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/prim"
)

// Counts on a device are those of the CPU, in pieces of any length; a NaN is told of.
func TestDeviceHistograms(t *testing.T) {
	d, cpu := devicetest.Open(t), gpu.Open(gpu.CPU)
	for seed := range 30 {
		r := rand.New(rand.NewPCG(uint64(seed), 51))
		h := prim.Histogram{Bins: []int{1, 3, 100, 2048, 2049}[r.IntN(5)], Min: -1, Max: 2, On: &cpu}
		x := make([]float64, r.IntN(3000))
		for i := range x {
			if x[i] = r.NormFloat64(); r.IntN(3) == 0 {
				x[i] = h.Edge(r.IntN(h.Bins + 1))
			}
		}
		if seed%5 == 4 && len(x) > 0 {
			x[r.IntN(len(x))] = math.NaN()
		}
		want, wrong := h.Count(t.Context(), x)
		h.On = d
		var got *prim.Binned
		var err error
		if seed%2 == 0 || len(x) == 0 {
			got, err = h.Count(t.Context(), x)
		} else {
			got, err = h.CountInPieces(t.Context(), *d, x, 1+r.IntN(len(x)))
		}
		var a, b *prim.ValueError
		if errors.As(wrong, &a) {
			if !errors.As(err, &b) || a.Row != b.Row || a.Column != b.Column {
				t.Errorf("seed %d: %v, want %v", seed, err, wrong)
			}
			continue
		}
		if err != nil || wrong != nil || !slices.Equal(got.N, want.N) || got.Below != want.Below || got.Above != want.Above {
			t.Errorf("seed %d: %d values in %d bins: the device and the CPU count differently, %v, %v", seed, len(x), h.Bins, err, wrong)
		}
		if len(x) > 0 && (got.Place != d.Place || want.Place != gpu.CPU) {
			t.Errorf("seed %d: counted on %v, said to be on %v", seed, d.Place, got.Place)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := prim.Histogram{Bins: 4, Max: 1, On: d}
	if _, err := h.Count(ctx, make([]float64, 50)); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	missing := gpu.Open(gpu.Index(99))
	h.On = &missing
	if _, err := h.Count(t.Context(), []float64{1}); !errors.Is(err, gpu.ErrNoDevice) {
		t.Errorf("a device that is not there: %v", err)
	}
}

func BenchmarkDeviceHistogram(b *testing.B) {
	d, cpu := devicetest.Open(b), gpu.Open(gpu.CPU)
	x := make([]float64, 1<<22)
	r := rand.New(rand.NewPCG(1, 51))
	for i := range x {
		x[i] = r.NormFloat64()
	}
	for name, on := range map[string]*gpu.Device{"CPU": &cpu, "device": d} {
		b.Run(name, func(b *testing.B) {
			h := prim.Histogram{Bins: 256, Min: -4, Max: 4, On: on}
			for b.Loop() {
				if _, err := h.Count(b.Context(), x); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
