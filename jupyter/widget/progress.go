package widget

import (
	"fmt"
	"html"
	"strings"
	"sync"
	"time"

	"surprisal/jupyter/display"
)

// Pauses between two pictures of a bar: on a screen, and where each one is a
// printed line.
const (
	screenPause = 100 * time.Millisecond
	printPause  = 10 * time.Second
)

// Progress is a progress bar on the screen. As the last expression of a cell it
// shows nothing: it is on the screen already. Its methods may be called from
// any goroutine, and as often as one likes: it is drawn ten times a second at
// most, and as it stands when its cell ends.
type Progress struct {
	deck   *Deck // nil outside of a notebook
	handle *display.Handle
	pause  time.Duration

	mu    sync.Mutex
	state bar
	drawn time.Time // when the last picture was made
	late  *time.Timer
}

// NewProgress shows a bar of total steps. A total that is not positive is not
// known: then steps are counted.
func (d *Deck) NewProgress(total int) *Progress {
	p := newProgress(total, screenPause)
	p.deck = d
	p.handle = d.Screen.Show(p.state)
	return p
}

// NewProgress shows a bar of total steps; see Deck.NewProgress. Outside of a
// notebook it prints a line every ten seconds.
func NewProgress(total int) *Progress {
	p := newProgress(total, printPause)
	p.handle = display.Show(p.state)
	return p
}

func newProgress(total int, pause time.Duration) *Progress {
	now := time.Now()
	return &Progress{pause: pause, drawn: now, state: bar{total: total, began: now, now: now}}
}

// SetDescription sets the text before the bar.
func (p *Progress) SetDescription(text string) { p.change(func(b *bar) { b.text = text }) }

// Set sets how many steps are done.
func (p *Progress) Set(done int) { p.change(func(b *bar) { b.done = done }) }

// Add adds to how many steps are done.
func (p *Progress) Add(steps int) { p.change(func(b *bar) { b.done += steps }) }

// change changes the state and draws it, now or after the pause.
func (p *Progress) change(f func(*bar)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.state)
	p.state.now = time.Now()
	rest := p.pause - p.state.now.Sub(p.drawn)
	if rest <= 0 || p.state.whole() {
		p.draw()
		return
	}
	if p.late == nil {
		var timer *time.Timer
		timer = time.AfterFunc(rest, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.late == timer { // else it fired while something was drawn
				p.draw()
			}
		})
		p.late = timer
		if p.deck != nil {
			p.deck.keep(p)
		}
	}
}

// flush draws what has not been drawn yet.
func (p *Progress) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.late != nil {
		p.draw()
	}
}

func (p *Progress) draw() {
	if p.late != nil {
		p.late.Stop()
		p.late = nil
	}
	p.handle.Update(p.state)
	p.drawn = time.Now()
}

// OnScreen implements display.OnScreen.
func (p *Progress) OnScreen() bool { return true }

// String is the bar in words.
func (p *Progress) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.String()
}

// bar is one state of a progress bar.
type bar struct {
	text       string
	done       int
	total      int
	began, now time.Time
}

func (b bar) whole() bool { return b.total > 0 && b.done >= b.total }

// fraction is how much is done, between 0 and 1.
func (b bar) fraction() float64 {
	if b.total <= 0 {
		return 0
	}
	return min(max(float64(b.done)/float64(b.total), 0), 1)
}

// String is the bar in words: "fit: 3 of 10, 30 %, 1.2 s, about 2.8 s left".
func (b bar) String() string {
	var s strings.Builder
	if b.text != "" {
		s.WriteString(b.text + ": ")
	}
	took := b.now.Sub(b.began)
	if b.total <= 0 {
		fmt.Fprintf(&s, "%d", b.done)
	} else {
		fmt.Fprintf(&s, "%d of %d, %.0f %%", b.done, b.total, 100*b.fraction())
	}
	fmt.Fprintf(&s, ", %s", round(took))
	if f := b.fraction(); f > 0 && f < 1 {
		fmt.Fprintf(&s, ", about %s left", round(time.Duration(float64(took)*(1-f)/f)))
	}
	return s.String()
}

// round is d to the digits that people read.
func round(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// HTML is the bar as a picture, in the page's text colour.
func (b bar) HTML() string {
	colour := "#388bfd"
	if b.whole() {
		colour = "#2da44e"
	}
	return fmt.Sprintf(`<div class="surprisal-progress" style="max-width:760px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-size:13px;line-height:1.6;font-variant-numeric:tabular-nums">`+
		`<svg viewBox="0 0 760 6" width="100%%" height="6" preserveAspectRatio="none" aria-hidden="true" style="display:block"><rect width="760" height="6" rx="3" fill="%s" opacity=".2"/><rect width="%.1f" height="6" rx="3" fill="%s"/></svg>%s</div>`,
		colour, 760*b.fraction(), colour, html.EscapeString(b.String()))
}
