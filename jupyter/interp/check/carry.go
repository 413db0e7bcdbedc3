package check

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// stored is a function or method of the notebook, kept so that it can be
// compiled again.
type stored struct {
	code
	decl    *ast.FuncDecl
	generic bool   // a method of a generic type
	brief   []bool // parameters that it calls and forgets
	told    string // why it keeps an earlier meaning, as the reader was told
	cell    uint64
	count   int
}

// asValue begins the names of functions where they are values: what names one so
// has it as it is then, with its body.
const asValue = "&"

// Text is a function as it stands in a cell, without its comment: the same text,
// run again, is the same function.
func Text(fset *token.FileSet, d *ast.FuncDecl) string {
	f := *d
	f.Doc = nil
	var b bytes.Buffer
	_ = (&printer.Config{Mode: printer.RawFormat}).Fprint(&b, fset, &f) // a buffer takes all
	return b.String()
}

// key is what a function is stored by: f, or T.M.
func key(d *ast.FuncDecl) (name string, generic bool) {
	if d.Recv == nil || len(d.Recv.List) != 1 {
		return d.Name.Name, false
	}
	base, generic := receiver(d.Recv.List[0].Type)
	if base == nil {
		return "", generic
	}
	return base.Name + "." + d.Name.Name, generic
}

// storedType is a generic type of the notebook.
type storedType struct {
	spec   *ast.TypeSpec
	object types.Object
}

// carry adds to the cell the functions of earlier cells that use what this one
// gives another meaning. Otherwise they would go on with the old one. What does
// not fit the new one (see without) does, and the reader is told.
func (r *round) carry() {
	r.news, r.wanted = r.newNames(), map[string]bool{}
	ours := r.statementNames()
	for name := range r.imports {
		ours[name] = true
	}
	for name := range r.own { // a variable, a type: no function of the name goes on
		ours[name] = true
	}
	for _, d := range r.decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			k, _ := key(f)
			ours[k] = true
		}
	}
	for more := true; more; {
		more = false
		for _, k := range r.funcOrder {
			f := r.funcs[k]
			if f == nil || ours[k] || r.without[k] != nil || !r.touches(f) {
				continue
			}
			if base, _, isMethod := strings.Cut(k, "."); isMethod && f.generic && !r.own[base] {
				switch why := r.fixed[base]; {
				case r.types[base] != nil && meets(r.types[base].deps, r.news): // the type itself stays as it is
				case why != nil:
					r.without[k] = why
				default:
					r.wanted[base] = true
				}
				continue
			}
			ours[k], more = true, true
			if r.movesWith(f.decl, r.news) {
				r.news[k] = true
			}
			r.carried = append(r.carried, f)
			r.decls = append(r.decls, f.decl)
			if f.decl.Recv == nil {
				r.own[k] = true
			}
		}
	}
}

// newNames are the names to which this cell gives another meaning: of methods,
// T.M, and .M for one that is new to its type. A function that takes and returns
// what it did is none: calls by its name go on as they are.
func (r *round) newNames() map[string]bool {
	changed := maps.Clone(r.retyped)
	if changed == nil {
		changed = map[string]bool{}
	}
	for name := range r.imports {
		changed[name] = true
	}
	for name := range r.dots {
		changed[name] = true
	}
	funcs := map[string]*ast.FuncDecl{}
	for _, d := range r.decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			if k, _ := key(f); f.Recv != nil || r.names[k] != nil {
				funcs[k] = f
			}
		}
	}
	for name := range r.own {
		if funcs[name] == nil {
			changed[name] = true
		}
	}
	for k, f := range funcs {
		switch was := r.funcs[k]; {
		case was == nil && f.Recv != nil:
			changed["."+f.Name.Name] = true
		case was == nil || header(was.decl) != header(f) || recovers(was.decl) != recovers(f) || r.movesWith(f, changed):
			changed[k] = true
		case (r.users[asValue+k] != nil || r.keepers[asValue+k] != nil) && Text(r.fset, was.decl) != Text(r.fset, f):
			changed[asValue+k] = true
		}
	}
	return changed
}

// header is what a function takes and returns, without the parameters' names.
func header(f *ast.FuncDecl) string {
	var b strings.Builder
	list := func(l *ast.FieldList, names bool) {
		b.WriteByte('(')
		if l != nil {
			for _, p := range l.List {
				for i := range max(1, len(p.Names)) {
					if names {
						b.WriteString(p.Names[i].Name + " ")
					}
					b.WriteString(types.ExprString(p.Type) + ",")
				}
			}
		}
		b.WriteByte(')')
	}
	list(f.Recv, false)
	list(f.Type.TypeParams, true)
	list(f.Type.Params, false)
	list(f.Type.Results, false)
	return b.String()
}

// recovers tells whether a function may call recover: calls that are deferred
// are compiled for one that does, or for one that does not.
func recovers(f *ast.FuncDecl) bool {
	names := map[string]bool{}
	mentioned(names, f.Body)
	return names["recover"]
}

// movesWith tells whether what a function takes and returns has another meaning
// if names have.
func (r *round) movesWith(f *ast.FuncDecl, changed map[string]bool) bool {
	names := map[string]bool{}
	mentioned(names, ast.Node(f.Type))
	if f.Recv != nil {
		mentioned(names, ast.Node(f.Recv))
	}
	return meets(names, changed)
}

// touches tells whether a stored function uses what this cell changes.
func (r *round) touches(f *stored) bool {
	names := r.news
	if f.told != "" { // what it did not fit may be there now
		names = r.declaredNames()
	}
	for name := range names {
		if o := f.deps[name]; o != nil && !r.samePackage(name, o) || f.selects[name] {
			return true
		}
	}
	return false
}

// declaredNames are all names that this cell declares, methods among them.
func (r *round) declaredNames() map[string]bool {
	names := maps.Clone(r.news)
	maps.Copy(names, r.own)
	for _, d := range r.decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			names["."+f.Name.Name] = true
		}
	}
	return names
}

// samePackage tells whether an import of this cell is of the package that o is.
func (r *round) samePackage(name string, o types.Object) bool {
	pn, ok := o.(*types.PkgName)
	return ok && r.imports[name] != nil && r.imports[name].Imported() == pn.Imported()
}

// meets tells whether a has one of names.
func meets[V any](a map[string]V, names map[string]bool) bool {
	for n := range names {
		if _, ok := a[n]; ok {
			return true
		}
	}
	return false
}

// misfits are the carried functions that errors lie in, and the first of these.
func (r *round) misfits() map[string]*Error {
	bad := map[string]*Error{}
	for i, pos := range r.places {
		for _, f := range r.carried {
			if k, _ := key(f.decl); bad[k] == nil && f.decl.Pos() <= pos && pos < f.decl.End() {
				bad[k] = r.errs[i]
			}
		}
	}
	return bad
}

// changedTypes are names of variables that functions of earlier cells use and
// that the cell declares with another type.
func (r *round) changedTypes() map[string]bool {
	names := map[string]bool{}
	for _, v := range r.cell.Top {
		name := v.Name()
		if r.cell.Same[v] != nil || r.news[name] {
			continue
		}
		for k := range r.users[name] {
			if f := r.funcs[k]; f != nil && f.deps[name] != nil && r.without[k] == nil && !r.isRedeclared(k) {
				names[name] = true
			}
		}
	}
	return names
}

func (r *round) isRedeclared(k string) bool {
	return slices.ContainsFunc(r.cell.Funcs, func(d *ast.FuncDecl) bool {
		n, _ := key(d)
		return n == k && !r.isCarried(d)
	})
}

// store keeps the cell's functions for carry.
func (r *round) store() {
	for _, d := range r.cell.Funcs {
		k, generic := key(d)
		if k == "" || d.Name.Name == "_" || strings.HasPrefix(d.Name.Name, InitName) {
			continue
		}
		c := r.code(d)
		for name := range c.deps {
			if r.users[name] == nil {
				r.users[name] = map[string]bool{}
			}
			r.users[name][k] = true
		}
		if f := r.funcs[k]; f != nil && f.decl == d { // carried
			f.code, f.told = c, ""
			continue
		}
		if _, m, isMethod := strings.Cut(k, "."); isMethod {
			if r.byMethod["."+m] == nil {
				r.byMethod["."+m] = map[string]bool{}
			}
			r.byMethod["."+m][k] = true
		}
		if r.funcs[k] == nil {
			r.funcOrder = append(r.funcOrder, k)
		}
		r.funcs[k] = &stored{code: c, decl: d, generic: generic, brief: r.briefParams(d), cell: r.cell.ID, count: r.count}
	}
	for _, sp := range r.cell.Types {
		delete(r.generics, sp.Name.Name)
		if sp.TypeParams != nil && sp.Name.Name != "_" {
			r.generics[sp.Name.Name] = &storedType{sp, r.names[sp.Name.Name].Object}
		}
	}
	// A name that is no function any more has nothing to carry, nor have the
	// methods of a type that was replaced and not given them.
	for name := range r.own {
		if f := r.funcs[name]; f != nil && f.cell != r.cell.ID && !r.isCarried(f.decl) {
			delete(r.funcs, name)
		}
	}
	for _, v := range r.cell.Top {
		delete(r.funcs, v.Name()) // see missed
	}
}

func (r *round) isCarried(d *ast.FuncDecl) bool {
	for _, f := range r.carried {
		if f.decl == d {
			return true
		}
	}
	return false
}

// statementNames are the names that the cell's statements declare at top level.
func (r *round) statementNames() map[string]bool {
	names := map[string]bool{}
	for _, s := range r.body.Body.List {
		for _, id := range declares(s) {
			names[id.Name] = true
		}
	}
	return names
}
