package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Table is how many programs of each form came to which outcome, tests and
// examples apart.
type Table struct{ Tests, Examples [forms][outcomes]int }

// Count counts results.
func Count(rs []Result) Table {
	var t Table
	for _, r := range rs {
		if strings.HasPrefix(r.Name, "test/") {
			t.Tests[r.Form][r.Outcome]++
		} else {
			t.Examples[r.Form][r.Outcome]++
		}
	}
	return t
}

// Share is the part of programs in a form that came to an outcome, of all.
func (t Table) Share(f Form, o Outcome) float64 {
	n, all := 0, 0
	for x := range outcomes {
		c := t.Tests[f][x] + t.Examples[f][x]
		all += c
		if x == o {
			n = c
		}
	}
	return float64(n) / float64(max(all, 1))
}

// String is the table in Markdown.
func (t Table) String() string {
	var b strings.Builder
	b.WriteString("| form | programs |")
	for o := range outcomes {
		fmt.Fprintf(&b, " %s |", o)
	}
	b.WriteString(" right |\n|---|---|" + strings.Repeat("---|", int(outcomes)+1) + "\n")
	row := func(name string, c [outcomes]int) {
		n := 0
		for _, x := range c {
			n += x
		}
		if n == 0 {
			return
		}
		fmt.Fprintf(&b, "| %s | %d |", name, n)
		for _, x := range c {
			fmt.Fprintf(&b, " %d |", x)
		}
		fmt.Fprintf(&b, " %.1f %% |\n", 100*float64(c[Right])/float64(n))
	}
	for f := range forms {
		row("tests, "+f.String(), t.Tests[f])
	}
	for f := range forms {
		row("examples, "+f.String(), t.Examples[f])
	}
	return b.String()
}

// Reasons counts what was left out, by reason, most first.
func Reasons(left []Left) string {
	n := map[string]int{}
	for _, l := range left {
		n[l.Reason]++
	}
	var rs []string
	for r := range n {
		rs = append(rs, r)
	}
	slices.SortFunc(rs, func(a, b string) int { return cmp.Or(n[b]-n[a], cmp.Compare(a, b)) })
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintf(&b, "%5d  %s\n", n[r], r)
	}
	return b.String()
}

// Failures are the results that are not right, worst first, one a line.
func Failures(rs []Result) string {
	var bad []Result
	for _, r := range rs {
		if r.Outcome != Right {
			bad = append(bad, r)
		}
	}
	slices.SortFunc(bad, func(a, b Result) int {
		return cmp.Or(int(b.Outcome-a.Outcome), cmp.Compare(a.Name, b.Name), int(a.Form-b.Form))
	})
	var b strings.Builder
	for _, r := range bad {
		fmt.Fprintf(&b, "%-8s %s, %s: %s\n", r.Outcome, r.Name, r.Form, r.Error)
	}
	return b.String()
}
