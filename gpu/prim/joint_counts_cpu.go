package prim

import (
	"context"
	"math"
	"slices"
)

// run counts and hands the result of each problem under each ordering to done,
// one at a time. done must copy what it keeps.
func (p *plan) run(ctx context.Context, done func(problem, ordering, tied int, counts [][]int32)) error {
	for i, q := range p.Problems {
		counts := make([][]int32, len(q.Marginals))
		for m := range counts {
			counts[m] = make([]int32, p.rows)
		}
		for s := range max(1, len(q.Orders)) {
			tied := 0
			for row := range p.rows {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				if p.row(q, s, row, counts) {
					tied++
				}
			}
			done(i, s, tied, counts)
		}
	}
	return nil
}

type neighbour struct {
	d   float64
	row int
}

// row counts for one row and says whether its Kth neighbour is tied.
func (p *plan) row(q Problem, s, i int, counts [][]int32) bool {
	first, last := p.barred.of(i)
	var all []neighbour
	for j := range p.rows {
		if j >= first && j <= last {
			continue
		}
		d := 0.0
		for v := range q.Variables {
			d = max(d, p.distance(q, s, v, i, j))
		}
		all = append(all, neighbour{d, j})
	}
	slices.SortFunc(all, func(a, b neighbour) int {
		if a.d != b.d {
			if a.d < b.d {
				return -1
			}
			return 1
		}
		return a.row - b.row
	})
	e := make([]float64, len(q.Variables))
	for v := range e {
		for _, n := range all[:p.K] {
			e[v] = max(e[v], p.distance(q, s, v, i, n.row))
		}
		if p.Algorithm == Ball {
			e[v] = math.Nextafter(all[p.K-1].d, -1)
		}
	}
	for m, set := range q.Marginals {
		counts[m][i] = 0
		for _, n := range all {
			near := true
			for v := range e {
				near = near && (!set.Has(v) || p.distance(q, s, v, i, n.row) <= e[v])
			}
			if near {
				counts[m][i]++
			}
		}
	}
	return len(all) > p.K && all[p.K].d == all[p.K-1].d
}

func (p *plan) distance(q Problem, s, v, i, j int) float64 {
	if q.Orders != nil && v == q.Shuffled {
		i, j = int(q.Orders[s][i]), int(q.Orders[s][j])
	}
	d := 0.0
	for _, c := range q.Variables[v] {
		x := p.Columns[c][i] - p.Columns[c][j]
		if p.Norm == Euclid {
			d += float64(x * x)
		} else {
			d = max(d, math.Abs(x))
		}
	}
	return d
}
