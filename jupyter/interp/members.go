package interp

import (
	"go/ast"
	"go/types"
)

// keys adds the fields that a composite literal of a struct has not set yet; it
// says whether nothing else may stand at the place.
func (l *list) keys(s *sketch, p *place) (only bool) {
	if p.lit == nil {
		return false
	}
	t := s.info.TypeOf(p.lit)
	if t == nil {
		return false
	}
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	set := map[string]bool{}
	for _, e := range p.lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			if e.Pos() < p.id.Pos() {
				return false // values without keys
			}
			continue // what follows may be a line of its own, the bracket still open
		}
		if id, ok := kv.Key.(*ast.Ident); ok && id != p.id {
			set[id.Name] = true
		}
	}
	l.want = nil // a key is no value
	for f := range st.Fields() {
		if !set[f.Name()] && visibleIn(s.pkg, f) {
			l.add(rankKey, f.Name()+":", func() Match { return Match{Type: kindField, Signature: signature(f)} })
		}
	}
	return len(set) > 0
}

// members adds what may be selected from base.
func (l *list) members(s *sketch, base ast.Expr) {
	if id, ok := base.(*ast.Ident); ok {
		if pn, ok := s.info.Uses[id].(*types.PkgName); ok {
			l.exported(rankNotebook, pn.Imported())
			return
		}
	}
	tv, ok := s.info.Types[base]
	if !ok || tv.Type == nil {
		return
	}
	if tv.IsType() {
		l.want = nil // a method expression takes the receiver first
		l.methods(s.pkg, tv.Type)
		return
	}
	l.fields(s.pkg, tv.Type, 0, map[types.Type]bool{})
	l.fresh(s, tv.Type)
	t := tv.Type
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) && tv.Addressable() {
		t = types.NewPointer(t)
	}
	l.methods(s.pkg, t)
}

func (l *list) exported(rank int, p *types.Package) {
	for _, n := range p.Scope().Names() {
		if o := p.Scope().Lookup(n); o.Exported() {
			l.object(rank, o)
		}
	}
}

// fresh adds the methods that the cell itself gives to a type of an earlier
// cell.
func (l *list) fresh(s *sketch, t types.Type) {
	name := typeName(t)
	for _, m := range s.freed {
		if name != "" && m.receiver == name {
			if o, ok := s.info.Defs[m.decl.Name].(*types.Func); ok {
				l.add(rankLocal, m.name, func() Match { return Match{Type: kindFunction, Signature: m.signature(o)} })
			}
		}
	}
}

func (l *list) methods(pkg *types.Package, t types.Type) {
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		if m := set.At(i).Obj(); visibleIn(pkg, m) {
			l.object(rankPackage, m)
		}
	}
}

// fields adds the fields of a struct, and below them those of what it embeds.
func (l *list) fields(pkg *types.Package, t types.Type, depth int, seen map[types.Type]bool) {
	t = deref(t)
	st, ok := t.Underlying().(*types.Struct)
	if !ok || seen[t] {
		return
	}
	seen[t] = true
	for f := range st.Fields() {
		if visibleIn(pkg, f) {
			l.object(min(depth, 2), f)
		}
	}
	for f := range st.Fields() {
		if f.Embedded() {
			l.fields(pkg, f.Type(), depth+1, seen)
		}
	}
}

func deref(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// visibleIn tells whether code of pkg may name o.
func visibleIn(pkg *types.Package, o types.Object) bool {
	return o.Exported() || o.Pkg() != nil && o.Pkg().Path() == pkg.Path()
}
