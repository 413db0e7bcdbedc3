//go:build unix

package widget

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"surprisal/gpu/monitor"
	"surprisal/jupyter/display"
)

// page is a screen that writes down what it is told, and takes its time.
type page struct {
	mu    sync.Mutex
	slow  time.Duration
	shows []string // kind, id and text
	at    []time.Time
}

func (p *page) put(kind, id string, b display.Bundle) {
	p.mu.Lock()
	slow := p.slow
	p.shows, p.at = append(p.shows, fmt.Sprintf("%s %s %v", kind, id, b.Data["text/html"])), append(p.at, time.Now())
	p.mu.Unlock()
	time.Sleep(slow)
}
func (p *page) Display(id string, b display.Bundle) { p.put("display", id, b) }
func (p *page) Update(id string, b display.Bundle)  { p.put("update", id, b) }
func (p *page) Clear(bool)                          {}

func (p *page) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.shows...)
}

// desk is a deck whose monitor, a demo, lives in this process.
func desk(t *testing.T, p *page) *Deck {
	t.Helper()
	t.Parallel()
	dir, err := os.MkdirTemp("", "deck-")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	var served sync.WaitGroup
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		cancel()
		served.Wait()
		os.RemoveAll(dir)
	})
	d := &Deck{folder: dir, Screen: display.NewScreen(p), Start: func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil {
			return ctx.Err() // the test is over
		}
		ready := make(chan struct{})
		s := &monitor.Server{Poller: monitor.NewPoller(monitor.Demo{}), Folder: dir, Ready: func() { close(ready) }}
		served.Go(func() { s.Serve(ctx) })
		<-ready
		return nil
	}}
	d.Open()
	return d
}

func TestPanelMovesWhileACellRunsAndRestsAfter(t *testing.T) {
	p := new(page)
	d := desk(t, p)
	d.Begin()
	panel := d.GPU()
	d.End()
	first := p.all()
	if len(first) != 2 || !strings.HasPrefix(first[0], "display ") || !strings.Contains(first[0], "live at ") || !strings.HasPrefix(first[1], "update ") || !strings.Contains(first[1], "○ at ") {
		t.Fatalf("a cell that only makes the panel: %d outputs, want it and its rest: %.300v", len(first), first)
	}
	time.Sleep(1500 * time.Millisecond)
	if n := len(p.all()); n != 2 {
		t.Errorf("%d outputs while no cell ran", n-2)
	}
	d.Begin()
	time.Sleep(3500 * time.Millisecond)
	d.End()
	all := p.all()[2:]
	if n := len(all); n < 3 || n > 5 {
		t.Errorf("%d updates in 3.5 s, want one a second and the rest", n)
	}
	seen := map[string]bool{}
	for i, s := range all {
		if last := i == len(all)-1; strings.Contains(s, "live at ") == last {
			t.Errorf("update %d of %d is at rest or not: %.300s", i, len(all), s)
		}
		seen[s] = true
		if !strings.HasPrefix(s, "update "+strings.Fields(first[0])[1]) {
			t.Errorf("another display: %.100s", s)
		}
	}
	if len(seen) < 3 {
		t.Error("the panel does not move")
	}
	if !strings.Contains(panel.String(), "Demo GPU, at ") || !panel.OnScreen() {
		t.Errorf("%v", panel)
	}
	panel.Stop()
	d.Begin()
	time.Sleep(1500 * time.Millisecond)
	d.End()
	if n := len(p.all()) - 2 - len(all); n != 0 {
		t.Errorf("%d updates of a stopped panel", n)
	}
}

func TestShortCellsCostNoMessage(t *testing.T) {
	p := new(page)
	d := desk(t, p)
	d.Begin()
	d.GPU()
	d.End()
	began := time.Now()
	for range 50 {
		d.Begin()
		time.Sleep(time.Millisecond)
		d.End()
	}
	// A tick may fall into one of them, and that comes to rest.
	if n, limit := len(p.all())-2, 2+2*int(time.Since(began)/period); n > limit {
		t.Errorf("50 short cells made %d messages, want %d at most", n, limit)
	}
}

func TestOnePanelIsLive(t *testing.T) {
	p := new(page)
	d := desk(t, p)
	d.Begin()
	d.GPU()
	d.GPU()
	time.Sleep(2500 * time.Millisecond)
	d.End()
	all := p.all()
	first, second, rest := strings.Fields(all[0])[1], 0, ""
	for i, s := range all {
		switch {
		case strings.HasPrefix(s, "display ") && i > 0:
			second = i
		case strings.Fields(s)[1] != first:
		case second > 0:
			t.Errorf("the first panel moves after the second came: %.200s", s)
		default:
			rest = s
		}
	}
	if second == 0 || len(all)-second < 3 || !strings.Contains(rest, "○ at ") {
		t.Errorf("second panel at %d of %d outputs, the first left as %.200s", second, len(all), rest)
	}
}

// Whenever a cell ends, what is on the screen then is at rest, and stays so.
func TestRestIsTheLastWord(t *testing.T) {
	p := new(page)
	d := desk(t, p)
	d.Begin()
	d.GPU()
	d.End()
	for range 400 {
		d.Begin()
		go func() {
			d.mu.Lock()
			panel, c := d.panel, d.client
			d.mu.Unlock()
			panel.mu.Lock()
			panel.last.past = nil // so that there is news
			panel.mu.Unlock()
			panel.tick(c) // as the pump, late
		}()
		d.End()
	}
	time.Sleep(50 * time.Millisecond)
	if all := p.all(); strings.Contains(all[len(all)-1], "live at ") {
		t.Errorf("the last picture says that it is live: %.200s", all[len(all)-1])
	}
}

// A front end that takes 1.6 s for an update misses the ticks meanwhile.
func TestBusyScreenMissesTicks(t *testing.T) {
	p := new(page)
	d := desk(t, p)
	d.Begin()
	d.GPU()
	p.mu.Lock()
	p.slow = 1600 * time.Millisecond
	p.mu.Unlock()
	time.Sleep(6 * time.Second)
	if n := len(p.all()) - 1; n < 2 || n > 4 {
		t.Errorf("%d updates in 6 s at 1.6 s each", n)
	}
	d.End()
}

func TestPanelWithoutAMonitor(t *testing.T) {
	p := new(page)
	d := desk(t, p)
	d.Start = func(context.Context) error {
		return errors.New("monitor: /run/x/monitor.sock is in the way and is no socket: move it")
	}
	d.Begin()
	d.GPU()
	d.End()
	if all := p.all(); !strings.Contains(all[0], "/run/x/monitor.sock is in the way and is no socket: move it; it is tried again in 1s.") {
		t.Errorf("%v", all)
	}
	if _, err := d.Read(context.Background()); err == nil || !strings.Contains(err.Error(), "in the way") {
		t.Errorf("%v", err)
	}
}
