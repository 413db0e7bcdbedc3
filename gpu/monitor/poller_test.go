package monitor

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// fakeDevice answers with a counter, and hangs while hang is open.
type fakeDevice struct {
	reads atomic.Int32
	now   atomic.Int32 // readings under way
	most  atomic.Int32
	hang  chan struct{} // nil: never
	since atomic.Pointer[time.Time]
}

func (f *fakeDevice) Read(now time.Time) Device {
	n := f.reads.Add(1)
	f.most.Store(max(f.most.Load(), f.now.Add(1)))
	defer f.now.Add(-1)
	if n > 2 && f.hang != nil {
		at := time.Now()
		f.since.Store(&at)
		<-f.hang
	}
	return Device{Name: "fake", Read: now, Utilisation: Of(float64(n), "%"), Power: Without("W", Unsupported)}
}

func (f *fakeDevice) Now() (string, time.Time) {
	at := f.since.Load()
	if f.now.Load() == 0 || at == nil {
		return "", time.Time{}
	}
	return "nvmlDeviceGetAnything", *at
}

type fakeSource struct {
	opens   atomic.Int32
	fails   int32         // so many times
	slow    time.Duration // that Open takes
	devices []Reader
	closed  atomic.Bool
}

func (f *fakeSource) Open() (Found, error) {
	n := f.opens.Add(1)
	time.Sleep(f.slow)
	if n <= f.fails {
		return Found{}, errors.New("no GPU yet")
	}
	return Found{Source: "fake", Driver: "1", Devices: f.devices, Close: func() { f.closed.Store(true) }}, nil
}

// polled runs a poller in a bubble of fake time and calls look with each of n
// snapshots.
func polled(t *testing.T, source Source, n int, look func(i int, s Snapshot)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		p := NewPoller(source)
		_, next, stop := p.Subscribe()
		defer stop()
		ended := make(chan struct{})
		go func() { p.Run(ctx); close(ended) }()
		for i := range n {
			look(i, <-next)
		}
		cancel()
		<-ended
	})
}

func TestPollerTakesOneSnapshotASecond(t *testing.T) {
	d := new(fakeDevice)
	source := &fakeSource{devices: []Reader{d}}
	var first time.Time
	polled(t, source, 10, func(i int, s Snapshot) {
		if i == 0 {
			first = s.Time
		}
		if at := s.Time.Sub(first); at != time.Duration(i)*time.Second || s.Devices[0].Utilisation.Number != float64(i+1) {
			t.Errorf("snapshot %d after %v: %v", i, at, s)
		}
	})
	if !source.closed.Load() {
		t.Error("the source was not closed")
	}
}

// A device whose driver hangs turns stale after the watchdog's time; another
// one goes on, no second call is made, and when the call comes back so does the
// device.
func TestPollerLivesWithACallThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		bad, good := &fakeDevice{hang: make(chan struct{})}, new(fakeDevice)
		p := NewPoller(&fakeSource{devices: []Reader{bad, good}})
		_, next, stop := p.Subscribe()
		defer stop()
		go p.Run(ctx)
		var stale, healed int
		for i := range 30 {
			s := <-next
			if s.Devices[1].Utilisation.Status != OK || s.Devices[1].Utilisation.Number != float64(i+1) {
				t.Fatalf("the good device suffers at %d: %v", i, s)
			}
			b := s.Devices[0]
			switch {
			case b.Utilisation.Status == Stale:
				stale++
				if b.Utilisation.Number != 2 || b.Power.Status != Unsupported || !strings.Contains(b.Note, "nvmlDeviceGetAnything for") {
					t.Fatalf("stale: %+v", b)
				}
			case stale > 0:
				healed++
			}
			if i == 15 {
				close(bad.hang)
			}
		}
		if bad.most.Load() != 1 {
			t.Errorf("%d calls at once on a device that hangs", bad.most.Load())
		}
		if stale < 8 || healed < 8 {
			t.Errorf("%d stale snapshots, %d after it was healed", stale, healed)
		}
		cancel()
		synctest.Wait()
	})
}

func TestPollerLooksAgainForDevices(t *testing.T) {
	source := &fakeSource{fails: 2, devices: []Reader{new(fakeDevice)}}
	polled(t, source, 70, func(i int, s Snapshot) {
		there := len(s.Devices) > 0
		if there != (i >= 60) {
			t.Errorf("after %d s: %v", i, s)
		}
		if !there && (s.Source != "none" || s.Reason != "no GPU yet") {
			t.Errorf("after %d s: source %q, reason %q", i, s.Source, s.Reason)
		}
	})
	if n := source.opens.Load(); n != 3 {
		t.Errorf("the source was opened %d times, want 3: every 30 s until there is a device", n)
	}
}

func TestPollerLivesWithAStartThatHangs(t *testing.T) {
	source := &fakeSource{slow: 9 * time.Second, devices: []Reader{new(fakeDevice)}}
	polled(t, source, 12, func(i int, s Snapshot) {
		switch {
		case i == 0 && s.Settled():
			t.Error("nothing is known yet, and it says so as a fact")
		case i >= 3 && i <= 8 && !strings.Contains(s.Reason, "it may hang"):
			t.Errorf("after %d s: %q", i, s.Reason)
		case i == 11 && len(s.Devices) != 1:
			t.Errorf("the device is not there: %v", s)
		}
	})
	if n := source.opens.Load(); n != 1 {
		t.Errorf("%d calls of Open, want 1", n)
	}
}

func TestAutoFallsBackWithTheReason(t *testing.T) {
	f, err := Auto{Nothing{"why"}, Demo{}}.Open()
	if err != nil || f.Source != "demo" || f.Reason != "why" {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err = (Auto{Demo{}, Nothing{"no"}}).Open(); err != nil || f.Source != "demo" || f.Reason == "no" {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err = (Auto{Nothing{"why"}, Nothing{"no"}}).Open(); err == nil || err.Error() != "why" {
		t.Errorf("%v", err)
	}
}

// A reader that sleeps gets the newest snapshot, and holds nobody up.
func TestSlowReaderGetsTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		p := NewPoller(&fakeSource{devices: []Reader{new(fakeDevice)}})
		_, next, stop := p.Subscribe()
		go p.Run(ctx)
		time.Sleep(20*time.Second + time.Millisecond)
		if s := <-next; s.Devices[0].Utilisation.Number != 21 {
			t.Errorf("after 20 s a sleeper gets snapshot %v", s.Devices[0].Utilisation)
		}
		stop()
		past, _, stop := p.Subscribe()
		defer stop()
		if len(past) != 21 {
			t.Errorf("%d snapshots of the past, want 21", len(past))
		}
		cancel()
		synctest.Wait()
	})
}
