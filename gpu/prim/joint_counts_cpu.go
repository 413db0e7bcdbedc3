package prim

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// engine carries a batch out on the CPU. What several problems or orderings
// need is made once and shared: sorted columns, wavelet matrices and trees of
// marginals that are not reordered.
type engine struct {
	*plan
	halt    *halt
	tables  [][]int64 // nil: results are counts
	columns []*column // by index; nil if no problem has it
	mu      sync.Mutex
	shared  map[string]*sharedIndex
}

// sharedIndex is an index of a marginal that is used more than once.
type sharedIndex struct {
	once sync.Once
	uses int // in all
	left int // and still to come
	pair *wavelet
	tree *tree
	rest *rest
}

// item is one problem under one ordering.
type item struct{ problem, ordering int }

// result is what an item gave: counts by marginal, then row, or their sum.
type result struct {
	counts [][]int32
	sum    Sum
}

// runCPU is run on the CPU.
func (p *plan) runCPU(ctx context.Context, tables [][]int64, done func(item, *result)) error {
	if err := p.checkValues(); err != nil {
		return err
	}
	h, end := watch(ctx)
	defer end()
	e := &engine{plan: p, halt: h, tables: tables}
	e.sort()
	e.countUses()
	var items []item
	for i, q := range p.Problems {
		for s := range max(1, len(q.Orders)) {
			items = append(items, item{i, s})
		}
	}
	// Many items run beside each other; few share the threads inside.
	beside := 1
	if len(items) >= 4*p.threads || p.rows < 2000 {
		beside = max(1, min(p.threads, len(items)))
	}
	tasks := make([]*task, beside)
	h.each(beside, len(items), func(worker, i int) {
		if tasks[worker] == nil {
			tasks[worker] = &task{engine: e, threads: max(1, p.threads/beside)}
		}
		if t := tasks[worker]; t.run(items[i]) {
			done(items[i], &t.result)
		}
	})
	if h.now() {
		return context.Cause(ctx)
	}
	return nil
}

// sort sorts the columns that problems have, beside each other.
func (e *engine) sort() {
	e.columns = make([]*column, len(e.Columns))
	var used []int
	for c := range e.Columns {
		for _, q := range e.Problems {
			if slices.ContainsFunc(q.Variables, func(v []int) bool { return slices.Contains(v, c) }) {
				used = append(used, c)
				break
			}
		}
	}
	sorters := make([]sorter, e.threads)
	e.halt.each(e.threads, len(used), func(worker, i int) {
		e.columns[used[i]] = newColumn(e.halt, &sorters[worker], e.Columns[used[i]])
	})
}

// key names the index of a marginal, and says whether it is the same under all
// orderings.
func (q *Problem) key(m Marginal) (key string, fixed bool) {
	for v, columns := range q.Variables {
		if m.Has(v) {
			key += fmt.Sprint(columns)
		}
	}
	return key, q.Orders == nil || !m.Has(q.Shuffled)
}

// countUses finds the indices that are used more than once.
func (e *engine) countUses() {
	e.shared = make(map[string]*sharedIndex)
	for i := range e.Problems {
		q := &e.Problems[i]
		for _, m := range q.Marginals {
			if key, fixed := q.key(m); fixed {
				if e.shared[key] == nil {
					e.shared[key] = new(sharedIndex)
				}
				e.shared[key].left += max(1, len(q.Orders))
			}
		}
		if q.Orders != nil {
			key := q.restKey()
			if e.shared[key] == nil {
				e.shared[key] = new(sharedIndex)
			}
			e.shared[key].left += len(q.Orders)
		}
	}
	for key, s := range e.shared {
		if s.uses = s.left; s.uses < 2 {
			delete(e.shared, key)
		}
	}
}

// release gives up one use of a shared index; the last one frees it.
func (e *engine) release(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.shared[key]; s != nil {
		if s.left--; s.left == 0 {
			delete(e.shared, key)
		}
	}
}

// findRest returns the list that serves the problem of a task, or nil.
func (t *task) findRest() *rest {
	if t.q.Orders == nil {
		return nil
	}
	s := t.lookup(t.q.restKey(), true)
	if s == nil || !t.listed(t.q, s.uses) {
		return nil
	}
	s.once.Do(func() { s.rest = t.newRest(t.q) })
	return s.rest
}

func (e *engine) lookup(key string, fixed bool) *sharedIndex {
	if !fixed {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.shared[key]
}
