package widget

import (
	"context"
	"os"
	"slices"
	"sync"
	"time"

	"surprisal/gpu/monitor"
	"surprisal/jupyter/display"
)

// Deck is the widgets of one session. The fields are set before the first cell
// runs.
type Deck struct {
	// Screen is where widgets are shown.
	Screen *display.Screen
	// Start starts the monitor; nil starts none.
	Start func(ctx context.Context) error

	folder string // where the monitor is found; empty: where Folder says

	once  sync.Once
	watch chan *monitor.Client // to run

	mu     sync.Mutex
	cells  int             // that run
	rested time.Time       // when the last one ended
	panel  *Panel          // the newest, which alone is live
	client *monitor.Client // nil while nobody listens to the monitor
	bars   []*Progress     // with something that is not drawn yet
}

const (
	period  = time.Second     // between updates of a panel
	hold    = time.Minute     // of a monitor that no running cell needs
	waiting = 3 * time.Second // for the first snapshot of a panel
)

// Open begins to serve the session. It must be called on a goroutine that
// belongs to no cell: what is updated later belongs to the cell that runs then.
func (d *Deck) Open() {
	d.once.Do(func() {
		d.watch = make(chan *monitor.Client, 1)
		go d.pump()
	})
}

// keep notes a bar that End must draw.
func (d *Deck) keep(p *Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(d.bars, p) {
		d.bars = append(d.bars, p)
	}
}

// listen returns the client of the monitor, which it has run if there was none.
func (d *Deck) listen() *monitor.Client {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.client == nil {
		d.client = &monitor.Client{Folder: d.folder, Start: d.Start}
		d.watch <- d.client // the pump waits for it: it ran the last one until there was none
	}
	return d.client
}

// Begin notes that a cell begins.
func (d *Deck) Begin() {
	d.mu.Lock()
	d.cells++
	live := d.panel != nil
	d.mu.Unlock()
	if live {
		d.listen()
	}
}

// End notes that a cell has ended, before its end is told: bars are drawn as
// they stand, and a panel that was updated meanwhile comes to rest.
func (d *Deck) End() {
	d.mu.Lock()
	d.cells--
	p, last := d.panel, d.cells == 0
	d.rested = time.Now()
	bars := d.bars
	d.bars = nil
	d.mu.Unlock()
	for _, b := range bars {
		b.flush()
	}
	if p != nil && last {
		p.rest()
	}
}

// pump updates the panel while a cell runs, once for each snapshot that the
// monitor sends and at most once a second. What comes while the last update is
// still on its way is dropped.
func (d *Deck) pump() {
	for c := range d.watch {
		ctx, cancel := context.WithCancel(context.Background())
		go c.Run(ctx)
		last := time.Now()
		for p, more := d.now(); more; p, more = d.now() {
			changed := c.Changed()
			if p != nil {
				p.tick(c)
			}
			select {
			case <-changed:
			case <-time.After(2 * period): // the age of what is shown is news, too
			}
			// The monitor's beat is no exact one: without the tenth every other
			// snapshot would be late for a whole beat.
			time.Sleep(period*9/10 - time.Since(last))
			last = time.Now()
		}
		cancel()
	}
}

// now returns the panel that a tick updates, nil between cells, and whether
// there is still somebody who may look at it: without a cell for a minute the
// monitor is let go.
func (d *Deck) now() (p *Panel, more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.panel == nil, d.cells == 0 && time.Since(d.rested) > hold:
		d.client = nil
		return nil, false
	case d.cells == 0:
		return nil, true
	}
	return d.panel, true
}

// moves reports whether p is updated: a cell runs, and p is the newest panel.
func (d *Deck) moves(p *Panel) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.panel == p && d.cells > 0
}

// GPU shows the live panel of the GPUs: utilisation, memory, power and
// temperature with a minute of history, and this session's own share. It is
// updated once a second while cells run, and rests as a picture and a sentence
// between them. One panel of a session is live: an earlier one stays as it is.
//
// The numbers are the driver's, read by a process of its own; without a GPU
// they are made up, and the panel says so and why.
func (d *Deck) GPU() *Panel {
	d.Open()
	p := &Panel{deck: d, pid: os.Getpid()}
	d.mu.Lock()
	old := d.panel
	d.panel = p
	d.rested = time.Now() // where nobody tells of cells
	d.mu.Unlock()
	if old != nil {
		old.rest()
	}
	c := d.listen()
	ctx, cancel := context.WithTimeout(context.Background(), waiting)
	defer cancel()
	c.Wait(ctx) // whatever comes of it is shown
	p.show(c)
	return p
}

// GPU shows the live panel of the GPUs; see Deck.GPU. Outside of a notebook it
// prints once what the monitor of this user tells, if one runs.
func GPU() *Panel {
	ctx, cancel := context.WithTimeout(context.Background(), waiting)
	defer cancel()
	v := view{pid: os.Getpid(), now: time.Now()}
	if s, err := monitor.Read(ctx); err != nil {
		v.fault = err.Error()
	} else {
		v.past = []monitor.Snapshot{s}
	}
	return &Panel{deck: new(Deck), handle: display.Show(v), last: v}
}

// Read returns a snapshot of the monitor, which it has started if none runs.
func (d *Deck) Read(ctx context.Context) (monitor.Snapshot, error) {
	return (&monitor.Client{Folder: d.folder, Start: d.Start}).Read(ctx)
}
