package interp

import "sync"

// sources are the texts of cells, for tracebacks.
type sources struct {
	mu    sync.Mutex
	text  map[int]string // by Cell.Count
	count map[uint64]int // Cell.Count by Cell.ID
	order []uint64
}

// keepSources bounds the texts that are kept: a notebook has hundreds of
// cells, a loop of a client may run millions.
const keepSources = 4096

func (s *sources) add(c Cell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.text == nil {
		s.text, s.count = map[int]string{}, map[uint64]int{}
	}
	if _, known := s.count[c.ID]; !known {
		s.order = append(s.order, c.ID)
	}
	s.text[c.Count], s.count[c.ID] = c.Code, c.Count
	if len(s.order) > keepSources {
		delete(s.text, s.count[s.order[0]])
		delete(s.count, s.order[0])
		s.order = s.order[1:]
	}
}

func (s *sources) get(count int) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.text[count]
	return t, ok
}
