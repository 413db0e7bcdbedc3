package windows

import (
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// sort is the memory of a sort of several columns. What is sorted lies in the first
// of each pair, column by column.
type sort struct {
	n           int
	columns     []int
	of          device.Buffer[int32] // the columns
	keys        [2]device.Buffer[uint64]
	rows        [2]device.Buffer[int32]
	tile, merge *device.Kernel
}

const (
	tileLength = 1024
	mostWays   = 16 // of a merge: each place looks into that many runs
)

// add is the place of a column among those that are sorted.
func (s *sort) add(column int) int {
	if i := slices.Index(s.columns, column); i >= 0 {
		return i
	}
	s.columns = append(s.columns, column)
	return len(s.columns) - 1
}

// which are the columns, as the kernels have them.
func (s *sort) which() (which []uint32) {
	for _, c := range s.columns {
		which = append(which, uint32(c))
	}
	return which
}

func (s *sort) prepare(need *device.Needs, which device.Buffer[int32]) {
	s.tile, s.merge = need.Kernel("sort_tiles"), need.Kernel("sort_merge")
	s.of = which
	for i := range s.keys {
		s.keys[i], s.rows[i] = device.Take[uint64](need, s.n*len(s.columns)), device.Take[int32](need, s.n*len(s.columns))
	}
}

// run sorts.
func (s *sort) run(t *device.Thread, stream *device.Stream, columns device.Buffer[float64]) error {
	merges, ways := s.merges()
	at := merges % 2
	p := cuda.SortTiles{Values: columns.Address(), Which: s.of.Address(), Keys: s.keys[at].Address(), Rows: s.rows[at].Address(), N: int32(s.n)}
	if err := t.Launch(stream, s.tile, device.Dim{X: (s.n + tileLength - 1) / tileLength, Y: len(s.columns)}, p.Params()); err != nil {
		return err
	}
	for length := tileLength; length < s.n; length *= ways {
		m := cuda.SortMerge{Keys: s.keys[at].Address(), Rows: s.rows[at].Address(), MergedKeys: s.keys[1-at].Address(), MergedRows: s.rows[1-at].Address(),
			N: int32(s.n), Length: int32(length), Ways: int32(ways)}
		if err := t.Launch(stream, s.merge, device.Dim{X: (s.n + 255) / 256, Y: len(s.columns)}, m.Params()); err != nil {
			return err
		}
		at = 1 - at
	}
	return nil
}

// merges is how many it takes, of how many runs each: as few as can be, then of as
// few runs.
func (s *sort) merges() (merges, ways int) {
	tiles := (s.n + tileLength - 1) / tileLength
	for held := 1; held < tiles; held *= mostWays {
		merges++
	}
	for ways = 2; ; ways++ {
		held := 1
		for range merges {
			held *= ways
		}
		if held >= tiles {
			return merges, ways
		}
	}
}
