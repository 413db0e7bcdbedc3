package ptx_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// neighbours is a case of joint counts: rows in columns, and what to count.
type neighbours struct {
	columns   [][]float64
	order     [][]int32
	barred    []int32
	k         int
	shuffled  uint32
	variables []uint32 // of each column, the columns of its variable
	marginals []uint32
	box       bool
	euclid    bool // marginals are sets of last columns of variables
}

// counted is what a device or the CPU finds.
type counted struct {
	counts []int32 // [ordering][marginal][row]
	tied   []uint32
}

// newNeighbours makes data of a seed: ties and all, with trials, windows and
// orderings.
func newNeighbours(r *rand.Rand, d, n, k int) neighbours {
	c := neighbours{columns: make([][]float64, d), k: k, barred: make([]int32, 2*n)}
	grain := []float64{0, 0, 4, 1}[r.IntN(4)]
	for j := range c.columns {
		c.columns[j] = make([]float64, n)
		for i := range c.columns[j] {
			v := float64(float32(r.NormFloat64()))
			if grain > 0 {
				v = math.Round(v*grain) / grain
			}
			c.columns[j][i] = v
		}
	}
	window := r.IntN(3)
	trial := n
	if n > 4*k+20 && r.IntN(2) == 0 {
		trial = n/2 - 1
	}
	for i := range n {
		lo, hi := 0, n-1
		if i < trial {
			hi = trial - 1
		} else {
			lo = trial
		}
		w := window
		if n < k+2*window+1 {
			w = 0
		}
		c.barred[2*i], c.barred[2*i+1] = int32(max(lo, i-w)), int32(min(hi, i+w))
	}
	for range r.IntN(3) {
		c.order = append(c.order, permutation(r, n))
	}
	c.shuffled = uint32(r.IntN(1 << d))
	// The first columns are one variable, the others one each.
	first := uint32(1)<<(1+r.IntN(d)) - 1
	for j := range d {
		c.variables = append(c.variables, 1<<j)
		if first>>j&1 == 1 {
			c.variables[j] = first
		}
	}
	for range 1 + r.IntN(3) {
		c.marginals = append(c.marginals, uint32(1+r.IntN(1<<d-1)))
	}
	return c
}

func permutation(r *rand.Rand, n int) (order []int32) {
	for _, v := range r.Perm(n) {
		order = append(order, int32(v))
	}
	return order
}

// ends is the set of the last columns of variables.
func (c neighbours) ends() (set uint32) {
	for _, v := range c.variables {
		set |= 1 << (bits.Len32(v) - 1)
	}
	return set
}

// count is what the contract says, in as many words.
func (c neighbours) count() counted {
	n := len(c.columns[0])
	orders := max(1, len(c.order))
	out := counted{make([]int32, orders*len(c.marginals)*n), make([]uint32, orders)}
	for s := range orders {
		rows := make([][]float64, n) // of this ordering
		for i := range rows {
			rows[i] = make([]float64, len(c.columns))
			for j := range rows[i] {
				from := i
				if len(c.order) > 0 && c.shuffled>>j&1 == 1 {
					from = int(c.order[s][i])
				}
				rows[i][j] = c.columns[j][from]
			}
		}
		for i := range rows {
			free := func(j int) bool { return int32(j) < c.barred[2*i] || int32(j) > c.barred[2*i+1] }
			var joint []neighbour // the k nearest and one
			for j := range rows {
				d := 0.0
				if free(j) {
					d = c.distance(rows[i], rows[j])
				}
				if !free(j) || len(joint) > c.k && d >= joint[c.k].distance {
					continue
				}
				at, _ := slices.BinarySearchFunc(joint, d, func(a neighbour, d float64) int { return cmp.Or(cmp.Compare(a.distance, d), -1) })
				joint = slices.Insert(joint, at, neighbour{d, j})
				joint = joint[:min(len(joint), c.k+1)]
			}
			last := joint[c.k-1].distance
			if len(joint) > c.k && joint[c.k].distance == last {
				out.tied[s]++
			}
			sides := make([]float64, len(c.columns)) // of the variable of each column
			for v, columns := range c.variables {
				for _, n := range joint[:c.k] {
					sides[v] = max(sides[v], c.within(rows[i], rows[n.row], columns))
				}
			}
			near := func(j int, set uint32) bool {
				for v := range c.columns {
					if set>>v&1 == 0 {
						continue
					}
					part := uint32(1) << v
					if c.euclid {
						part = c.variables[v]
					}
					d := c.within(rows[i], rows[j], part)
					if c.box && d > sides[v] || !c.box && d >= last {
						return false
					}
				}
				return true
			}
			for m, set := range c.marginals {
				for j := range rows {
					if free(j) && near(j, set) {
						out.counts[(s*len(c.marginals)+m)*n+i]++
					}
				}
			}
		}
	}
	return out
}

type neighbour struct {
	distance float64
	row      int
}

func (c neighbours) distance(a, b []float64) (d float64) {
	for _, columns := range c.variables {
		d = max(d, c.within(a, b, columns))
	}
	return d
}

// within is the distance in one variable.
func (c neighbours) within(a, b []float64, columns uint32) (d float64) {
	for j := range a {
		if columns>>j&1 == 0 {
			continue
		}
		if x := math.Abs(a[j] - b[j]); c.euclid {
			d += float64(x * x)
		} else {
			d = max(d, x)
		}
	}
	return d
}

// task is what a kernel of d columns is told: columns that it has too many are the
// first once more, each a variable of its own.
func (c neighbours) task(d int) []uint32 {
	task := make([]uint32, 24)
	for j := range d {
		if task[j] = uint32(j); j >= len(c.columns) {
			task[j] = 0
		}
	}
	pads := uint32(1)<<d - uint32(1)<<len(c.columns)
	task[16], task[17] = c.shuffled, c.ends()|pads
	if c.shuffled&1 == 1 {
		task[16] |= pads
	}
	copy(task[18:], c.marginals)
	return task
}

// launch runs the kernel in two launches, of the rows before cut without a flag and
// of the others with one that is down.
func (c neighbours) launch(d *device, p *ptx.Program, columns, split, cut int) (counted, error) {
	n, orders, marginals := len(c.columns[0]), max(1, len(c.order)), len(c.marginals)
	params := cuda.JointCounts{Columns: d.put("columns", slices.Concat(c.columns...)), Tasks: d.put("tasks", c.task(columns)),
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
		if part[0] > 0 {
			params.Flag = d.flag(0, 0)
		}
		err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: ceil(rows, 128/split), Y: orders}, Block: ptx.Dim{X: 128}, Params: params.Params()})
		if err != nil {
			return counted{}, err
		}
		got, err := get[int32](d, params.Counts, rows*orders*marginals)
		if err != nil {
			return counted{}, err
		}
		for i := range orders * marginals {
			copy(out.counts[i*n+part[0]:], got[i*rows:(i+1)*rows])
		}
	}
	var err error
	out.tied, err = get[uint32](d, params.Tied, orders)
	return out, err
}

// leaves says whether a kernel writes nothing when its flag is up, on the host or as
// a block has seen.
func (c neighbours) leaves(d *device, p *ptx.Program, columns int) (bool, error) {
	n, marginals := len(c.columns[0]), len(c.marginals)
	counts, tied := d.put("counts", make([]int32, n*marginals)), d.put("tied", make([]uint32, 1))
	params := cuda.JointCounts{Columns: d.put("columns", slices.Concat(c.columns...)), Tasks: d.put("tasks", c.task(columns)), Barred: d.put("barred", c.barred),
		Counts: counts, Tied: tied, N: int32(n), K: int32(c.k), Marginals: int32(marginals), Rows: int32(n), Split: 1}
	for _, flag := range []uint64{d.flag(0, 1), d.flag(1, 0)} {
		params.Flag = flag
		if err := d.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: ceil(n, 128)}, Block: ptx.Dim{X: 128}, Params: params.Params()}); err != nil {
			return false, err
		}
	}
	got, err := get[int32](d, counts, n*marginals)
	return err == nil && slices.Max(got) == 0, err
}

// Columns lie where they do when values of all columns are more than 2^31, and more
// than 2^32: a kernel that multiplied in 32 bits would read elsewhere.
func TestColumnsBeyond32Bits(t *testing.T) {
	c := newNeighbours(rand.New(rand.NewPCG(8, 8)), 3, 60, 4)
	c.order = nil
	want := c.count()
	for _, shift := range []uint64{1 << 26, 1 << 31} {
		d := &device{TB: t}
		tasks := c.task(3)
		for i := range 3 {
			tasks[i] += uint32(shift)
		}
		counts := d.Alloc("counts", 4*60*len(c.marginals))
		p := cuda.JointCounts{Columns: d.put("columns", slices.Concat(c.columns...)) - 8*60*shift, Tasks: d.put("tasks", tasks), Barred: d.put("barred", c.barred),
			Counts: counts, Tied: d.put("tied", make([]uint32, 1)), N: 60, K: int32(c.k), Marginals: int32(len(c.marginals)), Rows: 60, Split: 1}
		run(d, kernel(t, "sm_80", "joint_counts", "joint_counts_ball_max_d3_k4"), ptx.Launch{Grid: ptx.Dim{X: 1}, Block: ptx.Dim{X: 128}, Params: p.Params()})
		got, err := get[int32](d, counts, 60*len(c.marginals))
		if err != nil || !slices.Equal(got, want.counts) {
			t.Errorf("columns from %d on: the counts differ, %v", shift, err)
		}
	}
}

// counter is a kernel of the family.
type counter struct {
	box, euclid bool
	d, most     int
}

func (k counter) name() string {
	algorithm, norm := "ball", "max"
	if k.box {
		algorithm = "box"
	}
	if k.euclid {
		norm = "euclid"
	}
	return fmt.Sprintf("joint_counts_%s_%s_d%d_k%d", algorithm, norm, k.d, k.most)
}

// tile is how many rows a block looks at together.
func (k counter) tile() int {
	return map[int]int{8: 128, 16: 64}[k.d] + map[bool]int{true: 256}[k.d <= 4]
}

func counters() (all []counter) {
	for _, box := range []bool{false, true} {
		for _, d := range []int{2, 3, 4, 8, 16} {
			all = append(all, counter{box, false, d, 4}, counter{box, false, d, 16})
		}
		all = append(all, counter{box, true, 4, 16}, counter{box, true, 16, 16})
	}
	return all
}

// proveJointCounts runs cases on all kernels of an image and returns how many.
func proveJointCounts(t proof, arch string, cases int) (ran int) {
	for _, of := range counters() {
		p := kernel(t, arch, "joint_counts", of.name())
		for seed := range cases {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(100*of.d+of.most)))
			k, columns := 1+r.IntN(of.most), max(1, of.d-r.IntN(max(1, of.d/2)))
			if seed < 3 {
				k, columns = []int{of.most, of.most, 1}[seed], of.d
			}
			// More rows than a tile has, as few as can be, a few more, and about half a
			// tile or one.
			n := []int{of.tile() + 1 + r.IntN(of.tile()/2), k + 1, k + 1 + r.IntN(20), of.tile()/2 - 1 + r.IntN(4)}[seed%4]
			c := newNeighbours(r, columns, max(n, k+1), k)
			for j := range c.variables {
				switch seed {
				case 0: // a variable each
					c.variables[j] = 1 << j
				case 1: // all are one
					c.variables[j] = 1<<columns - 1
				}
			}
			c.box, c.euclid = of.box, of.euclid
			if c.euclid {
				for m, set := range c.marginals {
					if c.marginals[m] = set & c.ends(); c.marginals[m] == 0 {
						c.marginals[m] = c.ends()
					}
				}
			}
			split := 1 << (seed % 6)
			if seed < 2 { // all columns are reordered, or none
				c.order, c.shuffled = [][]int32{permutation(r, len(c.columns[0]))}, uint32(1-seed)*(1<<columns-1)
			}
			if seed == 4 { // two crowds, each in the rows of a lane alone
				c.order, split = nil, 2
				for _, x := range c.columns {
					for i := range x {
						x[i] += 1000 * float64(i%2)
					}
				}
			}
			got, err := c.launch(t.device(), p, of.d, split, r.IntN(len(c.columns[0])))
			if err != nil {
				t.Fatalf("%s seed %d: %v", of.name(), seed, err)
			}
			want := c.count()
			if !slices.Equal(got.counts, want.counts) || !slices.Equal(got.tied, want.tied) {
				t.Fatalf("%s %s seed %d: n %d, k %d, %d columns, split %d: the kernel and the CPU count differently", arch, of.name(), seed, len(c.columns[0]), k, len(c.columns), split)
			}
			ran++
			if seed > 0 {
				continue
			}
			if left, err := c.leaves(t.device(), p, of.d); err != nil || !left {
				t.Fatalf("%s %s: it goes on under a flag that is up: %v", arch, of.name(), err)
			}
		}
	}
	return ran
}
