package interp

import (
	"errors"
	"fmt"
	"go/token"
	"reflect"
	"strings"
	"unicode"

	"surprisal/jupyter/interp/check"
)

func red(s string) string  { return "\x1b[31m" + s + "\x1b[0m" }
func bold(s string) string { return "\x1b[1m" + s + "\x1b[0m" }

// compileError is a cell that is wrong Go.
func (s *Session) compileError(errs check.Errors) *Error {
	return s.failure("CompileError", errs)
}

// failure shows errors of a cell with their places.
func (s *Session) failure(name string, errs []*check.Error) *Error {
	e := &Error{Name: name}
	for i, x := range errs {
		if i > 0 {
			e.Traceback = append(e.Traceback, "")
		}
		head := x.Msg
		if x.Pos.IsValid() {
			head = check.Place(x.Pos) + ": " + x.Msg
		}
		if i == 0 {
			e.Value, _, _ = strings.Cut(head, "\n")
		}
		if x.Pos.IsValid() {
			head = bold(check.Place(x.Pos)) + ": " + red(x.Msg)
		} else {
			head = red(x.Msg)
		}
		e.Traceback = append(e.Traceback, strings.Split(head, "\n")...)
		e.Traceback = append(e.Traceback, s.excerpt(x.Pos, true)...)
		for _, n := range x.Notes {
			text := "  " + n.Msg
			if n.Pos.IsValid() {
				text = "  " + check.Place(n.Pos) + ": " + n.Msg
			}
			e.Traceback = append(e.Traceback, text)
		}
	}
	if n := len(errs); n > 1 {
		e.Value += fmt.Sprintf(" (and %d more)", n-1)
	}
	return e
}

// excerpt is the source line of a place, with a caret under its column.
func (s *Session) excerpt(pos token.Position, caret bool) []string {
	text, ok := s.source(pos.Filename)
	if !ok || pos.Line < 1 {
		return nil
	}
	lines := strings.Split(text, "\n")
	if pos.Line > len(lines) {
		return nil
	}
	line := strings.TrimRight(lines[pos.Line-1], "\r")
	out := []string{"    " + line}
	if caret && pos.Column >= 1 {
		col := min(pos.Column-1, len(line))
		out = append(out, "    "+gap(line[:col])+red("^"))
	}
	return out
}

// gap is as wide as text and shows nothing: tabs stay, so that what follows
// stands under its column at any width, and a wide letter gives way to the wide
// blank of its font.
func gap(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf): // stands on the letter before
			return -1
		case wide(r):
			return '\u3000'
		}
		return ' '
	}, text)
}

// wide tells whether a letter takes two columns (Unicode TR 11, classes W and F,
// by block).
func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf && r != 0x303f || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 ||
		r >= 0x1f300 && r <= 0x1f64f || r >= 0x1f680 && r <= 0x1f6ff || r >= 0x1f900 && r <= 0x1f9ff || r >= 0x20000 && r <= 0x3fffd)
}

func (s *Session) source(name string) (string, bool) {
	var n int
	if _, err := fmt.Sscanf(name, "Cell [%d]", &n); err != nil {
		return "", false
	}
	text, ok := s.sources.get(n)
	return text, ok
}

// panicError is a panic with the functions of cells that it went through.
func (s *Session) panicError(f fault) *Error {
	name, value := "Panic", s.runtime.PanicText(f.value)
	var must failed
	if err, ok := f.value.(error); ok && errors.As(err, &must) {
		name, value = "Error", must.Error()
	}
	value = s.runtime.Worded(value)
	e := &Error{Name: name, Value: value}
	e.Traceback = strings.Split(red(name)+": "+value, "\n")
	for _, x := range f.earlier {
		switch {
		case !x.Recovered:
			e.Traceback = append(e.Traceback, "  raised while panicking with: "+s.runtime.PanicText(x.Value))
		case !reflect.DeepEqual(x.Value, f.value): // else it was only passed on
			e.Traceback = append(e.Traceback, "  raised by a function that had recovered: "+s.runtime.PanicText(x.Value))
		}
	}
	if name == "Panic" {
		e.Traceback = append(e.Traceback, nativeLines(native(f.stack))...)
	}
	e.Traceback = append(e.Traceback, s.frameText(f.frames)...)
	return e
}

// frameText shows the functions that a panic went through.
func (s *Session) frameText(frames []frame) (text []string) {
	callee := ""
	var folded []string // functions of libraries, between those of cells
	fold := func() {
		text = append(text, nativeLines(folded)...)
		folded = nil
	}
	for i, fr := range frames {
		if i == maxFrames && len(frames) == 2*maxFrames {
			fold()
			text = append(text, "  …")
		}
		fn := s.marks.function(fr.fn)
		switch {
		case fn == nil:
			continue
		case fn.library:
			folded = append(folded, fn.source)
		default:
			fold()
			if called := s.marks.function(fr.after); called != nil && callee == "" {
				callee = called.source
			}
			lines := s.frameLines(fn, fr.at, callee)
			if fr.times > 0 && len(lines) > 0 {
				lines[0] += ", called by itself " + times(fr.times)
			}
			text = append(text, lines...)
		}
		callee = fn.source
	}
	fold()
	return text
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// nativeLines folds functions that no cell holds, native or of a module, to one
// line.
func nativeLines(fns []string) []string {
	switch n := len(fns); {
	case n == 0:
		return nil
	case n <= 3:
		return []string{"  in " + strings.Join(fns, " ← ")}
	default:
		return []string{fmt.Sprintf("  in %s ← … %d more ← %s", fns[0], n-2, fns[n-1])}
	}
}

// frameLines shows a function that a panic went through. Where it is not known
// which statement of it called the next one in, but only one can have, that is
// the one.
func (s *Session) frameLines(fn *function, at token.Position, callee string) []string {
	if !at.IsValid() {
		at = s.callSite(fn, callee)
	}
	if at.Filename == preludeName {
		return nil
	}
	where := check.Place(at)
	if !at.IsValid() {
		if fn.source == "" || len(fn.marks) == 0 {
			return nil
		}
		where = fn.marks[0].Pos.Filename
	}
	if fn.source != "" {
		where += " in " + fn.source
	}
	return append([]string{"  " + bold(where)}, s.excerpt(at, false)...)
}

// callSite finds the statement of fn that calls callee, if there is one only.
func (s *Session) callSite(fn *function, callee string) token.Position {
	name := callee[strings.LastIndexAny(callee, ".)")+1:]
	if name == "" {
		return token.Position{}
	}
	var found token.Position
	last := token.Position{}
	for _, m := range fn.marks {
		text, ok := s.source(m.Pos.Filename)
		if !ok || m.Pos == last || m.Pos.Offset >= len(text) {
			continue
		}
		last = m.Pos
		line, _, _ := strings.Cut(text[m.Pos.Offset:], "\n")
		if !calls(line, name) {
			continue
		}
		if found.IsValid() {
			return token.Position{}
		}
		found = m.Pos
	}
	return found
}

// calls tells whether a line has the name as a word, followed by a parenthesis
// or by type arguments.
func calls(line, name string) bool {
	for i := 0; ; {
		j := strings.Index(line[i:], name)
		if j < 0 {
			return false
		}
		start, end := i+j, i+j+len(name)
		before := start == 0 || !isWord(line[start-1])
		if before && end < len(line) && (line[end] == '(' || line[end] == '[') {
			return true
		}
		i = end
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
