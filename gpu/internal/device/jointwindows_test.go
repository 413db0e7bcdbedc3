// A name that ended in _windows_test.go would be for Windows alone.

package device_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/sorted"
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

// sorts sorts columns of n values and of five times as many: all at once, by pairs, and
// in stretches of some hundred.
func sorts(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	a, err := t.Arena("sort")
	if err != nil {
		return err
	}
	defer a.Close()
	for _, c := range []struct {
		n, columns int
		by         sorted.Stretch
	}{{n, 2, sorted.Whole(n)}, {n, 2, sorted.About(100+float64(r.IntN(9000)), 32)}, {5 * n, 1, sorted.Whole(5 * n)}, {5 * n, 3, sorted.Whole(5 * n)}, {5 * n, 3, sorted.About(3000+float64(r.IntN(9000)), 32)}} {
		x := make([]float64, c.n*c.columns)
		for i := range x {
			x[i] = math.Round(100 * r.NormFloat64())
			if i < c.n {
				x[i] = r.NormFloat64()
			}
		}
		need := &device.Needs{T: t, A: a}
		launches, order := sorted.New(need, c.n, c.columns).Launches(need, device.Put(need, x).Address(), device.Put(need, []int32{0, 1, 2}[:c.columns]), c.by)
		for _, l := range launches {
			need.Launch(l.Kernel, l.Grid, l.Params)
		}
		got := make([]int32, len(x))
		if need.Err == nil {
			need.Err = device.Download(ctx, t, a.Stream, got, order.Rows)
		}
		if need.Err != nil {
			return need.Err
		}
		for column := range slices.Chunk(x, c.n) {
			want := make([]int32, 0, c.n)
			for stretch := range slices.Chunk(column, c.by.Rows()) {
				from := len(want)
				for _, row := range ascending(stretch) {
					want = append(want, int32(from)+row)
				}
			}
			if !slices.Equal(got[:c.n], want) {
				return fmt.Errorf("%d rows in stretches of %d are not in order", c.n, c.by.Rows())
			}
			got = got[c.n:]
		}
	}
	return nil
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
func (u *uploads) zeros32(n int) device.Buffer[int32] { return device.Put(&u.Needs, make([]int32, n)) }
func (u *uploads) zeros64(n int) device.Buffer[int64] { return device.Put(&u.Needs, make([]int64, n)) }

func (u *uploads) launch(kernel string, grid device.Dim, params []byte) {
	u.Launch(u.Kernel(kernel), grid, params)
}
