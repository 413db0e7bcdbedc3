// Package place chooses where an op runs: on a device that the caller names, or
// on a GPU if one is there and the work is worth it, and else on the CPU.
package place

import (
	"os"
	"sync"

	"surprisal/gpu"
)

// shared is the device of all ops that were given none: a context of a GPU takes
// hundreds of milliseconds to make, so a process makes one.
var shared = sync.OnceValue(func() gpu.Device { return gpu.Open(gpu.Auto) })

// Choose returns where to run. A device that the caller names is taken as it is:
// if it is not there, or an op fails on it, that is an error. With none, on is nil,
// and SURPRISAL_GPU decides; worth says whether the work is enough for a GPU to be
// the faster one. automatic says that the CPU may do it too, should the device
// fail.
func Choose(on *gpu.Device, worth bool) (d gpu.Device, automatic bool, err error) {
	if on != nil {
		return *on, false, on.Err()
	}
	switch os.Getenv("SURPRISAL_GPU") {
	case "require", "sim":
		d = shared()
		return d, false, d.Err()
	}
	if !worth {
		return gpu.Device{Place: gpu.CPU, Reason: "there is too little to do for a GPU"}, true, nil
	}
	d = shared()
	return d, true, d.Err()
}
