package prim

import (
	"slices"

	"surprisal/gpu"
)

// task counts one item after another with the same memory.
type task struct {
	*engine
	threads int
	result  result

	q         *Problem
	variables [][]*column
	tree      tree
	marginals []marginal
	rest      *rest // nil: search by tree
	axes      []axis
	radius    [][]int64 // by variable, then row: what trees of marginals need; with Ball the first serves all

	inverse []int32
	placed  []placed
	pairs   []wavelet
	trees   []tree
	scratch []pairScratch
}

// worker is what each goroutine of a task has.
type worker struct {
	nearest *nearest
	radii   [leafSize]radii
	spans   [][leafSize]span // by axis
	apart   []int64          // by row; only with rest
	sum     Sum
}

// span is a range of ranks [lo, hi).
type span struct{ lo, hi int32 }

// put takes the count of marginal m at row i.
func (t *task) put(s *Sum, m, i int, n int32) {
	if t.tables == nil {
		t.result.counts[m][i] = n
	} else if table := t.tables[m]; table != nil {
		s.add(table[n])
	}
}

// leavesAtOnce is how many leaves a goroutine takes between two looks at the
// flag: about 0.3 ms.
const leavesAtOnce = 16

// run counts an item and says whether it came to its end.
func (t *task) run(it item) bool {
	t.q = &t.Problems[it.problem]
	t.place(it.ordering)
	t.index()
	if t.halt.now() {
		return false
	}
	t.result.sum = Sum{Rows: t.rows, Place: gpu.CPU}
	if t.tables == nil {
		t.result.counts = grownEach(t.result.counts, len(t.q.Marginals), t.rows)
	}
	if t.rest != nil {
		t.searchRest()
	} else {
		t.search()
	}
	for m := range t.marginals {
		if t.marginals[m].tree != nil {
			t.countTree(m)
		}
	}
	for _, m := range t.q.Marginals {
		if key, fixed := t.q.key(m); fixed {
			t.release(key)
		}
	}
	if t.rest != nil {
		t.release(t.q.restKey())
	}
	return !t.halt.now()
}

// place finds the columns of the variables under an ordering.
func (t *task) place(ordering int) {
	q := t.q
	t.variables = make([][]*column, len(q.Variables))
	for v, columns := range q.Variables {
		for _, c := range columns {
			t.variables[v] = append(t.variables[v], t.columns[c])
		}
	}
	if q.Orders == nil || t.halt.now() {
		return
	}
	order := q.Orders[ordering]
	t.inverse = grown(t.inverse, t.rows)
	for i, from := range order {
		t.inverse[from] = int32(i)
	}
	shuffled := t.variables[q.Shuffled]
	t.placed = grownKeep(t.placed, len(shuffled))
	for i, c := range shuffled {
		shuffled[i] = c.reorder(order, t.inverse, &t.placed[i])
	}
}

// index builds the tree of the joint space and the indices of the marginals,
// beside each other.
func (t *task) index() {
	var ends []int
	var joint []*column
	for _, columns := range t.variables {
		joint = append(joint, columns...)
		ends = append(ends, len(joint))
	}
	t.axes = t.axes[:0]
	t.marginals = make([]marginal, len(t.q.Marginals))
	t.pairs = grownKeep(t.pairs, len(t.marginals))
	t.trees = grownKeep(t.trees, len(t.marginals))
	t.scratch = grownKeep(t.scratch, t.threads)
	t.rest = t.findRest()
	for i, set := range t.q.Marginals {
		if t.rest != nil && set == t.q.restSet() {
			t.marginals[i] = marginal{set: set, rest: true}
		} else {
			t.marginals[i] = t.marginalOf(set)
		}
	}
	t.halt.each(t.threads, 1+len(t.marginals), func(worker, i int) {
		if i == 0 && t.rest != nil {
			return
		}
		if i == 0 {
			t.tree.build(t.halt, metric{t.Norm == Euclid, ends}, joint, t.Algorithm == Box)
			return
		}
		t.marginals[i-1].index(t, i-1, &t.scratch[worker])
	})
}

// search finds the neighbours of all rows and counts in the marginals that need
// no tree.
func (t *task) search() {
	t.keepRadii()
	workers := make([]*worker, t.threads)
	leaves := 1 << t.tree.depth
	t.halt.each(t.threads, (leaves+leavesAtOnce-1)/leavesAtOnce, func(at, chunk int) {
		w := workers[at]
		if w == nil {
			w = t.newWorker()
			workers[at] = w
		}
		for j := chunk * leavesAtOnce; j < min(leaves, (chunk+1)*leavesAtOnce); j++ {
			if t.halt.now() {
				return
			}
			a, b := w.nearest.leaf(j)
			t.leaf(w, a, b)
		}
	})
	for _, w := range workers {
		if w != nil {
			t.result.sum.plus(w.sum)
		}
	}
}

// keepRadii makes room for the radii of all rows, where trees of marginals need
// them.
func (t *task) keepRadii() {
	t.radius = t.radius[:0]
	if slices.ContainsFunc(t.marginals, func(m marginal) bool { return m.tree != nil }) {
		places := len(t.variables)
		if t.Algorithm == Ball {
			places = 1
		}
		t.radius = grownEach(t.radius, places, t.rows)
	}
}

func (t *task) newWorker() *worker {
	w := &worker{spans: make([][leafSize]span, len(t.axes))}
	if t.rest == nil {
		w.nearest = newNearest(&t.tree, t.K, &t.barred, t.Algorithm == Box)
	} else {
		w.apart = make([]int64, t.rows)
	}
	for q := range w.radii {
		w.radii[q] = radii{make([]int64, len(t.variables)), make([]float64, len(t.variables))}
	}
	return w
}

// leaf counts for the rows [a, b) of the tree, whose neighbours were just found.
func (t *task) leaf(w *worker, a, b int) {
	rows := t.tree.rows[a:b]
	for q, i := range rows {
		r := &w.radii[q]
		e, tied := w.nearest.radius(q)
		if tied {
			w.sum.Tied++
		}
		if t.Algorithm == Ball {
			for v := range r.bits {
				r.bits[v] = e - 1 // the next smaller float64: < e is <= that
			}
		} else {
			t.tree.extents(a+q, w.nearest.neighbours(q), r.bits)
		}
		r.derive(t.tree.squared)
		for v := range t.radius {
			t.radius[v][i] = r.bits[v]
		}
	}
	t.countRows(w, rows, func(x *axis) []float64 { return t.tree.x[x.place][a:b] })
}

// countRows counts for some rows, whose radii the worker holds, in the marginals
// that need no tree; values are those of an axis at these rows. It goes axis by
// axis and marginal by marginal, so that loads of several rows are under way at
// a time.
func (t *task) countRows(w *worker, rows []int32, values func(*axis) []float64) {
	for x := range t.axes {
		axis, span := &t.axes[x], &w.spans[x]
		for q, v := range values(axis) {
			span[q].lo, span[q].hi = axis.column.within(v, w.radii[q].line[axis.variable])
		}
	}
	for m := range t.marginals {
		g := &t.marginals[m]
		if g.tree != nil || g.rest {
			continue
		}
		first := &w.spans[g.axes[0]]
		for q, i := range rows {
			n := first[q].hi - first[q].lo
			if g.pair != nil {
				second := w.spans[g.axes[1]][q]
				n = g.pair.count(first[q].lo, first[q].hi, second.lo, second.hi)
			}
			t.put(&w.sum, m, int(i), n-g.barred(&t.barred, int(i), t.Norm == Euclid, &w.radii[q]))
		}
	}
}

// extents writes the largest distance in each variable from point q to some
// others.
func (t *tree) extents(q int, others []int32, to []int64) {
	d := 0
	for v, end := range t.ends {
		to[v] = 0
		from := d
		for _, p := range others {
			sum := 0.0
			most := int64(0)
			for d = from; d < end; d++ {
				s := t.x[d][q] - t.x[d][p]
				sum += float64(s * s)
				most = max(most, distanceBits(s))
			}
			if t.squared {
				most = distanceBits(sum)
			}
			to[v] = max(to[v], most)
		}
		d = end
	}
}

// countTree counts marginal m by its tree.
func (t *task) countTree(m int) {
	g := &t.marginals[m]
	places := len(t.variables)
	counters := make([]*rangeCount, t.threads)
	rs := make([]radii, t.threads)
	fill := func(row int32, to []int64) {
		for v := range to {
			to[v] = t.radius[min(v, len(t.radius)-1)][row]
		}
	}
	leaves := 1 << g.tree.depth
	t.halt.each(t.threads, (leaves+leavesAtOnce-1)/leavesAtOnce, func(worker, chunk int) {
		c, r := counters[worker], &rs[worker]
		if c == nil {
			c = newRangeCount(g.tree, g.of, places)
			counters[worker] = c
			*r = radii{make([]int64, places), make([]float64, places)}
		}
		for j := chunk * leavesAtOnce; j < min(leaves, (chunk+1)*leavesAtOnce); j++ {
			if t.halt.now() {
				return
			}
			a, b := c.leaf(j, fill)
			for q := range b - a {
				i := g.tree.rows[a+q]
				copy(r.bits, c.radius[q])
				r.derive(g.tree.squared)
				t.put(&c.sum, m, int(i), c.count[q]-g.barred(&t.barred, int(i), g.tree.squared, r))
			}
		}
	})
	for _, c := range counters {
		if c != nil {
			t.result.sum.plus(c.sum)
		}
	}
}

// grownEach returns m slices of length n, reusing s.
func grownEach[T any](s [][]T, m, n int) [][]T {
	s = grownKeep(s, m)
	for i := range s {
		s[i] = grown(s[i], n)
	}
	return s
}

// grownKeep returns a slice of length n that keeps the elements of s, for what
// they hold.
func grownKeep[T any](s []T, n int) []T {
	s = s[:cap(s)]
	if len(s) < n {
		s = append(s, make([]T, n-len(s))...)
	}
	return s[:n]
}
