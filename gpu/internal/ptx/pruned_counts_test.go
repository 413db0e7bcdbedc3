package ptx_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// pruner is a kernel of the family pruned_counts.
type pruner struct {
	box     bool
	d, most int
}

func (k pruner) name() string {
	algorithm := "ball"
	if k.box {
		algorithm = "box"
	}
	return fmt.Sprintf("pruned_counts_%s_d%d_k%d", algorithm, k.d, k.most)
}

func pruners() (all []pruner) {
	for _, box := range []bool{false, true} {
		for _, d := range []int{3, 4, 8} {
			all = append(all, pruner{box, d, 4}, pruner{box, d, 16})
		}
	}
	return all
}

// keyed makes column 0 the key of a case: in all marginals, and not reordered.
func (c neighbours) keyed() neighbours {
	c.shuffled &^= 1
	c.marginals = slices.Clone(c.marginals)
	for m := range c.marginals {
		c.marginals[m] |= 1
	}
	return c
}

// prune runs the kernel in two launches, of the places before cut and the others.
func (c neighbours) prune(d *device, p *ptx.Program, columns, split, cut int) (counted, error) {
	n, orders, marginals := len(c.columns[0]), max(1, len(c.order)), len(c.marginals)
	sorted, keys := make([]int32, n), make([]float64, n)
	for i := range sorted {
		sorted[i] = int32(i)
	}
	slices.SortStableFunc(sorted, func(a, b int32) int { return cmp.Compare(c.columns[0][a], c.columns[0][b]) })
	for i, row := range sorted {
		keys[i] = c.columns[0][row]
	}
	// The sorting is the second of two; the first is nonsense.
	task := c.task(columns)
	task[21] = 1
	params := cuda.PrunedCounts{Columns: d.put("columns", slices.Concat(c.columns...)), Tasks: d.put("tasks", task),
		Keys: d.put("keys", append(make([]float64, n), keys...)), Sorted: d.put("sorted", append(make([]int32, n), sorted...)),
		Barred: d.put("barred", c.barred), N: int32(n), K: int32(c.k), Marginals: int32(marginals), Split: int32(split)}
	if len(c.order) > 0 {
		params.Order = d.put("order", slices.Concat(c.order...))
	}
	params.Tied = d.put("tied", make([]uint32, orders))
	out := counted{counts: make([]int32, n*orders*marginals)}
	for _, part := range [][2]int{{0, cut}, {cut, n}} {
		rows := part[1] - part[0]
		if rows == 0 {
			continue
		}
		params.Counts = d.Alloc("counts", 4*rows*orders*marginals)
		params.First, params.Rows = int32(part[0]), int32(rows)
		err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: ceil(rows, 128/split), Y: orders}, Block: ptx.Dim{X: 128}, Params: params.Params()})
		if err != nil {
			return counted{}, err
		}
		got, err := get[int32](d, params.Counts, rows*orders*marginals)
		if err != nil {
			return counted{}, err
		}
		for i := range orders * marginals {
			for j, v := range got[i*rows : (i+1)*rows] {
				out.counts[i*n+int(sorted[part[0]+j])] = v
			}
		}
	}
	var err error
	out.tied, err = get[uint32](d, params.Tied, orders)
	return out, err
}

// provePrunedCounts runs cases on all kernels of an image and returns how many.
func provePrunedCounts(t *testing.T, arch string, cases int) (ran int) {
	for _, of := range pruners() {
		p := kernel(t, arch, "pruned_counts", of.name())
		for seed := range cases {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(1000*of.d+of.most)))
			k := 1 + r.IntN(of.most)
			// From as few rows as can be to several tiles on both sides.
			n := []int{k + 1, k + 1 + r.IntN(20), 127 + r.IntN(4), 380 + r.IntN(150)}[seed%4]
			c := newNeighbours(r, max(2, of.d-r.IntN(max(1, of.d/2))), n, k).keyed()
			c.box = of.box
			split := 1 << r.IntN(6)
			got, err := c.prune(&device{TB: t}, p, of.d, split, r.IntN(n))
			if err != nil {
				t.Fatalf("%s seed %d: %v", of.name(), seed, err)
			}
			want := c.count()
			if !slices.Equal(got.counts, want.counts) || !slices.Equal(got.tied, want.tied) {
				t.Fatalf("%s %s seed %d: n %d, k %d, %d columns, split %d: the kernel and the CPU count differently", arch, of.name(), seed, n, k, len(c.columns), split)
			}
			ran++
		}
	}
	return ran
}

// What is far away by the key alone is not looked at: of 2000 rows on a line,
// which their key orders, a block meets a tile or two to each side.
func TestPrunedCountsArePruned(t *testing.T) {
	const n = 2000
	c := neighbours{columns: make([][]float64, 3), k: 4, variables: []uint32{1, 2, 4}, marginals: []uint32{3, 5, 1}, barred: make([]int32, 2*n)}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range n {
		c.barred[2*i], c.barred[2*i+1] = int32(i), int32(i)
		x := r.NormFloat64()
		for j := range c.columns {
			c.columns[j] = append(c.columns[j], x+1e-3*r.NormFloat64())
		}
	}
	steps := func(launch func(*device) error) uint64 {
		d := &device{TB: t}
		if err := launch(d); err != nil {
			t.Fatal(err)
		}
		return d.WarpInstructions
	}
	pruned := steps(func(d *device) error {
		_, err := c.prune(d, kernel(t, "sm_80", "pruned_counts", "pruned_counts_ball_d3_k4"), 3, 1, 0)
		return err
	})
	all := steps(func(d *device) error {
		_, err := c.launch(d, kernel(t, "sm_80", "joint_counts", "joint_counts_ball_max_d3_k4"), 3, 1, 0)
		return err
	})
	if t.Logf("%d and %d instructions of warps", pruned, all); pruned > all/3 {
		t.Errorf("%d instructions, and %d without pruning", pruned, all)
	}
}
