package boxes

import (
	"slices"
	"testing"

	"surprisal/gpu/internal/neighbours"
)

// How columns come in order, and what is refused.
func TestPlan(t *testing.T) {
	coarse := func(columns ...int) func(int) bool { return func(c int) bool { return slices.Contains(columns, c) } }
	for _, c := range []struct {
		p      neighbours.Problem
		joint  []int // nil: refused
		reason string
	}{
		{neighbours.Problem{Variables: [][]int{{0}, {1}, {2}}, Marginals: []uint32{5, 6, 4}, Shuffled: -1}, []int{2, 0, 1}, "what all marginals have comes first"},
		{neighbours.Problem{Variables: [][]int{{0}, {1}, {2}}, Marginals: []uint32{5, 6, 4}, Shuffled: 0}, []int{2, 1, 0}, "what is reordered comes last"},
		{neighbours.Problem{Variables: [][]int{{0}, {1}, {2}}, Marginals: []uint32{5, 6, 4}, Shuffled: 0, Coarse: coarse(2)}, []int{1, 0, 2}, "and behind it what parts no rows"},
		{neighbours.Problem{Variables: [][]int{{7}, {9}}, Marginals: []uint32{1, 2, 1}, Shuffled: -1}, []int{7, 9}, "two columns"},
		{neighbours.Problem{Variables: [][]int{{0, 1}, {2}}, Marginals: []uint32{1, 2}, Shuffled: 0}, []int{2, 0, 1}, "a variable of two"},
		{neighbours.Problem{Variables: [][]int{{0}, {1}, {2}}, Marginals: []uint32{7}, Shuffled: -1}, nil, "a marginal of three columns"},
		{neighbours.Problem{Variables: [][]int{{0}, {}}, Marginals: []uint32{1}, Shuffled: -1}, nil, "one column"},
		{neighbours.Problem{Variables: [][]int{{0}, {1}, {}}, Marginals: []uint32{4}, Shuffled: -1}, nil, "a marginal of nothing"},
		{neighbours.Problem{Variables: [][]int{{0, 1}, {2, 3}}, Marginals: []uint32{1, 2}, Shuffled: -1}, nil, "four columns"},
	} {
		plan, ok := For(c.p)
		if ok != (c.joint != nil) || !slices.Equal(plan.joint.columns, c.joint) {
			t.Errorf("%s: %v, %v, want %v", c.reason, plan.joint.columns, ok, c.joint)
		}
	}
}

// Stretches cut rows into leaves about as long one way as the other.
func TestStretches(t *testing.T) {
	for _, c := range []struct {
		n, d int
		want []int // rows of each but the first
	}{
		{500, 2, []int{1024}},
		{100_000, 2, []int{2048}},          // √(32·100,000) = 1789
		{1_000_000, 2, []int{6144}},        // 5657
		{10_000, 3, []int{3072, 1024}},     // ∛(32²·10,000) = 217, but a node at least; √(10,000·1024) = 3200
		{1_000_000, 3, []int{31744, 1024}}, // 1008; √(1,000,000·1024) = 32,000
	} {
		all := stretches(c.n, c.d)
		var got []int
		for _, s := range all[1:] {
			got = append(got, s.Rows())
		}
		if all[0].Rows() < c.n || !slices.Equal(got, c.want) {
			t.Errorf("%d rows of %d columns: %v of %d, want %v", c.n, c.d, got, all[0].Rows(), c.want)
		}
	}
}
