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

// sorting is a case of the family sort: columns of n values, to be merged so many
// runs at a time.
type sorting struct {
	columns [][]float64
	ways    int
}

func newSorting(r *rand.Rand, columns, n, ways int) sorting {
	c := sorting{ways: ways}
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

// rows is where the values of each column come from, in ascending order.
func (c sorting) rows() (all []int32) {
	for _, x := range c.columns {
		rows := make([]int32, len(x))
		for i := range rows {
			rows[i] = int32(i)
		}
		slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(x[a], x[b]) })
		all = append(all, rows...)
	}
	return all
}

// sort runs the kernels. Keys must come out in order, too.
func (c sorting) sort(d *device, tiles, merge *ptx.Program) ([]int32, error) {
	n, columns := len(c.columns[0]), len(c.columns)
	keys, rows := d.Alloc("keys", 8*n*columns), d.Alloc("rows", 4*n*columns)
	// They are sorted from the last to the first.
	var which []int32
	values := make([]float64, 0, n*columns)
	for i, x := range slices.Backward(c.columns) {
		which = append(which, int32(i))
		values = append(values, x...)
	}
	err := d.Launch(context.Background(), tiles, ptx.Launch{Grid: ptx.Dim{X: ceil(n, 1024), Y: columns}, Block: ptx.Dim{X: 512},
		Params: cuda.SortTiles{Values: d.put("values", values), Which: d.put("which", which), Keys: keys, Rows: rows, N: int32(n)}.Params()})
	for length := 1024; length < n && err == nil; length *= c.ways {
		mergedKeys, mergedRows := d.Alloc("merged keys", 8*n*columns), d.Alloc("merged rows", 4*n*columns)
		err = d.Launch(context.Background(), merge, ptx.Launch{Grid: ptx.Dim{X: ceil(n, 256), Y: columns}, Block: ptx.Dim{X: 256},
			Params: cuda.SortMerge{Keys: keys, Rows: rows, MergedKeys: mergedKeys, MergedRows: mergedRows, N: int32(n), Length: int32(length), Ways: int32(c.ways)}.Params()})
		keys, rows = mergedKeys, mergedRows
	}
	if err != nil {
		return nil, err
	}
	k, err := get[uint64](d, keys, n*columns)
	if err != nil {
		return nil, err
	}
	for i := range columns {
		if !slices.IsSorted(k[i*n : (i+1)*n]) {
			return nil, nil
		}
	}
	return get[int32](d, rows, n*columns)
}

func proveSort(t *testing.T, arch string, cases int) (ran int) {
	tiles, merge := kernel(t, arch, "sort", "sort_tiles"), kernel(t, arch, "sort", "sort_merge")
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 21))
		n := []int{1 + r.IntN(40), 1022 + r.IntN(5), 2049 + r.IntN(2000)}[seed%3]
		c := newSorting(r, 1+r.IntN(2), n, 2+r.IntN(3))
		got, err := c.sort(&device{TB: t}, tiles, merge)
		if err != nil {
			t.Fatalf("%s seed %d: %v", arch, seed, err)
		}
		if !slices.Equal(got, c.rows()) {
			t.Fatalf("%s seed %d: %d rows, %d runs at a time: not in order", arch, seed, n, c.ways)
		}
		ran++
	}
	return ran
}

// sortKey is an integer in the order of values, in which -0 is 0.
func sortKey(v float64) uint64 {
	b := math.Float64bits(v + 0)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}
