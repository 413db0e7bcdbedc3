package worker

import (
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// busyAfter is how long a cell runs before the link gets a reader of its own.
const busyAfter = 20 * time.Millisecond

// readers are the two that take frames from the link, by turns. The ordinary
// one waits in Go's poller, which is cheapest for cells that end in a
// millisecond. Beside a cell that keeps all cores busy it would wait for the
// system to run the thread that polls: eight busy goroutines on two cores made
// a completion take 9 ms at the median and 70 at the worst. The eager one waits
// in the system itself, on a thread that comes before those of cells, and
// answers questions there: half a millisecond.
type readers struct {
	eager atomic.Bool   // there is an eager one
	busy  atomic.Bool   // a cell has been running for busyAfter
	turn  chan struct{} // to the eager one
	back  chan struct{} // to the ordinary one
}

func newReaders() readers {
	return readers{turn: make(chan struct{}), back: make(chan struct{})}
}

// read is the ordinary reader: it takes frames until the front is gone.
func (s *Server) read() {
	for {
		f, err := s.link.recv()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.link.conn.SetReadDeadline(time.Time{})
		case err != nil:
			endGroup()
		default:
			s.take(f)
		}
		if s.readers.busy.Load() {
			s.readers.turn <- struct{}{}
			<-s.readers.back
		}
	}
}

// readEagerly is the eager reader. A question takes some milliseconds, longer
// only behind the compilation of a cell, which no interrupt ends either: all
// else can wait for it.
func (s *Server) readEagerly() {
	runtime.LockOSThread()
	if !comeFirst() {
		return
	}
	s.readers.eager.Store(true)
	for range s.readers.turn {
		for s.readers.busy.Load() {
			s.link.await()
			f, err := s.link.recv()
			switch {
			case errors.Is(err, os.ErrDeadlineExceeded):
				s.link.conn.SetReadDeadline(time.Time{})
			case err != nil:
				endGroup()
			case f.question():
				s.ask(job{f: f})
			default:
				s.take(f)
			}
		}
		s.readers.back <- struct{}{}
	}
}

// watch lets the eager reader read while a cell runs for long. The function
// that it returns ends that; the link is given back with the next frame.
func (s *Server) watch() (over func()) {
	if !s.readers.eager.Load() {
		return func() {}
	}
	t := time.AfterFunc(busyAfter, func() {
		s.readers.busy.Store(true)
		s.link.conn.SetReadDeadline(time.Unix(1, 0)) // the ordinary one lets go
	})
	return func() {
		t.Stop() // one that just fired leaves the eager one there: until the next cell
		s.readers.busy.Store(false)
	}
}
