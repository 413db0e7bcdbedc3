// Package interp is a Go session: it runs one cell after another as if all of
// them were one program that goes on being written.
//
//	s, err := interp.New(interp.Config{Packages: table, Preload: table.Preload()})
//	r, failure := s.Run(ctx, interp.Cell{ID: 1, Count: 1, Code: "x := 6 * 7\nx"})
//	fmt.Println(r.Values) // [42]
//
// A cell is split, checked with go/types against what earlier cells have
// defined (package check), lowered to a small typed language (lower, ir) and
// run by yaegi with a runtime of ours (rt). A cell that does not pass the check
// changes nothing. Cancelling the context of Run is an interrupt: every loop
// and every wait of the cell ends, and what it has set stays. Goroutines belong
// to the cell that started them (guard), and so do their panics.
package interp
