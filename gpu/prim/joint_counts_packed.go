package prim

import (
	"cmp"

	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
)

// From boxRows rows on boxes are faster than windows. Before both became faster,
// transfer entropies of three columns took 0.19 against 0.13 ms at 10,000 rows on an
// H200, 0.6 against 1.7 at 100,000 and 5.4 against 56 at a million, the two in runs of
// their own.
// By algorithm 2, whose windows count in each column by a radius of its own, they took
// 0.17 against 0.12 ms at 5,000 rows, 0.20 against 0.21 at 10,000, 0.29 against 1.7 at
// 30,000 and 6.8 against 138 at a million; from host to host a dozen launches more
// take 0.1 ms.
const (
	boxRows    = 20_000
	boxRowsBox = 15_000
)

// boxesEnough is from how many rows on problems are counted in boxes.
func (p *plan) boxesEnough() int {
	if p.Algorithm == Box {
		return cmp.Or(p.boxesFrom, boxRowsBox)
	}
	return cmp.Or(p.boxesFrom, boxRows)
}

// boxes is the plan for a problem that is counted in boxes, if it is.
func (p *plan) boxes(problem int) (boxes.Plan, bool) {
	q := &p.Problems[problem]
	if p.Norm != Max || p.rows < p.boxesEnough() || len(q.Marginals) == 0 {
		return boxes.Plan{}, false
	}
	return boxes.For(p.counted(q))
}

// counted is a problem as the packages that lay rows out know it.
func (p *plan) counted(q *Problem) neighbours.Problem {
	return neighbours.Problem{Variables: q.Variables, Shuffled: q.moved(), Marginals: q.sets(), Box: p.Algorithm == Box, Coarse: p.coarse}
}

// coarse says whether a column has so few values that boxes are not to be cut by it
// first: in a sample, half of the values have been there before.
func (p *plan) coarse(column int) bool {
	const sample = 64
	seen := map[float64]bool{}
	for i := range sample {
		seen[p.Columns[column][i*p.rows/sample]] = true
	}
	return len(seen) <= sample/2
}

// moved is the variable that orderings reorder, or -1.
func (q *Problem) moved() int {
	if q.Orders == nil {
		return -1
	}
	return q.Shuffled
}

// sets are the marginals as sets of variables.
func (q *Problem) sets() []uint32 {
	sets := make([]uint32, len(q.Marginals))
	for i, m := range q.Marginals {
		sets[i] = uint32(m)
	}
	return sets
}

// pack counts in boxes. What takes longer than some milliseconds is waited for in
// between, so that the context is looked at.
func (o *onDevice) pack(a *device.Arena, plan boxes.Plan, in neighbours.Batch) (counts device.Buffer[int32], tied device.Buffer[uint32], err error) {
	work, err := plan.Prepare(o.t, a, in)
	if err != nil {
		return counts, tied, err
	}
	if in.N*in.Orderings <= cmp.Or(o.pairs, boxes.LaunchRows) {
		return work.Counts, work.Tied, work.Run(o.t, a.Stream)
	}
	err = device.Chunks{First: 8}.Run(o.ctx, o.t, a.Stream, work.Launches(), func(from, to int) error { return work.Launch(o.t, a.Stream, from, to) })
	return work.Counts, work.Tied, err
}
