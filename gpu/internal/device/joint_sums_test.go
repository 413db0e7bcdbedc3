package device_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// sumsAgree adds up counts of n rows by joint_sums.
func sumsAgree(ctx context.Context, t *device.Thread, r *rand.Rand, n int) error {
	a, err := t.Arena("joint sums")
	if err != nil {
		return err
	}
	defer a.Close()
	tasks, orders, marginals, stride := 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(4), n+1
	counts, table, want := make([]int32, tasks*orders*marginals*n), make([]int64, marginals*stride), make([]int64, tasks*orders)
	for i := range table {
		table[i] = r.Int64() - r.Int64()
	}
	for i := range counts {
		counts[i] = int32(r.IntN(stride))
		m := i / n
		want[m/marginals] += table[m%marginals*stride+int(counts[i])]
	}
	u := &uploads{device.Needs{T: t, A: a}}
	sums := u.zeros64(len(want))
	u.launch("joint_sums", device.Dim{X: (n + 2047) / 2048, Y: orders, Z: tasks}, cuda.JointSums{Counts: u.int32s(counts), Tables: u.int64s(table), Sums: sums.Address(),
		Rows: int32(n), Stride: int32(stride), Marginals: int32(marginals)}.Params())
	got := make([]int64, len(want))
	if u.Err == nil {
		u.Err = device.Download(ctx, t, a.Stream, got, sums)
	}
	if u.Err == nil && !slices.Equal(got, want) {
		return fmt.Errorf("%d rows, %d marginals: the sums differ", n, marginals)
	}
	return u.Err
}
