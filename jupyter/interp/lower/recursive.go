package lower

import (
	"go/types"
	"slices"
)

// The interpreter builds the reflect types of recursive types with holes that
// it fills in later. That works for a struct that contains itself and for two
// that point at each other; for longer rings it makes several types of one,
// silently of different layout. Those the back end builds by itself.

// ring is the notebook types that a struct is in a ring of references with,
// itself included.
func (p *pass) ring(t *types.Named) (ring []*types.Named, byValue bool) {
	reach := map[*types.Named]map[*types.Named]bool{} // to types, by value or not
	var collect func(n *types.Named)
	collect = func(n *types.Named) {
		if reach[n] != nil {
			return
		}
		reach[n] = map[*types.Named]bool{}
		p.refs(n.Underlying(), true, func(m *types.Named, value bool) {
			reach[n][m] = reach[n][m] || value
			collect(m)
		})
	}
	collect(t)
	for m := range reach {
		if m == t || p.reaches(reach, m, t) {
			ring = append(ring, m)
		}
	}
	for _, a := range ring {
		for _, b := range ring {
			byValue = byValue || a != b && reach[a][b]
		}
	}
	return ring, byValue
}

func (p *pass) reaches(reach map[*types.Named]map[*types.Named]bool, from, to *types.Named) bool {
	seen := map[*types.Named]bool{}
	var walk func(n *types.Named) bool
	walk = func(n *types.Named) bool {
		if seen[n] {
			return false
		}
		seen[n] = true
		for m := range reach[n] {
			if m == to || walk(m) {
				return true
			}
		}
		return false
	}
	return walk(from)
}

// refs visits the notebook structs, and other types that contain themselves,
// that a type refers to; value says that the
// reference is no pointer, slice, map, channel or function.
func (p *pass) refs(t types.Type, value bool, visit func(*types.Named, bool)) {
	switch t := p.norm(t).(type) {
	case *types.Named:
		if !p.isNotebook(t) || isInterface(t) {
			return
		}
		if _, ok := t.Underlying().(*types.Struct); ok || p.recursive(t) {
			visit(t, value)
			return
		}
		p.refs(t.Underlying(), value, visit)
	case *types.Pointer:
		p.refs(t.Elem(), false, visit)
	case *types.Slice:
		p.refs(t.Elem(), false, visit)
	case *types.Chan:
		p.refs(t.Elem(), false, visit)
	case *types.Array:
		p.refs(t.Elem(), value, visit)
	case *types.Map:
		p.refs(t.Key(), false, visit)
		p.refs(t.Elem(), false, visit)
	case *types.Signature:
		for _, tup := range []*types.Tuple{t.Params(), t.Results()} {
			for i := range tup.Len() {
				p.refs(tup.At(i).Type(), false, visit)
			}
		}
	case *types.Struct:
		for i := range t.NumFields() {
			p.refs(t.Field(i).Type(), value, visit)
		}
	}
}

// inRing tells whether a struct is in a ring that the interpreter gets wrong.
func (p *pass) inRing(t *types.Named) bool {
	ring, byValue := p.ring(t)
	for _, n := range ring {
		if n != t && p.recursive(n) {
			return true // which the back end builds in any case
		}
	}
	return len(ring) > 2 || byValue || slices.ContainsFunc(ring, func(n *types.Named) bool { return p.holdsCalls(n, ring) })
}

// holdsItself tells whether a struct holds itself in slices or maps.
func (p *pass) holdsItself(t *types.Named) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	found := false
	for f := range s.Fields() {
		switch u := p.unnamed(f.Type()).(type) {
		case *types.Slice, *types.Map:
			p.refs(u, false, func(m *types.Named, _ bool) { found = found || m == t })
		}
	}
	return found
}

// holdsCalls tells whether a struct holds functions of types of its ring in
// slices, maps and the like: handlers []func(*Machine). The interpreter fills
// in the holes of functions that are fields themselves, and of no others.
func (p *pass) holdsCalls(t *types.Named, ring []*types.Named) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for i := range s.NumFields() {
		f := p.unnamed(s.Field(i).Type())
		if _, ok := f.(*types.Signature); !ok && p.callsWithin(f, ring) {
			return true
		}
	}
	return false
}

func (p *pass) callsWithin(t types.Type, ring []*types.Named) bool {
	switch t := p.unnamed(t).(type) {
	case *types.Signature:
		found := false
		p.refs(t, false, func(m *types.Named, _ bool) { found = found || slices.Contains(ring, m) })
		return found
	case *types.Map:
		return p.callsWithin(t.Key(), ring) || p.callsWithin(t.Elem(), ring)
	case interface{ Elem() types.Type }:
		return p.callsWithin(t.Elem(), ring)
	case *types.Struct:
		for i := range t.NumFields() {
			if p.callsWithin(t.Field(i).Type(), ring) {
				return true
			}
		}
	}
	return false
}

// unnamed is what a notebook type without fields of its own stands for.
func (p *pass) unnamed(t types.Type) types.Type {
	n, ok := p.norm(t).(*types.Named)
	if !ok {
		return p.norm(t)
	}
	if _, ok := n.Underlying().(*types.Struct); ok || !p.isNotebook(n) || isInterface(n) || p.recursive(n) {
		return n
	}
	return p.unnamed(n.Underlying())
}
