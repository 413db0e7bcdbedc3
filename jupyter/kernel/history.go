package kernel

import (
	"regexp"
	"strings"
	"sync"
)

// Bounds of the history in memory: lines, and bytes kept of one output.
const (
	keepLines  = 10000
	keepOutput = 64 << 10
)

// thisSession is the number of the only session that memory knows.
const thisSession = 1

type line struct {
	n      int
	input  string
	output *string
}

// history is what was executed with store_history, oldest first.
type history struct {
	mu    sync.Mutex
	lines []line
}

func newHistory() *history { return &history{} }

func (h *history) add(n int, input string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.lines) == keepLines {
		h.lines = append(h.lines[:0:0], h.lines[keepLines/10:]...)
	}
	h.lines = append(h.lines, line{n: n, input: input})
}

// result is the text of the value that line n showed.
func (h *history) result(n int, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.lines) - 1; i >= 0 && h.lines[i].n >= n; i-- {
		if h.lines[i].n == n {
			text = text[:min(len(text), keepOutput)]
			h.lines[i].output = &text
		}
	}
}

func (h *history) snapshot() []line {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]line(nil), h.lines...)
}

type historyContent struct {
	Output  bool   `json:"output"`
	Raw     bool   `json:"raw"` // all input is raw here: nothing is transformed
	Access  string `json:"hist_access_type"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

type historyReply struct {
	Status  string `json:"status"`
	History []any  `json:"history"` // (session, line, input) or (session, line, (input, output))
}

func (k *Kernel) historyRequest(r *request) (any, error) {
	c := historyContent{Access: "tail", Pattern: "*"}
	if err := decode(r, &c); err != nil {
		return nil, err
	}
	lines := k.history.snapshot()
	switch c.Access {
	case "range":
		lines = lineRange(lines, c)
	case "search":
		lines = newest(search(lines, c), c.N)
	case "tail":
		lines = newest(lines, c.N)
	default:
		lines = nil
	}
	reply := historyReply{Status: "ok", History: []any{}}
	for _, l := range lines {
		if c.Output {
			reply.History = append(reply.History, []any{thisSession, l.n, []any{l.input, l.output}})
		} else {
			reply.History = append(reply.History, []any{thisSession, l.n, l.input})
		}
	}
	return reply, nil
}

// lineRange is lines start (included) to stop (excluded) of the session, by
// number. As in IPython, 0 or no stop means to the end, and negative numbers
// count from the end; session 0 is this one, negative sessions earlier ones.
func lineRange(lines []line, c historyContent) []line {
	if (c.Session != 0 && c.Session != thisSession) || len(lines) == 0 {
		return nil
	}
	end := lines[len(lines)-1].n + 1
	start, stop := c.Start, end
	if start < 0 {
		start += end
	}
	if c.Stop != nil && *c.Stop != 0 {
		stop = *c.Stop
		if stop < 0 {
			stop += end
		}
	}
	var out []line
	for _, l := range lines {
		if l.n >= start && l.n < stop {
			out = append(out, l)
		}
	}
	return out
}

// search keeps the lines whose whole input matches the pattern; unique keeps
// the newest of equal inputs.
func search(lines []line, c historyContent) []line {
	pattern := glob(c.Pattern)
	last := map[string]int{}
	for _, l := range lines {
		last[l.input] = l.n
	}
	var out []line
	for _, l := range lines {
		if pattern.MatchString(l.input) && (!c.Unique || last[l.input] == l.n) {
			out = append(out, l)
		}
	}
	return out
}

func newest(lines []line, n *int) []line {
	if n == nil || *n >= len(lines) {
		return lines
	}
	return lines[len(lines)-max(*n, 0):]
}

// glob compiles a shell pattern, whose * and ? match every character, line
// ends and slashes too; that is what SQLite's GLOB does, which front ends
// expect. A pattern that is none matches itself.
func glob(pattern string) *regexp.Regexp {
	pattern = strings.ToValidUTF8(pattern, "\ufffd")
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			end := strings.IndexByte(pattern[i+1:], ']')
			if end <= 0 {
				b.WriteString(`\[`)
				continue
			}
			set := pattern[i+1 : i+1+end]
			if set[0] == '!' {
				set = "^" + set[1:]
			}
			b.WriteString("[" + strings.ReplaceAll(strings.ReplaceAll(set, `\`, `\\`), "[", `\[`) + "]")
			i += end + 1
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	b.WriteString(`\z`)
	re, err := regexp.Compile(b.String())
	if err != nil {
		return regexp.MustCompile(`\A` + regexp.QuoteMeta(pattern) + `\z`)
	}
	return re
}
