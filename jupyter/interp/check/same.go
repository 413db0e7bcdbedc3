package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// declared is how a type of the notebook was declared: its text, and what the
// names in it stood for.
type declared struct {
	text  string
	names map[string]types.Object
}

// keepTypes takes out of the cell the types that it declares exactly as an
// earlier cell did: they stay the types they are, so that a cell that runs a
// second time does not part old values from new functions. Methods of the cell
// then replace the earlier ones.
func (r *round) keepTypes() {
	same := map[string]bool{}
	r.typeSpecs(func(sp *ast.TypeSpec) {
		old, e := r.types[sp.Name.Name], r.names[sp.Name.Name]
		if old == nil || e == nil || r.types[sp.Name.Name].names[sp.Name.Name] != e.Object {
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
			if name := s.(*ast.TypeSpec).Name.Name; same[name] {
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
}

// meansTheSame tells whether the names in a declaration still stand for what
// they did.
func (r *round) meansTheSame(d *declared, same map[string]bool) bool {
	for name, o := range d.names {
		switch e := r.names[name]; {
		case same[name]:
		case r.own[name], r.imports[name] != nil, r.dots[name] != nil:
			return false
		case e == nil && o != nil, e != nil && e.Object != o:
			return false
		}
	}
	return true
}

// typeSpecs visits the declarations of types that can be kept: neither aliases,
// which need no keeping, nor generic types, which cannot get methods later.
func (r *round) typeSpecs(visit func(*ast.TypeSpec)) {
	var all []*ast.TypeSpec
	count := map[string]int{}
	for _, d := range r.decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, s := range g.Specs {
				sp := s.(*ast.TypeSpec)
				all = append(all, sp)
				count[sp.Name.Name]++
			}
		}
	}
	for _, sp := range all {
		if count[sp.Name.Name] == 1 && !sp.Assign.IsValid() && sp.TypeParams == nil && sp.Name.Name != "_" {
			visit(sp)
		}
	}
}

func (r *round) specText(sp *ast.TypeSpec) string {
	start, end := r.Position(sp.Pos()).Offset, r.Position(sp.End()).Offset
	return r.text[start:end]
}

// remember notes how the cell's types are declared.
func (r *round) remember() {
	r.typeSpecs(func(sp *ast.TypeSpec) {
		names := map[string]bool{}
		mentioned(names, ast.Expr(sp.Type))
		d := &declared{text: r.specText(sp), names: map[string]types.Object{}}
		names[sp.Name.Name] = true
		for n := range names {
			d.names[n] = nil
			if e := r.names[n]; e != nil {
				d.names[n] = e.Object
			}
		}
		r.types[sp.Name.Name] = d
	})
}
