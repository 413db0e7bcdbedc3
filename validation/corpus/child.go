package corpus

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"surprisal/jupyter/interp"
	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/symbols"
)

// request is a program for a child.
type request struct {
	Cells  []string
	Limit  time.Duration
	Fresh  bool   // in a session of its own
	Dir    string // where to run, if it matters
	Zone   string // of local time; "" for UTC
	Stderr bool   // counts as output
	// Remarks on what keeps an earlier meaning are printed: a program of its own
	// defines nothing again. What shares a session does, as does a sequence of
	// cells, and there compiled Go says nothing.
	Remarks bool
}

// answer is what came of it.
type answer struct {
	Kind    string // of the error, "" if there was none
	Error   string // first line
	Output  []byte
	Seconds float64
	Tired   bool // goroutines go on, or the program was interrupted: start another child
}

// ServeEnv in its environment makes a program that calls Serve at its start a
// child.
const ServeEnv = "SURPRISAL_CORPUS_CHILD"

// Serve runs the programs that the parent sends and never returns, if the
// process is a child. What cells print to the standard streams is theirs, so
// the parent is spoken to through descriptors of its own.
func Serve() {
	if os.Getenv(ServeEnv) == "" {
		return
	}
	c := &child{out: os.NewFile(1, os.Getenv(ServeEnv)), home: filepath.Dir(os.Getenv(ServeEnv))}
	if err := c.serve(json.NewDecoder(os.NewFile(3, "requests")), json.NewEncoder(os.NewFile(4, "answers"))); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child is a process that runs programs. Its standard output is a file.
type child struct {
	out     *os.File
	home    string // its folder
	guard   *guard.Guard
	session *interp.Session
	remarks bool // see request
	last    uint64
}

func (c *child) serve(in *json.Decoder, out *json.Encoder) error {
	debug.SetMaxStack(256 << 20)
	if err := limitMemory(); err != nil {
		return err
	}
	for {
		var r request
		if err := in.Decode(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		a, err := c.run(r)
		if err != nil {
			return err
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

func (c *child) open() error {
	c.guard = guard.New()
	// With no writers in Options, cells write to the process's own streams.
	t := symbols.New(symbols.Options{Wrap: c.guard.Wrap, Sleep: c.guard.Sleep, Exit: c.guard.Exit, Cell: c.guard.Owner})
	s, err := interp.New(interp.Config{Packages: t, Guard: c.guard, Preload: t.Preload(), Bind: t.Bind(), Remark: c.remark})
	c.session = s
	return err
}

// remark prints what a cell leaves as it was.
func (c *child) remark(text string) {
	if c.remarks {
		fmt.Fprintln(os.Stderr, text)
	}
}

// prepare makes the process what a program finds when it starts.
func (c *child) prepare(r request) error {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return err
	}
	time.Local = zone
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ContinueOnError)
	if err := os.Chdir(cmp.Or(r.Dir, c.home)); err != nil {
		return err
	}
	stderr := filepath.Join(c.home, "stderr")
	if r.Stderr {
		stderr = c.out.Name()
	}
	if err := redirect(2, stderr); err != nil {
		return err
	}
	return c.out.Truncate(0)
}

func (c *child) run(r request) (answer, error) {
	if c.session == nil || r.Fresh {
		if err := c.open(); err != nil {
			return answer{}, err
		}
	}
	c.remarks = r.Remarks
	if err := c.prepare(r); err != nil {
		return answer{}, err
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), r.Limit)
	defer cancel()
	var a answer
	first := c.last + 1
	for _, code := range r.Cells {
		c.last++
		_, e := c.session.Run(ctx, interp.Cell{ID: c.last, Count: int(c.last), Code: code})
		if e != nil {
			a.Kind = e.Name
			a.Error, _, _ = strings.Cut(e.Value, "\n")
			break
		}
	}
	a.Seconds = time.Since(start).Seconds()
	b, err := os.ReadFile(c.out.Name())
	if err != nil {
		return answer{}, err
	}
	a.Output = b[:min(len(b), maxOutput)]
	a.Tired = !c.end(first) || a.Kind == "Interrupted"
	return a, nil
}

// end stops what the program has left running, as the end of main would.
func (c *child) end(first uint64) bool {
	for id := first; id <= c.last; id++ {
		c.guard.Stop(id)
	}
	for range 50 {
		if len(c.guard.Live()) == 0 {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}
