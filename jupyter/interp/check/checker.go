package check

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"runtime"
	"slices"
	"sort"
	"strings"
)

// Checker knows what earlier cells defined and checks the next one against
// it. Earlier objects are put into the scope of a new cell as they are, so that
// the cost of a cell does not grow with the notebook. It is not safe for
// concurrent use.
type Checker struct {
	fset      *token.FileSet
	native    types.Importer
	packs     map[string]*types.Package // packages that have no export data
	why       func(path string) error   // why there is no such package
	stop      func() bool
	preload   map[string]string
	ctxt      *types.Context
	sizes     types.Sizes
	names     map[string]*Entry
	types     map[string]*declared
	funcs     map[string]*stored // by f and T.M
	funcOrder []string
	users     map[string]map[string]bool // functions by a name that they use or have used
	generics  map[string]*storedType
	renewals  map[types.Object]types.Object // generic types that were declared again
	pre       map[string]bool               // names that a cell may use before it declares them
	sources   []source                      // ascending by base
	reach     map[*types.Var]bool           // variables that functions and pointers reach
	keepers   map[string][]keeper           // by what they use
	values    map[string][]keeper           // by the functions that they hold
	inside    map[string][]keeper           // goroutines, by functions that they may call
	leads     map[string]*code              // by variables that were set to it
	ran       map[string]bool               // functions that cells may have called
	stay      map[string]bool               // functions whose results they may have kept
	byMethod  map[string]map[string]bool    // functions T.M by .M

	// pkg is the package main of all cells: its content is new for every
	// cell, its address is not, so that a cell may set unexported fields of an
	// earlier cell's struct.
	pkg *types.Package
}

// Entry is what a name of the notebook stands for.
type Entry struct {
	Object types.Object // a *types.PkgName for an import
	Cell   uint64
	Count  int // the number in Cell [n]
}

// Options of a Checker. The zero value knows no packages but unsafe.
type Options struct {
	// Export opens the export data of a package, as go/importer reads it.
	Export func(path string) (io.ReadCloser, error)
	// Preload maps the names that need no import declaration to paths.
	Preload map[string]string
	// Packages are packages made in memory, by path.
	Packages map[string]*types.Package
	// Missing says why there is no package of a path, nil if it does not know.
	Missing func(path string) error
	// Stop tells whether Check is to give up; it is asked now and then. May be nil.
	Stop func() bool
}

// New returns a Checker that no cell has told anything yet.
func New(o Options) *Checker {
	c := &Checker{
		fset:     token.NewFileSet(),
		packs:    o.Packages,
		why:      o.Missing,
		preload:  maps.Clone(o.Preload),
		ctxt:     types.NewContext(),
		stop:     o.Stop,
		names:    map[string]*Entry{},
		types:    map[string]*declared{},
		funcs:    map[string]*stored{},
		generics: map[string]*storedType{},
		renewals: map[types.Object]types.Object{},
		pre:      map[string]bool{},
		reach:    map[*types.Var]bool{},
		keepers:  map[string][]keeper{},
		values:   map[string][]keeper{},
		inside:   map[string][]keeper{},
		leads:    map[string]*code{},
		ran:      map[string]bool{},
		stay:     map[string]bool{},
		byMethod: map[string]map[string]bool{},
		users:    map[string]map[string]bool{},
		pkg:      types.NewPackage("main", "main"),
	}
	if c.stop == nil {
		c.stop = func() bool { return false }
	}
	c.sizes = &asking{Sizes: types.SizesFor("gc", runtime.GOARCH), stop: c.stop}
	if o.Export != nil {
		// The positions of native objects go into a file set of their own:
		// one imported file reserves 64 K lines.
		c.native = importer.ForCompiler(token.NewFileSet(), "gc", o.Export)
	}
	return c
}

// Import makes a Checker a types.Importer.
func (c *Checker) Import(path string) (*types.Package, error) {
	if p := c.packs[path]; p != nil {
		return p, nil
	}
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if c.native == nil {
		return nil, c.missing(path, errNoPackage(path))
	}
	p, err := c.native.Import(path)
	if err != nil {
		return nil, c.missing(path, err)
	}
	return p, nil
}

// Lookup returns what name stands for, nil if no cell has defined it.
func (c *Checker) Lookup(name string) *Entry { return c.names[name] }

// Names returns the names that cells have defined, sorted.
func (c *Checker) Names() []string {
	return slices.Sorted(maps.Keys(c.names))
}

// Preload returns the path that name is imported from on first use, "" if none.
func (c *Checker) Preload(name string) string { return c.preload[name] }

// Position names a place in any cell that this Checker has seen.
func (c *Checker) Position(pos token.Pos) token.Position {
	i := sort.Search(len(c.sources), func(i int) bool { return c.sources[i].base > int(pos) }) - 1
	if i < 0 || int(pos) > c.sources[i].base+c.sources[i].size {
		return token.Position{}
	}
	return c.sources[i].position(pos)
}

// Check checks a cell. It changes nothing: what the cell defines is known
// after Commit, and either Commit or Drop must follow a success.
func (c *Checker) Check(id uint64, count int, text string) (*Cell, Errors) {
	again := retries{map[string]*Error{}, map[string]bool{}, map[string]bool{}, map[string]*Error{}}
	for {
		if c.stop() {
			return nil, stopped(id, count, text)
		}
		s, errs := parse(c.fset, id, count, unix(text))
		if len(errs) > 0 {
			return nil, errs
		}
		c.sources = append(c.sources, s.srcs...)
		r := &round{Checker: c, syntax: s, cell: &Cell{ID: id, Fset: c.fset, Pkg: c.pkg, Name: c.Position}, count: count, retries: again}
		cell, errs := r.check()
		if len(errs) == 0 && !again.more(r) {
			cell.Notes = r.notes()
			cell.commit, cell.drop, cell.missed = r.commit, r.undo, r.missed
			return cell, nil
		}
		r.undo()
		c.sources = c.sources[:len(c.sources)-len(s.srcs)]
		if len(errs) > 0 && !again.less(r, errs) {
			return nil, errs.tidy()
		}
	}
}

// retries are what a cell turns out to change, and what does not follow it: a
// cell is checked until that is all known.
type retries struct {
	without map[string]*Error // functions that cannot be compiled again, and why
	retyped map[string]bool   // variables that the cell declares with another type
	anew    map[string]bool   // generic types whose methods use what the cell changes
	fixed   map[string]*Error // those that cannot be declared again, and why
}

// more notes what the cell changes beside what was known, if anything.
func (a retries) more(r *round) bool {
	types := r.changedTypes()
	maps.Copy(a.retyped, types)
	maps.Copy(a.anew, r.wanted)
	return len(types)+len(r.wanted) > 0
}

// less notes which functions of earlier cells errors lie in: they keep the old
// meaning. It reports whether there are any.
func (a retries) less(r *round, errs Errors) bool {
	misfits := r.misfits()
	for k, e := range misfits {
		if base, _, isMethod := strings.Cut(k, "."); isMethod && a.anew[base] {
			a.fixed[base] = e
			delete(a.anew, base)
		} else {
			a.without[k] = e
		}
	}
	if len(misfits) > 0 || len(a.anew) == 0 {
		return len(misfits) > 0
	}
	for name := range a.anew {
		a.fixed[name] = errs[0]
	}
	clear(a.anew)
	return true
}

// Commit makes known what the cell defines. It returns the variables of earlier
// cells that no code can reach once this cell has run: what they hold is
// garbage.
func (c *Checker) Commit(cell *Cell) []*types.Var { return cell.commit() }

// Missed takes back the fresh variables of those names of a committed cell that ended before it came to
// their declarations: their names mean what they meant before, if anything. It
// returns the functions that go on as they were, as the notebook knew them.
func (c *Checker) Missed(cell *Cell, names []string) []*types.Func { return cell.missed(names) }

// Drop forgets a cell that passed the check and failed later.
func (c *Checker) Drop(cell *Cell) { cell.drop() }

// Predeclare marks names, which a cell has defined, as predeclared: a cell that
// declares one gets a variable of its own.
func (c *Checker) Predeclare(names ...string) {
	for _, n := range names {
		c.pre[n] = true
	}
}

// mentioned collects every identifier of the nodes: the objects that a cell
// may need.
func mentioned[N ast.Node](names map[string]bool, nodes ...N) {
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
	}
}
