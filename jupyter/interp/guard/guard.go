// Package guard keeps order among the goroutines of cells: which cell a
// goroutine belongs to, how it is stopped, and where its panic goes.
//
//	g := guard.New()
//	g.OnPanic(report)
//	go g.Run(7, func() { g.Go(work); g.Owner() /* 7, in work too */ })
//	g.Stop(7) // its goroutines end at their next Check or Sleep
//
// The owner is a label of the runtime that child goroutines inherit, so it
// also holds in goroutines that native code starts. Reading it costs about a
// nanosecond.
package guard

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Guard knows the cells that have goroutines. The zero value is of no use; see
// New. All methods may be called from any goroutine.
type Guard struct {
	mu      sync.Mutex
	cells   map[uint64]*cell
	halted  map[*cell]time.Time // live cells that are stopped, and since when
	flag    *bool               // one of them since less than Patience, or a hush; polled without a lock
	stuck   *bool               // one of them at all; likewise
	hush    atomic.Pointer[hush]
	rest    time.Time // no hush before
	onPanic func(id uint64, v any, stack []byte)
}

// cell is one run of a cell: from its first goroutine to its last.
type cell struct {
	guard  *Guard
	id     uint64
	stop   atomic.Bool
	exited atomic.Bool   // by Exit
	done   chan struct{} // closed at a stop
	live   int           // guarded goroutines; under Guard.mu
	label  *label
}

// New returns a guard without cells.
func New() *Guard {
	return &Guard{cells: map[uint64]*cell{}, halted: map[*cell]time.Time{}, flag: new(bool), stuck: new(bool)}
}

// Owner returns the cell that owns the calling goroutine, 0 if none does.
func (g *Guard) Owner() uint64 {
	if l := current(); l != nil && l.cell.guard == g {
		return l.cell.id
	}
	return 0
}

// Run calls f on this goroutine, labelled with cell id, and counts it among
// the live goroutines of the cell until f has ended. A panic of f goes on to
// the caller. A stop of the cell ends the goroutine by runtime.Goexit: call
// Run where that is fine, and note the end in a deferred function. A cell that
// was stopped begins anew.
func (g *Guard) Run(id uint64, f func()) {
	c := g.enter(id)
	defer g.leave(c)
	old := getProfLabel()
	setLabel(c.label)
	defer setProfLabel(old)
	f()
}

// Start is Run on a new goroutine, which counts at once: a stop finds the cell
// even if the goroutine has not begun. One channel is closed at a stop, the
// other at the end of the goroutine, which then no longer counts.
func (g *Guard) Start(id uint64, f func()) (stopped, ended <-chan struct{}) {
	c := g.enter(id)
	end := make(chan struct{})
	go func() {
		defer close(end)
		defer g.leave(c)
		setLabel(c.label)
		f()
	}()
	return c.done, end
}

// Go calls f on a new goroutine of the caller's cell; its panic is the cell's
// error. Without a cell it is a plain go statement.
func (g *Guard) Go(f func()) {
	c := g.caller()
	if c == nil {
		go f()
		return
	}
	g.hold(c)
	go g.guarded(c, f)
}

// Wrap returns f as a callback that native code may run on goroutines of its
// own: it belongs to the caller's cell and its panic is the cell's error. Once
// the cell has been stopped the callback does nothing, so that no statement of
// an interrupted cell runs later.
func (g *Guard) Wrap(f func()) func() {
	c := g.caller()
	if c == nil || f == nil {
		return f
	}
	return func() {
		if c.stop.Load() {
			return
		}
		g.hold(c)
		if l := current(); l != nil && l.cell == c {
			g.guarded(c, f) // a child of the cell, as WaitGroup.Go makes one
			return
		}
		// Goexit at a stop must not end a goroutine that native code still
		// needs, so the callback has one of its own.
		done := make(chan struct{})
		go func() {
			defer close(done)
			g.guarded(c, f)
		}()
		<-done
	}
}

// guarded runs f for c, which the caller holds, to the end of its goroutine.
func (g *Guard) guarded(c *cell, f func()) {
	if l := current(); l == nil || l.cell != c {
		setLabel(c.label)
	}
	Watch()
	defer g.leave(c)
	defer func() {
		if v := recover(); v != nil {
			g.panicked(c, v)
		}
	}()
	f()
}

func (g *Guard) panicked(c *cell, v any) {
	g.mu.Lock()
	report := g.onPanic
	g.mu.Unlock()
	if report == nil {
		panic(v)
	}
	if !c.stop.Load() { // what a goroutine says after the stop is an echo of it
		report(c.id, v, debug.Stack())
	}
	g.halt(c)
}

// OnPanic sets what hears of a panic in a goroutine that Go or Wrap started,
// on that goroutine; the cell is stopped afterwards, as a Go program would end.
// Without it such a panic ends the process. A session sets it for itself.
func (g *Guard) OnPanic(report func(id uint64, v any, stack []byte)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.onPanic = report
}

// Exit is os.Exit for cells: it ends the caller's cell in place of the process,
// without its deferred functions where those ask Exited, and is told to OnPanic
// as an ExitStatus.
func (g *Guard) Exit(code int) {
	c := g.caller()
	if c == nil {
		panic(ExitStatus(code))
	}
	g.mu.Lock()
	report := g.onPanic
	g.mu.Unlock()
	if report != nil && !c.stop.Load() {
		report(c.id, ExitStatus(code), nil)
	}
	c.exited.Store(true)
	g.halt(c)
	g.Check()
	runtime.Goexit() // a second exit, from a deferred function of the first
}

// Exited tells whether the calling goroutine's cell was ended by Exit.
func (g *Guard) Exited() bool {
	c := g.caller()
	return c != nil && c.exited.Load()
}

// ExitStatus is what a cell that called os.Exit ended with.
type ExitStatus int

func (e ExitStatus) Error() string { return fmt.Sprintf("os.Exit(%d)", int(e)) }

// Live returns the cells that have guarded goroutines, in ascending order.
func (g *Guard) Live() []uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	ids := make([]uint64, 0, len(g.cells))
	for id := range g.cells {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, cmp.Compare[uint64])
	return ids
}

func (g *Guard) caller() *cell {
	if l := current(); l != nil && l.cell.guard == g {
		return l.cell
	}
	return nil
}

// enter counts one more goroutine of cell id, new if it has none.
func (g *Guard) enter(id uint64) *cell {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.cells[id]
	if c == nil || c.stop.Load() {
		c = &cell{guard: g, id: id, done: make(chan struct{})}
		c.label = newLabel(c)
		g.cells[id] = c
	}
	c.live++
	return c
}

// hold counts one more goroutine of c, which may have had none for a while (a
// timer fires after the cell has ended).
func (g *Guard) hold(c *cell) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.live == 0 {
		if g.cells[c.id] == nil {
			g.cells[c.id] = c
		}
		if c.stop.Load() {
			g.raise(c)
		}
	}
	c.live++
}

func (g *Guard) leave(c *cell) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.live--; c.live > 0 {
		return
	}
	if g.cells[c.id] == c {
		delete(g.cells, c.id)
	}
	if c.stop.Load() {
		delete(g.halted, c)
		g.settle()
	}
}
