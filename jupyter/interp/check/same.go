package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// declared is how a type or constant of the notebook was declared: its text, and
// what the names in it stood for.
type declared struct {
	what  string // type, const
	text  string
	names map[string]types.Object // those of fields and methods, too
	deps  map[string]types.Object // those that it uses
}

// keepTypes takes out of the cell the types that it declares exactly as an
// earlier cell did: they stay the types they are, so that a cell that runs a
// second time does not part old values from new functions. Methods of the cell
// then replace the earlier ones.
//
// A generic type that is declared as before is a renewal, see renew.
func (r *round) keepTypes() {
	same := map[string]bool{}
	generic := map[string]bool{}
	r.typeSpecs(func(sp *ast.TypeSpec) {
		generic[sp.Name.Name] = sp.TypeParams != nil
		old, e := r.types[sp.Name.Name], r.names[sp.Name.Name]
		if old == nil || e == nil || r.latest(old.names[sp.Name.Name]) != e.Object {
			return
		}
		same[sp.Name.Name] = r.specText(sp) == old.text
	})
	// A type whose declaration mentions one that does change, changes too.
	for changed := true; changed; {
		changed = false
		r.typeSpecs(func(sp *ast.TypeSpec) {
			name := sp.Name.Name
			if same[name] && !r.meansTheSame(r.types[name], same) {
				same[name], changed = false, true
			}
		})
	}
	var keep []ast.Decl
	for _, d := range r.decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			keep = append(keep, d)
			continue
		}
		var specs []ast.Spec
		for _, s := range g.Specs {
			if name := s.(*ast.TypeSpec).Name.Name; same[name] && !generic[name] {
				r.kept = append(r.kept, name)
			} else {
				specs = append(specs, s)
			}
		}
		if len(specs) > 0 {
			g.Specs = specs
			keep = append(keep, g)
		}
	}
	r.decls = keep
	for _, n := range r.kept {
		delete(r.own, n)
	}
	r.renews = map[string]bool{}
	for name := range generic {
		switch {
		case !generic[name]:
		case same[name]:
			r.renews[name] = r.again[name]
		case r.again[name]:
			r.fail(r.body.Pos(), "cannot add a method to the generic type %s of %s, whose declaration has another meaning by now: declare the type and its methods in one cell", name, r.whose(name))
		}
	}
}

// meansTheSame tells whether the names in a declaration still stand for what
// they did.
func (r *round) meansTheSame(d *declared, same map[string]bool) bool {
	for name, o := range d.names {
		switch e := r.names[name]; {
		case same[name]:
		case r.own[name], r.imports[name] != nil, r.dots[name] != nil:
			return false
		case e == nil && o != nil, e != nil && e.Object != r.latest(o):
			return false
		}
	}
	return true
}

// typeSpecs visits the declarations of types that can be kept or renewed: not
// aliases, which need no keeping.
func (r *round) typeSpecs(visit func(*ast.TypeSpec)) {
	count := map[string]int{}
	r.allSpecs(func(sp *ast.TypeSpec) { count[sp.Name.Name]++ })
	r.allSpecs(func(sp *ast.TypeSpec) {
		if count[sp.Name.Name] == 1 && !sp.Assign.IsValid() && sp.Name.Name != "_" {
			visit(sp)
		}
	})
}

// allSpecs visits the declarations of types.
func (r *round) allSpecs(visit func(*ast.TypeSpec)) {
	for _, d := range r.decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, s := range g.Specs {
				visit(s.(*ast.TypeSpec))
			}
		}
	}
}

func (r *round) specText(sp *ast.TypeSpec) string {
	if r.again[sp.Name.Name] { // it stands in another cell
		return r.types[sp.Name.Name].text
	}
	start, end := r.Position(sp.Pos()).Offset, r.Position(sp.End()).Offset
	return r.text[start:end]
}

// remember notes how the cell's types and constants are declared.
func (r *round) remember() {
	r.allSpecs(func(sp *ast.TypeSpec) {
		if sp.Name.Name == "_" {
			return
		}
		names := map[string]bool{}
		mentioned(names, ast.Expr(sp.Type))
		if sp.TypeParams != nil {
			mentioned(names, ast.Node(sp.TypeParams))
			for _, p := range sp.TypeParams.List {
				for _, id := range p.Names {
					delete(names, id.Name)
				}
			}
		}
		d := &declared{what: "type", text: r.specText(sp), names: map[string]types.Object{}}
		names[sp.Name.Name] = true
		for n := range names {
			d.names[n] = nil
			if e := r.names[n]; e != nil {
				d.names[n] = e.Object
			}
		}
		d.deps, _ = r.uses(sp)
		r.types[sp.Name.Name] = d
	})
	for _, d := range r.decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		deps := map[string]types.Object{}
		for _, sp := range g.Specs {
			sp := sp.(*ast.ValueSpec)
			if len(sp.Values) > 0 || sp.Type != nil { // else as the line above
				deps, _ = r.uses(sp)
			}
			for _, id := range sp.Names {
				if e := r.names[id.Name]; e != nil && id.Name != "_" {
					r.types[id.Name] = &declared{what: "const", names: map[string]types.Object{id.Name: e.Object}, deps: deps}
				}
			}
		}
	}
}
