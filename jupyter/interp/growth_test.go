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

// A variable that a cell makes anew each time holds one copy, and nothing that
// the cell ran on holds another.
func TestACellRunAgainKeepsOneCopy(t *testing.T) {
	k := newNotebook(t)
	alive := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := alive()
	const size = 50 << 20
	for _, code := range []string{
		"big := make([]byte, 50<<20)\nfor i := 0; i < len(big); i += 4096 {\n\tbig[i] = 1\n}",
		"big = make([]byte, 50<<20)",
		"big := append([]byte(nil), make([]byte, 50<<20)...)",
		"big := func() []byte { return make([]byte, 50<<20) }()\nlen(big)",
		"big := make([]byte, 50<<20)\nbig[0]",
	} {
		for range 3 {
			k.ok(code)
			if held := alive() - before; held > size+size/4 {
				t.Errorf("%s\nholds %d bytes, want one copy of %d", code, held, size)
			}
		}
	}
}
