package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A function can be compiled again, a closure that is there cannot: what it has
// captured would be lost. It keeps the meaning that names had for it, and the
// reader is told when one gets another. So does what runs, the body of a function
// that a variable holds while the function gets another, and the methods of a
// type that variables are of while its name gets another.

// keeper is what holds code that is not compiled again, or runs it.
type keeper struct {
	what     string // as a reader knows it: h, closures that f made
	name     string // of the variable or function that has it
	by       string // the function or type of earlier cells that it holds, whose code it is; "" if it is its own
	of       bool   // by is a type
	maker    string // the function that makes it, if one does
	returned bool   // it is what maker returns
	runs     bool   // a goroutine
	many     bool   // too many to be named
	cell     uint64
	count    int
}

// hold is what a keeper comes to hold when the cell has run.
type hold struct {
	deps map[string]types.Object
	by   keeper
}

// put notes that a keeper has code that uses names, beside that which it is of.
func (r *round) put(deps map[string]types.Object, what keeper) {
	for name := range deps {
		base, _, _ := strings.Cut(strings.TrimPrefix(name, asValue), ".")
		if what.of && what.by == base || slices.Contains(r.keepers[name], what) {
			continue
		}
		ks := r.keepers[name]
		i := slices.IndexFunc(ks, func(k keeper) bool { return k.runs })
		switch {
		case len(ks) < manyKeepers:
		case i >= 0: // most have ended
			ks = slices.Delete(ks, i, i+1)
		default:
			ks = []keeper{{what: "closures of many cells", count: ks[0].count, many: true}}
		}
		r.keepers[name] = append(ks, what)
	}
}

// manyKeepers of a name are remembered one by one; a cell that makes closures
// may run again for ever.
const manyKeepers = 50

// inCell is the keeper in the cell.
func (r *round) inCell(k keeper) keeper {
	k.cell, k.count = r.cell.ID, r.count
	return k
}

// assigned is the variable that a statement sets, "" if it is no one variable of
// the notebook.
func assigned(s ast.Stmt) string {
	if ids := declares(s); len(ids) > 0 {
		return ids[0].Name
	}
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN {
		return ""
	}
	if id := root(a.Lhs[0]); id != nil {
		return id.Name
	}
	return ""
}

// root is the variable that a place is in.
func root(x ast.Expr) *ast.Ident {
	for {
		switch e := x.(type) {
		case *ast.IndexExpr:
			x = e.X
		case *ast.SelectorExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		case *ast.Ident:
			return e
		default:
			return nil
		}
	}
}

// made are the variables that the cell gives other values, and its functions.
func (r *round) made() map[string]bool {
	names := map[string]bool{}
	for _, s := range r.cell.Body {
		for _, name := range sets(s) {
			names[name] = true
		}
	}
	for _, f := range r.cell.Funcs {
		k, _ := key(f)
		names[k] = true
	}
	return names
}

// sets are the variables that a statement gives another value; not one that has
// the earlier in it, as append's has.
func sets(s ast.Stmt) (names []string) {
	var values []ast.Expr
	switch s := s.(type) {
	case *ast.AssignStmt:
		values = s.Rhs
		for _, x := range s.Lhs {
			if id, ok := x.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
		}
	case *ast.DeclStmt:
		for _, id := range declares(s) {
			names = append(names, id.Name)
		}
		if g, ok := s.Decl.(*ast.GenDecl); ok {
			for _, sp := range g.Specs {
				if v, ok := sp.(*ast.ValueSpec); ok {
					values = append(values, v.Values...)
				}
			}
		}
	case *ast.LabeledStmt:
		return sets(s.Stmt)
	}
	used := map[string]bool{}
	for _, x := range values {
		ast.Inspect(x, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name] = true
			}
			_, ok := n.(*ast.FuncLit) // it calls itself, perhaps
			return !ok
		})
	}
	return slices.DeleteFunc(names, func(name string) bool { return used[name] })
}

// turned are the names that mean something else when the cell has run: those of
// news that do not mean the same again, and variables that are not those of
// earlier cells. Of a package it is another package: what a cell calls url or
// path is nothing that a closure waits for.
func (r *round) turned() map[string]bool {
	if r.turns == nil {
		all := maps.Clone(r.news)
		for v := range r.cell.Fresh {
			if r.names[v.Name()] != nil {
				all[v.Name()] = true
			}
		}
		r.turns = map[string]bool{}
		for name := range all {
			base, _, isMethod := strings.Cut(strings.TrimPrefix(name, asValue), ".")
			switch e := r.names[base]; {
			case isMethod && (r.own[base] || base == ""): // the type says it all
			case isMethod:
				r.turns[name] = true
			case e == nil:
				if pn := r.imports[name]; pn != nil && r.preload[name] != "" && r.preload[name] != pn.Imported().Path() {
					r.turns[name] = true
				}
			default:
				if _, ok := e.Object.(*types.PkgName); ok && r.imports[name] == nil {
					continue
				}
				if t, ok := e.Object.Type().(*types.Named); ok && r.cell.Renewed[t] != nil {
					continue
				}
				if !r.samePackage(name, e.Object) && !r.goesOn(name) {
					r.turns[name] = true
				}
			}
		}
	}
	return r.turns
}

// goesOn tells whether the cell declares a variable that is the earlier one, with
// another value.
func (r *round) goesOn(name string) bool {
	for v := range r.cell.Same {
		if v.Name() == name {
			return true
		}
	}
	return false
}

// leftBehind is what holds functions and types that mean something else when the
// cell has run, and with them what those know.
func (r *round) leftBehind() []hold {
	if r.holds != nil {
		return r.holds
	}
	r.holds = []hold{}
	for k, ks := range r.values {
		if f := r.funcs[k]; f != nil && r.replaces(k, f) {
			for _, x := range ks {
				x.by = k
				r.holds = append(r.holds, hold{f.deps, x})
			}
		}
	}
	for name := range r.turned() {
		f := r.funcs[strings.TrimPrefix(name, asValue)]
		if f == nil {
			continue
		}
		for _, x := range r.keepers[name] {
			if x.by == "" {
				x.by = strings.TrimPrefix(name, asValue)
			}
			r.holds = append(r.holds, hold{f.deps, x})
		}
		for k := range r.without {
			if g := r.funcs[k]; g != nil && g.deps[name] != nil {
				r.holds = append(r.holds, hold{f.deps, keeper{what: k, name: k, by: name, cell: g.cell, count: g.count}})
			}
		}
	}
	for name := range r.turned() {
		if e := r.names[name]; e != nil {
			if tn, ok := e.Object.(*types.TypeName); ok {
				r.outdate(tn)
			}
		}
	}
	return r.holds
}

// outdate notes which variables are of a type that the cell declares anew, if it
// has methods.
func (r *round) outdate(tn *types.TypeName) {
	deps := map[string]types.Object{}
	for k, f := range r.funcs {
		if base, _, isMethod := strings.Cut(k, "."); isMethod && base == tn.Name() {
			maps.Copy(deps, f.deps)
		}
	}
	if len(deps) == 0 {
		return
	}
	for _, x := range r.keepers[tn.Name()] { // they make values of it
		if x.runs || x.many || x.by != "" {
			continue
		}
		x.by, x.of = tn.Name(), true
		r.holds = append(r.holds, hold{deps, x})
	}
	for name, e := range r.names {
		byMethod := func(k keeper) bool { return k.name == name && strings.HasPrefix(k.by, tn.Name()+".") }
		known := slices.ContainsFunc(r.holds, func(h hold) bool { return byMethod(h.by) }) || slices.ContainsFunc(r.keepers[tn.Name()], byMethod)
		if v, ok := e.Object.(*types.Var); ok && !known && r.mayHold(v, tn) {
			r.holds = append(r.holds, hold{deps, keeper{what: name, name: name, by: tn.Name(), of: true, cell: e.Cell, count: e.Count}})
		}
	}
}

// replaces tells whether the cell gives the name of a function another body, or
// another meaning altogether: values of it keep the body that they have.
func (r *round) replaces(k string, f *stored) bool {
	if base, _, isMethod := strings.Cut(k, "."); isMethod && r.turned()[base] {
		return true
	}
	for _, d := range r.cell.Funcs {
		if n, _ := key(d); n == k {
			return r.movesWith(d, r.turned()) || !r.isCarried(d) && Text(r.fset, d) != Text(r.fset, f.decl)
		}
	}
	return r.turned()[k]
}

// release forgets keepers that the cell replaces, and those that the reader has
// been told of, and notes what is kept from now on.
func (r *round) release() {
	made, turned := r.made(), r.turned()
	gone := func(k keeper) bool {
		return k.name != "" && k.name == k.what && made[k.name] || made[k.maker] && !r.mayBe(k)
	}
	stays := func(ks []keeper) []keeper {
		ks = slices.DeleteFunc(ks, gone)
		for i := range ks {
			if made[ks[i].maker] {
				ks[i].maker = "" // it is made, and no more of it
			}
		}
		return ks
	}
	for name, ks := range r.keepers {
		ks = stays(ks)
		if len(ks) == 0 || turned[name] {
			delete(r.keepers, name)
		} else {
			r.keepers[name] = ks
		}
	}
	for k, ks := range r.values {
		if f := r.funcs[k]; f == nil || r.replaces(k, f) {
			delete(r.values, k)
		} else {
			r.values[k] = stays(ks)
		}
	}
	for _, h := range r.leftBehind() {
		deps := maps.Clone(h.deps)
		maps.DeleteFunc(deps, func(name string, _ types.Object) bool { return turned[name] })
		if !gone(h.by) {
			h.by.maker = ""
			r.put(deps, h.by)
		}
	}
	for name := range made {
		delete(r.ran, name)
		delete(r.stay, name)
	}
}

// mayBe tells whether a cell may have called the function that makes a keeper, and
// kept what it returned: methods are called by who knows whom.
func (r *round) mayBe(k keeper) bool {
	return k.maker == "" || strings.Contains(k.maker, ".") || r.ran[k.maker] && (!k.returned || r.stay[k.maker])
}
