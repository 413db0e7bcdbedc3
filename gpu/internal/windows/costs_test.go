package windows_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/windows"
	"surprisal/gpu/prim"
)

// Numbers of a machine, for the log: nothing here judges them. On the device: from
// columns that lie there to a sum on the host. From the host: with copies, to counts
// there. Every row compared with every row: the kernel of joint_counts, on the device.
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
	for _, o.Arch = range all[len(all)-1:] {
		t.Run(o.Arch, func(t *testing.T) { costsOn(t, o) })
	}
}

func costsOn(t *testing.T, o device.Options) {
	d, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	t.Logf("%s, compute capability %d.%d, %d multiprocessors", d.Name, d.Major, d.Minor, d.Multiprocessors)
	for _, c := range []struct{ n, shape, k int }{
		{1000, 2, 4}, {10000, 2, 4}, {100000, 2, 4}, {1000000, 2, 4},
		{1000, 0, 4}, {10000, 0, 4}, {100000, 0, 4}, {1000000, 0, 4},
		{10000, 5, 4}, {10000, 9, 4}, {10000, 10, 4}, {100000, 10, 4}, {10000, 2, 16}, {100000, 2, 16},
	} {
		b := gaussian(c.n, c.shape, c.k)
		t.Run(fmt.Sprintf("%d rows, %d columns, k %d", c.n, len(b.Columns), c.k), func(t *testing.T) {
			onArena(t, d, func(th *device.Thread, a *device.Arena) error { return costs(t, th, a, b) })
		})
	}
	for _, k := range d.Stats().Kernels {
		t.Logf("%s: %d launches, %d timed, median %v, 99 %% %v", k.Name, k.Launches, k.Timed, k.P50, k.P99)
	}
}

func onArena(t *testing.T, d *device.Device, f func(*device.Thread, *device.Arena) error) {
	t.Helper()
	err := d.Do(func(th *device.Thread) error {
		a, err := th.Arena(t.Name())
		if err != nil {
			return err
		}
		defer a.Close()
		return f(th, a)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// gaussian is a case of correlated columns.
func gaussian(n, shape, k int) prim.JointCounts {
	s := shapes[shape]
	b := prim.JointCounts{K: k, Problems: []prim.Problem{{Variables: s.variables, Marginals: s.marginals}}}
	r := rand.New(rand.NewPCG(3, 4))
	common := make([]float64, n)
	for i := range common {
		common[i] = r.NormFloat64()
	}
	columns := 0
	for _, v := range s.variables {
		columns += len(v)
	}
	for range columns {
		x := make([]float64, n)
		for i := range x {
			x[i] = 0.6*common[i] + 0.8*r.NormFloat64()
		}
		b.Columns = append(b.Columns, x)
	}
	return b
}

func costs(t *testing.T, th *device.Thread, a *device.Arena, b prim.JointCounts) error {
	n, s := len(b.Columns[0]), a.Stream
	plan, ok := windows.For(problem(b))
	if !ok {
		return fmt.Errorf("no plan")
	}
	resident := neighbours.Batch{N: n, K: b.K, Orderings: 1, Alone: true}
	flat, bars := slices.Concat(b.Columns...), barred(b)
	var err error
	if resident.Columns, err = device.Upload(th, a, flat); err != nil {
		return err
	}
	if resident.Barred, err = device.Upload(th, a, bars); err != nil {
		return err
	}
	whole, err := plan.Prepare(th, a, resident)
	if err != nil {
		return err
	}
	if resident.Tables, err = device.Upload(th, a, slices.Concat(tables(b)...)); err != nil {
		return err
	}
	resident.NoCounts = true
	sums, err := plan.Prepare(th, a, resident)
	if err != nil {
		return err
	}
	sum := make([]int64, 1)
	estimate, err := devicetest.Median(func() error {
		if err := sums.Run(th, s); err != nil {
			return err
		}
		return device.Download(t.Context(), th, s, sum, sums.Sums)
	})
	if err != nil {
		return err
	}
	g, err := th.Capture(s, func() error { return sums.Run(th, s) })
	if err != nil {
		return err
	}
	defer g.Close()
	graph, err := devicetest.Median(func() error {
		if err := th.Replay(s, g); err != nil {
			return err
		}
		return device.Download(t.Context(), th, s, sum, sums.Sums)
	})
	if err != nil {
		return err
	}
	chunks, err := devicetest.Median(func() error {
		if err := sums.RunInChunks(t.Context(), th, s); err != nil {
			return err
		}
		return device.Download(t.Context(), th, s, sum, sums.Sums)
	})
	if err != nil {
		return err
	}
	counts := make([]int32, whole.Counts.Len())
	host, err := devicetest.Median(func() error {
		if err := device.Write(th, s, resident.Columns, flat); err != nil {
			return err
		}
		if err := device.Write(th, s, resident.Barred, bars); err != nil {
			return err
		}
		if err := whole.Run(th, s); err != nil {
			return err
		}
		return device.Download(t.Context(), th, s, counts, whole.Counts)
	})
	if err != nil {
		return err
	}
	all, err := brute(t, th, a, b, resident)
	if err != nil {
		return err
	}
	t.Logf("on the device %v (as a graph %v, in chunks %v), from the host %v; every row with every row %v", estimate, graph, chunks, host, all)
	return nil
}

// brute is the time of the kernel that compares all rows with all.
func brute(t *testing.T, th *device.Thread, a *device.Arena, b prim.JointCounts, in neighbours.Batch) (time.Duration, error) {
	n, d := in.N, len(b.Columns)
	if n > 200000 || d > 3 {
		return 0, nil
	}
	k, err := th.Kernel(fmt.Sprintf("joint_counts_ball_max_d%d_k%d", d, map[bool]int{true: 4, false: 16}[b.K <= 4]))
	if err != nil {
		return 0, err
	}
	words := make([]uint32, 24)
	q := b.Problems[0]
	for c := range d {
		words[c] = uint32(c)
	}
	words[17] = 1<<d - 1
	for m, set := range q.Marginals {
		for v, columns := range q.Variables {
			if set.Has(v) {
				words[18+m] |= 1 << columns[0]
			}
		}
	}
	tasks, err := device.Upload(th, a, words)
	if err != nil {
		return 0, err
	}
	counts, err := device.Alloc[int32](th, a, n*len(q.Marginals))
	if err != nil {
		return 0, err
	}
	tied, err := device.Alloc[uint32](th, a, 1)
	if err != nil {
		return 0, err
	}
	split := 1
	for split < 32 && n*split < 1024*th.Device().Multiprocessors {
		split *= 2
	}
	p := cuda.JointCounts{Columns: in.Columns.Address(), Tasks: tasks.Address(), Barred: in.Barred.Address(), Counts: counts.Address(), Tied: tied.Address(),
		N: int32(n), K: int32(b.K), Marginals: int32(len(q.Marginals)), Rows: int32(n), Split: int32(split)}
	return devicetest.Median(func() error {
		if err := th.Launch(a.Stream, k, device.Dim{X: (n*split + 127) / 128}, p.Params()); err != nil {
			return err
		}
		return th.Wait(t.Context(), a.Stream)
	})
}
