package boxes_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/windows"
	"surprisal/gpu/prim"
)

// Numbers of a machine, for the log, from columns that lie on the device to a sum on
// the host, beside the same by windows. The sums must be equal.
func TestCostsOnTheGPU(t *testing.T) {
	o := devicetest.OnTheGPU(t)
	first, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	all := devicetest.Archs(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	o.Arch = all[len(all)-1]
	d, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	t.Logf("%s, compute capability %d.%d, %d multiprocessors", d.Name, d.Major, d.Minor, d.Multiprocessors)
	kind := map[string]int{}
	for i, k := range kinds {
		kind[k.name] = i
	}
	for _, c := range []struct {
		n, shape, k int
		kind        string
		windows     bool
		algorithm   prim.Algorithm
	}{
		{1000, 0, 4, "normal", true, prim.Ball}, {3000, 0, 4, "normal", true, prim.Ball}, {10000, 0, 4, "normal", true, prim.Ball}, {30000, 0, 4, "normal", true, prim.Ball}, {100000, 0, 4, "normal", true, prim.Ball},
		{10000, 1, 4, "normal", true, prim.Ball}, {30000, 1, 4, "normal", true, prim.Ball}, {100000, 1, 4, "normal", true, prim.Ball}, {1000000, 1, 4, "normal", true, prim.Ball},
		{100000, 0, 16, "normal", true, prim.Ball}, {100000, 3, 4, "normal", true, prim.Ball},
		{100000, 0, 4, "ties", true, prim.Ball}, {100000, 0, 4, "long tails", true, prim.Ball}, {100000, 0, 4, "clusters", true, prim.Ball},
		{100000, 0, 4, "one varies", true, prim.Ball}, {100000, 0, 4, "the first constant", true, prim.Ball}, {100000, 0, 4, "an outlier", true, prim.Ball}, {100000, 0, 4, "equal rows", false, prim.Ball},
		{1000000, 0, 4, "normal", true, prim.Ball}, {1000000, 0, 16, "normal", false, prim.Ball}, {1000000, 0, 4, "uniform", false, prim.Ball}, {1000000, 0, 4, "long tails", false, prim.Ball},
		{1000000, 0, 4, "ties", false, prim.Ball}, {1000000, 0, 4, "whole numbers", false, prim.Ball}, {1000000, 0, 4, "clusters", false, prim.Ball}, {1000000, 0, 4, "a line", false, prim.Ball},
		{1000000, 0, 4, "the first constant", false, prim.Ball}, {1000000, 0, 4, "one varies", false, prim.Ball}, {10000000, 0, 4, "normal", false, prim.Ball},
		{3000, 0, 4, "normal", true, prim.Box}, {5000, 0, 4, "normal", true, prim.Box}, {10000, 0, 4, "normal", true, prim.Box}, {30000, 0, 4, "normal", true, prim.Box},
		{100000, 0, 4, "normal", true, prim.Box}, {1000000, 0, 4, "normal", true, prim.Box}, {5000, 1, 4, "normal", true, prim.Box}, {100000, 1, 4, "normal", true, prim.Box},
		{100000, 0, 4, "ties", true, prim.Box}, {1000000, 0, 4, "ties", false, prim.Box}, {100000, 0, 4, "long tails", true, prim.Box}, {100000, 0, 16, "normal", true, prim.Box},
	} {
		r := rand.New(rand.NewPCG(3, 4))
		s := shapes[c.shape]
		b := prim.JointCounts{K: c.k, Algorithm: c.algorithm, Problems: []prim.Problem{{Variables: s.variables, Marginals: s.marginals}}}
		b.Columns = columns(r, c.n, len(slices.Concat(s.variables...)), kind[c.kind])
		if err := d.Do(func(th *device.Thread) error {
			a, err := th.Arena(t.Name())
			if err != nil {
				return err
			}
			defer a.Close()
			return costs(t, th, a, b, c.kind, c.windows)
		}); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range d.Stats().Kernels {
		t.Logf("%s: %d launches, %d timed, median %v, 99 %% %v", k.Name, k.Launches, k.Timed, k.P50, k.P99)
	}
}

func costs(t *testing.T, th *device.Thread, a *device.Arena, b prim.JointCounts, kind string, also bool) error {
	n, s := len(b.Columns[0]), a.Stream
	batch, err := uploaded(th, a, b)
	if err != nil {
		return err
	}
	batch.NoCounts = true
	plan, _ := boxes.For(problem(b))
	w, err := plan.Prepare(th, a, batch)
	if err != nil {
		return err
	}
	sum, tied := make([]int64, 1), make([]uint32, 1)
	alone, err := devicetest.Median(func() error {
		if err := w.Run(th, s); err != nil {
			return err
		}
		return device.Download(t.Context(), th, s, sum, w.Sums)
	})
	if err != nil {
		return err
	}
	if err := device.Download(t.Context(), th, s, tied, w.Tied); err != nil {
		return err
	}
	g, err := th.Capture(s, func() error { return w.Run(th, s) })
	if err != nil {
		return err
	}
	defer g.Close()
	graph, err := devicetest.Median(func() error {
		if err := th.Replay(s, g); err != nil {
			return err
		}
		return device.Download(t.Context(), th, s, sum, w.Sums)
	})
	if err != nil {
		return err
	}
	beside := time.Duration(0)
	if also {
		if beside, err = inWindows(t, th, a, b, sum[0], tied[0]); err != nil {
			return err
		}
	}
	steps, err := w.Times(t.Context(), th, s)
	if err != nil {
		return err
	}
	t.Logf("%v, %d rows of %d columns, %s, k %d: in boxes %v (%d launches; as a graph %v), in windows %v\n%s", b.Algorithm, n, len(b.Columns), kind, b.K, alone, w.Launches(), graph, beside, steps)
	return nil
}

// inWindows is the time that windows take. They must find the same.
func inWindows(t *testing.T, th *device.Thread, a *device.Arena, b prim.JointCounts, sum int64, tied uint32) (time.Duration, error) {
	plan, ok := windows.For(problem(b))
	if !ok {
		return 0, fmt.Errorf("windows have no plan")
	}
	batch, err := uploaded(th, a, b)
	if err != nil {
		return 0, err
	}
	batch.NoCounts = true
	v, err := plan.Prepare(th, a, batch)
	if err != nil {
		return 0, err
	}
	other, ties := make([]int64, 1), make([]uint32, 1)
	took, err := devicetest.Median(func() error {
		if err := v.Run(th, a.Stream); err != nil {
			return err
		}
		return device.Download(t.Context(), th, a.Stream, other, v.Sums)
	})
	if err != nil {
		return 0, err
	}
	if err := device.Download(t.Context(), th, a.Stream, ties, v.Tied); err != nil {
		return 0, err
	}
	if other[0] != sum || ties[0] != tied {
		t.Errorf("%d rows: the sum is %d and %d rows are tied, by windows %d and %d", batch.N, sum, tied, other[0], ties[0])
	}
	return took, nil
}

// Data of every kind on a GPU, of more rows than the simulator takes.
func TestCountsOnTheGPU(t *testing.T) {
	o := devicetest.OnTheGPU(t)
	first, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	all := devicetest.Archs(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, o.Arch = range all {
		cases := 3 * len(kinds) * len(shapes)
		devicetest.In(t, devicetest.Opened(t, o), func(th *device.Thread, _ *device.Arena) error {
			for seed := range cases {
				r := rand.New(rand.NewPCG(uint64(seed), 22))
				n := []int{2 + r.IntN(30), 300 + r.IntN(200), 1000 + r.IntN(9000)}[seed%3]
				if seed%50 == 49 {
					n = 40000 + r.IntN(30000)
				}
				a, err := th.Arena(t.Name())
				if err != nil {
					return err
				}
				kind := seed / len(shapes) % len(kinds)
				err = agree(t.Context(), th, a, batch(r, n, seed%len(shapes), kind))
				a.Close()
				if err != nil {
					return fmt.Errorf("%s, seed %d, %s: %w", o.Arch, seed, kinds[kind].name, err)
				}
			}
			return nil
		})
		t.Logf("%d cases of %s", cases, o.Arch)
	}
}
