package interp

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/traefik/yaegi/interp"

	"surprisal/jupyter/interp/guard"
	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// run is one cell that has been started.
type run struct {
	cell   Cell
	ctx    context.Context // what ctx is in the cell
	cancel context.CancelFunc
	done   <-chan struct{} // closed when the cell's own goroutine has ended
	err    error           // of the interpreter; after done
	trace  trace           // of err
	stop   <-chan struct{} // closed when the cell is stopped
	fault  chan fault      // first failure of a goroutine
	ended  bool            // Run has returned
	values []any
}

// fault is a panic, or an exit, and where it happened.
type fault struct {
	value any
	stack []byte
	trace
}

// trace is what is known of a panic beside its value.
type trace struct {
	frames  []frame
	earlier []rt.Earlier // panics that it came on top of
}

// runs are the cells that have live goroutines, and the last one.
type runs struct {
	mu   sync.Mutex
	byID map[uint64]*run
	last uint64
}

func (r *runs) init() { r.byID = map[uint64]*run{} }

func (r *runs) lastID() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

func (r *runs) get(id uint64) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

// start makes x the run of its cell and forgets cells without goroutines.
func (r *runs) start(x *run, live []uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.byID {
		if !slices.Contains(live, id) {
			delete(r.byID, id)
		}
	}
	r.byID[x.cell.ID], r.last = x, x.cell.ID
}

func (r *runs) show(id uint64, vs []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x := r.byID[id]; x != nil {
		x.values = vs
	}
}

// execute runs a compiled cell on a goroutine of its own, which a stop can end.
func (s *Session) execute(ctx context.Context, c Cell, unit *ir.Unit) (Result, *Error) {
	x := &run{cell: c, fault: make(chan fault, 1)}
	// Goroutines of the cell may outlive ctx, which ends with Run; the cell's
	// own context ends at an interrupt only.
	x.ctx, x.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.runs.start(x, s.guard.Live())
	x.stop, x.done = s.guard.Start(c.ID, func() { x.trace, x.err = s.call(unit) })
	select {
	case <-x.done:
	case <-ctx.Done():
		return Result{}, s.interrupted(x)
	case f := <-x.fault:
		s.halt(x)
		return Result{}, s.faultError(c, f)
	}
	if x.err != nil { // a program would end with all its goroutines
		s.halt(x)
		return Result{}, s.runError(x)
	}
	s.awaitPanic(x)
	s.finish(x)
	return s.outcome(x)
}

// awaitPanic lets a goroutine of the cell that is panicking come to its end: its
// deferred call may just have ended the cell's waiting for it.
func (s *Session) awaitPanic(x *run) {
	for end := time.Now().Add(patience); len(x.fault) == 0 && time.Now().Before(end); time.Sleep(time.Millisecond / 4) {
		if !slices.Contains(s.guard.Live(), x.cell.ID) || !s.runtime.Panicking() {
			return
		}
	}
}

// outcome is what a cell came to whose own goroutine ended without an error. A
// fault is looked for first: it is what stopped the cell, and a select among
// both would pick either.
func (s *Session) outcome(x *run) (Result, *Error) {
	select {
	case f := <-x.fault:
		return Result{}, s.faultError(x.cell, f)
	default:
	}
	select {
	case <-x.stop:
		return Result{}, interruption("")
	default:
		return Result{Values: x.values}, nil
	}
}

// settling is how long a cell waits for the goroutines of one that was stopped.
const settling = time.Second

// settle waits for goroutines of cells that were stopped, once: what they do
// between two polls must not meet the next cell. Most have ended long ago.
func (s *Session) settle(ctx context.Context) {
	stopped := s.stopped
	s.stopped = nil
	for end := time.Now().Add(settling); len(stopped) > 0 && time.Now().Before(end) && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		live := s.guard.Live()
		stopped = slices.DeleteFunc(stopped, func(id uint64) bool { return !slices.Contains(live, id) })
		if len(stopped) == 0 {
			return
		}
	}
}

// call runs the unit; nothing that the interpreter does may end the process.
func (s *Session) call(unit *ir.Unit) (t trace, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = interp.Panic{Value: v}
		}
		if err != nil {
			t = s.traced(err)
		}
	}()
	if unit.MayTakeLong() {
		guard.Watch()
	}
	return t, s.backend.Run(unit)
}

// traced returns what is known of the panic that the calling goroutine has
// ended with.
func (s *Session) traced(v any) trace {
	if p, ok := v.(interp.Panic); ok {
		v = p.Value
	}
	return trace{s.marks.take(), s.runtime.Landed(v)}
}

func (s *Session) finish(x *run) {
	s.runs.mu.Lock()
	x.ended = true
	s.runs.mu.Unlock()
}

// halt ends a cell: its goroutines stop where they poll, its context is
// cancelled, and what does not end soon is left behind. It reports whether the
// cell has ended.
func (s *Session) halt(x *run) bool {
	x.cancel()
	s.guard.Stop(x.cell.ID)
	s.stopped = append(s.stopped, x.cell.ID)
	defer s.finish(x)
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-x.done:
		return true
	case <-t.C:
		return false
	}
}

// interrupted ends a cell at the reader's wish.
func (s *Session) interrupted(x *run) *Error {
	if s.halt(x) {
		return interruption("")
	}
	return interruption("the cell waits inside a native call and ends when that returns")
}

func interruption(more string) *Error {
	e := &Error{Name: "Interrupted", Value: "the cell was interrupted"}
	if more != "" {
		e.Value += "; " + more
	}
	e.Traceback = []string{red(e.Name) + ": " + e.Value}
	return e
}

// panicked hears from the guard of a goroutine's panic, on that goroutine.
func (s *Session) panicked(id uint64, v any, stack []byte) {
	f := fault{value: v, stack: stack, trace: s.traced(v)}
	x := s.runs.get(id)
	if x == nil {
		s.tell(id, s.faultError(Cell{ID: id}, f))
		return
	}
	s.runs.mu.Lock()
	ended := x.ended
	s.runs.mu.Unlock()
	if ended {
		s.tell(id, s.faultError(x.cell, f))
		return
	}
	select {
	case x.fault <- f:
	default: // the first failure is the cell's error
	}
}

func (s *Session) tell(id uint64, e *Error) {
	s.mu.Lock()
	f := s.failed
	s.mu.Unlock()
	if f != nil {
		f(id, e)
	}
}

// runError is what the cell's own goroutine failed with.
func (s *Session) runError(x *run) *Error {
	var p interp.Panic
	if errors.As(x.err, &p) {
		return s.faultError(x.cell, fault{p.Value, p.Stack, x.trace})
	}
	return internal(x.err)
}

// faultError words a failure.
func (s *Session) faultError(c Cell, f fault) *Error {
	if st, ok := f.value.(guard.ExitStatus); ok {
		return &Error{Name: "Exit", Value: st.Error(), Traceback: []string{red("Exit") + ": " + st.Error() + "; variables are kept"}}
	}
	return s.panicError(f)
}
