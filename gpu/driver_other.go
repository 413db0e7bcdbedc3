//go:build !(linux && (amd64 || arm64))

package gpu

import "runtime"

func driver() string {
	return "GPUs are used on 64-bit Linux only, this is " + runtime.GOOS + "/" + runtime.GOARCH
}
