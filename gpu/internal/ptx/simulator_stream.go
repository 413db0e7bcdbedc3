package ptx

import (
	"bytes"
	"slices"
	"time"

	"surprisal/gpu/internal/driver"
)

// give puts work at the end of a stream.
func (s *Simulator) give(h driver.Stream, do func() driver.Code) driver.Code {
	return s.add(h, work{do: do})
}

func (s *Simulator) add(h driver.Stream, w work) driver.Code {
	q := s.streams[h]
	switch {
	case q == nil:
		return s.fails(driver.InvalidHandle, "no such stream")
	case q.capturing:
		q.captured = append(q.captured, w)
	default:
		q.queue = append(q.queue, w)
	}
	return driver.Success
}

// step does one piece of work of a stream, and what it waits for before.
func (s *Simulator) step(q *stream) driver.Code {
	w := q.queue[0]
	if r := w.wait; r != nil && !r.passed {
		if r.in == q || len(r.in.queue) == 0 {
			return s.fails(driver.LaunchFailed, "a stream waits for what nobody will do")
		}
		return s.step(r.in)
	}
	q.queue = q.queue[1:]
	if w.do == nil {
		return driver.Success
	}
	if code := w.do(); code != driver.Success {
		if s.broken == driver.Success {
			s.broken = code
		}
		return s.broken
	}
	return driver.Success
}

// finish does all work of a stream.
func (s *Simulator) finish(q *stream) driver.Code {
	for len(q.queue) > 0 {
		if code := s.step(q); code != driver.Success {
			return code
		}
	}
	return driver.Success
}

func (s *Simulator) streamCalls(c *driver.Calls) {
	c.StreamCreate = func(uint32) (h driver.Stream, code driver.Code) {
		code = s.locked(func() driver.Code {
			h = driver.Stream(s.handle())
			s.streams[h] = &stream{}
			return driver.Success
		})
		return h, code
	}
	of := func(h driver.Stream, f func(*stream) driver.Code) driver.Code {
		return s.locked(func() driver.Code {
			if q := s.streams[h]; q != nil {
				return f(q)
			}
			return s.fails(driver.InvalidHandle, "no such stream")
		})
	}
	c.StreamDestroy = func(h driver.Stream) driver.Code {
		if code := of(h, s.finish); code != driver.Success {
			return code
		}
		return drop(s, s.streams, h)
	}
	c.StreamSynchronize = func(h driver.Stream) driver.Code { return of(h, s.finish) }
	c.StreamWaitEvent = func(h driver.Stream, v driver.Event) driver.Code {
		return s.locked(func() driver.Code {
			e := s.events[v]
			if e == nil {
				return s.fails(driver.InvalidHandle, "no such event")
			}
			return s.add(h, work{wait: e.last})
		})
	}
	s.eventCalls(c)
	c.Launch = func(k *driver.Launch) driver.Code {
		return s.locked(func() driver.Code {
			p := s.programs[k.Function]
			if p == nil {
				return s.fails(driver.InvalidHandle, "no such function")
			}
			own := *k
			own.Params = bytes.Clone(k.Params)
			dim := func(d [3]uint32) Dim { return Dim{int(d[0]), int(d[1]), int(d[2])} }
			if err := (Launch{Grid: dim(k.Grid), Block: dim(k.Block), Shared: int(k.Shared), Params: k.Params}).check(p); err != nil {
				return s.fails(driver.InvalidValue, "%s: %v", p.Name, err)
			}
			return s.give(k.Stream, func() driver.Code { return s.launch(p, own) })
		})
	}
}

// ask does one piece of work if there is some left, and says so.
func (s *Simulator) ask(in func() *stream, over func() bool) driver.Code {
	if over() {
		return driver.Success
	}
	if q := in(); q != nil && len(q.queue) > 0 {
		if code := s.step(q); code != driver.Success {
			return code
		}
	}
	return driver.NotReady
}

func (s *Simulator) eventCalls(c *driver.Calls) {
	c.EventCreate = func(uint32) (h driver.Event, code driver.Code) {
		code = s.locked(func() driver.Code {
			h = driver.Event(s.handle())
			s.events[h] = &event{}
			return driver.Success
		})
		return h, code
	}
	of := func(h driver.Event, f func(*event) driver.Code) driver.Code {
		return s.locked(func() driver.Code {
			if e := s.events[h]; e != nil {
				return f(e)
			}
			return s.fails(driver.InvalidHandle, "no such event")
		})
	}
	c.EventDestroy = func(h driver.Event) driver.Code { return drop(s, s.events, h) }
	c.EventRecord = func(h driver.Event, in driver.Stream) driver.Code {
		return of(h, func(e *event) driver.Code {
			q := s.streams[in]
			if q == nil {
				return s.fails(driver.InvalidHandle, "no such stream")
			}
			r := &record{in: q}
			if !q.capturing {
				e.last = r
			}
			return s.give(in, func() driver.Code {
				r.passed, r.at = true, time.Now()
				if e.last == nil || e.last.passed { // a replay
					e.last = r
				}
				return driver.Success
			})
		})
	}
	c.EventQuery = func(h driver.Event) driver.Code {
		return of(h, func(e *event) driver.Code {
			if e.last == nil {
				return driver.Success
			}
			return s.ask(func() *stream { return e.last.in }, func() bool { return e.last.passed })
		})
	}
	c.EventElapsed = func(from, to driver.Event) (ms float32, code driver.Code) {
		code = of(from, func(a *event) driver.Code {
			b := s.events[to]
			if b == nil {
				return s.fails(driver.InvalidHandle, "no such event")
			}
			if a.last == nil || b.last == nil || !a.last.passed || !b.last.passed {
				return driver.NotReady
			}
			ms = float32(b.last.at.Sub(a.last.at).Seconds() * 1000)
			return driver.Success
		})
		return ms, code
	}
}

func (s *Simulator) graphCalls(c *driver.Calls) {
	c.CaptureBegin = func(h driver.Stream) driver.Code {
		return s.locked(func() driver.Code {
			q := s.streams[h]
			if q == nil || q.capturing {
				return s.fails(driver.InvalidValue, "no such stream, or it is being captured")
			}
			q.capturing, q.captured = true, nil
			return driver.Success
		})
	}
	c.CaptureEnd = func(h driver.Stream) (g driver.Graph, code driver.Code) {
		code = s.locked(func() driver.Code {
			q := s.streams[h]
			if q == nil || !q.capturing {
				return s.fails(driver.InvalidValue, "no such stream, or it is not being captured")
			}
			g = driver.Graph(s.handle())
			s.graphs[g], q.captured, q.capturing = q.captured, nil, false
			return driver.Success
		})
		return g, code
	}
	c.GraphInstantiate = func(g driver.Graph) (x driver.GraphExec, code driver.Code) {
		code = s.locked(func() driver.Code {
			w, ok := s.graphs[g]
			if !ok {
				return s.fails(driver.InvalidHandle, "no such graph")
			}
			x = driver.GraphExec(s.handle())
			s.execs[x] = slices.Clone(w)
			return driver.Success
		})
		return x, code
	}
	c.GraphLaunch = func(x driver.GraphExec, h driver.Stream) driver.Code {
		return s.locked(func() driver.Code {
			w, ok := s.execs[x]
			if !ok {
				return s.fails(driver.InvalidHandle, "no such graph")
			}
			for _, one := range w {
				if code := s.add(h, one); code != driver.Success {
					return code
				}
			}
			return driver.Success
		})
	}
	c.GraphExecDestroy = func(x driver.GraphExec) driver.Code { return drop(s, s.execs, x) }
	c.GraphDestroy = func(g driver.Graph) driver.Code { return drop(s, s.graphs, g) }
}
