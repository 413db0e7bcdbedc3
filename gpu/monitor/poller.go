package monitor

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Poller asks a source once a second and gives its snapshots to any number of
// readers; none of them ever waits for a driver. The fields are set before Run.
type Poller struct {
	Source   Source
	Interval time.Duration // between snapshots; 1 s
	Watchdog time.Duration // after which a call counts as hung; 2 s
	Retry    time.Duration // between attempts to open a source that had no devices; 30 s

	mu   sync.Mutex
	ring Ring
	subs map[chan Snapshot]bool

	// of Run's goroutine
	found   Found
	slots   []*slot
	opening chan opened // not nil while Open runs
	since   time.Time   // when Open was called
	again   time.Time   // when Open may be called again
	reason  string
}

type opened struct {
	found Found
	err   error
}

// slot is a device and the reading that is under way.
type slot struct {
	reader Reader
	last   Device
	busy   bool
	hung   bool
	done   chan Device
}

// looking is the reason while the source is asked for the first time.
const looking = "devices are being looked for"

// NewPoller returns a Poller of source.
func NewPoller(source Source) *Poller {
	return &Poller{Source: source, Interval: time.Second, Watchdog: 2 * time.Second, Retry: 30 * time.Second}
}

// Run polls until ctx ends. What hangs then is left behind.
func (p *Poller) Run(ctx context.Context) {
	tick := time.NewTicker(p.Interval)
	defer tick.Stop()
	for {
		p.publish(p.poll(ctx))
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.close()
			return
		}
	}
}

// close closes the source, unless a call of it hangs.
func (p *Poller) close() {
	for _, s := range p.slots {
		if s.busy {
			return
		}
	}
	if p.found.Close != nil {
		p.found.Close()
	}
}

// poll makes one snapshot. It takes half an interval at most: what has not
// answered by then shows its last values.
func (p *Poller) poll(ctx context.Context) Snapshot {
	now := time.Now()
	limit := time.NewTimer(p.Interval / 2)
	defer limit.Stop()
	if p.slots == nil {
		p.open(ctx, now, limit.C)
	}
	for _, s := range p.slots {
		s.begin(now)
	}
	snap := Snapshot{Version: Version, Time: now, Source: p.found.Source, Reason: p.found.Reason, Driver: p.found.Driver}
	if p.slots == nil {
		snap.Source, snap.Reason = "none", p.reason
	}
	expired := false
	for _, s := range p.slots {
		expired = s.await(ctx, limit.C, expired)
		snap.Devices = append(snap.Devices, s.device(p.Watchdog))
	}
	snap.Time = time.Now()
	return snap
}

// open looks for devices, on a goroutine of its own because a driver may hang
// there too.
func (p *Poller) open(ctx context.Context, now time.Time, limit <-chan time.Time) {
	if p.opening == nil {
		if now.Before(p.again) {
			return
		}
		p.opening, p.since = make(chan opened, 1), now
		go func(c chan<- opened) {
			f, err := p.Source.Open()
			c <- opened{f, err}
		}(p.opening)
	}
	select {
	case o := <-p.opening:
		p.opening, p.again = nil, now.Add(p.Retry)
		if o.err != nil {
			p.reason = o.err.Error()
			return
		}
		p.found = o.found
		for i, r := range o.found.Devices {
			p.slots = append(p.slots, &slot{reader: r, last: Device{Index: i}, done: make(chan Device, 1)})
		}
	case <-limit:
		p.reason = looking
		if d := now.Sub(p.since); d >= p.Watchdog {
			p.reason = fmt.Sprintf("the driver has not answered for %.0f s while devices were looked for: it may hang", d.Seconds())
		}
	case <-ctx.Done():
	}
}

// begin starts a reading, unless one is under way.
func (s *slot) begin(now time.Time) {
	if s.busy {
		return
	}
	s.busy = true
	go func() { s.done <- s.reader.Read(now) }()
}

// await takes the reading if it comes before limit, and of one that hangs only
// what is there.
func (s *slot) await(ctx context.Context, limit <-chan time.Time, expired bool) bool {
	take := func(d Device) { s.last, s.busy, s.hung = d, false, false }
	if expired || s.hung {
		select {
		case d := <-s.done:
			take(d)
		default:
		}
		return expired
	}
	select {
	case d := <-s.done:
		take(d)
	case <-limit:
		return true
	case <-ctx.Done():
	}
	return false
}

// device is what is known of the device now.
func (s *slot) device(watchdog time.Duration) Device {
	if !s.busy {
		return s.last
	}
	call, since := s.reader.Now()
	waited := time.Since(since)
	if call == "" || waited < watchdog {
		return s.last
	}
	s.hung = true
	note := fmt.Sprintf("The driver has not answered %s for %.0f s: it may hang.", call, waited.Seconds())
	if !s.last.Read.IsZero() {
		note += " The values are its last ones."
	}
	return s.last.stale(note)
}

func (p *Poller) publish(s Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ring.Add(s)
	for c := range p.subs {
		offer(c, s)
	}
}

// offer puts s into c in place of what nobody has taken.
func offer(c chan Snapshot, s Snapshot) {
	for {
		select {
		case c <- s:
			return
		default:
		}
		select {
		case <-c:
		default:
		}
	}
}

// Subscribe returns the snapshots of the last minute and a channel of those to
// come, of which a slow reader gets the newest. cancel ends it.
func (p *Poller) Subscribe() (past []Snapshot, next <-chan Snapshot, cancel func()) {
	c := make(chan Snapshot, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subs == nil {
		p.subs = map[chan Snapshot]bool{}
	}
	p.subs[c] = true
	return p.ring.All(), c, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.subs, c)
	}
}
