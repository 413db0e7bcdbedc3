package device_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/prim"
)

// histograms runs the kernels of histogram on a column of n values and on two images
// of n pixels.
func histograms(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	a, err := t.Arena("histogram")
	if err != nil {
		return err
	}
	defer a.Close()
	cpu := gpu.Open(gpu.CPU)
	h := prim.Histogram{Bins: []int{1, 7, 256, 3000}[r.IntN(4)], Min: -2, Max: 2.5, On: &cpu}
	x, narrow, wide := make([]float64, n), make([]uint8, 2*n), make([]uint16, 2*n)
	for i := range x {
		if x[i] = r.NormFloat64(); i%3 == 0 {
			x[i] = h.Edge(r.IntN(h.Bins + 1))
		}
	}
	for i := range narrow {
		narrow[i], wide[i] = uint8(r.IntN(256)), uint16(r.IntN(1<<12))
	}
	b, err := h.Count(ctx, x)
	if err != nil {
		return err
	}
	u := &uploads{device.Needs{T: t, A: a}}
	counts, first := u.zeros64(h.Bins+2), device.Put(&u.Needs, []uint32{math.MaxUint32})
	p := cuda.HistogramColumn{Column: u.float64s(x), Counts: counts.Address(), First: first.Address(), N: int32(n), Bins: int32(h.Bins), Low: h.Min, High: h.Max,
		Scale: float64(h.Bins) / (h.Max/2 - h.Min/2)}
	u.launch("histogram_f64", device.Dim{X: (n + 8191) / 8192}, p.Params())
	if err := u.holds(ctx, counts, append(b.N, b.Below, b.Above)); err != nil {
		return fmt.Errorf("%d values in %d bins: %w", n, h.Bins, err)
	}
	for _, c := range []struct {
		kernel string
		image  uint64
		shift  int
		bin    func(i int) int
	}{
		{"histogram_u8", device.Put(&u.Needs, narrow).Address(), 1, func(i int) int { return int(narrow[i] >> 1) }},
		{"histogram_u16", device.Put(&u.Needs, wide).Address(), 4, func(i int) int { return int(wide[i] >> 4) }},
	} {
		want := make([]int64, 512)
		for i := range narrow {
			want[i/n*256+c.bin(i)]++
		}
		counts := u.zeros64(512)
		u.launch(c.kernel, device.Dim{X: (n + 16383) / 16384, Y: 2}, cuda.HistogramPixels{Image: c.image, Counts: counts.Address(), N: int32(n), Shift: int32(c.shift)}.Params())
		if err := u.holds(ctx, counts, want); err != nil {
			return fmt.Errorf("%s of %d pixels: %w", c.kernel, n, err)
		}
	}
	return nil
}

// holds says whether a buffer holds these values.
func (u *uploads) holds(ctx context.Context, b device.Buffer[int64], want []int64) error {
	got := make([]int64, b.Len())
	if u.Err == nil {
		u.Err = device.Download(ctx, u.T, u.A.Stream, got, b)
	}
	if u.Err == nil && !slices.Equal(got, want) {
		return fmt.Errorf("the counts differ")
	}
	return u.Err
}
