package drivertest

import (
	"cmp"
	"fmt"

	"surprisal/gpu/internal/driver"
)

// Calls is the table.
func (f *Fake) Calls() *driver.Calls {
	c := new(driver.Calls)
	f.devices(c)
	f.contexts(c)
	f.images(c)
	f.memories(c)
	f.streams(c)
	f.works(c)
	f.capture(c)
	return c
}

// locked is the mutex, for one call.
func (f *Fake) locked() func() { f.mu.Lock(); return f.mu.Unlock }

func (f *Fake) devices(c *driver.Calls) {
	c.Init = func() driver.Code { defer f.locked()(); return f.enter("Init") }
	c.Version = func() (int, driver.Code) { defer f.locked()(); return cmp.Or(f.Version, 12040), f.enter("Version") }
	c.ErrorString = func(code driver.Code) string { return fmt.Sprintf("the fake driver's words for %d", code) }
	c.DeviceCount = func() (int, driver.Code) {
		defer f.locked()()
		return max(0, cmp.Or(f.Devices, 1)), f.enter("DeviceCount")
	}
	c.DeviceGet = func(i int) (driver.Device, driver.Code) {
		defer f.locked()()
		return driver.Device(i), f.enter("DeviceGet")
	}
	c.DeviceName = func(d driver.Device) (string, driver.Code) {
		defer f.locked()()
		return fmt.Sprintf("Fake %d", d), f.enter("DeviceName")
	}
	c.DeviceUUID = func(d driver.Device) ([16]byte, driver.Code) {
		defer f.locked()()
		return [16]byte{15: byte(d)}, f.enter("DeviceUUID")
	}
	c.DeviceTotalMem = func(driver.Device) (uint64, driver.Code) {
		defer f.locked()()
		return f.total(), f.enter("DeviceTotalMem")
	}
	c.DeviceAttribute = func(a driver.Attribute, _ driver.Device) (int, driver.Code) {
		defer f.locked()()
		v := map[driver.Attribute]int{driver.ComputeMajor: cmp.Or(f.Major, 8), driver.ComputeMinor: f.Minor, driver.Multiprocessors: 4, driver.MemoryPools: 1}[a]
		if a == driver.ComputeMinor && f.Major == 0 {
			v = 6
		}
		if a == driver.MemoryPools && f.NoPools {
			v = 0
		}
		return v, f.enter("DeviceAttribute")
	}
}

func (f *Fake) total() uint64 { return cmp.Or(f.Memory, 1<<30) }

func (f *Fake) contexts(c *driver.Calls) {
	c.PrimaryCtxSetFlags = func(driver.Device, uint32) driver.Code { defer f.locked()(); return f.enter("PrimaryCtxSetFlags") }
	c.PrimaryCtxRetain = func(d driver.Device) (driver.Context, driver.Code) {
		defer f.locked()()
		if code := f.enter("PrimaryCtxRetain"); code != driver.Success {
			return 0, code
		}
		f.live["context"]++
		return driver.Context(0x1000 + uintptr(d)), driver.Success
	}
	c.PrimaryCtxRelease = func(driver.Device) driver.Code {
		defer f.locked()()
		code := f.enter("PrimaryCtxRelease")
		if code == driver.Success {
			f.live["context"]--
		}
		return code
	}
	c.CtxSetCurrent = func(x driver.Context) driver.Code {
		defer f.locked()()
		code := f.enter("CtxSetCurrent")
		if code == driver.Success {
			f.current[thread()] = x
		}
		return code
	}
	c.CtxSynchronize = func() driver.Code { defer f.locked()(); return f.use("CtxSynchronize") }
	c.MemInfo = func() (free, total uint64, code driver.Code) {
		defer f.locked()()
		return f.total() - f.used, f.total(), f.use("MemInfo")
	}
}

func (f *Fake) streams(c *driver.Calls) {
	c.StreamCreate = func(uint32) (driver.Stream, driver.Code) {
		defer f.locked()()
		return made[driver.Stream](f, "StreamCreate", "stream")
	}
	c.StreamDestroy = func(driver.Stream) driver.Code { defer f.locked()(); return f.gone("StreamDestroy", "stream") }
	c.StreamSynchronize = func(driver.Stream) driver.Code { defer f.locked()(); return f.use("StreamSynchronize") }
	c.StreamWaitEvent = func(driver.Stream, driver.Event) driver.Code { defer f.locked()(); return f.use("StreamWaitEvent") }
	c.EventCreate = func(uint32) (driver.Event, driver.Code) {
		defer f.locked()()
		e, code := made[driver.Event](f, "EventCreate", "event")
		if code == driver.Success {
			f.events[e] = new(event)
		}
		return e, code
	}
	c.EventDestroy = func(e driver.Event) driver.Code {
		defer f.locked()()
		delete(f.events, e)
		return f.gone("EventDestroy", "event")
	}
	c.EventRecord = func(e driver.Event, _ driver.Stream) driver.Code {
		defer f.locked()()
		code := f.use("EventRecord")
		if code == driver.Success {
			f.events[e].held = f.held
		}
		return code
	}
	c.EventQuery = func(e driver.Event) driver.Code {
		defer f.locked()()
		code := f.use("EventQuery")
		if code == driver.Success && f.events[e].held {
			return driver.NotReady
		}
		return code
	}
	c.EventElapsed = func(_, _ driver.Event) (float32, driver.Code) { defer f.locked()(); return 0.5, f.use("EventElapsed") }
}
