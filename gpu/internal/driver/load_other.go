//go:build !(linux && (amd64 || arm64))

package driver

import (
	"fmt"
	"runtime"
)

// Load fails: GPUs are used on 64-bit Linux only.
func Load(paths ...string) (*Calls, error) {
	return nil, fmt.Errorf("GPUs are used on 64-bit Linux only, this is %s/%s", runtime.GOOS, runtime.GOARCH)
}
