package ptx_test

import (
	"context"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// summing is a case of joint_sums.
type summing struct {
	tasks, orderings, marginals, rows, stride int
	counts                                    []int32
	tables                                    []int64
}

func newSumming(r *rand.Rand, tasks, orderings, marginals, rows int) summing {
	c := summing{tasks: tasks, orderings: orderings, marginals: marginals, rows: rows, stride: 1 + rows + r.IntN(9)}
	for range tasks * orderings * marginals * rows {
		c.counts = append(c.counts, int32(r.IntN(c.stride)))
	}
	for range marginals * c.stride {
		c.tables = append(c.tables, r.Int64()-r.Int64()) // sums that wrap around
	}
	return c
}

func (c summing) sums() []int64 {
	out := make([]int64, c.tasks*c.orderings)
	for i, n := range c.counts {
		m := i / c.rows
		out[m/c.marginals] += c.tables[m%c.marginals*c.stride+int(n)]
	}
	return out
}

// launch runs the kernel: first under a flag that was seen, where counts may be
// anything, then under one that was not, or without.
func (c summing) launch(d *device, p *ptx.Program) ([]int64, error) {
	sums := d.put("sums", make([]int64, c.tasks*c.orderings))
	nobody := d.Alloc("counts that nobody wrote", 4*len(c.counts))
	params := cuda.JointSums{Counts: nobody, Tables: d.put("tables", c.tables), Sums: sums, Rows: int32(c.rows), Stride: int32(c.stride), Marginals: int32(c.marginals)}
	for _, flag := range []raised{told, []raised{up, noFlag}[c.rows%2]} {
		params.Flag = flag.at(d)
		err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: ceil(c.rows, 2048), Y: c.orderings, Z: c.tasks}, Block: ptx.Dim{X: 256}, Params: params.Params()})
		if err != nil {
			return nil, err
		}
		params.Counts = d.put("counts", c.counts)
	}
	return get[int64](d, sums, c.tasks*c.orderings)
}

func proveJointSums(t proof, arch string, cases int) (ran int) {
	p := kernel(t, arch, "joint_sums", "joint_sums")
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 31))
		rows := []int{1 + r.IntN(40), 2047 + r.IntN(3), 2049 + r.IntN(3000)}[seed%3]
		c := newSumming(r, 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(4), rows)
		got, err := c.launch(t.device(), p)
		if err != nil {
			t.Fatalf("%s seed %d: %v", arch, seed, err)
		}
		if !slices.Equal(got, c.sums()) {
			t.Fatalf("%s seed %d: %d rows, %d marginals: the sums differ", arch, seed, rows, c.marginals)
		}
		ran++
	}
	return ran
}
