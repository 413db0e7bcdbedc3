//go:build !unix

package monitor

import (
	"fmt"
	"net"
	"runtime"
)

func listen(string) (net.Listener, func(), error) {
	return nil, nil, fmt.Errorf("monitor: not there on %s", runtime.GOOS)
}
