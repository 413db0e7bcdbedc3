package windows

import (
	"context"
	"slices"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/sorted"
)

// Work is a plan with its memory on a device, to be run as often as one likes. Its
// items are the plan under every ordering.
type Work struct {
	Counts device.Buffer[int32]  // [items][marginals][N]; empty with NoCounts
	Sums   device.Buffer[int64]  // [items]; empty without tables
	Tied   device.Buffer[uint32] // [items]: rows whose k-th neighbour is tied

	plan     Plan
	in       neighbours.Batch
	items    int
	stride   int
	sort     []sorted.Launch
	sorted   sorted.Ordered // the key first, then the columns of lines
	tasks    device.Buffer[uint32]
	lines    []device.Buffer[int32] // of each item, which of the sorted columns it is
	x        device.Buffer[float64]
	f        device.Buffer[float32]
	rank     device.Buffer[int32]
	radius   device.Buffer[float64]
	gather   *device.Kernel
	count    *device.Kernel
	line     *device.Kernel
	perPiece int // places of a piece
}

// words of a task, as the kernels have them.
const words = 12

// Prepare allocates memory and finds the kernels.
func (p Plan) Prepare(t *device.Thread, a *device.Arena, in neighbours.Batch) (*Work, error) {
	if in.Order.Len() == 0 {
		in.Orderings = 1
	}
	w := &Work{plan: p, in: in, items: in.Orderings, stride: (in.N + 127) / 128 * 128}
	var tasks []uint32
	columns := []uint32{uint32(p.places[0])} // to be sorted
	task := p.task(0)
	for s := range in.Orderings {
		task[9], task[11] = uint32(s), 0
		if s == 0 {
			task[11] = 1
		}
		tasks = append(tasks, task[:]...)
	}
	lines := make([][]int32, len(p.lines))
	for i, l := range p.lines {
		column := uint32(p.places[l.place])
		if !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
		lines[i] = slices.Repeat([]int32{int32(slices.Index(columns, column))}, in.Orderings)
	}
	need := &device.Needs{T: t, A: a}
	if !in.NoCounts {
		w.Counts = device.Take[int32](need, w.items*p.marginals*in.N)
	}
	w.Sums, w.Tied = in.Sums, in.Tied
	if in.Tables.Len() > 0 && in.Sums.Len() == 0 {
		w.Sums = device.Take[int64](need, w.items)
	}
	if in.Tied.Len() == 0 {
		w.Tied = device.Take[uint32](need, w.items)
	}
	w.x, w.f = device.Take[float64](need, w.items*len(p.places)*w.stride), device.Take[float32](need, w.items*len(p.places)*w.stride)
	w.rank = device.Take[int32](need, in.N)
	// One copy: each takes the host microseconds before anything begins.
	small := device.Put(need, append(tasks, columns...))
	if need.Err != nil {
		return w, need.Err
	}
	w.tasks = small.Slice(0, len(tasks))
	which := device.As[int32](small.Slice(len(tasks), small.Len()))
	w.sort, w.sorted = sorted.New(need, in.N, len(columns)).Launches(need, in.Columns.Address(), which, sorted.Whole(in.N))
	if len(lines) > 0 {
		w.radius = device.Take[float64](need, w.items*p.radii()*in.N)
		w.line = need.Kernel("joint_windows_line")
	}
	for _, l := range lines {
		w.lines = append(w.lines, device.Put(need, l))
	}
	w.gather, w.count = need.Kernel("joint_windows_gather"), need.Kernel(p.kernel())
	w.perPiece = pieceLength
	return w, need.Err
}

// Run gives the work to a stream.
func (w *Work) Run(t *device.Thread, s *device.Stream) error {
	if err := w.lay(t, s); err != nil {
		return err
	}
	if err := w.sweep(t, s, 0, w.pieces()); err != nil {
		return err
	}
	return w.inLines(t, s)
}

// RunInChunks gives the work to a stream in launches that end soon, and waits for
// all but the last. It returns soon after ctx has ended.
func (w *Work) RunInChunks(ctx context.Context, t *device.Thread, s *device.Stream) error {
	if err := w.lay(t, s); err != nil {
		return err
	}
	first := max(1, w.long()/w.in.N/w.perPiece/len(w.plan.places))
	err := device.Chunks{First: first}.Run(ctx, t, s, w.pieces(), func(from, to int) error { return w.sweep(t, s, from, to) })
	if err != nil {
		return err
	}
	return w.inLines(t, s)
}
