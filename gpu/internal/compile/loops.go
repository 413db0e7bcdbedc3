package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// loop is an innermost loop of a kernel as ptxas writes it, its rare paths included:
// where the time goes. What is arithmetic among its instructions, and what looks into
// shared memory, says how much an iteration does.
type loop struct {
	instructions, float64s, float32s, shared int
}

const loopFormat = "%d instructions, %d float64, %d float32, %d shared"

// MarshalText makes a line of it.
func (l loop) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, loopFormat, l.instructions, l.float64s, l.float32s, l.shared), nil
}

// UnmarshalText reads the line.
func (l *loop) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), loopFormat, &l.instructions, &l.float64s, &l.float32s, &l.shared)
	return err
}

// longLoop is the least that is listed: shorter ones add lanes up or halve.
const longLoop = 24

// looped are the devices whose loops are listed, one for each generation of images
// that kernels are tuned for.
var looped = map[string]bool{"sm_80": true, "sm_90a": true}

// disassemble returns the loops of each kernel of a cubin, in the order of the code.
func disassemble(environment, cubin string) (map[string][]loop, error) {
	found, err := filepath.Glob(filepath.Join(environment, "lib/python3*/site-packages/nvidia/*/bin/nvdisasm"))
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("no nvdisasm in %s: run make cuda-tools", environment)
	}
	var text, problems bytes.Buffer
	cmd := exec.Command(found[0], "-c", cubin)
	cmd.Stdout, cmd.Stderr = &text, &problems
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", found[0], err, problems.String())
	}
	loops := map[string][]loop{}
	for kernel, c := range listing(text.String()) {
		loops[kernel] = c.loops()
	}
	if len(loops) == 0 {
		return nil, fmt.Errorf("%s names no kernel", found[0])
	}
	return loops, nil
}

// code is a kernel: what its instructions are, and where labels stand.
type code struct {
	instructions []string // with their operands
	labels       map[string]int
}

var (
	sectionLine = regexp.MustCompile(`^\.text\.(\w+):`)
	labelLine   = regexp.MustCompile(`^(\.L_\w+):`)
	codeLine    = regexp.MustCompile(`^\s+/\*[0-9a-f]+\*/\s+(.*?)\s*;`)
	branch      = regexp.MustCompile("^(?:@!?U?P\\d+ )?BRA\\b.*`\\((\\.L_\\w+)\\)")
	operation   = regexp.MustCompile(`^(?:@!?U?P[\dT]+ )?(\w+)`)
)

// listing reads what nvdisasm writes.
func listing(text string) map[string]*code {
	all := map[string]*code{}
	c := new(code) // what stands before the first kernel is nobody's
	for line := range strings.Lines(text) {
		if m := sectionLine.FindStringSubmatch(line); m != nil {
			c = &code{labels: map[string]int{}}
			all[m[1]] = c
		} else if m := labelLine.FindStringSubmatch(line); m != nil && c.labels != nil {
			c.labels[m[1]] = len(c.instructions)
		} else if m := codeLine.FindStringSubmatch(line); m != nil {
			c.instructions = append(c.instructions, m[1])
		}
	}
	return all
}

// loops are the stretches from a label to the last branch back to it that hold no
// other such stretch, if they are long enough.
func (c *code) loops() (all []loop) {
	ends := make([]int, len(c.instructions)) // of the loop that begins there
	for i, s := range c.instructions {
		if m := branch.FindStringSubmatch(s); m != nil {
			if head, ok := c.labels[m[1]]; ok && head <= i {
				ends[head] = i
			}
		}
	}
	for head, end := range ends {
		if end-head+1 < longLoop || end == 0 || c.holds(ends, head, end) {
			continue
		}
		l := loop{instructions: end - head + 1}
		collective := false
		for _, s := range c.instructions[head : end+1] {
			switch m := operation.FindStringSubmatch(s); {
			case m == nil:
			case m[1] == "DADD" || m[1] == "DMUL" || m[1] == "DFMA":
				l.float64s++
			case m[1] == "FADD" || m[1] == "FMUL" || m[1] == "FFMA":
				l.float32s++
			case m[1] == "LDS" || m[1] == "STS" || m[1] == "ATOMS":
				l.shared++
			case m[1] == "ENDCOLLECTIVE": // shuffles out of line, as ptxas keeps them for lanes that part
				collective = true
			}
		}
		if !collective {
			all = append(all, l)
		}
	}
	return all
}

// holds says whether a loop lies within another one.
func (c *code) holds(ends []int, head, end int) bool {
	for i := head; i <= end; i++ {
		if ends[i] > i && ends[i] <= end && (i != head || ends[i] != end) {
			return true
		}
	}
	return false
}

// A goal says what an iteration of a kernel's loops is to do, and which loop is meant.
type goal struct {
	kernel string
	what   string
	index  int // of the loop, among those with the most work
	floor  float64
	units  func(loop) float64 // what an iteration does
}

// goals are the floors of main kernels, slots of one lane in float32: to find
// neighbours in d columns 2d a candidate, and to count in three sets 2d+3.
var goals = []goal{
	{"joint_counts_ball_max_d3_k4", "a candidate, to find neighbours", 0, 6, candidates(3)},
	{"joint_counts_ball_max_d3_k4", "a candidate, to count", 1, 9, candidates(3)},
	{"joint_counts_ball_max_d8_k4", "a candidate, to find neighbours", 0, 16, candidates(8)},
	{"joint_counts_ball_max_d8_k4", "a candidate, to count", 1, 19, candidates(8)},
}

// candidates is how many rows an iteration compares in d columns, by a subtraction
// each.
func candidates(d int) func(loop) float64 {
	return func(l loop) float64 { return float64(l.float64s / d) }
}

// floors tells how far the loops of main kernels are from what cannot be undercut.
func (b *budgets) floors() (lines []string, err error) {
	for _, g := range goals {
		l, ok := b.worst(g)
		if !ok {
			return nil, fmt.Errorf("%s has no loop of %s: change the goals in loops.go", g.kernel, g.what)
		}
		each := float64(l.instructions) / g.units(l)
		lines = append(lines, fmt.Sprintf("%s on sm_90a: %.1f instructions %s, the floor in float32 is %.0f", g.kernel, each, g.what, g.floor))
	}
	return lines, nil
}

// worst is the loop that a goal means: of those that do the most, in the order of the
// code, the one with its index.
func (b *budgets) worst(g goal) (loop, bool) {
	most, n := 0.0, 0
	loops := b.Kernels[g.kernel]["sm_90a"].Loops
	for _, l := range loops {
		most = max(most, g.units(l))
	}
	for _, l := range loops {
		if u := g.units(l); u > 0 && u >= most/2 {
			if n == g.index {
				return l, true
			}
			n++
		}
	}
	return loop{}, false
}
