package main

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// mark is a line above a loop of a source:
//
//	// loop: kernel, what: 4 pairs of rows by 12 float64, floor 6: why
//
// A turn of that loop does so many units of work, with so many instructions of a kind,
// by which the loop is found; and a unit takes no fewer instructions than the floor,
// for the reason behind it.
type mark struct {
	kernel, what string
	units        int
	unit         string
	amount       int
	kind         string // as kindOf has it
	floor        float64
	why          string
}

// marked is the device whose code marks speak of, that on which speed is measured.
const marked = "sm_90a"

var markLine = regexp.MustCompile(`^\s*// loop: (\w+), ([^:]+): (\d+) (.+) by (\d+) (float64|float32|maxima|shared|global), floor ([\d.]+): (.+)$`)

// readMarks reads those of all families, what their sources include from beside them too.
func readMarks(root string) ([]mark, error) {
	families, err := filepath.Glob(filepath.Join(root, "cuda/*/*.cu"))
	if err != nil {
		return nil, err
	}
	var all []mark
	for _, family := range families {
		included, err := filepath.Glob(filepath.Join(filepath.Dir(family), "*.cuh"))
		n := len(all)
		for _, source := range append(included, family) {
			marks, e := marksOf(source)
			all, err = append(all, marks...), cmp.Or(err, e)
		}
		if err != nil {
			return nil, err
		}
		switch {
		case len(all) > n:
		case filepath.Base(family) == "joint_sums.cu": // does what memory lets it
		default:
			return nil, fmt.Errorf("%s: no loop line says where its time goes and what that takes at least", family)
		}
	}
	return all, nil
}

func marksOf(source string) (all []mark, err error) {
	data, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(data)) {
		if !strings.Contains(line, "// loop:") {
			continue
		}
		m := markLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			return nil, fmt.Errorf("%s: %q: a loop line is // loop: kernel, what: 4 pairs of rows by 12 float64, floor 6: why", source, line)
		}
		k := mark{kernel: m[1], what: m[2], unit: m[4], kind: m[6], why: m[8]}
		k.units, _ = strconv.Atoi(m[3])
		k.amount, _ = strconv.Atoi(m[5])
		k.floor, err = strconv.ParseFloat(m[7], 64)
		if err != nil || k.units == 0 || k.amount == 0 {
			return nil, fmt.Errorf("%s: %q: numbers above 0 are wanted", source, line)
		}
		all = append(all, k)
	}
	return all, nil
}

// each is how many instructions a unit takes, of so many a turn.
func (m mark) each(instructions int) float64 { return float64(instructions) / float64(m.units) }

// way is a loop with the instructions of the shortest way round it that does a given
// amount of work: what is done seldom is not on it.
type way struct{ head, end, instructions int }

// ways are the loops that can do just that amount of a kind in a turn, but for those
// around another of them, in the order of the code.
func (c *code) ways(kind string, amount int) []way {
	var all []way
	for head, end := range c.ends() {
		if end == 0 {
			continue
		}
		if n := c.shortest(head, end, kind, amount); n > 0 {
			all = append(all, way{head, end, n})
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(w way) bool {
		return slices.ContainsFunc(all, func(o way) bool { return o != w && o.head >= w.head && o.end <= w.end })
	})
}

// shortest is the least number of instructions from the head of a loop back to it,
// onward alone in the order of the code, of which just so many are of a kind; or 0.
func (c *code) shortest(head, end int, kind string, amount int) int {
	least := make([][]int, end-head+2) // to be at an instruction, having done so much
	for i := range least {
		least[i] = slices.Repeat([]int{math.MaxInt}, amount+1)
	}
	least[0][0] = 0
	best := 0
	for i := head; i <= end; i++ {
		work := 0
		if kindOf(c.instructions[i]) == kind {
			work = 1
		}
		for done, n := range least[i-head] {
			if n == math.MaxInt || done+work > amount {
				continue
			}
			for _, next := range c.next(i) {
				if next == head && done+work == amount && (best == 0 || n+1 < best) {
					best = n + 1
				} else if next > i && next <= end {
					least[next-head][done+work] = min(least[next-head][done+work], n+1)
				}
			}
		}
	}
	return best
}

var (
	always = regexp.MustCompile(`^(@!?U?PT )?(BRA(\.U)? \x60|EXIT|RET)`) // BRA.DIV goes aside where lanes have parted
	never  = regexp.MustCompile(`^(@!?U?P\w+ )?BRA\.DIV`)
)

// next are the instructions that may follow one.
func (c *code) next(i int) []int {
	s := c.instructions[i]
	m := branch.FindStringSubmatch(s)
	switch {
	case m == nil && always.MatchString(s):
		return nil
	case m == nil || never.MatchString(s):
		return []int{i + 1}
	case always.MatchString(s):
		return []int{c.labels[m[1]]}
	}
	return []int{i + 1, c.labels[m[1]]}
}

// measure finds the loops that marks stand above. Where several of a kernel can do the
// work of a mark the shortest is meant, and of as many marks as speak of that work,
// which are in the order of the code, as many of the shortest.
func measure(marks []mark, kernels map[string]*code) (map[string]map[string]int, error) {
	type work struct {
		kernel, kind string
		amount       int
	}
	of := func(m mark) work { return work{m.kernel, m.kind, m.amount} }
	together := map[work][]mark{}
	for _, m := range marks {
		together[of(m)] = append(together[of(m)], m)
	}
	found := map[string]map[string]int{}
	for w, marks := range together {
		c := kernels[w.kernel]
		if c == nil {
			return nil, fmt.Errorf("a loop line speaks of %s: there is no such kernel", w.kernel)
		}
		ways := c.ways(w.kind, w.amount)
		if len(ways) < len(marks) {
			return nil, fmt.Errorf("%s: %d loop lines speak of turns of %d %s, and %d loops of it do that: its lines in cuda/*/*.cu say no longer what it does", w.kernel, len(marks), w.amount, w.kind, len(ways))
		}
		slices.SortStableFunc(ways, func(a, b way) int { return cmp.Compare(a.instructions, b.instructions) })
		ways = ways[:len(marks)]
		slices.SortFunc(ways, func(a, b way) int { return cmp.Compare(a.head, b.head) })
		for i, m := range marks {
			if found[m.kernel] == nil {
				found[m.kernel] = map[string]int{}
			}
			found[m.kernel][m.what] = ways[i].instructions
		}
	}
	return found, nil
}

// grown says of each marked loop that is not as it was what it takes.
func grown(marks []mark, was, now map[string]map[string]int) (differ []string) {
	for _, m := range marks {
		a, b := was[m.kernel][m.what], now[m.kernel][m.what]
		verb := "has grown"
		if b < a {
			verb = "has shrunk"
		}
		if a == 0 {
			verb = "has no budget"
		}
		if a != b {
			differ = append(differ, fmt.Sprintf("%s: the loop %q %s from %d instructions to %d for %d %s: %.1f each, the floor is %.4g (%s)",
				m.kernel, m.what, verb, a, b, m.units, m.unit, m.each(b), m.floor, m.why))
		}
	}
	return differ
}

// The table of README.md stands between these lines.
const tableBegins, tableEnds = "<!-- loops: make cuda-budgets -->\n", "<!-- end of loops -->\n"

// table is that of README.md: what a unit takes, beside the floor.
func (b *budgets) table(marks []mark) string {
	var s strings.Builder
	s.WriteString("| kernel | loop | a turn | instructions | NVRTC 12.0 | each | floor |\n|---|---|---|---|---|---|---|\n")
	for _, m := range marks {
		n := b.Ways[m.kernel][m.what]
		fmt.Fprintf(&s, "| `%s` | %s | %d %s | %d | %d | %.1f | %.4g: %s |\n", m.kernel, m.what, m.units, m.unit, n, b.NVRTC[m.kernel][m.what], m.each(n), m.floor, m.why)
	}
	return s.String()
}

// withTable is README.md with the table.
func withTable(readme, table string) (string, error) {
	before, rest, ok := strings.Cut(readme, tableBegins)
	_, after, ended := strings.Cut(rest, tableEnds)
	if !ok || !ended {
		return "", fmt.Errorf("cuda/README.md has no place for the table of loops: lines %q and %q", tableBegins, tableEnds)
	}
	return before + tableBegins + table + tableEnds + after, nil
}
