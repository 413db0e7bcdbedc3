package lower

import (
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// Review is what cannot run of a package.
type Review struct {
	Err     error    // why nothing of it can
	Without []Refuse // what a cell cannot use; the rest it can
}

// Refuse is a function, variable or method, T.M, and why no cell can use it.
type Refuse struct {
	Name string
	Err  error
}

// Review looks for what cannot run in all that a cell could use of a package:
// its exported functions, variables and methods, and what those call. Generic
// functions are looked at when a cell says for which types. It changes nothing.
func (l *Lowerer) Review(m *Package) (r Review) {
	us := uses(m.Types)
	whole := l.try(m, func(p *pass) *ir.Function {
		e := p.start()
		for _, u := range us {
			u.ask(p)
		}
		return e
	})
	if whole == nil {
		return r
	}
	if r.Err = l.try(m, (*pass).start); r.Err != nil {
		return r
	}
	left := false
	for _, u := range us {
		err := l.try(m, func(p *pass) *ir.Function {
			u.ask(p)
			return &ir.Function{Name: p.version("review")}
		})
		if err != nil {
			r.Without = append(r.Without, Refuse{u.name, err})
		}
		left = left || err == nil && !u.isType
	}
	if !left || len(r.Without) == 0 {
		return Review{Err: whole}
	}
	return r
}

// try lowers a part of a package and forgets it.
func (l *Lowerer) try(m *Package, gen func(*pass) *ir.Function) error {
	defer l.rollback()
	_, err := l.ofPackage(0, m, func(p *pass) { p.lower(func() *ir.Function { return gen(p) }) })
	return err
}

// use is one thing that a cell can use of a package.
type use struct {
	name   string
	isType bool
	ask    func(*pass)
}

func uses(pkg *types.Package) []use {
	var us []use
	for _, name := range pkg.Scope().Names() {
		if !token.IsExported(name) {
			continue
		}
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			if o.Signature().TypeParams().Len() == 0 {
				us = append(us, use{name, false, func(p *pass) { p.in = o.Pos(); p.funcRef(o, nil) }})
			}
		case *types.Var:
			us = append(us, use{name, false, func(p *pass) { p.in = o.Pos(); p.packageVar(o) }})
		case *types.TypeName:
			us = append(us, usesOfType(o)...)
		}
	}
	return us
}

func usesOfType(o *types.TypeName) []use {
	n, ok := types.Unalias(o.Type()).(*types.Named)
	if !ok || o.IsAlias() || n.TypeParams().Len() > 0 {
		return nil
	}
	us := []use{{o.Name(), true, func(p *pass) { p.in = o.Pos(); p.erase(n) }}}
	if isInterface(n) {
		return us
	}
	for m := range n.Methods() {
		if m.Exported() {
			us = append(us, use{o.Name() + "." + m.Name(), false, func(p *pass) { p.in = m.Pos(); p.methodRef(n, m) }})
		}
	}
	return us
}
