package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Two identifiers that nothing declares: the checker's complaint about them
// tells how far it has come. At the first, the signatures of all functions are
// known and no variable or body has been looked at; at the second, which ends
// the cell's statements, the types of the cell's variables are known and no
// other body has been looked at.
const (
	signaturesKnown = "signatures__known"
	variablesKnown  = "variables__known"
)

// round is the check of one cell.
type round struct {
	*Checker
	*syntax
	retries
	cell     *Cell
	count    int
	errs     Errors
	info     *types.Info
	rest     *ast.File // everything but the statements
	imports  map[string]*types.PkgName
	late     []*lateMethod
	renamed  []func()                // restores methods that this cell replaces
	dots     map[string]types.Object // what dot imports bring
	own      map[string]bool
	carried  []*stored              // functions of earlier cells that are compiled again
	wanted   map[string]bool        // generic types to be declared again, see carry
	news     map[string]bool        // names that get another meaning
	places   []token.Pos            // of errors
	again    map[string]bool        // generic types of earlier cells that are declared again
	renews   map[string]bool        // generic types that are what they were; true: of again
	kept     []string               // types that are declared as they were before
	calls    map[*ast.ExprStmt]bool // of init and main, which no reader wrote
	echoes   map[string]bool        // names that are undefined because an import failed
	before   map[string]before      // what names meant that fresh variables take
	was      map[string]*types.Func // functions that wait for them, as they are until then
	unused   map[token.Pos]bool     // where the cell's statements declare what later cells may use
	idle     []*ast.ExprStmt        // the cell's statements that are expressions, in order of place
	tops     map[*types.Var]bool    // the cell's Top
	turns    map[string]bool        // see turned
	holds    []hold                 // see leftBehind
	unshield func()                 // see shield
}

func (r *round) check() (cell *Cell, errs Errors) {
	defer func() {
		if v := recover(); v != nil {
			// go/types gives up on some invalid programs; the cell is at fault
			// or the checker, and the session goes on in both cases.
			if r.unshield != nil {
				r.unshield()
				r.joinMethods()
			}
			if _, ok := v.(stopping); ok {
				cell, errs = nil, stopped(r.cell.ID, r.count, r.text)
				return
			}
			cell, errs = nil, Errors{{Pos: r.srcs[0].at(0), Msg: fmt.Sprintf("internal error: the type checker gave up: %v", v)}}
		}
	}()
	if r.nest(); len(r.errs) > 0 {
		return nil, r.errs
	}
	r.info = &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes:     map[ast.Node]*types.Scope{},
		Instances:  map[*ast.Ident]types.Instance{},
	}
	// The scope keeps its address too: go/types takes a type whose parent is
	// not the package's scope for a local one and looks for it in functions.
	*r.pkg.Scope() = *types.NewScope(types.Universe, token.NoPos, token.NoPos, `package "main"`)
	r.importSpecs()
	r.startFuncs()
	r.carryGenerics()
	r.declared()
	r.keepTypes()
	r.carry()
	if len(r.wanted) > 0 { // from the start, with them
		return nil, nil
	}
	r.fillScope()
	r.splitMethods()
	body := &ast.File{Name: ast.NewIdent("main"), Decls: []ast.Decl{r.body}}
	r.unshield = r.shield()
	r.rest = &ast.File{Name: ast.NewIdent("main"), Decls: r.ordered()}
	r.body.Body.List = append(r.body.Body.List, &ast.ExprStmt{X: &ast.Ident{Name: variablesKnown, NamePos: r.body.Body.Rbrace}})
	conf := types.Config{
		Context: r.ctxt, GoVersion: "go1.26", Importer: r.Checker, Sizes: r.sizes,
		DisableUnusedImportCheck: true, Error: r.hear,
	}
	// The error is the first of those that hear has got.
	_ = types.NewChecker(&conf, r.fset, r.pkg, r.info).Files([]*ast.File{body, r.rest})
	r.body.Body.List = r.body.Body.List[:len(r.body.Body.List)-1]
	r.unshield()
	r.unshield = nil
	r.joinMethods()
	if len(r.errs) > 0 {
		return nil, r.errs
	}
	c := r.result()
	r.representable(c.Show)
	return c, r.errs
}

// ordered puts variables behind the mark signaturesKnown and all else before
// it; the order among them stays.
func (r *round) ordered() []ast.Decl {
	var vars, others []ast.Decl
	for _, d := range r.decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			vars = append(vars, d)
		} else {
			others = append(others, d)
		}
	}
	mark := &ast.GenDecl{Tok: token.CONST, Specs: []ast.Spec{&ast.ValueSpec{
		Names: []*ast.Ident{{Name: "_", NamePos: r.body.Pos()}}, Values: []ast.Expr{&ast.Ident{Name: signaturesKnown, NamePos: r.body.Pos()}}}}}
	return append(append(others, mark), vars...)
}

// importSpecs imports what the cell's import declarations name.
func (r *round) importSpecs() {
	r.imports = map[string]*types.PkgName{}
	for _, sp := range r.syntax.imports {
		path, err := strconv.Unquote(sp.Path.Value)
		if err != nil || path == "" {
			r.fail(sp.Path.Pos(), "invalid import path: %s", sp.Path.Value)
			continue
		}
		if path == "C" {
			r.fail(sp.Path.Pos(), "cells have no cgo: wrap the C code in a program of its own and call that with os/exec")
			r.absent(sp, path)
			continue
		}
		p, err := r.Import(path)
		if err != nil {
			r.fail(sp.Path.Pos(), "could not import %s: %v", path, importWords(err))
			r.absent(sp, path)
			continue
		}
		name := p.Name()
		if sp.Name != nil {
			name = sp.Name.Name
		}
		switch name {
		case "_":
			continue
		case ".":
			for _, n := range p.Scope().Names() {
				if o := p.Scope().Lookup(n); o.Exported() {
					r.dot(n, o)
				}
			}
			continue
		}
		if old := r.imports[name]; old != nil && old.Imported() != p {
			r.fail(sp.Pos(), "%s redeclared in this block", name)
			continue
		}
		pn := types.NewPkgName(sp.Pos(), r.pkg, name, p)
		r.imports[name] = pn
		if sp.Name != nil {
			r.info.Defs[sp.Name] = pn
		} else {
			r.info.Implicits[sp] = pn
		}
	}
}

// absent notes the name under which a package that could not be imported would
// be known.
func (r *round) absent(sp *ast.ImportSpec, path string) {
	if r.echoes == nil {
		r.echoes = map[string]bool{}
	}
	if sp.Name != nil {
		r.echoes[sp.Name.Name] = true
		return
	}
	for name := range strings.SplitSeq(path, "/") { // a folder may be called otherwise than its package
		name, _, _ = strings.Cut(name, ".")
		r.echoes[strings.TrimPrefix(name, "go-")] = true
	}
}

// InitName begins the names that functions init have in a cell: they become
// ordinary functions, called by a statement.
const InitName = "init__"

// startFuncs has init called where a program would call it, before the first
// statement that is no declaration, and main in a cell that is a program.
func (r *round) startFuncs() {
	r.calls = map[*ast.ExprStmt]bool{}
	call := func(f *ast.FuncDecl) ast.Stmt {
		x := &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{Name: f.Name.Name, NamePos: f.Name.Pos()}, Lparen: f.Name.End(), Rparen: f.Name.End()}}
		r.calls[x] = true
		return x
	}
	var inits, mains []ast.Stmt
	for _, d := range r.decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil {
			continue
		}
		switch f.Name.Name {
		case "init":
			if f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() > 0 || f.Type.TypeParams.NumFields() > 0 {
				r.fail(f.Name.Pos(), "func init must have no arguments and no return values")
				continue
			}
			f.Name = &ast.Ident{Name: InitName + strconv.Itoa(len(inits)+1), NamePos: f.Name.Pos()}
			inits = append(inits, call(f))
		case "main":
			if r.program && r.plain {
				mains = append(mains, call(f))
			}
		}
	}
	b := r.body.Body.List
	i := 0
	for i < len(b) {
		if _, ok := b[i].(*ast.DeclStmt); !ok {
			break
		}
		i++
	}
	r.body.Body.List = slices.Concat(b[:i], inits, b[i:], mains)
}

// declared notes the names that the cell declares at package level.
func (r *round) declared() {
	r.own = map[string]bool{}
	for _, d := range r.decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				r.own[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					r.own[sp.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range sp.Names {
						r.own[n.Name] = true
					}
				}
			}
		}
	}
}

// fillScope gives the cell the earlier objects and packages that it mentions:
// its own imports first, then names of the notebook, then preloaded packages.
func (r *round) fillScope() {
	names := map[string]bool{}
	mentioned(names, r.decls...)
	mentioned(names, r.body)
	for name := range names {
		if r.own[name] {
			if pn := r.imports[name]; pn != nil {
				r.fail(pn.Pos(), "%s already declared in this cell", name)
			}
			continue
		}
		switch e := r.names[name]; {
		case r.imports[name] != nil:
			r.pkg.Scope().Insert(r.imports[name])
		case r.dots[name] != nil:
			r.pkg.Scope().Insert(r.dots[name])
		case e != nil:
			o := e.Object
			if pn, ok := o.(*types.PkgName); ok {
				o = types.NewPkgName(token.NoPos, r.pkg, name, pn.Imported())
			}
			r.pkg.Scope().Insert(o)
		case r.preload[name] != "":
			// A package that cannot be read is as good as not preloaded: the
			// name then is undefined, which is what the reader sees.
			if p, err := r.Import(r.preload[name]); err == nil {
				r.pkg.Scope().Insert(types.NewPkgName(token.NoPos, r.pkg, name, p))
			}
		}
	}
}

// hear takes the checker's errors and its two marks.
func (r *round) hear(err error) {
	e := err.(types.Error)
	switch e.Msg {
	case "undefined: " + signaturesKnown:
		r.addMethods()
		r.renew()
		return
	case "undefined: " + variablesKnown:
		r.showVariables()
		return
	}
	if note, ok := strings.CutPrefix(e.Msg, "\t"); ok {
		if n := len(r.errs); n > 0 {
			r.errs[n-1].Notes = append(r.errs[n-1].Notes, Note{r.Position(e.Pos), note})
		}
		return
	}
	if name, ok := strings.CutPrefix(e.Msg, "undefined: "); ok && r.echoes[name] {
		return
	}
	if r.forgiven(e) {
		return
	}
	r.places = append(r.places, e.Pos)
	x := &Error{Pos: r.Position(e.Pos), Msg: typeWords(e.Msg)}
	x.Notes = r.advice(x, e)
	r.errs = append(r.errs, x)
}

// forgiven are errors that make no sense cell by cell: what this cell does not
// use, the next may. Inside a function or block, no other cell can.
func (r *round) forgiven(e types.Error) bool {
	if r.unused == nil {
		r.forgivable()
	}
	if e.Soft && strings.HasPrefix(e.Msg, "declared and not used") {
		return r.unused[e.Pos]
	}
	if strings.HasSuffix(e.Msg, " is not used") {
		// At the top level of a cell an expression in passing is harmless;
		// inside a function or block it is the mistake that the compiler sees.
		i := sort.Search(len(r.idle), func(i int) bool { return e.Pos < r.idle[i].End() })
		return i < len(r.idle) && r.idle[i].Pos() <= e.Pos
	}
	return false
}

// forgivable finds once where the cell's statements may be forgiven: a cell can
// have as many such errors as it has lines.
func (r *round) forgivable() {
	r.unused = map[token.Pos]bool{}
	for _, s := range r.body.Body.List {
		for _, id := range declares(s) {
			r.unused[id.Pos()] = true
		}
		if x, ok := s.(*ast.ExprStmt); ok && !r.calls[x] {
			r.idle = append(r.idle, x)
		}
	}
}

func (r *round) fail(pos token.Pos, format string, args ...any) {
	r.places = append(r.places, pos)
	r.errs = append(r.errs, &Error{Pos: r.Position(pos), Msg: fmt.Sprintf(format, args...)})
}

// showVariables makes the variables of the cell's statements visible in its
// functions, but not in the statements themselves, where the old meaning of a
// name holds up to its declaration: mean := mean(xs).
func (r *round) showVariables() {
	file := r.info.Scopes[r.rest]
	for _, v := range r.variables() {
		if r.own[v.Name()] {
			o := r.pkg.Scope().Lookup(v.Name())
			r.fail(v.Pos(), "%s redeclared in this block", v.Name())
			last := r.errs[len(r.errs)-1]
			last.Notes = append(last.Notes, Note{r.Position(o.Pos()), "other declaration of " + v.Name()})
			continue
		}
		file.Insert(v)
	}
}

// variables returns those that the statements declare at top level, in order.
func (r *round) variables() []*types.Var {
	var vs []*types.Var
	scope := r.info.Scopes[r.body.Type]
	for _, n := range scope.Names() {
		if v, ok := scope.Lookup(n).(*types.Var); ok && n != "_" {
			vs = append(vs, v)
		}
	}
	slices.SortFunc(vs, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	return vs
}
