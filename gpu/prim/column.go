package prim

import "math"

// column is a column in order of value, with an index that finds the end of a
// range of values in a step or two: buckets of equal width, as many as values.
// Halving the range would take log2(N) steps, half of them mispredicted.
type column struct {
	values []float64 // in order
	first  []int32   // of each bucket and one more, its first rank
	lo     float64
	scale  float64 // buckets a unit
	placed
}

// placed is where the values of a column lie. A reordered column shares its
// order of value with the original and is placed otherwise.
type placed struct {
	x    []float64 // by row
	row  []int32   // by rank
	rank []int32   // by row
}

func newColumn(h *halt, s *sorter, x []float64) *column {
	n := len(x)
	c := &column{values: make([]float64, n), first: make([]int32, n>>1+2), placed: placed{x, make([]int32, n), make([]int32, n)}}
	s.sort(h, x, c.row)
	if h.now() {
		return c
	}
	for r, i := range c.row {
		c.values[r] = x[i]
		c.rank[i] = int32(r)
	}
	c.lo = c.values[0]
	if c.scale = float64(n>>1+1) / (c.values[n-1] - c.lo); math.IsInf(c.scale, 0) || math.IsNaN(c.scale) {
		c.scale = 0 // all values are equal, or as good as that
	}
	b := 0
	for r, v := range c.values {
		for at := c.bucket(v); b <= at; b++ {
			c.first[b] = int32(r)
		}
	}
	for ; b < len(c.first); b++ {
		c.first[b] = int32(n)
	}
	return c
}

func (c *column) bucket(v float64) int {
	return max(0, min(int((v-c.lo)*c.scale), len(c.first)-1)) // 0 too where the product overflows
}

// range returns the ranks [a, b) of the values that are at most r away from q,
// which is one of the values. Every decision is made on the difference as
// float64 rounds it.
func (c *column) within(q, r float64) (a, b int32) {
	if r < 0 {
		return 0, 0
	}
	v := c.values
	i := int(c.first[c.bucket(q-r)])
	for n := 0; i > 0 && q-v[i-1] <= r; i-- {
		if n++; n > 8 {
			i = c.search(0, i, func(i int) bool { return q-v[i] <= r })
			break
		}
	}
	for n := 0; i < len(v) && q-v[i] > r; i++ {
		if n++; n > 8 {
			i = c.search(i, len(v), func(i int) bool { return q-v[i] <= r })
			break
		}
	}
	j := int(c.first[c.bucket(q+r)])
	for n := 0; j < len(v) && v[j]-q <= r; j++ {
		if n++; n > 8 {
			j = c.search(j, len(v), func(i int) bool { return v[i]-q > r })
			break
		}
	}
	for n := 0; j > 0 && v[j-1]-q > r; j-- {
		if n++; n > 8 {
			j = c.search(0, j, func(i int) bool { return v[i]-q > r })
			break
		}
	}
	return int32(i), int32(j)
}

// search returns the first i in [lo, hi) at which yes, false before and true
// from then on, holds; hi if there is none.
func (c *column) search(lo, hi int, yes func(int) bool) int {
	for lo < hi {
		if mid := int(uint(lo+hi) >> 1); yes(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// reorder returns the column with the values of row order[i] at row i, in
// memory of p. inverse undoes order.
func (c *column) reorder(order, inverse []int32, p *placed) *column {
	n := len(order)
	if cap(p.x) < n {
		*p = placed{make([]float64, n), make([]int32, n), make([]int32, n)}
	}
	p.x, p.row, p.rank = p.x[:n], p.row[:n], p.rank[:n]
	for i, from := range order {
		p.x[i], p.rank[i] = c.x[from], c.rank[from]
	}
	for r, i := range c.row {
		p.row[r] = inverse[i]
	}
	return &column{c.values, c.first, c.lo, c.scale, *p}
}
