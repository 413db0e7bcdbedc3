package triples

import "surprisal/gpu/internal/neighbours"

// Most is how many rows and neighbours the kernels do.
const (
	MostRows       = 2048
	MostNeighbours = 4
)

// Plan is a problem laid out for the kernels.
type Plan struct {
	Columns [3]int // the key, A, which orderings reorder, and B
	Slots   Slots
}

// Slots are which of the marginals are those of the key alone, of the key and A, and
// of the key and B; -1: none. Plans of the same slots go together.
type Slots [3]int

// For lays a problem out, or says that the kernels do not do it: that it is of
// algorithm 2, has not three variables of one column each, no variable that all
// marginals have and no ordering reorders, or a marginal of all or twice the same.
func For(p neighbours.Problem) (Plan, bool) {
	if p.Box || len(p.Variables) != 3 || len(p.Marginals) == 0 {
		return Plan{}, false
	}
	for _, columns := range p.Variables {
		if len(columns) != 1 {
			return Plan{}, false
		}
	}
	all := ^uint32(0) // variables that all marginals have
	for _, m := range p.Marginals {
		all &= m
	}
	for key := range p.Variables {
		if all>>key&1 == 0 {
			continue
		}
		if plan, ok := by(p, key); ok {
			return plan, true
		}
	}
	return Plan{}, false
}

// by is the plan whose key is a variable.
func by(p neighbours.Problem, key int) (Plan, bool) {
	if key == p.Shuffled {
		return Plan{}, false
	}
	a, b := (key+1)%3, (key+2)%3
	if b == p.Shuffled {
		a, b = b, a
	}
	plan := Plan{Slots: Slots{-1, -1, -1}}
	for i, v := range []int{key, a, b} {
		plan.Columns[i] = p.Variables[v][0]
	}
	sets := [3]uint32{1 << key, 1<<key | 1<<a, 1<<key | 1<<b}
	for slot, m := range p.Marginals {
		found := false
		for i, set := range sets {
			if m == set && plan.Slots[i] < 0 {
				plan.Slots[i], found = slot, true
				break
			}
		}
		if !found {
			return Plan{}, false
		}
	}
	return plan, true
}
