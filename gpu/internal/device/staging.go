package device

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"surprisal/gpu/internal/driver"
)

// staging holds the pinned memory through which everything is copied: the device
// reads and writes only pinned memory without the host waiting, and pinning is
// slow and holds the driver's lock, so it is done once.
type staging struct {
	bytes int // of a piece; 0: pieceBytes
	mu    sync.Mutex
	cond  *sync.Cond
	all   []*piece
	idle  []*piece // longest idle first
}

// piece is some pinned memory.
type piece struct {
	memory []byte
	passed driver.Event // when the device has done with it; 0: it has
	behind *Stream      // which uses it, where there was no event to be had; nil: none
}

// Sizes: a piece is copied in some 100 µs, which hides what a copy costs to begin.
const (
	pieceBytes = 1 << 20
	pieces     = 8
)

// get is a piece that nobody uses. If all are in use it waits for one, or with try
// returns nil.
func (g *staging) get(t *Thread, try bool) (*piece, error) {
	g.mu.Lock()
	if g.cond == nil {
		g.cond = sync.NewCond(&g.mu)
	}
	if len(g.idle) == 0 && len(g.all) < pieces {
		err := g.more(t)
		if err != nil && (len(g.all) == 0 || errors.Is(err, ErrDeviceLost)) {
			g.mu.Unlock()
			return nil, err
		}
	}
	for len(g.idle) == 0 {
		if try {
			g.mu.Unlock()
			return nil, nil
		}
		g.cond.Wait()
	}
	p, err := g.choose(t)
	if err != nil {
		g.mu.Unlock()
		return nil, err
	}
	g.idle = slices.DeleteFunc(g.idle, func(q *piece) bool { return q == p })
	g.mu.Unlock()
	if err := g.settle(t, p); err != nil {
		g.put(p)
		return nil, err
	}
	return p, nil
}

// more pins another piece.
func (g *staging) more(t *Thread) error {
	b, code := t.d.calls.HostAlloc(uint64(cmp.Or(g.bytes, pieceBytes)), driver.HostPortable)
	if code != driver.Success {
		return t.d.failed("HostAlloc", code)
	}
	p := &piece{memory: b}
	g.all = append(g.all, p)
	g.idle = append(g.idle, p)
	return nil
}

// choose is an idle piece: of those that the device has done with the first that was
// made, so that what comes often goes through the same memory, which the caches of the
// CPU hold. Or a new one rather than wait for a copy, which may stand behind kernels.
func (g *staging) choose(t *Thread) (*piece, error) {
	for _, p := range g.all {
		if !slices.Contains(g.idle, p) {
			continue
		}
		if passed, err := t.over(p); passed || err != nil {
			return p, err
		}
	}
	if len(g.all) < pieces {
		if err := g.more(t); err == nil {
			return g.all[len(g.all)-1], nil
		}
	}
	return g.idle[0], t.alive() // it is waited for
}

// over says whether the device has done with a piece. One without an event is waited for.
func (t *Thread) over(p *piece) (bool, error) {
	if p.passed == 0 || p.behind != nil {
		err := t.d.staging.settle(t, p)
		return err == nil, err
	}
	code := t.d.calls.EventQuery(p.passed)
	switch {
	case code == driver.NotReady:
		return false, nil
	case code != driver.Success: // it may be in use still
		return false, t.d.failed("EventQuery", code)
	}
	t.d.events.put(false, p.passed)
	p.passed = 0
	return true, nil
}

// settle waits until the device has done with a piece. After an error it may be in use
// still, and the piece stays as it was.
func (g *staging) settle(t *Thread, p *piece) error {
	if p.behind != nil {
		if err := t.d.try("StreamSynchronize", func() driver.Code { return t.d.calls.StreamSynchronize(p.behind.handle) }); err != nil {
			return err
		}
		p.behind = nil
	}
	if p.passed == 0 {
		return nil
	}
	if err := t.passed(p.passed); err != nil {
		return err
	}
	t.d.events.put(false, p.passed)
	p.passed = 0
	return nil
}

func (g *staging) put(p *piece) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.idle = append(g.idle, p)
	g.cond.Signal()
}

func (g *staging) close(d *Device) (err error) {
	for _, p := range g.all {
		err = errors.Join(err, d.try("HostFree", func() driver.Code { return d.calls.HostFree(p.memory) }))
	}
	g.all, g.idle = nil, nil
	return err
}
