package check

import (
	"go/ast"
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
	deep := false
	n := nested{specs: map[string]*ast.TypeSpec{}, known: map[*ast.TypeSpec]held{}}
	var list []*ast.TypeSpec
	see := func(node ast.Node) bool {
		switch d := node.(type) {
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				if sp, ok := sp.(*ast.TypeSpec); ok {
					n.specs[sp.Name.Name] = sp
					list = append(list, sp)
				}
			}
		case *ast.FuncType:
			if !deep && functions(d, maxLevels) > maxLevels {
				r.fail(d.Pos(), "a type of more than %d levels of functions in one another: give the inner ones names of their own", maxLevels)
				deep = true
			}
		}
		return !deep
	}
	for _, d := range r.decls {
		ast.Inspect(d, see)
	}
	ast.Inspect(r.body, see)
	if deep {
		return
	}
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

// functions are the levels of functions that a function's type has of functions,
// up to one more than most: each is a scope, which the type checker walks through
// for each name inside.
func functions(f *ast.FuncType, most int) int {
	if most <= 0 {
		return 1
	}
	n := 0
	for _, l := range []*ast.FieldList{f.Params, f.Results} {
		if l == nil {
			continue
		}
		for _, p := range l.List {
			x := p.Type
			for x != nil {
				switch t := x.(type) {
				case *ast.StarExpr:
					x = t.X
				case *ast.ParenExpr:
					x = t.X
				case *ast.ArrayType:
					x = t.Elt
				case *ast.ChanType:
					x = t.Value
				case *ast.Ellipsis:
					x = t.Elt
				case *ast.MapType:
					x = t.Value
				case *ast.FuncType:
					n = max(n, functions(t, most-1))
					x = nil
				default:
					x = nil
				}
			}
		}
	}
	return n + 1
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
