package guard

import "time"

// Breath is how long a Hush holds goroutines at most.
const Breath = 20 * time.Millisecond

// hush is a time in which the goroutines of cells wait.
type hush struct {
	over  chan struct{}
	until time.Time
}

// Hush holds the goroutines of cells at their next poll until the function that
// it returns is called, but no longer than Breath: a question that takes a
// millisecond of work is answered in about that time, however many goroutines
// are at work on all cores. Native code goes on. What holds a lock that the
// caller needs is let go by Breath. Cells go on for a quarter of the time before
// the next: a hush that comes sooner holds nothing, nor does one during another.
func (g *Guard) Hush() (over func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	start := time.Now()
	if g.hush.Load() != nil || start.Before(g.rest) {
		return func() {}
	}
	h := &hush{make(chan struct{}), start.Add(Breath)}
	g.hush.Store(h)
	*g.flag = *g.flag || len(g.cells) > 0
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hush.Store(nil)
		g.rest = time.Now().Add(time.Since(start) / 4)
		close(h.over)
		g.settle()
	}
}

// wait returns when the hush is over, or stop is closed.
func (h *hush) wait(stop <-chan struct{}) {
	left := time.Until(h.until)
	if left <= 0 {
		return
	}
	t := time.NewTimer(left)
	defer t.Stop()
	select {
	case <-h.over:
	case <-stop:
	case <-t.C:
	}
}
