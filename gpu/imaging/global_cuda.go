package imaging

import (
	"context"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

const histogramPixels = 16384 // of a block

// histogramsOn counts the pixels of images that are alike on a device, all in one
// launch: the counts are those of the CPU.
func (e EntropyMap) histogramsOn(ctx context.Context, plans []*plan) ([][256]int, error) {
	hists := make([][256]int, len(plans))
	if err := e.On.Err(); err != nil {
		return nil, err
	}
	err := e.On.Do(func(t *device.Thread) error {
		a, err := t.Arena("histogram")
		if err != nil {
			return err
		}
		defer a.Close()
		p := plans[0]
		h := cuda.HistogramPixels{N: int32(p.img.w * p.img.h), Shift: int32(p.shift)}
		name := "histogram_u8"
		if p.img.pix16 != nil {
			name = "histogram_u16"
			h.Image, err = uploadRows(t, a, plans, func(g *Gray) []uint16 { return g.pix16 })
		} else {
			h.Image, err = uploadRows(t, a, plans, func(g *Gray) []uint8 { return g.pix8 })
		}
		if err != nil {
			return err
		}
		counts, err := device.Alloc[int64](t, a, 256*len(plans))
		if err != nil {
			return err
		}
		if err := device.Zero(t, a.Stream, counts); err != nil {
			return err
		}
		h.Counts = counts.Address()
		k, err := t.Kernel(name)
		if err != nil {
			return err
		}
		grid := device.Dim{X: (int(h.N) + histogramPixels - 1) / histogramPixels, Y: len(plans)}
		if err := t.Launch(a.Stream, k, grid, h.Params()); err != nil {
			return err
		}
		flat := make([]int64, counts.Len())
		if err := device.Download(ctx, t, a.Stream, flat, counts); err != nil {
			return err
		}
		for i, n := range flat {
			hists[i/256][i%256] = int(n)
		}
		return nil
	})
	return hists, err
}

// uploadRows puts the pixels of images on a device, row by row.
func uploadRows[V device.Scalar](t *device.Thread, a *device.Arena, plans []*plan, pixels func(*Gray) []V) (uint64, error) {
	var rows [][]V
	for _, p := range plans {
		g, all := p.img, pixels(p.img)
		if g.stride == g.w {
			rows = append(rows, all[:g.w*g.h])
			continue
		}
		for y := range g.h {
			rows = append(rows, all[y*g.stride:][:g.w])
		}
	}
	b, err := device.Upload(t, a, rows...)
	return b.Address(), err
}
