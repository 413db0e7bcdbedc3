package imaging

import (
	"context"
	"errors"
	"sync"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
)

const (
	groupPixels = 8 << 20 // of a launch: 0.2 ms on an H200, 32 MiB to the host
	maxFrames   = 1 << 15 // of a launch: a grid counts them in 16 bits
	blockRows   = 16      // of a map
	maxRows     = 65535 * blockRows
	rooms       = 3 // groups under way: one comes, one is computed, one goes
)

// mapper makes maps of images that are alike, a group of them a launch.
type mapper struct {
	on       *gpu.Device
	plans    []*plan
	parts    []*part
	form     Form
	limit    int // pixels of a launch, as long as that is more than one image
	rows     int // of a map in a launch
	group    int // images of a launch, but the last
	arena    *device.Arena
	up, down *device.Stream // beside that of the arena, which computes
	kernel   *device.Kernel
	params   cuda.EntropyMap
	flag     *device.Flag // raised when the context ends; nil: launches are short
	free     []*room
	row8     []uint8 // a plane as the device wants it, where the image is not
	row16    []uint16
}

// room is memory of the device for a group.
type room struct {
	narrow   device.Buffer[uint8] // one of the two has the planes
	wide     device.Buffer[uint16]
	bits     device.Buffer[float32] // one of the three has the maps
	halves   device.Buffer[uint16]
	bytes    device.Buffer[uint8]
	occupied device.Buffer[uint16]
}

func (r *mapper) prepare(t *device.Thread, e EntropyMap) (err error) {
	p := r.plans[0]
	if r.kernel, err = t.Kernel(p.kernel()); err != nil {
		return err
	}
	if r.arena, err = t.Arena("entropy map"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close(t))
		}
	}()
	table, mask := deviceTable(p.foot.w*p.foot.h, p.correct, p.correct || e.Occupied)
	words, err := device.Upload(t, r.arena, table)
	if err != nil {
		return err
	}
	// Each group sets these, Occupied if it is asked for, and Flag if ctx can be done.
	// zero: Image Map Occupied Flag
	r.params = cuda.EntropyMap{Table: words.Address(), Mask: mask, PlaneW: int32(p.planeW), PlaneH: int32(p.planeH),
		OutW: int32(p.outW), OutH: int32(p.outH), Ox: int32(p.ox), Oy: int32(p.oy), W: int32(p.foot.w), H: int32(p.foot.h),
		Form: map[Form]int32{Half: 1, Byte: 2}[r.form], Scale: p.scale()}
	if p.wide() {
		r.params.Shift = int32(p.shift)
	}
	r.up, r.down = r.arena.Stream, r.arena.Stream
	if groups := (len(r.plans) + r.group - 1) / r.group; groups > 1 {
		if r.up, err = t.Stream(); err != nil {
			return err
		}
		if r.down, err = t.Stream(); err != nil {
			return err
		}
	}
	for len(r.free) < min(rooms, (len(r.plans)+r.group-1)/r.group) {
		m, err := r.room(t, e.Occupied)
		if errors.Is(err, device.ErrOutOfMemory) && len(r.free) > 0 {
			break // it goes with less, one after another
		}
		if err != nil {
			return err
		}
		r.free = append(r.free, m)
	}
	// Memory of the arena is ready when its stream says so.
	return t.Order(r.arena.Stream, r.up)
}

func (r *mapper) room(t *device.Thread, occupied bool) (m *room, err error) {
	p, m := r.plans[0], new(room)
	if p.wide() {
		m.wide, err = device.Alloc[uint16](t, r.arena, r.group*p.planeW*p.planeH)
	} else {
		m.narrow, err = device.Alloc[uint8](t, r.arena, r.group*p.planeW*p.planeH)
	}
	if err != nil {
		return nil, err
	}
	n := r.group * p.outW * p.outH
	switch r.form {
	case Half:
		m.halves, err = device.Alloc[uint16](t, r.arena, n)
	case Byte:
		m.bytes, err = device.Alloc[uint8](t, r.arena, n)
	default:
		m.bits, err = device.Alloc[float32](t, r.arena, n)
	}
	if err == nil && occupied {
		m.occupied, err = device.Alloc[uint16](t, r.arena, n)
	}
	return m, err
}

// longLaunch is a launch that is told when to end, by the pixels of a usual one: it
// takes a millisecond or two on an H200, and to ask costs some microseconds.
const longLaunch = 8

// watch has launches end with the context, if one image makes them long and there is
// a flag left.
func (r *mapper) watch(ctx context.Context, t *device.Thread) (err error) {
	if r.group*r.plans[0].outW*r.plans[0].outH < longLaunch*r.limit {
		return nil
	}
	if r.flag, err = t.Flag(ctx); errors.Is(err, device.ErrOutOfMemory) {
		return nil
	}
	if err == nil {
		r.params.Flag = r.flag.Address()
	}
	return err
}

// close gives everything back, once the streams have done with it.
func (r *mapper) close(t *device.Thread) (err error) {
	if r.flag != nil {
		err = t.Wait(context.Background(), r.arena.Stream) // what it computes reads the flag
		r.flag.Close()
	}
	for _, s := range []*device.Stream{r.up, r.down} {
		if s != nil && s != r.arena.Stream {
			err = errors.Join(err, t.Order(s, r.arena.Stream))
			s.Release()
		}
	}
	return errors.Join(err, r.arena.Close())
}

// group is images [from, to) in a room.
type group struct {
	from, to int
	at       *room
}

// run sends groups and receives their maps, on a goroutine each if there is more
// than one.
func (r *mapper) run(ctx context.Context, t *device.Thread) error {
	if len(r.plans) <= r.group {
		g := group{0, len(r.plans), r.free[0]}
		if err := r.send(ctx, t, g); err != nil {
			return err
		}
		return r.receive(ctx, t, g)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	free, sent, done := make(chan *room, rooms), make(chan group, rooms), make(chan error, 1)
	for _, m := range r.free {
		free <- m
	}
	go func() {
		err := r.on.Do(func(t *device.Thread) error {
			for g := range sent {
				if err := r.receive(ctx, t, g); err != nil {
					return err
				}
				free <- g.at
			}
			return nil
		})
		if err != nil {
			stop(err)
		}
		done <- err
	}()
	err := r.sendAll(ctx, t, free, sent)
	close(sent)
	if received := <-done; err == nil {
		err = received
	}
	return err
}

func (r *mapper) sendAll(ctx context.Context, t *device.Thread, free <-chan *room, sent chan<- group) error {
	for from := 0; from < len(r.plans); from += r.group {
		select {
		case m := <-free:
			g := group{from, min(len(r.plans), from+r.group), m}
			if err := r.send(ctx, t, g); err != nil {
				return err
			}
			sent <- g
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// send gives a group to the device.
func (r *mapper) send(ctx context.Context, t *device.Thread, g group) error {
	defer r.makeParts(g)()
	for k, p := range r.plans[g.from:g.to] {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := r.upload(t, g.at, k, p); err != nil {
			return err
		}
	}
	if err := t.Order(r.up, r.arena.Stream); err != nil {
		return err
	}
	if err := r.launch(t, g); err != nil {
		return err
	}
	return t.Order(r.arena.Stream, r.down)
}

// launch has the maps of a group made, all at once, or, of more rows than a grid counts,
// strip by strip.
func (r *mapper) launch(t *device.Thread, g group) error {
	p, c := r.plans[0], r.params
	c.Image, c.Occupied = g.at.narrow.Address()+g.at.wide.Address(), g.at.occupied.Address()
	c.Map = g.at.bits.Address() + g.at.halves.Address() + g.at.bytes.Address()
	grid := device.Dim{X: (p.outW + 127) / 128, Y: (p.outH + blockRows - 1) / blockRows, Z: g.to - g.from}
	if p.outH <= r.rows {
		return t.Launch(r.arena.Stream, r.kernel, grid, c.Params())
	}
	for k := range g.to - g.from {
		for top := 0; top < p.outH; top += r.rows {
			s := r.strip(c, k, top, min(p.outH, top+r.rows))
			grid := device.Dim{X: grid.X, Y: (int(s.OutH) + blockRows - 1) / blockRows}
			if err := t.Launch(r.arena.Stream, r.kernel, grid, s.Params()); err != nil {
				return err
			}
		}
	}
	return nil
}

// strip is the launch for rows [top, end) of map k, as if they were a map of their own
// whose plane are the rows that its windows reach.
func (r *mapper) strip(c cuda.EntropyMap, k, top, end int) cuda.EntropyMap {
	p, pixel, value := r.plans[0], 1, map[Form]int{0: 4, Half: 2, Byte: 1}[r.form]
	if p.wide() {
		pixel = 2
	}
	from, to := max(0, top+p.oy), min(p.planeH, end-1+p.oy+p.foot.h)
	at := (k*p.outH + top) * p.outW
	c.Image += uint64(pixel * (k*p.planeH + from) * p.planeW)
	c.Map += uint64(value * at)
	if c.Occupied != 0 {
		c.Occupied += uint64(2 * at)
	}
	c.PlaneH, c.Oy, c.OutH = int32(to-from), int32(top+p.oy-from), int32(end-top)
	return c
}

// makeParts makes the memory that a group's maps go to, where there is none, beside
// what sends them. To clear it takes longer than the maps do, hence a goroutine each.
func (r *mapper) makeParts(g group) (wait func()) {
	p, parts, occupied := r.plans[0], r.parts[g.from:g.to], g.at.occupied.Len() > 0
	fresh := func() *part {
		switch r.form {
		case Half:
			return &part{width: p.outW, halves: make([]uint16, p.outW*p.outH)}
		case Byte:
			return &part{width: p.outW, bytes: make([]uint8, p.outW*p.outH)}
		}
		return newPart(0, p.outH, p.outW, occupied)
	}
	var wg sync.WaitGroup
	for k := range parts {
		if parts[k] == nil {
			wg.Go(func() { parts[k] = fresh() })
		}
	}
	return wg.Wait
}

// upload copies the plane of an image to the device, as it is where that will do.
func (r *mapper) upload(t *device.Thread, m *room, k int, p *plan) error {
	n, g := p.planeW*p.planeH, p.img
	whole := g.stride == g.w && p.planeW == g.w && p.planeH == g.h
	if p.wide() {
		pixels := g.pix16
		if !whole {
			r.row16 = grown(r.row16, n)
			for y := range p.planeH {
				copy(r.row16[y*p.planeW:][:p.planeW], g.pix16[y*g.stride:])
			}
			pixels = r.row16
		}
		return device.Write(t, r.up, m.wide.Slice(k*n, (k+1)*n), pixels[:n])
	}
	pixels := g.pix8
	if !whole || pixels == nil || p.shift > 0 {
		r.row8 = grown(r.row8, n)
		for y := range p.planeH {
			p.bin(r.row8[y*p.planeW:][:p.planeW], y)
		}
		pixels = r.row8
	}
	return device.Write(t, r.up, m.narrow.Slice(k*n, (k+1)*n), pixels[:n])
}

func grown[V any](s []V, n int) []V {
	if len(s) < n {
		return make([]V, n)
	}
	return s
}

// receive fetches the maps of a group.
func (r *mapper) receive(ctx context.Context, t *device.Thread, g group) error {
	if r.flag != nil { // blocks that saw it have left their maps out
		if err := t.Wait(ctx, r.down); err != nil {
			return err
		}
	}
	switch r.form {
	case Half:
		return fetch(ctx, t, r, g, g.at.halves, func(m *part, at int, values []uint16) { copy(m.halves[at:], values) })
	case Byte:
		return fetch(ctx, t, r, g, g.at.bytes, func(m *part, at int, values []uint8) { copy(m.bytes[at:], values) })
	}
	err := fetch(ctx, t, r, g, g.at.bits, func(m *part, at int, values []float32) {
		widen(m.bits[at:], values)
	})
	if err != nil || g.at.occupied.Len() == 0 {
		return err
	}
	return fetch(ctx, t, r, g, g.at.occupied, func(m *part, at int, values []uint16) { copy(m.occupied[at:], values) })
}

// fetch hands the values of a group to use, map by map.
func fetch[V device.Scalar](ctx context.Context, t *device.Thread, r *mapper, g group, b device.Buffer[V], use func(m *part, at int, values []V)) error {
	n := r.plans[0].outW * r.plans[0].outH
	return device.Receive(ctx, t, r.down, b.Slice(0, (g.to-g.from)*n), func(at int, values []V) {
		for len(values) > 0 {
			k := min(len(values), n-at%n)
			use(r.parts[g.from+at/n], at%n, values[:k])
			at, values = at+k, values[k:]
		}
	})
}

// widen copies values, four at a time, which takes half as long as one by one.
func widen(to []float64, values []float32) {
	for len(values) >= 4 && len(to) >= 4 {
		a, b, c, d := values[0], values[1], values[2], values[3]
		to[0], to[1], to[2], to[3] = float64(a), float64(b), float64(c), float64(d)
		to, values = to[4:], values[4:]
	}
	for i, v := range values {
		to[i] = float64(v)
	}
}
