package imaging

import (
	"context"
	"fmt"
	"image"
	"math"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
)

// All returns the entropy maps of several images. On a device, images of one size
// and depth share their memory there and are launched one after another; the maps
// are those of Of.
func (e EntropyMap) All(ctx context.Context, images []image.Image) ([]*Map, error) {
	maps := make([]*Map, len(images))
	var alike []*plan // and not done yet, the last of them of the image before i
	flush := func(end int) error {
		if len(alike) == 0 {
			return nil
		}
		parts, err := e.onDevice(ctx, alike)
		if err != nil {
			return err
		}
		for k, part := range parts {
			maps[end-len(alike)+k] = e.mapOf(alike[k], part, e.On.Place)
		}
		alike = alike[:0]
		return nil
	}
	for i, img := range images {
		if e.On == nil || e.On.Place == gpu.CPU {
			m, err := e.Of(ctx, img)
			if err != nil {
				return nil, fmt.Errorf("image %d: %w", i, err)
			}
			maps[i] = m
			continue
		}
		p, err := e.plan(img)
		if err == nil && ctx == nil {
			err = errNoContext
		}
		if err == nil && len(alike) > 0 && !p.like(alike[0]) {
			err = flush(i)
		}
		if err != nil {
			return nil, fmt.Errorf("image %d: imaging: entropy map: %w", i, err)
		}
		alike = append(alike, p)
	}
	if err := flush(len(images)); err != nil {
		return nil, fmt.Errorf("imaging: entropy map: %w", err)
	}
	return maps, nil
}

// like says that two images can share a mapper.
func (p *plan) like(q *plan) bool {
	return p.img.w == q.img.w && p.img.h == q.img.h && p.img.Depth() == q.img.Depth() && p.shift == q.shift
}

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

// onDevice makes maps of images that are alike.
func (e EntropyMap) onDevice(ctx context.Context, plans []*plan) ([]*part, error) {
	p := plans[0]
	if err := e.On.Err(); err != nil {
		return nil, err
	}
	if p.foot.kind != rectangle || p.foot.w > deviceSide || p.foot.h > deviceSide || p.foot.w*p.foot.h > deviceArea {
		return nil, &NoKernelError{p.foot}
	}
	out := make([]*part, len(plans))
	err := e.On.Do(func(t *device.Thread) error {
		r, err := e.prepare(t, p)
		if err != nil {
			return err
		}
		defer r.arena.Close()
		for i, q := range plans {
			if out[i], err = r.run(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// mapper makes maps of images that are alike.
type mapper struct {
	t        *device.Thread
	arena    *device.Arena
	kernel   *device.Kernel
	params   cuda.EntropyMap
	narrow   device.Buffer[uint8]
	wide     device.Buffer[uint16]
	out      device.Buffer[float32]
	occupied device.Buffer[uint16]
	bits     []float32
	pixels8  []uint8
	pixels16 []uint16
}

func (e EntropyMap) prepare(t *device.Thread, p *plan) (r *mapper, err error) {
	r = &mapper{t: t}
	name := fmt.Sprintf("entropy_map_u8_%d", p.bins)
	if p.wide() {
		name = fmt.Sprintf("entropy_map_u16_%d", p.bins)
	}
	if p.foot.w == 9 && p.foot.h == 9 {
		name += "_9x9"
	}
	if r.kernel, err = t.Kernel(name); err != nil {
		return nil, err
	}
	if r.arena, err = t.Arena("entropy map"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			r.arena.Close()
		}
	}()
	table, mask := deviceTable(p.foot.w*p.foot.h, p.correct, p.correct || e.Occupied)
	words, err := device.Upload(t, r.arena, table)
	if err != nil {
		return nil, err
	}
	n := p.outW * p.outH
	if r.out, err = device.Alloc[float32](t, r.arena, n); err != nil {
		return nil, err
	}
	r.bits = make([]float32, n)
	if p.wide() {
		r.pixels16 = make([]uint16, p.planeW*p.planeH)
		r.wide, err = device.Alloc[uint16](t, r.arena, len(r.pixels16))
		r.params.Image = r.wide.Address()
	} else {
		r.pixels8 = make([]uint8, p.planeW*p.planeH)
		r.narrow, err = device.Alloc[uint8](t, r.arena, len(r.pixels8))
		r.params.Image = r.narrow.Address()
	}
	if err == nil && e.Occupied {
		r.occupied, err = device.Alloc[uint16](t, r.arena, n)
	}
	if err != nil {
		return nil, err
	}
	c := &r.params
	c.Map, c.Occupied, c.Table, c.Mask = r.out.Address(), r.occupied.Address(), words.Address(), mask
	c.PlaneW, c.PlaneH, c.OutW, c.OutH = int32(p.planeW), int32(p.planeH), int32(p.outW), int32(p.outH)
	c.Ox, c.Oy, c.W, c.H = int32(p.ox), int32(p.oy), int32(p.foot.w), int32(p.foot.h)
	if p.wide() {
		c.Shift = int32(p.shift)
	}
	return r, nil
}

// wide says that the device gets values of 16 bits and finds the bins itself. An
// image that goes on beyond its edges is laid out by the host, as bins.
func (p *plan) wide() bool { return p.img.pix16 != nil && p.border != Reflect && p.border != Mirror }

// run makes the map of one image.
func (r *mapper) run(ctx context.Context, p *plan) (*part, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	s := r.arena.Stream
	var err error
	if p.wide() {
		for y := range p.planeH {
			copy(r.pixels16[y*p.planeW:][:p.planeW], p.img.pix16[y*p.img.stride:])
		}
		err = device.Write(r.t, s, r.wide, r.pixels16)
	} else {
		for y := range p.planeH {
			p.bin(r.pixels8[y*p.planeW:][:p.planeW], y)
		}
		err = device.Write(r.t, s, r.narrow, r.pixels8)
	}
	if err != nil {
		return nil, err
	}
	grid := device.Dim{X: (p.outW + 127) / 128, Y: (p.outH + 15) / 16}
	if err := r.t.Launch(s, r.kernel, grid, r.params.Params()); err != nil {
		return nil, err
	}
	m := newPart(0, p.outH, p.outW, r.occupied.Len() > 0)
	if err := device.Download(ctx, r.t, s, r.bits, r.out); err != nil {
		return nil, err
	}
	for i, v := range r.bits {
		m.bits[i] = float64(v)
	}
	if m.occupied != nil {
		if err := device.Download(ctx, r.t, s, m.occupied, r.occupied); err != nil {
			return nil, err
		}
	}
	return m, nil
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
		if n < area {
			table[n] = sum(n+1) - sum(n)
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
