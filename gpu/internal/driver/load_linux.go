//go:build linux && (amd64 || arm64)

package driver

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/ebitengine/purego"
)

// names of the library, as distributions and containers, and WSL, have it.
var names = []string{"libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"}

// Load opens the library, the first of paths that can be opened; without paths
// the system's. It does not start it.
func Load(paths ...string) (*Calls, error) {
	if len(paths) == 0 {
		paths = names
	}
	runtime.LockOSThread() // the text of a failure belongs to the thread
	defer runtime.UnlockOSThread()
	var why []string
	for _, path := range paths {
		lib, err := purego.Dlopen(path, purego.RTLD_LAZY|purego.RTLD_LOCAL)
		if err != nil {
			why = append(why, err.Error())
			continue
		}
		c := bind(func(name string) uintptr {
			f, err := purego.Dlsym(lib, name)
			if err != nil {
				return 0
			}
			return f
		})
		if err := c.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return c, nil
	}
	return nil, fmt.Errorf("no NVIDIA driver was found: its library could not be opened (%s): install one to use a GPU", strings.Join(why, "; "))
}

// bind makes the table of what is there.
func bind(find func(symbol string) uintptr) *Calls {
	l, c, at := new(library), new(Calls), addresses(find)
	l.bindDevices(c, at)
	l.bindModules(c, at)
	l.bindMemory(c, at)
	l.bindStreams(c, at)
	l.bindGraphs(c, at)
	return c
}
