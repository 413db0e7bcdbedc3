// A name that ended in _windows_test.go would be for Windows alone.

package ptx_test

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// windowed is a case of the family joint_windows: column 0 is the key. Marginals
// that have it are counted in windows, others of one column on a line, and those
// that are left over all rows.
type windowed struct {
	neighbours
	table   []int64 // [marginals][n+1]
	flag    raised
	without int // 1: counts, 2: sums
}

// newWindowed has, of three columns, every second time the marginals of a transfer
// entropy, which have a path of their own, and sometimes all pairs.
func newWindowed(r *rand.Rand, d, n, k int) windowed {
	c := windowed{neighbours: newNeighbours(r, d, n, k)}
	c.shuffled &^= 1
	c.box = r.IntN(2) == 0
	if r.IntN(2) == 0 { // what float32 takes for ties
		for _, x := range c.columns {
			for i := range x {
				x[i] += 1e-9 * r.NormFloat64()
			}
		}
	}
	for i := range c.marginals {
		if c.marginals[i]&(c.marginals[i]-1) == 0 || r.IntN(4) > 0 {
			c.marginals[i] |= 1
		}
	}
	if r.IntN(4) == 0 {
		c.marginals[0] = 1
	}
	if d == 3 {
		switch r.IntN(4) {
		case 0, 1:
			c.marginals = []uint32{1, 3, 5}
		case 2: // which have no column in common
			c.marginals = []uint32{3, 5, 6}
			r.Shuffle(3, func(i, j int) { c.marginals[i], c.marginals[j] = c.marginals[j], c.marginals[i] })
		}
	}
	if r.IntN(2) == 0 {
		c.marginals = append(c.marginals, 2<<r.IntN(d-1))
	}
	c.table = make([]int64, len(c.marginals)*(n+1))
	for i := range c.table {
		c.table[i] = r.Int64N(1<<40) - 1<<39
	}
	return c
}

// windows is what comes out.
type windows struct {
	counted
	sums []int64
}

func (w windows) equal(v windows) bool {
	return slices.Equal(w.counts, v.counts) && slices.Equal(w.tied, v.tied) && slices.Equal(w.sums, v.sums)
}

// count is what the contract says.
func (c windowed) count() windows {
	n := len(c.columns[0])
	w := windows{counted: c.neighbours.count(), sums: make([]int64, max(1, len(c.order)))}
	for i, count := range w.counts {
		m := i / n % len(c.marginals)
		w.sums[i/n/len(c.marginals)] += c.table[m*(n+1)+int(count)]
	}
	return w
}

// less leaves out what is not asked for.
func (w windows) less(without int) windows {
	switch without {
	case 1:
		clear(w.counts)
	case 2:
		clear(w.sums)
	}
	return w
}

// wanted is what of it is asked for.
func (c windowed) wanted() windows { return c.count().less(c.without) }

// asked are the arrays that a case has asked for.
func asked(without int, counts, tables uint64) (uint64, uint64) {
	switch without {
	case 1:
		counts = 0
	case 2:
		tables = 0
	}
	return counts, tables
}

// sorted is the rows in the order of a column, as bits too.
func sorted(x []float64) (rows []int32, keys []uint64) {
	for i := range x {
		rows = append(rows, int32(i))
	}
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(x[a], x[b]) })
	for _, i := range rows {
		keys = append(keys, sortKey(x[i]))
	}
	return rows, keys
}

// windowers are the kernels of the family.
type windowers struct{ gather, count, line *ptx.Program }

// windowKernel is the kernel for d columns.
func windowKernel(d int, box bool) string {
	if box {
		return "joint_windows_d0_box"
	}
	if d > 3 {
		d = 0
	}
	return fmt.Sprintf("joint_windows_d%d", d)
}

func joint(t testing.TB, arch string, d int, box bool) windowers {
	return windowers{kernel(t, arch, "joint_windows", "joint_windows_gather"), kernel(t, arch, "joint_windows", windowKernel(d, box)), kernel(t, arch, "joint_windows", "joint_windows_line")}
}

// run runs the kernels, the sweep in two launches. An ordering is an item; the last
// two of the sorted columns are the key and that of a line.
func (k windowers) run(dev *device, c windowed) (w windows, err error) {
	n, d, items, marginals := len(c.columns[0]), len(c.columns), max(1, len(c.order)), len(c.marginals)
	stride := 128 * ceil(n, 128)
	rows, _ := sorted(c.columns[0])
	tasks := make([]uint32, 12*items)
	for s := range items {
		task := tasks[12*s:]
		for j := range d {
			task[j/2] |= uint32(j) << (16 * (j % 2))
		}
		task[8], task[9], task[10] = 1, uint32(s), c.shuffled
		if s == 0 {
			task[11] = 1
		}
	}
	columns, barred, table := dev.put("columns", slices.Concat(c.columns...)), dev.put("barred", c.barred), dev.put("tables", c.table)
	g := cuda.JointWindowsGather{Columns: columns, Tasks: dev.put("tasks", tasks), Rows: dev.put("rows", append(make([]int32, n), rows...)), X: dev.Alloc("x", 8*items*d*stride),
		F: dev.Alloc("f", 4*items*d*stride), Rank: dev.Alloc("rank", 8*n), Sums: dev.Alloc("sums", 8*items), Tied: dev.Alloc("tied", 4*items), N: int32(n), Stride: int32(stride), D: int32(d)}
	if len(c.order) > 0 {
		g.Order = dev.put("order", slices.Concat(c.order...))
	}
	if err := dev.Launch(context.Background(), k.gather, ptx.Launch{Grid: ptx.Dim{X: ceil(stride, 256), Y: items}, Block: ptx.Dim{X: 256}, Params: g.Params()}); err != nil {
		return w, err
	}
	radii, flag := 1, c.flag.at(dev)
	if c.box {
		radii = d
	}
	p := cuda.JointWindows{X: g.X, F: g.F, Tasks: g.Tasks, Rows: g.Rows, Rank: g.Rank, Barred: barred, Counts: dev.put("counts", make([]int32, items*marginals*n)), Tables: table,
		Sums: g.Sums, Flag: flag, Radius: dev.Alloc("radius", 8*items*radii*n), Tied: g.Tied, Ends: c.ends(),
		N: int32(n), Stride: int32(stride), D: int32(d), K: int32(c.k), Marginals: int32(marginals), Set0: 1, Set1: 1, Set2: 1, Slot0: -1, Slot1: -1, Slot2: -1}
	for i := range n {
		if c.barred[2*i] != c.barred[2*i+1] {
			p.Bars = 1
		}
	}
	counts := p.Counts
	p.Counts, p.Tables = asked(c.without, counts, table)
	sets, slots, swept := []*uint32{&p.Set0, &p.Set1, &p.Set2}, []*int32{&p.Slot0, &p.Slot1, &p.Slot2}, 0
	for m, set := range c.marginals {
		if !alone(set) {
			*sets[swept], *slots[swept] = set, int32(m)
			swept++
		}
	}
	blocks := ceil(n, 16)
	for _, part := range [][2]int{{blocks / 3, blocks}, {0, blocks / 3}} {
		if part[0] == part[1] {
			continue
		}
		p.First, p.Processors = int32(16*part[0]), int32((part[1]-part[0])/4)
		if err := dev.Launch(context.Background(), k.count, ptx.Launch{Grid: ptx.Dim{X: part[1] - part[0], Y: items}, Block: ptx.Dim{X: 128}, Params: p.Params()}); err != nil {
			return w, err
		}
	}
	for m, set := range c.marginals {
		if !alone(set) {
			continue
		}
		j := bits.TrailingZeros32(set)
		_, keys := sorted(c.columns[j])
		which := make([]int32, items)
		for i := range which {
			which[i] = 1
		}
		l := cuda.JointWindowsLine{Columns: columns, Tasks: g.Tasks, Which: dev.put("which", which), Keys: dev.put("keys", append(make([]uint64, n), keys...)), Order: g.Order, Barred: barred,
			Radius: p.Radius, Radii: int32(radii), Flag: flag, Counts: p.Counts, Tables: p.Tables, Sums: p.Sums, N: int32(n), Marginals: int32(marginals), Slot: int32(m), C: int32(j)}
		if c.box {
			l.Radius += uint64(8 * n * j)
		}
		if err := dev.Launch(context.Background(), k.line, ptx.Launch{Grid: ptx.Dim{X: ceil(n, 256), Y: items}, Block: ptx.Dim{X: 256}, Params: l.Params()}); err != nil {
			return w, err
		}
	}
	if w.counts, err = get[int32](dev, counts, items*marginals*n); err != nil {
		return w, err
	}
	if w.tied, err = get[uint32](dev, p.Tied, items); err != nil {
		return w, err
	}
	w.sums, err = get[int64](dev, p.Sums, items)
	return w, err
}

// alone says whether a marginal is one column that is not the key.
func alone(set uint32) bool { return set&1 == 0 && set&(set-1) == 0 }

// proveJointWindows runs cases on all kernels of an image and returns how many.
func proveJointWindows(t proof, arch string, cases int) (ran int) {
	for d := 2; d <= 9; d++ {
		kernels := map[bool]windowers{false: joint(t, arch, d, false), true: joint(t, arch, d, true)}
		of := cases
		if d < 4 {
			of *= 3 // these have forms of their own, and the others share one
		}
		for seed := range of {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(d)))
			c := newWindowed(r, d, []int{17 + r.IntN(20), 60 + r.IntN(10), 120 + r.IntN(150)}[seed%3], 1+r.IntN(16))
			if seed == 4 { // more than are looked at at a time, and windows are wide
				n := 700 + r.IntN(30)
				if d == 4 { // and more than are counted at a time
					n += 350
				}
				c = newWindowed(r, d, n, 12)
				for _, x := range c.columns {
					for i := range x {
						x[i] *= x[i] * x[i]
					}
				}
			}
			if seed%12 == 7 { // as few as can be
				c = newWindowed(r, d, 17+r.IntN(2), 16)
			}
			c.flag, c.without = raised(seed%2), seed/2%3
			got, err := kernels[c.box].run(t.device(), c)
			if err != nil {
				t.Fatalf("%s, %d columns, seed %d: %v", arch, d, seed, err)
			}
			if !got.equal(c.wanted()) {
				t.Fatalf("%s, %d columns, seed %d: n %d, k %d, marginals %b: the kernel and the CPU count differently", arch, d, seed, len(c.columns[0]), c.k, c.marginals)
			}
			ran++
			if seed > 1 {
				continue
			}
			for _, c.flag = range []raised{up, told} {
				got, err = kernels[c.box].run(t.device(), c)
				if err != nil || slices.Max(got.counts) > 0 || slices.Max(got.tied) > 0 || slices.IndexFunc(got.sums, func(v int64) bool { return v != 0 }) >= 0 {
					t.Fatalf("%s, %d columns, algorithm 2 %v: it goes on under a flag that is up: %v", arch, d, c.box, err)
				}
			}
		}
	}
	return ran
}
