package check

import (
	"go/ast"
	"go/types"
	"slices"
)

// spawn is a goroutine that a call starts.
func (r *round) spawn(c *ast.CallExpr) spawn {
	s := spawn{what: "a goroutine", runs: map[string]types.Object{}}
	s.code.deps, s.code.selects = r.uses(c)
	fun := called(c)
	deps, _ := r.uses(&ast.CallExpr{Fun: fun})
	switch f := fun.(type) {
	case *ast.Ident:
		s.runs = deps
		if deps[f.Name] != nil {
			s.what += " that runs " + f.Name
		}
	case *ast.SelectorExpr:
		for name, o := range deps {
			if _, ok := o.(*types.Func); ok && o == r.info.Uses[f.Sel] {
				s.runs[name] = o
				s.what += " that runs " + name
			}
		}
	}
	return s
}

// isGo tells whether a call starts a goroutine: sync.WaitGroup.Go.
func (r *round) isGo(c *ast.CallExpr) bool {
	o, ok := r.info.Uses[ident(called(c))].(*types.Func)
	return ok && o.FullName() == "(*sync.WaitGroup).Go"
}

// waits tells whether a call of native code may wait for something.
func (r *round) waits(c *ast.CallExpr) bool {
	o, ok := r.info.Uses[ident(called(c))].(*types.Func)
	if !ok || o.Pkg() == nil || o.Pkg() == r.pkg {
		return false
	}
	switch o.Pkg().Path() {
	case "time":
		return o.Name() == "Sleep"
	case "sync", "net", "net/http", "os/exec", "io", "bufio":
		return true
	}
	return false
}

// begin notes the goroutines that the cell's statements start, wherever the go
// statement stands, and the functions that they may call.
func (r *round) begin(c code) {
	r.follow(c, false, func(name string, c *code) bool {
		if name != "" {
			r.ran[name] = true
		}
		for f := range c.stay {
			r.stay[f] = true
		}
		for _, s := range c.spawns {
			g := r.inCell(keeper{what: s.what, runs: true})
			r.put(s.code.deps, g)
			r.frames(g, s)
		}
		return false
	})
	for _, f := range r.cell.Funcs { // what a goroutine of earlier cells may come to call
		k, _ := key(f)
		if now := r.funcs[k]; now != nil {
			for _, g := range r.inside[k] {
				if g.cell == r.cell.ID {
					continue
				}
				g.by = k
				if now.lasts {
					r.put(now.deps, g)
				}
				r.frames(g, spawn{code: code{deps: now.deps, selects: now.selects}})
			}
		}
	}
}

// frames notes which functions a goroutine may be inside of when a later cell
// gives what they use another meaning: those that it runs, and those of the
// others whose calls last.
func (r *round) frames(g keeper, s spawn) {
	own := map[string]bool{}
	for name := range s.runs {
		own[name] = true
		if l := r.leads[name]; r.funcs[name] == nil && l != nil {
			for n := range l.deps {
				own[n] = true
			}
		}
	}
	r.follow(code{deps: s.code.deps, selects: s.code.selects}, false, func(name string, c *code) bool {
		in := g
		switch {
		case name == "":
			return false
		case own[name]:
			r.put(c.deps, in)
		case c.lasts && r.funcs[name] != nil:
			in.by = name
			r.put(c.deps, in)
		}
		if r.funcs[name] != nil && len(r.inside[name]) < manyKeepers && !slices.Contains(r.inside[name], in) {
			r.inside[name] = append(r.inside[name], in)
		}
		return false
	})
}
