package triples

import (
	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// Launch is some tasks of the same slots under some orderings: at most 65,535 of
// each. All are addresses on the device.
type Launch struct {
	Tasks     uint64 // [tasks][Words]
	Order     uint64 // [orderings][n]; 0: the data as they are
	Barred    uint64 // [n][2]: first and last row that is no neighbour
	Counts    uint64 // [tasks][orderings][marginals][n]; 0: nobody wants them
	Tables    uint64 // [marginals][n+1]; 0: no sums
	Sums      uint64 // [tasks][orderings], zero before; 0 without tables
	Tied      uint64 // [tasks][orderings], zero before
	Slots     Slots
	Marginals int
	K         int
	Alone     bool // no row has others barred than itself, which Barred says, too

	TaskCount, Orderings int
}

// Run gives a launch to a stream.
func (l *Layout) Run(t *device.Thread, s *device.Stream, c Launch) error {
	each := l.each(c.TaskCount*c.Orderings, t.Device().Multiprocessors)
	p := cuda.JointTriples{Rows: l.rows.Address(), Value: l.value.Address(), F: l.f.Address(), Rank: l.rank.Address(),
		Tasks: c.Tasks, Order: c.Order, Barred: c.Barred, Counts: c.Counts, Tables: c.Tables, Sums: c.Sums, Tied: c.Tied,
		N: int32(l.n), K: int32(c.K), Marginals: int32(c.Marginals), Each: int32(each),
		Slot0: int32(c.Slots[0]), Slot1: int32(c.Slots[1]), Slot2: int32(c.Slots[2])}
	if !c.Alone {
		p.Bars = 1
	}
	return t.Launch(s, l.count, device.Dim{X: (l.n + each - 1) / each, Y: c.Orderings, Z: c.TaskCount}, p.Params())
}

// each is how many rows a block has: all of a problem, or fewer if there are too few
// problems to fill the device, which holds 768 threads a multiprocessor.
func (l *Layout) each(problems, multiprocessors int) int {
	most := (l.n + 31) / 32 * 32
	blocks := 768 / l.threads * multiprocessors
	each := most
	for parts := 2; each > l.threads && problems*((l.n+each-1)/each) < 2*blocks; parts++ {
		each = max(l.threads, (most/parts+31)/32*32)
	}
	return each
}
