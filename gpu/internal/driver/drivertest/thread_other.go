//go:build !linux

package drivertest

// thread tells no threads apart.
func thread() int { return 0 }
