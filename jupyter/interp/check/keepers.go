package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A function can be compiled again, a closure that is there cannot: what it has
// captured would be lost. It keeps the meaning that names had for it, and the
// reader is told when one gets another.

// keeper is what holds a closure, or runs.
type keeper struct {
	what  string // as a reader knows it: h, a closure that f made
	name  string // of the variable or function that has it
	runs  bool   // a goroutine
	many  bool   // too many to be named
	cell  uint64
	count int
}

// keep notes which closures and goroutines of the cell use names of the
// notebook.
func (r *round) keep() {
	k := &keeping{round: r}
	for _, f := range r.cell.Funcs {
		if f.Body != nil && !strings.HasPrefix(f.Name.Name, InitName) && !r.isCarried(f) {
			k.made, k.name = "closures that "+f.Name.Name+" made", f.Name.Name
			k.walk(f.Body)
		}
	}
	k.made = ""
	for _, s := range r.cell.Body {
		k.name = assigned(s)
		k.walk(s)
	}
	if r.cell.Show != nil {
		k.name = ""
		k.walk(r.cell.Show)
	}
}

// keeping walks over what makes closures.
type keeping struct {
	*round
	made string // what closures are called that a function makes
	name string // of the variable that gets what is made
}

func (k *keeping) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			k.goroutine(n)
			return false
		case *ast.CallExpr:
			if k.brief(n) {
				for _, a := range n.Args {
					if _, ok := ast.Unparen(a).(*ast.FuncLit); !ok {
						k.walk(a)
					}
				}
				return false
			}
		case *ast.FuncLit:
			what := k.made
			switch {
			case what == "" && k.name != "":
				what = k.name
			case what == "":
				what = "a function literal"
			}
			k.add(n.Body, keeper{what: what, name: k.name})
			return false
		}
		return true
	})
}

func (k *keeping) goroutine(s *ast.GoStmt) {
	g := keeper{what: "a goroutine", runs: true}
	k.add(s.Call, g)
	if id, ok := ast.Unparen(s.Call.Fun).(*ast.Ident); ok {
		if f := k.funcs[id.Name]; f != nil {
			g.what += " that runs " + id.Name
			k.put(f.deps, g)
		}
	}
}

// brief tells whether a call uses the literals that it is given, or that it is
// of, while it lasts and no longer.
func (k *keeping) brief(c *ast.CallExpr) bool {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.FuncLit:
		return true
	case *ast.SelectorExpr:
		o, ok := k.info.Uses[f.Sel].(*types.Func)
		if !ok || o.Pkg() == nil || o.Signature().Recv() != nil {
			return false
		}
		switch o.Pkg().Path() {
		case "sort", "slices", "strings", "bytes", "maps":
			return true
		}
	}
	return false
}

func (k *keeping) add(n ast.Node, what keeper) {
	deps, _ := k.uses(n)
	k.put(deps, what)
}

func (k *keeping) put(deps map[string]types.Object, what keeper) {
	what.cell, what.count = k.cell.ID, k.count
	for name, o := range deps {
		if _, ok := o.(*types.PkgName); ok || slices.Contains(k.keepers[name], what) {
			continue
		}
		if ks := k.keepers[name]; len(ks) >= manyKeepers {
			k.keepers[name] = append(slices.Clone(ks[:0]), keeper{what: "closures of many cells", count: ks[0].count, many: true})
		}
		k.keepers[name] = append(k.keepers[name], what)
	}
}

// manyKeepers of a name are remembered one by one; a cell that makes closures
// may run again for ever.
const manyKeepers = 50

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
	x := a.Lhs[0]
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
			return e.Name
		default:
			return ""
		}
	}
}

// made are the variables that the cell gives other values, and its functions.
func (r *round) made() map[string]bool {
	names := map[string]bool{}
	for _, s := range r.cell.Body {
		if a, ok := s.(*ast.AssignStmt); ok {
			for _, x := range a.Lhs {
				if id, ok := x.(*ast.Ident); ok {
					names[id.Name] = true
				}
			}
		}
		for _, id := range declares(s) {
			names[id.Name] = true
		}
	}
	return names
}

// release forgets keepers that the cell replaces, and those that the reader has
// been told of.
func (r *round) release() {
	made := r.made()
	for name, ks := range r.keepers {
		ks = slices.DeleteFunc(ks, func(k keeper) bool { return k.name != "" && k.name == k.what && made[k.name] })
		if len(ks) == 0 || r.news[name] {
			delete(r.keepers, name)
		} else {
			r.keepers[name] = ks
		}
	}
}
