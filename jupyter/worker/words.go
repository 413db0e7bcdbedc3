package worker

import (
	"bytes"
	"regexp"
	"strings"
	"time"
)

// Go's runtime says why a process ends in the last lines of stderr. They
// belong into the error of the cell, not into its stream: from the first line
// that looks like them, stderr is held back until the process has ended, a
// barrier shows that it lives on, or patience is over.
const (
	holdTime  = time.Second
	holdFatal = 20 * time.Second // the runtime counts all frames of an endless recursion before it ends
	holdBytes = 1 << 20
)

// patience is how long text that begins like last words is held back.
func patience(held []byte) time.Duration {
	if bytes.HasPrefix(held, []byte("fatal error: ")) || bytes.HasPrefix(held, []byte("runtime: ")) {
		return holdFatal
	}
	return holdTime
}

var lastWords = regexp.MustCompile(`(?m)^(fatal error: |runtime: goroutine stack exceeds|runtime: out of memory|runtime: VirtualAlloc|panic: |SIG[A-Z]+: |unexpected fault address|signal arrived during )`)

// splitWords returns what of b may be shown and what is held back.
func splitWords(b []byte) (show, held []byte) {
	if m := lastWords.FindIndex(b); m != nil {
		return b[:m[0]], b[m[0]:]
	}
	return b, nil
}

// firstLines returns the lines that tell a reader why the process ended.
func firstLines(words []byte, limit int) []string {
	var out []string
	for l := range bytes.Lines(words) {
		s := strings.TrimRight(string(l), "\r\n")
		if len(out) == limit || strings.HasPrefix(s, "goroutine ") || strings.HasPrefix(s, "runtime stack:") || strings.HasPrefix(s, "stack: frame=") {
			break
		}
		if strings.HasPrefix(s, "runtime: sp=") || s == "" || strings.HasPrefix(s, "[signal ") {
			continue
		}
		out = append(out, s)
	}
	return out
}

// cause is the one line that names the end: the fatal error if it is there.
func cause(lines []string) string {
	for _, l := range lines {
		if s, ok := strings.CutPrefix(l, "fatal error: "); ok {
			return s
		}
	}
	if len(lines) > 0 {
		return lines[0]
	}
	return ""
}
