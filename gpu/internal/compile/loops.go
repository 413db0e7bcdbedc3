package main

import (
	"fmt"
	"os/exec"
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

// disassemble returns the code of each kernel of a cubin.
func disassemble(nvdisasm, cubin string) (map[string]*code, error) {
	text, err := stdout(exec.Command(nvdisasm, "-c", cubin))
	if err != nil {
		return nil, err
	}
	kernels := listing(string(text))
	if len(kernels) == 0 {
		return nil, fmt.Errorf("%s names no kernel", nvdisasm)
	}
	return kernels, nil
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
	ends := c.ends()
	for head, end := range ends {
		if end-head+1 < longLoop || end == 0 || c.holds(ends, head, end) {
			continue
		}
		l := loop{instructions: end - head + 1}
		collective := false
		for _, s := range c.instructions[head : end+1] {
			switch kindOf(s) {
			case "float64":
				l.float64s++
			case "float32":
				l.float32s++
			case "shared":
				l.shared++
			case "collective":
				collective = true
			}
		}
		if !collective {
			all = append(all, l)
		}
	}
	return all
}

// ends says of each instruction where the loop ends that begins there, or 0.
func (c *code) ends() []int {
	ends := make([]int, len(c.instructions))
	for i, s := range c.instructions {
		if m := branch.FindStringSubmatch(s); m != nil {
			if head, ok := c.labels[m[1]]; ok && head <= i {
				ends[head] = i
			}
		}
	}
	return ends
}

// kindOf is what an instruction works on, if it is one that is counted.
func kindOf(instruction string) string {
	m := operation.FindStringSubmatch(instruction)
	if m == nil {
		return ""
	}
	switch m[1] {
	case "DADD", "DMUL", "DFMA":
		return "float64"
	case "FADD", "FMUL", "FFMA":
		return "float32"
	case "FMNMX":
		return "maxima"
	case "LDS", "STS", "ATOMS":
		return "shared"
	case "LDG":
		return "global"
	case "ENDCOLLECTIVE": // shuffles out of line, as ptxas keeps them for lanes that part
		return "collective"
	}
	return ""
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
