package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/ir"
)

// Package is a package whose source is lowered as a notebook's own code is: one
// of a module. Functions are lowered when something calls them.
type Package struct {
	Types *types.Package
	Info  *types.Info // of NewInfo
	Fset  *token.FileSet
	Files []*ast.File
	// Why says of a function without a body where it is instead: "in assembly".
	Why string
}

// NewInfo returns what a Package's type check must fill.
func NewInfo() *types.Info {
	i := newInfo()
	i.FileVersions = map[*ast.File]string{}
	return i
}

// Add makes a package known. The packages that it imports must be known, or
// native.
func (l *Lowerer) Add(m *Package) {
	s := &source{pkg: m.Types, info: m.Info, fset: m.Fset, mod: m, name: m.Fset.Position}
	l.bySrc[m.Types] = s
	for _, f := range m.Files {
		old := perLoop(m.Info.FileVersions[f])
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				if o, ok := m.Info.Defs[fd.Name].(*types.Func); ok {
					l.decls[o] = &decl{s, fd, old}
				}
			}
		}
	}
}

// Remove forgets a package that has not come to run.
func (l *Lowerer) Remove(m *Package) {
	delete(l.bySrc, m.Types)
	for _, f := range m.Files {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				if o, ok := m.Info.Defs[fd.Name].(*types.Func); ok {
					delete(l.decls, o)
				}
			}
		}
	}
}

// perLoop tells whether source of a version of Go has one variable a loop.
func perLoop(version string) bool {
	var major, minor int
	if _, err := fmt.Sscanf(version, "go%d.%d", &major, &minor); err != nil {
		return false
	}
	return major == 1 && minor < 22
}

// Start lowers what a package runs before anyone may use it: its variables in
// their order, then its functions init. The packages that it imports must have
// been started.
func (l *Lowerer) Start(id uint64, m *Package) (*ir.Unit, error) {
	return l.ofPackage(id, m, func(p *pass) { p.lower(p.start) })
}

// ofPackage is Cell for a package.
func (l *Lowerer) ofPackage(id uint64, m *Package, gen func(*pass)) (u *ir.Unit, err error) {
	l.rollback()
	s := l.bySrc[m.Types]
	cell := &check.Cell{ID: id, Fset: m.Fset, Pkg: m.Types, Info: m.Info, Name: m.Fset.Position}
	p := &pass{Lowerer: l, cell: cell, src: s, paths: map[string]bool{}, top: map[*types.Var]bool{}}
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		u, err = nil, p.failed(r)
		l.rollback()
	}()
	p.unit = &ir.Unit{ID: id, First: l.marks + 1}
	gen(p)
	l.pending = p.unit
	return p.unit, nil
}

// failed is what ended the lowering of a package, with its place.
func (p *pass) failed(r any) *Limit {
	lim, ok := r.(*Limit)
	if !ok {
		lim = &Limit{What: fmt.Sprintf("internal error of the lowering: %v", r)}
	}
	if !lim.Where.IsValid() {
		lim.Pos = token.NoPos
		lim.Where, lim.Func = p.src.name(p.in), "package "+p.src.pkg.Name()
	}
	return lim
}

// placed gives a limit that was met in a module's function its place.
func (p *pass) placed(j job) {
	r := recover()
	if r == nil {
		return
	}
	lim, ok := r.(*Limit)
	if !ok {
		lim = &Limit{What: fmt.Sprintf("internal error of the lowering: %v", r)}
	}
	if !lim.Where.IsValid() {
		lim.Pos = token.NoPos
		lim.Where, lim.Func = j.d.src.name(p.in), j.obj.Pkg().Name()+"."+authorName(j.obj)
	}
	panic(lim)
}

// start lowers the initialisation of a package.
func (p *pass) start() *ir.Function {
	name := p.version("start_" + p.src.pkg.Name())
	f := p.newFn(p.src, nil, name)
	var body []ir.Stmt
	f.function(&body, &frame{}, func() {
		for _, in := range p.src.info.InitOrder {
			p.in = in.Rhs.Pos()
			f.old = p.oldAt(in.Rhs.Pos())
			if p.quiet(in.Rhs) {
				continue // when something uses it
			}
			for _, v := range in.Lhs {
				if v.Name() != "_" {
					p.packageVar(v)
				}
			}
			p.safe(p.src, in.Rhs)
			f.declare(in.Lhs, []ast.Expr{in.Rhs})
		}
		f.old = false
		for _, file := range p.src.mod.Files {
			for _, d := range file.Decls {
				if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && fd.Name.Name == "init" {
					f.do(&ir.Call{Fun: p.funcRef(p.src.info.Defs[fd.Name].(*types.Func), nil)})
				}
			}
		}
	}, false, nil)
	return &ir.Function{Name: name, Body: body, Library: true, Source: p.src.pkg.Name() + ".init", Pos: token.Position{Line: 1, Column: 1}}
}

func (p *pass) oldAt(pos token.Pos) bool {
	for _, f := range p.src.mod.Files {
		if f.FileStart <= pos && pos <= f.FileEnd {
			return perLoop(p.src.info.FileVersions[f])
		}
	}
	return false
}

// packageVar is a variable of a package. One of a module whose value has no
// effects gets it in the unit that first uses it.
func (p *pass) packageVar(o *types.Var) *ir.Var {
	if v := p.vars[o]; v != nil {
		return v
	}
	if s := p.bySrc[o.Pkg()]; s != nil && s.mod != nil {
		p.lazy = append(p.lazy, o)
	}
	return p.global(o)
}

// initLazy lowers the values of package variables that have come into use. It
// reports whether there were any.
func (p *pass) initLazy() bool {
	if len(p.lazy) == 0 {
		return false
	}
	vars := p.lazy
	p.lazy = nil
	for _, v := range vars {
		s := p.bySrc[v.Pkg()]
		for _, in := range s.info.InitOrder {
			if len(in.Lhs) != 1 || in.Lhs[0] != v || !s.quiet(in.Rhs) {
				continue
			}
			old := p.src
			p.src = s
			p.lazyValue(in)
			p.src = old
		}
	}
	return true
}

func (p *pass) lazyValue(in *types.Initializer) {
	defer func() {
		if r := recover(); r != nil {
			panic(p.failed(r))
		}
	}()
	f := p.newFn(p.src, nil, "value")
	f.frame = &frame{}
	p.in, f.old = in.Rhs.Pos(), p.oldAt(in.Rhs.Pos())
	p.safe(p.src, in.Rhs)
	p.quick = append(p.quick, f.capture(func() { f.declare(in.Lhs, []ast.Expr{in.Rhs}) })...)
}

func (p *pass) quiet(e ast.Expr) bool { return p.src.quiet(e) }

// quiet tells whether an expression gives the same value whenever it is
// evaluated, and does nothing else: it calls nothing and reads no variable.
func (s *source) quiet(e ast.Expr) bool {
	ok := true
	var look func(n ast.Node) bool
	look = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if s.info.Types[n.Fun].IsType() || s.info.Types[n].Value != nil {
				break
			}
			id, isName := ast.Unparen(n.Fun).(*ast.Ident)
			b, builtin := s.info.Uses[id].(*types.Builtin)
			ok = ok && isName && builtin && (b.Name() == "new" || b.Name() == "make")
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				if id, isName := ast.Unparen(n.X).(*ast.Ident); isName && id != nil {
					return false // an address is there before the value
				}
			}
			ok = ok && n.Op != token.ARROW
		case *ast.IndexExpr:
			ok = ok && (s.info.Types[n].IsType() || s.info.Types[n].Value != nil)
		case *ast.StarExpr:
			ok = ok && s.info.Types[n].IsType()
		case *ast.TypeAssertExpr, *ast.SliceExpr:
			ok = false
		case *ast.KeyValueExpr:
			if id, isName := n.Key.(*ast.Ident); isName {
				if v, isVar := s.info.Uses[id].(*types.Var); isVar && v.IsField() {
					ast.Inspect(n.Value, look)
					return false
				}
			}
		case *ast.Ident:
			_, isVar := s.info.Uses[n].(*types.Var)
			ok = ok && !isVar
		}
		return ok
	}
	ast.Inspect(e, look)
	return ok
}

// safe refuses code that looks at memory: in the interpreter it is laid out
// otherwise.
func (p *pass) safe(s *source, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if tv, known := s.info.Types[e]; known && tv.Value != nil { // unsafe.Sizeof(x)
				return false
			}
		}
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if o := s.info.Uses[sel.Sel]; o != nil && o.Pkg() == types.Unsafe {
				p.in = sel.Pos()
				panic(&Limit{What: "unsafe." + sel.Sel.Name})
			}
		}
		return true
	})
}

// bodiless is a call of a function that is not Go.
func (p *pass) bodiless(o *types.Func, d *decl) *Limit {
	l := &Limit{What: "a call of " + o.FullName() + ", whose source is not at hand"}
	if d != nil && d.src.mod != nil {
		l.What = "the function " + strings.TrimPrefix(o.Name(), "·") + " has no Go body: it is " + d.src.mod.Why
		l.Where, l.Func = d.src.name(d.fd.Pos()), o.Pkg().Name()+"."+authorName(o)
	}
	return l
}

// methodKey is a method's name, with its package if that is a module's and the
// name belongs to it alone: two packages may each have a method lock.
func (l *Lowerer) methodKey(m *types.Func) string {
	if m.Exported() || m.Pkg() == nil || m.Pkg().Path() == l.main {
		return m.Name()
	}
	return m.Id()
}

// sourceOf is the source from which a method can be called by its name.
func (p *pass) sourceOf(m *types.Func) *source {
	if !m.Exported() && m.Pkg() != nil && m.Pkg() != p.src.pkg {
		if s := p.bySrc[m.Pkg()]; s != nil {
			return s
		}
	}
	return p.src
}
