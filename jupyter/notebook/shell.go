package notebook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// Sh runs command in the system's shell, in the session's working directory.
// What it prints appears while it runs; it reads nothing. The error says how
// the command ended if that was not with status 0. When ctx ends, the command
// and everything that it started are killed.
func (n *Notebook) Sh(ctx context.Context, command string) error {
	return sh(ctx, command, or(n.Stdout, os.Stdout), or(n.Stderr, os.Stderr))
}

// Sh runs command in the system's shell and shows what it prints while it runs.
func Sh(ctx context.Context, command string) error {
	return sh(ctx, command, os.Stdout, os.Stderr)
}

func or(w io.Writer, f *os.File) io.Writer {
	if w == nil {
		return f
	}
	return w
}

func sh(ctx context.Context, command string, stdout, stderr io.Writer) error {
	argv := []string{"/bin/sh", "-c", command}
	if runtime.GOOS == "windows" {
		argv = []string{"cmd", "/c", command}
	}
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Stdout, c.Stderr = stdout, stderr
	// The command stays in the session's process group: whoever kills that
	// group must reach it too. So its own children are found one by one.
	c.Cancel = func() error { return killTree(c.Process) }
	c.WaitDelay = 2 * time.Second // a child that left the tree may hold the pipes
	err := c.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("notebook: Sh: %q was stopped: %w", command, context.Cause(ctx))
	case errors.As(err, &exit):
		return fmt.Errorf("notebook: Sh: %q ended with %w", command, err)
	}
	return fmt.Errorf("notebook: Sh: %q could not be run: %w", command, err)
}
