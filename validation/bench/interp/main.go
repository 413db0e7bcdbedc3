// Command interp measures what Go in a cell costs: its compilation, its loops
// against the bare interpreter, completion, sorting and memory, each number
// beside the most that it may be.
//
//	make bench-interp
//	interp -kernel bin/surprisal -only loops -rounds 9
//	interp -emit fib      # what the interpreter gets to run
//
// What is compared takes turns in one process, as settled as a notebook's
// worker; questions and memory are those of the kernel itself, in its own
// processes.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"

	"surprisal/jupyter/worker"
)

type bench struct {
	rounds int
	kernel string // the binary
	report report
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench-interp:", err)
		os.Exit(1)
	}
}

func run() error {
	rounds := flag.Int("rounds", 9, "turns of each program")
	kernel := flag.String("kernel", "bin/surprisal", "`binary` that is asked and whose memory is measured")
	out := flag.String("out", "out/bench-interp", "`folder` for interp.md and interp.json")
	only := flag.String("only", "", "`rows` to measure: compile, questions, loops, sort or memory")
	emit := flag.String("emit", "", "print what the interpreter gets of a `program` and stop")
	profile := flag.String("profile", "", "`file` for a CPU profile")
	strict := flag.Bool("strict", false, "end with 1 if a bar is missed")
	flag.Parse()
	if *emit != "" {
		return emitted(*emit)
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	runtime.GOMAXPROCS(max(16, 4*runtime.NumCPU())) // as a worker has
	worker.KeepHeap(24 << 20)
	b := &bench{rounds: *rounds, kernel: *kernel, report: report{Machine: machine(), Before: load()}}
	for _, part := range []struct {
		name string
		run  func() error
	}{{"compile", b.compile}, {"questions", b.questions}, {"loops", b.loops}, {"sort", b.sort}, {"memory", b.memory}} {
		if !strings.Contains(part.name, *only) {
			continue
		}
		if err := part.run(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	b.report.After = load()
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	if err := b.report.write(filepath.Join(*out, "interp")); err != nil {
		return err
	}
	missed := b.report.missed()
	if len(missed) > 0 {
		fmt.Println("bars missed: " + strings.Join(missed, "; "))
		if *strict {
			os.Exit(1)
		}
	}
	return nil
}
