package interp

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"
	"reflect"
	"strings"
	"time"
)

// ownPath is the package through which predeclared names reach the session.
const ownPath = "surprisal/session"

// prelude is what every notebook starts with, as a cell that runs before the
// first that mentions one of its names.
const prelude = `import "surprisal/session"
var ctx = session.Context()
func must[T any](v T, err error) T {
	if err != nil {
		session.Fail(err)
	}
	return v
}`

var predeclared = []string{"ctx", "must"}

// preludeID owns nothing: no reader wrote it.
const preludeID = 1 << 62

// preludeName is what positions in it are called, see check.Position.
const preludeName = "prelude"

// predeclare runs the prelude once a cell may need it.
func (s *Session) predeclare(code string) error {
	if s.ready || !mentions(code) {
		return nil
	}
	p, err := s.ownPackage()
	if err != nil {
		return err
	}
	s.memory[ownPath] = p
	cell, errs := s.checker.Check(preludeID, -1, prelude)
	if errs != nil {
		return errs
	}
	unit, e := s.define(cell, nil)
	if e != nil {
		return e
	}
	s.ready = true
	s.checker.Predeclare(predeclared...)
	_, err = s.call(unit)
	return err
}

func mentions(code string) bool {
	for _, n := range predeclared {
		if strings.Contains(code, n) {
			return true
		}
	}
	return false
}

// ownPackage describes package session to the type checker.
func (s *Session) ownPackage() (*types.Package, error) {
	c, err := s.checker.Import("context")
	if err != nil {
		return nil, err
	}
	ctx := types.NewVar(token.NoPos, nil, "", c.Scope().Lookup("Context").Type())
	fail := types.NewVar(token.NoPos, nil, "err", types.Universe.Lookup("error").Type())
	p := types.NewPackage(ownPath, "session")
	add := func(name string, params, results *types.Tuple) {
		p.Scope().Insert(types.NewFunc(token.NoPos, p, name, types.NewSignatureType(nil, nil, nil, params, results, false)))
	}
	add("Context", nil, types.NewTuple(ctx))
	add("Fail", types.NewTuple(fail), nil)
	p.MarkComplete()
	return p, nil
}

func (s *Session) ownSymbols() map[string]reflect.Value {
	return map[string]reflect.Value{
		"Context": reflect.ValueOf(func() context.Context { return cellContext{s} }),
		"Fail":    reflect.ValueOf(func(err error) { panic(failed{err}) }),
	}
}

// failed is how must ends a cell: with the error that it was given.
type failed struct{ err error }

func (f failed) Error() string { return f.err.Error() }
func (f failed) Unwrap() error { return f.err }

// cellContext is ctx in every cell: the context of the cell that owns the
// goroutine that asks. One value serves all cells, so that functions of earlier
// cells that use ctx see the running one's.
type cellContext struct{ s *Session }

func (c cellContext) now() context.Context {
	if x := c.s.runs.get(c.s.guard.Owner()); x != nil {
		return x.ctx
	}
	return context.Background()
}

func (c cellContext) Deadline() (time.Time, bool) { return c.now().Deadline() }
func (c cellContext) Done() <-chan struct{}       { return c.now().Done() }
func (c cellContext) Err() error                  { return c.now().Err() }
func (c cellContext) Value(key any) any           { return c.now().Value(key) }
func (c cellContext) String() string              { return "notebook.Context" }

var (
	_ context.Context = cellContext{}
	_ fmt.Stringer    = cellContext{}
)

// stdout and stderr are what print and yaegi's own functions write to when no
// package table does.
func (s *Session) stdout() io.Writer { return os.Stdout }

// stderr is the writer that the session's print and println write to: that of
// the bound fmt.Fprint, so that their text has an owner.
func (s *Session) stderr() io.Writer {
	if f, ok := valueOf[func(io.Writer, ...any) (int, error)](s.cfg.Bind["fmt"]["Fprint"]); ok {
		return printer{f, s}
	}
	return os.Stderr
}

func valueOf[T any](v reflect.Value) (t T, ok bool) {
	if !v.IsValid() || !v.CanInterface() {
		return t, false
	}
	t, ok = v.Interface().(T)
	return t, ok
}

type printer struct {
	fprint func(io.Writer, ...any) (int, error)
	s      *Session
}

func (p printer) Write(b []byte) (int, error) {
	w := io.Writer(os.Stderr)
	if f, ok := valueOf[*os.File](p.s.cfg.Bind["os"]["Stderr"]); ok && f != nil {
		w = f
	}
	return p.fprint(w, string(b))
}
