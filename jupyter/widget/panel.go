package widget

import (
	"sync"
	"time"

	"surprisal/gpu/monitor"
	"surprisal/jupyter/display"
)

// Panel is the panel of the GPUs on the screen. As the last expression of a
// cell it shows nothing: it is on the screen already.
type Panel struct {
	deck *Deck
	pid  int

	mu     sync.Mutex // held while an update is on its way
	handle *display.Handle
	last   view // what is shown
}

// show puts the panel on the screen.
func (p *Panel) show(c *monitor.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = p.view(c)
	p.handle = p.deck.Screen.Show(p.last)
}

// tick shows what is known now.
func (p *Panel) tick(c *monitor.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Without a handle its cell still waits for the first snapshot. A panel that
	// came to rest since the pump looked must not be woken again.
	if p.handle == nil || !p.deck.moves(p) {
		return
	}
	v := p.view(c)
	if n := len(v.past); n > 0 && v.fault == "" && v.latest().Time.Equal(p.last.latest().Time) && v.now.Sub(v.latest().Time) < late {
		return // nothing new, nor overdue
	}
	p.last = v
	p.handle.Update(v)
}

// view is what is known now. p.mu is held: what follows it is the rest.
func (p *Panel) view(c *monitor.Client) view {
	past, fault := c.State()
	return view{past: past, fault: fault, live: p.deck.moves(p), pid: p.pid, now: time.Now()}
}

// rest leaves what was shown last as a still picture.
func (p *Panel) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handle == nil || !p.last.live {
		return
	}
	p.last.live = false
	p.handle.Update(p.last)
}

// Stop leaves the panel as a still picture for good.
func (p *Panel) Stop() {
	p.deck.mu.Lock()
	if p.deck.panel == p {
		p.deck.panel = nil
	}
	p.deck.mu.Unlock()
	p.rest()
}

// OnScreen implements display.OnScreen.
func (p *Panel) OnScreen() bool { return true }

// String is the panel in a sentence.
func (p *Panel) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.String()
}
