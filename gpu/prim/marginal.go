package prim

import "math"

// marginal is how one marginal of one problem is counted: by ranges of one
// sorted column, by a wavelet matrix of two, by a tree of more, and by a tree
// where several columns make up a Euclidean distance.
type marginal struct {
	set  Marginal
	axes []int // places among the task's axes; nil if a tree counts
	pair *wavelet
	tree *tree
	of   []int       // of each column of the tree, its variable
	x    [][]float64 // its columns by row, to look at barred rows
	vars []int       // of each of these, its variable
	ends []int       // as in metric
	rest bool        // counted by the list of what stays
}

// axis is a column that marginals count in, with the variable it belongs to.
type axis struct {
	column   *column
	variable int
	place    int // among the columns of the joint tree
}

// radii are the radii of one row by variable: as distances, and as the numbers
// that differences of single columns are compared with.
type radii struct {
	bits []int64
	line []float64
}

// set takes over the radii of one row. With ball there is one for all.
func (r *radii) derive(squared bool) {
	for v, d := range r.bits {
		switch {
		case d < 0:
			r.line[v] = -1
		case squared:
			r.line[v] = root(math.Float64frombits(uint64(d)))
		default:
			r.line[v] = math.Float64frombits(uint64(d))
		}
	}
}

// within says whether row j lies within the radii of row i.
func (m *marginal) within(i, j int, squared bool, r *radii) bool {
	d := 0
	for _, end := range m.ends {
		v := m.vars[d]
		if squared && (d+1 < end) {
			sum := 0.0
			for ; d < end; d++ {
				s := m.x[d][i] - m.x[d][j]
				sum += float64(s * s)
			}
			if distanceBits(sum) > r.bits[v] {
				return false
			}
			continue
		}
		for ; d < end; d++ {
			if !(math.Abs(m.x[d][i]-m.x[d][j]) <= r.line[v]) {
				return false
			}
		}
	}
	return true
}

// barred counts the barred rows of row i that lie within its radii: structures
// count them too, so they are to be taken away.
func (m *marginal) barred(b *bars, i int, squared bool, r *radii) int32 {
	if b.window == 0 {
		if r.bits[0] < 0 {
			return 0
		}
		return 1
	}
	n := int32(0)
	for lo, hi := b.of(i); lo <= hi; lo++ {
		if m.within(i, lo, squared, r) {
			n++
		}
	}
	return n
}

// marginalOf lays out how a set of variables is counted, and notes its axes.
func (t *task) marginalOf(set Marginal) marginal {
	m := marginal{set: set}
	var columns []*column
	var places []int
	single, place := true, 0
	for v, c := range t.variables {
		place += len(c)
		if !set.Has(v) {
			continue
		}
		columns = append(columns, c...)
		for i := range c {
			m.vars = append(m.vars, v)
			places = append(places, place-len(c)+i)
		}
		m.ends = append(m.ends, len(columns))
		single = single && len(c) == 1
	}
	for _, c := range columns {
		m.x = append(m.x, c.x)
	}
	if len(columns) > 2 || t.Norm == Euclid && !single {
		m.of = m.vars
		return m
	}
	for i, c := range columns {
		m.axes = append(m.axes, t.axis(axis{c, m.vars[i], places[i]}))
	}
	return m
}

// axis returns the place of an axis, a new one if there is none like it.
func (t *task) axis(a axis) int {
	for i, b := range t.axes {
		if a == b {
			return i
		}
	}
	t.axes = append(t.axes, a)
	return len(t.axes) - 1
}

// index builds the index of marginal number i, or finds that of another one.
func (m *marginal) index(t *task, i int, scratch *pairScratch) {
	if len(m.axes) == 1 || m.rest {
		return
	}
	own := &sharedIndex{pair: &t.pairs[i], tree: &t.trees[i]}
	if s := t.lookup(t.q.key(m.set)); s != nil {
		own = s
	}
	own.once.Do(func() {
		if m.axes != nil {
			if own.pair == nil {
				own.pair = new(wavelet)
			}
			own.pair.build(t.halt, t.axes[m.axes[0]].column, t.axes[m.axes[1]].column, scratch)
			return
		}
		if own.tree == nil {
			own.tree = new(tree)
		}
		var columns []*column
		for v, c := range t.variables {
			if m.set.Has(v) {
				columns = append(columns, c...)
			}
		}
		own.tree.build(t.halt, metric{t.Norm == Euclid, m.ends}, columns, false)
	})
	if m.axes != nil {
		m.pair = own.pair
	} else {
		m.tree = own.tree
	}
}
