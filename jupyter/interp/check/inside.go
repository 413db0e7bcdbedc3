package check

import "go/types"

// holdsCode tells whether values of a type can hold functions, or values of
// notebook types that no one sees in the type.
func holdsCode(t types.Type) bool {
	return within(t, map[types.Type]bool{}, func(t types.Type) bool {
		switch t := t.(type) {
		case *types.Signature, *types.Interface, *types.TypeParam:
			return true
		case *types.Named: // native, of parts that are no one's business
			_, basic := t.Underlying().(*types.Basic)
			return t.Obj().Pkg() != nil && t.Obj().Pkg().Path() != "main" && !basic
		}
		return false
	})
}

// within tells whether a type, or one inside it, is such.
func within(t types.Type, seen map[types.Type]bool, such func(types.Type) bool) bool {
	t = types.Unalias(t)
	if seen[t] {
		return false
	}
	seen[t] = true
	if such(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		return within(u.Key(), seen, such) || within(u.Elem(), seen, such)
	case interface{ Elem() types.Type }:
		return within(u.Elem(), seen, such)
	case *types.Struct:
		for f := range u.Fields() {
			if within(f.Type(), seen, such) {
				return true
			}
		}
	case *types.Interface, *types.Signature:
		return such(u)
	}
	return false
}

// mayHold tells whether a variable may hold values of a type: it is of it, or
// what it was set to has to do with it.
func (r *round) mayHold(v *types.Var, tn *types.TypeName) bool {
	is := func(t types.Type) bool {
		n, ok := t.(*types.Named)
		return ok && n.Origin().Obj() == tn
	}
	if within(v.Type(), map[types.Type]bool{}, is) {
		return true
	}
	l := r.leads[v.Name()]
	return l != nil && holdsCode(v.Type()) && r.follow(*l, func(_ string, c *code) bool { return c.deps[tn.Name()] == tn })
}
