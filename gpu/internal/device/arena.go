package device

import (
	"runtime"
	"sync/atomic"
)

// Arena is what a piece of work, such as a cell, holds of the device: a stream and
// memory, which go back when it is closed.
type Arena struct {
	Stream *Stream // what the arena's memory is used on

	d       *Device
	holding *holding
	closed  atomic.Bool
	leak    runtime.Cleanup
}

// holding is what an Arena holds, apart from it so that it outlives it.
type holding struct {
	name   string
	stream *Stream
	part   bool // the stream is another arena's
	blocks []*block
	bytes  uint64
}

// Arena makes an arena. The name is for errors about memory. Work on other streams
// that uses its memory must be joined by Order before it is closed. An arena that
// is lost without being closed is closed some time after and counted in Stats.
func (t *Thread) Arena(name string) (*Arena, error) {
	s, err := t.Stream()
	if err != nil {
		return nil, err
	}
	return t.arena(&Arena{Stream: s, d: t.d, holding: &holding{name: name, stream: s}}), nil
}

// Part is an arena on the stream of another, to be closed before that is. What it
// gives back the next part has at once: the order of the stream keeps them apart.
func (a *Arena) Part(t *Thread) *Arena {
	return t.arena(&Arena{Stream: a.Stream, d: a.d, holding: &holding{name: a.holding.name, stream: a.Stream, part: true}})
}

func (t *Thread) arena(a *Arena) *Arena {
	p := &t.d.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.arenas == nil {
		p.arenas = map[*holding]struct{}{}
	}
	p.arenas[a.holding] = struct{}{}
	// The collector runs this on a thread of its own: it only leaves a note.
	a.leak = runtime.AddCleanup(a, p.orphan, a.holding)
	return a
}

// Close gives everything back. It does not wait for the device. What could not be given
// back goes when the device is used next.
func (a *Arena) Close() error {
	if a.closed.Swap(true) {
		return nil
	}
	a.leak.Stop()
	err := a.d.Do(func(t *Thread) error { return a.d.pool.release(t, a.holding) })
	if err != nil {
		a.d.pool.later(a.holding)
		return err
	}
	a.holding.leave()
	return nil
}

// leave gives the stream back.
func (h *holding) leave() {
	if !h.part {
		h.stream.Release()
	}
}

// orphan notes what was held by an arena that nobody closed.
func (p *pool) orphan(h *holding) {
	p.later(h)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaked++
}

// later notes what is to be given back when the device is used next.
func (p *pool) later(h *holding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orphans = append(p.orphans, h)
}

// adopt closes the arenas that nobody closed, and those that could not be.
func (p *pool) adopt(t *Thread) {
	p.mu.Lock()
	orphans := p.orphans
	p.orphans = nil
	p.mu.Unlock()
	for _, h := range orphans {
		if p.release(t, h) != nil {
			p.later(h)
			continue
		}
		h.leave()
	}
}
