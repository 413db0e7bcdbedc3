package windows

import (
	"fmt"
	"slices"

	"surprisal/gpu/internal/neighbours"
)

// Plan is a problem laid out for the kernels: one column is the key. Marginals of
// its variable are counted in windows, others of one column alone on a line, and
// those that are left over all rows.
type Plan struct {
	places    []int  // columns, the key first
	shuffled  uint32 // bit c: the c-th of them is reordered
	ends      uint32 // bit c: the c-th is the last of its variable
	box       bool
	sets      [3]uint32 // of places
	slots     [3]int    // which marginals those are; -1: none
	lines     []line
	marginals int
}

// line is a marginal of one column that is not of the key's variable.
type line struct {
	place, slot int // of the column among those of the plan
}

// Alone says whether the kernels do without the barred rows if no row has others
// barred than itself.
func (p Plan) Alone() bool { return len(p.lines) == 0 }

// radii is how many a row has: one, or one of each column.
func (p Plan) radii() int {
	if p.box {
		return len(p.places)
	}
	return 1
}

// radius is which of them a line has.
func (p Plan) radius(l line) int {
	if p.box {
		return l.place
	}
	return 0
}

// kernel is its name.
func (p Plan) kernel() string {
	d := len(p.places)
	switch {
	case p.box:
		return "joint_windows_d0_box"
	case d > 3:
		d = 0
	}
	return fmt.Sprintf("joint_windows_d%d", d)
}

// task is what the kernels read of a plan whose key is so sorted.
func (p Plan) task(key int) (task [words]uint32) {
	for i, c := range p.places {
		task[i/2] |= uint32(c) << (16 * (i % 2))
	}
	task[8], task[10] = uint32(key), p.shuffled
	return task
}

// A problem has so many columns at most, and they lie below that number.
const (
	most       = 16
	mostColumn = 65536
)

// For lays a problem out, or says that the kernels do not do it: that it has too
// many columns or marginals, or one column, or that all variables are reordered.
func For(p neighbours.Problem) (Plan, bool) {
	best, found := Plan{}, false
	for v := range p.Variables {
		if plan, ok := by(p, v); ok && (!found || plan.cost() < best.cost()) {
			best, found = plan, true
		}
	}
	return best, found
}

// cost is for comparing plans: to look at all rows costs more than a sort.
func (p Plan) cost() int {
	cost := len(p.lines)
	for _, set := range p.sets {
		if set&1 == 0 {
			cost += most
		}
	}
	return cost
}

// by is the plan whose key is a column of variable v.
func by(p neighbours.Problem, v int) (Plan, bool) {
	if v == p.Shuffled || len(p.Variables[v]) == 0 {
		return Plan{}, false
	}
	plan := Plan{slots: [3]int{-1, -1, -1}, box: p.Box, marginals: len(p.Marginals)}
	sets := make([]uint32, len(p.Variables)) // of places
	for _, u := range slices.Concat([]int{v}, others(len(p.Variables), v)) {
		for _, c := range p.Variables[u] {
			place := len(plan.places)
			if place == most || c >= mostColumn {
				return Plan{}, false
			}
			plan.places = append(plan.places, c)
			sets[u] |= 1 << place
			if u == p.Shuffled {
				plan.shuffled |= 1 << place
			}
		}
		if len(p.Variables[u]) > 0 {
			plan.ends |= 1 << (len(plan.places) - 1)
		}
	}
	swept := 0
	for slot, m := range p.Marginals {
		set := uint32(0)
		for u := range p.Variables {
			if m>>u&1 == 1 {
				set |= sets[u]
			}
		}
		switch {
		case set&1 == 0 && set != 0 && set&(set-1) == 0:
			place := 0
			for set>>place != 1 {
				place++
			}
			plan.lines = append(plan.lines, line{place, slot})
		case set != 0 && swept < 3:
			plan.sets[swept], plan.slots[swept] = set, slot
			swept++
		default:
			return Plan{}, false
		}
	}
	for m := swept; m < 3; m++ {
		plan.sets[m] = 1 // costs nothing
	}
	plan.order()
	return plan, len(plan.places) > 1
}

// order puts the smallest set first, as the kernel for three columns has a path for.
func (p *Plan) order() {
	for range 2 {
		for m := range 2 {
			if p.sets[m+1] < p.sets[m] {
				p.sets[m], p.sets[m+1] = p.sets[m+1], p.sets[m]
				p.slots[m], p.slots[m+1] = p.slots[m+1], p.slots[m]
			}
		}
	}
}

func others(n, but int) (out []int) {
	for v := range n {
		if v != but {
			out = append(out, v)
		}
	}
	return out
}
