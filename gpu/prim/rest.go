package prim

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
)

// rest is, for every row, the rows that lie nearest in those variables of a
// problem which its orderings leave alone. A surrogate moves one column, so the
// neighbours of a row in the whole space are found by going through this list
// until its distances alone exceed the kth found: some 30 steps for 1,500 rows
// in three columns, where a search by tree takes three times as long, and the
// tree would have to be built for every ordering.
type rest struct {
	columns [][]float64 // of the variables that stay, by row
	keep    int         // neighbours of each row
	row     []int32     // at i·keep+j the jth nearest of row i that is not barred
	apart   []int64     // and its distance; infinite where there is none left
}

// listed says whether a problem goes by lists. Making them costs what they save
// in 48 plus rows/20 orderings (measured: 70 for 500 rows, 126 for 1,500, 171
// for 2,500), and 12 bytes for each place: 25 MB at most, up to some 2,700 rows
// in three columns.
func (e *engine) listed(q *Problem, uses int) bool {
	return e.Algorithm == Ball && e.Norm == Max && e.K < few && len(q.Variables) > 1 &&
		len(q.Variables[q.Shuffled]) == 1 && uses >= 48+e.rows/20 && e.rows*e.restLength(q) <= 1<<21
}

// restLength is twenty times the number of steps that are expected where
// variables are independent. Tied and heavy-tailed data need the rest; what is
// not needed is not read.
func (e *engine) restLength(q *Problem) int {
	stay := 0
	for v, columns := range q.Variables {
		if v != q.Shuffled {
			stay += len(columns)
		}
	}
	steps := float64(e.K) * math.Pow(float64(e.rows)/float64(e.K), 1/float64(1+stay))
	return min(e.rows, 16+int(20*steps))
}

// restKey names the list of a problem.
func (q *Problem) restKey() string {
	key := "rest"
	for v, columns := range q.Variables {
		if v != q.Shuffled {
			key += fmt.Sprint(columns)
		}
	}
	return key
}

// restSet is the marginal of the variables that stay.
func (q *Problem) restSet() Marginal {
	return Marginal(1<<len(q.Variables)-1) &^ Of(q.Shuffled)
}

func (e *engine) newRest(q *Problem) *rest {
	r := &rest{keep: e.restLength(q)}
	for v, columns := range q.Variables {
		if v == q.Shuffled {
			continue
		}
		for _, c := range columns {
			r.columns = append(r.columns, e.Columns[c])
		}
	}
	r.row, r.apart = make([]int32, e.rows*r.keep), make([]int64, e.rows*r.keep)
	all, scratch, sorted := make([]int64, e.rows), make([]int64, e.rows), make([]near, 0, e.rows)
	for i := range e.rows {
		if i%16 == 0 && e.halt.now() {
			break
		}
		r.distances(all, i, &e.barred)
		copy(scratch, all)
		limit := smallest(scratch, r.keep)
		sorted = sorted[:0]
		for j, d := range all {
			if d <= limit {
				sorted = append(sorted, near{d, int32(j)})
			}
		}
		slices.SortFunc(sorted, func(a, b near) int { return cmp.Compare(a.apart, b.apart) })
		for j, n := range sorted[:r.keep] {
			r.row[i*r.keep+j], r.apart[i*r.keep+j] = n.row, n.apart
		}
	}
	return r
}

type near struct {
	apart int64
	row   int32
}

// distances writes the distance of every row to row i; of barred ones infinite.
func (r *rest) distances(to []int64, i int, b *bars) {
	clear(to)
	for _, x := range r.columns {
		q := x[i]
		for j, v := range x[:len(to)] {
			to[j] = max(to[j], distanceBits(q-v))
		}
	}
	for lo, hi := b.of(i); lo <= hi; lo++ {
		to[lo] = infinite
	}
}

// smallest returns the kth smallest of w, which it reorders (Hoare's
// selection).
func smallest(w []int64, k int) int64 {
	for lo, hi := 0, len(w)-1; lo < hi; {
		a, b, c := w[lo], w[(lo+hi)/2], w[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for w[i] < pivot {
				i++
			}
			for w[j] > pivot {
				j--
			}
			if i <= j {
				w[i], w[j] = w[j], w[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return w[k-1]
		}
	}
	return w[k-1]
}

// nearest returns the distance of the kth neighbour of row i in the space of
// the list and x together, whether the next one lies as near, and how many rows
// lie nearer in the space of the list alone. It is not ok if the list ended
// first.
func (r *rest) nearest(x []float64, i, k int) (e int64, tied bool, nearer int32, ok bool) {
	rows, aparts := r.row[i*r.keep:(i+1)*r.keep], r.apart[i*r.keep:(i+1)*r.keep]
	rows = rows[:len(aparts)]
	q := x[i]
	f := newFive(k)
	for j, apart := range aparts {
		if apart >= f.k4 {
			e, tied = f.radius()
			return e, tied, below(aparts[:j], e), true
		}
		f.take(max(apart, distanceBits(q-x[rows[j]])))
	}
	return 0, false, 0, false
}

// nearestOfAll is nearest without the list. all is scratch for a distance a row.
func (r *rest) nearestOfAll(x []float64, i, k int, b *bars, all []int64) (e int64, tied bool, nearer int32) {
	r.distances(all, i, b)
	q := x[i]
	f := newFive(k)
	for j, apart := range all {
		f.take(max(apart, distanceBits(q-x[j])))
	}
	e, tied = f.radius()
	for _, apart := range all {
		if apart < e {
			nearer++
		}
	}
	return e, tied, nearer
}

// below returns how many of some ascending distances are < e.
func below(apart []int64, e int64) int32 {
	return int32(sort.Search(len(apart), func(j int) bool { return apart[j] >= e }))
}

// five keeps the five smallest distances, as nearest does: with k below 4 the
// first places lie at −1, so that the kth is always k3.
type five struct{ k0, k1, k2, k3, k4 int64 }

func newFive(k int) five {
	f := five{infinite, infinite, infinite, infinite, infinite}
	for i, p := range []*int64{&f.k0, &f.k1, &f.k2} {
		if i < few-1-k {
			*p = -1
		}
	}
	return f
}

func (f *five) take(d int64) {
	if d < f.k4 {
		f.k4 = min(f.k4, max(f.k3, d))
		f.k3 = min(f.k3, max(f.k2, d))
		f.k2 = min(f.k2, max(f.k1, d))
		f.k1 = min(f.k1, max(f.k0, d))
		f.k0 = min(f.k0, d)
	}
}

func (f *five) radius() (e int64, tied bool) { return f.k3, f.k3 == f.k4 }

// searchRest is search by the list of what stays.
func (t *task) searchRest() {
	t.keepRadii()
	workers := make([]*worker, t.threads)
	const rowsAtOnce = leavesAtOnce * leafSize
	t.halt.each(t.threads, (t.rows+rowsAtOnce-1)/rowsAtOnce, func(at, chunk int) {
		if workers[at] == nil {
			workers[at] = t.newWorker()
		}
		end := min(t.rows, (chunk+1)*rowsAtOnce)
		for i := chunk * rowsAtOnce; i < end && !t.halt.now(); i += leafSize {
			t.rowsByRest(workers[at], i, min(end, i+leafSize))
		}
	})
	for _, w := range workers {
		if w != nil {
			t.result.sum.plus(w.sum)
		}
	}
}

// rowsByRest finds the neighbours of rows [a, b), at most leafSize of them, and
// counts.
func (t *task) rowsByRest(w *worker, a, b int) {
	x := t.variables[t.q.Shuffled][0].x
	var rows [leafSize]int32
	for q := range b - a {
		i := a + q
		rows[q] = int32(i)
		e, tied, nearer, ok := t.rest.nearest(x, i, t.K)
		if !ok {
			e, tied, nearer = t.rest.nearestOfAll(x, i, t.K, &t.barred, w.apart)
		}
		if tied {
			w.sum.Tied++
		}
		r := &w.radii[q]
		for v := range r.bits {
			r.bits[v] = e - 1 // the next smaller float64: < e is <= that
		}
		r.derive(false)
		for v := range t.radius {
			t.radius[v][i] = e - 1
		}
		for m := range t.marginals {
			if t.marginals[m].rest {
				t.put(&w.sum, m, i, nearer)
			}
		}
	}
	t.countRows(w, rows[:b-a], func(x *axis) []float64 { return x.column.x[a:b] })
}
