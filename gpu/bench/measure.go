package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"surprisal/gpu/internal/device"
)

// Row is a case and what came of it. Times are of one part, medians, in
// milliseconds; 0 is not measured.
type Row struct {
	Name  string `json:"name"`
	Parts int    `json:"parts"` // of a call, whose times are divided by it

	DeviceMS float64 `json:"device_ms"`           // between two events, the L2 cache flushed before
	GraphMS  float64 `json:"graph_ms"`            // in a graph that is replayed back to back
	HostMS   float64 `json:"host_ms"`             // from host to host
	SharedMS float64 `json:"shared_ms,omitempty"` // from host to host, by all devices
	CoreMS   float64 `json:"core_ms"`             // our CPU code on one core
	Rounds   int     `json:"rounds"`
	Steps    int     `json:"steps"` // kernels, fills and copies of a call

	FloorMS     float64 `json:"floor_ms"` // of this card
	FloorSource string  `json:"floor_source"`
	GoalMS      float64 `json:"goal_ms,omitempty"` // on the device, of an H200
	HostGoalMS  float64 `json:"host_goal_ms,omitempty"`

	Value    float64    `json:"value"`
	Agrees   bool       `json:"agrees"` // with the CPU, by ==
	Peers    []Peer     `json:"peers"`
	Recorded []recorded `json:"recorded,omitempty"`
	Error    string     `json:"error,omitempty"`
}

// Peer is how others do in a case.
type Peer struct {
	Name       string  `json:"name"`
	DeviceMS   float64 `json:"device_ms,omitempty"`
	HostMS     float64 `json:"host_ms,omitempty"`
	Value      float64 `json:"value"`
	Difference float64 `json:"difference"` // from our value; of those that did it all
	Share      float64 `json:"share"`      // of the work that was done; times are for all of it
	Error      string  `json:"error,omitempty"`
}

// bench is a run.
type bench struct {
	Options
	on     *device.Device
	tape   *device.Tape
	python *python
	sizes  sizes
	kept   *device.Arena
	junk   device.Buffer[uint8] // larger than the L2 cache
}

// sizes is how long a run may take.
type sizes struct {
	rounds int           // at most, of a case
	time   time.Duration // after which no round begins, but the first
	long   time.Duration // on the device, beside which that of giving work to it is nothing
	junk   int           // bytes
}

// times are what was taken, by name.
type times map[string][]float64

func (t times) add(name string, ms float64) { t[name] = append(t[name], ms) }

func (t times) median(name string) float64 {
	v := slices.Sorted(slices.Values(t[name]))
	if len(v) == 0 {
		return 0
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// row measures one case. An error that ends the case alone is in the row.
func (b *bench) row(ctx context.Context, w work) (Row, error) {
	r := Row{Name: w.name, Parts: w.parts, FloorMS: ms(w.floor.on(b.on.Multiprocessors)), FloorSource: w.floor.source,
		GoalMS: ms(w.goals.device), HostGoalMS: ms(w.goals.host), Recorded: w.recorded, Peers: []Peer{}}
	fail := func(err error) (Row, error) {
		r.Error = err.Error()
		return r, ctx.Err()
	}
	if err := w.run(ctx); err != nil { // not counted: kernels are loaded
		return fail(err)
	}
	if err := w.check(ctx); err != nil {
		return fail(fmt.Errorf("DIFFERS from the CPU: %w", err))
	}
	if w.shared != nil {
		if err := w.shared(ctx); err != nil {
			return fail(fmt.Errorf("on all devices: %w", err))
		}
	}
	r.Agrees, r.Value = true, w.value()
	if b.python != nil && w.peer != nil {
		if err := b.python.give(w.name, w.peer); err != nil {
			return fail(err)
		}
		defer b.python.ask(request{Op: "forget", Name: w.name})
	}
	t := times{}
	known := map[string]bool{}
	for begin := time.Now(); r.Rounds == 0 || r.Rounds < b.sizes.rounds && time.Since(begin) < b.sizes.time; r.Rounds++ {
		if ctx.Err() != nil {
			return r, context.Cause(ctx)
		}
		if err := b.round(ctx, w, t, &r); err != nil {
			return fail(err)
		}
		b.ask(w, t, &r, known)
	}
	parts := float64(w.parts)
	r.HostMS, r.DeviceMS, r.GraphMS = t.median("host")/parts, t.median("device")/parts, t.median("graph")/parts
	r.SharedMS = t.median("shared") / parts
	r.CoreMS = t.median("core") / float64(w.cpuParts)
	for i := range r.Peers {
		p := &r.Peers[i]
		p.DeviceMS, p.HostMS = t.median("device "+p.Name)/parts, t.median("host "+p.Name)/parts
	}
	return r, nil
}

// round is everybody's turn, but that of the peers.
func (b *bench) round(ctx context.Context, w work, t times, r *Row) error {
	if r.Rounds < 5 {
		begin := time.Now()
		if err := w.cpu(ctx); err != nil {
			return err
		}
		t.add("core", ms(time.Since(begin)))
	}
	if w.shared != nil {
		begin := time.Now()
		if err := w.shared(ctx); err != nil {
			return err
		}
		t.add("shared", ms(time.Since(begin)))
	}
	// Once before, as peers have just done, too: the CPU's turn has left nothing of
	// ours in the caches, and the device has been idle.
	if err := w.run(ctx); err != nil {
		return err
	}
	b.tape.Start()
	begin := time.Now()
	err := w.run(ctx)
	took := time.Since(begin)
	r.Steps = b.tape.Stop()
	if err != nil {
		return err
	}
	t.add("host", ms(took))
	return b.on.Do(func(th *device.Thread) error { return b.replay(ctx, th, t) })
}

// replay times what the last run gave to the device.
func (b *bench) replay(ctx context.Context, th *device.Thread, t times) error {
	a, err := th.Arena("bench")
	if err != nil {
		return err
	}
	defer a.Close()
	s := a.Stream
	// Nothing is allocated here: the memory of the last run is in the pool, with all
	// that lay there.
	if err := device.Zero(th, s, b.junk); err != nil {
		return err
	}
	cold, err := th.Time(ctx, s, func() error { return b.tape.Replay(th, s) })
	if err != nil {
		return err
	}
	t.add("device", ms(cold))
	if cold > b.sizes.long {
		return nil // a graph saves microseconds
	}
	g, err := th.Capture(s, func() error { return b.tape.Replay(th, s) })
	if err != nil {
		return err
	}
	defer g.Close()
	if err := th.Replay(s, g); err != nil { // not counted
		return err
	}
	times := int(min(50, max(1, 2*time.Millisecond/max(cold, time.Microsecond))))
	warm, err := th.Time(ctx, s, func() error {
		for range times {
			if err := th.Replay(s, g); err != nil {
				return err
			}
		}
		return nil
	})
	t.add("graph", ms(warm)/float64(times))
	return err
}

// ask is the peers' turn.
func (b *bench) ask(w work, t times, r *Row, known map[string]bool) {
	if b.python == nil || w.peer == nil {
		return
	}
	replies, err := b.python.ask(*w.peer)
	if err != nil {
		replies = []reply{{Peer: "python", Error: err.Error()}}
	}
	for _, a := range replies {
		if !known[a.Peer] {
			known[a.Peer] = true
			p := Peer{Name: a.Peer, Value: a.Value, Share: a.Share, Error: a.Error}
			if a.Error == "" && (a.Share == 1 || w.parts > 1) { // of several parts the value is that of the first
				p.Difference = a.Value - r.Value
			}
			r.Peers = append(r.Peers, p)
		}
		if a.MS != nil {
			t.add("device "+a.Peer, *a.MS)
		}
		if a.HostMS != nil {
			t.add("host "+a.Peer, *a.HostMS)
		}
	}
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }
