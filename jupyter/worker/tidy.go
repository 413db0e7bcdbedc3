package worker

import (
	"runtime/debug"
	"runtime/metrics"
)

// grown is how much cells must have allocated for a collection to follow. The
// runtime alone would let a cell that makes 100 MB and is run again and again
// reach four times that, and keep it: it collects while the old and the new
// copy are both alive.
const grown = 64 << 20

// tidier collects what cells have left behind and gives it back to the system,
// beside whatever comes next.
type tidier chan struct{}

func newTidier() tidier {
	t := make(tidier, 1)
	last := allocated()
	go func() {
		for range t {
			if allocated() > last+grown {
				debug.FreeOSMemory()
				last = allocated()
			}
		}
	}()
	return t
}

// after is called when a cell has ended and its reply is on its way.
func (t tidier) after() {
	select {
	case t <- struct{}{}:
	default: // one that has not begun will see this cell's, too
	}
}

// allocated is what this process has ever allocated, in bytes.
func allocated() uint64 {
	m := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64()
}
