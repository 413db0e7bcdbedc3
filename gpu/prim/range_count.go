package prim

// rangeCount counts, for all points of a leaf together, the points of a tree
// that lie within a radius a variable. Each goroutine has its own.
type rangeCount struct {
	t      *tree
	of     []int // of each column of the tree, the place of its radius
	own    []float64
	radius [leafSize][]int64 // by point, then by place
	most   []int64           // by place, over the points of the leaf
	least  []int64
	count  [leafSize]int32
	stack  []int
	sum    Sum // for the user of the counts
}

func newRangeCount(t *tree, of []int, places int) *rangeCount {
	r := &rangeCount{t: t, of: of, most: make([]int64, places), least: make([]int64, places)}
	for q := range r.radius {
		r.radius[q] = make([]int64, places)
	}
	return r
}

// leaf counts for the points of leaf j, which are [a, b) in the tree. radius
// gives the radii of a row, by place; a point is within if no variable is
// farther off, and −1 keeps all out. The counts are in r.count.
func (r *rangeCount) leaf(j int, radius func(row int32, to []int64)) (a, b int) {
	t := r.t
	a, b = t.start(j, t.depth), t.start(j+1, t.depth)
	r.own = t.box(1<<t.depth + j)
	for q := range b - a {
		radius(t.rows[a+q], r.radius[q])
		for v, d := range r.radius[q] {
			if q == 0 {
				r.most[v], r.least[v] = d, d
			}
			r.most[v], r.least[v] = max(r.most[v], d), min(r.least[v], d)
		}
		r.count[q] = 0
	}
	leaves := 1 << t.depth
	r.stack = append(r.stack[:0], 1)
	for len(r.stack) > 0 {
		node := r.stack[len(r.stack)-1]
		r.stack = r.stack[:len(r.stack)-1]
		box := t.box(node)
		switch {
		case t.outside(r.own, box, r.of, r.most):
		case t.inside(r.own, box, r.of, r.least):
			n := int32(t.size(node))
			for q := range b - a {
				r.count[q] += n
			}
		case node >= leaves:
			r.scan(node-leaves, a, b)
		default:
			r.stack = append(r.stack, 2*node+1, 2*node)
		}
	}
	return a, b
}

// scan counts the points of a leaf one by one, for each point [a, b).
func (r *rangeCount) scan(j, a, b int) {
	t := r.t
	from, to := t.start(j, t.depth), t.start(j+1, t.depth)
	box := t.box(1<<t.depth + j)
	for q := range b - a {
		radius := r.radius[q]
		if t.beside(box, a+q, r.of, radius) {
			continue
		}
		var beyond [leafSize]int64 // negative where a point is too far off
		d := 0
		for _, end := range t.ends {
			limit := radius[r.of[d]]
			if t.squared {
				var sum [leafSize]float64
				for ; d < end; d++ {
					x, at := t.x[d][from:to], t.x[d][a+q]
					for i, v := range x {
						s := at - v
						sum[i&(leafSize-1)] += float64(s * s)
					}
				}
				for i := range beyond {
					beyond[i] |= limit - distanceBits(sum[i])
				}
				continue
			}
			for ; d < end; d++ {
				x, at := t.x[d][from:to], t.x[d][a+q]
				for i, v := range x {
					beyond[i&(leafSize-1)] |= limit - distanceBits(at-v)
				}
			}
		}
		n := int32(to - from)
		for _, v := range beyond[:to-from] {
			n += int32(v >> 63)
		}
		r.count[q] += n
	}
}

// size is the number of points of a node.
func (t *tree) size(node int) int {
	depth := 0
	for node>>depth > 1 {
		depth++
	}
	j := node - 1<<depth
	return t.start(j+1, depth) - t.start(j, depth)
}

// outside says whether all points of two boxes are farther apart than the
// radius of some variable.
func (t *tree) outside(a, b []float64, of []int, radius []int64) bool {
	d := 0
	for _, end := range t.ends {
		limit, sum := radius[of[d]], 0.0
		for ; d < end; d++ {
			s := max(0, a[2*d]-b[2*d+1], b[2*d]-a[2*d+1])
			if t.squared {
				sum += float64(s * s)
			} else {
				sum = max(sum, s)
			}
		}
		if distanceBits(sum) > limit {
			return true
		}
	}
	return false
}

// inside says whether all points of two boxes are within the radius of every
// variable of each other.
func (t *tree) inside(a, b []float64, of []int, radius []int64) bool {
	d := 0
	for _, end := range t.ends {
		limit, sum := radius[of[d]], 0.0
		for ; d < end; d++ {
			s := max(a[2*d+1]-b[2*d], b[2*d+1]-a[2*d])
			if t.squared {
				sum += float64(s * s)
			} else {
				sum = max(sum, s)
			}
		}
		if distanceBits(sum) > limit {
			return false
		}
	}
	return true
}

// beside says whether all points of a box are farther from point q than the
// radius of some variable. A transfer entropy of ten columns and 10^4 rows takes
// 0.85 s with this test and 1.49 s without.
func (t *tree) beside(box []float64, q int, of []int, radius []int64) bool {
	d := 0
	for _, end := range t.ends {
		limit := radius[of[d]]
		if t.squared {
			sum := 0.0
			for ; d < end; d++ {
				v := t.x[d][q]
				s := max(0, box[2*d]-v, v-box[2*d+1])
				sum += float64(s * s)
			}
			if distanceBits(sum) > limit {
				return true
			}
			continue
		}
		for ; d < end; d++ {
			v := t.x[d][q]
			if max(0, side(box[2*d], v), side(v, box[2*d+1])) > limit {
				return true
			}
		}
	}
	return false
}
