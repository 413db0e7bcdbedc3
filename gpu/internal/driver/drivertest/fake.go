package drivertest

import (
	"maps"
	"slices"
	"sync"

	"surprisal/gpu/internal/driver"
)

// Fake is a driver with one kind of device. Set its fields before its Calls are
// used.
type Fake struct {
	Version      int    // of CUDA; 0: 12.4
	Devices      int    // 0: one
	Major, Minor int    // 0: 8.6
	Memory       uint64 // bytes of a device; 0: 1 GiB
	NoPools      bool

	// Fail is asked before each call that could fail: n counts the calls of that
	// name from 1. What it returns is the call's result; nil never fails.
	Fail func(call string, n int) driver.Code
	// Run is what a launch of a kernel does; nil does nothing.
	Run func(kernel string, l *driver.Launch) driver.Code

	mu       sync.Mutex
	calls    map[string]int
	dead     driver.Code // after a sticky code: what everything returns
	after    []string    // calls made when it was dead already
	live     map[string]int
	next     uint64
	memory   map[driver.Address][]byte
	used     uint64
	current  map[int]driver.Context // by thread
	modules  map[driver.Module]string
	links    map[driver.Link]*link
	names    map[driver.Function]string
	events   map[driver.Event]*event
	captured map[driver.Stream]*[]func() driver.Code
	graphs   map[driver.GraphExec][]func() driver.Code
	pending  map[driver.Graph][]func() driver.Code
	held     bool
	host     map[*byte]driver.Address
}

type link struct {
	ptx string
	log *driver.Log
}

type event struct{ held bool }

// Live counts what was made and not given back, by kind; empty is as it should be.
func (f *Fake) Live() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := maps.Clone(f.live)
	maps.DeleteFunc(out, func(_ string, n int) bool { return n == 0 })
	return out
}

// Called counts calls by name.
func (f *Fake) Called(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[call]
}

// AfterDeath names the calls made after one had returned a sticky code.
func (f *Fake) AfterDeath() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.after)
}

// Hold makes events recorded from now on wait for LetGo.
func (f *Fake) Hold() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = true
}

// LetGo lets all events pass.
func (f *Fake) LetGo() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = false
	for _, e := range f.events {
		e.held = false
	}
}

// Bytes is device memory, nil where there is none.
func (f *Fake) Bytes(a driver.Address, n uint64) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes(a, n)
}

func (f *Fake) bytes(a driver.Address, n uint64) []byte {
	for at, b := range f.memory {
		if a >= at && uint64(a-at)+n <= uint64(len(b)) {
			return b[a-at:][:n]
		}
	}
	return nil
}

// call is a call by name: nil where it may go on.
func (f *Fake) enter(call string) driver.Code {
	if f.calls == nil {
		f.calls, f.live, f.memory, f.current = map[string]int{}, map[string]int{}, map[driver.Address][]byte{}, map[int]driver.Context{}
		f.modules, f.links, f.names = map[driver.Module]string{}, map[driver.Link]*link{}, map[driver.Function]string{}
		f.events, f.captured = map[driver.Event]*event{}, map[driver.Stream]*[]func() driver.Code{}
		f.graphs, f.pending = map[driver.GraphExec][]func() driver.Code{}, map[driver.Graph][]func() driver.Code{}
		f.host, f.next = map[*byte]driver.Address{}, 0x10000
	}
	f.calls[call]++
	if f.dead != driver.Success {
		f.after = append(f.after, call)
		return f.dead
	}
	if f.Fail != nil {
		if code := f.Fail(call, f.calls[call]); code != driver.Success {
			return f.die(code)
		}
	}
	return driver.Success
}

func (f *Fake) die(code driver.Code) driver.Code {
	if code.Sticky() {
		f.dead = code
	}
	return code
}

// use is a call that needs a current context.
func (f *Fake) use(call string) driver.Code {
	if code := f.enter(call); code != driver.Success {
		return code
	}
	if f.current[thread()] == 0 {
		return driver.InvalidContext
	}
	return driver.Success
}

// handle is a number for something new of a kind.
func (f *Fake) handle(kind string) uintptr {
	f.live[kind]++
	f.next += 0x100
	return uintptr(f.next)
}

// made is a call that makes something of a kind.
func made[H ~uintptr](f *Fake, call, kind string) (H, driver.Code) {
	if code := f.use(call); code != driver.Success {
		return 0, code
	}
	return H(f.handle(kind)), driver.Success
}

// gone is a call that ends something of a kind.
func (f *Fake) gone(call, kind string) driver.Code {
	if code := f.use(call); code != driver.Success {
		return code
	}
	if f.live[kind]--; f.live[kind] < 0 {
		return driver.InvalidHandle
	}
	return driver.Success
}
