package boxes

import (
	"math"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/sorted"
)

// node is the rows of a node of leaves: one in two stretches would be wide.
const node = leafRows * fan

// stretches is how far the columns sort, one after the other: the first all rows, and
// the others so many that leaves come out as long in one column as in the next, or a
// node at least.
func stretches(n, d int) []sorted.Stretch {
	rows := float64(n)
	if d == 2 {
		return []sorted.Stretch{sorted.Whole(n), sorted.About(math.Sqrt(leafRows*rows), node)}
	}
	last := sorted.About(math.Cbrt(leafRows*leafRows*rows), node)
	return []sorted.Stretch{sorted.Whole(n), sorted.About(math.Sqrt(rows*float64(last.Rows())), last.Rows()), last}
}

// sorter is memory to sort in.
type sorter struct {
	*sorted.Sort
	which device.Buffer[int32] // of the values: all, in their order
}

func newSorter(b *builder, copies int) sorter {
	which := make([]int32, copies)
	for i := range which {
		which[i] = int32(i)
	}
	return sorter{sorted.New(&b.need, b.in.N, copies), device.Put(&b.need, which)}
}

// sort sorts copies of values, [copies][n], each stretch for itself.
func (s sorter) sort(b *builder, values uint64, by sorted.Stretch, copies int) sorted.Ordered {
	if b.need.Err != nil {
		return sorted.Ordered{}
	}
	launches, ordered := s.Launches(&b.need, values, s.which.Slice(0, copies), by)
	b.launches = append(b.launches, launches...)
	return ordered
}
