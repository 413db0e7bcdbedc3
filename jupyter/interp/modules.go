package interp

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"path"
	"runtime"
	"slices"
	"strings"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/lower"
	"surprisal/jupyter/interp/module"
)

// modules are the packages of modules that cells have imported. They are
// checked and lowered as the notebook's own code is, so that their types are
// the same for all who import them.
type modules struct {
	fset   *token.FileSet
	loaded map[string]*pack
	failed map[string]error // why the running cell cannot import a path
}

// pack is a package of a module.
type pack struct {
	*lower.Package
	source   *module.Package
	imports  []*pack // of modules
	reviewed bool    // all that a cell can use of it has been looked at
	started  bool    // its variables have their values
	without  string  // what no cell can use of it, until the reader has been told
}

// reason says why a path cannot be imported.
func (m *modules) reason(path string) error { return m.failed[path] }

// Get makes the packages of modules importable in cells to come, see
// module.Set. Called by a cell, it ends when that is interrupted.
func (s *Session) Get(specs ...string) error {
	if s.cfg.Modules == nil {
		return errors.New("this session has no modules")
	}
	return s.cfg.Modules.Get(cellContext{s}, specs...)
}

// found is what a fetch has found of one path.
type found struct {
	path    string
	source  *module.Package
	files   []*ast.File
	imports []string // that are of modules
	err     error
}

// fetch reads the packages that a cell imports and that are not native, and
// those that they import, these first. It may take long: modules may have to be
// downloaded.
func (s *Session) fetch(ctx context.Context, c Cell) []*found {
	if s.cfg.Modules == nil || !strings.Contains(c.Code, "import") {
		return nil
	}
	s.mu.Lock()
	s.modules.failed = nil
	if s.modules.fset == nil {
		s.modules.fset, s.modules.loaded = token.NewFileSet(), map[string]*pack{}
	}
	s.mu.Unlock()
	f := &fetcher{s: s, ctx: ctx, done: map[string]*found{}}
	for _, path := range check.Imports(c.Code) {
		if f.ours(path) {
			f.fetch(path, nil)
		}
	}
	return f.order
}

type fetcher struct {
	s     *Session
	ctx   context.Context
	done  map[string]*found
	order []*found
}

// ours tells whether a path must come from a module.
func (f *fetcher) ours(path string) bool {
	if path == "unsafe" || path == "C" || path == ownPath {
		return false
	}
	first, _, _ := strings.Cut(path, "/")
	r, err := f.s.cfg.Packages.Export(path)
	if err == nil {
		r.Close()
		return false
	}
	return strings.Contains(first, ".") || f.s.cfg.Modules.Holds(path)
}

// fetch reads a package; chain are those on the way to it.
func (f *fetcher) fetch(path string, chain []string) *found {
	if i := slices.Index(chain, path); i >= 0 {
		return &found{path: path, err: fmt.Errorf("module: import cycle: %s: a package cannot import itself, not even through others", strings.Join(append(chain[i:], path), " imports "))}
	}
	if x := f.done[path]; x != nil {
		return x
	}
	x := &found{path: path}
	if p := f.s.modules.loaded[path]; p != nil {
		x.source = p.source
	} else if x.err = f.read(x, append(chain, path)); x.err != nil && len(chain) > 0 {
		x.err = fmt.Errorf("%w (imported by %s)", x.err, chain[len(chain)-1])
	}
	f.done[path] = x
	f.order = append(f.order, x)
	return x
}

func (f *fetcher) read(x *found, chain []string) error {
	if len(chain) == 1 {
		if err := f.s.cfg.Modules.MayImport(x.path); err != nil {
			return err
		}
	}
	p, err := f.s.cfg.Modules.Find(f.ctx, x.path)
	if err != nil {
		return err
	}
	x.source = p
	for _, name := range p.Files {
		file, err := parser.ParseFile(f.s.modules.fset, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			return fmt.Errorf("module: package %s does not parse: %s: %s", x.path, shortPos(list[0].Pos), list[0].Msg)
		}
		if err != nil {
			return fmt.Errorf("module: package %s cannot be read: %w", x.path, err)
		}
		x.files = append(x.files, file)
	}
	for _, imp := range p.Imports {
		if !f.ours(imp) {
			continue
		}
		y := f.fetch(imp, chain)
		if y.err != nil {
			return y.err
		}
		x.imports = append(x.imports, imp)
	}
	return nil
}

// bring checks what was fetched and runs what must run before the cell may use
// it, but nothing if the cell is wrong. The session is locked; meanwhile it is
// not.
func (s *Session) bring(ctx context.Context, c Cell, fetched []*found) *Error {
	if len(fetched) == 0 {
		return nil
	}
	s.modules.failed = map[string]error{}
	for _, x := range fetched {
		if x.err == nil && s.modules.loaded[x.path] == nil {
			x.err = s.checkPackage(x)
		}
		if x.err != nil {
			s.modules.failed[x.path] = x.err
		}
	}
	var direct []*pack
	for _, path := range check.Imports(c.Code) {
		if p := s.modules.loaded[path]; p != nil {
			if err := s.review(p); err != nil {
				s.modules.failed[path] = err
				s.drop(p)
			}
			direct = append(direct, p)
		}
	}
	waiting := unstarted(direct)
	if len(waiting) == 0 {
		return nil
	}
	if err := s.predeclare(c.Code); err != nil {
		return internal(err)
	}
	cell, errs := s.checker.Check(c.ID, c.Count, c.Code)
	if errs != nil {
		return s.compileError(errs)
	}
	s.checker.Drop(cell)
	if e := s.startAll(ctx, c, waiting); e != nil {
		for _, p := range waiting {
			s.drop(p)
		}
		return e
	}
	return nil
}

// startAll lowers the initialisation of packages, and runs them if all of them
// can be.
func (s *Session) startAll(ctx context.Context, c Cell, ps []*pack) *Error {
	units := make([]*ir.Unit, len(ps))
	for i, p := range ps {
		var e *Error
		if units[i], e = s.lowerStart(c, p); e != nil {
			return e
		}
	}
	for i, p := range ps {
		if e := s.start(ctx, c, p, units[i]); e != nil {
			return e
		}
	}
	return nil
}

// unstarted lists packages that have not run yet, each after those it imports.
func unstarted(ps []*pack) []*pack {
	var out []*pack
	seen := map[*pack]bool{}
	var visit func(p *pack)
	visit = func(p *pack) {
		if seen[p] || p.started {
			return
		}
		seen[p] = true
		for _, q := range p.imports {
			visit(q)
		}
		out = append(out, p)
	}
	for _, p := range ps {
		visit(p)
	}
	return out
}

// checkPackage checks the types of a package whose imports are known.
func (s *Session) checkPackage(x *found) error {
	p := &pack{source: x.source}
	for _, imp := range x.imports {
		q := s.modules.loaded[imp]
		if q == nil {
			return s.modules.failed[imp]
		}
		p.imports = append(p.imports, q)
	}
	info := lower.NewInfo()
	var first *types.Error
	conf := types.Config{
		Importer: s.checker, Sizes: types.SizesFor("gc", runtime.GOARCH), GoVersion: "go" + x.source.Go,
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) && first == nil && !e.Soft {
				first = &e
			}
		},
	}
	pkg, _ := conf.Check(x.path, s.modules.fset, x.files, info) // the error is the first that Error heard
	if first != nil {
		why := ""
		if at := x.source.Cgo(); at != "" {
			why = "; what it lacks may be in cgo (" + at + "), which a cell cannot run"
		}
		return fmt.Errorf("module: package %s of %s cannot be used: %s: %s%s", x.path, x.source.Module, shortPos(s.modules.fset.Position(first.Pos)), first.Msg, why)
	}
	p.Package = &lower.Package{Types: pkg, Info: info, Fset: s.modules.fset, Files: x.files, Why: "linked in by name (go:linkname)"}
	if x.source.Assembly() {
		p.Package.Why = "written in assembly"
	}
	s.memory[x.path], s.modules.loaded[x.path] = pkg, p
	s.lowerer.Add(p.Package)
	return nil
}

// review refuses a package of which a cell can use nothing, and notes what it
// cannot use of others.
func (s *Session) review(p *pack) error {
	if p.reviewed {
		return nil
	}
	r := s.lowerer.Review(p.Package)
	if r.Err != nil {
		return fmt.Errorf("module: package %s cannot run in a cell: %s", p.source.Path, limitWords(r.Err))
	}
	p.reviewed, p.without = true, unavailable(p.source.Path, r.Without)
	return nil
}

// unavailable says in one line what no cell can use of a package, "" if there
// is nothing. A cell that does is refused before it runs.
func unavailable(path string, without []lower.Refuse) string {
	if len(without) == 0 {
		return ""
	}
	var names []string
	for _, w := range without[:min(len(without), 6)] {
		names = append(names, w.Name)
	}
	more := ""
	if n := len(without) - len(names); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	why := limitWords(without[0].Err)
	return fmt.Sprintf("package %s works in cells without %s%s: %s\n", path, strings.Join(names, ", "), more, why)
}

// warn prints what no cell can use of the packages that a cell imports, once.
func (s *Session) warn(c Cell) {
	if !strings.Contains(c.Code, "import") {
		return
	}
	s.mu.Lock()
	var text string
	for _, path := range check.Imports(c.Code) {
		if p := s.modules.loaded[path]; p != nil {
			text += p.without
			p.without = ""
		}
	}
	s.mu.Unlock()
	if text != "" {
		io.WriteString(s.stderr(), text)
	}
}

// limitWords shortens the file's name to what a reader can find.
func limitWords(err error) string {
	var l *lower.Limit
	if !errors.As(err, &l) {
		return err.Error()
	}
	short := *l
	short.Where.Filename = shortPos(token.Position{Filename: l.Where.Filename})
	return short.Error()
}

// shortPos is a place as folder/file.go:line.
func shortPos(p token.Position) string {
	name := path.Join(path.Base(path.Dir(p.Filename)), path.Base(p.Filename))
	if p.Line == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d", name, p.Line)
}

func (s *Session) lowerStart(c Cell, p *pack) (*ir.Unit, *Error) {
	unit, err := s.lowerer.Start(c.ID, p.Package)
	if err == nil {
		if err = s.defineQuietly(unit); err != nil {
			err = fmt.Errorf("the interpreter does not take its initialisation: %w", err)
		}
	}
	if err != nil {
		v := fmt.Sprintf("package %s cannot run in a cell: %s", p.source.Path, limitWords(err))
		return nil, &Error{Name: "InterpreterLimit", Value: v, Traceback: []string{red("InterpreterLimit") + ": " + v}}
	}
	s.lowerer.Commit(unit)
	s.marks.add(unit)
	return unit, nil
}

// start runs the initialisation of a package, as part of the cell.
func (s *Session) start(ctx context.Context, c Cell, p *pack, unit *ir.Unit) *Error {
	s.running = true
	s.mu.Unlock()
	_, e := s.execute(ctx, c, unit)
	s.mu.Lock()
	s.running = false
	if e != nil {
		e.Traceback = append(e.Traceback, "  while package "+p.source.Path+" was initialised, which this cell imports")
		return e
	}
	p.started = true
	return nil
}

// drop forgets a package that cannot be used, and those that import it: the
// next cell that imports it finds it as if for the first time.
func (s *Session) drop(p *pack) {
	if s.modules.loaded[p.source.Path] != p || p.started {
		return
	}
	delete(s.modules.loaded, p.source.Path)
	delete(s.memory, p.source.Path)
	s.lowerer.Remove(p.Package)
	for _, q := range s.modules.loaded {
		if slices.Contains(q.imports, p) {
			s.drop(q)
		}
	}
}
