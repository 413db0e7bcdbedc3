// Package lower turns a type-checked cell into the intermediate form of
// package ir: methods become functions, interfaces of the notebook become
// interface{} with dispatchers, generic functions become one copy an instance,
// constants are folded, operands are evaluated in order, and everything whose
// meaning an interpreter is known to get wrong is written out or given to
// package rt. What cannot be lowered right is refused with a *Limit.
//
//	l := lower.New(lower.Options{Runtime: run, Importer: imp})
//	unit, err := l.Cell(cell)   // remembers nothing yet
//	if err == nil && backend.Define(unit) == nil { l.Commit(unit) }
package lower

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// Options is what a Lowerer works with.
type Options struct {
	// Runtime learns the types of the notebook. Nil makes one for itself.
	Runtime *rt.Runtime
	// Importer is the one that cells are checked with.
	Importer types.Importer
	// Source gives the files of a generic package of the standard library
	// (slices, maps, cmp, iter), to be taken apart as the notebook's own generic
	// code is. Nil, or no files, makes its generic functions a Limit.
	Source func(fset *token.FileSet, path string) ([]*ast.File, error)
	// StandIn tells whether a method of a native type, "Mutex.Lock" of sync, is
	// replaced by a function of the run time, see StandInName.
	StandIn func(path, method string) bool
	// Has tells whether native code has a symbol; nil believes in all.
	Has func(path, name string) bool
	// Stop tells whether Cell is to give up with ErrStopped; it is asked now and
	// then. May be nil.
	Stop func() bool
}

// ErrStopped is the error of a cell that Options.Stop has ended.
var ErrStopped = errors.New("lower: stopped")

// StandInName is how the run time's table calls what stands in for a method of
// a native type: a function whose first parameter is the receiver.
func StandInName(path, method string) string {
	return strings.NewReplacer("/", "_", ".", "__").Replace(path + "." + method)
}

// Limit is what this interpreter cannot do right and therefore does not do.
type Limit struct {
	Pos     token.Pos
	What    string // "goto into a loop"
	Instead string // what to write instead
	// Where and Func are set if it stands in a module's source, which is nothing
	// that a cell could write otherwise.
	Where token.Position
	Func  string
}

func (l *Limit) Error() string {
	if l.Where.IsValid() {
		return fmt.Sprintf("%s:%d: in %s: not supported in the interpreter: %s", l.Where.Filename, l.Where.Line, l.Func, l.What)
	}
	s := "not supported in a cell: " + l.What
	if l.Instead != "" {
		s += "; " + l.Instead
	}
	return s
}

// Lowerer holds what the cells of one session have defined. It is not safe for
// concurrent use.
type Lowerer struct {
	opt   Options
	run   *rt.Runtime
	fset  *token.FileSet
	tctx  *types.Context
	types typeTable
	std   map[string]*source
	bySrc map[*types.Package]*source
	main  string // import path of the notebook's packages

	vars      map[*types.Var]*ir.Var
	decls     map[*types.Func]*decl
	emitted   map[string]string    // key of a function instance → its name
	passed    map[string][]passing // how a function takes its parameters, if any can be −0
	declared  map[int]string       // type number → name of its declaration
	live      map[int]*liveType
	order     []int // of live
	ifaces    map[int]types.Type
	natives   []types.Type            // native interfaces that notebook values become
	behind    map[types.Type][]string // see optional
	dispatch  map[string]*dispatcher
	dispatchs []string
	locals    localTypes
	slots     slots
	renewed   map[*types.Named]*types.Named // generic types that cells declared again
	stand     []types.Type                  // for type parameters whose arguments do not matter

	reflects bool           // reflect has seen a value that may be a notebook type's
	names    map[string]int // how often a name was given out
	marks    int
	undo     []func()
	pending  *ir.Unit
	describe struct {
		descs  []*rt.Desc
		ifaces []*rt.Iface
	}
}

// source is a package whose bodies are at hand: a cell, generic code of the
// standard library, a package of a module.
type source struct {
	pkg  *types.Package
	info *types.Info
	fset *token.FileSet
	std  bool
	mod  *Package // of a module
	name func(token.Pos) token.Position
}

// library tells whether no cell holds the source: it has no lines to mark.
func (s *source) library() bool { return s.std || s.mod != nil }

// decl is a function with its body.
type decl struct {
	src *source
	fd  *ast.FuncDecl
	old bool // a loop's variables are one for all its iterations, as before Go 1.22
}

// New returns a Lowerer for one session.
func New(o Options) *Lowerer {
	if o.Runtime == nil {
		o.Runtime = rt.New(rt.Config{})
	}
	return &Lowerer{
		opt: o, run: o.Runtime, main: "main", fset: token.NewFileSet(), tctx: types.NewContext(),
		types: newTypeTable(), std: map[string]*source{}, bySrc: map[*types.Package]*source{},
		vars: map[*types.Var]*ir.Var{}, decls: map[*types.Func]*decl{}, emitted: map[string]string{}, passed: map[string][]passing{},
		declared: map[int]string{}, live: map[int]*liveType{}, ifaces: map[int]types.Type{},
		dispatch: map[string]*dispatcher{}, names: map[string]int{}, locals: newLocalTypes(),
		slots:   newSlots(),
		renewed: map[*types.Named]*types.Named{}, behind: map[types.Type][]string{},
	}
}

// stopping is what the lowering of a cell panics with that is to stop.
type stopping struct{}

// ask asks for each so many statements of the cell whether to stop: 50 µs of work.
func (p *pass) ask() {
	if p.asked++; p.asked%16 == 0 && p.opt.Stop != nil && p.opt.Stop() {
		panic(stopping{})
	}
}

// put sets m[k] until the cell is rolled back.
func put[K comparable, V any](l *Lowerer, m map[K]V, k K, v V) {
	old, had := m[k]
	l.undo = append(l.undo, func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
	m[k] = v
}

func (l *Lowerer) rollback() {
	for i := len(l.undo) - 1; i >= 0; i-- {
		l.undo[i]()
	}
	l.undo, l.pending = nil, nil
	l.describe.descs, l.describe.ifaces = nil, nil
}

// Commit remembers what the unit, the last one that Cell returned, defines.
func (l *Lowerer) Commit(u *ir.Unit) {
	if l.pending == u {
		l.undo, l.pending = nil, nil
	}
}

// version gives out a global name that was never given out before, not even to
// a cell that failed: the interpreter may have seen part of it.
func (l *Lowerer) version(name string) string {
	l.names[name]++
	if n := l.names[name]; n > 1 {
		return fmt.Sprintf("%s__%d", name, n)
	}
	return name
}

// Global is the name of a variable of the notebook in lowered code, "" if it
// has none.
func (l *Lowerer) Global(v *types.Var) string {
	if g := l.vars[v]; g != nil {
		return g.Name
	}
	return ""
}

// pass is the lowering of one cell.
type pass struct {
	*Lowerer
	cell    *check.Cell
	src     *source
	unit    *ir.Unit
	queue   []job
	jobs    int
	paths   map[string]bool
	top     map[*types.Var]bool
	at      token.Pos    // the statement of the cell that is being lowered
	in      token.Pos    // that of a library
	lazy    []*types.Var // variables of modules whose values are not lowered yet
	quick   []ir.Stmt    // gives such variables their values, without effects
	waiting []wait       // links that wait for variables
	asked   int          // statements
	late    bool         // the cell has methods, perhaps of types of earlier cells
}

// Cell lowers a cell. The Lowerer is as before until Commit; another Cell
// drops what was not committed.
func (l *Lowerer) Cell(c *check.Cell) (u *ir.Unit, err error) {
	l.rollback()
	p := &pass{Lowerer: l, cell: c, paths: map[string]bool{}, top: map[*types.Var]bool{}}
	defer func() {
		switch r := recover().(type) {
		case nil:
			return
		case *Limit:
			if !r.Pos.IsValid() {
				r.Pos = p.at
			}
			err = r
		case stopping:
			err = ErrStopped
		default:
			err = &Limit{Pos: token.NoPos, What: fmt.Sprintf("this cell (internal error of the lowering: %v)", r), Instead: "please report it with the cell"}
		}
		u = nil
		l.rollback()
	}()
	l.main = c.Pkg.Path()
	p.src = &source{pkg: c.Pkg, info: c.Info, fset: c.Fset, name: c.Name}
	put(l, l.bySrc, c.Pkg, p.src)
	l.locals.count(c.Pkg, c.Info)
	p.unit = &ir.Unit{ID: c.ID, First: l.marks + 1}
	p.lower(p.entry)
	l.pending = p.unit
	return p.unit, nil
}

// lower fills the unit.
func (p *pass) lower(gen func() *ir.Function) {
	p.refuseCallers()
	p.renewTypes()
	p.globals()
	entry := gen()
	for {
		p.drain()
		if p.initLazy() {
			continue
		}
		// Descriptions and dispatchers call methods, which makes more jobs, and
		// those may make more types live.
		a, b := p.dispatchers(), p.register()
		if !a && !b && len(p.queue) == 0 {
			break
		}
	}
	p.placeWaiting()
	p.unit.Entry = entry
	p.unit.Init = append(p.unit.Init, p.quick...)
	for _, fn := range append(p.unit.Funcs, entry) {
		fn.Body = ir.Direct(ir.Sure(fn.Body, fn.Params))
	}
	p.unit.Init = ir.Direct(p.unit.Init)
	for path := range p.paths {
		p.unit.Imports = append(p.unit.Imports, path)
	}
	p.run.Describe(p.describe.descs, p.describe.ifaces)
	p.describe.descs, p.describe.ifaces = nil, nil
}

// globals gives the cell's variables and functions their names.
func (p *pass) globals() {
	for _, v := range p.cell.Top {
		p.top[v] = true
		p.at = v.Pos()
		if old := p.cell.Same[v]; old != nil {
			if g := p.vars[old]; g != nil {
				put(p.Lowerer, p.vars, v, g)
				continue
			}
		}
		p.global(v)
	}
	for _, fd := range p.cell.Funcs {
		p.late = p.late || fd.Recv != nil
		if o, ok := p.cell.Info.Defs[fd.Name].(*types.Func); ok {
			put(p.Lowerer, p.decls, o, &decl{src: p.src, fd: fd})
			if fd.Recv == nil {
				put(p.Lowerer, p.slots.latest, o.Name(), o)
			}
		}
	}
}

// global makes a variable of the notebook a global of the unit.
func (p *pass) global(v *types.Var) *ir.Var {
	if g := p.vars[v]; g != nil {
		return g
	}
	g := &ir.Var{Name: p.version("v_" + v.Name()), T: p.erase(v.Type()), Global: true}
	put(p.Lowerer, p.vars, v, g)
	p.unit.Vars = append(p.unit.Vars, g)
	return g
}

// entry lowers the cell's statements to the function that the session runs.
func (p *pass) entry() *ir.Function {
	name := p.version(fmt.Sprintf("cell_%d", p.cell.ID))
	f := p.newFn(p.src, nil, name)
	var body []ir.Stmt
	f.function(&body, &frame{}, func() {
		f.initVars()
		for _, fd := range p.cell.Funcs {
			o, ok := p.cell.Info.Defs[fd.Name].(*types.Func)
			if !ok || fd.Name.Name == "_" {
				continue
			}
			sig := o.Type().(*types.Signature)
			p.renew(o)
			if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
				continue // emitted by instance
			}
			fn := p.declaredFunc(o)
			if fd.Name.Name == "init" && fd.Recv == nil {
				f.do(&ir.Call{Fun: fn})
			}
		}
		f.steps(p.cell.Body)
		f.show(p.cell.Show)
	}, deferring(p.cell.Body), nil)
	pos := token.Position{Line: 1, Column: 1}
	if len(p.cell.Body) > 0 {
		pos = p.cell.Name(p.cell.Body[0].Pos())
	}
	return &ir.Function{Name: name, Body: body, Pos: pos}
}

// initVars initialises package variables in the order of the checker, for
// cells that hold their variables as declarations.
func (f *fn) initVars() {
	for _, in := range f.p.cell.Info.InitOrder {
		vars := make([]*types.Var, 0, len(in.Lhs))
		stmt := false
		for _, v := range in.Lhs {
			if v.Name() != "_" && !f.p.top[v] {
				f.p.global(v)
			}
			vars = append(vars, v)
		}
		if !stmt {
			f.declare(vars, []ast.Expr{in.Rhs})
		}
	}
}

// show gives the values of the last expression to the session.
func (f *fn) show(e ast.Expr) {
	if e == nil {
		return
	}
	f.p.at = e.Pos()
	f.mark(e)
	vals, ts := f.values(e)
	if len(vals) == 0 {
		return
	}
	lit := &ir.Lit{T: anys}
	for i, v := range vals {
		lit.Vals = append(lit.Vals, f.conv(v, ts[i], anyType))
	}
	f.do(f.rt("Show", nil, lit))
}
