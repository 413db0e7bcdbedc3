package boxes

import (
	"cmp"
	"math/bits"
	"slices"

	"surprisal/gpu/internal/neighbours"
)

// Plan is a problem laid out for the kernels: neighbours are looked for in the boxes
// of all columns, marginals of two columns counted in boxes of those two, and
// marginals of one column among its sorted values.
type Plan struct {
	joint     layout
	mates     uint32 // of each of these columns three bits: which are of its variable
	box       bool
	planes    []plane
	lines     []line
	marginals int
}

// layout is the columns of boxes in the order in which they are cut.
type layout struct {
	columns  []int
	shuffled uint32 // bit c: the c-th is reordered
}

type plane struct {
	layout
	slot  int
	radii [2]int // which of the joint columns they are
}

type line struct {
	column, slot int
	reordered    bool
	radius       int // which of the joint columns it is
}

const most = 3 // columns of a problem

// column is a column while a problem is laid out.
type column struct {
	index, uses       int
	reordered, coarse bool
	set               uint32 // itself
}

// cut is negative if boxes are cut by c before they are cut by d: what has few values
// parts no rows, and comes last; what no ordering moves comes first, so that orderings
// share that work; and then what most marginals have, so that they share its sorting.
func (c column) cut(d column) int {
	first := func(c, d bool) int {
		switch {
		case c == d:
			return 0
		case c:
			return -1
		}
		return 1
	}
	return cmp.Or(first(d.coarse, c.coarse), first(d.reordered, c.reordered), cmp.Compare(d.uses, c.uses))
}

// For lays a problem out, or says that the kernels do not do it: that there are more
// columns than three, or marginals of none or of all.
func For(p neighbours.Problem) (Plan, bool) {
	var columns []column
	sets := make([]uint32, len(p.Variables))
	for v, list := range p.Variables {
		for _, c := range list {
			set := uint32(1) << len(columns)
			sets[v] |= set
			columns = append(columns, column{c, 0, v == p.Shuffled, p.Coarse != nil && p.Coarse(c), set})
		}
		if len(columns) > most {
			return Plan{}, false
		}
	}
	if len(columns) < 2 {
		return Plan{}, false
	}
	var marginals []uint32 // as sets of columns
	for _, m := range p.Marginals {
		set := uint32(0)
		for v := range p.Variables {
			if m>>v&1 == 1 {
				set |= sets[v]
			}
		}
		if n := bits.OnesCount32(set); n < 1 || n > 2 {
			return Plan{}, false
		}
		marginals = append(marginals, set)
		for c := range columns {
			columns[c].uses += int(set >> c & 1)
		}
	}
	slices.SortStableFunc(columns, column.cut)
	plan := Plan{joint: lay(columns, 1<<len(columns)-1), box: p.Box, marginals: len(marginals)}
	for i, c := range columns {
		for j, other := range columns {
			if slices.ContainsFunc(sets, func(s uint32) bool { return s&c.set != 0 && s&other.set != 0 }) {
				plan.mates |= 1 << (most*i + j)
			}
		}
	}
	for slot, set := range marginals {
		l := lay(columns, set)
		var of []int // the joint columns
		for i, c := range columns {
			if set&c.set != 0 {
				of = append(of, i)
			}
		}
		if len(of) == 2 {
			plan.planes = append(plan.planes, plane{l, slot, [2]int(of)})
		} else {
			plan.lines = append(plan.lines, line{l.columns[0], slot, l.shuffled != 0, of[0]})
		}
	}
	return plan, true
}

// lay is the layout of some columns.
func lay(columns []column, set uint32) (l layout) {
	for _, c := range columns {
		if set&c.set != 0 {
			if c.reordered {
				l.shuffled |= 1 << len(l.columns)
			}
			l.columns = append(l.columns, c.index)
		}
	}
	return l
}
