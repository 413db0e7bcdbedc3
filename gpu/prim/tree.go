package prim

import "math/bits"

// leafSize is the largest number of points in a leaf. Searches handle the points
// of a leaf together, so that a box is tested once for all of them: 16 was
// faster than 8 and 32 for transfer entropy of 10^4 to 10^6 rows.
const leafSize = 16

// tree is a k-d tree: a complete binary tree whose nodes at depth t hold the
// points [j·n>>t, (j+1)·n>>t), so that it needs no pointers. Node 1 is the root,
// nodes 2h and 2h+1 are the children of h, and the leaves come last.
type tree struct {
	metric
	n, depth int
	rows     []int32     // by position in the tree
	x        [][]float64 // by column, then by position
	boxes    []float64   // of each node, for each column the least and the largest value
	least    []int32     // of each node, its first row; nil if nobody asked

	leaf, place []uint32 // scratch of build
}

// start returns the first position of node j at depth t.
func (t *tree) start(j, depth int) int { return j * t.n >> depth }

// build divides the points at the median again and again, along the column in
// which the parts are widest. The columns are in order already, so that a
// division is one pass over all rows in the order of its column, which deals
// them to their part's halves: selecting the median of each part by comparisons
// took five times as long.
func (t *tree) build(h *halt, m metric, columns []*column, least bool) {
	n := len(columns[0].row)
	t.metric, t.n, t.depth = m, n, bits.Len(uint(n-1)/leafSize)
	t.rows = grown(t.rows, n)
	t.leaf, t.place = grown(t.leaf, n), grown(t.place, 1<<t.depth)
	clear(t.leaf)
	copy(t.rows, columns[0].row)
	for depth := range t.depth {
		t.divide(h, columns[t.widest(columns, depth)].row, depth)
		if h.now() {
			return
		}
	}
	if len(t.x) < len(columns) {
		t.x = append(t.x, make([][]float64, len(columns)-len(t.x))...)
	}
	t.x = t.x[:len(columns)]
	for d, c := range columns {
		t.x[d] = grown(t.x[d], n)
		for i, row := range t.rows {
			t.x[d][i] = c.x[row]
		}
		if h.now() {
			return
		}
	}
	t.bound(least)
}

// divide deals the rows of each part at a depth to its two halves.
func (t *tree) divide(h *halt, order []int32, depth int) {
	n, place := uint64(t.n), t.place[:1<<depth]
	for j := range place {
		place[j] = uint32(uint64(j) * n >> depth)
	}
	for from := 0; from < len(order); from += block {
		if h.now() {
			return
		}
		for _, row := range order[from:min(len(order), from+block)] {
			j := t.leaf[row]
			at := place[j]
			place[j] = at + 1
			t.rows[at] = row
			j *= 2
			if uint64(at) >= uint64(j+1)*n>>(depth+1) {
				j++
			}
			t.leaf[row] = j
		}
	}
}

// widest returns the column in which rows of one part differ most, by a sample
// of 256 pairs. Any answer is right; a good one makes searches fast.
func (t *tree) widest(columns []*column, depth int) int {
	if len(columns) == 1 {
		return 0
	}
	best, widest := 0, -1.0
	parts := 1 << depth
	for d, c := range columns {
		sum := 0.0
		for k := range 256 {
			j := k * parts >> 8
			if parts > 256 {
				j += k * 7919 % (parts >> 8)
			}
			a, b := t.start(j, depth), t.start(j+1, depth)
			// Places inside the part that go through it in two different strides.
			p, q := a+(k*40503+d)%(b-a), a+(k*30011+7*k+3)%(b-a)
			diff := c.x[t.rows[p]] - c.x[t.rows[q]]
			if diff < 0 {
				diff = -diff
			}
			sum += diff
		}
		if sum > widest {
			best, widest = d, sum
		}
	}
	return best
}

// bound finds the boxes, from the leaves up.
func (t *tree) bound(least bool) {
	d2 := 2 * len(t.x)
	t.boxes = grown(t.boxes, d2<<(t.depth+1))
	leaves := 1 << t.depth
	for j := range leaves {
		a, b := t.start(j, t.depth), t.start(j+1, t.depth)
		box := t.box(leaves + j)
		for d, x := range t.x {
			lo, hi := x[a], x[a]
			for _, v := range x[a+1 : b] {
				if v < lo {
					lo = v
				}
				if v > hi {
					hi = v
				}
			}
			box[2*d], box[2*d+1] = lo, hi
		}
	}
	for h := leaves - 1; h > 0; h-- {
		box, l, r := t.box(h), t.box(2*h), t.box(2*h+1)
		for d := 0; d < d2; d += 2 {
			box[d], box[d+1] = min(l[d], r[d]), max(l[d+1], r[d+1])
		}
	}
	if !least {
		t.least = nil
		return
	}
	t.least = grown(t.least, 2<<t.depth)
	for j := range leaves {
		first := t.rows[t.start(j, t.depth)]
		for _, row := range t.rows[t.start(j, t.depth):t.start(j+1, t.depth)] {
			first = min(first, row)
		}
		t.least[leaves+j] = first
	}
	for h := leaves - 1; h > 0; h-- {
		t.least[h] = min(t.least[2*h], t.least[2*h+1])
	}
}

func (t *tree) box(node int) []float64 {
	d2 := 2 * len(t.x)
	return t.boxes[node*d2:][:d2:d2]
}

// grown returns a slice of length n, s itself if it is long enough.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
