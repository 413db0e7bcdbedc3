package trial

import (
	"context"
	"fmt"
	"slices"

	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/prim"
)

// BoxCounts is the counts of the one problem of b by the kernels of the families sort
// and joint_boxes, without orderings.
func BoxCounts(ctx context.Context, t *device.Thread, b prim.JointCounts) (out prim.Counts, err error) {
	p := boxes.Problem{Variables: b.Problems[0].Variables, Shuffled: -1}
	for _, m := range b.Problems[0].Marginals {
		p.Marginals = append(p.Marginals, uint32(m))
	}
	plan, ok := p.Plan()
	if !ok {
		return out, fmt.Errorf("trial: more than three columns, or a marginal of three")
	}
	a, err := t.Arena("joint boxes")
	if err != nil {
		return out, err
	}
	defer a.Close()
	n := len(b.Columns[0])
	in := boxes.Batch{N: n, K: b.K, Orderings: 1}
	if in.Columns, err = device.Upload(t, a, slices.Concat(b.Columns...)); err != nil {
		return out, err
	}
	if in.Barred, err = device.Upload(t, a, barred(b, n)); err != nil {
		return out, err
	}
	work, err := plan.Prepare(t, a, in)
	if err != nil {
		return out, err
	}
	if err := work.Run(t, a.Stream); err != nil {
		return out, err
	}
	flat, tied := make([]int32, work.Counts.Len()), make([]uint32, 1)
	if err := device.Download(ctx, t, a.Stream, flat, work.Counts); err != nil {
		return out, err
	}
	if err := device.Download(ctx, t, a.Stream, tied, work.Tied); err != nil {
		return out, err
	}
	return prim.Counts{N: slices.Collect(slices.Chunk(flat, n)), Tied: int(tied[0])}, nil
}
