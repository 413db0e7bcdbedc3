package prim

import (
	"cmp"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// group counts a group, so many orderings and tasks at a time that counts and
// orderings fit.
func (o *onDevice) group(g *group) error {
	var k *device.Kernel // that of a block a problem is known to the layout
	var err error
	if !g.tripled {
		if k, err = o.t.Kernel(g.kernel); err != nil {
			return err
		}
	}
	tasks, err := device.Upload(o.t, o.arena, g.words)
	if err != nil {
		return err
	}
	orders, bytes := max(1, len(g.orders)), 4*o.rows
	counts := bytes * g.marginals // of an item
	if g.tripled {
		if summed, err := o.summed(o.rows); err != nil {
			return err
		} else if summed {
			counts = 1 << 10
		}
	}
	beside := max(1, min(orders, 65535, ordersAtOnce/bytes, countsAtOnce/counts))
	for s := 0; s < orders; s += beside {
		to := min(orders, s+beside)
		if g.orders != nil {
			if err := o.upload(g.orders[s:to]); err != nil {
				return err
			}
		}
		tasksBeside := max(1, countsAtOnce/(counts*(to-s)))
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
	n := o.rows * len(orders)
	if o.order.Len() < n {
		if o.order, err = device.Alloc[int32](o.t, o.arena, n); err != nil {
			return err
		}
	}
	return device.Write(o.t, o.arena.Stream, o.order.Slice(0, n), orders...)
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
	results        results
	summed         bool           // on the device
	sum            *device.Kernel // that does it
}

// unit is a launch: tasks, orderings and rows, and where its results lie.
type unit struct {
	task0, task1, order0, order1, row0, row1 int
	counts, run                              int
}

func (u unit) runs() int { return (u.task1 - u.task0) * (u.order1 - u.order0) }

// cut makes launches that end soon, the first of as many rows as any.
func (b *portion) cut() (counts, results int) {
	n, pairs := b.rows, cmp.Or(b.pairs, launchPairs)
	rows := min(n, max(128, pairs/n))
	if b.tripled {
		pairs, rows = cmp.Or(b.pairs, launchTriples), n
	}
	orders, tasks := 1, 1
	if rows == n {
		orders = max(1, min(b.order1-b.order0, pairs/(n*n)))
		tasks = max(1, min(b.task1-b.task0, pairs/(n*n*orders)))
	}
	for t := b.task0; t < b.task1; t += tasks {
		for s := b.order0; s < b.order1; s += orders {
			for r := 0; r < n; r += rows {
				u := unit{t, min(b.task1, t+tasks), s, min(b.order1, s+orders), r, min(n, r+rows), counts, results}
				b.units = append(b.units, u)
				counts += u.runs() * b.marginals * (u.row1 - u.row0)
				results += u.runs()
			}
		}
	}
	return counts, results
}

func (b *portion) run() (err error) {
	counts, runs := b.cut()
	if b.summed, err = b.onDevice.summed(b.units[0].row1 - b.units[0].row0); err != nil {
		return err
	}
	if b.summed && b.tripled {
		counts = 0
	}
	if b.onDevice.counts.Len() < counts {
		if b.onDevice.counts, err = device.Alloc[int32](b.t, b.arena, counts); err != nil {
			return err
		}
	}
	if err := cmp.Or(b.late(!b.tripled || b.Window > 0, true), b.join()); err != nil {
		return err
	}
	if b.summed && !b.tripled {
		if b.sum, err = b.t.Kernel("joint_sums"); err != nil {
			return err
		}
	}
	if b.results, err = b.newResults(runs); err != nil {
		return err
	}
	if err := device.Zero(b.t, b.arena.Stream, b.results.all); err != nil {
		return err
	}
	if err := b.chunks(len(b.units), b.launch); err != nil {
		return err
	}
	var flat []int32
	if !b.summed {
		flat = make([]int32, counts)
		if err := b.download(flat, b.onDevice.counts.Slice(0, counts)); err != nil {
			return err
		}
	}
	sum, tied, err := b.fetch(b.results)
	if err != nil {
		return err
	}
	b.hand(flat, sum, tied)
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
		if b.tripled {
			if err := b.launchTriples(u); err != nil {
				return err
			}
			continue
		}
		split := b.split(u)
		rows := u.row1 - u.row0
		p := cuda.JointCounts{
			Columns: b.columns.Address(), Tasks: b.tasks.Address() + uint64(4*taskWords*u.task0), Barred: b.onDevice.barred.Address(),
			Counts: b.onDevice.counts.Address() + uint64(4*u.counts), Tied: b.results.tied.Address() + uint64(4*u.run),
			N: int32(b.rows), K: int32(b.K), Marginals: int32(b.marginals), First: int32(u.row0), Rows: int32(rows), Split: int32(split), Flag: b.flagged(rows * b.rows * u.runs()),
		}
		if b.orders != nil {
			p.Order = b.order.Address() + 4*uint64(u.order0-b.order0)*uint64(b.rows)
		}
		grid := device.Dim{X: (rows*split + 127) / 128, Y: u.order1 - u.order0, Z: u.task1 - u.task0}
		if err := b.t.Launch(b.arena.Stream, b.kernel, grid, p.Params()); err != nil {
			return err
		}
		if !b.summed {
			continue
		}
		sum := cuda.JointSums{Counts: p.Counts, Tables: b.tablesFrom(b.from), Sums: b.results.sums.Address() + uint64(8*u.run),
			Rows: p.Rows, Stride: p.N + 1, Marginals: p.Marginals, Flag: p.Flag}
		if err := b.t.Launch(b.arena.Stream, b.sum, device.Dim{X: (rows + 2047) / 2048, Y: grid.Y, Z: grid.Z}, sum.Params()); err != nil {
			return err
		}
	}
	return nil
}

// hand puts results where they belong, and gives away those that are whole.
func (b *portion) hand(flat []int32, sum func(int) int64, tied func(int) int) {
	for _, u := range b.units {
		count := u.row1 - u.row0
		for t := u.task0; t < u.task1; t++ {
			task := b.group.tasks[t]
			for s := u.order0; s < u.order1; s++ {
				run := (t-u.task0)*(u.order1-u.order0) + s - u.order0
				if b.summed {
					b.takeSum(task, s, count, sum(u.run+run), tied(u.run+run))
				} else {
					b.take(task, s, u.row0, u.row1, flat[u.counts+run*b.marginals*count:], tied(u.run+run))
				}
			}
		}
	}
}
