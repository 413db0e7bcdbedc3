package device

import (
	"bytes"
	"sync"

	"surprisal/gpu/internal/driver"
)

// Tape notes what a device is given between Start and Stop: kernels, fills and
// copies on the device, in their order. Replay gives it to a stream again, so that
// it can be timed, or captured as a graph, without those who gave it.
//
// What was noted names memory. It may be replayed as long as nothing else has been
// given to the device since: what an arena gave back lies in the pool as it was.
type Tape struct {
	mu    sync.Mutex
	runs  bool
	steps []step
}

// step does once more what was done.
type step struct {
	call string
	do   func(driver.Stream) driver.Code
}

// Calls is the table with a tape in front of it.
func (p *Tape) Calls(c *driver.Calls) *driver.Calls {
	r := *c
	r.Launch = func(l *driver.Launch) driver.Code {
		code := c.Launch(l)
		again := new(driver.Launch)
		*again = *l
		again.Params = bytes.Clone(l.Params)
		p.note(code, "Launch", func(s driver.Stream) driver.Code {
			again.Stream = s
			return c.Launch(again)
		})
		return code
	}
	r.Fill = func(dst driver.Address, v byte, n uint64, s driver.Stream) driver.Code {
		code := c.Fill(dst, v, n, s)
		p.note(code, "Fill", func(s driver.Stream) driver.Code { return c.Fill(dst, v, n, s) })
		return code
	}
	return &r
}

func (p *Tape) note(code driver.Code, call string, do func(driver.Stream) driver.Code) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.runs && code == driver.Success {
		p.steps = append(p.steps, step{call, do})
	}
}

// Start forgets what was noted and notes from here on.
func (p *Tape) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs, p.steps = true, nil
}

// Stop ends the notes and returns how many there are.
func (p *Tape) Stop() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs = false
	return len(p.steps)
}

// Replay gives all that was noted to a stream, in its order. Only one goroutine
// may replay a tape at a time.
func (p *Tape) Replay(t *Thread, s *Stream) error {
	if err := t.alive(); err != nil {
		return err
	}
	for _, w := range p.steps {
		if err := t.d.failed(w.call, w.do(s.handle)); err != nil {
			return err
		}
	}
	return nil
}
