package prim

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/place"
)

// Between worthOfGPU pairs of rows, which pay for the start of a GPU's context, and
// bruteRows rows a GPU is the faster one. Beyond, the trees of the CPU beat what
// compares row with row: of a million rows of three columns a kernel for groups
// took 10.8 s on an H200, and one core 2.4 s. Windows have no such end.
const (
	worthOfGPU = 1 << 28
	bruteRows  = 1 << 18
)

func (p *plan) worthGPU() bool {
	items := 0
	for i, q := range p.Problems {
		items += max(1, len(q.Orders))
		if _, ok := p.windows(i); !ok && p.rows > bruteRows {
			return false
		}
	}
	return float64(items)*float64(p.rows)*float64(p.rows) >= worthOfGPU
}

// run counts, where the place says, and adds up the entries of tables that the
// counts name if there are any. It hands the result of each item to done, which
// may be called from several goroutines, and takes from the result what it keeps.
func (p *plan) run(ctx context.Context, tables [][]int64, done func(item, *result)) error {
	d, automatic, err := place.Choose(p.On, p.worthGPU())
	if err != nil {
		return err
	}
	if d.Place == gpu.CPU {
		return p.runCPU(ctx, tables, done)
	}
	err = p.runCUDA(ctx, d, tables, done)
	if err != nil && automatic && ctx.Err() == nil {
		return p.runCPU(ctx, tables, done)
	}
	return err
}

// What is on the device at a time, in bytes: counts, and orderings.
const (
	countsAtOnce = 64 << 20
	ordersAtOnce = 64 << 20
)

// launchPairs are the pairs of rows of a launch: 0.3 ms on an H200 [estimate], 10 ms
// on a GPU for games, whose float64 is 30 times slower.
const launchPairs = 1 << 28

// onDevice is a batch on a device.
type onDevice struct {
	*plan
	ctx    context.Context
	at     gpu.Place
	t      *device.Thread
	arena  *device.Arena
	tables [][]int64
	done   func(item, *result)

	columns device.Buffer[float64]
	barred  device.Buffer[int32]
	counts  device.Buffer[int32]
	tied    device.Buffer[uint32]
	order   device.Buffer[int32]
	partial map[item]*partial

	// For groups with a key: the sorted columns, and their places.
	orderings map[int]int // of a column, the number of its sorting
	sorted    [][]int32
	keysOn    device.Buffer[float64]
	sortedOn  device.Buffer[int32]
}

// partial is an item some of whose marginals are missing.
type partial struct {
	result
	left int
}

// group is what one kernel does in one launch: tasks alike, under the same orderings.
type group struct {
	kernel    string
	pruned    bool // rows come sorted by the first column of their task
	marginals int
	orders    [][]int32 // nil: the data as they are
	tasks     []task3
}

// task3 is a problem with up to three of its marginals.
type task3 struct {
	problem, from int
	words         [24]uint32
}

func (p *plan) runCUDA(ctx context.Context, d gpu.Device, tables [][]int64, done func(item, *result)) error {
	groups, err := p.groups()
	if err != nil {
		return err
	}
	return d.Do(func(t *device.Thread) error {
		a, err := t.Arena("joint counts")
		if err != nil {
			return err
		}
		defer a.Close()
		o := &onDevice{plan: p, ctx: ctx, at: d.Place, t: t, arena: a, tables: tables, done: done, partial: map[item]*partial{}}
		if o.columns, err = device.Upload(t, a, slices.Concat(p.Columns...)); err != nil {
			return err
		}
		if o.barred, err = device.Upload(t, a, p.barredRows()); err != nil {
			return err
		}
		for i := range p.Problems {
			if w, ok := p.windows(i); ok {
				if err := o.window(i, w); err != nil {
					return err
				}
			}
		}
		if err := o.sort(groups); err != nil {
			return err
		}
		for _, g := range groups {
			if err := o.group(g); err != nil {
				return err
			}
		}
		return nil
	})
}

// barredRows is the first and the last barred row of each.
func (p *plan) barredRows() []int32 {
	rows := make([]int32, 0, 2*p.rows)
	for i := range p.rows {
		lo, hi := p.barred.of(i)
		rows = append(rows, int32(lo), int32(hi))
	}
	return rows
}

// groups sorts problems by the kernel that they need, in the order of problems.
func (p *plan) groups() ([]*group, error) {
	type key struct {
		kernel    string
		marginals int
		order     *int32
		orders    int
	}
	at := map[key]*group{}
	var out []*group
	for i := range p.Problems {
		q := &p.Problems[i]
		if _, ok := p.windows(i); ok {
			continue
		}
		keyed := p.keyVariable(q)
		name, d, err := p.kernel(i, keyed >= 0)
		if err != nil {
			return nil, err
		}
		for from := 0; from == 0 || from < len(q.Marginals); from += 3 {
			k := key{kernel: name, marginals: max(1, min(3, len(q.Marginals)-from)), orders: len(q.Orders)}
			if len(q.Orders) > 0 && len(q.Orders[0]) > 0 {
				k.order = &q.Orders[0][0]
			}
			g := at[k]
			if g == nil || len(g.tasks) == 65535 || !sameOrders(g.orders, q.Orders) {
				g = &group{kernel: name, pruned: keyed >= 0, marginals: k.marginals, orders: q.Orders}
				at[k] = g
				out = append(out, g)
			}
			g.tasks = append(g.tasks, p.task3(i, from, d, max(0, keyed)))
		}
	}
	return out, nil
}

// prunedRows is where sorting begins to pay.
const prunedRows = 100

// keyVariable is a variable that all marginals have and no ordering moves, or -1:
// by its first column rows can be sorted, and looked for near their own place
// alone.
func (p *plan) keyVariable(q *Problem) int {
	columns := 0
	for _, v := range q.Variables {
		columns += len(v)
	}
	if p.Norm != Max || p.rows < prunedRows || columns > 8 || len(q.Marginals) == 0 {
		return -1
	}
	for v := range q.Variables {
		in := q.Orders == nil || v != q.Shuffled
		for _, m := range q.Marginals {
			in = in && m.Has(v)
		}
		if in {
			return v
		}
	}
	return -1
}

// sort sorts the rows by the keys of the groups that have one.
func (o *onDevice) sort(groups []*group) error {
	o.orderings = map[int]int{}
	var columns []int
	for _, g := range groups {
		for i := range g.tasks {
			if !g.pruned {
				break
			}
			c := int(g.tasks[i].words[0])
			at, ok := o.orderings[c]
			if !ok {
				at = len(columns)
				o.orderings[c] = at
				columns = append(columns, c)
			}
			g.tasks[i].words[21] = uint32(at)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	h, end := watch(o.ctx)
	defer end()
	n := o.rows
	keys, sorted := make([]float64, n*len(columns)), make([]int32, n*len(columns))
	sorters := make([]sorter, o.threads)
	o.sorted = make([][]int32, len(columns))
	h.each(o.threads, len(columns), func(worker, i int) {
		o.sorted[i] = sorted[i*n : (i+1)*n]
		sorters[worker].sort(h, o.Columns[columns[i]], o.sorted[i])
		for r, row := range o.sorted[i] {
			keys[i*n+r] = o.Columns[columns[i]][row]
		}
	})
	if h.now() {
		return context.Cause(o.ctx)
	}
	var err error
	if o.keysOn, err = device.Upload(o.t, o.arena, keys); err == nil {
		o.sortedOn, err = device.Upload(o.t, o.arena, sorted)
	}
	return err
}

func sameOrders(a, b [][]int32) bool {
	return slices.EqualFunc(a, b, func(x, y []int32) bool { return &x[0] == &y[0] })
}

// kernel is the name of the kernel for a problem and how many columns it has.
func (p *plan) kernel(problem int, pruned bool) (name string, columns int, err error) {
	d := 0
	for _, v := range p.Problems[problem].Variables {
		d += len(v)
	}
	sizes := []int{2, 3, 4, 8, 16}
	k := 16
	if p.Norm == Euclid {
		sizes = []int{4, 16}
	} else if p.K <= 4 {
		k = 4
	}
	if pruned {
		sizes = []int{3, 4, 8}
		i, _ := slices.BinarySearch(sizes, d)
		return fmt.Sprintf("pruned_counts_%s_d%d_k%d", p.Algorithm, sizes[i], k), sizes[i], nil
	}
	i, _ := slices.BinarySearch(sizes, d)
	if i == len(sizes) {
		return "", 0, &NoKernelError{Problem: problem, Columns: d, Max: sizes[len(sizes)-1]}
	}
	return fmt.Sprintf("joint_counts_%s_%s_d%d_k%d", p.Algorithm, p.Norm, sizes[i], k), sizes[i], nil
}

// task3 lays a problem out for a kernel of so many columns, which has those that
// are too many for the first once more. The columns of variable first come first.
func (p *plan) task3(problem, from, columns, first int) task3 {
	q := &p.Problems[problem]
	t := task3{problem: problem, from: from}
	w, at := &t.words, 0
	marginals := q.Marginals[from:min(len(q.Marginals), from+3)]
	for i := range q.Variables {
		v := i // first, and then the others in their order
		if i == 0 {
			v = first
		} else if i <= first {
			v = i - 1
		}
		list := q.Variables[v]
		for j, c := range list {
			w[at] = uint32(c)
			if q.Orders != nil && v == q.Shuffled {
				w[16] |= 1 << at
			}
			last := j == len(list)-1
			if last {
				w[17] |= 1 << at
			}
			for m, set := range marginals {
				if set.Has(v) && (p.Norm == Max || last) {
					w[18+m] |= 1 << at
				}
			}
			at++
		}
	}
	for ; at < columns; at++ {
		w[at] = w[0]
		w[16] |= (w[16] & 1) << at // as the first is
		w[17] |= 1 << at
	}
	return t
}

// group counts a group, so many orderings and tasks at a time that counts and
// orderings fit.
func (o *onDevice) group(g *group) error {
	k, err := o.t.Kernel(g.kernel)
	if err != nil {
		return err
	}
	words := make([]uint32, 0, 24*len(g.tasks))
	for _, t := range g.tasks {
		words = append(words, t.words[:]...)
	}
	tasks, err := device.Upload(o.t, o.arena, words)
	if err != nil {
		return err
	}
	orders, bytes := max(1, len(g.orders)), 4*o.rows
	beside := max(1, min(orders, 65535, ordersAtOnce/bytes, countsAtOnce/(bytes*g.marginals)))
	for s := 0; s < orders; s += beside {
		to := min(orders, s+beside)
		if g.orders != nil {
			if err := o.upload(g.orders[s:to]); err != nil {
				return err
			}
		}
		tasksBeside := max(1, countsAtOnce/(bytes*g.marginals*(to-s)))
		for from := 0; from < len(g.tasks); from += tasksBeside {
			b := &portion{onDevice: o, group: g, kernel: k, tasks: tasks, task0: from, task1: min(len(g.tasks), from+tasksBeside), order0: s, order1: to}
			if err := b.run(); err != nil {
				return err
			}
		}
	}
	return nil
}

// upload puts orderings on the device.
func (o *onDevice) upload(orders [][]int32) (err error) {
	flat := slices.Concat(orders...)
	if o.order.Len() < len(flat) {
		if o.order, err = device.Alloc[int32](o.t, o.arena, len(flat)); err != nil {
			return err
		}
	}
	return device.Write(o.t, o.arena.Stream, o.order.Slice(0, len(flat)), flat)
}

// portion is some tasks of a group under some orderings.
type portion struct {
	*onDevice
	*group
	kernel         *device.Kernel
	tasks          device.Buffer[uint32]
	task0, task1   int
	order0, order1 int
	units          []unit
}

// unit is a launch: tasks, orderings and rows, and where its results lie.
type unit struct {
	task0, task1, order0, order1, row0, row1 int
	counts, tied                             int
}

func (u unit) runs() int { return (u.task1 - u.task0) * (u.order1 - u.order0) }

// cut makes launches that end soon.
func (b *portion) cut() (counts, tied int) {
	n, pairs := b.rows, cmp.Or(b.pairs, launchPairs)
	rows := min(n, max(128, pairs/n))
	orders, tasks := 1, 1
	if rows == n {
		orders = max(1, min(b.order1-b.order0, pairs/(n*n)))
		tasks = max(1, min(b.task1-b.task0, pairs/(n*n*orders)))
	}
	for t := b.task0; t < b.task1; t += tasks {
		for s := b.order0; s < b.order1; s += orders {
			for r := 0; r < n; r += rows {
				u := unit{t, min(b.task1, t+tasks), s, min(b.order1, s+orders), r, min(n, r+rows), counts, tied}
				b.units = append(b.units, u)
				counts += u.runs() * b.marginals * (u.row1 - u.row0)
				tied += u.runs()
			}
		}
	}
	return counts, tied
}

func (b *portion) run() (err error) {
	counts, ties := b.cut()
	if b.onDevice.counts.Len() < counts {
		if b.onDevice.counts, err = device.Alloc[int32](b.t, b.arena, counts); err != nil {
			return err
		}
	}
	if b.onDevice.tied.Len() < ties {
		if b.onDevice.tied, err = device.Alloc[uint32](b.t, b.arena, ties); err != nil {
			return err
		}
	}
	s := b.arena.Stream
	if err := device.Zero(b.t, s, b.onDevice.tied.Slice(0, ties)); err != nil {
		return err
	}
	if err := (device.Chunks{}).Run(b.ctx, b.t, s, len(b.units), b.launch); err != nil {
		return err
	}
	flat, tied := make([]int32, counts), make([]uint32, ties)
	if err := device.Download(b.ctx, b.t, s, flat, b.onDevice.counts.Slice(0, counts)); err != nil {
		return err
	}
	if err := device.Download(b.ctx, b.t, s, tied, b.onDevice.tied.Slice(0, ties)); err != nil {
		return err
	}
	b.hand(flat, tied)
	return nil
}

// split is how many threads share a row: enough that the device has work.
func (b *portion) split(u unit) int {
	want := 1024 * b.t.Device().Multiprocessors
	split := 1
	for split < 32 && (u.row1-u.row0)*u.runs()*split < want {
		split *= 2
	}
	return split
}

func (b *portion) launch(from, to int) error {
	for _, u := range b.units[from:to] {
		split := b.split(u)
		rows := u.row1 - u.row0
		p := cuda.JointCounts{
			Columns: b.columns.Address(), Tasks: b.tasks.Address() + uint64(96*u.task0), Barred: b.onDevice.barred.Address(),
			Counts: b.onDevice.counts.Address() + uint64(4*u.counts), Tied: b.onDevice.tied.Address() + uint64(4*u.tied),
			N: int32(b.rows), K: int32(b.K), Marginals: int32(b.marginals), First: int32(u.row0), Rows: int32(rows), Split: int32(split),
		}
		if b.orders != nil {
			p.Order = b.order.Address() + 4*uint64(u.order0-b.order0)*uint64(b.rows)
		}
		params := p.Params()
		if b.pruned {
			params = cuda.PrunedCounts{Columns: p.Columns, Tasks: p.Tasks, Keys: b.keysOn.Address(), Sorted: b.sortedOn.Address(), Order: p.Order, Barred: p.Barred,
				Counts: p.Counts, Tied: p.Tied, N: p.N, K: p.K, Marginals: p.Marginals, First: p.First, Rows: p.Rows, Split: p.Split}.Params()
		}
		grid := device.Dim{X: (rows*split + 127) / 128, Y: u.order1 - u.order0, Z: u.task1 - u.task0}
		if err := b.t.Launch(b.arena.Stream, b.kernel, grid, params); err != nil {
			return err
		}
	}
	return nil
}

// hand puts results where they belong, and gives away those that are whole.
func (b *portion) hand(flat []int32, tied []uint32) {
	for _, u := range b.units {
		count := u.row1 - u.row0
		for t := u.task0; t < u.task1; t++ {
			rows := []int32(nil) // of the places, if they are sorted
			if b.pruned {
				rows = b.sorted[b.group.tasks[t].words[21]]
			}
			for s := u.order0; s < u.order1; s++ {
				run := (t-u.task0)*(u.order1-u.order0) + s - u.order0
				b.take(b.group.tasks[t], s, u.row0, u.row1, rows, flat[u.counts+run*b.marginals*count:], int(tied[u.tied+run]))
			}
		}
	}
}

// take adds the counts of some rows of an item, or of some places of sorted rows.
func (b *onDevice) take(t task3, s, row0, row1 int, sorted, counts []int32, tied int) {
	q := &b.Problems[t.problem]
	it := item{t.problem, s}
	r := b.partial[it]
	if r == nil {
		r = &partial{left: b.rows * max(1, (len(q.Marginals)+2)/3)}
		r.sum = Sum{Rows: b.rows, Place: b.at}
		if b.tables == nil {
			r.counts = grownEach(r.counts, len(q.Marginals), b.rows)
		}
		b.partial[it] = r
	}
	if t.from == 0 {
		r.sum.Tied += tied
	}
	rows := row1 - row0
	for m := t.from; m < min(len(q.Marginals), t.from+3); m++ {
		part := counts[(m-t.from)*rows:][:rows]
		if b.tables == nil && sorted != nil {
			for i, n := range part {
				r.counts[m][sorted[row0+i]] = n
			}
			continue
		}
		if b.tables == nil {
			copy(r.counts[m][row0:row1], part)
			continue
		}
		if table := b.tables[m]; table != nil {
			for _, n := range part {
				r.sum.add(table[n])
			}
		}
	}
	if r.left -= rows; r.left == 0 {
		b.done(it, &r.result)
		delete(b.partial, it)
	}
}
