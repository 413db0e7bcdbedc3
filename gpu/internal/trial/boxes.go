package trial

import (
	"context"
	"fmt"

	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/windows"
	"surprisal/gpu/prim"
)

// BoxCounts is the counts of the one problem of b by the kernels of the families sort
// and joint_boxes, without orderings.
func BoxCounts(ctx context.Context, t *device.Thread, b prim.JointCounts) (prim.Counts, error) {
	p := boxes.Problem{Variables: b.Problems[0].Variables, Shuffled: -1, Marginals: sets(b)}
	plan, ok := p.Plan()
	if !ok {
		return prim.Counts{}, fmt.Errorf("trial: more than three columns, or a marginal of three")
	}
	return sorted(ctx, t, b, "joint boxes", func(a *device.Arena, in windows.Batch) (counts device.Buffer[int32], tied device.Buffer[uint32], err error) {
		w, err := plan.Prepare(t, a, boxes.Batch{Columns: in.Columns, Barred: in.Barred, N: in.N, K: in.K, Orderings: in.Orderings})
		if err != nil {
			return counts, tied, err
		}
		return w.Counts, w.Tied, w.Run(t, a.Stream)
	})
}
