package prim

import (
	"context"
	"errors"
	"fmt"
	"math"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
)

const (
	pieceRows     = 1 << 24 // of a launch: 128 MiB that are copied, and half a millisecond
	histogramRows = 8192    // of a block
)

// countOn counts x on a device, piece by piece.
func (h Histogram) countOn(ctx context.Context, d gpu.Device, x []float64, pieceRows int) (*Binned, error) {
	b := &Binned{N: make([]int64, h.Bins+2), Place: d.Place}
	err := d.Do(func(t *device.Thread) error {
		a, err := t.Arena("histogram")
		if err != nil {
			return err
		}
		defer a.Close()
		k, err := t.Kernel("histogram_f64")
		if err != nil {
			return err
		}
		column, err := device.Alloc[float64](t, a, min(len(x), pieceRows))
		if err != nil {
			return err
		}
		counts, err := device.Alloc[int64](t, a, len(b.N))
		if err != nil {
			return err
		}
		first, err := device.Upload(t, a, []uint32{math.MaxUint32})
		if err == nil {
			err = device.Zero(t, a.Stream, counts)
		}
		if err != nil {
			return err
		}
		// zero: Flag
		p := cuda.HistogramColumn{Column: column.Address(), Counts: counts.Address(), First: first.Address(), Bins: int32(h.Bins), Low: h.Min, High: h.Max, Scale: h.scale()}
		for from := 0; from < len(x); from += pieceRows {
			n := min(len(x)-from, pieceRows)
			if err := device.Write(t, a.Stream, column.Slice(0, n), x[from:from+n]); err != nil {
				return err
			}
			p.N = int32(n)
			if err := t.Launch(a.Stream, k, device.Dim{X: (n + histogramRows - 1) / histogramRows}, p.Params()); err != nil {
				return err
			}
			row := []uint32{0}
			if err := device.Download(ctx, t, a.Stream, row, first); err != nil {
				return err
			}
			if row[0] != math.MaxUint32 {
				return &ValueError{Column: 0, Row: from + int(row[0]), Value: x[from+int(row[0])]}
			}
		}
		return device.Download(ctx, t, a.Stream, b.N, counts)
	})
	if err != nil {
		return nil, err
	}
	b.Below, b.Above, b.N = b.N[h.Bins], b.N[h.Bins+1], b.N[:h.Bins:h.Bins]
	return b, nil
}

// countAnywhere counts where the place says.
func (h Histogram) countAnywhere(ctx context.Context, d gpu.Device, automatic bool, x []float64) (*Binned, error) {
	if d.Place == gpu.CPU || len(x) == 0 {
		return h.countCPU(ctx, x)
	}
	b, err := h.countOn(ctx, d, x, pieceRows)
	var value *ValueError
	switch {
	case err == nil || ctx.Err() != nil || errors.As(err, &value):
		return b, err
	case automatic:
		return h.countCPU(ctx, x)
	}
	return nil, fmt.Errorf("prim: histogram: %w", err)
}
