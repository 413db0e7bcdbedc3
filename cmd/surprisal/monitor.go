package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"surprisal/gpu/monitor"
	"surprisal/gpu/monitor/nvml"
)

type monitorCommand struct {
	Source string        `enum:"auto,nvml,demo,none" default:"auto" env:"SURPRISAL_MONITOR" help:"Where the numbers are from: nvml (the NVIDIA driver), demo (made up, and labelled so), none, or auto: nvml, and for kernels demo where there is no GPU."`
	Once   bool          `xor:"how" help:"Print the devices as a table and end."`
	Follow bool          `xor:"how" help:"Print a line a second for each device until interrupted."`
	JSON   bool          `help:"With --once or --follow: print JSON."`
	Idle   time.Duration `default:"1m" help:"Serving without kernels ends after this."`
}

// Help is shown by --help.
func (monitorCommand) Help() string {
	return `Example: surprisal monitor --once

Reads the GPUs once a second. Without --once and --follow it serves the kernels
of this user on a Unix socket in Jupyter's runtime folder, and ends a minute
after the last of them has gone: a kernel that needs it starts it.`
}

// Run prints, or serves until nobody listens any more.
func (c *monitorCommand) Run(ctx context.Context, m *Main) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-m.Signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	if !c.Once && !c.Follow {
		return c.serve(ctx, m)
	}
	p := monitor.NewPoller(c.source())
	_, snapshots, stop := p.Subscribe()
	defer stop()
	go p.Run(ctx)
	return c.print(ctx, m.Stdout, snapshots)
}

// source is what --source names. Kernels get a demo where there is no GPU, a
// terminal gets the reason.
func (c *monitorCommand) source() monitor.Source {
	switch {
	case c.Source == "demo":
		return monitor.Demo{}
	case c.Source == "none":
		return monitor.Nothing{Reason: "no device was asked for (--source none)"}
	case c.Source == "auto" && !c.Once && !c.Follow:
		return monitor.Auto{First: nvml.Source{}, Otherwise: monitor.Demo{}}
	}
	return nvml.Source{}
}

// serve serves the kernels of this user. The line that it prints tells the
// kernel that has started it that it may connect.
func (c *monitorCommand) serve(ctx context.Context, m *Main) error {
	folder, err := monitor.Folder(m.Getenv)
	if err != nil {
		return err
	}
	s := monitor.Server{Poller: monitor.NewPoller(c.source()), Folder: folder, Idle: c.Idle,
		Ready: func() { fmt.Fprintln(m.Stdout, readyLine, folder) }}
	if err := s.Serve(ctx); !errors.Is(err, monitor.ErrRunning) {
		return err
	}
	fmt.Fprintln(m.Stdout, monitor.ErrRunning)
	return nil
}

// readyLine begins what a monitor says once it listens.
const readyLine = "surprisal monitor serves in"

// patience is how long a driver that starts slowly is waited for.
const patience = 15 * time.Second

func (c *monitorCommand) print(ctx context.Context, w io.Writer, snapshots <-chan monitor.Snapshot) error {
	deadline := time.After(patience)
	late := false
	for {
		select {
		case s := <-snapshots:
			if c.Once && !s.Settled() && !late {
				continue
			}
			if err := c.show(w, s); err != nil || c.Once {
				return err
			}
		case <-deadline:
			late = true
		case <-ctx.Done():
			return nil
		}
	}
}

func (c *monitorCommand) show(w io.Writer, s monitor.Snapshot) error {
	switch {
	case c.JSON:
		return json.NewEncoder(w).Encode(s)
	case c.Once:
		_, err := fmt.Fprintln(w, s)
		return err
	}
	if len(s.Devices) == 0 {
		fmt.Fprintf(w, "%s  no GPU: %s\n", s.Time.Format(time.TimeOnly), s.Reason)
	}
	for _, d := range s.Devices {
		own := d.Share(os.Getpid())
		fmt.Fprintf(w, "%s  %s %d  %s  utilisation %v, memory %v of %v, power %v of %v, %v, %v; this process %v  %s\n",
			s.Time.Format("15:04:05.000"), s.Source, d.Index, d.Name, d.Utilisation, d.MemoryUsed, d.MemoryTotal, d.Power, d.PowerLimit, d.Temperature, d.Clock, own.Memory, d.Note)
	}
	return nil
}
