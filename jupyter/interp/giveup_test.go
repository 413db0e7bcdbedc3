package interp

import (
	"context"
	"strings"
	"testing"
	"time"
)

// An interrupt ends a cell that is being compiled, at once, and the cell has
// defined nothing; the next waits for what goes on.
func TestInterruptWhileCompiling(t *testing.T) {
	calls := "f := 1\nfunc g() int { return 2 }\ntype T int\n" + strings.Repeat("fmt.Sprint(f)\n", 30000)
	for _, r := range []struct {
		name, code string
		after      time.Duration
	}{
		{"before it begins", calls, 0},
		{"in the check", numbered(60000, "x%[1]d := %[1]d\n") + "f := 1", 100 * time.Millisecond},
		{"in the lowering or behind", calls, 500 * time.Millisecond}, // all of it takes 3 s
	} {
		t.Run(r.name, func(t *testing.T) {
			b := newNotebook(t)
			b.ok("f := \"s\"\nfunc g() string { return f }\ntype T string\nh := g")
			ctx, cancel := context.WithTimeout(t.Context(), r.after)
			defer cancel()
			start := time.Now()
			_, e := b.run(ctx, r.code)
			if took := time.Since(start) - r.after; e == nil || e.Name != "Interrupted" || took > time.Second {
				t.Fatalf("after %v: %v", took, e)
			}
			short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			if _, e := b.run(short, "1"); e != nil && e.Name != "Interrupted" {
				t.Errorf("the next cell: %v", e)
			}
			b.shows("fmt.Sprint(f, g(), h(), T(\"t\"))", "ssst")
			b.ok("f := 2\nfunc g() int { return f }")
			b.shows("fmt.Sprint(f, g())", "2 2")
		})
	}
}
