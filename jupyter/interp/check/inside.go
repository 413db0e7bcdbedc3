package check

import "go/types"

// holdsCode tells whether values of a type can hold functions, or values of
// notebook types that no one sees in the type.
func holdsCode(t types.Type) bool {
	return opaque(t, func(*types.Interface) bool { return true })
}

// opaque is holdsCode where interfaces hold code if they are such.
func opaque(t types.Type, such func(*types.Interface) bool) bool {
	return within(t, map[types.Type]bool{}, func(t types.Type) bool {
		switch t := t.(type) {
		case *types.Signature, *types.TypeParam:
			return true
		case *types.Interface:
			return such(t)
		case *types.Named: // a timer has its function where no type shows it
			return t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == "time" && t.Obj().Name() == "Timer"
		case *types.Basic: // of native types
			return t.Kind() == types.UnsafePointer || t.Kind() == types.Uintptr
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
	if hasIn(v.Type(), tn) {
		return true
	}
	l := r.leads[v.Name()]
	return l != nil && r.opensTo(v.Type(), tn) && r.follow(code{deps: l.values, selects: l.selects}, true, func(_ string, c *code) bool { return c.deps[tn.Name()] == tn })
}

// hasIn tells whether a type is tn or has it in it.
func hasIn(t types.Type, tn *types.TypeName) bool {
	return within(t, map[types.Type]bool{}, func(t types.Type) bool {
		n, ok := t.(*types.Named)
		return ok && n.Origin().Obj() == tn
	})
}

// opensTo tells whether values of a type can hold one of tn that no one sees in
// the type. An error holds nothing but errors if no type of the notebook is one
// that holds more.
func (r *round) opensTo(t types.Type, tn *types.TypeName) bool {
	return opaque(t, func(i *types.Interface) bool {
		if !types.Identical(i, types.Universe.Lookup("error").Type().Underlying()) || isError(tn, i) {
			return true
		}
		for _, e := range r.names {
			if u, ok := e.Object.(*types.TypeName); ok && isError(u, i) &&
				(hasIn(u.Type(), tn) || opaque(u.Type(), func(j *types.Interface) bool { return !types.Identical(i, j) })) {
				return true
			}
		}
		return false
	})
}

// isError tells whether a type of the notebook implements i.
func isError(tn *types.TypeName, i *types.Interface) bool {
	if n, ok := tn.Type().(*types.Named); ok && n.TypeParams().Len() > 0 {
		return true // for some arguments, perhaps
	}
	return types.Implements(tn.Type(), i) || types.Implements(types.NewPointer(tn.Type()), i)
}
