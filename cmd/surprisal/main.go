// Command surprisal is a Jupyter kernel for Go in one binary: the process that speaks
// to Jupyter, the process that runs the cells, and the commands to install it.
//
//	surprisal install --user
//	jupyter lab
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"surprisal/jupyter/worker"
)

func main() {
	m := NewMain()
	// SIGHUP keeps its default: with its terminal the kernel ends, and the
	// worker with it.
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	m.Signals = signals
	m.Settle = settle
	os.Exit(m.Run(context.Background(), os.Args[1:]))
}

// Exit codes.
const (
	exitOK    = 0
	exitError = 1 // it was tried and failed
	exitUsage = 2 // it was not tried: a wrong flag, or something that must be there first
)

// Main is the whole program. Tests start it in their own process.
type Main struct {
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Signals        <-chan os.Signal
	// Worker is the command of the worker role, by default this binary's.
	Worker []string
	// Build makes what a worker drives.
	Build func(*worker.Server) (worker.Backend, error)
	// Settle fits the process to the front's work. Tests, whose process has other
	// work too, leave it out.
	Settle func()
}

// NewMain returns a Main that uses the process's own streams and environment.
func NewMain() *Main {
	return &Main{Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Build: build}
}

// cli is the command line.
type cli struct {
	Kernel    kernelCommand    `cmd:"" help:"Serve one notebook. Jupyter starts this."`
	Worker    workerCommand    `cmd:"" hidden:"" help:"Run the cells of one kernel. surprisal kernel starts this."`
	Monitor   monitorCommand   `cmd:"" help:"Show what the GPUs do. A kernel starts this, too."`
	Install   installCommand   `cmd:"" help:"Make the kernel known to Jupyter."`
	Uninstall uninstallCommand `cmd:"" help:"Take the kernel out of Jupyter."`
	Validate  validateCommand  `cmd:"" help:"Hold our numerics against reference values."`
	Bench     benchCommand     `cmd:"" help:"Measure, beside what others offer."`
	Doctor    doctorCommand    `cmd:"" help:"Say what is found on this machine and test the GPU."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// usageError is an error that exits with 2.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exit carries an exit code through kong, which knows only os.Exit.
type exit int

// Run runs the command that args name and returns the exit code. It ends when
// ctx does.
func (m *Main) Run(ctx context.Context, args []string) (code int) {
	if len(args) == 1 && args[0] == "worker" { // starts with every kernel: no flags, no parser
		return m.report(new(workerCommand).Run(m))
	}
	defer func() {
		if v := recover(); v != nil {
			c, ok := v.(exit)
			if !ok {
				panic(v)
			}
			code = int(c)
		}
	}()
	var c cli
	p, err := kong.New(&c,
		kong.Name("surprisal"),
		kong.Description("A Jupyter kernel for Go. Begin with: surprisal install --user"),
		kong.Writers(m.Stdout, m.Stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(m),
	)
	if err != nil {
		return m.report(err)
	}
	if len(args) == 0 {
		return m.noCommand(p)
	}
	k, err := p.Parse(args)
	if err != nil {
		return m.report(usage("%w: surprisal --help lists what there is", err))
	}
	return m.report(k.Run())
}

// noCommand shows what there is to somebody who has typed the name alone; a
// script that has lost its arguments must see that nothing was done.
func (m *Main) noCommand(p *kong.Kong) (code int) {
	code = m.report(usage("no command: name one of these"))
	defer func() {
		if _, ok := recover().(exit); !ok {
			code = exitError
		}
	}()
	p.Stdout = m.Stderr
	_, err := p.Parse([]string{"--help"})
	return m.report(err)
}

func (m *Main) report(err error) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(m.Stderr, "surprisal:", err)
	if errors.As(err, new(usageError)) {
		return exitUsage
	}
	return exitError
}

type versionCommand struct{}

// Help is shown by --help.
func (versionCommand) Help() string { return "Example: surprisal version" }

// Run prints the version.
func (versionCommand) Run(m *Main) error {
	_, err := fmt.Fprintln(m.Stdout, "surprisal", version())
	return err
}

// version is the module's version, with the commit where there is one.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "0.1.0-dev"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				v += "+" + s.Value[:12]
			}
		}
	}
	return v
}
