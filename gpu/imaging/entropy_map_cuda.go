package imaging

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"surprisal/gpu/internal/device"
)

// Windows that the kernels count: a byte a bin, and a tile of shared memory.
const (
	deviceSide = 15
	deviceArea = 255
)

// NoKernelError tells of a window that no kernel for devices is made for.
type NoKernelError struct{ Window Footprint }

func (e *NoKernelError) Error() string {
	return fmt.Sprintf("a %s: devices take rectangles of up to %d×%d and %d pixels; leave On out to compute on the CPU", e.Window, deviceSide, deviceSide, deviceArea)
}

// onDevice makes the maps of the plans that wait, in parts; those that are nil it
// makes.
func (b *batch) onDevice(ctx context.Context, parts []*part) error {
	e, plans := b.e, b.alike
	p := plans[0]
	if err := e.On.Err(); err != nil {
		return err
	}
	if p.foot.kind != rectangle || p.foot.w > deviceSide || p.foot.h > deviceSide || p.foot.w*p.foot.h > deviceArea {
		return &NoKernelError{p.foot}
	}
	return e.On.Do(func(t *device.Thread) error {
		r := &mapper{on: e.On, plans: plans, parts: parts, form: b.form, limit: b.limit, rows: cmp.Or(b.rows, maxRows),
			group: min(len(plans), max(1, b.limit/(p.outW*p.outH)), maxFrames)}
		if err := r.prepare(t, e); err != nil {
			return err
		}
		if err := r.watch(ctx, t); err != nil {
			return errors.Join(err, r.close(t))
		}
		return errors.Join(r.run(ctx, t), r.close(t))
	})
}

// wide says that the device gets values of 16 bits and finds the bins itself. An
// image that goes on beyond its edges is laid out by the host, as bins.
func (p *plan) wide() bool { return p.img.pix16 != nil && p.border != Reflect && p.border != Mirror }

// kernel is the name of the kernel that makes the map.
func (p *plan) kernel() string {
	name := fmt.Sprintf("entropy_map_u8_%d", p.bins)
	if p.wide() {
		name = fmt.Sprintf("entropy_map_u16_%d", p.bins)
	}
	if p.foot.w == 9 && p.foot.h == 9 {
		name += "_9x9"
	}
	return name
}

// deviceTable is what the kernels look up, for windows of up to area pixels: four
// rows of 256 words, of counts n. Sums take all 32 bits of a word, or 24 if the
// upper eight count occupied bins. The last place of a sum is worth 2^-22 bit for
// 9×9 pixels, or 2^-14 beside occupied bins: values are right to 1.5e-6, mostly
// the rounding of float32, or to 3.1e-5 bits.
func deviceTable(area int, correct, occupied bool) (table []uint32, mask uint32) {
	room := 32.0
	mask = math.MaxUint32
	if occupied {
		room, mask = 24, 1<<24-1
	}
	most := float64(area) * math.Log2(float64(max(area, 2)))
	scale := math.Exp2(math.Floor(room - math.Log2(most+1)))
	sum := func(n int) uint32 {
		if n < 2 || n > area {
			return 0
		}
		return uint32(math.Round(float64(n) * math.Log2(float64(n)) * scale))
	}
	table = make([]uint32, 4*256)
	for n := range 256 {
		table[256+n] = sum(n)
	}
	for n := range 256 {
		if n < area {
			table[n] = table[256+n+1] - table[256+n]
		}
		if n > 0 {
			table[512+n] = math.Float32bits(float32(1 / (float64(n) * scale)))
		}
		if n > 0 && correct {
			table[768+n] = math.Float32bits(float32(perBin(n)))
		}
	}
	if occupied {
		table[0] += 1 << 24
	}
	return table, mask
}
