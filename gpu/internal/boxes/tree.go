package boxes

import (
	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/sorted"
)

// tree is rows in boxes on the device, by addresses: of every ordering, or of one
// that all share if nothing in it is reordered.
type tree struct {
	layout
	stride, nodes  int
	rows, x, boxes uint64
}

const leafRows, fan = 32, 32

// levels is how many nodes each level has, the leaves first, up to one of at most 32.
func levels(n int) (counts []int) {
	for c := ceil(n, leafRows); ; c = ceil(c, fan) {
		counts = append(counts, c)
		if c <= fan {
			return counts
		}
	}
}

// sorted sorts a column as a whole, once.
func (b *builder) sorted(column int) sorted.Ordered {
	o, ok := b.inOrder[column]
	if !ok {
		s := newSorter(b, 1)
		o = s.sort(b, b.column(column), sorted.Whole(b.in.N), 1)
		b.inOrder[column] = o
	}
	return o
}

// scratch is what the layers of a tree are sorted with, one after the other.
type scratch struct {
	sorter
	picked [2]device.Buffer[int32]
	values device.Buffer[float64]
}

// tree sorts the rows by one column after the other and makes boxes of them.
func (b *builder) tree(l layout) tree {
	n, d := b.in.N, len(l.columns)
	if b.scratch == nil {
		s := b.in.Orderings
		b.scratch = &scratch{newSorter(b, s), [2]device.Buffer[int32]{device.Take[int32](&b.need, s*n), device.Take[int32](&b.need, s*n)}, device.Take[float64](&b.need, s*n)}
	}
	at := place{copies: 1}
	by := stretches(n, d)
	for c, column := range l.columns {
		if c == 0 && l.shuffled&1 == 0 {
			at.rows = b.sorted(column).Rows.Address()
			continue
		}
		b.slab(&at, column, l.shuffled>>c&1 == 1, by[c], c%2)
	}
	return b.boxed(l, at)
}

// place is where rows lie in the order of the columns so far: row p is
// rows[places[p]], or without places rows[p], or without rows p.
type place struct {
	rows, places uint64
	copies       int // 1, or one an ordering
}

func (p place) step(n int) int32 {
	if p.copies == 1 {
		return 0
	}
	return int32(n)
}

// slab sorts every stretch of so many rows by a column.
func (b *builder) slab(at *place, column int, reordered bool, by sorted.Stretch, turn int) {
	n := b.in.N
	pick := cuda.JointBoxesPick{Column: b.column(column), Rows: at.rows, Places: at.places, Picked: b.scratch.picked[turn].Address(), Values: b.scratch.values.Address(),
		N: int32(n), RowsStep: at.step(n), PlacesStep: at.step(n)}
	if reordered {
		pick.Order, at.copies = b.in.Order.Address(), b.in.Orderings
	}
	b.launch("joint_boxes_pick", device.Dim{X: ceil(n, 256), Y: at.copies}, pick.Params())
	at.rows = pick.Picked
	at.places = b.scratch.sort(b, pick.Values, by, at.copies).Rows.Address()
}

// boxed gathers the columns and makes the boxes of all levels.
func (b *builder) boxed(l layout, at place) tree {
	n, d := b.in.N, len(l.columns)
	counts := levels(n)
	t := tree{layout: l, stride: leafRows * counts[0]}
	for _, c := range counts {
		t.nodes += c
	}
	rows, x, boxes := device.Take[int32](&b.need, at.copies*n), device.Take[float64](&b.need, at.copies*d*t.stride), device.Take[float64](&b.need, at.copies*d*2*t.nodes)
	t.rows, t.x, t.boxes = rows.Address(), x.Address(), boxes.Address()
	g := cuda.JointBoxesGather{Columns: b.in.Columns.Address(), Rows: at.rows, Places: at.places, Picked: t.rows, X: t.x, Boxes: t.boxes, N: int32(n), Stride: int32(t.stride),
		Nodes: int32(t.nodes), D: int32(d), Column0: int32(l.columns[0]), Column1: int32(l.columns[1]), RowsStep: at.step(n), PlacesStep: at.step(n), Shuffled: l.shuffled}
	if d > 2 {
		g.Column2 = int32(l.columns[2])
	}
	if l.shuffled != 0 {
		g.Order = b.in.Order.Address()
	}
	b.launch("joint_boxes_gather", device.Dim{X: ceil(t.stride, 256), Y: at.copies}, g.Params())
	from := 0
	for i, c := range counts[1:] {
		lift := cuda.JointBoxesLift{Boxes: t.boxes, Nodes: int32(t.nodes), D: int32(d), From: int32(from), Below: int32(counts[i])}
		b.launch("joint_boxes_lift", device.Dim{X: ceil(c, 4), Y: at.copies}, lift.Params())
		from += counts[i]
	}
	return t
}
