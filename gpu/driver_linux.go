//go:build linux && (amd64 || arm64)

package gpu

import (
	"runtime"
	"strings"

	"github.com/ebitengine/purego"
)

// driver looks for the driver's library and says what that means. The library
// is opened, not started: no context is made.
func driver() string {
	const name = "libcuda.so.1"
	runtime.LockOSThread() // the text of a failure belongs to the thread
	defer runtime.UnlockOSThread()
	lib, err := purego.Dlopen(name, purego.RTLD_LAZY|purego.RTLD_LOCAL)
	if err != nil {
		return "no NVIDIA driver was found: its library " + name + " could not be opened (" + strings.TrimPrefix(err.Error(), name+": ") + ")"
	}
	purego.Dlclose(lib)
	return "the NVIDIA driver's library " + name + " is there, but this version of surprisal has no kernels for GPUs"
}
