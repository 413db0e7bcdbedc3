package sorted_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/sorted"
)

// Columns come in the order of Go's stable sort, by whichever kernels.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		n, columns int
		by         sorted.Stretch
		kernels    []string
	}{
		{1, 2, sorted.Whole(1), []string{"sort_tiles"}},
		{256, 2, sorted.Whole(256), []string{"sort_tiles"}},
		{257, 2, sorted.Whole(257), []string{"sort_tiles", "sort_join"}},
		{3000, 1, sorted.Whole(3000), []string{"sort_tiles", "sort_join"}},
		{2100, 2, sorted.About(300, 32), []string{"sort_pieces"}},
		{700, 100, sorted.Whole(700), []string{"sort_tiles", "sort_join"}},
		{800, 520, sorted.Whole(800), []string{"sort_pieces"}}, // 8,320 tiles times tiles
		{6000, 15, sorted.Whole(6000), []string{"sort_pieces", "sort_merge", "sort_merge"}},
		{6000, 1, sorted.About(3001, 32), []string{"sort_pieces", "sort_merge"}},
	} {
		t.Run(fmt.Sprintf("%d rows of %d columns in stretches of %d", c.n, c.columns, c.by.Rows()), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(c.n), 5))
			values, which := make([]float64, c.n*c.columns), make([]int32, c.columns)
			for i := range values {
				values[i] = math.Round(30*r.NormFloat64()) / 7
			}
			for i, column := range r.Perm(c.columns) {
				which[i] = int32(column)
			}
			devicetest.In(t, devicetest.Opened(t, devicetest.Simulated(t, 8, 0)), func(th *device.Thread, a *device.Arena) error {
				need := &device.Needs{T: th, A: a}
				launches, order := sorted.New(need, c.n, c.columns).Launches(need, device.Put(need, values).Address(), device.Put(need, which), c.by)
				var kernels []string
				for _, l := range launches {
					kernels = append(kernels, l.Kernel.Name)
					need.Launch(l.Kernel, l.Grid, l.Params)
				}
				if !slices.Equal(kernels, c.kernels) {
					t.Errorf("%v, want %v", kernels, c.kernels)
				}
				got := make([]int32, len(values))
				if need.Err == nil {
					need.Err = device.Download(t.Context(), th, a.Stream, got, order.Rows)
				}
				for i, column := range which {
					x := values[int(column)*c.n:][:c.n]
					want := make([]int32, c.n)
					for row := range want {
						want[row] = int32(row)
					}
					for stretch := range slices.Chunk(want, c.by.Rows()) {
						slices.SortStableFunc(stretch, func(a, b int32) int { return cmp.Compare(x[a], x[b]) })
					}
					if need.Err == nil && !slices.Equal(got[i*c.n:][:c.n], want) {
						t.Fatalf("column %d is not in order", column)
					}
				}
				return need.Err
			})
		})
	}
}

// A stretch has as many rows as are wanted, or nearly, in units.
func TestAbout(t *testing.T) {
	for _, c := range []struct {
		rows       float64
		unit, want int
	}{
		{1, 32, 32},
		{47, 32, 32},
		{49, 32, 64},
		{2303, 32, 2304},
		{2319, 32, 2304},
		{2321, 32, 2336},
		{100_000, 32, 100_032}, // 64 pieces, so units of 64
		{3000, 992, 2976},
		{1e6, 5, 1_000_960}, // 512 pieces, so units of 2,560
	} {
		if got := sorted.About(c.rows, c.unit).Rows(); got != c.want {
			t.Errorf("about %v in units of %d: %d rows, want %d", c.rows, c.unit, got, c.want)
		}
	}
}

// Numbers of a machine, for the log: a sort as a part of a graph.
func TestCostsOnTheGPU(t *testing.T) {
	devicetest.In(t, devicetest.Opened(t, devicetest.OnTheGPU(t)), func(th *device.Thread, a *device.Arena) error {
		r := rand.New(rand.NewPCG(1, 1))
		for _, n := range []int{1000, 10_000, 20_000, 100_000, 1_000_000} {
			for _, c := range []struct {
				columns int
				by      sorted.Stretch
			}{{1, sorted.Whole(n)}, {3, sorted.Whole(n)}, {1, sorted.About(1024, 1024)}} {
				values := make([]float64, n*c.columns)
				for i := range values {
					values[i] = r.NormFloat64()
				}
				times := min(20, 1+200_000/n) // a wait of half a millisecond and more is a coarse one
				need := &device.Needs{T: th, A: a}
				launches, _ := sorted.New(need, n, c.columns).Launches(need, device.Put(need, values).Address(), device.Put(need, []int32{0, 1, 2}[:c.columns]), c.by)
				if need.Err != nil {
					return need.Err
				}
				g, err := th.Capture(a.Stream, func() error {
					for range times {
						for _, l := range launches {
							need.Launch(l.Kernel, l.Grid, l.Params)
						}
					}
					return need.Err
				})
				if err != nil {
					return err
				}
				took, err := devicetest.Median(func() error {
					if err := th.Replay(a.Stream, g); err != nil {
						return err
					}
					return th.Wait(t.Context(), a.Stream)
				})
				if err != nil {
					return err
				}
				t.Logf("%d rows of %d columns in stretches of %d: %v", n, c.columns, min(n, c.by.Rows()), took/time.Duration(times))
				if err := g.Close(); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
