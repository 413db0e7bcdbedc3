package worker

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Sizes up to which the collector leaves a heap alone. A young worker lives on
// 3 MB and each cell allocates some 40 KB: at the default pace a fifth of the
// time of short cells goes into marking those 3 MB over and over, on all
// processors. With these sizes both processes stay below 64 MB together.
const (
	FrontHeap  = 8 << 20 // of the process that talks to Jupyter
	workerHeap = 24 << 20
)

// KeepHeap lets the heap of this process grow to n bytes before the collector
// runs; from there on GOGC=100 holds as ever. A GOGC of the environment is left
// alone, and a debug.SetGCPercent of a cell ends it.
func KeepHeap(n int64) {
	if os.Getenv("GOGC") != "" {
		return
	}
	f := &heapFloor{bytes: n, read: []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/globals:bytes"},
		{Name: "/gc/scan/stack:bytes"}, {Name: "/gc/gogc:percent"}}}
	f.percent = gcPercent(n, 0, 0)
	debug.SetGCPercent(f.percent)
	runtime.SetFinalizer(f, (*heapFloor).collected)
}

// heapFloor is unreachable but for its finalizer, which so runs after every
// collection.
type heapFloor struct {
	bytes   int64
	percent int // as set here
	read    []metrics.Sample
}

func (f *heapFloor) collected() {
	m := f.read
	metrics.Read(m)
	if int(m[3].Value.Uint64()) != f.percent {
		return // somebody else's setting
	}
	live, roots := int64(m[0].Value.Uint64()), int64(m[1].Value.Uint64()+m[2].Value.Uint64())
	// To set it stops all goroutines for some 20 µs: not for a few per cent.
	if p := gcPercent(f.bytes, live, roots); 8*max(p-f.percent, f.percent-p) > f.percent {
		f.percent = p
		debug.SetGCPercent(p)
	}
	runtime.SetFinalizer(f, (*heapFloor).collected)
}

// gcPercent is the GOGC with which the next collection starts at floor bytes,
// at least 100. The runtime collects at live + (live+roots)·GOGC/100, and never
// below 4 MiB·GOGC/100.
func gcPercent(floor, live, roots int64) int {
	p := floor * 100 / (4 << 20)
	if live+roots > 0 {
		p = min(p, (floor-live)*100/(live+roots))
	}
	return int(max(p, 100))
}
