package main

import (
	"strings"
	"testing"
)

// What native packages of ours get to see of a cell's values.
func TestProductValues(t *testing.T) {
	b := newBook(t)
	for _, c := range []struct{ code, want, reason string }{
		{`display.JSON(map[string]any{"a": 1})`, `<result {"a":1}>`, "a value in an interface is encoded as itself"},
		{"type s struct{ A int }\ndisplay.JSON(s{3})", `<result {"A":3}>`, "a type of the notebook too"},
		{`func() (int, error) { return 3, nil }()`, `<result 3>`, "a nil error at the end is not shown"},
		{`display.Show(display.Text("x"))`, `<x>`, "a handle shows nothing more"},
		{`var h display.Bundler = display.HTML("<b>x</b>"); h`, `<result <b>x</b>>`, "a rendered value"},
		{"y := 3\nz := \"s\"", "", "variables"},
		{`fmt.Println(notebook.Vars())`, "name", "are listed"},
		{"p := plot.New()\np", `<result plot: x from`, "a plot of gonum is drawn"},
		{"display.Show(p)", `<plot: x from`, "by display.Show too"},
		{`must(strconv.Atoi("x"))`, `<error `, "an error ends the cell"},
		{"figure.Lines([]float64{})", `<error FigureError: figure: lines: `, "a figure that cannot be drawn is an error, not its text"},
		{"bad := plot.New(); bad.X.Scale = nil; bad", `<error FigureError: figure: `, "a plot that panics too"},
		{"1 + 1", `<result 2>`, "and the session goes on"},
	} {
		if r := b.run(c.code); !strings.HasPrefix(r.lines, c.want) {
			t.Errorf("%s (%s): %q, want %q", c.code, c.reason, r.lines, c.want)
		}
	}
}
