package causal

import (
	"cmp"
	"math"
	"slices"
)

// BenjaminiHochberg returns, for each p-value, the smallest false discovery
// rate at which it is significant among all of them: q_(i) = min over j >= i of
// p_(j)·m/j, p sorted ascending (Benjamini and Hochberg 1995). A NaN stays NaN
// and counts as no test. p is not modified.
func BenjaminiHochberg(p []float64) []float64 {
	q := slices.Clone(p)
	var order []int
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	least := 1.0
	for j := len(order); j > 0; j-- {
		i := order[j-1]
		least = min(least, p[i]*float64(len(order))/float64(j))
		q[i] = least
	}
	return q
}
