package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"surprisal/jupyter/kernel"
	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
	"surprisal/jupyter/worker"
)

type kernelCommand struct {
	File    string `short:"f" name:"connection-file" aliases:"file" required:"" placeholder:"FILE" help:"Connection file, as Jupyter writes it."`
	Memory  string `placeholder:"SIZE" env:"SURPRISAL_MEMORY" help:"Ceiling of the cells' resident memory, such as 8GiB. Default: 80 % of the machine or its control group."`
	Output  string `enum:"limited,all," default:"limited" env:"SURPRISAL_OUTPUT" help:"all: show every byte that cells print. limited: after 2 MB of a cell the newest 512 KB, the rest in a file."`
	Log     string `enum:"off,debug,info,warn,error," default:"off" env:"SURPRISAL_LOG" help:"Log level (off, debug, info, warn, error)."`
	LogFile string `placeholder:"FILE" env:"SURPRISAL_LOG_FILE" help:"Where the log goes. Default: stderr."`
}

// Help is shown by --help.
func (kernelCommand) Help() string {
	return `Example: surprisal kernel -f /run/user/1000/jupyter/kernel-1.json

Binds the sockets that FILE names and runs until a client asks it to shut down,
or SIGTERM. SIGINT interrupts the running cell. What the cells do to their
process does not reach this one.`
}

// Run serves until the kernel is shut down.
func (c *kernelCommand) Run(ctx context.Context, m *Main) error {
	if m.Settle != nil {
		m.Settle()
	}
	log, closeLog, err := c.logger(m)
	if err != nil {
		return err
	}
	defer closeLog()
	var memory int64
	if c.Memory != "" {
		if memory, err = worker.ParseSize(c.Memory); err != nil {
			return usageError{err}
		}
	}
	conn, err := wire.ReadConnection(c.File)
	if err != nil {
		return usageError{err}
	}
	server, err := transport.Listen(conn, wire.NewCodec([]byte(conn.Key), "", ""), transport.Options{Logger: log})
	if err != nil {
		return err
	}
	defer server.Close()
	client := worker.NewClient(worker.Config{Command: m.Worker, MemoryLimit: memory, Monitor: m.startMonitor, Logger: log})
	defer client.Close()
	k := kernel.New(kernel.Config{Out: server, Eval: client, Version: version(), Logger: log,
		Output: kernel.OutputPolicy{All: c.Output == "all"}})
	defer k.Close()
	client.Start(k.Sink())
	served := make(chan error, 1)
	go func() { served <- server.Serve(k.Handle) }()
	return c.wait(ctx, m, k, served, log)
}

// settle makes one processor do the front's work, on any machine. A message
// passes through four goroutines, each of which works for some microseconds:
// with more processors every hand-over wakes a thread that finds nothing left
// to do, which was 9 of 13 context switches of a round trip. A flood of output
// is not slower for it (100,000 lines, 20 MiB in one line: within 5 %), and
// what blocks in a system call gives the processor away.
func settle() {
	runtime.GOMAXPROCS(1)
	worker.KeepHeap(worker.FrontHeap)
}

// wait returns when the kernel is to end.
func (c *kernelCommand) wait(ctx context.Context, m *Main, k *kernel.Kernel, served <-chan error, log *slog.Logger) error {
	orphaned := parentGone(ctx, m.Getenv("JPY_PARENT_PID"))
	for {
		select {
		case <-k.Done():
			return nil
		case <-ctx.Done():
			return nil
		case <-orphaned:
			log.Info("kernel: the process that started it has ended")
			return nil
		case err := <-served:
			if errors.Is(err, transport.ErrClosed) {
				return nil
			}
			return err
		case s := <-m.Signals:
			if s != os.Interrupt {
				return nil
			}
			k.Interrupt()
		}
	}
}

// parentPoll is how often the kernel looks whether Jupyter still lives.
const parentPoll = time.Second

// parentGone is closed when the process that Jupyter says it is, in
// JPY_PARENT_PID, has ended. One that cannot be seen from the beginning, as
// from inside a container, is not watched.
func parentGone(ctx context.Context, pid string) <-chan struct{} {
	gone := make(chan struct{})
	n, err := strconv.Atoi(pid)
	if err != nil || n <= 1 || !alive(n) {
		return gone
	}
	ours := os.Getppid() == n
	go func() {
		t := time.NewTicker(parentPoll)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				if ours && os.Getppid() != n || !alive(n) {
					close(gone)
					return
				}
			}
		}
	}()
	return gone
}

func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// logger logs nothing by default: front ends show what a kernel writes when it
// starts as if something were wrong.
func (c *kernelCommand) logger(m *Main) (*slog.Logger, func(), error) {
	if c.Log == "" || c.Log == "off" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return nil, nil, usageError{err}
	}
	w, done := m.Stderr, func() {}
	if c.LogFile != "" {
		f, err := os.OpenFile(c.LogFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, fmt.Errorf("log file: %w: name one that can be written", err)
		}
		w, done = f, func() { f.Close() }
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})), done, nil
}

type workerCommand struct{}

// Help is shown by --help.
func (workerCommand) Help() string {
	return "Example: none. surprisal kernel starts its worker with a link to it."
}

// linkFD is the descriptor that the front passes to its worker.
const linkFD = 3

// Run serves until the front ends.
func (workerCommand) Run(m *Main) error {
	os.Args = os.Args[:1] // cells are a program without arguments
	if err := worker.Serve(linkFD, m.Build); err != nil {
		return usageError{err}
	}
	return nil
}
