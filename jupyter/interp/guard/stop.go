package guard

import (
	"runtime"
	"time"
)

// Grace is how long the deferred functions of a stopped goroutine may run
// before Check ends them too.
const Grace = time.Second

// Patience is how long the stop flag stays up for a cell. What has not polled
// by then waits in native code, maybe for ever, and a flag that stays up makes
// every poll of every cell twenty times as slow; the stuck flag stays up.
const Patience = 5 * time.Second

// Stop ends the goroutines of cell id: each at its next Check or Sleep.
func (g *Guard) Stop(id uint64) {
	g.mu.Lock()
	c := g.cells[id]
	g.mu.Unlock()
	if c != nil {
		g.halt(c)
	}
}

func (g *Guard) halt(c *cell) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.stop.Swap(true) {
		return
	}
	close(c.done)
	if c.live > 0 {
		g.raise(c)
	}
}

// raise notes that a live cell is stopped. The caller holds g.mu.
func (g *Guard) raise(c *cell) {
	g.halted[c] = time.Now()
	*g.flag, *g.stuck = true, true
	time.AfterFunc(Patience, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.settle()
	})
}

// settle sets the flags by the cells that are stopped. The caller holds g.mu.
func (g *Guard) settle() {
	stop := g.hush.Load() != nil
	for _, since := range g.halted {
		stop = stop || time.Since(since) < Patience
	}
	*g.flag, *g.stuck = stop, len(g.halted) > 0
}

// Done returns a channel that is closed once cell id is stopped, nil if the
// cell has no goroutine.
func (g *Guard) Done(id uint64) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.cells[id]; c != nil {
		return c.done
	}
	return nil
}

// Stopping returns a channel that is closed when the calling goroutine is to
// end: what waits selects on it and calls Check. It is nil, which waits for
// ever, outside of cells and in the deferred functions of a stopped goroutine.
func (g *Guard) Stopping() <-chan struct{} {
	l := current()
	if l == nil || l.cell.guard != g || l.exiting {
		return nil
	}
	return l.cell.done
}

// FlagsAt names the two flags that code polls before it calls Check. stop, for
// loop heads and function entries, is set while any live cell is stopped, for
// Patience. stuck is set while any goroutine of a stopped cell is left; it is
// for what follows calls of native code that can take long. Reads are not
// synchronised on purpose: a late one costs an iteration.
func (g *Guard) FlagsAt(stop, stuck *bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.flag, g.stuck = stop, stuck
	g.settle()
}

// Check ends the calling goroutine if its cell is stopped: deferred functions
// run, recover does not see it. Inside those deferred functions Check lets go
// on for Grace.
func (g *Guard) Check() {
	l := current()
	if l == nil || l.cell.guard != g {
		return
	}
	if h := g.hush.Load(); h != nil {
		h.wait(l.cell.done)
	}
	if !l.cell.stop.Load() {
		return
	}
	if !l.exiting {
		l.exit()
		runtime.Goexit()
	}
	if time.Now().After(l.until) {
		runtime.Goexit()
	}
}

// Leaving tells whether the calling goroutine's cell is stopped. If so, Check
// lets the goroutine's deferred functions run for Grace; the caller runs them
// and then ends the goroutine.
func (g *Guard) Leaving() bool {
	l := current()
	if l == nil || l.cell.guard != g || !l.cell.stop.Load() {
		return false
	}
	if !l.exiting {
		l.exit()
	}
	return true
}

// Sleep is time.Sleep that ends at a stop of the caller's cell.
func (g *Guard) Sleep(d time.Duration) {
	l := current()
	if l == nil || l.cell.guard != g {
		time.Sleep(d)
		return
	}
	done := l.cell.done
	if l.exiting {
		done = nil
		d = min(d, time.Until(l.until))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-done:
	}
	g.Check()
}
