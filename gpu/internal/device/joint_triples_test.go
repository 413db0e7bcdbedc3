package device_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/triples"
	"surprisal/gpu/prim"
)

// tripler is the kernels of joint_triples for so many rows, as package triples runs
// them.
type tripler int

func (c tripler) String() string { return fmt.Sprintf("joint_triples of up to %d rows", int(c)) }

func triplers() []tripler { return []tripler{1024, 2048} }

// batch is a case of about n rows: several problems of some of six columns.
func (c tripler) batch(r *rand.Rand, n int) prim.JointCounts {
	if n = min(n, int(c)); c > 1024 {
		n = 1025 + n%1024
	}
	b := counter{prim.Ball, prim.Max, 6, min(triples.MostNeighbours, n-1)}.batch(r, n)
	orders := b.Problems[0].Orders
	b.Problems = nil
	for range 1 + r.IntN(3) {
		p := r.Perm(6)
		b.Problems = append(b.Problems, prim.Problem{Variables: [][]int{{p[0]}, {p[1]}, {p[2]}}, Orders: orders, Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(2), prim.Of(1, 2)}})
	}
	return b
}

// run runs the kernels on a batch, and checks the sums.
func (c tripler) run(ctx context.Context, t *device.Thread, b prim.JointCounts) (out [][]prim.Counts, err error) {
	a, err := t.Arena(c.String())
	if err != nil {
		return nil, err
	}
	defer a.Close()
	u := &uploads{device.Needs{T: t, A: a}}
	n, marginals, orders := len(b.Columns[0]), 3, b.Problems[0].Orders
	in := triples.Launch{Barred: u.int32s(barred(b, n)), Marginals: marginals, K: b.K, Alone: b.Window == 0, TaskCount: len(b.Problems), Orderings: max(1, len(orders))}
	shuffled := -1
	if len(orders) > 0 {
		shuffled, in.Order = 0, u.int32s(slices.Concat(orders...))
	}
	table := make([]int64, marginals*(n+1))
	for i := range table {
		table[i] = int64(i) * 1e9
	}
	in.Tables = u.int64s(table)
	var plans []triples.Plan
	var which []int
	for _, p := range b.Problems {
		q := neighbours.Problem{Variables: p.Variables, Shuffled: shuffled}
		for _, m := range p.Marginals {
			q.Marginals = append(q.Marginals, uint32(m))
		}
		plan, ok := triples.For(q)
		if !ok {
			return nil, fmt.Errorf("no plan for %v", p)
		}
		plans, which = append(plans, plan), append(which, plan.Columns[:]...)
	}
	columns := device.Put(&u.Needs, slices.Concat(b.Columns...))
	if u.Err != nil {
		return nil, u.Err
	}
	l, err := triples.Lay(t, a, columns, n, which)
	if err != nil {
		return nil, err
	}
	var tasks []uint32
	for _, p := range plans {
		task := l.Task(p)
		tasks = append(tasks, task[:]...)
	}
	items := len(plans) * in.Orderings
	counts, sums, tied := u.zeros32(items*marginals*n), u.zeros64(items), device.Put(&u.Needs, make([]uint32, items))
	in.Tasks, in.Slots, in.Counts, in.Sums, in.Tied = device.Put(&u.Needs, tasks).Address(), plans[0].Slots, counts.Address(), sums.Address(), tied.Address()
	if u.Err != nil {
		return nil, u.Err
	}
	if err := l.Run(t, a.Stream, in); err != nil {
		return nil, err
	}
	flat, ties, added := make([]int32, counts.Len()), make([]uint32, items), make([]int64, items)
	u.Err = device.Download(ctx, t, a.Stream, flat, counts)
	if u.Err == nil {
		u.Err = device.Download(ctx, t, a.Stream, ties, tied)
	}
	if u.Err == nil {
		u.Err = device.Download(ctx, t, a.Stream, added, sums)
	}
	if u.Err != nil {
		return nil, u.Err
	}
	for i := range items {
		if i%in.Orderings == 0 {
			out = append(out, nil)
		}
		found := prim.Counts{Tied: int(ties[i])}
		sum := int64(0)
		for m := range marginals {
			for _, count := range flat[:n] {
				sum += table[m*(n+1)+int(count)]
			}
			found.N, flat = append(found.N, flat[:n]), flat[n:]
		}
		if sum != added[i] {
			return nil, fmt.Errorf("item %d: the sum is %d, and of the counts %d", i, added[i], sum)
		}
		p := i / in.Orderings
		out[p] = append(out[p], found)
	}
	return out, nil
}

// agree runs a case on the device and on the CPU.
func (c tripler) agree(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	b := c.batch(r, n)
	want, err := b.Counts(ctx)
	if err != nil {
		return err
	}
	got, err := c.run(ctx, t, b)
	if err != nil {
		return err
	}
	for p := range want {
		for s, w := range want[p] {
			if g := got[p][s]; g.Tied != w.Tied || !slices.EqualFunc(g.N, w.N, slices.Equal[[]int32]) {
				return fmt.Errorf("problem %d, ordering %d of %d rows, k %d: the device and the CPU differ", p, s, len(b.Columns[0]), b.K)
			}
		}
	}
	return nil
}
