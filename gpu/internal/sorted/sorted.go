// Package sorted puts columns of float64 in order on a device: stable, by (value,
// row). It is how every family sorts: cuda/sort and cuda/sort_pairs say how that goes.
package sorted

import (
	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// Sort is memory to sort columns of n values in.
type Sort struct {
	n    int
	keys [2]device.Buffer[uint64]
	rows [2]device.Buffer[int32]
}

// New takes memory for so many columns at a time.
func New(need *device.Needs, n, columns int) *Sort {
	s := &Sort{n: n}
	for i := range s.keys {
		s.keys[i], s.rows[i] = device.Take[uint64](need, s.pitch()*columns), device.Take[int32](need, s.pitch()*columns)
	}
	return s
}

// Launch is a launch whose parameters are known.
type Launch struct {
	Kernel *device.Kernel
	Grid   device.Dim
	Params []byte
}

// Ordered is columns in order, [columns][n]: integers in the order of the values, and
// of each its row.
type Ordered struct {
	Keys device.Buffer[uint64]
	Rows device.Buffer[int32]
}

// searches is how many tiles times tiles, of all columns, are joined at once at most: of
// 10,000 rows 1,600. As a part of a graph on an H200 10,000 rows take 6.0 µs and 1.7
// more a column, 20,000 rows 12.7, and by pairs 100,000 rows take 38, of three columns 40.
const searches = 8192

// Launches sorts some columns of values, [..][n], each stretch for itself. What is in
// order stays until the next sort.
func (s *Sort) Launches(need *device.Needs, values uint64, which device.Buffer[int32], by Stretch) ([]Launch, Ordered) {
	if need.Err != nil {
		return nil, Ordered{}
	}
	tiles, columns := ceil(s.n, tile), which.Len()
	if s.n <= by.Rows() && columns*tiles*tiles <= searches {
		return s.atOnce(need, values, which)
	}
	pieces := device.Dim{X: ceil(s.n, by.piece), Y: columns}
	p := cuda.SortPieces{Values: values, Which: which.Address(), Keys: s.keys[0].Address(), Rows: s.rows[0].Address(), N: int32(s.n), Piece: int32(by.piece)}
	launches := []Launch{{need.Kernel("sort_pieces"), pieces, p.Params()}}
	at := 0
	for i := 0; i < by.merges && by.piece<<i < s.n; i++ {
		m := cuda.SortMerge{Keys: s.keys[at].Address(), Rows: s.rows[at].Address(), MergedKeys: s.keys[1-at].Address(), MergedRows: s.rows[1-at].Address(),
			N: int32(s.n), Piece: int32(by.piece), Half: 1 << i}
		launches = append(launches, Launch{need.Kernel("sort_merge"), pieces, m.Params()})
		at = 1 - at
	}
	return launches, s.ordered(at, columns)
}

// atOnce sorts tiles and joins them all.
func (s *Sort) atOnce(need *device.Needs, values uint64, which device.Buffer[int32]) ([]Launch, Ordered) {
	tiles, columns, pitch := ceil(s.n, tile), which.Len(), s.pitch()
	if tiles == 1 {
		pitch = s.n
	}
	p := cuda.SortTiles{Values: values, Which: which.Address(), Keys: s.keys[0].Address(), Rows: s.rows[0].Address(), N: int32(s.n), Pitch: int32(pitch)}
	launches := []Launch{{need.Kernel("sort_tiles"), device.Dim{X: tiles, Y: columns}, p.Params()}}
	if tiles == 1 {
		return launches, s.ordered(0, columns)
	}
	j := cuda.SortJoin{Keys: s.keys[0].Address(), Rows: s.rows[0].Address(), JoinedKeys: s.keys[1].Address(), JoinedRows: s.rows[1].Address(), N: int32(s.n), Pitch: int32(pitch)}
	return append(launches, Launch{need.Kernel("sort_join"), device.Dim{X: ceil(s.n, 32), Y: columns}, j.Params()}), s.ordered(1, columns)
}

func (s *Sort) ordered(at, columns int) Ordered {
	return Ordered{s.keys[at].Slice(0, s.n*columns), s.rows[at].Slice(0, s.n*columns)}
}

// pitch is the places of a column in full tiles.
func (s *Sort) pitch() int { return ceil(s.n, tile) * tile }

func ceil(a, b int) int { return (a + b - 1) / b }
