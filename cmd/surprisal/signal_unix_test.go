//go:build unix

package main

import "syscall"

const endSignal = syscall.SIGTERM
