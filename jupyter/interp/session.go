package interp

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/types"
	"io"
	"maps"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/traefik/yaegi/interp"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/lower"
	"surprisal/jupyter/interp/rt"
)

// patience is how long a stopped cell may take to end by itself. A cell that
// takes longer waits for something that no stop can reach, a lock or a native
// call, and is left behind: it ends at its first statement after that.
const patience = 50 * time.Millisecond

// Session is a notebook's Go: what cells have defined, and the means to run
// the next one. Run is one at a time; Complete, Inspect, IsComplete and Vars
// may be called meanwhile.
type Session struct {
	cfg   Config
	guard *guard.Guard

	turn    chan struct{} // full while a cell is compiled or runs
	fate    atomic.Int32  // of the cell that is compiled
	stopped []uint64      // cells that the next one waits for; under turn

	mu      sync.Mutex // of all below, but for runs and arrival
	checker *check.Checker
	lowerer *lower.Lowerer
	backend *ir.Yaegi
	yaegi   *interp.Interpreter
	runtime *rt.Runtime
	marks   marks
	sources sources
	memory  map[string]*types.Package // packages made here
	modules modules
	arrival arrival      // how far the cell that runs has come
	garbage []*types.Var // to be cleared when the cell that replaces them has run
	ready   bool         // the predeclared names are there
	running bool         // from a cell's compilation to its end
	failed  func(cell uint64, e *Error)

	runs   runs
	stands map[string]map[string]reflect.Value
}

// New returns a Session in which nothing is defined but what Config preloads,
// ctx and must. It loads nothing: a package is read when a cell first names it.
func New(c Config) (*Session, error) {
	if c.Packages == nil {
		return nil, errors.New("interp: no packages: a session needs Config.Packages")
	}
	if c.Guard == nil {
		c.Guard = guard.New()
	}
	s := &Session{cfg: c, guard: c.Guard, memory: map[string]*types.Package{}, turn: make(chan struct{}, 1)}
	s.runs.init()
	s.stands = s.standIns()
	s.checker = check.New(check.Options{
		Export:   c.Packages.Export,
		Preload:  c.Preload,
		Packages: s.memory,
		Missing:  s.modules.reason,
		Stop:     s.givenUp,
	})
	s.runtime = rt.New(rt.Config{
		FlagsAt: s.guard.FlagsAt,
		Check:   s.guard.Check,
		Done:    s.guard.Stopping,
		Leaving: s.guard.Leaving,
		Exited:  s.guard.Exited,
		Go:      s.guard.Go,
		Show:    func(vs []any) { s.runs.show(s.guard.Owner(), vs) },
		Reached: s.reached,
		Stderr:  s.stderr(),
		Wrapper: s.wrapper,
	})
	s.yaegi = interp.New(interp.Options{Stdout: s.stdout(), Stderr: &s.marks, Stdin: noInput{}})
	var err error
	s.backend, err = ir.NewYaegi(s.yaegi, s.symbols(), s.runtime.Ops(), s.load)
	if err != nil {
		return nil, fmt.Errorf("interp: new session: %w", err)
	}
	s.marks.line, s.marks.top = s.runtime.Line, s.runtime.Top
	s.lowerer = lower.New(lower.Options{Runtime: s.runtime, Importer: s.checker, Source: s.librarySource, Has: s.has, StandIn: s.standsIn, Stop: s.givenUp})
	s.guard.OnPanic(s.panicked)
	return s, nil
}

// OnFailure sets what hears of a panic, or of os.Exit, in a goroutine that has
// outlived its cell's run; the failure of a running cell is the result of Run.
func (s *Session) OnFailure(f func(cell uint64, e *Error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = f
}

// noInput is the interpreter's own standard input; cells read that of the
// package table.
type noInput struct{}

func (noInput) Read([]byte) (int, error) { return 0, io.EOF }

// load gives the interpreter the symbols of a package, with what stands in
// this session in place of some functions.
func (s *Session) load(path string) (map[string]reflect.Value, error) {
	if path == ownPath {
		return s.ownSymbols(), nil
	}
	vs := s.cfg.Packages.Values(path)
	if vs == nil {
		return nil, fmt.Errorf("interp: package %s has types and no values", path)
	}
	if b := s.bound(path); len(b) > 0 {
		vs = maps.Clone(vs)
		maps.Copy(vs, b)
	}
	if path == "log" {
		vs = s.logging(vs)
	}
	return vs, nil
}

// bound is what stands in for functions of a package; os.Exit always does.
func (s *Session) bound(path string) map[string]reflect.Value {
	b := withoutMethods(s.cfg.Bind[path])
	set := func(name string, f any) {
		if b == nil {
			b = map[string]reflect.Value{}
		}
		if !b[name].IsValid() {
			b[name] = reflect.ValueOf(f)
		}
	}
	switch path {
	case "os":
		set("Exit", s.guard.Exit)
	case "flag":
		set("PrintDefaults", func() { s.flagsShown(flag.CommandLine, flag.PrintDefaults) })
		set("Parse", func() { s.flagsShown(flag.CommandLine, flag.Parse) })
	case "runtime":
		set("Stack", func(buf []byte, _ bool) int { return copy(buf, s.stack()) })
	case "runtime/debug":
		set("Stack", func() []byte { return []byte(s.stack()) })
		set("PrintStack", func() { io.WriteString(s.stderr(), s.stack()) })
	}
	return b
}

// stack is what a goroutine of a cell is told of where it is: native frames would
// be the interpreter's.
func (s *Session) stack() string {
	at := s.marks.now()
	name := "main.main"
	if at.Func != "" {
		name = "main." + at.Func
	}
	return fmt.Sprintf("goroutine %d [running]:\n%s(...)\n\t%s:%d\n", rt.Goroutine(), name, at.Pos.Filename, at.Pos.Line)
}

func (s *Session) has(path, name string) bool {
	if path == ownPath {
		return true
	}
	return s.cfg.Packages.Values(path)[name].IsValid() || s.cfg.Bind[path][name].IsValid()
}

// wrapper returns the struct type by which yaegi implements a native interface.
func (s *Session) wrapper(path, name string) reflect.Type {
	v := s.cfg.Packages.Values(path)["_"+name]
	if !v.IsValid() || v.Kind() != reflect.Pointer {
		return nil
	}
	return v.Type().Elem()
}

// symbols is the run time as the interpreter sees it. A recovered panic is
// over: its frames must not stand in the traceback of the next.
func (s *Session) symbols() map[string]reflect.Value {
	m := rt.Symbols(s.runtime)
	recovered := s.runtime.Recover
	m["Recover"] = reflect.ValueOf(func(armed bool) any {
		v := recovered(armed)
		if v != nil {
			s.marks.forget()
		}
		return v
	})
	for path, fs := range s.stands {
		for name, f := range fs {
			m[lower.StandInName(path, name)] = f
		}
	}
	return m
}

// Run runs a cell and returns when it has ended. A cancelled ctx interrupts
// it: its goroutines stop at their next statement that is polled, deferred
// functions run, and what the cell has assigned so far stays.
func (s *Session) Run(ctx context.Context, c Cell) (Result, *Error) {
	if !s.take(ctx) {
		return Result{}, interruption("")
	}
	over := true
	defer func() {
		if over {
			s.give()
		}
	}()
	s.settle(ctx)
	fetched := s.fetch(ctx, c)
	s.mu.Lock()
	s.sources.add(c)
	if e := s.bring(ctx, c, fetched); e != nil {
		s.running = false
		s.mu.Unlock()
		return Result{}, e
	}
	var p compiled
	var e *Error
	if p, e, over = s.translate(ctx, c); e != nil {
		return Result{}, e
	}
	s.warn(c)
	s.remark(p.notes)
	defer s.sweep(c.ID)
	defer s.rest()
	res, e := s.execute(ctx, c, p.unit)
	s.arrived()
	if p.mute && len(res.Values) == 1 && res.Values[0] == nil {
		res.Values = nil
	}
	return res, e
}

// Eval evaluates an expression, as execute_request's user_expressions do. What
// it prints belongs to the cell that ran last.
func (s *Session) Eval(ctx context.Context, expr string) (Result, *Error) {
	if !s.take(ctx) {
		return Result{}, interruption("")
	}
	defer s.give()
	c := Cell{ID: s.runs.lastID(), Code: expr} // Count 0: a cell that no reader has numbered
	s.mu.Lock()
	unit, e := s.compileExpr(c)
	s.running = e == nil
	s.mu.Unlock()
	if e != nil {
		return Result{}, e
	}
	defer s.rest()
	return s.execute(ctx, c, unit)
}

// rest notes that no cell runs.
func (s *Session) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
}

// IsComplete tells whether code can run as it stands.
func (s *Session) IsComplete(code string) Completeness {
	status, indent := check.Completeness(code)
	return Completeness{Status: status, Indent: indent}
}

// Complete returns what may stand at cursor, in code points.
func (s *Session) Complete(code string, cursor int) Completion {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.guard.Hush()()
	return s.book().complete(code, cursor)
}

// Inspect documents what stands at cursor, in code points. Level 1 adds the
// source of what cells declare.
func (s *Session) Inspect(code string, cursor, level int) Inspection {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.guard.Hush()()
	return s.book().inspect(code, cursor, level)
}

// book is the notebook as completion and inspection see it. The prelude must
// have run for its names to be known.
func (s *Session) book() *book {
	_ = s.predeclare(predeclared[0]) // without it, nobody is offered ctx and must
	b := &book{Checker: s.checker, preload: s.cfg.Preload, doc: s.cfg.Packages.Doc, source: s.sourceOf, value: func(name string) (string, string) { return s.look(name, true) }}
	if l, ok := s.cfg.Packages.(Lister); ok {
		b.paths = l.Paths()
	}
	for p := range s.memory {
		if p != ownPath {
			b.paths = append(b.paths, p)
		}
	}
	return b
}

func (s *Session) sourceOf(count int) string {
	text, _ := s.sources.get(count)
	return strings.ReplaceAll(text, "\r\n", "\n") // as positions count
}
