// A name that ended in _windows_test.go would be for Windows alone.

package device_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/windows"
	"surprisal/gpu/prim"
)

// windower is the kernels of joint_windows for d columns, as package windows runs
// them.
type windower struct {
	algorithm prim.Algorithm
	d         int
}

func (c windower) String() string {
	return fmt.Sprintf("joint_windows of %d columns, %v", c.d, c.algorithm)
}

func windowers() []windower {
	return []windower{{prim.Ball, 2}, {prim.Ball, 3}, {prim.Ball, 4}, {prim.Ball, 7}, {prim.Box, 2}, {prim.Box, 7}}
}

// batch is a case: column 0 is the key, in all marginals but the last, which is
// column 1 alone; orderings reorder that.
func (c windower) batch(r *rand.Rand, n int) prim.JointCounts {
	b := counter{c.algorithm, prim.Max, c.d, 16}.batch(r, n)
	p := &b.Problems[0]
	p.Variables, p.Shuffled = [][]int{{0}, {1}}, 1
	p.Marginals = []prim.Marginal{prim.Of(0), prim.Of(1)}
	if c.d > 2 {
		others := make([]int, c.d-2)
		for i := range others {
			others[i] = 2 + i
		}
		p.Variables = append(p.Variables, others)
		p.Marginals = []prim.Marginal{prim.Of(0), prim.Of(0, 1), prim.Of(0, 2), prim.Of(1)}
	}
	return b
}

// count runs the kernels on a batch of one problem, and checks the sums.
func (c windower) count(ctx context.Context, t *device.Thread, b prim.JointCounts) ([]prim.Counts, error) {
	a, err := t.Arena(c.String())
	if err != nil {
		return nil, err
	}
	defer a.Close()
	u := &uploads{device.Needs{T: t, A: a}}
	p, n := b.Problems[0], len(b.Columns[0])
	q := neighbours.Problem{Variables: p.Variables, Shuffled: -1, Box: b.Algorithm == prim.Box}
	in := neighbours.Batch{N: n, K: b.K, Orderings: max(1, len(p.Orders)), Columns: device.Put(&u.Needs, slices.Concat(b.Columns...)), Barred: device.Put(&u.Needs, barred(b, n))}
	if len(p.Orders) > 0 {
		q.Shuffled, in.Order = p.Shuffled, device.Put(&u.Needs, slices.Concat(p.Orders...))
	}
	for _, m := range p.Marginals {
		q.Marginals = append(q.Marginals, uint32(m))
	}
	marginals := len(p.Marginals)
	table := make([]int64, marginals*(n+1))
	for i := range table {
		table[i] = int64(i) * 1e9
	}
	in.Tables = device.Put(&u.Needs, table)
	plan, ok := windows.For(q)
	if !ok {
		return nil, fmt.Errorf("no plan for %v", p)
	}
	if u.Err != nil {
		return nil, u.Err
	}
	w, err := plan.Prepare(t, a, in)
	if err != nil {
		return nil, err
	}
	if err := w.Run(t, a.Stream); err != nil {
		return nil, err
	}
	flat, ties, added := make([]int32, w.Counts.Len()), make([]uint32, in.Orderings), make([]int64, in.Orderings)
	u.Err = device.Download(ctx, t, a.Stream, flat, w.Counts)
	if u.Err == nil {
		u.Err = device.Download(ctx, t, a.Stream, ties, w.Tied)
	}
	if u.Err == nil {
		u.Err = device.Download(ctx, t, a.Stream, added, w.Sums)
	}
	if u.Err != nil {
		return nil, u.Err
	}
	out := make([]prim.Counts, in.Orderings)
	for s := range out {
		out[s].Tied = int(ties[s])
		sum := int64(0)
		for m := range marginals {
			for _, count := range flat[:n] {
				sum += table[m*(n+1)+int(count)]
			}
			out[s].N, flat = append(out[s].N, flat[:n]), flat[n:]
		}
		if sum != added[s] {
			return nil, fmt.Errorf("ordering %d: the sum is %d, and of the counts %d", s, added[s], sum)
		}
	}
	return out, nil
}

// agree runs a case on the device and on the CPU.
func (c windower) agree(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	b := c.batch(r, n)
	want, err := b.Counts(ctx)
	if err != nil {
		return err
	}
	got, err := c.count(ctx, t, b)
	if err != nil {
		return err
	}
	for s := range want[0] {
		if got[s].Tied != want[0][s].Tied {
			return fmt.Errorf("ordering %d: %d rows tied, want %d", s, got[s].Tied, want[0][s].Tied)
		}
		for m := range want[0][s].N {
			if !slices.Equal(got[s].N[m], want[0][s].N[m]) {
				return fmt.Errorf("ordering %d, marginal %d of n %d, k %d: the counts differ", s, m, n, b.K)
			}
		}
	}
	return nil
}

// sorts runs the kernels of sort on two columns of n values.
func sorts(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	a, err := t.Arena("sort")
	if err != nil {
		return err
	}
	defer a.Close()
	x, want := make([]float64, 2*n), []int32(nil)
	for i := range x {
		x[i] = math.Round(100 * r.NormFloat64())
		if i < n {
			x[i] = r.NormFloat64()
		}
	}
	want = append(ascending(x[:n]), ascending(x[n:])...)
	u := &uploads{device.Needs{T: t, A: a}}
	var keys [2]uint64
	rows := [2]device.Buffer[int32]{u.zeros32(2 * n), u.zeros32(2 * n)}
	for i := range keys {
		keys[i] = u.uint64s(make([]uint64, 2*n))
	}
	const ways = 4
	u.launch("sort_tiles", device.Dim{X: (n + 1023) / 1024, Y: 2}, cuda.SortTiles{Values: u.float64s(x), Which: u.int32s([]int32{0, 1}), Keys: keys[0], Rows: rows[0].Address(), N: int32(n)}.Params())
	at := 0
	for length := 1024; length < n; length *= ways {
		u.launch("sort_merge", device.Dim{X: (n + 255) / 256, Y: 2}, cuda.SortMerge{Keys: keys[at], Rows: rows[at].Address(), MergedKeys: keys[1-at], MergedRows: rows[1-at].Address(),
			N: int32(n), Length: int32(length), Ways: ways}.Params())
		at = 1 - at
	}
	got := make([]int32, 2*n)
	if u.Err == nil {
		u.Err = device.Download(ctx, t, a.Stream, got, rows[at])
	}
	if u.Err == nil && !slices.Equal(got, want) {
		return fmt.Errorf("%d rows are not in order", n)
	}
	return u.Err
}

// ascending is the rows of a column in the order of its values.
func ascending(x []float64) []int32 {
	rows := make([]int32, len(x))
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(x[a], x[b]) })
	return rows
}

// uploads puts things on the device until something fails.
type uploads struct{ device.Needs }

func (u *uploads) float64s(x []float64) uint64        { return device.Put(&u.Needs, x).Address() }
func (u *uploads) int32s(x []int32) uint64            { return device.Put(&u.Needs, x).Address() }
func (u *uploads) int64s(x []int64) uint64            { return device.Put(&u.Needs, x).Address() }
func (u *uploads) uint64s(x []uint64) uint64          { return device.Put(&u.Needs, x).Address() }
func (u *uploads) zeros32(n int) device.Buffer[int32] { return device.Put(&u.Needs, make([]int32, n)) }
func (u *uploads) zeros64(n int) device.Buffer[int64] { return device.Put(&u.Needs, make([]int64, n)) }

func (u *uploads) launch(kernel string, grid device.Dim, params []byte) {
	u.Launch(u.Kernel(kernel), grid, params)
}
