package boxes

import (
	"cmp"
	"fmt"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/sorted"
)

// Work is a plan with its memory on a device, to be run as often as one likes.
type Work struct {
	Counts device.Buffer[int32]  // [Orderings][marginals][N]; empty with NoCounts
	Sums   device.Buffer[int64]  // [Orderings]; empty without tables
	Tied   device.Buffer[uint32] // [Orderings]: rows whose k-th neighbour is tied

	zero     [2]bool // Sums and Tied are its own
	late     func(tables bool) error
	bars     int // the first launch that reads barred rows
	tables   int // and the first that reads tables
	launches []sorted.Launch
}

// LaunchRows bounds the rows of a launch, all orderings together: a million take some
// milliseconds on an H200, 15 if columns have long tails.
const LaunchRows = 1 << 20

const warpsAtOnce = 32 // of a multiprocessor

// Prepare allocates memory and finds the kernels.
func (p Plan) Prepare(t *device.Thread, a *device.Arena, in neighbours.Batch) (*Work, error) {
	if in.Order.Len() == 0 {
		in.Orderings = 1
		p = p.still()
	}
	b := &builder{need: device.Needs{T: t, A: a}, in: in, Work: &Work{late: in.Late}, radii: p.radii(), kernels: map[string]*device.Kernel{}, inOrder: map[int]sorted.Ordered{}}
	if !in.NoCounts {
		b.Counts = device.Take[int32](&b.need, in.Orderings*p.marginals*in.N)
	}
	b.Sums, b.Tied = in.Sums, in.Tied
	if b.zero[0] = in.Tables.Len() > 0 && b.Sums.Len() == 0; b.zero[0] {
		b.Sums = device.Take[int64](&b.need, in.Orderings)
	}
	if b.zero[1] = b.Tied.Len() == 0; b.zero[1] {
		b.Tied = device.Take[uint32](&b.need, in.Orderings)
	}
	b.radius = device.Take[float64](&b.need, in.Orderings*b.radii*in.N)
	b.near(b.tree(p.joint), p)
	for _, l := range p.planes {
		b.count(b.tree(l.layout), l, p.marginals)
	}
	for _, l := range p.lines {
		b.line(l, p.marginals)
	}
	return b.Work, b.need.Err
}

// radii is how many a row has: one, or one of each column.
func (p Plan) radii() int {
	if p.box {
		return len(p.joint.columns)
	}
	return 1
}

// still is the plan when nothing is reordered.
func (p Plan) still() Plan {
	p.joint.shuffled = 0
	planes, lines := p.planes, p.lines
	p.planes, p.lines = nil, nil
	for _, l := range planes {
		l.shuffled = 0
		p.planes = append(p.planes, l)
	}
	for _, l := range lines {
		l.reordered = false
		p.lines = append(p.lines, l)
	}
	return p
}

// Launches is how many there are, each of some milliseconds at most.
func (w *Work) Launches() int { return len(w.launches) }

// Run gives the work to a stream.
func (w *Work) Run(t *device.Thread, s *device.Stream) error {
	return w.Launch(t, s, 0, len(w.launches))
}

// Launch gives launches from to to-1 to a stream, which come in order.
func (w *Work) Launch(t *device.Thread, s *device.Stream, from, to int) error {
	if from == 0 && w.zero[0] {
		if err := device.Zero(t, s, w.Sums); err != nil {
			return err
		}
	}
	if from == 0 && w.zero[1] {
		if err := device.Zero(t, s, w.Tied); err != nil {
			return err
		}
	}
	for i, l := range w.launches[from:to] {
		if i += from; w.late != nil && (i == w.bars || i == w.tables) {
			if err := w.late(i == w.tables); err != nil {
				return err
			}
		}
		if err := t.Launch(s, l.Kernel, l.Grid, l.Params); err != nil {
			return err
		}
	}
	return nil
}

// builder allocates and lists launches until something fails.
type builder struct {
	*Work
	need    device.Needs
	in      neighbours.Batch
	kernels map[string]*device.Kernel
	inOrder map[int]sorted.Ordered // columns that are sorted as a whole
	scratch *scratch
	radii   int // of a row
	radius  device.Buffer[float64]
}

func (b *builder) launch(kernel string, grid device.Dim, params []byte) {
	k := b.kernels[kernel]
	if k == nil {
		k = b.need.Kernel(kernel)
		b.kernels[kernel] = k
	}
	b.launches = append(b.launches, sorted.Launch{Kernel: k, Grid: grid, Params: params})
}

func (b *builder) column(c int) uint64 { return b.in.Columns.Address() + uint64(8*b.in.N*c) }

// radiusOf is where the radii of the rows begin in the i-th column.
func (b *builder) radiusOf(i int) uint64 {
	if b.radii == 1 {
		i = 0
	}
	return b.radius.Address() + uint64(8*b.in.N*i)
}

// flagRows are the rows of a launch from which on it is told when to end: fewer take
// less than a millisecond on an H200, and to ask costs some microseconds.
const flagRows = 1 << 17

func (b *builder) flag() uint64 {
	if b.in.Flag == nil || b.in.N*b.in.Orderings < cmp.Or(b.in.Long, flagRows) {
		return 0
	}
	return b.in.Flag.Address()
}

// near finds the radii of each row.
func (b *builder) near(t tree, plan Plan) {
	p := cuda.JointBoxesNear{X: t.x, Rows: t.rows, Boxes: t.boxes, Barred: b.in.Barred.Address(), Radius: b.radius.Address(), Tied: b.Tied.Address(),
		N: int32(b.in.N), Stride: int32(t.stride), Nodes: int32(t.nodes), K: int32(b.in.K), Mates: plan.mates, Flag: b.flag()}
	kernel := fmt.Sprintf("joint_boxes_near_d%d", len(t.columns))
	if plan.box {
		kernel += "_box"
	}
	b.bars = len(b.launches)
	b.asked(func(first, each int, grid device.Dim) {
		p.First, p.Each = int32(first), int32(each)
		b.launch(kernel, grid, p.Params())
	})
}

// count counts a marginal of two columns.
func (b *builder) count(t tree, l plane, marginals int) {
	p := cuda.JointBoxesCount{X: t.x, Rows: t.rows, Boxes: t.boxes, Barred: b.in.Barred.Address(), Columns: b.in.Columns.Address(), Radius0: b.radiusOf(l.radii[0]), Radius1: b.radiusOf(l.radii[1]), Radii: int32(b.radii),
		Counts: b.Counts.Address(), Tables: b.in.Tables.Address(), Sums: b.Sums.Address(), N: int32(b.in.N), Stride: int32(t.stride), Nodes: int32(t.nodes),
		Column0: int32(l.columns[0]), Column1: int32(l.columns[1]), Marginals: int32(marginals), Slot: int32(l.slot), Shuffled: l.shuffled, Flag: b.flag()}
	if l.shuffled != 0 {
		p.Order, p.Tree = b.in.Order.Address(), 1
	}
	b.tables = cmp.Or(b.tables, len(b.launches))
	b.asked(func(first, each int, grid device.Dim) {
		p.First, p.Each = int32(first), int32(each)
		b.launch("joint_boxes_count_d2", grid, p.Params())
	})
}

// asked cuts a pass over all rows into launches. A warp asks for as many rows, up to a
// leaf, as leave the device enough warps.
func (b *builder) asked(f func(first, each int, grid device.Dim)) {
	n, orderings, each := b.in.N, b.in.Orderings, 1
	for each < leafRows && n*orderings > 2*each*warpsAtOnce*b.need.T.Device().Multiprocessors {
		each *= 2
	}
	step := max(leafRows, LaunchRows/orderings/leafRows*leafRows)
	for first := 0; first < n; first += step {
		f(first, each, device.Dim{X: ceil(min(step, n-first), 4*each), Y: orderings})
	}
}

// line counts a marginal of one column.
func (b *builder) line(l line, marginals int) {
	o := b.sorted(l.column)
	p := cuda.JointBoxesLine{Column: b.column(l.column), Keys: o.Keys.Address(), Rows: o.Rows.Address(), Barred: b.in.Barred.Address(), Radius: b.radiusOf(l.radius), Radii: int32(b.radii),
		Counts: b.Counts.Address(), Tables: b.in.Tables.Address(), Sums: b.Sums.Address(), N: int32(b.in.N), Marginals: int32(marginals), Slot: int32(l.slot), Flag: b.flag()}
	if l.reordered {
		p.Order, p.Rows = b.in.Order.Address(), 0
	}
	b.tables = cmp.Or(b.tables, len(b.launches))
	b.launch("joint_boxes_line", device.Dim{X: ceil(b.in.N, 256), Y: b.in.Orderings}, p.Params())
}

func ceil(a, b int) int { return (a + b - 1) / b }
