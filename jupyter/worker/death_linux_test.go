package worker

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"surprisal/jupyter/kernel"
)

func TestDeaths(t *testing.T) {
	f := newFront(t, Config{MemoryLimit: 2 << 30})
	for _, c := range []struct{ script, reason, value, line string }{
		{"stack", "a recursion without end", "stack overflow", "runtime: goroutine stack exceeds 536870912-byte limit"},
		{"map", "a fatal error that recover cannot catch", "concurrent map", "fatal error: concurrent map"},
		{"unlock", "fatal too", "sync: unlock of unlocked mutex", "fatal error: sync: unlock"},
		{"kill", "no last words at all", "because memory ran out", "(signal: killed)"},
		{"exit 3", "native code that exits", "exit status 3", "(exit status 3)"},
		{"memory", "64 MB at a time without end", "out of memory: the cells used", "the ceiling is 2048 MiB"},
	} {
		if c.script == "map" && raceDetector {
			t.Log("concurrent map writes are left out: the race detector reports them first")
			continue
		}
		pid := f.PID()
		got, o := f.run("set kept", "err before", "print out", c.script, "print not reached")
		if o.Err == nil {
			t.Fatalf("%s (%s): no error", c.script, c.reason)
		}
		tb := strings.Join(o.Err.Traceback, "\n")
		if o.Err.Name != "WorkerDied" || !strings.Contains(o.Err.Value, c.value) || !strings.Contains(tb, c.line) || !strings.Contains(tb, "are lost") {
			t.Errorf("%s (%s): error %q, traceback\n%s", c.script, c.reason, o.Err.Value, tb)
		}
		if strings.Contains(tb, "goroutine 1 [") || strings.Contains(got, "goroutine") || strings.Contains(got, "fatal error") {
			t.Errorf("%s: stacks are shown: outputs %.500q, traceback %.500q", c.script, got, tb)
		}
		if !strings.Contains(got, "before\n") || !strings.Contains(got, "out\n") || strings.Count(got, "<lost>") != 1 {
			t.Errorf("%s: outputs %.500q, want what was printed before, and one <lost>", c.script, got)
		}
		if got, o := f.run("get"); o.Err != nil || !strings.HasSuffix(got, "<result >") {
			t.Errorf("after %s: %q %v", c.script, got, o.Err)
		}
		if running(pid) {
			t.Errorf("%s: process %d is still there", c.script, pid)
		}
	}
}

// What only looks like last words is shown.
func TestFalseLastWords(t *testing.T) {
	f := newFront(t, Config{})
	for i, l := range []string{"panic: no", "fatal error: no", "SIGNAL: no"} {
		got, o := f.run("err "+l, "err more")
		if want := fmt.Sprintf("%d:E %s\n", i+1, l); o.Err != nil || !strings.HasPrefix(got, want) || strings.Count(got, "more\n") != 1 {
			t.Errorf("%q %v, want %q first", got, o.Err, want)
		}
	}
}

func TestDeathWhileIdle(t *testing.T) {
	f := newFront(t, Config{})
	f.run("print a")
	child := childOf(t, f)
	syscall.Kill(f.PID(), syscall.SIGKILL)
	f.waitFor(t, "lost", func(g []emitted) bool { return strings.Contains(text(g), "<lost>") })
	if got, o := f.run("value 1"); o.Err != nil || !strings.Contains(got, "<result 1>") {
		t.Errorf("next cell: %q %v", got, o.Err)
	}
	gone(t, child)
}

// Nobody would see why, were it not said where the last cell shows.
func TestDeathOfALateGoroutine(t *testing.T) {
	f := newFront(t, Config{MemoryLimit: 1 << 30})
	f.start(context.Background(), "latememory")()
	f.waitFor(t, "the reason", func(g []emitted) bool {
		return strings.Contains(text(g), "<lost>E The process that ran the cells has ended while no cell was running: out of memory")
	})
}

func TestDeathEndsWaitingRequests(t *testing.T) {
	f := newFront(t, Config{})
	f.run("print a")
	asked := make(chan error, 1)
	go func() {
		_, err := f.Ask(context.Background(), kernel.Complete{Code: "slow"})
		asked <- err
	}()
	end := f.start(context.Background(), "block")
	f.waitFor(t, "the cell's begin", func(g []emitted) bool { return len(g) > 0 })
	syscall.Kill(f.PID(), syscall.SIGKILL)
	if o := end(); o.Err == nil {
		t.Error("execute: no error")
	}
	select {
	case err := <-asked:
		if err != nil && !strings.Contains(err.Error(), "ask again") {
			t.Errorf("ask: %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the question still waits")
	}
}

func TestWorkerThatCannotStart(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"no such program", Config{Command: []string{"/nowhere/surprisal"}}, "/nowhere/surprisal"},
		{"session fails", Config{Env: []string{"SCRIPT_BROKEN=1"}, Command: []string{os.Args[0], "worker"}}, "while it started"},
	} {
		cl := NewClient(c.cfg)
		cl.Start(&recorder{news: make(chan struct{}, 1)})
		var o kernel.Outcome
		for range 2 { // the first may meet the dying process itself
			o = cl.Execute(context.Background(), kernel.Cell{ID: 1})
		}
		cl.Close()
		if o.Err == nil || !strings.Contains(o.Err.Value, c.want) && o.Err.Name != "WorkerDied" {
			t.Errorf("%s: %v, want %q in it", c.name, o.Err, c.want)
		}
	}
}

func TestInterrupt(t *testing.T) {
	f := newFront(t, Config{})
	f.run("set kept")
	for _, script := range []string{"block", "flood", "flood display", "deaf 200"} {
		ctx, cancel := context.WithCancel(context.Background())
		end := f.start(ctx, "print begin", script)
		f.waitFor(t, "the cell's begin", func(g []emitted) bool { return len(g) > 0 })
		cancel()
		end()
		f.take()
		if got, o := f.run("get"); o.Err != nil || !strings.HasSuffix(got, "<result kept>") {
			t.Errorf("after %q: %q %v", script, got, o.Err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	f.start(ctx, "block")() // must not hang: the interrupt comes before the cell begins
	if got, o := f.run("get"); o.Err != nil || !strings.HasSuffix(got, "<result kept>") {
		t.Errorf("after an early interrupt: %q %v", got, o.Err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	f := newFront(t, Config{})
	child := childOf(t, f)
	pid := f.PID()
	end := f.start(context.Background(), "block")
	f.Close()
	if o := end(); o.Err == nil {
		t.Error("the running cell has no error")
	}
	gone(t, pid)
	gone(t, child)
	if _, err := f.Ask(context.Background(), kernel.IsComplete{}); err == nil {
		t.Error("a closed client answers")
	}
	f.Close()
}

// frontProcess runs this test binary as a front that does nothing but hold a
// worker, so that it can be killed.
func TestFrontKilledLeavesNothing(t *testing.T) {
	if os.Getenv("FRONT") != "" {
		f := newFront(t, Config{})
		child := childOf(t, f)
		fmt.Printf("pids %d %d\n", f.PID(), child)
		f.start(context.Background(), "flood display")()
		return
	}
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFrontKilledLeavesNothing$")
		cmd.Env = append(os.Environ(), "FRONT=1")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var worker, child int
		if _, err := fmt.Fscanf(out, "pids %d %d\n", &worker, &child); err != nil {
			t.Error(err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		gone(t, worker)
		gone(t, child)
	}
}

func childOf(t *testing.T, f *front) int {
	t.Helper()
	got, o := f.run("child")
	_, s, _ := strings.Cut(got, "<result ")
	pid, err := strconv.Atoi(strings.TrimSuffix(s, ">"))
	if err != nil || !running(pid) {
		t.Fatalf("child: %q %v", got, o.Err)
	}
	return pid
}

// running is false for zombies, which a slow init may keep for seconds.
func running(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, s, ok := strings.Cut(string(b), ") ")
	return err == nil && ok && s[0] != 'Z' && s[0] != 'X'
}

func gone(t *testing.T, pid int) {
	t.Helper()
	limit := time.Now().Add(10 * time.Second)
	for running(pid) {
		if time.Now().After(limit) {
			syscall.Kill(pid, syscall.SIGKILL)
			t.Errorf("process %d is still there", pid)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// A new version on disk must not become the worker of a front that runs.
func TestBinaryReplaced(t *testing.T) {
	if os.Getenv("FRONT") == "replaced" {
		f := newFront(t, Config{})
		f.run("print a")
		if err := os.WriteFile(os.Args[0]+".new", []byte("#!/bin/false\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(os.Args[0]+".new", os.Args[0]); err != nil {
			t.Fatal(err)
		}
		f.run("kill")
		if got, o := f.run("value v"); o.Err != nil || !strings.Contains(got, "<result v>") {
			t.Errorf("%q %v", got, o.Err)
		}
		return
	}
	b, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "front")
	if err := os.WriteFile(path, b, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-test.run=^TestBinaryReplaced$")
	cmd.Env = append(os.Environ(), "FRONT=replaced")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
