package interp

import (
	"fmt"
	"strings"
	"testing"
)

// Long cells take what is in proportion to them: with a quadratic step
// anywhere, these would take minutes.
func TestLongCells(t *testing.T) {
	b := newNotebook(t)
	var s strings.Builder
	s.WriteString("xs := make([]int, 3)\n")
	for i := range 10000 {
		fmt.Fprintf(&s, "xs[%d] += len(xs)\n", i%3)
	}
	b.ok(s.String())
	b.shows("xs", "[10002 9999 9999]")
	b.shows("len([]int{"+strings.Repeat("1, ", 20000)+"})", "20000")
	b.bad(strings.Repeat("missing.Name\n", 10000), "CompileError", "too many errors")
	b.bad(strings.Repeat("if true {\n", 900), "CompileError", "unexpected end of cell")
}
