package device

import (
	"cmp"
	"errors"
	"maps"
	"math/bits"
	"slices"
	"sync"

	"surprisal/gpu/internal/driver"
)

// block is a piece of device memory, in use by an arena or kept.
type block struct {
	address driver.Address
	size    uint64
	stream  *Stream // the last to use it
	end     *end    // when that stream has done with it; nil while in use, or if it has
}

// end is when all blocks of an arena are free: one event for all of them.
type end struct {
	passed driver.Event
	blocks int // that wait for it
}

// drop forgets the event of a block.
func (b *block) drop(d *Device) {
	if e := b.end; e != nil {
		if e.blocks--; e.blocks == 0 {
			d.events.put(false, e.passed)
		}
	}
	b.end = nil
}

// pool keeps device memory by size. A block that is given back carries an event
// of its last use: its own stream may have it again at once, another when the
// event has passed.
type pool struct {
	mu      sync.Mutex
	handle  driver.Pool // of the driver
	budget  uint64
	inUse   uint64
	peak    uint64
	kept    uint64
	idle    map[uint64][]*block // by size
	arenas  map[*holding]struct{}
	orphans []*holding // of arenas that nobody closed, or that could not be
	leaked  int
}

// class rounds a size up: 8 classes an octave, so that what was one array can
// become another of about its size, and at most an eighth is lost.
func class(n uint64) uint64 {
	const least = 256
	step := uint64(least)
	if n > 8*least {
		step = 1 << (bits.Len64(n-1) - 1) / 8
	}
	return (n + step - 1) / step * step
}

// alloc is a block for an arena.
func (p *pool) alloc(t *Thread, h *holding, n uint64) (*block, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := class(n)
	b, err := p.reuse(t, h.stream, size, false)
	if b == nil && err == nil {
		b, err = p.fresh(t, h.stream, size)
	}
	if err != nil {
		return nil, err
	}
	p.inUse += size
	p.peak = max(p.peak, p.inUse)
	h.blocks = append(h.blocks, b)
	h.bytes += size
	return b, nil
}

// reuse is a kept block, nil if there is none: one that the stream used last, or
// one whose event has passed, or, with wait, any, after which the stream waits.
func (p *pool) reuse(t *Thread, s *Stream, size uint64, wait bool) (*block, error) {
	kept, calls := p.idle[size], t.d.calls
	for i := len(kept) - 1; i >= 0; i-- {
		b := kept[i]
		if b.stream != s && b.end != nil {
			call, code := "EventQuery", calls.EventQuery(b.end.passed)
			if code == driver.NotReady {
				if !wait {
					continue
				}
				call, code = "StreamWaitEvent", calls.StreamWaitEvent(s.handle, b.end.passed)
			}
			if err := t.d.failed(call, code); err != nil {
				return nil, err
			}
		}
		p.idle[size] = slices.Delete(kept, i, i+1)
		p.kept -= size
		b.drop(t.d)
		b.stream = s
		return b, nil
	}
	return nil, nil
}

// fresh is memory from the driver, within the budget. Before it fails it waits for
// kept blocks, gives what is kept back, has the driver do the same, and tries once
// more.
func (p *pool) fresh(t *Thread, s *Stream, size uint64) (*block, error) {
	var refused error
	if p.inUse+p.kept+size <= p.budget {
		b, err := p.ask(t, s, size)
		if err == nil || !errors.Is(err, ErrOutOfMemory) {
			return b, err
		}
		refused = err
	}
	if b, err := p.reuse(t, s, size, true); b != nil || err != nil {
		return b, err
	}
	if err := p.trim(t); err != nil {
		return nil, err
	}
	if p.inUse+size <= p.budget {
		b, err := p.ask(t, s, size)
		if err == nil || !errors.Is(err, ErrOutOfMemory) {
			return b, err
		}
		refused = err
	}
	return nil, p.full(t, size, refused)
}

// ask is memory from the driver.
func (p *pool) ask(t *Thread, s *Stream, size uint64) (*block, error) {
	call := "MemAlloc"
	var a driver.Address
	var code driver.Code
	if t.d.pools {
		call = "MemAllocAsync"
		a, code = t.d.calls.MemAllocAsync(size, s.handle)
	} else {
		a, code = t.d.calls.MemAlloc(size)
	}
	if code != driver.Success {
		return nil, t.d.failed(call, code)
	}
	return &block{address: a, size: size, stream: s}, nil
}

// trim gives all that is kept back to the driver, and that to the system. It waits
// for the last use of each.
func (p *pool) trim(t *Thread) error {
	for size, kept := range p.idle {
		for len(kept) > 0 {
			b := kept[len(kept)-1]
			if b.end != nil {
				if err := t.passed(b.end.passed); err != nil {
					return err
				}
				b.drop(t.d)
			}
			if err := p.giveBack(t.d, b); err != nil {
				return err
			}
			kept = kept[:len(kept)-1]
			p.idle[size] = kept
			p.kept -= size
		}
	}
	if !t.d.pools {
		return nil
	}
	if err := t.d.failed("CtxSynchronize", t.d.calls.CtxSynchronize()); err != nil {
		return err
	}
	return t.d.failed("PoolTrim", t.d.calls.PoolTrim(p.handle, 0))
}

func (p *pool) giveBack(d *Device, b *block) error {
	if d.pools {
		return d.try("MemFreeAsync", func() driver.Code { return d.calls.MemFreeAsync(b.address, b.stream.handle) })
	}
	return d.try("MemFree", func() driver.Code { return d.calls.MemFree(b.address) })
}

// full is the error that nothing helped against.
func (p *pool) full(t *Thread, size uint64, refused error) error {
	e := &MemoryError{Wanted: size, InUse: p.inUse, Budget: p.budget, Err: refused}
	if refused != nil {
		e.Free, _, _ = t.d.calls.MemInfo()
	}
	for h := range p.arenas {
		if h.bytes > 0 {
			e.Holders = append(e.Holders, Holder{h.name, h.bytes})
		}
	}
	slices.SortFunc(e.Holders, func(a, b Holder) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(a.Name, b.Name))
	})
	e.Holders = e.Holders[:min(4, len(e.Holders))]
	return e
}

// release keeps what an arena held.
func (p *pool) release(t *Thread, h *holding) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(h.blocks) == 0 {
		delete(p.arenas, h)
		return nil
	}
	e, err := t.mark(h.stream)
	if err != nil { // no event to be had: the stream is waited for in its place
		if err := t.d.try("StreamSynchronize", func() driver.Code { return t.d.calls.StreamSynchronize(h.stream.handle) }); err != nil {
			return err
		}
	}
	if p.idle == nil {
		p.idle = map[uint64][]*block{}
	}
	var all *end
	if e != 0 {
		all = &end{e, len(h.blocks)}
	}
	for _, b := range h.blocks {
		b.end = all
		p.idle[b.size] = append(p.idle[b.size], b)
		p.inUse -= b.size
		p.kept += b.size
	}
	h.blocks, h.bytes = nil, 0
	delete(p.arenas, h)
	return nil
}

// close gives everything back; the device has been waited for.
func (p *pool) close(d *Device) (err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	blocks := slices.Concat(slices.Collect(maps.Values(p.idle))...)
	for h := range p.arenas {
		blocks = append(blocks, h.blocks...)
		h.blocks = nil
	}
	for _, b := range blocks {
		err = errors.Join(err, p.giveBack(d, b))
	}
	p.idle, p.arenas, p.orphans, p.inUse, p.kept = nil, nil, nil, 0, 0
	err = errors.Join(err, d.try("CtxSynchronize", d.calls.CtxSynchronize))
	if d.pools {
		err = errors.Join(err, d.try("PoolTrim", func() driver.Code { return d.calls.PoolTrim(p.handle, 0) }))
	}
	return err
}
