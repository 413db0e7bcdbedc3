//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownSession starts a kernel as jupyter_client does: systems that share out
// time by session count its threads together.
func ownSession(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
