package check

import (
	"go/ast"
	"go/types"
	"strings"
)

// stored is a function or method of the notebook, kept so that it can be
// compiled again.
type stored struct {
	decl    *ast.FuncDecl
	names   map[string]bool // what it mentions
	generic bool            // a method of a generic type
	cell    uint64
	count   int
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
// defines anew: a function, method, type or constant. Otherwise they would go
// on with the old meaning. What does not fit the new one (see without) does.
func (r *round) carry() {
	changed := map[string]bool{}
	for name := range r.own {
		if e := r.names[name]; e != nil {
			switch e.Object.(type) {
			case *types.Func, *types.TypeName, *types.Const:
				changed[name] = true
			}
		}
	}
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
			if f.Recv != nil && r.funcs[k] != nil {
				changed[f.Name.Name] = true
			}
		}
	}
	for more := len(changed) > 0; more; {
		more = false
		for _, k := range r.funcOrder {
			f := r.funcs[k]
			if f == nil || ours[k] || r.without[k] || !meets(f.names, changed) {
				continue
			}
			if base, _, isMethod := strings.Cut(k, "."); isMethod && f.generic && !r.own[base] {
				continue // its type stays as it is
			}
			ours[k], more = true, true
			changed[f.decl.Name.Name] = true
			r.carried = append(r.carried, f)
			r.decls = append(r.decls, f.decl)
			if f.decl.Recv == nil {
				r.own[k] = true
			}
		}
	}
}

func meets(a, b map[string]bool) bool {
	for n := range b {
		if a[n] {
			return true
		}
	}
	return false
}

// misfits are the carried functions that errors lie in.
func (r *round) misfits() map[string]bool {
	bad := map[string]bool{}
	for _, pos := range r.places {
		for _, f := range r.carried {
			if f.decl.Pos() <= pos && pos < f.decl.End() {
				k, _ := key(f.decl)
				bad[k] = true
			}
		}
	}
	return bad
}

// store keeps the cell's functions for carry.
func (r *round) store() {
	for _, d := range r.cell.Funcs {
		k, generic := key(d)
		if k == "" || d.Name.Name == "_" || strings.HasPrefix(d.Name.Name, InitName) {
			continue
		}
		if r.isCarried(d) {
			continue
		}
		names := map[string]bool{}
		mentioned(names, ast.Node(d))
		if r.funcs[k] == nil {
			r.funcOrder = append(r.funcOrder, k)
		}
		r.funcs[k] = &stored{decl: d, names: names, generic: generic, cell: r.cell.ID, count: r.count}
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
		delete(r.funcs, v.Name())
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
