package interp

import (
	"reflect"
	"slices"
)

// sweep clears variables that the last cell has replaced and that nothing
// reaches any more: the interpreter would keep what they hold for ever. A cell
// that was left behind may still read them.
func (s *Session) sweep(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.garbage) == 0 || slices.Contains(s.guard.Live(), id) {
		return
	}
	globals := s.yaegi.Globals()
	for _, v := range s.garbage {
		if x := globals[s.lowerer.Global(v)]; x.IsValid() && x.CanSet() {
			x.Set(reflect.Zero(x.Type()))
		}
	}
	s.garbage = nil
}
