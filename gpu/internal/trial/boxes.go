package trial

import (
	"context"
	"fmt"

	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/prim"
)

// BoxCounts is the counts of the one problem of b by the kernels of the families sort
// and joint_boxes, without orderings.
func BoxCounts(ctx context.Context, t *device.Thread, b prim.JointCounts) (prim.Counts, error) {
	plan, ok := boxes.For(problem(b))
	if !ok {
		return prim.Counts{}, fmt.Errorf("trial: more than three columns, or a marginal of three")
	}
	return sorted(ctx, t, b, "joint boxes", func(a *device.Arena, in neighbours.Batch) (counts device.Buffer[int32], tied device.Buffer[uint32], err error) {
		w, err := plan.Prepare(t, a, in)
		if err != nil {
			return counts, tied, err
		}
		return w.Counts, w.Tied, w.Run(t, a.Stream)
	})
}
