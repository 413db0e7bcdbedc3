package nvml

import (
	"fmt"

	"surprisal/gpu/monitor"
)

// Return is the code that every function of the library returns.
type Return uint32

// Codes that the monitor tells apart.
const (
	Success             Return = 0
	ErrNotSupported     Return = 3
	ErrNoPermission     Return = 4
	ErrNotFound         Return = 6
	ErrInsufficientSize Return = 7
	ErrDriverNotLoaded  Return = 9
	ErrFunctionNotFound Return = 13
	ErrGPULost          Return = 15
	ErrResetRequired    Return = 16
	ErrOperatingSystem  Return = 17
	ErrVersionMismatch  Return = 18
	ErrArgumentVersion  Return = 25
	ErrDeprecated       Return = 26
)

// Error is the code in words.
func (r Return) Error() string {
	switch r {
	case Success:
		return "success"
	case ErrNotSupported:
		return "not supported by this device"
	case ErrNoPermission:
		return "this user may not ask for it"
	case ErrDriverNotLoaded:
		return "the NVIDIA driver is not loaded: install it, or load the kernel module nvidia"
	case ErrFunctionNotFound:
		return "this driver has no such function"
	case ErrGPULost:
		return "the GPU has fallen off the bus: the machine must be restarted"
	case ErrResetRequired:
		return "the GPU must be reset before it can be used again"
	case ErrOperatingSystem:
		return "the system keeps the GPU's device files from this process"
	case ErrVersionMismatch:
		return "the driver's library and its kernel module are of different versions: restart the machine, or load the module again"
	}
	return fmt.Sprintf("NVML code %d", uint32(r))
}

// status is what a value is worth that was asked for with this result.
func (r Return) status() monitor.Status {
	switch r {
	case Success:
		return monitor.OK
	case ErrNotSupported, ErrFunctionNotFound, ErrArgumentVersion, ErrDeprecated:
		return monitor.Unsupported
	case ErrNoPermission:
		return monitor.NoPermission
	}
	return monitor.Failed
}
