package interp

import (
	"go/token"
	"regexp"
	"runtime"
	"strings"
	"sync"

	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// frame is a function of a cell that a panic went through.
type frame struct {
	fn    string         // as lowered; a literal counts as the function it stands in
	lit   bool           // the last of it that was left is a literal
	at    token.Position // of the statement that failed or called, if that is known
	after string         // where that is not known, a function that it had called
	times int            // it called itself that often
}

// function is what is known of a lowered function.
type function struct {
	source  string // what its author called it; empty for a cell's statements
	library bool   // no cell holds it
	marks   []ir.Place
}

// marks gathers where panics come from. The interpreter writes a line for every
// function that a panic leaves, innermost first, on the goroutine that panics;
// which statement of the innermost failed is told by the last mark that the
// code has stored.
type marks struct {
	line func() int // the last mark
	top  func() int // the last among statements of the cell that runs

	mu     sync.Mutex
	places []ir.Place // of mark i+1
	funcs  map[string]*function
	frames map[uint64][]frame // by goroutine
}

// maxFrames bounds what is kept of a deep recursion: as many of each end.
const maxFrames = 20

// maxUntold bounds the panics that are kept although nobody may ask for them:
// native code has recovered them and gone on.
const maxUntold = 100

var panicLine = regexp.MustCompile(`cell\d+/_\.go:\d+:\d+: panic: (?:main\.)?([^\s(]*)\(\.\.\.\)`)

// Write takes what yaegi says on its standard error: lines of panics.
func (m *marks) Write(b []byte) (int, error) {
	p := panicLine.FindSubmatch(b)
	if p == nil {
		return len(b), nil
	}
	fn, _, lit := strings.Cut(string(p[1]), ".func")
	fn = ir.Around(fn)
	id, first := rt.Goroutine(), begins()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.frames == nil || len(m.frames) > maxUntold {
		m.frames = map[uint64][]frame{}
	}
	fs := m.frames[id]
	if first {
		fs = nil
	}
	m.frames[id] = m.left(fs, fn, lit)
	return len(b), nil
}

// left adds a function that a panic has left.
func (m *marks) left(fs []frame, fn string, lit bool) []frame {
	f := frame{fn: fn, lit: lit}
	if m.innermost(fs) {
		// The last mark is where the innermost function of a cell stood, unless
		// another goroutine has stored one since.
		p := m.place(m.line)
		if f.at = p.Pos; p.Func != fn {
			f.at, f.after = token.Position{}, p.Func
		}
	}
	entry := m.funcs[fn] != nil && m.funcs[fn].source == ""
	if p := m.place(m.top); entry && !lit && !f.at.IsValid() && p.Func == fn {
		f.at = p.Pos
	}
	if len(fs) == 0 {
		return append(fs, f)
	}
	last := &fs[len(fs)-1]
	if last.fn == fn && !(entry && !lit && f.at.IsValid() && f.at != last.at) {
		if last.lit == lit && !lit || lit && !last.lit { // not a literal in a literal
			last.times++
		}
		last.lit = lit
		return fs
	}
	if len(fs) >= 2*maxFrames {
		copy(fs[maxFrames:], fs[maxFrames+1:])
		fs[len(fs)-1] = f
		return fs
	}
	return append(fs, f)
}

// place is the place of a mark.
func (m *marks) place(mark func() int) ir.Place {
	if mark == nil {
		return ir.Place{}
	}
	if n := mark(); n > 0 && n <= len(m.places) {
		return m.places[n-1]
	}
	return ir.Place{}
}

// now is the place of the last mark, with the function as its author calls it.
func (m *marks) now() ir.Place {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.place(m.line)
	if f := m.funcs[p.Func]; f != nil {
		p.Func = f.source
	}
	return p
}

// begins tells whether the panic that runs the caller is a new one, not one
// that goes on: those are raised again by a deferred function, of the
// interpreter, of package rt or of native code such as encoding/json. What is
// noted of an older one is stale, for that was recovered where nobody told us,
// in package fmt or net/http.
func begins() bool {
	var pcs [32]uintptr
	fs := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
	var behind []string // the functions behind the innermost gopanic
	for len(behind) < 3 {
		f, more := fs.Next()
		if len(behind) > 0 || f.Function == "runtime.gopanic" {
			behind = append(behind, f.Function)
		}
		if !more {
			return false
		}
	}
	return !strings.HasSuffix(behind[1], "rt.(*Defers).unwind") && behind[2] != "runtime.gopanic"
}

// innermost tells whether no function of a cell is among frames: those of
// libraries store no marks.
func (m *marks) innermost(fs []frame) bool {
	for _, f := range fs {
		if fn := m.funcs[f.fn]; fn == nil || !fn.library {
			return false
		}
	}
	return true
}

// add learns the functions and places of a unit.
func (m *marks) add(u *ir.Unit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.places) < u.First-1 { // numbers of cells that failed
		m.places = append(m.places, ir.Place{})
	}
	m.places = append(m.places[:max(u.First-1, 0)], u.Marks...)
	if m.funcs == nil {
		m.funcs = map[string]*function{}
	}
	for _, f := range u.Funcs {
		m.funcs[f.Name] = &function{source: f.Source, library: f.Library}
	}
	m.funcs[u.Entry.Name] = &function{source: u.Entry.Source, library: u.Entry.Library}
	for _, p := range u.Marks {
		if f := m.funcs[p.Func]; f != nil {
			f.marks = append(f.marks, p)
		}
	}
}

// forget drops what the calling goroutine has left: its panic was recovered.
func (m *marks) forget() { m.take() }

// take returns the frames of the calling goroutine's panic.
func (m *marks) take() []frame {
	id := rt.Goroutine()
	m.mu.Lock()
	defer m.mu.Unlock()
	fs := m.frames[id]
	delete(m.frames, id)
	return fs
}

// function returns what is known of a lowered function, nil for code that the
// lowering has made up.
func (m *marks) function(fn string) *function {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.funcs[fn]
}

// native returns the functions of native code that a panic began in, innermost
// first: those between the oldest panic of a stack and the interpreter.
func native(stack []byte) []string {
	lines := strings.Split(string(stack), "\n")
	first := -1
	for i, l := range lines {
		if strings.HasPrefix(l, "panic(") {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	var fns []string
	for _, l := range lines[first+1:] {
		if l == "" || strings.HasPrefix(l, "\t") {
			continue
		}
		name := strings.TrimPrefix(l, "created by ")
		if i := strings.LastIndexByte(name, '('); i > 0 {
			name = name[:i]
		}
		switch {
		case strings.HasPrefix(name, "runtime."):
			continue
		case strings.HasPrefix(name, "reflect."), strings.Contains(name, "traefik/yaegi"), strings.HasPrefix(name, "surprisal/jupyter/interp"):
			return fns
		}
		fns = append(fns, name)
	}
	return fns
}
