package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"surprisal/gpu/bench"
)

type benchCommand struct {
	GPU benchGPUCommand `cmd:"" name:"gpu" help:"Measure the kernels on a GPU beside torch, CuPy, cuCIM and the CPU."`
}

type benchGPUCommand struct {
	On     on     `default:"gpu" placeholder:"PLACE" help:"Where: gpu, or sim for tiny cases that show that the command works."`
	Out    string `default:"out/bench-gpu" placeholder:"FOLDER" help:"Where to write gpu.json and gpu.md."`
	Python string `default:"python3" placeholder:"EXE" help:"Interpreter whose libraries are the peers; none for no peers."`
	Only   string `placeholder:"REGEXP" help:"Cases to run, by name."`
}

// Help is shown by --help.
func (benchGPUCommand) Help() string {
	return `Examples:
  surprisal bench gpu
  surprisal bench gpu --only 'N = 10000$' --python none

Builds nothing and installs nothing: peers are what the interpreter of --python
finds. Cases take turns, results are held against the CPU by ==, and a table is
printed and written, with all numbers as JSON. It takes some minutes. The exit
code is 1 if a case failed or differs, and 2 if there is no GPU.`
}

// Run measures and prints the table.
func (c benchGPUCommand) Run(ctx context.Context, m *Main) error {
	p, err := c.On.place()
	if err != nil {
		return err
	}
	if c.On == "cpu" {
		return usage("--on cpu: this bench is of the kernels for GPUs: make bench-info and make bench-imaging measure the CPU")
	}
	o := bench.Options{On: p, Python: c.Python, Stderr: m.Stderr, Log: func(line string) { fmt.Fprintln(m.Stderr, line) }}
	if c.Python == "none" {
		o.Python = ""
	}
	if c.Only != "" {
		if o.Only, err = regexp.Compile(c.Only); err != nil {
			return usage("--only %s: %w", c.Only, err)
		}
	}
	if err := os.MkdirAll(c.Out, 0o755); err != nil {
		return usageError{err}
	}
	// The first use is to be measured as it is where nobody has compiled before: the
	// driver keeps what it compiled, too.
	if err := os.Setenv("CUDA_CACHE_DISABLE", "1"); err != nil {
		return err
	}
	ctx, cancel := m.interruptible(ctx)
	defer cancel()
	report, err := o.Run(ctx)
	if report == nil {
		if d, missing := c.On.open(); missing != nil {
			return missing // in the words of all commands
		} else if e := d.Close(); e != nil {
			err = e
		}
		return fmt.Errorf("bench: %w", err)
	}
	if err == nil && len(report.Rows) == 0 { // what was measured before stays as it is
		return usage("--only %s: no case has such a name", c.Only)
	}
	text := report.Table()
	fmt.Fprint(m.Stdout, text)
	if e := c.write(report, text); err == nil {
		err = e
	}
	switch {
	case err != nil:
		return fmt.Errorf("bench: %w", err)
	case report.Failed() > 0:
		return fmt.Errorf("bench: %d of %d cases failed: see %s", report.Failed(), len(report.Rows), c.Out)
	}
	return nil
}

func (c benchGPUCommand) write(r *bench.Report, text string) error {
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Out, "gpu.json"), append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.Out, "gpu.md"), []byte(text), 0o644)
}
