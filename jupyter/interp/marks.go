package interp

import (
	"go/token"
	"regexp"
	"strings"
	"sync"

	"surprisal/jupyter/interp/ir"
)

// frame is a function of a cell that a panic went through.
type frame struct {
	fn string         // as lowered; a literal counts as the function it stands in
	at token.Position // of the statement that failed or called, if that is known
}

// function is what is known of a lowered function.
type function struct {
	source  string // what its author called it; empty for a cell's statements
	library bool   // no cell holds it
	marks   []ir.Place
}

// marks gathers where panics come from. The interpreter writes a line for every
// function that a panic leaves, innermost first; which statement of the
// innermost failed is told by the last mark that the code has stored.
type marks struct {
	line  func() int
	owner func() uint64 // the cell of the calling goroutine

	mu     sync.Mutex
	places []ir.Place // of mark i+1
	funcs  map[string]*function
	frames map[uint64][]frame // by cell: two panics at once in one may mix
}

// maxFrames bounds what is kept of a deep recursion: as many of each end.
const maxFrames = 20

var panicLine = regexp.MustCompile(`cell\d+/_\.go:\d+:\d+: panic: (?:main\.)?([^\s(]*)\(\.\.\.\)`)

// Write takes what yaegi says on its standard error: lines of panics.
func (m *marks) Write(b []byte) (int, error) {
	p := panicLine.FindSubmatch(b)
	if p == nil {
		return len(b), nil
	}
	fn, _, _ := strings.Cut(string(p[1]), ".func")
	f := frame{fn: fn}
	id := m.owner()
	m.mu.Lock()
	defer m.mu.Unlock()
	fs := m.frames[id]
	if n := len(fs); n > 0 && fs[n-1].fn == fn {
		return len(b), nil // a literal, and then the function it stands in
	}
	if m.line != nil && m.innermost(fs) {
		// The last mark is where the innermost function of a cell stood, unless
		// another goroutine has stored one since.
		if n := m.line(); n > 0 && n <= len(m.places) && m.places[n-1].Func == fn {
			f.at = m.places[n-1].Pos
		}
	}
	if m.frames == nil {
		m.frames = map[uint64][]frame{}
	}
	if len(fs) >= 2*maxFrames {
		copy(fs[maxFrames:], fs[maxFrames+1:])
		fs[len(fs)-1] = f
	} else {
		fs = append(fs, f)
	}
	m.frames[id] = fs
	return len(b), nil
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

// forget drops what the calling goroutine's cell has left: its panic was recovered.
func (m *marks) forget() {
	id := m.owner()
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.frames, id)
}

// take returns the frames of a cell's panic.
func (m *marks) take(id uint64) []frame {
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
