package info

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// later runs f beside the caller, who asks for its result when it is needed.
func later[T any](threads int, f func() T) func() T {
	once := sync.OnceValue(f)
	if threads != 1 {
		go once()
	}
	return once
}

// worthSharing is how many values make work for another core: a goroutine takes
// some microseconds to begin.
const worthSharing = 4096

// each does f for 0 to n-1, of so many values each, on as many cores as e may use.
func (e KSG) each(n, values int, f func(int)) {
	threads := e.Threads
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	if threads = min(threads, n); n*values < worthSharing {
		threads = 1
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	var all sync.WaitGroup
	for range threads - 1 {
		all.Go(work)
	}
	work()
	all.Wait()
}
