package rt

import (
	"sync"
	"time"
)

// Earlier is a panic during which another one began.
type Earlier struct {
	Value     any
	Recovered bool
}

// flights are panics on their way from one function call with deferred calls
// to the next, by goroutine: what a panic's value alone does not tell.
type flights struct {
	mu sync.Mutex
	by map[uint64]flight
}

type flight struct {
	value   any
	earlier []Earlier
	since   time.Time
}

// start notes a panic of the calling goroutine that is about to go on.
func (f *flights) start(v any, earlier []Earlier) {
	id := Goroutine()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.by == nil {
		f.by = map[uint64]flight{}
	}
	f.by[id] = flight{v, earlier, time.Now()}
}

// land returns what v, which the calling goroutine has panicked with, came on
// top of, and notes that its deferred calls run.
func (f *flights) land(v any) []Earlier {
	id := Goroutine()
	f.mu.Lock()
	defer f.mu.Unlock()
	x, ok := f.by[id]
	if f.by == nil {
		f.by = map[uint64]flight{}
	}
	f.by[id] = flight{value: v, since: time.Now()}
	if !ok || !alike(x.value, v) { // native code has recovered that one
		return nil
	}
	return x.earlier
}

// over notes that the calling goroutine panics no more.
func (f *flights) over() {
	id := Goroutine()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.by, id)
}

func alike(a, b any) (yes bool) {
	defer func() {
		if recover() != nil { // they cannot be compared
			yes = true
		}
	}()
	return a == b
}

// Landed returns what the panic v of the calling goroutine came on top of, the
// first one first, and forgets it: nothing will run it any more.
func (r *Runtime) Landed(v any) []Earlier {
	e := r.flight.land(v)
	r.flight.over()
	return e
}

// stale is how long a panic may take to end its goroutine before nobody waits
// for that any more: native code may have recovered it.
const stale = 100 * time.Millisecond

// Panicking tells whether some goroutine runs the deferred calls of a panic that
// has begun just now.
func (r *Runtime) Panicking() bool {
	r.flight.mu.Lock()
	defer r.flight.mu.Unlock()
	for id, x := range r.flight.by {
		if time.Since(x.since) < stale {
			return true
		}
		delete(r.flight.by, id)
	}
	return false
}
