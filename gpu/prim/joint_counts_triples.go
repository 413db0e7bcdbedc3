package prim

import (
	"cmp"
	"slices"

	"surprisal/gpu/internal/triples"
)

// From triplesTogether problems of three columns on, each ordering one, a batch of them
// is counted by a block each. On an H200 one of 1,000 rows took 174 µs from host to host
// by a block and 166 by the kernels of groups, four 178 and 329, and 1,024 of them 2.4
// and 6.1 ms; of 200 rows four took 104 and 182.
const triplesTogether = 4

// launchTriples are the pairs of rows of a launch of such: 2 ms of 1,000 rows on an H200.
const launchTriples = 1 << 32

// tripled is the plan of a problem that a block counts, if one does.
type tripled struct {
	triples.Plan
	ok bool
}

// planTriples finds the problems that are counted by a block each, if there are enough.
func (p *plan) planTriples() {
	p.triples = make([]tripled, len(p.Problems))
	if p.Norm != Max || p.K > triples.MostNeighbours || p.rows > triples.MostRows || len(p.Columns) > 65535 {
		return
	}
	items := 0
	for i := range p.Problems {
		q, t := &p.Problems[i], &p.triples[i]
		if t.Plan, t.ok = triples.For(p.counted(q)); t.ok {
			items += max(1, len(q.Orders))
		}
	}
	if items < cmp.Or(p.triplesFrom, triplesTogether) {
		clear(p.triples)
	}
}

// layTriples lays out the columns of groups that are counted by a block each, and
// says of their tasks where those are.
func (o *onDevice) layTriples(groups []*group) (err error) {
	var columns []int
	for _, g := range groups {
		if !g.tripled {
			continue
		}
		columns = slices.Grow(columns, 3*len(g.tasks))
		g.words = make([]uint32, 0, triples.Words*len(g.tasks))
		for _, t := range g.tasks {
			columns = append(columns, o.triples[t.problem].Columns[:]...)
		}
	}
	if columns == nil {
		return nil
	}
	if _, err := o.summed(o.rows); err != nil {
		return err
	}
	if err := o.fork(); err != nil {
		return err
	}
	if o.layout, err = triples.Lay(o.t, o.arena, o.columns, o.rows, columns); err != nil {
		return err
	}
	for _, g := range groups {
		if !g.tripled {
			continue
		}
		for _, t := range g.tasks {
			words := o.layout.Task(o.triples[t.problem].Plan)
			g.words = append(g.words, words[:]...)
		}
	}
	return nil
}

// launchTriples counts a unit by a block a problem and ordering.
func (b *portion) launchTriples(u unit) error {
	c := triples.Launch{
		Tasks: b.tasks.Address() + uint64(4*triples.Words*u.task0), Barred: b.onDevice.barred.Address(),
		Tied:  b.results.tied.Address() + uint64(4*u.run),
		Slots: b.slots, Marginals: b.marginals, K: b.K, Alone: b.Window == 0,
		TaskCount: u.task1 - u.task0, Orderings: u.order1 - u.order0,
	}
	if b.orders != nil {
		c.Order = b.order.Address() + 4*uint64(u.order0-b.order0)*uint64(b.rows)
	}
	if b.summed {
		c.Tables, c.Sums = b.tablesFrom(b.from), b.results.sums.Address()+uint64(8*u.run)
	} else {
		c.Counts = b.onDevice.counts.Address() + uint64(4*u.counts)
	}
	return b.layout.Run(b.t, b.arena.Stream, c)
}
