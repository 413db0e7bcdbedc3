package windows

import (
	"fmt"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// Batch is what lies on the device.
type Batch struct {
	Columns   device.Buffer[float64] // [..][N], finite
	Barred    device.Buffer[int32]   // [N][2]: first and last row that is no neighbour
	Order     device.Buffer[int32]   // [Orderings][N]; empty: the data as they are
	Tables    device.Buffer[int64]   // [marginals][N+1]; empty: no sums
	N, K      int
	Orderings int // 1 if Order is empty
	NoCounts  bool

	// Late gives the stream what Barred and Tables hold, which is not needed for
	// sorting: the host writes it meanwhile. nil: it is there.
	Late func() error

	// Where results go, zero before; empty: memory that Run sets to zero.
	Sums device.Buffer[int64]
	Tied device.Buffer[uint32]
}

// Work is a plan with its memory on a device, to be run as often as one likes.
type Work struct {
	Counts device.Buffer[int32]  // [Orderings][marginals][N]; empty with NoCounts
	Sums   device.Buffer[int64]  // [Orderings]; empty without tables
	Tied   device.Buffer[uint32] // [Orderings]: rows whose k-th neighbour is tied

	plan   Plan
	in     Batch
	stride int
	block  int // rows of a block of the count
	key    *sort
	lines  []*sort
	x      device.Buffer[float64]
	rank   device.Buffer[int32]
	radius device.Buffer[float64]
	gather *device.Kernel
	count  *device.Kernel
	line   *device.Kernel
}

// Prepare allocates memory and finds the kernels.
func (p Plan) Prepare(t *device.Thread, a *device.Arena, in Batch) (*Work, error) {
	w := &Work{plan: p, in: in, stride: (in.N + 31) / 32 * 32}
	d := len(p.places)
	if in.Order.Len() == 0 {
		w.plan.shuffled, w.in.Orderings = 0, 1
	}
	s := w.in.Orderings
	need := &needs{t: t, a: a}
	if !in.NoCounts {
		w.Counts = alloc[int32](need, s*p.marginals*in.N)
	}
	w.Sums, w.Tied = in.Sums, in.Tied
	if in.Tables.Len() > 0 && in.Sums.Len() == 0 {
		w.Sums = alloc[int64](need, s)
	}
	if in.Tied.Len() == 0 {
		w.Tied = alloc[uint32](need, s)
	}
	w.x = alloc[float64](need, s*d*w.stride)
	w.rank = alloc[int32](need, in.N)
	w.key = newSort(need, in.N)
	if len(p.lines) > 0 {
		w.radius = alloc[float64](need, s*in.N)
		w.line = need.kernel("joint_windows_line")
	}
	for range p.lines {
		w.lines = append(w.lines, newSort(need, in.N))
	}
	w.gather = need.kernel("joint_windows_gather")
	w.count, w.block = need.kernel(fmt.Sprintf("joint_windows_d%d", min(d, 4))), 16
	if d >= 4 {
		w.block = 8
	}
	return w, need.err
}

// Run gives the work to a stream.
func (w *Work) Run(t *device.Thread, s *device.Stream) error {
	if w.in.Tied.Len() == 0 {
		if err := device.Zero(t, s, w.Tied); err != nil {
			return err
		}
	}
	if w.in.Sums.Len() == 0 {
		if err := device.Zero(t, s, w.Sums); err != nil {
			return err
		}
	}
	if err := w.key.run(t, s, w.column(w.plan.places[0])); err != nil {
		return err
	}
	if w.in.Late != nil {
		if err := w.in.Late(); err != nil {
			return err
		}
	}
	if err := w.sweep(t, s); err != nil {
		return err
	}
	for i, l := range w.plan.lines {
		if err := w.lines[i].run(t, s, w.column(l.column)); err != nil {
			return err
		}
		p := cuda.JointWindowsLine{Column: w.column(l.column).Address(), Keys: w.lines[i].keys[0].Address(), Barred: w.in.Barred.Address(),
			Radius: w.radius.Address(), Counts: w.Counts.Address(), Tables: w.in.Tables.Address(), Sums: w.Sums.Address(),
			N: int32(w.in.N), Marginals: int32(w.plan.marginals), Slot: int32(l.slot)}
		if l.reordered {
			p.Order = w.in.Order.Address()
		}
		if err := t.Launch(s, w.line, device.Dim{X: (w.in.N + 255) / 256, Y: w.in.Orderings}, p.Params()); err != nil {
			return err
		}
	}
	return nil
}

func (w *Work) column(c int) device.Buffer[float64] {
	return w.in.Columns.Slice(c*w.in.N, (c+1)*w.in.N)
}

// sweep gathers the rows in the order of the key and counts.
func (w *Work) sweep(t *device.Thread, s *device.Stream) error {
	n, d := w.in.N, len(w.plan.places)
	g := cuda.JointWindowsGather{Columns: w.in.Columns.Address(), Order: w.in.Order.Address(), Rows: w.key.rows[0].Address(), X: w.x.Address(),
		Rank: w.rank.Address(), N: int32(n), Stride: int32(w.stride), D: int32(d), Shuffled: w.plan.shuffled}
	for i, c := range w.plan.places {
		if i < 8 {
			g.Places0 |= uint64(c) << (8 * i)
		} else {
			g.Places1 |= uint64(c) << (8 * (i - 8))
		}
	}
	if err := t.Launch(s, w.gather, device.Dim{X: (w.stride + 255) / 256, Y: w.in.Orderings}, g.Params()); err != nil {
		return err
	}
	p := cuda.JointWindows{X: w.x.Address(), Rows: w.key.rows[0].Address(), Rank: w.rank.Address(), Barred: w.in.Barred.Address(),
		Counts: w.Counts.Address(), Tables: w.in.Tables.Address(), Sums: w.Sums.Address(), Radius: w.radius.Address(), Tied: w.Tied.Address(),
		N: int32(n), Stride: int32(w.stride), D: int32(d), K: int32(w.in.K), Marginals: int32(w.plan.marginals)}
	p.Set0, p.Set1, p.Set2 = w.plan.sets[0], w.plan.sets[1], w.plan.sets[2]
	p.Slot0, p.Slot1, p.Slot2 = int32(w.plan.slots[0]), int32(w.plan.slots[1]), int32(w.plan.slots[2])
	return t.Launch(s, w.count, device.Dim{X: (n + w.block - 1) / w.block, Y: w.in.Orderings}, p.Params())
}
