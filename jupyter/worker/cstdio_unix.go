//go:build linux || darwin

package worker

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// openC makes C's stdout line buffered, so that lines of C and of Go keep
// their order even between two markers, and returns what flushes it. A pipe
// would be block buffered. Where there is no C library, nothing prints by it.
func openC() (flush func()) {
	nothing := func() {}
	name, file := "libc.so.6", "stdout"
	if runtime.GOOS == "darwin" {
		name, file = "/usr/lib/libSystem.B.dylib", "__stdoutp"
	}
	h, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nothing
	}
	fflush, err := purego.Dlsym(h, "fflush")
	if err != nil {
		return nothing
	}
	setvbuf, err := purego.Dlsym(h, "setvbuf")
	if err != nil {
		return nothing
	}
	p, err := purego.Dlsym(h, file)
	if err != nil {
		return nothing
	}
	stdout := **(**uintptr)(unsafe.Pointer(&p))
	const lineBuffered = 1
	purego.SyscallN(setvbuf, stdout, 0, lineBuffered, 4096)
	// A worker that has never called C has nothing to flush, and to look would
	// cost a call that wakes the scheduler's watchdog. A call that goes on counts
	// from its start, so that what it has written so far is flushed too.
	own := runtime.NumCgoCall()
	return func() {
		if runtime.NumCgoCall() == own {
			return
		}
		purego.SyscallN(fflush, stdout)
	}
}
