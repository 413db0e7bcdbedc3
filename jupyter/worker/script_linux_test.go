package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"surprisal/jupyter/comm"
	"surprisal/jupyter/display"
	"surprisal/jupyter/interp"
	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/kernel"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// The worker of these tests is the test binary itself. Its session runs
// scripts, one command a line, instead of Go: what is tested here is the way of
// requests and outputs, not the language.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		if err := Serve(3, newScript); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type script struct {
	s     *Server
	g     *guard.Guard
	kept  string
	puts  uintptr
	comms *comm.Manager
}

func newScript(s *Server) (Backend, error) {
	if os.Getenv("SCRIPT_BROKEN") != "" {
		return Backend{}, errors.New("no session today")
	}
	g := guard.New()
	x := &script{s: s, g: g, comms: comm.New(s, comm.Owner{Current: g.Owner, Run: g.Run})}
	g.OnPanic(func(id uint64, v any, _ []byte) { s.Fail(id, &interp.Error{Name: "Panic", Value: fmt.Sprint(v)}) })
	if h, err := purego.Dlopen("libc.so.6", purego.RTLD_NOW); err == nil {
		x.puts, _ = purego.Dlsym(h, "puts")
	}
	return Backend{Session: x, Owners: g, Comms: x.comms}, nil
}

func (x *script) cputs(s string) {
	b := append([]byte(s), 0)
	purego.SyscallN(x.puts, uintptr(ptr(b)))
	runtime.KeepAlive(b)
}

func (x *script) Run(ctx context.Context, c interp.Cell) (res interp.Result, e *interp.Error) {
	ended := make(chan struct{})
	defer context.AfterFunc(ctx, func() { x.g.Stop(c.ID) })()
	go func() {
		defer close(ended)
		defer func() {
			if e == nil && ctx.Err() != nil {
				e = &interp.Error{Name: "Interrupted", Value: "stopped"}
			}
		}()
		x.g.Run(c.ID, func() {
			for _, l := range strings.Split(c.Code, "\n") {
				verb, arg, _ := strings.Cut(strings.TrimSpace(l), " ")
				v, err := x.do(ctx, verb, arg)
				if err != nil {
					e = err
					return
				}
				if v != nil {
					res.Values = []any{v}
				}
			}
		})
	}()
	<-ended
	return res, e
}

func (x *script) do(ctx context.Context, verb, arg string) (any, *interp.Error) {
	out := x.s.Stdout()
	n, _ := strconv.Atoi(arg)
	switch verb {
	case "":
	case "value":
		return display.Text(arg), nil
	case "set":
		x.kept = arg
	case "get":
		return display.Text(x.kept), nil
	case "print":
		fmt.Fprintln(out, arg)
	case "monitor":
		fmt.Fprintln(out, "monitor", x.s.StartMonitor(ctx))
	case "err":
		fmt.Fprintln(x.s.Stderr(), arg)
	case "raw":
		fmt.Fprintln(os.Stdout, arg)
	case "c":
		x.cputs(arg)
	case "display":
		x.s.Display(arg, display.Bundle{Data: map[string]any{"text/plain": arg}})
	case "update":
		x.s.Update(arg, display.Bundle{Data: map[string]any{"text/plain": arg + "!"}})
	case "clear":
		x.s.Clear(arg == "wait")
	case "pairs":
		for i := range n {
			fmt.Fprintln(out, "p"+strconv.Itoa(i))
			x.s.Display("", display.Bundle{Data: map[string]any{"text/plain": "d" + strconv.Itoa(i)}})
		}
	case "mix":
		for i := range n {
			t := strconv.Itoa(i)
			x.cputs("0-" + t)
			fmt.Fprintln(out, "1-"+t)
			fmt.Fprintln(os.Stdout, "2-"+t)
			x.s.Display("", display.Bundle{Data: map[string]any{"text/plain": "3-" + t}})
		}
	case "lines":
		for i := range n {
			fmt.Fprintln(out, "line", i)
		}
	case "bulk": // megabytes, in one write
		out.Write(bytes.Repeat([]byte("ü"), n<<19))
	case "late": // a goroutine that goes on in the following cells
		x.g.Go(func() {
			for i := range n {
				fmt.Fprintln(out, "late", i, strings.Repeat("l", i%9000))
			}
			fmt.Fprintln(out, "late end")
		})
	case "own":
		for i := range n {
			fmt.Fprintln(os.Stdout, "own", i)
		}
	case "latememory":
		x.g.Go(func() { x.die("memory", 0) })
	case "latepanic":
		w := x.wait()
		x.g.Go(func() { <-w; panic(arg) })
	case "go-on":
		close(x.wait())
		x.setWait()
	case "block": // until the interrupt
		fmt.Fprintln(out, "blocked")
		<-ctx.Done()
		return nil, &interp.Error{Name: "Interrupted", Value: "stopped"}
	case "deaf": // sees no interrupt
		time.Sleep(time.Duration(n) * time.Millisecond)
	case "flood":
		for ctx.Err() == nil {
			fmt.Fprintln(out, "flood")
			if arg == "display" {
				x.s.Display("", display.Bundle{Data: map[string]any{"text/plain": "flood"}})
			}
		}
		return nil, &interp.Error{Name: "Interrupted", Value: "stopped"}
	case "input":
		s, err := x.s.Input(arg, false)
		if err != nil {
			return nil, &interp.Error{Name: "InputError", Value: err.Error()}
		}
		fmt.Fprintln(out, "got "+s)
	case "page":
		x.s.Page(display.Bundle{Data: map[string]any{"text/plain": arg}})
	case "next":
		x.s.NextInput(arg)
	case "fail":
		return nil, &interp.Error{Name: "Panic", Value: arg, Traceback: []string{"at line 1"}}
	case "close":
		os.Stdout.Close()
	case "replace":
		os.Stdout = nil
	case "closefd": // as C code would
		syscall.Close(n)
	case "var":
		fmt.Fprintln(os.Stdout, arg)
	case "target":
		x.comms.Register(arg, func(c *comm.Comm, _ comm.Message) {
			c.OnMessage(func(m comm.Message) {
				fmt.Fprintln(out, "message", m.Data["n"])
				c.Send(m.Data, m.Buffers...)
			})
		})
	case "child":
		cmd := exec.Command("sleep", "1000")
		if err := cmd.Start(); err != nil {
			return nil, &interp.Error{Name: "Error", Value: err.Error()}
		}
		return display.Text(strconv.Itoa(cmd.Process.Pid)), nil
	case "big":
		x.s.Display("", display.Bundle{Data: map[string]any{"image/png": make([]byte, n<<20)}})
	default:
		x.die(verb, n)
	}
	return nil, nil
}

// die ends the process in ways that Go cannot catch.
func (x *script) die(how string, n int) {
	switch how {
	case "stack":
		fmt.Fprintln(os.Stderr, deeper(1))
	case "map":
		m := map[int]int{}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 1 << 30 {
					m[i%100] = i
				}
			})
		}
		wg.Wait()
	case "unlock":
		var mu sync.Mutex
		mu.Unlock()
	case "exit":
		os.Exit(n)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "memory": // in steps of 64 MB
		var keep [][]byte
		one := bytes.Repeat([]byte{1}, 64<<20)
		for len(keep) < 1<<20 {
			keep = append(keep, bytes.Clone(one))
		}
		fmt.Fprintln(os.Stderr, len(keep))
	default:
		panic("script: " + how)
	}
}

//go:noinline
func deeper(n int) int {
	if n < 0 { // never
		return 0
	}
	return deeper(n+1) + 1
}

var (
	waitMu sync.Mutex
	waitCh = make(chan struct{})
)

func (x *script) wait() chan struct{} { waitMu.Lock(); defer waitMu.Unlock(); return waitCh }
func (x *script) setWait()            { waitMu.Lock(); defer waitMu.Unlock(); waitCh = make(chan struct{}) }

func (x *script) Eval(ctx context.Context, expr string) (interp.Result, *interp.Error) {
	if expr == "kept" {
		return interp.Result{Values: []any{display.Text(x.kept)}}, nil
	}
	return interp.Result{}, &interp.Error{Name: "CompileError", Value: "undefined: " + expr}
}

func (x *script) Complete(code string, cursor int) interp.Completion {
	if code == "slow" {
		time.Sleep(10 * time.Second)
	}
	if code == "nice" { // of the thread that answers
		p, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
		return interp.Completion{Matches: []interp.Match{{Text: fmt.Sprint(20-p, err)}}}
	}
	return interp.Completion{Start: cursor, End: cursor, Matches: []interp.Match{{Text: code + "!", Type: "function", Signature: "func()"}}}
}

func (x *script) Inspect(code string, cursor, level int) interp.Inspection {
	return interp.Inspection{Found: code != "", Text: fmt.Sprint(code, cursor, level), Markdown: "**" + code + "**"}
}

func (x *script) IsComplete(code string) interp.Completeness {
	return interp.Completeness{Status: "incomplete", Indent: code}
}

// recorder is a kernel.Sink that keeps what it is given, in order.
type recorder struct {
	mu     sync.Mutex
	got    []emitted
	news   chan struct{}
	answer func(ctx context.Context, prompt string) (string, error)
}

type emitted struct {
	from kernel.CellID
	out  kernel.Output
}

func (r *recorder) Emit(from kernel.CellID, o kernel.Output) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, emitted{from, o})
	select {
	case r.news <- struct{}{}:
	default:
	}
}

func (r *recorder) Input(ctx context.Context, from kernel.CellID, prompt string, password bool) (string, error) {
	r.Emit(from, kernel.Stream{Name: "prompt", Text: []byte(prompt)})
	if r.answer == nil {
		return "", errors.New("nobody can answer")
	}
	return r.answer(ctx, prompt)
}

// take returns what has come and forgets it.
func (r *recorder) take() []emitted {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

// waitFor returns when the outputs so far satisfy ok.
func (r *recorder) waitFor(t *testing.T, what string, ok func([]emitted) bool) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		done := ok(r.got)
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-r.news:
		case <-limit:
			t.Fatalf("%s did not come; got %s", what, text(r.take()))
		}
	}
}

// text writes outputs down: streams as they are, others in brackets. A change
// of the cell is marked by its number.
func text(got []emitted) string {
	var b strings.Builder
	last := kernel.CellID(0)
	inErr := false
	for _, e := range got {
		if e.from != last {
			fmt.Fprintf(&b, "%d:", e.from)
			last = e.from
		}
		switch o := e.out.(type) {
		case kernel.Stream:
			if o.Name == "prompt" {
				fmt.Fprintf(&b, "<input %s>", o.Text)
				continue
			}
			if o.Name == "stderr" && !inErr {
				b.WriteString("E ")
			}
			inErr = o.Name == "stderr"
			b.Write(o.Text)
			continue
		case kernel.Display:
			fmt.Fprintf(&b, "<display %s %s>", o.ID, plain(o.Bundle))
		case kernel.Update:
			fmt.Fprintf(&b, "<update %s %s>", o.ID, plain(o.Bundle))
		case kernel.Result:
			fmt.Fprintf(&b, "<result %s>", plain(o.Bundle))
		case kernel.Clear:
			fmt.Fprintf(&b, "<clear %v>", o.Wait)
		case *kernel.Error:
			fmt.Fprintf(&b, "<error %s %s>", o.Name, o.Value)
		case kernel.CommMessage:
			fmt.Fprintf(&b, "<comm %d %s %s %q>", o.Kind, o.ID, o.Data, o.Buffers)
		case kernel.Lost:
			b.WriteString("<lost>")
		}
		inErr = false
	}
	return b.String()
}

func plain(b kernel.Bundle) string {
	var s string
	json.Unmarshal(b.Data["text/plain"], &s)
	return s
}

// front is a client with a scripted worker.
type front struct {
	*Client
	*recorder
	t    *testing.T
	last kernel.CellID
}

func newFront(t *testing.T, cfg Config) *front {
	t.Helper()
	f := &front{recorder: &recorder{news: make(chan struct{}, 1)}, t: t}
	f.Client = NewClient(cfg)
	f.Client.Start(f.recorder)
	t.Cleanup(f.Close)
	return f
}

// run executes a script and returns its outputs as text, and its outcome.
func (f *front) run(lines ...string) (string, kernel.Outcome) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	o := f.start(ctx, lines...)()
	if ctx.Err() != nil {
		f.t.Fatalf("%q did not end", lines)
	}
	return text(f.take()), o
}

// start executes a script in the background; the result waits for its end.
func (f *front) start(ctx context.Context, lines ...string) func() kernel.Outcome {
	f.last++
	c := kernel.Cell{ID: f.last, Count: int(f.last), Code: strings.Join(lines, "\n"), UserExpr: map[string]string{}}
	done := make(chan kernel.Outcome, 1)
	go func() { done <- f.Execute(ctx, c) }()
	return func() kernel.Outcome { return <-done }
}
