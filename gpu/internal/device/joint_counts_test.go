package device_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/prim"
)

// counter is a kernel of the family joint_counts.
type counter struct {
	algorithm prim.Algorithm
	norm      prim.Norm
	d, most   int
}

func (c counter) String() string {
	return fmt.Sprintf("joint_counts_%s_%s_d%d_k%d", c.algorithm, c.norm, c.d, c.most)
}

func counters() (all []counter) {
	for _, algorithm := range []prim.Algorithm{prim.Ball, prim.Box} {
		for _, d := range []int{2, 3, 4, 8, 16} {
			all = append(all, counter{algorithm, prim.Max, d, 4}, counter{algorithm, prim.Max, d, 16})
		}
		all = append(all, counter{algorithm, prim.Euclid, 4, 16}, counter{algorithm, prim.Euclid, 16, 16})
	}
	return all
}

// batch is a case of the contract of prim for a kernel: n rows with ties, trials,
// a window, a variable of several columns, and orderings.
func (c counter) batch(r *rand.Rand, n int) prim.JointCounts {
	b := prim.JointCounts{K: 1 + r.IntN(min(c.most, n-1)), Algorithm: c.algorithm, Norm: c.norm}
	grain := []float64{1 << 10, 1 << 10, 8, 2}[r.IntN(4)]
	for range c.d {
		column := make([]float64, n)
		for i := range column {
			column[i] = math.Round(r.NormFloat64()*grain) / grain
			if grain > 8 {
				column[i] = r.NormFloat64()
			}
		}
		b.Columns = append(b.Columns, column)
	}
	if n > 4*b.K+20 && r.IntN(2) == 0 {
		b.Trials, b.Window = []int{n/2 - 1, n - n/2 + 1}, r.IntN(3)
	}
	first := 1 + r.IntN(c.d-1) // columns of the first variable
	p := prim.Problem{Variables: [][]int{nil}}
	for j := range c.d {
		if j < first {
			p.Variables[0] = append(p.Variables[0], j)
		} else {
			p.Variables = append(p.Variables, []int{j})
		}
	}
	p.Shuffled = r.IntN(len(p.Variables))
	for range r.IntN(3) {
		order := make([]int32, n)
		for i, v := range r.Perm(n) {
			order[i] = int32(v)
		}
		p.Orders = append(p.Orders, order)
	}
	for range 1 + r.IntN(3) {
		p.Marginals = append(p.Marginals, prim.Marginal(1+r.IntN(1<<len(p.Variables)-1)))
	}
	b.Problems = []prim.Problem{p}
	return b
}

// count runs the kernel on a batch of one problem.
func (c counter) count(ctx context.Context, t *device.Thread, b prim.JointCounts) ([]prim.Counts, error) {
	k, err := t.Kernel(c.String())
	if err != nil {
		return nil, err
	}
	a, err := t.Arena(c.String())
	if err != nil {
		return nil, err
	}
	defer a.Close()
	p, n := b.Problems[0], len(b.Columns[0])
	orders := max(1, len(p.Orders))
	const split = 4
	params := cuda.JointCounts{N: int32(n), K: int32(b.K), Marginals: int32(len(p.Marginals)), Rows: int32(n), Split: split}
	columns, err := device.Upload(t, a, slices.Concat(b.Columns...))
	if err != nil {
		return nil, err
	}
	task, err := device.Upload(t, a, c.task(p))
	if err != nil {
		return nil, err
	}
	params.Columns, params.Tasks = columns.Address(), task.Address()
	if len(p.Orders) > 0 {
		order, err := device.Upload(t, a, slices.Concat(p.Orders...))
		if err != nil {
			return nil, err
		}
		params.Order = order.Address()
	}
	barred, err := device.Upload(t, a, barred(b, n))
	if err != nil {
		return nil, err
	}
	counts, err := device.Alloc[int32](t, a, orders*len(p.Marginals)*n)
	if err != nil {
		return nil, err
	}
	tied, err := device.Alloc[uint32](t, a, orders)
	if err != nil {
		return nil, err
	}
	if err := device.Zero(t, a.Stream, tied); err != nil {
		return nil, err
	}
	params.Barred, params.Counts, params.Tied = barred.Address(), counts.Address(), tied.Address()
	if err := t.Launch(a.Stream, k, device.Dim{X: (split*n + 127) / 128, Y: orders}, params.Params()); err != nil {
		return nil, err
	}
	flat, ties := make([]int32, counts.Len()), make([]uint32, orders)
	if err := device.Download(ctx, t, a.Stream, flat, counts); err != nil {
		return nil, err
	}
	if err := device.Download(ctx, t, a.Stream, ties, tied); err != nil {
		return nil, err
	}
	out := make([]prim.Counts, orders)
	for s := range out {
		out[s].Tied = int(ties[s])
		for range p.Marginals {
			out[s].N, flat = append(out[s].N, flat[:n]), flat[n:]
		}
	}
	return out, nil
}

// task is what the kernel is told about a problem, whose columns are in order and
// as many as its own.
func (c counter) task(p prim.Problem) []uint32 {
	task := make([]uint32, 24)
	at := 0
	for v, columns := range p.Variables {
		at += len(columns)
		for _, j := range columns {
			task[j] = uint32(j)
			if v == p.Shuffled {
				task[16] |= 1 << j
			}
			for m, set := range p.Marginals {
				if set.Has(v) && (c.norm == prim.Max || j == at-1) {
					task[18+m] |= 1 << j
				}
			}
		}
		task[17] |= 1 << (at - 1)
	}
	return task
}

// barred is the first and the last row that is no neighbour of each.
func barred(b prim.JointCounts, n int) []int32 {
	trials := b.Trials
	if trials == nil {
		trials = []int{n}
	}
	var out []int32
	first := 0
	for _, length := range trials {
		for i := first; i < first+length; i++ {
			out = append(out, int32(max(first, i-b.Window)), int32(min(first+length-1, i+b.Window)))
		}
		first += length
	}
	return out
}

// agree runs a case on the device and on the CPU.
func (c counter) agree(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	b := c.batch(r, n)
	cpu := gpu.Open(gpu.CPU)
	b.On = &cpu
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
