package interp

import (
	"go/types"
	"slices"
	"sync"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/ir"
)

// arrival is how far the cell that runs has come in declaring its variables.
type arrival struct {
	mu    sync.Mutex  // not the session's, which a cell that runs may find locked
	cell  *check.Cell // nil between cells
	steps []ir.Step
	n     int
}

func (a *arrival) start(c *check.Cell, steps []ir.Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cell, a.steps, a.n = c, steps, 0
}

// come notes that n steps of a cell are behind it and returns what is to be
// linked. A cell that was left behind is not heard: its names are gone.
func (a *arrival) come(id uint64, n int) (links []ir.Link) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cell == nil || a.cell.ID != id {
		return nil
	}
	for ; a.n < min(n, len(a.steps)); a.n++ {
		links = append(links, a.steps[a.n].Links...)
	}
	return links
}

// end returns the cell and the names that it has not come to.
func (a *arrival) end() (c *check.Cell, missed []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cell != nil {
		for _, step := range a.steps[a.n:] {
			missed = append(missed, step.Names...)
		}
	}
	c, a.cell, a.steps = a.cell, nil, nil
	return c, missed
}

// reached hears from the cell that runs.
func (s *Session) reached(id uint64, n int) {
	links := s.arrival.come(id, n)
	if len(links) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.backend.Link(links) == nil {
		s.lowerer.Linked(links)
	}
}

// arrived takes back what the cell has declared in name only: it has ended
// before.
func (s *Session) arrived() {
	c, missed := s.arrival.end()
	if len(missed) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lowerer.Missed(s.checker.Missed(c, missed))
	s.garbage = slices.DeleteFunc(s.garbage, func(v *types.Var) bool {
		e := s.checker.Lookup(v.Name())
		return e != nil && e.Object == v
	})
}
