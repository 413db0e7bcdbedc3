package interp

import "testing"

// A panic in a goroutine stops its cell, so that both lie there when the cell
// has ended before Run looked.
func TestFaultComesBeforeItsStop(t *testing.T) {
	s := newNotebook(t).Session
	for range 64 { // a select among both would pass one time in two
		x := &run{fault: make(chan fault, 1)}
		x.fault <- fault{value: "boom"}
		stop := make(chan struct{})
		close(stop)
		x.stop = stop
		if _, e := s.outcome(x); e == nil || e.Name != "Panic" {
			t.Fatalf("the cell ended with %v, want the panic that stopped it", e)
		}
	}
}
