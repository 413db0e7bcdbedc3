//go:build !(linux && (amd64 || arm64))

package nvml

import (
	"fmt"
	"runtime"
)

// Load says that GPUs are read on Linux only.
func Load(...string) (Calls, error) {
	return Calls{}, fmt.Errorf("GPUs are read on 64-bit Linux only, this is %s/%s", runtime.GOOS, runtime.GOARCH)
}
