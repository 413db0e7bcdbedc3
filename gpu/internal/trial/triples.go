package trial

import (
	"context"
	"fmt"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/triples"
	"surprisal/gpu/prim"
)

// TripleCounts is the counts of the one problem of b by the kernels of the families
// sort and joint_triples, without orderings.
func TripleCounts(ctx context.Context, t *device.Thread, b prim.JointCounts) (prim.Counts, error) {
	p := neighbours.Problem{Variables: b.Problems[0].Variables, Shuffled: -1, Marginals: problem(b).Marginals}
	plan, ok := triples.For(p)
	if !ok {
		return prim.Counts{}, fmt.Errorf("trial: not three columns, or no column is in all marginals")
	}
	return sorted(ctx, t, b, "joint triples", func(a *device.Arena, in neighbours.Batch) (counts device.Buffer[int32], tied device.Buffer[uint32], err error) {
		l, err := triples.Lay(t, a, in.Columns, in.N, plan.Columns[:])
		if err != nil {
			return counts, tied, err
		}
		task := l.Task(plan)
		tasks, err := device.Upload(t, a, task[:])
		if err != nil {
			return counts, tied, err
		}
		if tied, err = device.Upload(t, a, []uint32{0}); err != nil {
			return counts, tied, err
		}
		if counts, err = device.Alloc[int32](t, a, len(p.Marginals)*in.N); err != nil {
			return counts, tied, err
		}
		return counts, tied, l.Run(t, a.Stream, triples.Launch{Tasks: tasks.Address(), Barred: in.Barred.Address(), Counts: counts.Address(), Tied: tied.Address(),
			Slots: plan.Slots, Marginals: len(p.Marginals), K: in.K, TaskCount: 1, Orderings: 1})
	})
}
