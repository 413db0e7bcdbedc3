//go:build !linux

package worker

import "os/exec"

// Other systems than Linux have no watch over the worker's memory.

func sameBinary() string                { return "" }
func awaitExit(cmd *exec.Cmd)           { cmd.Process.Wait() }
func growPipe(int)                      {}
func firstToDie()                       {}
func resident(int) int64                { return 0 }
func private(int) int64                 { return 0 }
func meminfo() (total, available int64) { return 0, 0 }
func cgroupLimit() int64                { return 0 }
