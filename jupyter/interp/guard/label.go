package guard

import (
	"strconv"
	"time"
	"unsafe"
)

// The runtime keeps one pointer a goroutine that children inherit: the labels
// of the profiler. Both functions are marked in the runtime as reachable by
// linkname, so no linker flag is needed; label.s lets them have no body.

//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

//go:linkname setProfLabel runtime/pprof.runtime_setProfLabel
func setProfLabel(unsafe.Pointer)

type pair struct{ key, value string }

// label is what the runtime's pointer points to. Its first field has the
// layout of runtime/pprof's labelMap, a slice of string pairs, so that a
// profile taken meanwhile reads valid labels; what is ours follows.
type label struct {
	list    []pair
	cell    *cell
	exiting bool      // the goroutine ends; its deferred functions run
	until   time.Time // Check lets them run until here
}

// labelKey is known by the address of its bytes, which no label of pprof.Do
// shares, even one of equal text.
var labelKey = string([]byte("surprisal.cell"))

func newLabel(c *cell) *label {
	return &label{list: []pair{{labelKey, strconv.FormatUint(c.id, 10)}}, cell: c}
}

// current returns the label of the calling goroutine, nil if it has none or
// somebody else's.
func current() *label {
	p := getProfLabel()
	if p == nil {
		return nil
	}
	list := *(*[]pair)(p)
	if len(list) != 1 || unsafe.StringData(list[0].key) != unsafe.StringData(labelKey) {
		return nil
	}
	return (*label)(p)
}

func setLabel(l *label) { setProfLabel(unsafe.Pointer(l)) }

// exit labels the calling goroutine as one that ends.
func (l *label) exit() {
	setLabel(&label{list: l.list, cell: l.cell, exiting: true, until: time.Now().Add(Grace)})
}
