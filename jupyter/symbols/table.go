// Package symbols is the packages that cells see: their values for the
// interpreter, their types for the checker, and their documentation.
//
// A Table belongs to one session: in it, functions such as display.Show,
// notebook.Input, fmt.Println and os.Exit are replaced by ones that know the
// session. Nothing is built before it is asked for, so that a Table costs
// nothing at start.
//
// Values come from tables that internal/gen writes and that are committed.
// Types and documentation come from the folder build, which `make build` fills
// for the toolchain and platform of the binary.
package symbols

//go:generate go run ./internal/gen -values -export

import (
	"io"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"surprisal/jupyter/comm"
	"surprisal/jupyter/display"
	"surprisal/jupyter/notebook"
	"surprisal/jupyter/symbols/internal/gonum"
	"surprisal/jupyter/symbols/internal/own"
	"surprisal/jupyter/symbols/internal/std"
	"surprisal/jupyter/widget"
)

// Options are what the functions of a session are bound to. A nil field leaves
// them as any program sees them.
type Options struct {
	Screen   *display.Screen
	Comms    *comm.Manager
	Notebook *notebook.Notebook
	Widgets  *widget.Deck

	// Stdout and Stderr take what cells print, each call one Write.
	Stdout, Stderr io.Writer
	// Wrap makes f, which will run on a goroutine of its own, belong to the
	// calling cell. Sleep is time.Sleep that ends when the cell is stopped. Exit
	// ends the cell in place of the process.
	Wrap  func(f func()) func()
	Sleep func(time.Duration)
	Exit  func(code int)
	// Cell numbers the cell that the calling goroutine belongs to.
	Cell func() uint64
}

// Table is one session's packages. It implements interp.Packages and may be
// used from any goroutine.
type Table struct {
	opt     Options
	out     [2]stream
	export  archive
	docs    archive
	sources archive

	mu     sync.Mutex
	values map[string]map[string]reflect.Value
	texts  map[string]map[string]string
}

// New returns a session's Table.
func New(o Options) *Table {
	return &Table{
		opt:     o,
		out:     [2]stream{newStream(&os.Stdout, o.Stdout), newStream(&os.Stderr, o.Stderr)},
		export:  archive{file: "export.zip"},
		docs:    archive{file: "docs.zip"},
		sources: archive{file: "sources.zip"},
		values:  map[string]map[string]reflect.Value{},
		texts:   map[string]map[string]string{},
	}
}

// Values returns the symbols of a package as yaegi wants them, or nil if the
// package is not there. The map must not be changed.
func (t *Table) Values(path string) map[string]reflect.Value {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok := t.values[path]
	if !ok {
		v = values(path)
		t.values[path] = v
	}
	return v
}

func values(path string) map[string]reflect.Value {
	for _, find := range []func(string) map[string]reflect.Value{own.Values, gonum.Values, std.Values} {
		if v := find(path); v != nil {
			for name, value := range std.Platform(path) {
				v[name] = value
			}
			return v
		}
	}
	return std.Platform(path)
}

// Paths returns the import paths of all packages that have values on every
// platform, sorted.
func Paths() []string {
	p := slices.Concat(std.Paths(), gonum.Paths(), own.Paths())
	slices.Sort(p)
	return p
}

// Paths returns the import paths of all packages that have values on every
// platform, sorted.
func (t *Table) Paths() []string { return Paths() }
