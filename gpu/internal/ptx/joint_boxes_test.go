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

// packed is a case of the family joint_boxes: marginals are of one column or two.
type packed struct {
	neighbours
	table   []int64 // [marginals][n+1]
	sorted  bool    // rows lie in slabs, and else in any order
	each    int     // rows that a warp asks for
	asked   int     // 0: all places, else the first so many of slabs, without orderings
	steps   uint64  // that the count of two columns may take; 0: any
	flag    raised
	bare    int // rows are laid out: 1: without places, 2: without rows to begin with
	without int // 1: counts, 2: sums
}

func newPacked(r *rand.Rand, d, n, k int) packed {
	c := packed{neighbours: newNeighbours(r, d, n, k), sorted: r.IntN(2) == 0, each: 1 << r.IntN(6)}
	c.box = r.IntN(2) == 0
	for i := range c.marginals {
		one, other := r.IntN(d), r.IntN(d) // or the same
		c.marginals[i] = 1<<one | 1<<other
	}
	c.table = make([]int64, len(c.marginals)*(n+1))
	for i := range c.table {
		c.table[i] = r.Int64N(1<<40) - 1<<39
	}
	return c
}

// part is a case of many rows of which some are asked for, as many as whole blocks.
func (c packed) part(asked int, marginals ...uint32) packed {
	c.sorted, c.asked, c.order, c.marginals = true, asked, nil, marginals
	c.table = make([]int64, len(marginals)*(len(c.columns[0])+1))
	for i := range c.table {
		c.table[i] = int64(i%(len(c.columns[0])+1)) * 1e9 // 0 of 0, which others than those asked have
	}
	return c
}

// slabs is the rows in the order of the first column, and each 192 in that of the
// second, begun in the middle, where a row has others all around.
func (c packed) slabs() []int32 {
	rows, _ := sorted(c.columns[0])
	for slab := range slices.Chunk(rows, 192) {
		slices.SortFunc(slab, func(a, b int32) int { return cmp.Compare(c.columns[1][a], c.columns[1][b]) })
	}
	middle := len(rows) / 2
	return slices.Concat(rows[middle:], rows[:middle])
}

// count is what the contract says.
func (c packed) count() windows {
	n, orders := len(c.columns[0]), max(1, len(c.order))
	w := windows{counted{make([]int32, orders*len(c.marginals)*n), make([]uint32, orders)}, make([]int64, orders)}
	rows := c.slabs()
	if c.asked > 0 {
		rows = rows[:c.asked]
	}
	for s := range orders {
		value := func(column, row int) float64 {
			if len(c.order) > 0 && c.shuffled>>column&1 == 1 {
				row = int(c.order[s][row])
			}
			return c.columns[column][row]
		}
		for _, row := range rows {
			i := int(row)
			each := func(set uint32, f func(row int, distance float64)) {
				for j := range n {
					if int32(j) >= c.barred[2*i] && int32(j) <= c.barred[2*i+1] {
						continue
					}
					far := 0.0
					for column := range c.columns {
						if set>>column&1 == 1 {
							far = max(far, math.Abs(value(column, i)-value(column, j)))
						}
					}
					f(j, far)
				}
			}
			var nearest []neighbour // k and one
			each(1<<len(c.columns)-1, func(j int, d float64) {
				at, _ := slices.BinarySearchFunc(nearest, d, func(a neighbour, d float64) int { return cmp.Or(cmp.Compare(a.distance, d), -1) })
				if at <= c.k {
					nearest = slices.Insert(nearest, at, neighbour{d, j})
					nearest = nearest[:min(len(nearest), c.k+1)]
				}
			})
			radius := nearest[c.k-1].distance
			if c.k < len(nearest) && nearest[c.k].distance == radius {
				w.tied[s]++
			}
			sides := make([]float64, len(c.columns)) // of the variable of each column
			for v, columns := range c.variables {
				for _, n := range nearest[:c.k] {
					for column := range c.columns {
						if columns>>column&1 == 1 {
							sides[v] = max(sides[v], math.Abs(value(column, i)-value(column, n.row)))
						}
					}
				}
			}
			for m, set := range c.marginals {
				count := 0
				each(set, func(j int, d float64) {
					in := d < radius
					if c.box {
						in = true
						for column, side := range sides {
							in = in && (set>>column&1 == 0 || math.Abs(value(column, i)-value(column, j)) <= side)
						}
					}
					if in {
						count++
					}
				})
				w.counts[(s*len(c.marginals)+m)*n+i] = int32(count)
				w.sums[s] += c.table[m*(n+1)+count]
			}
		}
	}
	return w
}

// wanted is what of it is asked for.
func (c packed) wanted() windows {
	w := c.count()
	return w.less(c.without)
}

// packers are the kernels of the family.
type packers struct {
	pick, gather, lift, near, count, line *ptx.Program
}

func packing(t testing.TB, arch string, d int, box bool) packers {
	near := fmt.Sprintf("near_d%d", d)
	if box {
		near += "_box"
	}
	k := func(name string) *ptx.Program { return kernel(t, arch, "joint_boxes", "joint_boxes_"+name) }
	return packers{k("pick"), k("gather"), k("lift"), k(near), k("count_d2"), k("line")}
}

// packedRun is a case on a machine.
type packedRun struct {
	packers
	packed
	*device
	n, orders                              int
	columns, order, barred, tables, radius uint64
	err                                    error
}

func (k *packedRun) launch(p *ptx.Program, x, y, threads int, params []byte) {
	if k.err == nil {
		k.err = k.Launch(context.Background(), p, ptx.Launch{Grid: ptx.Dim{X: x, Y: y}, Block: ptx.Dim{X: threads}, Params: params})
	}
}

// boxes is rows in boxes.
type boxes struct {
	rows, x, boxes uint64
	stride, nodes  int
}

// pack lays rows out by some columns, by way of joint_boxes_pick with an order in two
// parts, as slabs have it.
func (k *packedRun) pack(set uint32, seed uint64) boxes {
	n, r := k.n, rand.New(rand.NewPCG(seed, 1))
	var first, second []int32
	for s := range k.orders {
		rows, places := make([]int32, n), make([]int32, n)
		for i, p := range r.Perm(n) {
			rows[i], places[i] = int32(p), int32(i)
		}
		if k.sorted {
			rows = k.slabs()
		}
		if s%2 == 1 {
			slices.Reverse(places)
		}
		first, second = append(first, rows...), append(second, places...)
	}
	var list []int32
	for set := set; set != 0; set &= set - 1 {
		list = append(list, int32(bits.TrailingZeros32(set)))
	}
	p := cuda.JointBoxesPick{Column: k.columns + uint64(8*n)*uint64(list[0]), Rows: k.put("rows", first), Places: k.put("places", second),
		Picked: k.Alloc("picked", 4*n*k.orders), Values: k.Alloc("values", 8*n*k.orders), N: int32(n), RowsStep: int32(n), PlacesStep: int32(n)}
	if k.shuffled>>list[0]&1 == 1 {
		p.Order = k.order
	}
	switch k.bare {
	case 1:
		p.Places = 0
	case 2:
		p.Rows = 0
	}
	k.launch(k.pick, ceil(n, 256), k.orders, 256, p.Params())
	k.checkPicked(p, int(list[0]), first, second)
	var counts []int
	b := boxes{rows: k.Alloc("rows", 4*n*k.orders), stride: 32 * ceil(n, 32)}
	for c := ceil(n, 32); ; c = ceil(c, 32) {
		counts = append(counts, c)
		if b.nodes += c; c <= 32 {
			break
		}
	}
	d := len(list)
	b.x, b.boxes = k.Alloc("x", 8*d*b.stride*k.orders), k.Alloc("boxes", 16*d*b.nodes*k.orders)
	if k.bare == 2 { // p.Picked is a permutation, too
		p.Picked = 0
	}
	g := cuda.JointBoxesGather{Columns: k.columns, Order: k.order, Rows: p.Picked, Places: p.Places, Picked: b.rows, X: b.x, Boxes: b.boxes, N: int32(n), Stride: int32(b.stride),
		Nodes: int32(b.nodes), D: int32(d), Column0: list[0], Column1: list[1], RowsStep: int32(n), PlacesStep: int32(n), Shuffled: k.local(list)}
	if d > 2 {
		g.Column2 = list[2]
	}
	k.launch(k.gather, ceil(b.stride, 256), k.orders, 256, g.Params())
	from := 0
	for i, c := range counts[1:] {
		k.launch(k.lift, ceil(c, 4), k.orders, 128, cuda.JointBoxesLift{Boxes: b.boxes, Nodes: int32(b.nodes), D: int32(d), From: int32(from), Below: int32(counts[i])}.Params())
		from += counts[i]
	}
	return b
}

// checkPicked says whether the values of a column lie where places and rows say.
func (k *packedRun) checkPicked(p cuda.JointBoxesPick, column int, rows, places []int32) {
	if k.err != nil {
		return
	}
	picked, err := get[int32](k.device, p.Picked, len(rows))
	values, errOfValues := get[float64](k.device, p.Values, len(rows))
	k.err = cmp.Or(err, errOfValues)
	for i := range picked {
		at := i / k.n * k.n
		row := int32(i - at)
		if p.Places != 0 {
			row = places[i]
		}
		if p.Rows != 0 {
			row = rows[at+int(row)]
		}
		from := row
		if p.Order != 0 {
			from = k.packed.order[i/k.n][row]
		}
		if k.err == nil && (picked[i] != row || values[i] != k.packed.columns[column][from]) {
			k.err = fmt.Errorf("place %d: row %d with %v was picked", i, picked[i], values[i])
		}
	}
}

// local is which of some columns are reordered.
func (k *packedRun) local(list []int32) (set uint32) {
	for i, c := range list {
		if k.order != 0 {
			set |= k.shuffled >> c & 1 << i
		}
	}
	return set
}

// run runs the kernels.
func (k packers) run(dev *device, c packed) (w windows, err error) {
	r := &packedRun{packers: k, packed: c, device: dev, n: len(c.columns[0]), orders: max(1, len(c.order))}
	n, marginals := r.n, len(c.marginals)
	r.columns, r.barred, r.tables = dev.put("columns", slices.Concat(c.columns...)), dev.put("barred", c.barred), dev.put("tables", c.table)
	if len(c.order) > 0 {
		r.order = dev.put("order", slices.Concat(c.order...))
	}
	tied, counts, sums := dev.put("tied", make([]uint32, r.orders)), dev.put("counts", make([]int32, r.orders*marginals*n)), dev.put("sums", make([]int64, r.orders))
	radii := 1
	mates := uint32(0)
	if c.box {
		radii = len(c.columns)
		for i, variable := range c.variables {
			mates |= variable << (3 * i)
		}
	}
	flag := c.flag.at(dev)
	written, added := asked(c.without, counts, r.tables)
	r.radius = dev.put("radius", make([]float64, r.orders*radii*n)) // 0: nothing is nearer, where no one asks
	radiusOf := func(column int32) uint64 {
		if !c.box {
			column = 0
		}
		return r.radius + uint64(8*n)*uint64(column)
	}
	b := r.pack(1<<len(c.columns)-1, 1)
	// A pass is cut in two, so that the second has a first place that is not 0.
	each := func(f func(first, blocks int)) {
		places := n
		if c.asked > 0 {
			places = c.asked
		}
		f(0, ceil(min(places, 128), 4*c.each))
		if places > 128 {
			f(128, ceil(places-128, 4*c.each))
		}
	}
	each(func(first, blocks int) {
		r.launch(k.near, blocks, r.orders, 128, cuda.JointBoxesNear{X: b.x, Rows: b.rows, Boxes: b.boxes, Barred: r.barred, Radius: r.radius, Tied: tied, N: int32(n),
			Stride: int32(b.stride), Nodes: int32(b.nodes), K: int32(c.k), First: int32(first), Each: int32(c.each), Mates: mates, Flag: flag}.Params())
	})
	for m, set := range c.marginals {
		column := int32(bits.TrailingZeros32(set))
		if set&(set-1) == 0 {
			_, keys := sorted(c.columns[column])
			l := cuda.JointBoxesLine{Column: r.columns + uint64(8*n)*uint64(column), Keys: dev.put("keys", keys), Barred: r.barred, Radius: radiusOf(column), Radii: int32(radii), Counts: written,
				Tables: added, Sums: sums, N: int32(n), Marginals: int32(marginals), Slot: int32(m), Flag: flag}
			if r.local([]int32{column}) != 0 {
				l.Order = r.order
			} else if c.sorted {
				l.Rows = b.rows
			}
			r.launch(k.line, ceil(n, 256), r.orders, 256, l.Params())
			continue
		}
		other := int32(bits.Len32(set) - 1)
		b := r.pack(set, uint64(m))
		before := r.MaxSteps
		if c.steps > 0 {
			r.MaxSteps = c.steps
		}
		each(func(first, blocks int) {
			r.launch(k.count, blocks, r.orders, 128, cuda.JointBoxesCount{X: b.x, Rows: b.rows, Boxes: b.boxes, Barred: r.barred, Columns: r.columns, Order: r.order,
				Radius0: radiusOf(column), Radius1: radiusOf(other), Radii: int32(radii), Counts: written, Tables: added, Sums: sums, N: int32(n), Stride: int32(b.stride), Nodes: int32(b.nodes), Column0: column, Column1: other,
				Marginals: int32(marginals), Slot: int32(m), First: int32(first), Each: int32(c.each), Tree: 1, Shuffled: r.local([]int32{column, other}), Flag: flag}.Params())
		})
		r.MaxSteps = before
	}
	if r.err != nil {
		return w, r.err
	}
	if w.counts, err = get[int32](dev, counts, r.orders*marginals*n); err != nil {
		return w, err
	}
	if w.tied, err = get[uint32](dev, tied, r.orders); err != nil {
		return w, err
	}
	w.sums, err = get[int64](dev, sums, r.orders)
	return w, err
}

// proveJointBoxes runs cases on all kernels of an image and returns how many.
func proveJointBoxes(t proof, arch string, cases int) (ran int) {
	for d := 2; d <= 3; d++ {
		kernels := map[bool]packers{false: packing(t, arch, d, false), true: packing(t, arch, d, true)}
		for seed := range cases + 2 {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(d)))
			c := newPacked(r, d, []int{17 + r.IntN(20), 60 + r.IntN(10), 120 + r.IntN(150)}[seed%3], 1+r.IntN(16))
			if seed >= cases { // boxes of boxes, and of these
				c = newPacked(r, d, []int{1050, 33000}[seed-cases], 4).part([]int{256, 128}[seed-cases], 3, 1)
			}
			if !c.sorted {
				c.bare = seed / 2 % 3
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
