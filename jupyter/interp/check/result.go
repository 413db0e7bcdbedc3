package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"strings"
)

// cellName is how a reader knows a cell. What has no number is an expression
// that the front end asks for, or declares what every notebook has.
func cellName(count int) string {
	switch {
	case count < 0:
		return "prelude"
	case count == 0:
		return "expression"
	}
	return fmt.Sprintf("Cell [%d]", count)
}

type errNoPackage string

func (e errNoPackage) Error() string { return "this kernel has no package " + string(e) }

// importWords drops what go/importer says about files that no reader knows.
func importWords(err error) error {
	if why := known(err); why != nil {
		return errors.New(strings.TrimPrefix(why.Error(), "module: "))
	}
	for _, s := range []string{"can't find import", "no package", "does not exist"} {
		if strings.Contains(err.Error(), s) {
			return errors.New("this kernel does not have the package")
		}
	}
	return err
}

// dot makes an object of a dot import visible.
func (r *round) dot(name string, o types.Object) {
	if r.dots == nil {
		r.dots = map[string]types.Object{}
	}
	r.dots[name] = o
}

// result sorts what the lowering needs.
func (r *round) result() *Cell {
	c := r.cell
	c.Info = r.info
	for _, d := range r.decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.Funcs = append(c.Funcs, d)
		case *ast.GenDecl:
			if d.Tok == token.TYPE {
				for _, sp := range d.Specs {
					c.Types = append(c.Types, sp.(*ast.TypeSpec))
				}
			}
		}
	}
	c.Body = r.body.Body.List
	if n := len(c.Body); n > 0 {
		if x, ok := c.Body[n-1].(*ast.ExprStmt); ok && !r.calls[x] && !r.quiet(x.X) {
			c.Show, c.Body = x.X, c.Body[:n-1]
		}
	}
	if !r.plain {
		c.Top = r.variables()
	}
	if r.plain || r.lead {
		c.Body = append(r.initOrder(), c.Body...)
		r.info.InitOrder = nil // it is in Body
		for _, n := range r.pkg.Scope().Names() {
			if v, ok := r.pkg.Scope().Lookup(n).(*types.Var); ok && r.own[n] && n != "_" {
				c.Top = append(c.Top, v)
			}
		}
	}
	c.Same = map[*types.Var]*types.Var{}
	for _, v := range c.Top {
		e := r.names[v.Name()]
		if e == nil || r.pre[v.Name()] {
			continue
		}
		if old, ok := e.Object.(*types.Var); ok && old.Pkg() == r.pkg && types.Identical(old.Type(), v.Type()) {
			c.Same[v] = old
		}
	}
	r.findFresh()
	return c
}

// initOrder returns the variables of a cell of declarations as statements, in
// the order of their dependencies: first those without a value.
func (r *round) initOrder() []ast.Stmt {
	specs := map[types.Object]*ast.ValueSpec{}
	var out []ast.Stmt
	add := func(sp *ast.ValueSpec) {
		out = append(out, &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: sp.Pos(), Tok: token.VAR, Specs: []ast.Spec{sp}}})
	}
	idents := map[types.Object]*ast.Ident{}
	for _, d := range r.decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, sp := range g.Specs {
			v := sp.(*ast.ValueSpec)
			if len(v.Values) == 0 {
				add(v)
			}
			for _, n := range v.Names {
				specs[r.info.Defs[n]], idents[r.info.Defs[n]] = v, n
			}
		}
	}
	for _, in := range r.info.InitOrder {
		var names []*ast.Ident
		var typ ast.Expr
		for _, v := range in.Lhs {
			names, typ = append(names, idents[v]), specs[v].Type
		}
		add(&ast.ValueSpec{Names: names, Type: typ, Values: []ast.Expr{in.Rhs}})
	}
	return out
}

// quiet tells whether the last expression is shown by what it does already:
// the n and err of fmt.Println are not what a reader waits for.
func (r *round) quiet(x ast.Expr) bool {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok {
		return false
	}
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		id = f.Sel
	case *ast.Ident:
		id = f
	}
	f, ok := r.info.Uses[id].(*types.Func)
	return ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" && strings.Contains(f.Name(), "rint") && f.Signature().Results().Len() == 2
}

// commit makes known what the cell defines.
func (r *round) commit() []*types.Var {
	for _, v := range r.reached() {
		for _, kept := range []*types.Var{v, r.cell.Same[v]} {
			if kept != nil && kept.Pkg() == r.pkg && (r.isTop(kept) || r.knows(kept)) {
				r.reach[kept] = true
			}
		}
	}
	var gone []*types.Var
	set := func(name string, o types.Object) {
		if e := r.names[name]; e != nil && e.Object != o {
			if v, ok := e.Object.(*types.Var); ok && v.Pkg() == r.pkg && !r.reach[v] {
				gone = append(gone, v)
			}
		}
		r.names[name] = &Entry{Object: o, Cell: r.cell.ID, Count: r.count}
		delete(r.pre, name)
	}
	for name, pn := range r.imports {
		set(name, pn)
	}
	for name, o := range r.dots {
		set(name, o)
	}
	r.rememberWaiting()
	for name := range r.own {
		o := r.pkg.Scope().Lookup(name)
		if v, ok := o.(*types.Var); ok && r.isTop(v) {
			continue // below: it may go on as the variable that it was
		}
		if o != nil && name != "_" && !strings.HasPrefix(name, InitName) {
			set(name, o)
		}
	}
	for was, is := range r.cell.Renewed {
		r.renewals[was.Obj()] = is.Obj()
	}
	r.rememberFresh()
	for _, v := range r.cell.Top {
		if old := r.cell.Same[v]; old != nil {
			set(v.Name(), old)
		} else {
			set(v.Name(), v)
		}
	}
	for _, f := range r.carried {
		if f.decl.Recv == nil {
			e := r.names[f.decl.Name.Name]
			e.Cell, e.Count = f.cell, f.count
		}
	}
	r.release()
	r.store()
	r.keep()
	for k, e := range r.without {
		if f := r.funcs[k]; f != nil {
			f.told = e.brief()
		}
	}
	for _, n := range r.kept {
		r.names[n] = &Entry{Object: r.names[n].Object, Cell: r.cell.ID, Count: r.count}
	}
	r.remember()
	return gone
}

// representable refuses to show a constant that no variable could hold.
func (r *round) representable(x ast.Expr) {
	tv := r.info.Types[x]
	b, ok := tv.Type.(*types.Basic)
	if x == nil || !ok || tv.Value == nil || b.Info()&types.IsUntyped == 0 {
		return
	}
	def := types.Default(b)
	fits := true
	switch v := tv.Value; v.Kind() {
	case constant.Int:
		if def.Underlying().(*types.Basic).Info()&types.IsInteger != 0 {
			_, fits = constant.Int64Val(v)
		}
	case constant.Float:
		f, _ := constant.Float64Val(v)
		fits = !math.IsInf(f, 0)
	}
	if !fits {
		r.fail(x.Pos(), "cannot use %s (%s constant %s) as %s value (overflows)", types.ExprString(x), b, tv.Value, def)
	}
}
