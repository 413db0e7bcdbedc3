package ptx_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// tripled is a case of the family joint_triples: column 0 is the key, column 1 is A,
// which orderings reorder, and column 2 is B.
type tripled struct {
	neighbours
	table   []int64 // [marginals][n+1]
	without int     // 1: counts, 2: sums
}

// triples is what comes out.
type triples = windows

// newTripled has some of the marginals of the family, in any order.
func newTripled(r *rand.Rand, n, k int) tripled {
	c := tripled{neighbours: newNeighbours(r, 3, n, k)}
	c.variables, c.shuffled, c.marginals = []uint32{1, 2, 4}, 2, nil
	if r.IntN(2) == 0 { // what float32 takes for ties
		for _, x := range c.columns {
			for i := range x {
				x[i] += 1e-9 * r.NormFloat64()
			}
		}
	}
	if r.IntN(3) == 0 { // long tails: windows are wide
		for _, x := range c.columns {
			for i := range x {
				x[i] *= x[i] * x[i]
			}
		}
	}
	if r.IntN(3) == 0 { // rows far away, where float32 sees few differences
		for _, x := range c.columns {
			for i := 0; i < n; i += 4 {
				x[i] = 1000 + 1e-4*x[i]
			}
		}
	}
	for _, m := range r.Perm(3)[:1+r.IntN(3)] {
		c.marginals = append(c.marginals, []uint32{1, 3, 5}[m])
	}
	c.table = make([]int64, len(c.marginals)*(n+1))
	for i := range c.table {
		c.table[i] = r.Int64N(1<<40) - 1<<39
	}
	return c
}

// count is what the contract says.
func (c tripled) count() triples { return windowed{neighbours: c.neighbours, table: c.table}.count() }

// wanted is what of it is asked for.
func (c tripled) wanted() triples { return c.count().less(c.without) }

// joinery are the kernels of the family.
type joinery struct {
	lay, count *ptx.Program
	threads    int
}

func tripleKernel(rows int) string { return fmt.Sprintf("joint_triples_k4_%d", rows) }

func tripling(t testing.TB, arch string, rows int) joinery {
	return joinery{kernel(t, arch, "joint_triples", "joint_triples_lay"), kernel(t, arch, "joint_triples", tripleKernel(rows)), map[int]int{1024: 256, 2048: 384}[rows]}
}

// run runs the kernels on two tasks of which the second is the case, and the first
// is its key with B in both places. Sortings are of B, the key, A.
func (k joinery) run(dev *device, c tripled, each int) (w triples, err error) {
	n, orders, marginals := len(c.columns[0]), max(1, len(c.order)), len(c.marginals)
	var rows []int32
	var keys []uint64
	for _, column := range []int{2, 0, 1} {
		r, k := sorted(c.columns[column])
		rows, keys = append(rows, r...), append(keys, k...)
	}
	lay := cuda.JointTriplesLay{Keys: dev.put("keys", keys), Rows: dev.put("rows", rows), Value: dev.Alloc("value", 8*3*n), F: dev.Alloc("f", 4*3*n), Rank: dev.Alloc("rank", 4*3*n), N: int32(n)}
	if err := dev.Launch(context.Background(), k.lay, ptx.Launch{Grid: ptx.Dim{X: ceil(n, 256), Y: 3}, Block: ptx.Dim{X: 256}, Params: lay.Params()}); err != nil {
		return w, err
	}
	p := cuda.JointTriples{Rows: lay.Rows, Value: lay.Value, F: lay.F, Rank: lay.Rank, Tasks: dev.put("tasks", []uint32{1, 0, 0, 0, 1, 2, 0, 0}), Barred: dev.put("barred", c.barred),
		Counts: dev.put("counts", make([]int32, 2*orders*marginals*n)), Tables: dev.put("tables", c.table), Sums: dev.put("sums", make([]int64, 2*orders)), Tied: dev.put("tied", make([]uint32, 2*orders)),
		N: int32(n), K: int32(c.k), Marginals: int32(marginals), Each: int32(each), Slot0: -1, Slot1: -1, Slot2: -1}
	if len(c.order) > 0 {
		p.Order = dev.put("order", slices.Concat(c.order...))
	}
	for i := range n {
		if c.barred[2*i] != c.barred[2*i+1] {
			p.Bars = 1
		}
	}
	counts := p.Counts
	p.Counts, p.Tables = asked(c.without, counts, p.Tables)
	slots := map[uint32]*int32{1: &p.Slot0, 3: &p.Slot1, 5: &p.Slot2}
	for m, set := range c.marginals {
		*slots[set] = int32(m)
	}
	if err := dev.Launch(context.Background(), k.count, ptx.Launch{Grid: ptx.Dim{X: ceil(n, each), Y: orders, Z: 2}, Block: ptx.Dim{X: k.threads}, Params: p.Params()}); err != nil {
		return w, err
	}
	if w.counts, err = get[int32](dev, counts, 2*orders*marginals*n); err != nil {
		return w, err
	}
	w.counts = w.counts[orders*marginals*n:]
	if w.tied, err = get[uint32](dev, p.Tied, 2*orders); err != nil {
		return w, err
	}
	w.tied = w.tied[orders:]
	if w.sums, err = get[int64](dev, p.Sums, 2*orders); err != nil {
		return w, err
	}
	w.sums = w.sums[orders:]
	return w, err
}

// proveJointTriples runs cases on all kernels of an image and returns how many.
func proveJointTriples(t proof, arch string, cases int) (ran int) {
	for _, most := range []int{1024, 2048} {
		k := tripling(t, arch, most)
		for seed := range 3 * cases {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(most)))
			count := 1 + r.IntN(4)
			n := []int{count + 1, 17 + r.IntN(60), 90 + r.IntN(40), 180 + r.IntN(80)}[seed%4]
			if seed == 0 || seed == 5 { // about as many as there can be, and more than the shorter form takes
				n = most - 24 + r.IntN(25) - 600*(most-1024)/1024
			}
			c := newTripled(r, n, count)
			c.without = seed / 2 % 3
			got, err := k.run(t.device(), c, 32*(1+r.IntN(16)))
			if err != nil {
				t.Fatalf("%s, up to %d rows, seed %d: %v", arch, most, seed, err)
			}
			if !got.equal(c.wanted()) {
				t.Fatalf("%s, up to %d rows, seed %d: n %d, k %d, marginals %b: the kernel and the CPU count differently", arch, most, seed, n, count, c.marginals)
			}
			ran++
		}
	}
	return ran
}
