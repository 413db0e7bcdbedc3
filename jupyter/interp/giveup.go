package interp

import "context"

// A large cell takes seconds to be compiled, and an interrupt is heard at once:
// the checker and the lowering ask whether to stop, and what cannot be asked goes
// on in the background and is dropped. The next cell waits for it.

// What becomes of the cell that is compiled.
const (
	undecided = iota
	defined   // it will run
	left      // its reader has interrupted it
)

// givenUp tells whether the cell that is compiled is to be dropped.
func (s *Session) givenUp() bool { return s.fate.Load() == left }

// given is e, or an interruption if that is why there is an error.
func (s *Session) given(e *Error) *Error {
	if s.givenUp() {
		return interruption("")
	}
	return e
}

// take waits for the session's turn, unless ctx ends before.
func (s *Session) take(ctx context.Context) bool {
	select {
	case s.turn <- struct{}{}:
	default:
		select {
		case s.turn <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}
	s.fate.Store(undecided)
	return true
}

func (s *Session) give() { <-s.turn }

// translate compiles a cell under s.mu, which it unlocks. If ctx ends before the
// cell is defined, it is not: over is false, and the turn is given back when
// what goes on has ended.
func (s *Session) translate(ctx context.Context, c Cell) (_ compiled, _ *Error, over bool) {
	done := make(chan struct{})
	var p compiled
	var e *Error
	var broken any
	go func() {
		defer close(done)
		defer s.mu.Unlock()
		defer func() { broken = recover() }()
		p, e = s.compile(c)
		s.running = e == nil
	}()
	select {
	case <-done:
	case <-ctx.Done():
		if s.fate.CompareAndSwap(undecided, left) {
			go func() {
				<-done
				s.give()
			}()
			return compiled{}, interruption(""), false
		}
		<-done
	}
	if broken != nil {
		panic(broken)
	}
	return p, e, true
}
