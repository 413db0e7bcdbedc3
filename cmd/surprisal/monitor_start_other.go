//go:build !unix

package main

import (
	"context"
	"fmt"
	"runtime"
)

func (m *Main) startMonitor(context.Context) error {
	return fmt.Errorf("monitor: not there on %s", runtime.GOOS)
}
