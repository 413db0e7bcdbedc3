package drivertest

import "syscall"

// thread is the calling thread of the system.
func thread() int { return syscall.Gettid() }
