package device

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"surprisal/cuda"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
)

// launching runs f with a kernel and an arena.
func launching(t *testing.T, d *Device, f func(*Thread, *Arena, *Kernel) error) {
	t.Helper()
	if err := within(t, d, "launching", func(th *Thread, a *Arena) error {
		k, err := th.Kernel(kernelName)
		if err != nil {
			return err
		}
		return f(th, a, k)
	}); err != nil {
		t.Fatal(err)
	}
}

func nothing(string, *driver.Launch) driver.Code { return driver.Success }

func TestLaunchesThatAreRefused(t *testing.T) {
	f := &drivertest.Fake{Run: nothing}
	d := open(t, f, Options{})
	launching(t, d, func(th *Thread, a *Arena, k *Kernel) error {
		params := cuda.EntropyMap{}.Params()
		for _, c := range []struct {
			reason string
			grid   Dim
			params []byte
			says   string
		}{
			{"a negative grid", Dim{X: -1}, params, "at most"},
			{"too high a grid", Dim{1, 65536, 1}, params, "at most"},
			{"too long a grid", Dim{X: math.MaxInt32 + 1}, params, "at most"},
			{"parameters of another kernel", Dim{X: 1}, params[1:], "87 bytes of parameters, it takes 88"},
		} {
			if err := th.Launch(a.Stream, k, c.grid, c.params); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.reason, err)
			}
		}
		for _, grid := range []Dim{{}, {0, 1, 1}, {1, 0, 1}} {
			if err := th.Launch(a.Stream, k, grid, params); err != nil {
				t.Errorf("a grid of nothing, %v: %v", grid, err)
			}
		}
		if f.Called("Launch") != 0 {
			t.Errorf("%d launches", f.Called("Launch"))
		}
		if err := th.Launch(a.Stream, k, Dim{X: 2}, params); err != nil || f.Called("Launch") != 1 {
			t.Errorf("%d launches, %v", f.Called("Launch"), err)
		}
		return nil
	})
}

func TestLaunchAllocatesNothing(t *testing.T) {
	f := new(drivertest.Fake)
	calls := f.Calls()
	calls.Launch = func(*driver.Launch) driver.Code { return driver.Success }
	d := open(t, f, Options{Calls: calls})
	launching(t, d, func(th *Thread, a *Arena, k *Kernel) error {
		params := cuda.EntropyMap{}.Params()
		var err error
		if n := testing.AllocsPerRun(400, func() { err = th.Launch(a.Stream, k, Dim{X: 1}, params) }); n != 0 || err != nil {
			t.Errorf("%v allocations, %v", n, err)
		}
		return nil
	})
}

func TestCaptureRefusesWhatWouldHappenOnce(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	launching(t, d, func(th *Thread, a *Arena, k *Kernel) error {
		b, err := Alloc[int32](th, a, 4)
		if err != nil {
			return err
		}
		for what, f := range map[string]func() error{
			"allocate": func() error { _, err := Alloc[int32](th, a, 4); return err },
			"copy":     func() error { return Write(th, a.Stream, b, make([]int32, 4)) },
			"to":       func() error { return Download(t.Context(), th, a.Stream, make([]int32, 4), b) },
			"mine":     func() error { return errors.New("mine") },
		} {
			if g, err := th.Capture(a.Stream, f); g != nil || err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("%s: %v", what, err)
			}
		}
		return Write(th, a.Stream, b, make([]int32, 4)) // the stream is of use again
	})
}

// What timing costs stays under a hundredth of what the kernel takes.
func TestTimingIsRare(t *testing.T) {
	for _, c := range []struct {
		launches int
		ms       float32
		timed    uint64
		reason   string
	}{
		{1000, 0.5, 998, "half a millisecond pays for every timing, once the second launch has told"},
		{1000, 0.05, 100, "a tenth"},
		{5000, 0.001, 10, "1 µs: one in 500"},
	} {
		f := &drivertest.Fake{Run: nothing}
		calls := f.Calls()
		calls.EventElapsed = func(_, _ driver.Event) (float32, driver.Code) { return c.ms, driver.Success }
		d := open(t, f, Options{Calls: calls})
		launching(t, d, func(th *Thread, a *Arena, k *Kernel) error {
			for range c.launches {
				if err := th.Launch(a.Stream, k, Dim{X: 1}, cuda.EntropyMap{}.Params()); err != nil {
					return err
				}
				if err := th.Wait(t.Context(), a.Stream); err != nil {
					return err
				}
			}
			return nil
		})
		s := d.Stats().Kernels[0]
		if s.Name != kernelName || s.Launches != uint64(c.launches) {
			t.Errorf("%s: %+v", c.reason, s)
		}
		if overhead := float64(s.Timed) * cost / (float64(c.launches) * float64(c.ms) * 1e6); !(overhead <= 1.05*share) || s.Timed == 0 {
			t.Errorf("%s: %d of %d timed, %.2g of the time", c.reason, s.Timed, s.Launches, overhead)
		}
		for _, q := range []time.Duration{s.Mean, s.P50, s.P99} {
			if r := float64(q) / (float64(c.ms) * 1e6); !(r > 0.83 && r < 1.2) {
				t.Errorf("%s: %v, want %v ms", c.reason, q, c.ms)
			}
		}
	}
}

func TestFlagIsRaisedWhenTheContextEnds(t *testing.T) {
	f := &drivertest.Fake{Run: nothing}
	d := open(t, f, Options{})
	launching(t, d, func(th *Thread, a *Arena, k *Kernel) error {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		flag, err := th.Flag(ctx)
		if err != nil {
			return err
		}
		defer flag.Close()
		word := d.flags.word(flag.number)
		// The kernel, played by a goroutine, ends when its flag is raised.
		f.Hold()
		go func() {
			for atomic.LoadUint32(word) == 0 {
				time.Sleep(time.Millisecond)
			}
			f.LetGo()
		}()
		if err := th.Launch(a.Stream, k, Dim{X: 1}, cuda.EntropyMap{}.Params()); err != nil {
			return err
		}
		because := errors.New("the cell was interrupted")
		time.AfterFunc(10*time.Millisecond, func() { cancel(because) })
		if err := th.Wait(ctx, a.Stream); !errors.Is(err, because) {
			t.Errorf("%v", err)
		}
		// Another's flag is its own.
		other, err := th.Flag(t.Context())
		if err != nil {
			return err
		}
		defer other.Close()
		if other.Address() == flag.Address() || atomic.LoadUint32(d.flags.word(other.number)) != 0 {
			t.Error("a flag is raised by another's context")
		}
		return nil
	})
}

// A flag that was up is down for whoever has it next, on the host and on the device.
func TestFlagIsLowered(t *testing.T) {
	f := new(drivertest.Fake)
	d := open(t, f, Options{})
	launching(t, d, func(th *Thread, _ *Arena, _ *Kernel) error {
		for range flagWords + 5 { // all of them, and some again
			ctx, cancel := context.WithCancel(t.Context())
			flag, err := th.Flag(ctx)
			if err != nil {
				cancel()
				return err
			}
			slot := f.Bytes(driver.Address(flag.Address()), slotBytes)
			if slot[0] != 0 || atomic.LoadUint32(d.flags.word(flag.number)) != 0 {
				t.Errorf("flag %d is up", flag.number)
			}
			cancel()
			for atomic.LoadUint32(d.flags.word(flag.number)) == 0 {
				time.Sleep(10 * time.Microsecond)
			}
			slot[0] = 1 // as a block does
			flag.Close()
			flag.Close()
		}
		return nil
	})
}

func TestFlagsRunOut(t *testing.T) {
	d := open(t, new(drivertest.Fake), Options{})
	launching(t, d, func(th *Thread, _ *Arena, _ *Kernel) error {
		seen := map[uint64]bool{}
		for {
			f, err := th.Flag(t.Context())
			if err != nil {
				if !errors.Is(err, ErrOutOfMemory) || len(seen) != flagWords {
					t.Errorf("%d flags: %v", len(seen), err)
				}
				return nil
			}
			defer f.Close()
			seen[f.Address()] = true
		}
	})
}

func TestChunksCoverEverything(t *testing.T) {
	d := open(t, &drivertest.Fake{Run: nothing}, Options{})
	launching(t, d, func(th *Thread, a *Arena, k *Kernel) error {
		for _, total := range []int{0, 1, 2, 1000} {
			at := 0
			if err := (Chunks{}).Run(t.Context(), th, a.Stream, total, func(from, to int) error {
				if from != at || to <= from || to > total {
					t.Fatalf("[%d, %d) after %d", from, to, at)
				}
				at = to
				return nil
			}); err != nil || at != total {
				t.Errorf("%d of %d, %v", at, total, err)
			}
		}
		return nil
	})
}

func TestChunksEndWithTheContext(t *testing.T) {
	f := &drivertest.Fake{Run: nothing}
	d := open(t, f, Options{})
	launching(t, d, func(th *Thread, a *Arena, k *Kernel) error {
		ctx, cancel := context.WithCancel(t.Context())
		launches := 0
		err := Chunks{}.Run(ctx, th, a.Stream, 1<<40, func(from, to int) error {
			if launches++; launches == 5 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) || launches != 5 {
			t.Errorf("%d launches, %v", launches, err)
		}
		mine := errors.New("mine")
		if err := (Chunks{}).Run(t.Context(), th, a.Stream, 9, func(int, int) error { return mine }); err != mine {
			t.Error(err)
		}
		return nil
	})
}

func TestChunksAimAtATime(t *testing.T) {
	for _, c := range []struct {
		size, n int
		took    time.Duration
		want    int
	}{
		{10, 10, aim, 10}, {10, 10, aim / 2, 20}, {10, 10, aim / 100, 20}, {10, 10, 5 * aim, 2}, {1, 1, time.Hour, 1}, {8, 4, aim, 4}, {8, 8, 0, 16},
	} {
		if got := next(c.size, c.n, c.took); got != c.want {
			t.Errorf("%d items took %v: next %d, want %d", c.n, c.took, got, c.want)
		}
	}
}
