package prim

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/triples"
	"surprisal/gpu/place"
)

// Between worthOfGPU pairs of rows, which pay for the start of a GPU's context, and
// bruteRows rows a GPU is the faster one. Beyond, the trees of the CPU beat what
// compares row with row: of a million rows of three columns a kernel for groups
// took 10.8 s on an H200, and one core 2.4 s. Windows and boxes have no such end.
const (
	worthOfGPU = 1 << 28
	bruteRows  = 1 << 18
)

func (p *plan) worthGPU() bool {
	items := 0
	for i, q := range p.Problems {
		items += max(1, len(q.Orders))
		if p.rows > bruteRows {
			if _, ok := p.isSwept(i); !ok {
				return false
			}
		}
	}
	return float64(items)*float64(p.rows)*float64(p.rows) >= worthOfGPU
}

// run counts, where the place says, and adds up the entries of tables that the
// counts name if there are any. It hands the result of each item to done, which
// may be called from several goroutines, and takes from the result what it keeps.
func (p *plan) run(ctx context.Context, tables [][]int64, done func(item, *result)) error {
	if ctx == nil {
		return fmt.Errorf("prim: joint counts: %w", errNoContext)
	}
	d, automatic, err := place.Choose(p.On, p.worthGPU())
	if err != nil {
		return err
	}
	return p.runAt(ctx, d, automatic, tables, done)
}

func (p *plan) runAt(ctx context.Context, d gpu.Device, automatic bool, tables [][]int64, done func(item, *result)) error {
	if d.Place == gpu.CPU {
		return p.runCPU(ctx, tables, done)
	}
	err := p.runCUDA(ctx, d, tables, done)
	if err != nil && automatic && ctx.Err() == nil {
		return p.runCPU(ctx, tables, done)
	}
	return err
}

// mostOnDevice is how many rows kernels count: they find the first and the last barred
// row of row i at 2i and 2i+1, in 32 bits.
const mostOnDevice = 1 << 30

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

	columns  device.Buffer[float64]
	barred   device.Buffer[int32]
	tablesOn device.Buffer[int64] // [marginals][N+1]; empty: nobody has asked for them
	reach    float64

	barsThere, tablesThere bool           // what is in them has been given to a stream
	beside                 *device.Stream // for that; nil: that of the arena
	ahead                  bool           // there are copies that this does not wait for yet

	flag    *device.Flag // raised when ctx ends; nil: there was none left
	counts  device.Buffer[int32]
	order   device.Buffer[int32]
	partial map[item]*partial
	whole   partial // one after another

	layout *triples.Layout // for groups that a block a problem counts
}

// partial is an item some of whose marginals are missing.
type partial struct {
	result
	left int
}

// runCUDA counts on a device, or shares the batch out among several.
func (p *plan) runCUDA(ctx context.Context, d gpu.Device, tables [][]int64, done func(item, *result)) error {
	if p.rows > mostOnDevice {
		return &TooManyError{N: p.rows, Max: mostOnDevice, OnDevice: true}
	}
	several := d.Several()
	if len(several) < 2 {
		return d.Do(func(t *device.Thread) error { return p.runOn(ctx, t, d.Place, tables, done) })
	}
	if err := p.checkValues(); err != nil {
		return err
	}
	parts := p.parts(4 * len(several))
	return device.Split(ctx, several, len(parts), func(ctx context.Context, t *device.Thread, i int) error {
		part := parts[i]
		return part.runOn(ctx, t, d.Place, tables, func(it item, r *result) {
			done(item{part.problem + it.problem, part.ordering + it.ordering}, r)
		})
	})
}

// part is some of the problems of a plan, or some of the orderings of one.
type part struct {
	*plan
	problem, ordering int // its first
}

// parts cuts a batch into about n.
func (p *plan) parts(n int) (all []part) {
	of := func(problems []Problem, problem, ordering int) {
		q := *p
		q.Problems = problems
		all = append(all, part{&q, problem, ordering})
	}
	if len(p.Problems) >= n || len(p.Problems) == 0 {
		for i := range n {
			if from, to := i*len(p.Problems)/n, (i+1)*len(p.Problems)/n; to > from {
				of(p.Problems[from:to], from, 0)
			}
		}
		return all
	}
	for i, q := range p.Problems {
		orders := len(q.Orders)
		if orders == 0 {
			of(p.Problems[i:i+1], i, 0)
		}
		each := max(1, orders*len(p.Problems)/n)
		for s := 0; s < orders; s += each {
			some := q
			some.Orders = q.Orders[s:min(orders, s+each)]
			of([]Problem{some}, i, s)
		}
	}
	return all
}

func (p *plan) runOn(ctx context.Context, t *device.Thread, at gpu.Place, tables [][]int64, done func(item, *result)) error {
	a, err := t.Arena("joint counts")
	if err != nil {
		return err
	}
	defer a.Close()
	o := &onDevice{plan: p, ctx: ctx, at: at, t: t, arena: a, tables: tables, done: done, partial: map[item]*partial{}}
	if o.flag, err = t.Flag(ctx); err == nil {
		defer o.flag.Close()
	} else if !errors.Is(err, gpu.ErrOutOfMemory) {
		return err
	}
	if err := o.run(); err != nil {
		o.join()
		t.Wait(ctx, a.Stream) // what it was given reads the flag and the arena
		return err
	}
	return nil
}

func (o *onDevice) run() (err error) {
	if o.columns, err = device.Upload(o.t, o.arena, o.Columns...); err != nil {
		return err
	}
	if o.barred, err = device.Alloc[int32](o.t, o.arena, 2*o.rows); err != nil {
		return err
	}
	o.planTriples()
	groups, alone, err := o.groups()
	if err != nil {
		return err
	}
	if err := o.sweep(alone); err != nil {
		return err
	}
	if err := o.layTriples(groups); err != nil {
		return err
	}
	for _, g := range groups {
		if err := o.group(g); err != nil {
			return err
		}
	}
	return o.checkValues() // if there was nothing to count
}

// flagged is the address of the flag for a launch of so many pairs of rows: to look
// takes some microseconds, and launches that are not among the longest end soon.
func (o *onDevice) flagged(pairs int) uint64 {
	if o.flag == nil || pairs < cmp.Or(o.pairs, launchPairs)/4 {
		return 0
	}
	return o.flag.Address()
}

// late writes what is wanted of barred rows and tables where they are to lie, and looks
// at the values, once: kernels that sort do without, so that the device has begun by the
// time, and copies beside them.
func (o *onDevice) late(bars, tables bool) (err error) {
	bars, tables = bars && !o.barsThere, tables && !o.tablesThere && o.tablesOn.Len() > 0
	s := cmp.Or(o.beside, o.arena.Stream)
	o.ahead = o.ahead || bars || tables
	if bars {
		o.barsThere = true
		err = device.WriteBy(o.t, s, o.barred, o.bar)
	}
	if tables && err == nil {
		o.tablesThere = true
		err = o.writeTables(s)
	}
	if err == nil {
		err = o.checkValues() // while it is copied
	}
	return cmp.Or(err, o.meet())
}

// fork lets late copy beside what the stream is given from now on. Memory for what it
// writes is there by then.
func (o *onDevice) fork() (err error) {
	if o.beside != nil {
		return nil
	}
	if o.beside, err = o.t.Stream(); err != nil {
		return err
	}
	return o.t.Order(o.arena.Stream, o.beside)
}

// meet has the stream wait for copies beside it.
func (o *onDevice) meet() error {
	if o.beside == nil || !o.ahead {
		return nil
	}
	o.ahead = false
	return o.t.Order(o.beside, o.arena.Stream)
}

// join does so too, and has late copy on the stream from now on.
func (o *onDevice) join() error {
	if o.beside == nil {
		return nil
	}
	err := o.meet()
	o.beside.Release()
	o.beside = nil
	return err
}

// bar writes the first and the last barred row of some.
func (o *onDevice) bar(from int, to []int32) {
	row := from / 2
	for ; o.Window == 0 && len(to) >= 2; row++ {
		to[0], to[1], to = int32(row), int32(row), to[2:]
	}
	for ; len(to) >= 2; row++ {
		lo, hi := o.plan.barred.of(row)
		to[0], to[1], to = int32(lo), int32(hi), to[2:]
	}
}

// item is what is known so far about an item.
func (o *onDevice) item(it item) *partial {
	r := o.partial[it]
	if r == nil {
		marginals := len(o.Problems[it.problem].Marginals)
		r = &partial{left: o.rows * max(1, (marginals+2)/3)}
		r.sum = Sum{Rows: o.rows, Place: o.at}
		if o.tables == nil {
			r.counts = grownEach(r.counts, marginals, o.rows)
		}
		o.partial[it] = r
	}
	return r
}

// take adds the counts of some rows of an item.
func (o *onDevice) take(t task3, s, row0, row1 int, counts []int32, tied int) {
	it, rows := item{t.problem, s}, row1-row0
	r := o.item(it)
	r.tie(t, tied)
	for m := t.from; m < min(len(o.Problems[t.problem].Marginals), t.from+3); m++ {
		part := counts[(m-t.from)*rows:][:rows]
		if o.tables == nil {
			copy(r.counts[m][row0:row1], part)
			continue
		}
		if table := o.tables[m]; table != nil {
			for _, n := range part {
				r.sum.add(table[n])
			}
		}
	}
	o.taken(it, r, rows)
}

// takeSum adds the sum of some rows of an item.
func (o *onDevice) takeSum(t task3, s, rows int, sum int64, tied int) {
	it, marginals := item{t.problem, s}, len(o.Problems[t.problem].Marginals)
	var r *partial
	if rows == o.rows && marginals <= 3 { // nothing else comes
		r = &o.whole
		*r = partial{result{sum: Sum{Rows: rows, Place: o.at}}, rows}
	} else {
		r = o.item(it)
	}
	r.tie(t, tied)
	if t.from < marginals { // else it is that of nothing
		r.sum.add(sum)
	}
	o.taken(it, r, rows)
}

// tie adds tied rows, which every task of a problem has found.
func (r *partial) tie(t task3, tied int) {
	if t.from == 0 {
		r.sum.Tied += tied
	}
}

// taken hands an item over if nothing is missing.
func (o *onDevice) taken(it item, r *partial, rows int) {
	if r.left -= rows; r.left == 0 {
		o.done(it, &r.result)
		delete(o.partial, it)
	}
}
