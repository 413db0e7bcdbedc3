package device

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"surprisal/gpu/internal/driver"
)

// flags are words of pinned memory that kernels read in place: a kernel that runs
// for long looks at one, and ends when it is no longer 0.
type flags struct {
	mu      sync.Mutex
	memory  []byte
	address driver.Address
	idle    []int // numbers of words
}

// A word lies in a line of its own, so that raising one disturbs no other.
const (
	flagBytes = 64
	flagWords = 64
)

// Flag is raised when a context ends.
type Flag struct {
	d       *Device
	number  int
	address driver.Address
	stop    func() bool
	closed  bool
}

// Flag is lowered now and raised when ctx ends. Close gives it back, once no kernel
// reads it.
func (t *Thread) Flag(ctx context.Context) (*Flag, error) {
	if err := t.alive(); err != nil {
		return nil, err
	}
	f := &t.d.flags
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.memory == nil {
		if err := f.make(t); err != nil {
			return nil, err
		}
	}
	if len(f.idle) == 0 {
		return nil, outOfMemory{fmt.Errorf("gpu: all %d flags are in use", flagWords)}
	}
	n := f.idle[len(f.idle)-1]
	f.idle = f.idle[:len(f.idle)-1]
	atomic.StoreUint32(f.word(n), 0)
	flag := &Flag{d: t.d, number: n, address: f.address + driver.Address(n*flagBytes)}
	flag.stop = context.AfterFunc(ctx, flag.raise)
	return flag, nil
}

// Address is what a kernel is given.
func (f *Flag) Address() uint64 { return uint64(f.address) }

// Close gives the flag back.
func (f *Flag) Close() {
	f.stop()
	l := &f.d.flags
	l.mu.Lock()
	defer l.mu.Unlock()
	if !f.closed {
		l.idle = append(l.idle, f.number)
	}
	f.closed = true
}

// raise runs on a goroutine of its own, so it may come late.
func (f *Flag) raise() {
	l := &f.d.flags
	l.mu.Lock()
	defer l.mu.Unlock()
	if !f.closed && l.memory != nil {
		atomic.StoreUint32(l.word(f.number), 1)
	}
}

func (f *flags) make(t *Thread) error {
	m, code := t.d.calls.HostAlloc(flagBytes*flagWords, driver.HostPortable|driver.HostMapped)
	if code != driver.Success {
		return t.d.failed("HostAlloc", code)
	}
	a, code := t.d.calls.HostDeviceAddress(m)
	if code != driver.Success {
		err := t.d.failed("HostDeviceAddress", code)
		t.d.try("HostFree", func() driver.Code { return t.d.calls.HostFree(m) })
		return err
	}
	f.memory, f.address = m, a
	for n := range flagWords {
		f.idle = append(f.idle, n)
	}
	return nil
}

func (f *flags) word(n int) *uint32 { return (*uint32)(unsafe.Pointer(&f.memory[n*flagBytes])) }

func (f *flags) close(d *Device) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.memory != nil {
		err = d.try("HostFree", func() driver.Code { return d.calls.HostFree(f.memory) })
	}
	f.memory, f.idle = nil, nil
	return err
}
