package device_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/prim"
)

// packer is the kernels of joint_boxes for d columns, by a plan of package boxes.
type packer struct {
	algorithm prim.Algorithm
	d         int
}

func (c packer) String() string {
	return fmt.Sprintf("joint_boxes of %d columns, %v", c.d, c.algorithm)
}

func packers() []packer {
	return []packer{{prim.Ball, 2}, {prim.Ball, 3}, {prim.Box, 2}, {prim.Box, 3}}
}

// batch is a case with marginals of one column and of two.
func (c packer) batch(r *rand.Rand, n int) prim.JointCounts {
	b := counter{c.algorithm, prim.Max, c.d, 16}.batch(r, n)
	p := &b.Problems[0]
	p.Variables, p.Shuffled = [][]int{{0}, {1}}, r.IntN(2)
	p.Marginals = []prim.Marginal{prim.Of(0), prim.Of(1)}
	if c.d == 3 {
		p.Variables, p.Marginals = append(p.Variables, []int{2}), []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}
	}
	return b
}

// agree runs a case on the device and on the CPU.
func (c packer) agree(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	b := c.batch(r, n)
	want, err := b.Counts(ctx)
	if err != nil {
		return err
	}
	q := b.Problems[0]
	p := neighbours.Problem{Variables: q.Variables, Shuffled: -1, Box: b.Algorithm == prim.Box}
	for _, m := range q.Marginals {
		p.Marginals = append(p.Marginals, uint32(m))
	}
	a, err := t.Arena(c.String())
	if err != nil {
		return err
	}
	defer a.Close()
	u := &uploads{device.Needs{T: t, A: a}}
	in := neighbours.Batch{Columns: device.Put(&u.Needs, slices.Concat(b.Columns...)), Barred: device.Put(&u.Needs, barred(b, n)), N: n, K: b.K, Orderings: max(1, len(q.Orders))}
	if len(q.Orders) > 0 {
		p.Shuffled, in.Order = q.Shuffled, device.Put(&u.Needs, slices.Concat(q.Orders...))
	}
	plan, ok := boxes.For(p)
	if !ok || u.Err != nil {
		return fmt.Errorf("no plan for %v, or %w", q, u.Err)
	}
	work, err := plan.Prepare(t, a, in)
	if err != nil {
		return err
	}
	if err := work.Run(t, a.Stream); err != nil {
		return err
	}
	counts, tied := make([]int32, work.Counts.Len()), make([]uint32, work.Tied.Len())
	if err := device.Download(ctx, t, a.Stream, counts, work.Counts); err != nil {
		return err
	}
	if err := device.Download(ctx, t, a.Stream, tied, work.Tied); err != nil {
		return err
	}
	for s, w := range want[0] {
		if int(tied[s]) != w.Tied {
			return fmt.Errorf("ordering %d: %d rows tied, want %d", s, tied[s], w.Tied)
		}
		for m := range w.N {
			if !slices.Equal(counts[:n], w.N[m]) {
				return fmt.Errorf("ordering %d, marginal %d of n %d, k %d: the counts differ", s, m, n, b.K)
			}
			counts = counts[n:]
		}
	}
	return nil
}
