package interp

import (
	"runtime"
	"testing"
)

// A client that runs cells in a loop must not fill the memory with cells that
// nothing can reach. What stays of each is its text, for tracebacks, and its
// places in the files of positions.
func TestCellsLeaveLittleBehind(t *testing.T) {
	k := newNotebook(t)
	alive := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const cells, most = 500, 4 << 10
	k.ok("n := 0")
	before := alive()
	for range cells {
		k.ok("n++\nfor i := range 3 { n += i }\nn")
	}
	if each := (alive() - before) / cells; each > most {
		t.Errorf("each cell leaves %d bytes behind, want at most %d", each, most)
	}
	k.ok("n")
}
