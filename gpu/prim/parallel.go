package prim

import (
	"context"
	"sync"
	"sync/atomic"
)

// halt is a flag that ctx raises: cheap enough to look at in inner loops.
type halt struct{ raised atomic.Bool }

// watch returns the flag and what ends its watching.
func watch(ctx context.Context) (*halt, func() bool) {
	h := new(halt)
	if ctx.Err() != nil {
		h.raised.Store(true)
		return h, func() bool { return true }
	}
	return h, context.AfterFunc(ctx, func() { h.raised.Store(true) })
}

func (h *halt) now() bool { return h.raised.Load() }

// block is how many values a pass handles between two looks at the flag: at 3
// to 20 ns each, 1 to 5 ms.
const block = 1 << 18

// each calls do(worker, i) for every i below n on so many goroutines, in any
// order, until all are done or the flag is up. A panic is the caller's.
func (h *halt) each(threads, n int, do func(worker, i int)) {
	threads = min(threads, n)
	if threads <= 1 {
		for i := 0; i < n && !h.now(); i++ {
			do(0, i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	panics := make(chan any, threads)
	for w := range threads {
		wg.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					h.raised.Store(true)
					panics <- v
				}
			}()
			for !h.now() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(w, i)
			}
		})
	}
	wg.Wait()
	select {
	case v := <-panics:
		panic(v)
	default:
	}
}
