package windows

import "slices"

// Problem is a set of variables and what to count in it, as in package prim.
type Problem struct {
	Variables [][]int  // of each variable, its columns
	Marginals []uint32 // bit v: variable v takes part
	Shuffled  int      // the variable that orderings reorder; -1: none
}

// Plan is a problem laid out for the kernels: one column is the key. Marginals of
// its variable are counted in windows, and others if they have one column alone.
type Plan struct {
	places    []int     // columns, the key first
	shuffled  uint32    // bit c: the c-th of them is reordered
	sets      [3]uint32 // of places
	slots     [3]int    // which marginals those are; -1: none
	lines     []line
	marginals int
}

// line is a marginal of one column that is not of the key's variable.
type line struct {
	column, slot int
	reordered    bool
}

// Most is how many columns a problem may have, and below which number they lie.
const (
	Most       = 16
	MostColumn = 256
)

// Plan lays a problem out, or says that the kernels do not do it: that no variable
// that stays in place has all marginals of several columns.
func (p Problem) Plan() (Plan, bool) {
	best, found := Plan{}, false
	for v := range p.Variables {
		if plan, ok := p.by(v); ok && (!found || len(plan.lines) < len(best.lines)) {
			best, found = plan, true
		}
	}
	return best, found
}

// by is the plan whose key is a column of variable v.
func (p Problem) by(v int) (Plan, bool) {
	if v == p.Shuffled || len(p.Variables[v]) == 0 {
		return Plan{}, false
	}
	plan := Plan{slots: [3]int{-1, -1, -1}, marginals: len(p.Marginals)}
	sets := make([]uint32, len(p.Variables)) // of places
	for _, u := range slices.Concat([]int{v}, others(len(p.Variables), v)) {
		for _, c := range p.Variables[u] {
			place := len(plan.places)
			if place == Most || c >= MostColumn {
				return Plan{}, false
			}
			plan.places = append(plan.places, c)
			sets[u] |= 1 << place
			if u == p.Shuffled {
				plan.shuffled |= 1 << place
			}
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
		case set&1 == 1 && swept < 3:
			plan.sets[swept], plan.slots[swept] = set, slot
			swept++
		case set&1 == 0 && set != 0 && set&(set-1) == 0:
			place := 0
			for set>>place != 1 {
				place++
			}
			plan.lines = append(plan.lines, line{plan.places[place], slot, plan.shuffled&set != 0})
		default:
			return Plan{}, false
		}
	}
	plan.order()
	return plan, len(plan.places) > 1
}

// order puts the smallest set first, as the kernel for three columns has it.
func (p *Plan) order() {
	for range 2 {
		for m := range 2 {
			if a, b := p.sets[m], p.sets[m+1]; p.slots[m+1] >= 0 && b < a {
				p.sets[m], p.sets[m+1] = b, a
				p.slots[m], p.slots[m+1] = p.slots[m+1], p.slots[m]
			}
		}
	}
	for m := range p.slots {
		if p.slots[m] < 0 {
			p.sets[m] = 1 // costs nothing
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
