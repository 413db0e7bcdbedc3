package device

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"surprisal/gpu/internal/driver"
)

// flags are words of pinned memory that kernels read in place: a kernel that runs
// for long looks at one, and ends when it is no longer 0. Since a look across the bus
// takes a microsecond, and all that look stand in one line, few blocks do: those
// tell the others in the memory of the device. There a flag is a slot of two words,
// whether a block has seen it up, and where the word of the host is.
type flags struct {
	mu     sync.Mutex
	memory []byte
	slots  driver.Address
	idle   []int // numbers
}

// A word lies in a line of its own, so that raising one disturbs no other.
const (
	flagBytes = 64
	flagWords = 64
	slotBytes = 16
)

// Flag is raised when a context ends.
type Flag struct {
	d      *Device
	number int
	slot   driver.Address
	stop   func() bool
	closed bool
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
	flag := &Flag{d: t.d, number: n, slot: f.slots + driver.Address(n*slotBytes)}
	flag.stop = context.AfterFunc(ctx, flag.raise)
	return flag, nil
}

// Address is what a kernel is given.
func (f *Flag) Address() uint64 { return uint64(f.slot) }

// Close gives the flag back.
func (f *Flag) Close() {
	f.stop()
	l := &f.d.flags
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.closed || l.memory == nil {
		return
	}
	f.closed = true
	if atomic.LoadUint32(l.word(f.number)) != 0 {
		// A block may have seen it. If that cannot be undone nobody else gets it.
		if f.d.Do(func(t *Thread) error { return l.fill(t, f.number, f.number+1) }) != nil {
			return
		}
	}
	l.idle = append(l.idle, f.number)
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
	f.memory = m
	f.slots, code = t.d.calls.MemAlloc(slotBytes * flagWords)
	err := t.d.failed("MemAlloc", code)
	if err == nil {
		err = f.fill(t, 0, flagWords)
	}
	if err != nil {
		f.close(t.d)
		return err
	}
	for n := range flagWords {
		f.idle = append(f.idle, n)
	}
	return nil
}

// fill makes slots as if nobody had seen their flags, and waits for it.
func (f *flags) fill(t *Thread, from, to int) error {
	a, code := t.d.calls.HostDeviceAddress(f.memory)
	if code != driver.Success {
		return t.d.failed("HostDeviceAddress", code)
	}
	var words []uint64
	for n := from; n < to; n++ {
		words = append(words, 0, uint64(a)+uint64(n*flagBytes))
	}
	s, err := t.Stream()
	if err != nil {
		return err
	}
	defer s.Release()
	b := Buffer[uint64]{f.slots + driver.Address(from*slotBytes), len(words)}
	if err := Write(t, s, b, words); err != nil {
		return err
	}
	return t.Wait(context.Background(), s)
}

func (f *flags) word(n int) *uint32 { return (*uint32)(unsafe.Pointer(&f.memory[n*flagBytes])) }

func (f *flags) shut(d *Device) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.close(d)
}

func (f *flags) close(d *Device) (err error) {
	if f.slots != 0 {
		err = d.try("MemFree", func() driver.Code { return d.calls.MemFree(f.slots) })
	}
	if f.memory != nil {
		err = errors.Join(err, d.try("HostFree", func() driver.Code { return d.calls.HostFree(f.memory) }))
	}
	f.memory, f.slots, f.idle = nil, 0, nil
	return err
}
