package trial

import (
	"context"
	"fmt"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/prim"
)

// Counts is b.Counts by a kernel of the family joint_counts: under the maximum norm,
// without orderings, all problems of up to 16 columns in variables and three
// marginals.
func Counts(ctx context.Context, t *device.Thread, b prim.JointCounts) ([]prim.Counts, error) {
	k, wide, err := kernel(t, b)
	if err != nil {
		return nil, err
	}
	a, err := t.Arena(k.Name)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	n, tasks, marginals := len(b.Columns[0]), len(b.Problems), len(b.Problems[0].Marginals)
	in, err := given(t, a, b, wide)
	if err != nil {
		return nil, err
	}
	counts, err := device.Alloc[int32](t, a, tasks*marginals*n)
	if err != nil {
		return nil, err
	}
	tied, err := device.Alloc[uint32](t, a, tasks)
	if err != nil {
		return nil, err
	}
	if err := device.Zero(t, a.Stream, tied); err != nil {
		return nil, err
	}
	in.Counts, in.Tied = counts.Address(), tied.Address()
	in.N, in.K, in.Marginals, in.Rows, in.Split = int32(n), int32(b.K), int32(marginals), int32(n), int32(split(t, n*tasks))
	if err := t.Launch(a.Stream, k, device.Dim{X: (int(in.Split)*n + 127) / 128, Y: 1, Z: tasks}, in.Params()); err != nil {
		return nil, err
	}
	flat, ties := make([]int32, counts.Len()), make([]uint32, tasks)
	if err := device.Download(ctx, t, a.Stream, flat, counts); err != nil {
		return nil, err
	}
	if err := device.Download(ctx, t, a.Stream, ties, tied); err != nil {
		return nil, err
	}
	out := make([]prim.Counts, tasks)
	for s := range out {
		out[s].Tied = int(ties[s])
		for range marginals {
			out[s].N, flat = append(out[s].N, flat[:n:n]), flat[n:]
		}
	}
	return out, nil
}

// given brings what the kernel reads to the device.
func given(t *device.Thread, a *device.Arena, b prim.JointCounts, wide int) (in cuda.JointCounts, err error) {
	n := len(b.Columns[0])
	columns, err := device.Alloc[float64](t, a, n*len(b.Columns))
	if err != nil {
		return in, err
	}
	for c, values := range b.Columns {
		if err := device.Write(t, a.Stream, columns.Slice(c*n, (c+1)*n), values); err != nil {
			return in, err
		}
	}
	var words []uint32
	for _, p := range b.Problems {
		words = append(words, task(p, wide)...)
	}
	tasks, err := device.Upload(t, a, words)
	if err != nil {
		return in, err
	}
	barred, err := device.Upload(t, a, barred(b, n))
	in.Columns, in.Tasks, in.Barred = columns.Address(), tasks.Address(), barred.Address()
	return in, err
}

// kernel is the one for a batch, and how many columns it compares.
func kernel(t *device.Thread, b prim.JointCounts) (k *device.Kernel, wide int, err error) {
	d := 0
	for _, p := range b.Problems {
		d = max(d, len(slices.Concat(p.Variables...)))
		if len(p.Marginals) != len(b.Problems[0].Marginals) || len(p.Marginals) > 3 || p.Orders != nil || b.Norm != prim.Max {
			return nil, 0, fmt.Errorf("trial: no kernel is tried with orderings, more than three marginals or the Euclidean norm")
		}
	}
	made := []int{2, 3, 4, 8, 16}
	i := slices.IndexFunc(made, func(w int) bool { return w >= d })
	if i < 0 || len(b.Problems) > 65535 {
		return nil, 0, fmt.Errorf("trial: %d problems of %d columns: at most 65535 of 16", len(b.Problems), d)
	}
	most := 4
	if b.K > most {
		most = prim.MaxK
	}
	k, err = t.Kernel(fmt.Sprintf("joint_counts_%v_max_d%d_k%d", b.Algorithm, made[i], most))
	return k, made[i], err
}

// split is the number of threads that share a row: as many as keep the device
// busy, which holds 2048 threads a multiprocessor.
func split(t *device.Thread, rows int) int {
	s := 1
	for s < 32 && rows*s < 2048*t.Device().Multiprocessors {
		s *= 2
	}
	return s
}

// task is what the kernel is told about a problem. A kernel for more columns
// sees the last one again, which changes no largest difference.
func task(p prim.Problem, wide int) []uint32 {
	task := make([]uint32, 24)
	at := 0
	for v, columns := range p.Variables {
		for _, c := range columns {
			task[at] = uint32(c)
			for m, set := range p.Marginals {
				if set.Has(v) {
					task[18+m] |= 1 << at
				}
			}
			at++
		}
		task[17] |= 1 << (at - 1)
	}
	for ; at < wide; at++ {
		task[at] = task[at-1]
		task[17] = task[17]&^(1<<(at-1)) | 1<<at
		for m := range 3 {
			task[18+m] |= task[18+m] >> (at - 1) & 1 << at
		}
	}
	return task
}

// barred is the first and the last row that is no neighbour of each.
func barred(b prim.JointCounts, n int) []int32 {
	trials := b.Trials
	if trials == nil {
		trials = []int{n}
	}
	out := make([]int32, 0, 2*n)
	first := 0
	for _, length := range trials {
		for i := first; i < first+length; i++ {
			out = append(out, int32(max(first, i-b.Window)), int32(min(first+length-1, i+b.Window)))
		}
		first += length
	}
	return out
}
