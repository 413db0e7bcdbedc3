package prim

import "math"

// nearest finds the k+1 nearest points of all points of a leaf together: the
// kth is the radius, and the next one tells whether it is tied. Each goroutine
// has its own.
type nearest struct {
	t    *tree
	k    int
	bars *bars // nil if a point is barred to itself alone
	box  bool  // remember which points they are

	// Of each point of the leaf, in ascending order. With up to 4 neighbours
	// the last 5 places are used, and those before the first lie at −1.
	best  [leafSize][MaxK + 1]int64
	at    [leafSize][MaxK + 1]int32 // their positions in the tree; only with box
	first int                       // place of the nearest
	plain bool                      // up to 4 neighbours, maximum norm, and nothing to look out for

	apart  [leafSize]int64
	reach  int64 // largest of the last places: nothing beyond it is of use
	row    int32 // with box, the last row that is of use at exactly that distance
	own    []float64
	lo, hi [leafSize]int32 // barred rows
	stack  [64]pending
}

type pending struct {
	node int
	gap  int64
}

const few = 5 // places kept where k is up to 4

func newNearest(t *tree, k int, b *bars, box bool) *nearest {
	s := &nearest{t: t, k: k, bars: b, box: box}
	if b.window == 0 {
		s.bars = nil
	}
	if k < few && !box {
		s.first = few - 1 - k
		s.plain = s.bars == nil && !t.squared
	}
	return s
}

// last is the place of the neighbour after the kth.
func (s *nearest) last() int { return s.first + s.k }

// leaf searches for the points of leaf j, which are [a, b) in the tree.
func (s *nearest) leaf(j int) (a, b int) {
	t := s.t
	a, b = t.start(j, t.depth), t.start(j+1, t.depth)
	node := 1<<t.depth + j
	s.own = t.box(node)
	for q := range b - a {
		p := &s.best[q]
		for i := range s.last() + 1 {
			p[i] = infinite
			if i < s.first {
				p[i] = -1
			}
			s.at[q][i] = -1
		}
		if s.bars != nil {
			lo, hi := s.bars.of(int(t.rows[a+q]))
			s.lo[q], s.hi[q] = int32(lo), int32(hi)
		}
		t.apart(&s.apart, a+q, a, b)
		s.apart[q] = infinite
		s.take(q, a, b)
	}
	s.limit(b - a)
	for h := node; h > 1; h /= 2 {
		s.visit(h^1, a, b)
	}
	return a, b
}

// limit finds what is of use to no point any more.
func (s *nearest) limit(n int) {
	last := s.last()
	reach := int64(-1)
	for q := range n {
		reach = max(reach, s.best[q][last])
	}
	s.reach = reach
	if !s.box {
		return
	}
	s.row = -1
	for q := range n {
		if s.best[q][last] == reach {
			s.row = max(s.row, s.rowAt(q, last))
		}
	}
}

func (s *nearest) rowAt(q, i int) int32 {
	if p := s.at[q][i]; p >= 0 {
		return s.t.rows[p]
	}
	return math.MaxInt32
}

// useless says whether no point of a node so far away can be a neighbour.
func (s *nearest) useless(node int, gap int64) bool {
	if !s.box {
		return gap >= s.reach
	}
	return gap > s.reach || gap == s.reach && s.t.least[node] >= s.row
}

// visit looks through the subtree of a node, nearer halves first.
func (s *nearest) visit(node, a, b int) {
	t := s.t
	leaves := 1 << t.depth
	top := 0
	gap := t.gap(s.own, t.box(node))
	for {
		for !s.useless(node, gap) {
			if node >= leaves {
				s.scan(node, a, b)
				break
			}
			l, r := 2*node, 2*node+1
			gl, gr := t.gap(s.own, t.box(l)), t.gap(s.own, t.box(r))
			if gr < gl {
				l, r, gl, gr = r, l, gr, gl
			}
			s.stack[top] = pending{r, gr}
			top++
			node, gap = l, gl
		}
		if top--; top < 0 {
			return
		}
		node, gap = s.stack[top].node, s.stack[top].gap
	}
}

// scan looks at the points of a leaf, for each point [a, b) that it may concern.
func (s *nearest) scan(node, a, b int) {
	t := s.t
	j := node - 1<<t.depth
	from, to := t.start(j, t.depth), t.start(j+1, t.depth)
	shrunk := false
	switch {
	case s.plain && len(t.x) == 3:
		shrunk = s.scan3(node, from, to, a, b)
	case s.plain && len(t.x) == 2:
		shrunk = s.scan2(node, from, to, a, b)
	default:
		shrunk = s.scanAny(node, from, to, a, b)
	}
	if shrunk {
		s.limit(b - a)
	}
}

func (s *nearest) scanAny(node, from, to, a, b int) (shrunk bool) {
	box, last := s.t.box(node), s.last()
	for q := range b - a {
		g, limit := s.t.pointGap(box, a+q), s.best[q][last]
		if g > limit || g == limit && (!s.box || s.t.least[node] >= s.rowAt(q, last)) {
			continue
		}
		s.t.apart(&s.apart, a+q, from, to)
		s.take(q, from, to)
		shrunk = shrunk || s.box || s.best[q][last] < limit
	}
	return shrunk
}

// take offers the points [from, to), whose distances are in apart, to point q.
func (s *nearest) take(q, from, to int) {
	n := to - from
	if s.bars != nil {
		rows := s.t.rows[from:to]
		lo, span := s.lo[q], uint32(s.hi[q]-s.lo[q])
		for j, row := range rows {
			if uint32(row-lo) <= span {
				s.apart[j&(leafSize-1)] = infinite
			}
		}
	}
	switch {
	case s.box:
		s.takeRows(q, from, n)
	case s.k < few:
		s.takeFew(q, n)
	default:
		s.takeMany(q, n)
	}
}

// takeFew keeps five distances in registers. Most candidates are no nearer than
// the last; those that are go in by minima and maxima alone.
func (s *nearest) takeFew(q, n int) {
	p := &s.best[q]
	k0, k1, k2, k3, k4 := p[0], p[1], p[2], p[3], p[4]
	for _, d := range s.apart[:n] {
		if d < k4 {
			k4 = min(k4, max(k3, d))
			k3 = min(k3, max(k2, d))
			k2 = min(k2, max(k1, d))
			k1 = min(k1, max(k0, d))
			k0 = min(k0, d)
		}
	}
	p[0], p[1], p[2], p[3], p[4] = k0, k1, k2, k3, k4
}

func (s *nearest) takeMany(q, n int) {
	p := s.best[q][:s.k+1]
	last := len(p) - 1
	for _, d := range s.apart[:n] {
		if d >= p[last] {
			continue
		}
		i := last
		for ; i > 0 && p[i-1] > d; i-- {
			p[i] = p[i-1]
		}
		p[i] = d
	}
}

// takeRows keeps the order of (distance, row).
func (s *nearest) takeRows(q, from, n int) {
	p, at, rows := s.best[q][:s.k+1], s.at[q][:s.k+1], s.t.rows
	last := len(p) - 1
	for j, d := range s.apart[:n] {
		if d > p[last] || d == infinite {
			continue
		}
		row := rows[from+j]
		if d == p[last] && row > s.rowAt(q, last) {
			continue
		}
		i := last
		for ; i > 0 && (p[i-1] > d || p[i-1] == d && s.rowAt(q, i-1) > row); i-- {
			p[i], at[i] = p[i-1], at[i-1]
		}
		p[i], at[i] = d, int32(from+j)
	}
}

// radius returns the distance of the kth neighbour of point q of the leaf, and
// whether the next one lies as near.
func (s *nearest) radius(q int) (d int64, tied bool) {
	d = s.best[q][s.last()-1]
	return d, d == s.best[q][s.last()]
}

// neighbours returns the positions of the k nearest of point q; only with box.
func (s *nearest) neighbours(q int) []int32 { return s.at[q][:s.k] }
