package ptx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"surprisal/gpu/internal/driver"
)

// Simulator is a Machine behind the driver's table of calls: one device, whose
// work is done by the processor and checked. The zero value is of compute
// capability 8.0 with 4 GiB.
//
// Work that is given to a stream is done as late as it may be: when somebody waits
// for it, or step by step when somebody asks for it. So a host that frees or
// changes memory too early, or an order between streams that is missing, shows.
type Simulator struct {
	Major, Minor int
	Memory       uint64 // bytes of the device
	Machine      Machine

	mu       sync.Mutex
	next     uintptr
	used     uint64
	sizes    map[driver.Address]uint64
	host     map[*byte]hostMemory
	modules  map[driver.Module]*Module
	programs map[driver.Function]*Program
	links    map[driver.Link]*link
	streams  map[driver.Stream]*stream
	events   map[driver.Event]*event
	graphs   map[driver.Graph][]work
	execs    map[driver.GraphExec][]work
	retained int
	broken   driver.Code // sticky
	says     map[driver.Code]string
}

type hostMemory struct{ address uint64 } // 0 until a device wants it

// work is done in its turn.
type work struct {
	do   func() driver.Code
	wait *record // or goes on when this has passed
}

type stream struct {
	queue     []work
	capturing bool
	captured  []work
}

// event is what was last recorded, nil before. Whoever waits for an event waits for
// that record, whatever the event is recorded for afterwards.
type event struct{ last *record }

type record struct {
	in     *stream
	passed bool
	at     time.Time
}

// Live counts what has been made and not been given back, by kind.
func (s *Simulator) Live() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	live := map[string]int{}
	for kind, n := range map[string]int{"allocations": len(s.sizes), "host allocations": len(s.host), "modules": len(s.modules), "links": len(s.links),
		"streams": len(s.streams), "events": len(s.events), "graphs": len(s.graphs) + len(s.execs), "contexts": s.retained} {
		if n != 0 {
			live[kind] = n
		}
	}
	return live
}

// Calls is the table. All of its calls may come from any thread.
func (s *Simulator) Calls() *driver.Calls {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Major == 0 {
		s.Major = 8
	}
	if s.Memory == 0 {
		s.Memory = 4 << 30
	}
	s.sizes, s.host = map[driver.Address]uint64{}, map[*byte]hostMemory{}
	s.modules, s.programs, s.links = map[driver.Module]*Module{}, map[driver.Function]*Program{}, map[driver.Link]*link{}
	s.streams, s.events = map[driver.Stream]*stream{}, map[driver.Event]*event{}
	s.graphs, s.execs = map[driver.Graph][]work{}, map[driver.GraphExec][]work{}
	s.says = map[driver.Code]string{}
	c := &driver.Calls{}
	s.deviceCalls(c)
	s.contextCalls(c)
	s.moduleCalls(c)
	s.linkCalls(c)
	s.memoryCalls(c)
	s.streamCalls(c)
	s.graphCalls(c)
	return c
}

// locked is how every call begins: alone, and on a context that is not lost.
func (s *Simulator) locked(f func() driver.Code) driver.Code {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != driver.Success {
		return s.broken
	}
	return f()
}

// fails notes what a code means this time.
func (s *Simulator) fails(code driver.Code, format string, args ...any) driver.Code {
	s.says[code] = fmt.Sprintf(format, args...)
	if code.Sticky() && s.broken == driver.Success {
		s.broken = code
	}
	return code
}

func (s *Simulator) handle() uintptr {
	s.next += 16
	return s.next
}

func (s *Simulator) deviceCalls(c *driver.Calls) {
	c.Init = func() driver.Code { return driver.Success }
	c.Version = func() (int, driver.Code) { return 12080, driver.Success }
	c.ErrorString = func(code driver.Code) string {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.says[code]
	}
	c.DeviceCount = func() (int, driver.Code) { return 1, driver.Success }
	c.DeviceGet = func(i int) (driver.Device, driver.Code) {
		if i != 0 {
			return 0, driver.InvalidDevice
		}
		return 0, driver.Success
	}
	c.DeviceName = func(driver.Device) (string, driver.Code) { return "simulator", driver.Success }
	c.DeviceUUID = func(driver.Device) ([16]byte, driver.Code) {
		return [16]byte([]byte("simulated device")), driver.Success
	}
	c.DeviceTotalMem = func(driver.Device) (uint64, driver.Code) { return s.Memory, driver.Success }
	c.DeviceAttribute = func(a driver.Attribute, _ driver.Device) (int, driver.Code) {
		v, ok := map[driver.Attribute]int{
			driver.Multiprocessors: 4, driver.ComputeMajor: s.Major, driver.ComputeMinor: s.Minor, driver.MemoryPools: 1,
		}[a]
		if !ok {
			return 0, driver.InvalidValue
		}
		return v, driver.Success
	}
}

func (s *Simulator) contextCalls(c *driver.Calls) {
	c.PrimaryCtxSetFlags = func(driver.Device, uint32) driver.Code { return driver.Success }
	c.PrimaryCtxRetain = func(driver.Device) (x driver.Context, code driver.Code) {
		return 1, s.locked(func() driver.Code { s.retained++; return driver.Success })
	}
	c.PrimaryCtxRelease = func(driver.Device) driver.Code {
		return s.locked(func() driver.Code {
			if s.retained == 0 {
				return s.fails(driver.InvalidContext, "a context that nobody holds is given back")
			}
			s.retained--
			return driver.Success
		})
	}
	c.CtxSetCurrent = func(driver.Context) driver.Code {
		return s.locked(func() driver.Code { return driver.Success })
	}
	c.CtxSynchronize = func() driver.Code {
		return s.locked(func() driver.Code {
			for _, q := range s.streams {
				if code := s.finish(q); code != driver.Success {
					return code
				}
			}
			return driver.Success
		})
	}
	c.MemInfo = func() (free, total uint64, code driver.Code) {
		code = s.locked(func() driver.Code { free, total = s.Memory-s.used, s.Memory; return driver.Success })
		return free, total, code
	}
}

// drop gives a handle back.
func drop[H comparable, V any](s *Simulator, all map[H]V, h H) driver.Code {
	return s.locked(func() driver.Code {
		if _, ok := all[h]; !ok {
			return s.fails(driver.InvalidHandle, "what is given back was never made, or was given back before")
		}
		delete(all, h)
		return driver.Success
	})
}

// launch runs a kernel.
func (s *Simulator) launch(p *Program, k driver.Launch) driver.Code {
	dim := func(d [3]uint32) Dim { return Dim{int(d[0]), int(d[1]), int(d[2])} }
	l := Launch{Grid: dim(k.Grid), Block: dim(k.Block), Shared: int(k.Shared), Params: k.Params}
	err := s.Machine.Launch(context.Background(), p, l)
	var f *Fault
	if !errors.As(err, &f) {
		if err != nil {
			return s.fails(driver.LaunchFailed, "%v", err)
		}
		return driver.Success
	}
	code := driver.LaunchFailed
	switch f.Kind {
	case OutOfBounds:
		code = driver.IllegalAddress
	case Misaligned:
		code = driver.MisalignedAddress
	case Endless:
		code = driver.LaunchTimeout
	}
	return s.fails(code, "%v", f)
}
