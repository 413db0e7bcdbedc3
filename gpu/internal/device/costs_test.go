package device_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/prim"
)

// Numbers of a machine, for the log: nothing here judges them.
func TestCostsOnTheGPU(t *testing.T) {
	o := devicetest.OnTheGPU(t)
	o.Cache = t.TempDir()
	firstUse(t, o, "an empty cache")
	firstUse(t, o, "a filled cache")
	d := devicetest.Opened(t, o)
	t.Logf("%s, compute capability %d.%d, %d multiprocessors, driver for CUDA %d", d.Name, d.Major, d.Minor, d.Multiprocessors, d.Driver)
	devicetest.In(t, d, func(th *device.Thread, a *device.Arena) error {
		if err := launchCosts(t, th, a); err != nil {
			return err
		}
		if err := copyCosts(t, th, a); err != nil {
			return err
		}
		for _, n := range []int{1000, 10000, 100000} {
			if err := countCosts(t, th, n); err != nil {
				return err
			}
		}
		return mapCosts(t, th, a)
	})
	for _, k := range d.Stats().Kernels {
		t.Logf("%s: %d launches, %d timed, median %v, 99 %% %v", k.Name, k.Launches, k.Timed, k.P50, k.P99)
	}
}

// firstUse is the time from nothing to a loaded kernel.
func firstUse(t *testing.T, o device.Options, what string) {
	begin := time.Now()
	d, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	open := time.Since(begin)
	var context, kernel time.Duration
	if err := d.Do(func(th *device.Thread) error {
		context = time.Since(begin)
		for _, name := range []string{"entropy_map_u8_256_9x9", "joint_counts_ball_max_d3_k4"} {
			if _, err := th.Kernel(name); err != nil {
				return err
			}
		}
		kernel = time.Since(begin)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	t.Logf("first use with %s: open %v, context %v, two families loaded %v", what, open, context, kernel)
}

// median is the middle of the times that f takes, and what it takes for each of n.
func median(f func() error, n int) (string, error) {
	if err := f(); err != nil {
		return "", err
	}
	var times []time.Duration
	for range 21 {
		begin := time.Now()
		if err := f(); err != nil {
			return "", err
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	m := times[len(times)/2]
	return fmt.Sprintf("%v, %v each", m, m/time.Duration(n)), nil
}

func launchCosts(t *testing.T, th *device.Thread, a *device.Arena) error {
	launch, _, _, _, err := prepared(th, a, 9)
	if err != nil {
		return err
	}
	many := func() error {
		for range 200 {
			if err := launch(); err != nil {
				return err
			}
		}
		return nil
	}
	g, err := th.Capture(a.Stream, many)
	if err != nil {
		return err
	}
	defer g.Close()
	wait := func() error { return th.Wait(t.Context(), a.Stream) }
	for _, c := range []struct {
		what string
		n    int
		f    func() error
	}{
		{"a wait for nothing", 1, wait},
		{"a Do", 1, func() error { return th.Device().Do(func(*device.Thread) error { return nil }) }},
		{"a launch and a wait", 1, func() error {
			if err := launch(); err != nil {
				return err
			}
			return wait()
		}},
		{"200 launches", 200, many},
		{"200 launches and a wait", 200, func() error {
			if err := many(); err != nil {
				return err
			}
			return wait()
		}},
		{"a graph of 200 launches and a wait", 200, func() error {
			if err := th.Replay(a.Stream, g); err != nil {
				return err
			}
			return wait()
		}},
	} {
		if err := wait(); err != nil {
			return err
		}
		took, err := median(c.f, c.n)
		if err != nil {
			return err
		}
		t.Logf("%s: %s", c.what, took)
	}
	return nil
}

func copyCosts(t *testing.T, th *device.Thread, a *device.Arena) error {
	for _, n := range []int{4 << 10, 1 << 20, 256 << 20} {
		host := make([]uint8, n)
		b, err := device.Alloc[uint8](th, a, n)
		if err != nil {
			return err
		}
		up, err := median(func() error {
			if err := device.Write(th, a.Stream, b, host); err != nil {
				return err
			}
			return th.Wait(t.Context(), a.Stream)
		}, 1)
		if err != nil {
			return err
		}
		down, err := median(func() error { return device.Download(t.Context(), th, a.Stream, host, b) }, 1)
		if err != nil {
			return err
		}
		t.Logf("%d KiB: to the device %s, back %s", n>>10, up, down)
	}
	return nil
}

func countCosts(t *testing.T, th *device.Thread, n int) error {
	c := counter{prim.Ball, prim.Max, 3, 4}
	r := rand.New(rand.NewPCG(3, 4))
	b := prim.JointCounts{K: 4, Problems: []prim.Problem{{Variables: [][]int{{0}, {1}, {2}}, Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}}}}
	for range 3 {
		column := make([]float64, n)
		for i := range column {
			column[i] = r.NormFloat64()
		}
		b.Columns = append(b.Columns, column)
	}
	took, err := median(func() error { _, err := c.count(t.Context(), th, b); return err }, 1)
	t.Logf("counts of %d rows, 3 columns, host to host: %s", n, took)
	return err
}

// mapCosts is a map of 1024×1024 pixels that lie on the device, in a graph of 50.
func mapCosts(t *testing.T, th *device.Thread, a *device.Arena) error {
	launch, out, v, _, err := prepared(th, a, 1024)
	if err != nil {
		return err
	}
	g, err := th.Capture(a.Stream, func() error {
		for range 50 {
			if err := launch(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer g.Close()
	took, err := median(func() error {
		if err := th.Replay(a.Stream, g); err != nil {
			return err
		}
		return th.Wait(t.Context(), a.Stream)
	}, 50*v.frames)
	t.Logf("maps of 1024×1024, 9×9, 256 bins, on the device, %d frames a launch, 50 launches: %s frame (%d values)", v.frames, took, out.Len())
	return err
}
