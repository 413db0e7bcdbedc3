package check

import (
	"go/ast"
	"go/types"
)

// brief tells whether a call uses the function that it is given at i while it
// lasts and no longer.
func (r *round) brief(c *ast.CallExpr, i int) bool {
	o, ok := r.info.Uses[ident(called(c))].(*types.Func)
	if !ok || o.Pkg() == nil {
		return false
	}
	if o.Pkg() == r.pkg {
		name := o.Name()
		if t, ok := receiverNamed(o); ok {
			name = t.Obj().Name() + "." + name
		}
		f := r.funcs[name]
		return f != nil && i < len(f.brief) && f.brief[i]
	}
	if briefly[o.FullName()] {
		return true
	}
	switch o.Pkg().Path() {
	case "sort", "slices", "strings", "bytes", "maps":
		return o.Signature().Recv() == nil
	}
	return false
}

// briefly are functions of other packages that call what they are given and
// forget it.
var briefly = map[string]bool{
	"(*sync.Once).Do": true, "(*sync.Map).Range": true, "math/rand.Shuffle": true, "math/rand/v2.Shuffle": true,
	"(*math/rand.Rand).Shuffle": true, "(*math/rand/v2.Rand).Shuffle": true, "path/filepath.Walk": true, "path/filepath.WalkDir": true,
	"io/fs.WalkDir": true, "(*regexp.Regexp).ReplaceAllFunc": true, "(*regexp.Regexp).ReplaceAllStringFunc": true,
	"testing.Benchmark": true, "testing.AllocsPerRun": true, "flag.Visit": true, "flag.VisitAll": true, "go/ast.Inspect": true,
}

// briefParams tells of which parameters a function calls the value and does
// nothing else with it.
func (r *round) briefParams(d *ast.FuncDecl) []bool {
	var list []bool
	var params []types.Object
	any := false
	for _, p := range d.Type.Params.List {
		_, variadic := p.Type.(*ast.Ellipsis)
		for i := range max(1, len(p.Names)) {
			var o types.Object
			if len(p.Names) > 0 && !variadic {
				if o = r.info.Defs[p.Names[i]]; o != nil {
					_, isFunc := o.Type().Underlying().(*types.Signature)
					any = any || isFunc
				}
			}
			params = append(params, o)
		}
	}
	if !any || d.Body == nil {
		return nil
	}
	calls := r.onlyCalled(d.Body, params...)
	for _, o := range params {
		list = append(list, o != nil && calls[o])
	}
	return list
}

// onlyCalled are those of the variables of a function, and of its parameters that
// are given, that hold functions and are called where they stand, or given to
// what forgets them; in no closure that may be kept.
func (r *round) onlyCalled(body ast.Node, params ...types.Object) map[types.Object]bool {
	only := map[types.Object]bool{}
	for _, o := range params {
		if o != nil {
			only[o] = true
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, x := range n.Lhs {
				if id, ok := x.(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) {
					if _, ok := ast.Unparen(n.Rhs[i]).(*ast.FuncLit); ok {
						if o, ok := r.info.ObjectOf(id).(*types.Var); ok && !r.isGlobal(o) {
							if _, known := only[o]; !known {
								only[o] = true
							}
						}
					}
				}
			}
		}
		return true
	})
	if len(only) == 0 {
		return only
	}
	for n := -1; n != len(only); { // until those that others give away are out
		n = len(only)
		r.escapes(body, only, false)
	}
	return only
}

// isGlobal tells whether o is a variable of the notebook.
func (r *round) isGlobal(o *types.Var) bool { return r.isTop(o) || r.knows(o) }

// escapes takes out of only what is used otherwise than by calls.
func (r *round) escapes(n ast.Node, only map[types.Object]bool, kept bool) {
	use := func(x ast.Expr) bool {
		id, ok := ast.Unparen(x).(*ast.Ident)
		return ok && only[r.info.ObjectOf(id)] && !kept
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			r.escapes(n.Call.Fun, only, true)
			for _, a := range n.Call.Args {
				r.escapes(a, only, true)
			}
			return false
		case *ast.AssignStmt:
			for i, x := range n.Rhs {
				f, isLit := ast.Unparen(x).(*ast.FuncLit)
				if isLit && len(n.Lhs) == len(n.Rhs) && use(n.Lhs[i]) {
					r.escapes(f.Body, only, kept)
				} else {
					r.escapes(x, only, kept)
				}
			}
			for _, x := range n.Lhs {
				if !use(x) {
					r.escapes(x, only, kept)
				}
			}
			return false
		case *ast.CallExpr:
			if f, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				r.escapes(f.Body, only, kept)
			} else if !use(n.Fun) {
				r.escapes(n.Fun, only, kept)
			}
			for i, a := range n.Args {
				f, isLit := ast.Unparen(a).(*ast.FuncLit)
				switch {
				case r.brief(n, i) && isLit:
					r.escapes(f.Body, only, kept)
				case r.brief(n, i) && use(a):
				default:
					r.escapes(a, only, kept)
				}
			}
			return false
		case *ast.BinaryExpr: // f == nil
			if use(n.X) || use(n.Y) {
				return false
			}
		case *ast.FuncLit:
			r.escapes(n.Body, only, true)
			return false
		case *ast.Ident:
			delete(only, r.info.Uses[n])
		}
		return true
	})
}
