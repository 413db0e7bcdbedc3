package boxes

import (
	"math"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// stretch is how far values are sorted: in tiles, of which `ways` are merged to one
// run, of which `ways` are merged again, and so on.
type stretch struct{ merges, ways int }

const (
	tileRows = 1024
	mostWays = 16 // of a merge: each place looks into that many runs
)

func (s stretch) rows() int {
	rows := tileRows
	for range s.merges {
		rows *= s.ways
	}
	return rows
}

// whole is n rows, in as few merges as can be, then of as few runs.
func whole(n int) stretch {
	tiles := ceil(n, tileRows)
	s := stretch{0, 2}
	for held := 1; held < tiles; held *= mostWays {
		s.merges++
	}
	for s.rows() < n {
		s.ways++
	}
	return s
}

// about is as many rows as are wanted, or nearly, and a tile at least.
func about(rows float64) stretch {
	tiles := rows / tileRows
	if tiles < 1.5 {
		return stretch{0, 2}
	}
	merges := math.Ceil(math.Log(tiles) / math.Log(mostWays))
	return stretch{int(merges), max(2, int(math.Round(math.Pow(tiles, 1/merges))))}
}

// stretches is how far the columns sort, one after the other: the first all rows, and
// the others so many that leaves come out as long in one column as in the next.
func stretches(n, d int) []stretch {
	rows := float64(n)
	if d == 2 {
		return []stretch{whole(n), about(math.Sqrt(leafRows * rows))}
	}
	last := about(math.Cbrt(leafRows * leafRows * rows))
	return []stretch{whole(n), about(math.Sqrt(rows * float64(last.rows()))), last}
}

// sorter is memory to sort in.
type sorter struct {
	which device.Buffer[int32] // of the values: all, in their order
	keys  [2]device.Buffer[uint64]
	rows  [2]device.Buffer[int32]
}

func newSorter(b *builder, copies int) *sorter {
	s := new(sorter)
	which := make([]int32, copies)
	for i := range which {
		which[i] = int32(i)
	}
	s.which = device.Put(&b.need, which)
	for i := range s.keys {
		s.keys[i], s.rows[i] = device.Take[uint64](&b.need, copies*b.in.N), device.Take[int32](&b.need, copies*b.in.N)
	}
	return s
}

// sort sorts copies of values, [copies][n], each stretch for itself.
func (s *sorter) sort(b *builder, values uint64, by stretch, copies int) ordered {
	n := b.in.N
	b.launch("sort_tiles", device.Dim{X: ceil(n, tileRows), Y: copies},
		cuda.SortTiles{Values: values, Which: s.which.Address(), Keys: s.keys[0].Address(), Rows: s.rows[0].Address(), N: int32(n)}.Params())
	at := 0
	for length := tileRows; length < min(n, by.rows()); length *= by.ways {
		m := cuda.SortMerge{Keys: s.keys[at].Address(), Rows: s.rows[at].Address(), MergedKeys: s.keys[1-at].Address(), MergedRows: s.rows[1-at].Address(),
			N: int32(n), Length: int32(length), Ways: int32(by.ways)}
		b.launch("sort_merge", device.Dim{X: ceil(n, 256), Y: copies}, m.Params())
		at = 1 - at
	}
	return ordered{s.keys[at].Address(), s.rows[at].Address()}
}
