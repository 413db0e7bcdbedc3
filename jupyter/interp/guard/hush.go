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
// caller needs is let go by Breath.
func (g *Guard) Hush() (over func()) {
	h := &hush{make(chan struct{}), time.Now().Add(Breath)}
	if !g.hush.CompareAndSwap(nil, h) {
		return func() {} // somebody else's has just begun
	}
	g.mu.Lock()
	busy := len(g.cells) > 0
	*g.flag = *g.flag || busy
	g.mu.Unlock()
	return func() {
		g.hush.Store(nil)
		close(h.over)
		if busy {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.settle()
		}
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
