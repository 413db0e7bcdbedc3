//go:build unix

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"surprisal/gpu/monitor"
)

// startTime is how long a monitor may take to listen; it looks for devices
// later.
const startTime = 10 * time.Second

// startMonitor starts surprisal monitor in a session of its own: it serves
// other kernels, too, and outlives this one. It returns when the monitor
// serves, or with what the monitor says that it cannot.
func (m *Main) startMonitor(context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("monitor: start: %w", err)
	}
	cmd := exec.Command(self, "monitor")
	if runtime.GOOS == "linux" {
		cmd.Path = "/proc/self/exe" // this program, even if its file was replaced meanwhile
	}
	cmd.Dir = "/" // it must not keep a folder busy
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("monitor: start: %w", err)
	}
	defer r.Close()
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	w.Close()
	if err != nil {
		return fmt.Errorf("monitor: start: %w", err)
	}
	r.SetReadDeadline(time.Now().Add(startTime))
	line, err := bufio.NewReader(r).ReadString('\n')
	go cmd.Wait() // so that no dead process stays behind
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("monitor: the monitor was started and has said nothing for %v", startTime)
	}
	line = strings.TrimPrefix(strings.TrimSpace(line), "surprisal: ")
	switch {
	case strings.HasPrefix(line, readyLine), line == monitor.ErrRunning.Error():
		return nil
	case line == "":
		return errors.New("monitor: the monitor ended as soon as it was started: run surprisal monitor in a terminal and see why")
	}
	return errors.New(line)
}
