package device

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"surprisal/gpu/internal/driver"
)

// Stream is a queue of work: what is given to it is done in its order, and beside
// what other streams do. Several goroutines may give it work; the order among
// them is theirs to keep.
type Stream struct {
	d         *Device
	handle    driver.Stream
	capturing atomic.Bool
}

// streams keeps streams for reuse.
type streams struct {
	mu   sync.Mutex
	all  []driver.Stream
	idle []*Stream
}

func (l *streams) close(d *Device) (err error) {
	for _, s := range l.all {
		err = errors.Join(err, d.try("StreamDestroy", func() driver.Code { return d.calls.StreamDestroy(s) }))
	}
	l.all, l.idle = nil, nil
	return err
}

// Stream is one that nobody uses. Release gives it back.
func (t *Thread) Stream() (*Stream, error) {
	if err := t.alive(); err != nil {
		return nil, err
	}
	l := &t.d.streams
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		s := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return s, nil
	}
	// The default stream would wait for all others.
	h, code := t.d.calls.StreamCreate(driver.StreamNonBlocking)
	if code != driver.Success {
		return nil, t.d.failed("StreamCreate", code)
	}
	l.all = append(l.all, h)
	return &Stream{d: t.d, handle: h}, nil
}

// Release gives the stream back. Work may be left in it: whoever takes it next
// comes after that.
func (s *Stream) Release() {
	s.d.streams.mu.Lock()
	defer s.d.streams.mu.Unlock()
	s.d.streams.idle = append(s.d.streams.idle, s)
}

// Order lets what is given to after from now on begin when before has done what it
// has been given so far.
func (t *Thread) Order(before, after *Stream) error {
	if err := t.alive(); err != nil || before == after {
		return err
	}
	e, err := t.mark(before)
	if err == nil {
		defer t.d.events.put(false, e) // recording it again does not disturb those who wait already
		err = t.d.failed("StreamWaitEvent", t.d.calls.StreamWaitEvent(after.handle, e))
	}
	if err == nil || before.capturing.Load() || after.capturing.Load() {
		return err
	}
	// The host waits in its place: without the order memory would go back while it is in use.
	if t.d.try("StreamSynchronize", func() driver.Code { return t.d.calls.StreamSynchronize(before.handle) }) != nil {
		return err
	}
	return nil
}

// Wait returns when the stream has done what it was given: nil, or the error of
// something that it did. If ctx ends before, flags of that context are raised,
// so that kernels that look at them stop; Wait returns when the stream is done all
// the same, for the memory is in use until then, with ctx's cause.
func (t *Thread) Wait(ctx context.Context, s *Stream) error {
	if err := t.alive(); err != nil {
		return err
	}
	e, err := t.mark(s)
	if err != nil {
		return err
	}
	err = t.passed(e)
	t.d.events.put(false, e)
	t.d.stats.harvest(t)
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return err
}

// passed waits for an event: at first it asks without a pause, as small kernels end
// within microseconds, then at most a thousand times a second. Between asking it
// does not yield: giving up a goroutine that is tied to its thread costs two
// switches of threads, 10 µs and more.
func (t *Thread) passed(e driver.Event) error {
	const spin, longest = 500 * time.Microsecond, time.Millisecond
	begin, pause := time.Now(), 20*time.Microsecond
	for {
		code := t.d.calls.EventQuery(e)
		if code != driver.NotReady {
			return t.d.failed("EventQuery", code)
		}
		if time.Since(begin) < spin {
			continue
		}
		time.Sleep(pause)
		pause = min(2*pause, longest)
	}
}
