package gpu

import "surprisal/gpu/internal/device"

// What callers tell apart, with errors.Is.
var (
	ErrNoDevice    = device.ErrNoDevice    // a place that is not there
	ErrNoDriver    = device.ErrNoDriver    // because there is no driver, or one that does not start; an ErrNoDevice too
	ErrOutOfMemory = device.ErrOutOfMemory // no room on the device, or over the budget, after all that is kept was given back
	ErrDeviceLost  = device.ErrDeviceLost  // a kernel faulted, or the device is gone: a new process is needed, for the simulator a new Open
	ErrUnsupported = device.ErrUnsupported // the driver or the device is too old
	ErrClosed      = device.ErrClosed      // use after Close
)
