package check

import (
	"go/ast"
	"go/token"
)

// What a cell's types may hold by value. The type checker follows each of them
// to its end and back: the cube of the levels, and all parts of each.
const (
	maxLevels = 300
	maxParts  = 100_000
)

// held is what a value of a type consists of.
type held struct{ levels, parts int }

// nested measures types as they are written.
type nested struct {
	specs map[string]*ast.TypeSpec
	known map[*ast.TypeSpec]held
}

// nest refuses types that hold too many others by value, before the type
// checker meets them: 60 structs of two of the one before take it for ever.
func (r *round) nest() {
	n := nested{specs: map[string]*ast.TypeSpec{}, known: map[*ast.TypeSpec]held{}}
	var list []*ast.TypeSpec
	see := func(node ast.Node) bool {
		if d, ok := node.(*ast.GenDecl); ok && d.Tok == token.TYPE {
			for _, sp := range d.Specs {
				sp := sp.(*ast.TypeSpec)
				n.specs[sp.Name.Name] = sp
				list = append(list, sp)
			}
		}
		return true
	}
	for _, d := range r.decls {
		ast.Inspect(d, see)
	}
	ast.Inspect(r.body, see)
	for _, sp := range list {
		switch h := n.spec(sp); {
		case h.levels > maxLevels:
			r.fail(sp.Name.Pos(), "%s holds more than %d types in one another: let a pointer or a slice hold the inner ones", sp.Name.Name, maxLevels)
			return
		case h.parts > maxParts:
			r.fail(sp.Name.Pos(), "%s has more than %d parts, with those of the types that it holds: let pointers or slices hold them", sp.Name.Name, maxParts)
			return
		}
	}
}

// spec is once more than its type. One that holds itself is a leaf: the type
// checker has the words for it.
func (n *nested) spec(sp *ast.TypeSpec) held {
	h, ok := n.known[sp]
	if ok {
		return h
	}
	n.known[sp] = held{1, 1}
	h = n.in(sp.Type)
	h.levels = min(h.levels+1, maxLevels+1)
	n.known[sp] = h
	return h
}

// in bounds what it returns: parts may double with each type.
func (n *nested) in(x ast.Expr) (h held) {
	add := func(x ast.Expr, times int) {
		m := n.in(x)
		h.levels = max(h.levels, m.levels)
		h.parts = min(h.parts+times*m.parts, maxParts+1)
	}
	switch x := x.(type) {
	case *ast.Ident:
		if sp := n.specs[x.Name]; sp != nil {
			return n.spec(sp)
		}
	case *ast.ParenExpr:
		return n.in(x.X)
	case *ast.ArrayType:
		if x.Len != nil {
			add(x.Elt, 1)
		}
	case *ast.IndexExpr:
		add(x.X, 1)
		add(x.Index, 1)
	case *ast.IndexListExpr:
		add(x.X, 1)
		for _, a := range x.Indices {
			add(a, 1)
		}
	case *ast.StructType:
		for _, f := range x.Fields.List {
			add(f.Type, max(1, len(f.Names)))
		}
	}
	h.parts++
	return h
}
