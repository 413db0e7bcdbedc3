package ptx_test

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// sorting is a case of the family sort: columns of n values, all at once; or of the
// family sort_pairs, in stretches of pieces that are merged so many times.
type sorting struct {
	columns       [][]float64
	piece, merges int // 0: at once
}

func newSorting(r *rand.Rand, columns, n, piece, merges int) sorting {
	c := sorting{piece: piece, merges: merges}
	for range columns {
		x := make([]float64, n)
		for i := range x {
			switch r.IntN(4) {
			case 0:
				x[i] = math.Copysign(0, float64(r.IntN(2))-0.5)
			case 1:
				x[i] = math.Round(3 * r.NormFloat64())
			default:
				x[i] = math.Ldexp(r.NormFloat64(), r.IntN(2000)-1000)
			}
		}
		c.columns = append(c.columns, x)
	}
	return c
}

// stretch is how many values are sorted together.
func (c sorting) stretch() int {
	if c.piece == 0 {
		return len(c.columns[0])
	}
	return c.piece << c.merges
}

// rows is where the values of each column come from, each stretch in ascending order.
func (c sorting) rows() (all []int32) {
	for _, x := range c.columns {
		rows := make([]int32, len(x))
		for i := range rows {
			rows[i] = int32(i)
		}
		for stretch := range slices.Chunk(rows, c.stretch()) {
			slices.SortStableFunc(stretch, func(a, b int32) int { return cmp.Compare(x[a], x[b]) })
		}
		all = append(all, rows...)
	}
	return all
}

// sorters are the kernels of both families.
type sorters struct{ tiles, join, pieces, merge *ptx.Program }

func newSorters(t testing.TB, arch string) sorters {
	return sorters{kernel(t, arch, "sort", "sort_tiles"), kernel(t, arch, "sort", "sort_join"), kernel(t, arch, "sort_pairs", "sort_pieces"), kernel(t, arch, "sort_pairs", "sort_merge")}
}

// sort runs the kernels. Keys must come out in order, too, or there are no rows.
func (c sorting) sort(d *device, s sorters) ([]int32, error) {
	n, columns := len(c.columns[0]), len(c.columns)
	// They are sorted from the last to the first.
	var which []int32
	values := make([]float64, 0, n*columns)
	for i, x := range slices.Backward(c.columns) {
		which = append(which, int32(i))
		values = append(values, x...)
	}
	from, of := d.put("values", values), d.put("which", which)
	launch := func(p *ptx.Program, blocks int, params []byte) error {
		return d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: blocks, Y: columns}, Block: ptx.Dim{X: 256}, Params: params})
	}
	places := func(pitch int) (keys, rows uint64) {
		return d.Alloc("keys", 8*pitch*columns), d.Alloc("rows", 4*pitch*columns)
	}
	tiles, pitch := ceil(n, 256), 256*ceil(n, 256)
	if tiles == 1 {
		pitch = n // nothing is left to join
	}
	var keys, rows uint64
	var err error
	if c.piece == 0 {
		keys, rows = places(pitch)
		err = launch(s.tiles, tiles, cuda.SortTiles{Values: from, Which: of, Keys: keys, Rows: rows, N: int32(n), Pitch: int32(pitch)}.Params())
		if err == nil && tiles > 1 {
			p := cuda.SortJoin{Keys: keys, Rows: rows, N: int32(n), Pitch: int32(pitch)}
			keys, rows = places(n)
			p.JoinedKeys, p.JoinedRows = keys, rows
			err = launch(s.join, ceil(n, 32), p.Params())
		}
	} else {
		keys, rows = places(n)
		err = launch(s.pieces, ceil(n, c.piece), cuda.SortPieces{Values: from, Which: of, Keys: keys, Rows: rows, N: int32(n), Piece: int32(c.piece)}.Params())
		for i := 0; i < c.merges && err == nil; i++ {
			p := cuda.SortMerge{Keys: keys, Rows: rows, N: int32(n), Piece: int32(c.piece), Half: 1 << i}
			keys, rows = places(n)
			p.MergedKeys, p.MergedRows = keys, rows
			err = launch(s.merge, ceil(n, c.piece), p.Params())
		}
	}
	if err != nil {
		return nil, err
	}
	k, err := get[uint64](d, keys, n*columns)
	if err != nil {
		return nil, err
	}
	for column := range slices.Chunk(k, n) {
		for stretch := range slices.Chunk(column, c.stretch()) {
			if !slices.IsSorted(stretch) {
				return nil, nil
			}
		}
	}
	return get[int32](d, rows, n*columns)
}

func proveSort(t proof, arch string, cases int) (ran int) {
	newSorting(rand.New(rand.NewPCG(0, 23)), 1, 11_000, 0, 0).prove(t, arch) // 42 other tiles: more than are searched at once
	ran++
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 21))
		n := []int{1 + r.IntN(40), 254 + r.IntN(5), 511 + r.IntN(2000)}[seed%3]
		newSorting(r, 1+r.IntN(2), n, 0, 0).prove(t, arch)
		ran++
	}
	return ran
}

func proveSortPairs(t proof, arch string, cases int) (ran int) {
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 22))
		for _, c := range []sorting{
			newSorting(r, 1+r.IntN(2), 1+r.IntN(3000), 1+r.IntN(2304), r.IntN(3)),
			newSorting(r, 1, 40+r.IntN(400), 1+r.IntN(40), 2+r.IntN(3)),
			newSorting(r, 1, 2303+r.IntN(3), 2304, seed%2),
		} {
			c.prove(t, arch)
			ran++
		}
	}
	return ran
}

func (c sorting) prove(t proof, arch string) {
	t.Helper()
	got, err := c.sort(t.device(), newSorters(t, arch))
	if err != nil {
		t.Fatalf("%s: %d rows, pieces of %d, %d merges: %v", arch, len(c.columns[0]), c.piece, c.merges, err)
	}
	if !slices.Equal(got, c.rows()) {
		t.Fatalf("%s: %d rows, pieces of %d, %d merges: not in order", arch, len(c.columns[0]), c.piece, c.merges)
	}
}

// sortKey is an integer in the order of values, in which -0 is 0.
func sortKey(v float64) uint64 {
	b := math.Float64bits(v + 0)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}
