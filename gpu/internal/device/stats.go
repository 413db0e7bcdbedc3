package device

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"
	"time"

	"surprisal/gpu/internal/driver"
)

// KernelStats is what is known about the launches of a kernel.
type KernelStats struct {
	Name     string
	Launches uint64
	Timed    uint64        // launches whose time was taken
	Mean     time.Duration // of those, newer ones weighing more
	P50, P99 time.Duration // of those, to within 20 %
}

// Stats is what a device has been used for.
type Stats struct {
	Kernels                   []KernelStats // by name
	InUse, Kept, Peak, Budget uint64        // bytes of device memory
	Leaked                    int           // arenas that nobody closed
}

// Stats counts since the device was opened.
func (d *Device) Stats() Stats {
	p := &d.pool
	p.mu.Lock()
	s := Stats{InUse: p.inUse, Kept: p.kept, Peak: p.peak, Budget: p.budget, Leaked: p.leaked}
	p.mu.Unlock()
	d.stats.mu.Lock()
	defer d.stats.mu.Unlock()
	for _, k := range d.stats.kernels {
		s.Kernels = append(s.Kernels, KernelStats{Name: k.name, Launches: k.launches, Timed: k.timed,
			Mean: time.Duration(k.mean), P50: k.quantile(0.50), P99: k.quantile(0.99)})
	}
	slices.SortFunc(s.Kernels, func(a, b KernelStats) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// stats counts launches and times some of them.
type stats struct {
	launches launches

	mu      sync.Mutex
	kernels map[string]*kernelStats
	flying  []timing // launches whose time is not known yet, oldest first
}

// kernelStats is guarded by the mu of stats.
type kernelStats struct {
	name            string
	launches, timed uint64
	next            uint64     // launch to time
	mean            float64    // ns
	times           [64]uint64 // by a quarter of an octave, from 250 ns
}

func (s *stats) of(name string) *kernelStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kernels == nil {
		s.kernels = map[string]*kernelStats{}
	}
	k := s.kernels[name]
	if k == nil {
		k = &kernelStats{name: name, next: 2} // the first launch is slow: code is copied to the device
		s.kernels[name] = k
	}
	return k
}

// timing is a launch between two events, the zero value one that is not timed.
type timing struct {
	kernel   *kernelStats
	from, to driver.Event
}

// A timed launch takes cost longer, which may be a share of 1 % of all the time
// that the kernel runs. Until that is known it is taken for 1 µs.
const (
	cost     = 5000 // ns; two events with a clock, measured by others at 2.5 to 5 µs
	share    = 0.01
	inFlight = 256
)

// begin counts a launch, and records an event if it is to be timed.
func (s *stats) begin(t *Thread, stream *Stream, k *Kernel) timing {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := k.stats
	st.launches++
	if st.launches < st.next || len(s.flying) >= inFlight || stream.capturing.Load() {
		return timing{}
	}
	mean := st.mean
	if st.timed == 0 {
		mean = 1000
	}
	st.next = st.launches + uint64(math.Ceil(max(1, cost/(share*mean))))
	e, err := t.d.events.get(t.d, true)
	if err != nil {
		return timing{}
	}
	if t.d.failed("EventRecord", t.d.calls.EventRecord(e, stream.handle)) != nil {
		t.d.events.put(true, e)
		return timing{}
	}
	return timing{kernel: st, from: e}
}

// end records the other event.
func (g timing) end(t *Thread, stream *Stream) {
	if g.kernel == nil {
		return
	}
	e, err := t.d.events.get(t.d, true)
	if err != nil {
		g.drop(t)
		return
	}
	g.to = e
	if t.d.failed("EventRecord", t.d.calls.EventRecord(e, stream.handle)) != nil {
		g.drop(t)
		return
	}
	s := &t.d.stats
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flying = append(s.flying, g)
}

// drop gives up a timing.
func (g timing) drop(t *Thread) {
	t.d.events.put(true, g.from)
	t.d.events.put(true, g.to)
}

// harvest takes the times of the launches that have ended.
func (s *stats) harvest(t *Thread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.flying) > 0 && t.d.lost.Load() == nil {
		g := s.flying[0]
		code := t.d.calls.EventQuery(g.to)
		if code == driver.NotReady {
			return
		}
		if t.d.failed("EventQuery", code) == nil {
			ms, code := t.d.calls.EventElapsed(g.from, g.to)
			if t.d.failed("EventElapsed", code) == nil {
				g.kernel.add(float64(ms) * 1e6)
			}
		}
		g.drop(t)
		s.flying = s.flying[1:]
	}
}

// add takes a time in ns.
func (k *kernelStats) add(ns float64) {
	k.timed++
	if k.timed == 1 {
		k.mean = ns
	} else {
		k.mean += (ns - k.mean) / 8
	}
	k.times[bucket(ns)]++
}

// bucket is the quarter of an octave, from 250 ns to 4 s.
func bucket(ns float64) int {
	q := uint64(max(0, ns) / 250)
	if q == 0 {
		return 0
	}
	o := bits.Len64(q) - 1
	return min(63, 4*o+int(q<<2>>o)&3)
}

// quantile is the middle of the bucket that holds it.
func (k *kernelStats) quantile(q float64) time.Duration {
	left := uint64(math.Ceil(q * float64(k.timed)))
	for i, n := range k.times {
		if n >= left && n > 0 {
			return time.Duration(250 * math.Exp2(float64(i/4)) * (1 + (float64(i%4)+0.5)/4))
		}
		left -= n
	}
	return 0
}
