package device

import (
	"context"
	"errors"
	"sync"
	"time"

	"surprisal/gpu/internal/driver"
)

// events keeps events for reuse: making one takes microseconds.
type events struct {
	mu          sync.Mutex
	all         []driver.Event
	order, time []driver.Event // idle ones, without and with a clock
}

func (e *events) list(timed bool) *[]driver.Event {
	if timed {
		return &e.time
	}
	return &e.order
}

// get is an event that nobody uses.
func (e *events) get(d *Device, timed bool) (driver.Event, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	idle := e.list(timed)
	if n := len(*idle); n > 0 {
		v := (*idle)[n-1]
		*idle = (*idle)[:n-1]
		return v, nil
	}
	flags := uint32(driver.EventDisableTiming)
	if timed {
		flags = 0
	}
	v, code := d.calls.EventCreate(flags)
	if code != driver.Success {
		return 0, d.failed("EventCreate", code)
	}
	e.all = append(e.all, v)
	return v, nil
}

func (e *events) put(timed bool, v driver.Event) {
	if v == 0 {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	idle := e.list(timed)
	*idle = append(*idle, v)
}

func (e *events) close(d *Device) (err error) {
	for _, v := range e.all {
		err = errors.Join(err, d.try("EventDestroy", func() driver.Code { return d.calls.EventDestroy(v) }))
	}
	e.all, e.order, e.time = nil, nil, nil
	return err
}

// mark is an event that passes when the stream has done all that it was given.
func (t *Thread) mark(s *Stream) (driver.Event, error) {
	e, err := t.d.events.get(t.d, false)
	if err != nil {
		return 0, err
	}
	if err := t.d.failed("EventRecord", t.d.calls.EventRecord(e, s.handle)); err != nil {
		t.d.events.put(false, e)
		return 0, err
	}
	return e, nil
}

// Time is how long the device takes for what f gives to the stream, by the clock of
// the device. It waits for the stream.
func (t *Thread) Time(ctx context.Context, s *Stream, f func() error) (time.Duration, error) {
	if err := t.alive(); err != nil {
		return 0, err
	}
	e := &t.d.events
	from, err := e.get(t.d, true)
	if err != nil {
		return 0, err
	}
	defer e.put(true, from)
	to, err := e.get(t.d, true)
	if err != nil {
		return 0, err
	}
	defer e.put(true, to)
	if err := t.d.failed("EventRecord", t.d.calls.EventRecord(from, s.handle)); err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	if err := t.d.failed("EventRecord", t.d.calls.EventRecord(to, s.handle)); err != nil {
		return 0, err
	}
	if err := t.Wait(ctx, s); err != nil {
		return 0, err
	}
	ms, code := t.d.calls.EventElapsed(from, to)
	return time.Duration(float64(ms) * 1e6), t.d.failed("EventElapsed", code)
}
