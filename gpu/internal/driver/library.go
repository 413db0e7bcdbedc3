//go:build linux && (amd64 || arm64)

package driver

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library calls functions of libcuda. What the driver reads or writes during a
// call lies in a frame on the heap, which never moves as a stack does; frames are
// pooled, so a call allocates nothing. purego passes all arguments whatever their
// number: more than a function takes do no harm.
type library struct{ frames sync.Pool }

type frame struct {
	args  [11]uintptr
	extra [5]uintptr // of a launch
	size  uintptr
	word  [2]uint64      // written by the driver
	ptr   unsafe.Pointer // the same, memory that is not Go's
}

func (l *library) frame() *frame {
	f, _ := l.frames.Get().(*frame)
	if f == nil {
		f = new(frame)
	}
	return f
}

func (l *library) done(f *frame) {
	f.word, f.ptr = [2]uint64{}, nil
	l.frames.Put(f)
}

func (f *frame) call(fn uintptr) Code {
	r, _, _ := purego.SyscallN(fn, f.args[:]...)
	runtime.KeepAlive(f)
	return Code(int32(uint32(r)))
}

// addr is the address of something inside a frame, or of something else on the heap
// that outlives the call.
func addr[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// plain calls a function that writes nothing of ours. What an argument was
// converted from in the call stays where it is until it returns.
//
//go:uintptrescapes
//go:noinline
func (l *library) plain(fn, a, b, c, d uintptr) Code {
	f := l.frame()
	f.args = [11]uintptr{a, b, c, d}
	code := f.call(fn)
	l.done(f)
	return code
}

// word calls a function whose first argument takes a number.
//
//go:uintptrescapes
//go:noinline
func (l *library) word(fn, a, b, c uintptr) (uint64, Code) {
	f := l.frame()
	f.args = [11]uintptr{addr(&f.word[0]), a, b, c}
	code := f.call(fn)
	v := f.word[0]
	l.done(f)
	return v, code
}

// start is the address of a slice's elements.
func start(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }

// cstring is name with a NUL, on the heap.
func cstring(name string) []byte { return append([]byte(name), 0) }

// gostring copies what lies before the first NUL.
func gostring(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}
