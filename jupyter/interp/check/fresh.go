package check

import (
	"go/ast"
	"go/types"
	"slices"
)

// A statement declares its variables when it has run. A cell that ends before,
// by a panic, an exit or the reader's wish, must not leave names behind that
// stand for variables without a value.

// before is what a name meant.
type before struct {
	fresh *types.Var
	entry *Entry  // nil if nothing
	fun   *stored // if it was a function
	pre   bool    // predeclared
}

// findFresh finds the variables that the cell does not share with earlier ones,
// and the functions that were compiled again for them.
func (r *round) findFresh() {
	c := r.cell
	c.Fresh, c.Waits = map[*types.Var]bool{}, map[*ast.FuncDecl][]*types.Var{}
	names := map[string]*types.Var{}
	for _, v := range c.Top {
		if c.Same[v] == nil {
			c.Fresh[v], names[v.Name()] = true, v
		}
	}
	for _, f := range r.carried {
		for name := range f.deps {
			if v := names[name]; v != nil {
				c.Waits[f.decl] = append(c.Waits[f.decl], v)
			}
		}
	}
}

// rememberWaiting notes the functions that wait for fresh variables.
func (r *round) rememberWaiting() {
	r.was = map[string]*types.Func{}
	for fd := range r.cell.Waits {
		if e := r.names[fd.Name.Name]; fd.Recv == nil && e != nil {
			r.was[fd.Name.Name], _ = e.Object.(*types.Func)
		}
	}
}

// rememberFresh notes what the names of fresh variables mean.
func (r *round) rememberFresh() {
	r.before = map[string]before{}
	for v := range r.cell.Fresh {
		r.before[v.Name()] = before{v, r.names[v.Name()], r.funcs[v.Name()], r.pre[v.Name()]}
	}
}

// missed see Checker.Missed.
func (r *round) missed(names []string) (kept []*types.Func) {
	for _, name := range names {
		was := r.before[name]
		if e := r.names[name]; e == nil || e.Object != was.fresh {
			continue
		}
		delete(r.names, name)
		if was.entry != nil {
			r.names[name] = was.entry
		}
		if was.fun != nil && r.funcs[name] == nil {
			r.funcs[name] = was.fun
		}
		if was.pre {
			r.pre[name] = true
		}
	}
	for fd, waits := range r.cell.Waits {
		if fd.Recv != nil || !slices.ContainsFunc(waits, func(v *types.Var) bool { return slices.Contains(names, v.Name()) }) {
			continue
		}
		e, was := r.names[fd.Name.Name], r.was[fd.Name.Name]
		if e != nil && was != nil && e.Object == r.info.Defs[fd.Name] {
			e.Object = was
			kept = append(kept, was)
		}
	}
	return kept
}
