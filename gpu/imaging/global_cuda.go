package imaging

import (
	"context"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

const (
	histogramPixels = 16384   // of a block
	histogramImages = 65535   // of a launch: a grid counts no more
	piecePixels     = 1 << 24 // on the device at a time, unless a group has more
)

// counting is a launch that counts pixels [from, to) of some images.
type counting struct{ image, images, from, to int }

// countings are the launches for images of n pixels, in the order of images: of several
// whole ones, or of a piece of one.
func countings(images, n, piece int) (all []counting) {
	beside := max(1, min(histogramImages, piece/n))
	for i := 0; i < images; i += beside {
		for from := 0; from < n; from += piece {
			all = append(all, counting{i, min(beside, images-i), from, min(n, from+piece)})
		}
	}
	return all
}

// pixels is how many a launch counts.
func (c counting) pixels() int { return c.images * (c.to - c.from) }

// histogramsOn counts the pixels of images that are alike on a device, so many at a
// time: the counts are those of the CPU.
func (e EntropyMap) histogramsOn(ctx context.Context, plans []*plan, piece int) ([][256]int, error) {
	if err := e.On.Err(); err != nil {
		return nil, err
	}
	hists := make([][256]int, len(plans))
	err := e.On.Do(func(t *device.Thread) error {
		a, err := t.Arena("histogram")
		if err != nil {
			return err
		}
		defer a.Close()
		need := &device.Needs{T: t, A: a}
		counts := device.Take[int64](need, 256*len(plans))
		if need.Err != nil {
			return need.Err
		}
		if err := device.Zero(t, a.Stream, counts); err != nil {
			return err
		}
		if plans[0].img.pix16 != nil {
			err = countPixels(ctx, need, need.Kernel("histogram_u16"), plans, piece, counts, func(g *Gray) []uint16 { return g.pix16 })
		} else {
			err = countPixels(ctx, need, need.Kernel("histogram_u8"), plans, piece, counts, func(g *Gray) []uint8 { return g.pix8 })
		}
		if err != nil {
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

// countPixels gives images to a device and has them counted, launch by launch, each in
// the memory of the last: the stream keeps them apart.
func countPixels[V device.Scalar](ctx context.Context, need *device.Needs, k *device.Kernel, plans []*plan, piece int, counts device.Buffer[int64], of func(*Gray) []V) error {
	p, most := plans[0], 0
	launches := countings(len(plans), p.img.w*p.img.h, piece)
	for _, c := range launches {
		most = max(most, c.pixels())
	}
	room := device.Take[V](need, most)
	for _, c := range launches {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var rows [][]V
		for _, p := range plans[c.image : c.image+c.images] {
			rows = appendRows(rows, p.img, of(p.img), c.from, c.to)
		}
		if need.Err == nil {
			need.Err = device.Write(need.T, need.A.Stream, room.Slice(0, c.pixels()), rows...)
		}
		n := c.to - c.from
		// zero: Flag
		h := cuda.HistogramPixels{Image: room.Address(), Counts: counts.Slice(256*c.image, counts.Len()).Address(), N: int32(n), Shift: int32(p.shift)}
		need.Launch(k, device.Dim{X: (n + histogramPixels - 1) / histogramPixels, Y: c.images}, h.Params())
	}
	return need.Err
}

// appendRows appends pixels [from, to) of an image, row by row where rows are apart.
func appendRows[V device.Scalar](rows [][]V, g *Gray, all []V, from, to int) [][]V {
	if g.stride == g.w {
		return append(rows, all[from:to])
	}
	for y := from / g.w; y*g.w < to; y++ {
		row := all[y*g.stride:][:g.w]
		rows = append(rows, row[max(0, from-y*g.w):min(g.w, to-y*g.w)])
	}
	return rows
}
