package drivertest

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"unsafe"

	"surprisal/gpu/internal/driver"
)

// compiled is what the code that LinkComplete makes begins with.
const compiled = "compiled\n"

func (f *Fake) images(c *driver.Calls) {
	c.LinkCreate = func(log *driver.Log) (driver.Link, driver.Code) {
		defer f.locked()()
		l, code := made[driver.Link](f, "LinkCreate", "link")
		if code == driver.Success {
			f.links[l] = &link{log: log}
		}
		return l, code
	}
	c.LinkAddPTX = func(l driver.Link, ptx []byte, name string) driver.Code {
		defer f.locked()()
		if code := f.use("LinkAddPTX"); code != driver.Success {
			copy(f.links[l].log.Error[:], "the compiler's words\x00")
			return code
		}
		text, whole := bytes.CutSuffix(ptx, []byte{0})
		if !whole {
			return driver.InvalidPTX
		}
		var major, minor int
		_, after, _ := strings.Cut(string(text), ".version ")
		fmt.Sscanf(after, "%d.%d", &major, &minor)
		if needs := map[int]int{6: 10000, 7: 11000, 8: 12000}[major]; needs == 0 || needs > cmp.Or(f.Version, 12040) {
			return driver.UnsupportedPTXVersion
		}
		f.links[l].ptx = string(text)
		return driver.Success
	}
	c.LinkComplete = func(l driver.Link) ([]byte, driver.Code) {
		defer f.locked()()
		if code := f.use("LinkComplete"); code != driver.Success {
			return nil, code
		}
		return []byte(compiled + f.links[l].ptx), driver.Success
	}
	c.LinkDestroy = func(l driver.Link) driver.Code {
		defer f.locked()()
		delete(f.links, l)
		return f.gone("LinkDestroy", "link")
	}
	c.ModuleLoad = func(image []byte, log *driver.Log) (driver.Module, driver.Code) {
		defer f.locked()()
		if code := f.use("ModuleLoad"); code != driver.Success {
			return 0, code
		}
		text, ok := strings.CutPrefix(string(image), compiled)
		if !ok {
			copy(log.Error[:], "no code\x00")
			return 0, driver.InvalidImage
		}
		m := driver.Module(f.handle("module"))
		f.modules[m] = text
		return m, driver.Success
	}
	c.ModuleUnload = func(driver.Module) driver.Code { defer f.locked()(); return f.gone("ModuleUnload", "module") }
	c.ModuleGetFunction = func(m driver.Module, name string) (driver.Function, driver.Code) {
		defer f.locked()()
		if code := f.use("ModuleGetFunction"); code != driver.Success {
			return 0, code
		}
		if !strings.Contains(f.modules[m], ".entry "+name+"(") {
			return 0, driver.NotFound
		}
		f.next += 0x100
		f.names[driver.Function(f.next)] = name
		return driver.Function(f.next), driver.Success
	}
}

func (f *Fake) alloc(call string, n uint64) (driver.Address, driver.Code) {
	if code := f.use(call); code != driver.Success {
		return 0, code
	}
	if n == 0 {
		return 0, driver.InvalidValue
	}
	if f.used+n > f.total() {
		return 0, driver.OutOfMemory
	}
	f.live["memory"]++
	f.next = (f.next + 511) / 512 * 512
	a := driver.Address(f.next)
	f.next += n + 512
	f.used += n
	f.memory[a] = make([]byte, n)
	return a, driver.Success
}

func (f *Fake) free(call string, a driver.Address) driver.Code {
	code := f.gone(call, "memory")
	if code == driver.Success {
		f.used -= uint64(len(f.memory[a]))
		delete(f.memory, a)
	}
	return code
}

func (f *Fake) memories(c *driver.Calls) {
	c.MemAlloc = func(n uint64) (driver.Address, driver.Code) { defer f.locked()(); return f.alloc("MemAlloc", n) }
	c.MemFree = func(a driver.Address) driver.Code { defer f.locked()(); return f.free("MemFree", a) }
	c.MemAllocAsync = func(n uint64, _ driver.Stream) (driver.Address, driver.Code) {
		defer f.locked()()
		return f.alloc("MemAllocAsync", n)
	}
	c.MemFreeAsync = func(a driver.Address, _ driver.Stream) driver.Code {
		defer f.locked()()
		return f.free("MemFreeAsync", a)
	}
	c.DefaultPool = func(driver.Device) (driver.Pool, driver.Code) { defer f.locked()(); return 7, f.enter("DefaultPool") }
	c.PoolTrim = func(driver.Pool, uint64) driver.Code { defer f.locked()(); return f.enter("PoolTrim") }
	c.PoolThreshold = func(driver.Pool, uint64) driver.Code { defer f.locked()(); return f.enter("PoolThreshold") }
	c.HostAlloc = func(n uint64, _ uint32) ([]byte, driver.Code) {
		defer f.locked()()
		if code := f.use("HostAlloc"); code != driver.Success {
			return nil, code
		}
		b := make([]byte, n)
		f.host[unsafe.SliceData(b)] = driver.Address(f.handle("pinned memory"))
		return b, driver.Success
	}
	c.HostFree = func(b []byte) driver.Code {
		defer f.locked()()
		delete(f.host, unsafe.SliceData(b))
		return f.gone("HostFree", "pinned memory")
	}
	c.HostDeviceAddress = func(b []byte) (driver.Address, driver.Code) {
		defer f.locked()()
		return f.host[unsafe.SliceData(b)], f.use("HostDeviceAddress")
	}
}

// copy copies if both sides are there.
func copied(dst, src []byte, n uint64) driver.Code {
	if uint64(len(dst)) != n || uint64(len(src)) != n {
		return driver.InvalidValue
	}
	copy(dst, src)
	return driver.Success
}

func (f *Fake) works(c *driver.Calls) {
	c.CopyToDevice = func(dst driver.Address, src []byte, _ driver.Stream) driver.Code {
		defer f.locked()()
		if code := f.use("CopyToDevice"); code != driver.Success {
			return code
		}
		return copied(f.bytes(dst, uint64(len(src))), src, uint64(len(src)))
	}
	c.CopyToHost = func(dst []byte, src driver.Address, _ driver.Stream) driver.Code {
		defer f.locked()()
		if code := f.use("CopyToHost"); code != driver.Success {
			return code
		}
		return copied(dst, f.bytes(src, uint64(len(dst))), uint64(len(dst)))
	}
	c.Fill = func(dst driver.Address, v byte, n uint64, s driver.Stream) driver.Code {
		defer f.locked()()
		return f.do("Fill", s, func() driver.Code { return copied(f.bytes(dst, n), bytes.Repeat([]byte{v}, int(n)), n) })
	}
	c.Launch = func(l *driver.Launch) driver.Code {
		defer f.locked()()
		own := *l
		own.Params = bytes.Clone(l.Params)
		return f.do("Launch", l.Stream, func() driver.Code {
			name, ok := f.names[own.Function]
			if !ok {
				return driver.InvalidHandle
			}
			if f.Run == nil {
				return driver.Success
			}
			f.mu.Unlock() // it may look at memory
			defer f.mu.Lock()
			return f.Run(name, &own)
		})
	}
}

// do does work now, or notes it in the graph that is captured.
func (f *Fake) do(call string, s driver.Stream, work func() driver.Code) driver.Code {
	if code := f.use(call); code != driver.Success {
		return code
	}
	if list := f.captured[s]; list != nil {
		*list = append(*list, work)
		return driver.Success
	}
	return f.die(work())
}

func (f *Fake) capture(c *driver.Calls) {
	c.CaptureBegin = func(s driver.Stream) driver.Code {
		defer f.locked()()
		code := f.use("CaptureBegin")
		if code == driver.Success {
			f.captured[s] = new([]func() driver.Code)
		}
		return code
	}
	c.CaptureEnd = func(s driver.Stream) (driver.Graph, driver.Code) {
		defer f.locked()()
		list := f.captured[s]
		delete(f.captured, s)
		g, code := made[driver.Graph](f, "CaptureEnd", "graph")
		if code == driver.Success {
			f.pending[g] = *list
		}
		return g, code
	}
	c.GraphInstantiate = func(g driver.Graph) (driver.GraphExec, driver.Code) {
		defer f.locked()()
		x, code := made[driver.GraphExec](f, "GraphInstantiate", "graph that runs")
		if code == driver.Success {
			f.graphs[x] = f.pending[g]
		}
		return x, code
	}
	c.GraphLaunch = func(x driver.GraphExec, _ driver.Stream) driver.Code {
		defer f.locked()()
		if code := f.use("GraphLaunch"); code != driver.Success {
			return code
		}
		for _, work := range f.graphs[x] {
			if code := f.die(work()); code != driver.Success {
				return code
			}
		}
		return driver.Success
	}
	c.GraphExecDestroy = func(driver.GraphExec) driver.Code {
		defer f.locked()()
		return f.gone("GraphExecDestroy", "graph that runs")
	}
	c.GraphDestroy = func(driver.Graph) driver.Code { defer f.locked()(); return f.gone("GraphDestroy", "graph") }
}
