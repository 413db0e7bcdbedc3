package prim

import (
	"fmt"
	"slices"

	"surprisal/gpu/internal/triples"
)

// group is what one kernel does in one launch: tasks alike, under the same orderings.
type group struct {
	kernel    string
	tripled   bool // a block counts a problem of three columns
	slots     triples.Slots
	from      int // their first marginal
	marginals int
	orders    [][]int32 // nil: the data as they are
	tasks     []task3
	words     []uint32 // what the kernel reads of them
}

// task3 is a problem with up to three of its marginals.
type task3 struct{ problem, from int }

// taskWords are those of a task, unless a block counts it.
const taskWords = 24

// groups sorts problems by the kernel that they need, in the order of problems; those
// that are counted in windows or boxes stand alone.
func (p *plan) groups() (out []*group, alone []swept, err error) {
	type key struct {
		kernel          string
		from, marginals int
		order           *int32
		orders          int
		slots           triples.Slots
	}
	at := map[key]*group{}
	var last key
	var g *group
	for i := range p.Problems {
		q := &p.Problems[i]
		if p.sweeps() {
			if w, ok := p.isSwept(i); ok {
				alone = append(alone, w)
				continue
			}
		}
		triple, name, d := p.triples[i], "joint_triples", 3
		if !triple.ok {
			if name, d, err = p.kernel(i); err != nil {
				return nil, nil, err
			}
		}
		for from := 0; from == 0 || from < len(q.Marginals); from += 3 {
			k := key{kernel: name, from: from, marginals: max(1, min(3, len(q.Marginals)-from)), orders: len(q.Orders), slots: triple.Slots}
			if len(q.Orders) > 0 && len(q.Orders[0]) > 0 {
				k.order = &q.Orders[0][0]
			}
			if g == nil || k != last { // most often it is as the last
				g, last = at[k], k
			}
			if g == nil || len(g.tasks) == 65535 || !sameOrders(g.orders, q.Orders) {
				g = &group{kernel: name, tripled: triple.ok, slots: triple.Slots, from: from, marginals: k.marginals, orders: q.Orders}
				at[k] = g
				out = append(out, g)
			}
			g.tasks = append(g.tasks, task3{i, from})
			if !g.tripled {
				w := p.words(i, from, d)
				g.words = append(g.words, w[:]...)
			}
		}
	}
	return out, alone, nil
}

func sameOrders(a, b [][]int32) bool {
	return slices.EqualFunc(a, b, func(x, y []int32) bool { return &x[0] == &y[0] })
}

// kernel is the name of the kernel for a problem and how many columns it has.
func (p *plan) kernel(problem int) (name string, columns int, err error) {
	d := 0
	for _, v := range p.Problems[problem].Variables {
		d += len(v)
	}
	sizes := []int{2, 3, 4, 8, 16}
	k := 16
	if p.Norm == Euclid {
		sizes = []int{4, 16}
	} else if p.K <= 4 {
		k = 4
	}
	i, _ := slices.BinarySearch(sizes, d)
	if i == len(sizes) {
		return "", 0, &NoKernelError{Problem: problem, Columns: d, Max: sizes[len(sizes)-1]}
	}
	return fmt.Sprintf("joint_counts_%s_%s_d%d_k%d", p.Algorithm, p.Norm, sizes[i], k), sizes[i], nil
}

// words lays a problem out for a kernel of so many columns, which has those that are
// too many for the first once more.
func (p *plan) words(problem, from, columns int) (w [taskWords]uint32) {
	q, at := &p.Problems[problem], 0
	marginals := q.Marginals[from:min(len(q.Marginals), from+3)]
	for v, list := range q.Variables {
		for j, c := range list {
			w[at] = uint32(c)
			if q.Orders != nil && v == q.Shuffled {
				w[16] |= 1 << at
			}
			last := j == len(list)-1
			if last {
				w[17] |= 1 << at
			}
			for m, set := range marginals {
				if set.Has(v) && (p.Norm == Max || last) {
					w[18+m] |= 1 << at
				}
			}
			at++
		}
	}
	for ; at < columns; at++ {
		w[at] = w[0]
		w[16] |= (w[16] & 1) << at // as the first is
		w[17] |= 1 << at
	}
	return w
}
