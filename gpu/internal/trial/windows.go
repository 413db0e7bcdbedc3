package trial

import (
	"context"
	"fmt"
	"slices"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/windows"
	"surprisal/gpu/prim"
)

// WindowCounts is the counts of the one problem of b by the kernels of the families
// sort and joint_windows, without orderings.
func WindowCounts(ctx context.Context, t *device.Thread, b prim.JointCounts) (prim.Counts, error) {
	plan, ok := windows.For(problem(b))
	if !ok {
		return prim.Counts{}, fmt.Errorf("trial: no column is in all marginals")
	}
	return sorted(ctx, t, b, "joint windows", func(a *device.Arena, in neighbours.Batch) (counts device.Buffer[int32], tied device.Buffer[uint32], err error) {
		w, err := plan.Prepare(t, a, in)
		if err != nil {
			return counts, tied, err
		}
		return w.Counts, w.Tied, w.Run(t, a.Stream)
	})
}

// problem is the one problem of b.
func problem(b prim.JointCounts) neighbours.Problem {
	p := neighbours.Problem{Variables: b.Problems[0].Variables, Shuffled: -1, Box: b.Algorithm == prim.Box}
	for _, m := range b.Problems[0].Marginals {
		p.Marginals = append(p.Marginals, uint32(m))
	}
	return p
}

// sorted puts the columns of b on a device, where run counts, and fetches the counts.
func sorted(ctx context.Context, t *device.Thread, b prim.JointCounts, name string,
	run func(*device.Arena, neighbours.Batch) (device.Buffer[int32], device.Buffer[uint32], error)) (out prim.Counts, err error) {
	a, err := t.Arena(name)
	if err != nil {
		return out, err
	}
	defer a.Close()
	n := len(b.Columns[0])
	in := neighbours.Batch{N: n, K: b.K, Orderings: 1}
	if in.Columns, err = device.Upload(t, a, slices.Concat(b.Columns...)); err != nil {
		return out, err
	}
	if in.Barred, err = device.Upload(t, a, barred(b, n)); err != nil {
		return out, err
	}
	counts, ties, err := run(a, in)
	if err != nil {
		return out, err
	}
	flat, tied := make([]int32, counts.Len()), make([]uint32, 1)
	if err := device.Download(ctx, t, a.Stream, flat, counts); err != nil {
		return out, err
	}
	if err := device.Download(ctx, t, a.Stream, tied, ties); err != nil {
		return out, err
	}
	return prim.Counts{N: slices.Collect(slices.Chunk(flat, n)), Tied: int(tied[0])}, nil
}
