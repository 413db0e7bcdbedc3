package protocol

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
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
	"surprisal/jupyter/transport"
	"surprisal/jupyter/wire"
	"surprisal/jupyter/worker"
)

// TestMain makes this binary its own worker.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "worker" {
		if err := worker.Serve(3, echoBackend); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestEchoInAWorker runs the echo language in a process of its own: everything
// of the product but the interpreter.
func TestEchoInAWorker(t *testing.T) {
	target := EchoTarget()
	target.Name, target.Start = "echo in a worker", startEchoInAWorker
	Run(t, target)
}

func startEchoInAWorker(t testing.TB) Running {
	c := local()
	log := slog.New(slog.DiscardHandler)
	server, err := transport.Listen(c, wire.NewCodec([]byte(c.Key), "", ""), transport.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	client := worker.NewClient(worker.Config{Logger: log})
	k := kernel.New(kernel.Config{Out: server, Eval: client, Version: "echo", Logger: log, SpillDir: t.TempDir()})
	client.Start(k.Sink())
	go server.Serve(k.Handle)
	ended := make(chan struct{})
	go func() {
		<-k.Done()
		client.Close()
		server.Close()
		close(ended)
	}()
	t.Cleanup(func() { k.Close(); <-ended })
	return Running{server.Connection(), ended}
}

// echoSession runs the echo language as a worker's session would: it prints
// into the process's streams and shows through the link.
type echoSession struct {
	s     *worker.Server
	g     *guard.Guard
	comms *comm.Manager
	echo  Echo // questions and what was kept

	mu    sync.Mutex
	value []any
}

func echoBackend(s *worker.Server) (worker.Backend, error) {
	g := guard.New()
	e := &echoSession{s: s, g: g, comms: comm.New(s, comm.Owner{})}
	e.echo.Sink = e
	g.OnPanic(func(id uint64, v any, _ []byte) {
		s.Fail(id, &interp.Error{Name: "panic", Value: fmt.Sprint(v), Traceback: []string{fmt.Sprint(v)}})
	})
	return worker.Backend{Session: e, Owners: g, Comms: e.comms}, nil
}

func (e *echoSession) Run(ctx context.Context, c interp.Cell) (res interp.Result, failed *interp.Error) {
	done := make(chan struct{})
	go e.g.Run(c.ID, func() {
		defer close(done)
		for _, line := range strings.Split(c.Code, "\n") {
			verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
			if err := e.command(ctx, verb, arg); err != nil {
				failed = &interp.Error{Name: "EchoError", Value: err.Error(), Traceback: []string{err.Error()}}
				return
			}
		}
	})
	<-done
	e.mu.Lock()
	defer e.mu.Unlock()
	res.Values, e.value = e.value, nil
	return res, failed
}

func (e *echoSession) command(ctx context.Context, verb, arg string) error {
	switch verb {
	case "", "busy":
		if verb == "busy" {
			<-ctx.Done()
		}
		return ctx.Err()
	case "print":
		fmt.Fprintln(e.s.Stdout(), arg)
	case "warn":
		fmt.Fprintln(e.s.Stderr(), arg)
	case "bytes":
		b, err := hex.DecodeString(arg)
		e.s.Stdout().Write(b)
		return err
	case "lines":
		n, err := strconv.Atoi(arg)
		for i := 0; i < n && ctx.Err() == nil; i++ {
			fmt.Fprintln(e.s.Stdout(), "line", i)
		}
		return errors.Join(err, ctx.Err())
	case "show":
		e.s.Display(e.echo.displayID(), plainBundle(arg))
	case "shows":
		n, err := strconv.Atoi(arg)
		for i := 0; i < n && ctx.Err() == nil; i++ {
			e.s.Display(e.echo.displayID(), plainBundle("one of many"))
		}
		return errors.Join(err, ctx.Err())
	case "update":
		a, b, _ := strings.Cut(arg, " ")
		id := e.echo.displayID()
		e.s.Display(id, plainBundle(a))
		e.s.Update(id, plainBundle(b))
	case "clear":
		e.s.Clear(true)
	case "ask", "password":
		answer, err := e.s.Input(arg, verb == "password")
		if err == nil {
			fmt.Fprintln(e.s.Stdout(), "got", answer)
		}
		return err
	case "late", "latefail":
		e.g.Go(func() {
			time.Sleep(50 * time.Millisecond)
			if verb == "latefail" {
				panic(arg)
			}
			fmt.Fprintln(e.s.Stdout(), arg)
		})
	case "page":
		e.s.Page(plainBundle(arg))
	case "next":
		e.s.NextInput(arg)
	case "comm":
		e.comms.Register(arg, func(c *comm.Comm, _ comm.Message) {
			c.OnMessage(func(m comm.Message) { c.Send(m.Data, m.Buffers...) })
		})
	case "die":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "value":
		e.Emit(0, kernel.Result{Bundle: text(arg)})
	case "fail":
		return errors.New(arg)
	default:
		return e.echo.keep(verb, arg, func(o kernel.Output) { e.Emit(0, o) })
	}
	return nil
}

func plainBundle(s string) display.Bundle {
	return display.Bundle{Data: map[string]any{"text/plain": s}}
}

// Emit keeps the result of the cell, for Run to return.
func (e *echoSession) Emit(_ kernel.CellID, o kernel.Output) {
	var s string
	_ = json.Unmarshal(o.(kernel.Result).Data["text/plain"], &s)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.value = []any{display.Text(s)}
}

func (e *echoSession) Input(context.Context, kernel.CellID, string, bool) (string, error) {
	return "", kernel.ErrNoInput
}

func (e *echoSession) Eval(_ context.Context, expr string) (interp.Result, *interp.Error) {
	if expr == "fail" {
		return interp.Result{}, &interp.Error{Name: "EchoError", Value: "no value"}
	}
	return interp.Result{Values: []any{display.Text(expr)}}, nil
}

func (e *echoSession) Complete(code string, cursor int) interp.Completion {
	a, _ := e.echo.Ask(context.Background(), kernel.Complete{Code: code, Cursor: cursor})
	c := a.(kernel.Completion)
	out := interp.Completion{Start: c.Start, End: c.End}
	for _, m := range c.Matches {
		out.Matches = append(out.Matches, interp.Match(m))
	}
	return out
}

func (e *echoSession) Inspect(code string, cursor, level int) interp.Inspection {
	a, _ := e.echo.Ask(context.Background(), kernel.Inspect{Code: code, Cursor: cursor, Level: level})
	i := a.(kernel.Inspection)
	var s string
	_ = json.Unmarshal(i.Bundle.Data["text/plain"], &s)
	return interp.Inspection{Found: i.Found, Text: s}
}

func (e *echoSession) IsComplete(code string) interp.Completeness {
	a, _ := e.echo.Ask(context.Background(), kernel.IsComplete{Code: code})
	c := a.(kernel.Completeness)
	return interp.Completeness{Status: c.Status, Indent: c.Indent}
}
