package device_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/prim"
)

// pruner is a kernel of the family pruned_counts.
type pruner struct {
	algorithm prim.Algorithm
	d, most   int
}

func (p pruner) String() string {
	return fmt.Sprintf("pruned_counts_%s_d%d_k%d", p.algorithm, p.d, p.most)
}

func pruners() (all []pruner) {
	for _, algorithm := range []prim.Algorithm{prim.Ball, prim.Box} {
		for _, d := range []int{3, 4, 8} {
			all = append(all, pruner{algorithm, d, 4}, pruner{algorithm, d, 16})
		}
	}
	return all
}

// agree runs a case on the device and on the CPU. Column 0 is the key.
func (p pruner) agree(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	c := counter{p.algorithm, prim.Max, p.d, p.most}
	b := c.batch(r, n)
	q := &b.Problems[0]
	q.Orders = nil
	for m := range q.Marginals {
		q.Marginals[m] |= 1
	}
	cpu := gpu.Open(gpu.CPU)
	b.On = &cpu
	want, err := b.Counts(ctx)
	if err != nil {
		return err
	}
	got, sorted, err := p.count(ctx, t, b)
	if err != nil {
		return err
	}
	for m, counts := range want[0][0].N {
		for i, row := range sorted {
			if v := got[m*n+i]; v != counts[row] {
				return fmt.Errorf("marginal %d of n %d, k %d: row %d counts %d, want %d", m, n, b.K, row, v, counts[row])
			}
		}
	}
	return nil
}

// count returns the counts by marginal and place, and the rows of the places.
func (p pruner) count(ctx context.Context, t *device.Thread, b prim.JointCounts) (counts, sorted []int32, err error) {
	n, marginals := len(b.Columns[0]), len(b.Problems[0].Marginals)
	if sorted, err = prim.Sort(ctx, b.Columns[0]); err != nil {
		return nil, nil, err
	}
	keys := make([]float64, n)
	for i, row := range sorted {
		keys[i] = b.Columns[0][row]
	}
	k, err := t.Kernel(p.String())
	if err != nil {
		return nil, nil, err
	}
	a, err := t.Arena(p.String())
	if err != nil {
		return nil, nil, err
	}
	defer a.Close()
	task := counter{p.algorithm, prim.Max, p.d, p.most}.task(b.Problems[0])
	task[16] = 0
	params := cuda.PrunedCounts{N: int32(n), K: int32(b.K), Marginals: int32(marginals), Rows: int32(n), Split: 2}
	for _, up := range []struct {
		to   *uint64
		from any
	}{{&params.Columns, slices.Concat(b.Columns...)}, {&params.Tasks, task}, {&params.Keys, keys}, {&params.Sorted, sorted}, {&params.Barred, barred(b, n)}, {&params.Tied, []uint32{0}}} {
		if *up.to, err = uploaded(t, a, up.from); err != nil {
			return nil, nil, err
		}
	}
	out, err := device.Alloc[int32](t, a, marginals*n)
	if err != nil {
		return nil, nil, err
	}
	params.Counts = out.Address()
	if err := t.Launch(a.Stream, k, device.Dim{X: (2*n + 127) / 128}, params.Params()); err != nil {
		return nil, nil, err
	}
	counts = make([]int32, marginals*n)
	return counts, sorted, device.Download(ctx, t, a.Stream, counts, out)
}

func uploaded(t *device.Thread, a *device.Arena, values any) (uint64, error) {
	switch v := values.(type) {
	case []float64:
		b, err := device.Upload(t, a, v)
		return b.Address(), err
	case []int32:
		b, err := device.Upload(t, a, v)
		return b.Address(), err
	case []uint32:
		b, err := device.Upload(t, a, v)
		return b.Address(), err
	}
	panic(fmt.Sprintf("values of type %T", values))
}
