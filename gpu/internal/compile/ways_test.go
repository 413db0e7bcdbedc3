package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The table of README.md is what the sources and the budgets say.
func TestTableOfLoopsIsTrue(t *testing.T) {
	marks, err := readMarks(root)
	if err != nil {
		t.Fatal(err)
	}
	b, err := readBudgets(root)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, loops := range b.Ways {
		n += len(loops)
	}
	for _, m := range marks {
		if found := b.Ways[m.kernel][m.what]; m.each(found) < m.floor {
			t.Errorf("%s, %s: %d instructions for %d %s are below the floor of %g", m.kernel, m.what, found, m.units, m.unit, m.floor)
		}
	}
	readme, err := os.ReadFile(filepath.Join(root, "cuda/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := withTable(string(readme), b.table(marks))
	if err != nil || want != string(readme) || n != len(marks) {
		t.Errorf("cuda/README.md or cuda/budgets.json, which has %d loops, is not what the %d loop lines of cuda/*/*.cu say (%v): run make cuda-budgets", n, len(marks), err)
	}
	if _, err := withTable("no lines", ""); err == nil {
		t.Error("a README without a place for the table")
	}
}

// assembly is what nvdisasm writes of a kernel: labels end in a colon.
func assembly(kernel string, lines ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".text.%s:\n", kernel)
	for i, l := range lines {
		if strings.HasSuffix(l, ":") {
			fmt.Fprintf(&b, "%s\n", l)
		} else {
			fmt.Fprintf(&b, "        /*%04x*/                   %s ;\n", 16*i, l)
		}
	}
	return b.String()
}

// The way round a loop is the shortest that does just the work that is asked for, be
// there a rare path that is longer, or one that does nothing.
func TestWaysRoundALoop(t *testing.T) {
	c := listing(assembly("k",
		".L_x_0:", "MOV R1, R2", // the outer loop, of 17
		".L_x_1:", "LDS R4, [R1]",
		"@P1 BRA `(.L_x_2)", // nothing to do
		"DADD R2, R2, -R4", "@!P0 BRA `(.L_x_3)",
		"MOV R5, R6", "MOV R5, R6", "MOV R5, R6", "DADD R2, R2, R4", // seldom
		".L_x_3:", "DADD R2, R2, R4", "BRA.DIV UR4, `(.L_x_9)",
		".L_x_2:", "@P2 BRA `(.L_x_1)",
		".L_x_4:", "FADD R1, R1, R2", "@!P3 EXIT", "BRA.U `(.L_x_5)", "MOV R5, R6",
		".L_x_5:", "@P0 BRA `(.L_x_4)",
		"BRA `(.L_x_0)", ".L_x_9:", "EXIT"))["k"]
	for _, w := range []struct {
		kind         string
		amount, want int
		reason       string
	}{
		{"float64", 2, 7, "past the rare path, and on where lanes might part"},
		{"float64", 3, 11, "by the rare path"},
		{"shared", 1, 3, "without any work"},
		{"float32", 1, 4, "the loop beside it, past what is jumped over"},
	} {
		if got := c.ways(w.kind, w.amount); len(got) != 1 || got[0].instructions != w.want {
			t.Errorf("%d %s: ways %+v, want one of %d: %s", w.amount, w.kind, got, w.want, w.reason)
		}
	}
	if got := c.ways("float64", 4); len(got) != 0 {
		t.Errorf("more than a turn does: %+v", got)
	}
}

func TestMarksAreReadAndMeasured(t *testing.T) {
	write := func(lines ...string) string {
		folder := t.TempDir()
		if err := os.MkdirAll(filepath.Join(folder, "cuda/k"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "cuda/k/k.cu"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	const line = "  // loop: k, look: 4 pairs of rows by 2 float64, floor 1.5: a sum"
	second := strings.Replace(strings.Replace(line, "look", "count", 1), "4 pairs", "1 pair", 1)
	marks, err := readMarks(write("// launch: K k n", line, "for (;;) {}", second))
	if err != nil {
		t.Fatal(err)
	}
	want := mark{"k", "look", 4, "pairs of rows", 2, "float64", 1.5, "a sum"}
	if len(marks) != 2 || marks[0] != want {
		t.Fatalf("marks %+v, want %+v first", marks, want)
	}
	folder := write("no loop here")
	if err := os.WriteFile(filepath.Join(folder, "cuda/k/part.cuh"), []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if marks, err := readMarks(folder); err != nil || len(marks) != 1 || marks[0] != want {
		t.Errorf("a line in what a source includes: %+v, %v", marks, err)
	}
	for _, c := range []struct{ line, says string }{
		{"int a;", "no loop line says"},
		{"// loop: k, look: some pairs", "a loop line is"},
		{strings.Replace(line, "4 pairs", "0 pairs", 1), "above 0"},
		{strings.Replace(line, "1.5", "1..5", 1), "above 0"},
	} {
		if _, err := readMarks(write(c.line)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %q", c.line, err, c.says)
		}
	}

	loop := func(label string, more int) []string {
		lines := append([]string{label + ":", "DADD R2, R2, -R4", "DADD R2, R2, -R4"}, slices.Repeat([]string{"NOP"}, more)...)
		return append(lines, "@P0 BRA `("+label+")")
	}
	code := listing(assembly("k", slices.Concat(loop(".L_1", 5), loop(".L_2", 9), loop(".L_3", 2))...))
	found, err := measure(marks, code)
	if err != nil || found["k"]["look"] != 8 || found["k"]["count"] != 5 {
		t.Errorf("%v, %v, want the two shortest, of 8 and 5, in their order", found, err)
	}
	if _, err := measure(marks, listing(assembly("k", loop(".L_1", 1)...))); err == nil || !strings.Contains(err.Error(), "say no longer what it does") {
		t.Errorf("one loop for two lines: %v", err)
	}
	if _, err := measure(marks, nil); err == nil || !strings.Contains(err.Error(), "no such kernel") {
		t.Errorf("a kernel that is not there: %v", err)
	}
	was := map[string]map[string]int{"k": {"look": 6, "count": 5}}
	if got := grown(marks, was, found); len(got) != 1 || got[0] != `k: the loop "look" has grown from 6 instructions to 8 for 4 pairs of rows: 2.0 each, the floor is 1.5 (a sum)` {
		t.Errorf("got %q", got)
	}
	if got := grown(marks, found, was); len(got) != 1 || !strings.Contains(got[0], "has shrunk from 8") {
		t.Errorf("got %q", got)
	}
	if got := grown(marks, nil, was); len(got) != 2 || !strings.Contains(got[0], "has no budget") {
		t.Errorf("got %q", got)
	}
	if got := (&budgets{Ways: found, NVRTC: was}).table(marks); !strings.Contains(got, "| `k` | look | 4 pairs of rows | 8 | 6 | 2.0 | 1.5: a sum |\n") {
		t.Errorf("got %s", got)
	}
}
