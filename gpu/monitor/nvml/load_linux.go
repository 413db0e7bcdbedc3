//go:build linux && (amd64 || arm64)

package nvml

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// names of the library, as distributions, containers and WSL have it.
var names = []string{"libnvidia-ml.so.1", "libnvidia-ml.so", "/usr/lib/wsl/lib/libnvidia-ml.so.1"}

// Load opens the library, the first of paths that can be opened; without paths
// the system's. Its error speaks of the first. Symbols are looked up now and bound where they are.
func Load(paths ...string) (Calls, error) {
	if len(paths) == 0 {
		paths = names
	}
	runtime.LockOSThread() // the text of a failure belongs to the thread
	defer runtime.UnlockOSThread()
	var first error
	for _, p := range paths {
		// RTLD_NOW would refuse a library of which a symbol that nobody calls is
		// missing.
		lib, err := purego.Dlopen(p, purego.RTLD_LAZY|purego.RTLD_LOCAL)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		return bind(p, func(name string) uintptr {
			f, err := purego.Dlsym(lib, name)
			if err != nil {
				return 0
			}
			return f
		})
	}
	// dlerror's text begins with the name.
	text := strings.TrimPrefix(first.Error(), paths[0]+": ")
	return Calls{}, fmt.Errorf("no NVIDIA driver was found: its library %s could not be opened (%s)", paths[0], text)
}

// bind makes the table of calls. Of functions with versions the newest that
// takes our structures comes first.
func bind(library string, find func(name string) uintptr) (Calls, error) {
	var c Calls
	first := func(names ...string) uintptr {
		for _, n := range names {
			if f := find(n); f != 0 {
				return f
			}
		}
		return 0
	}
	start, count, handle := first("nvmlInit_v2", "nvmlInit"), first("nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"), first("nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex")
	if start == 0 || count == 0 || handle == 0 {
		return c, fmt.Errorf("%s lacks nvmlInit, nvmlDeviceGetCount or nvmlDeviceGetHandleByIndex: it is no driver library that can be used; install the NVIDIA driver again", library)
	}
	c.Init = func() Return { return call(start) }
	c.Count = func(n *uint32) Return { return call(count, uintptr(unsafe.Pointer(n))) }
	c.Handle = func(i uint32, h *Handle) Return { return call(handle, uintptr(i), uintptr(unsafe.Pointer(h))) }
	if f := find("nvmlShutdown"); f != 0 {
		c.Shutdown = func() Return { return call(f) }
	}
	if f := find("nvmlSystemGetDriverVersion"); f != 0 {
		c.DriverVersion = func(b []byte) Return {
			return call(f, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		}
	}
	c.Name, c.UUID = text(find("nvmlDeviceGetName")), text(find("nvmlDeviceGetUUID"))
	c.Power, c.PowerLimit = fill[uint32](find("nvmlDeviceGetPowerUsage")), fill[uint32](find("nvmlDeviceGetEnforcedPowerLimit"))
	c.PowerTarget = fill[uint32](find("nvmlDeviceGetPowerManagementLimit"))
	c.Utilisation = fill[Utilisation](find("nvmlDeviceGetUtilizationRates"))
	c.Memory, c.MemoryV2 = fill[Memory](find("nvmlDeviceGetMemoryInfo")), fill[MemoryV2](find("nvmlDeviceGetMemoryInfo_v2"))
	c.TemperatureV = fill[Temperature](find("nvmlDeviceGetTemperatureV"))
	c.Temperature, c.Clock = choose(find("nvmlDeviceGetTemperature")), choose(find("nvmlDeviceGetClockInfo"))
	if f := find("nvmlDeviceGetFieldValues"); f != 0 {
		c.Fields = func(h Handle, v []Field) Return {
			return call(f, uintptr(h), uintptr(len(v)), uintptr(unsafe.Pointer(unsafe.SliceData(v))))
		}
	}
	if f := first("nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"); f != 0 {
		c.Processes = func(h Handle, n *uint32, list []Process) Return {
			return call(f, uintptr(h), uintptr(unsafe.Pointer(n)), uintptr(unsafe.Pointer(unsafe.SliceData(list))))
		}
	}
	if f := find("nvmlDeviceGetProcessUtilization"); f != 0 {
		c.ProcessUtilisation = func(h Handle, list []ProcessSample, n *uint32, since uint64) Return {
			return call(f, uintptr(h), uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(unsafe.Pointer(n)), uintptr(since))
		}
	}
	return c, nil
}

// call calls a function of the library. What its arguments point to stays where
// it is until it returns.
//
//go:uintptrescapes
func call(f uintptr, args ...uintptr) Return {
	r, _, _ := purego.SyscallN(f, args...)
	return Return(uint32(r))
}

// fill is a function that fills a structure for a device.
func fill[T any](f uintptr) func(Handle, *T) Return {
	if f == 0 {
		return nil
	}
	return func(h Handle, v *T) Return { return call(f, uintptr(h), uintptr(unsafe.Pointer(v))) }
}

// choose is a function that fills a number for one of several sensors.
func choose(f uintptr) func(Handle, uint32, *uint32) Return {
	if f == 0 {
		return nil
	}
	return func(h Handle, which uint32, v *uint32) Return {
		return call(f, uintptr(h), uintptr(which), uintptr(unsafe.Pointer(v)))
	}
}

// text is a function that writes a string.
func text(f uintptr) func(Handle, []byte) Return {
	if f == 0 {
		return nil
	}
	return func(h Handle, b []byte) Return {
		return call(f, uintptr(h), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	}
}
