package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"maps"
	"slices"
	"strconv"
)

// go/types gives a generic type no method once one of its instances was looked
// at. A cell that adds one, or runs again, declares the type anew; if the
// declaration still means the same, it is the same type for the notebook:
// variables get the new one, and so does what holds their values.

// carryGenerics declares generic types of earlier cells again that this cell
// gives a method, or whose methods use what it gives another meaning, and those
// that are made of them.
func (r *round) carryGenerics() {
	ours := map[string]bool{}
	r.allSpecs(func(sp *ast.TypeSpec) { ours[sp.Name.Name] = true })
	carried := map[string]bool{}
	carry := func(name string) {
		t, e := r.generics[name], r.names[name]
		if ours[name] || t == nil || e == nil || e.Object != t.object {
			return
		}
		ours[name], carried[name] = true, true
		r.decls = append(r.decls, &ast.GenDecl{TokPos: t.spec.Pos(), Tok: token.TYPE, Specs: []ast.Spec{t.spec}})
	}
	for _, d := range slices.Clone(r.decls) {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || len(f.Recv.List) != 1 {
			continue
		}
		if base, generic := receiver(f.Recv.List[0].Type); base != nil && generic {
			carry(base.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.anew)) {
		carry(name)
	}
	for n := -1; n != len(carried); {
		n = len(carried)
		for _, name := range slices.Sorted(maps.Keys(r.generics)) {
			names := map[string]bool{}
			mentioned(names, ast.Expr(r.generics[name].spec.Type))
			if meets(names, carried) {
				carry(name)
			}
		}
	}
	r.again = carried
}

// renew settles which generic types of the cell are those of earlier cells, and
// gives them to the notebook's variables and types. Signatures are known.
func (r *round) renew() {
	for name, carried := range r.renews {
		was := r.names[name].Object.Type().(*types.Named)
		tn, ok := r.pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		is, ok := tn.Type().(*types.Named)
		if !ok {
			continue
		}
		if m := r.changed(was, is); m != nil {
			if carried {
				r.fail(m.Pos(), "cannot change method %s of the generic type %s of %s: declare the type and its methods in one cell", m.Name(), name, r.whose(name))
			}
			continue
		}
		if r.cell.Renewed == nil {
			r.cell.Renewed = map[*types.Named]*types.Named{}
		}
		r.cell.Renewed[was] = is
	}
	if len(r.cell.Renewed) == 0 {
		return
	}
	for _, e := range r.names {
		switch o := e.Object.(type) {
		case *types.Var:
			if t := r.renewed(o.Type()); t != o.Type() {
				was := *o
				*o = *types.NewVar(o.Pos(), o.Pkg(), o.Name(), t)
				r.renamed = append(r.renamed, func() { *o = was })
			}
		case *types.TypeName:
			n, ok := o.Type().(*types.Named)
			if !ok || n.Obj() != o || o.Pkg() != r.pkg || n.TypeParams().Len() > 0 {
				continue
			}
			if was := n.Underlying(); r.renewed(was) != was {
				n.SetUnderlying(r.renewed(was))
				r.renamed = append(r.renamed, func() { n.SetUnderlying(was) })
			}
		}
	}
}

// changed is a method that was and is do not have alike; those that only is has
// do not count.
func (r *round) changed(was, is *types.Named) *types.Func {
	var args []types.Type
	for i := range was.TypeParams().Len() {
		o := types.NewTypeName(0, r.pkg, "·"+strconv.Itoa(i), nil)
		args = append(args, types.NewNamed(o, types.Typ[types.Int], nil))
	}
	of := func(n *types.Named) map[string]*types.Func {
		ms := map[string]*types.Func{}
		i, err := types.Instantiate(nil, n, args, false)
		if err != nil {
			return ms
		}
		for m := range i.(*types.Named).Methods() {
			ms[m.Name()] = m
		}
		return ms
	}
	words := func(m *types.Func) string {
		_, pointer := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer)
		return strconv.FormatBool(pointer) + types.TypeString(m.Signature(), func(p *types.Package) string { return p.Path() })
	}
	now := of(is)
	for name, m := range of(was) {
		if n := now[name]; n == nil {
			return m
		} else if words(n) != words(m) {
			return n
		}
	}
	return nil
}

// renewed is a type with the renewed types in place of those that they were; t
// itself if there are none in it.
func (r *round) renewed(t types.Type) types.Type {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		if u.TypeArgs().Len() == 0 {
			return t
		}
		to, other := r.cell.Renewed[u.Origin()], false
		if to == nil {
			to = u.Origin()
		}
		var args []types.Type
		for a := range u.TypeArgs().Types() {
			args = append(args, r.renewed(a))
			other = other || args[len(args)-1] != a
		}
		if to != u.Origin() || other {
			if n, err := types.Instantiate(r.ctxt, to, args, false); err == nil {
				return n
			}
		}
	case *types.Pointer:
		if e := r.renewed(u.Elem()); e != u.Elem() {
			return types.NewPointer(e)
		}
	case *types.Slice:
		if e := r.renewed(u.Elem()); e != u.Elem() {
			return types.NewSlice(e)
		}
	case *types.Array:
		if e := r.renewed(u.Elem()); e != u.Elem() {
			return types.NewArray(e, u.Len())
		}
	case *types.Chan:
		if e := r.renewed(u.Elem()); e != u.Elem() {
			return types.NewChan(u.Dir(), e)
		}
	case *types.Map:
		if k, e := r.renewed(u.Key()), r.renewed(u.Elem()); k != u.Key() || e != u.Elem() {
			return types.NewMap(k, e)
		}
	case *types.Signature:
		in, out := r.renewedVars(u.Params().Variables), r.renewedVars(u.Results().Variables)
		if u.TypeParams().Len() == 0 && (in != nil || out != nil) {
			p, q := u.Params(), u.Results()
			if in != nil {
				p = types.NewTuple(in...)
			}
			if out != nil {
				q = types.NewTuple(out...)
			}
			return types.NewSignatureType(nil, nil, nil, p, q, u.Variadic())
		}
	case *types.Struct:
		if fields := r.renewedVars(u.Fields); fields != nil {
			tags := make([]string, len(fields))
			for i := range tags {
				tags[i] = u.Tag(i)
			}
			return types.NewStruct(fields, tags)
		}
	}
	return t
}

// renewedVars are fields or parameters with their renewed types, nil if none
// has one.
func (r *round) renewedVars(all func() iter.Seq[*types.Var]) []*types.Var {
	var vs []*types.Var
	other := false
	for v := range all() {
		t := r.renewed(v.Type())
		other = other || t != v.Type()
		if v.IsField() {
			vs = append(vs, types.NewField(v.Pos(), v.Pkg(), v.Name(), t, v.Embedded()))
		} else {
			vs = append(vs, types.NewParam(v.Pos(), v.Pkg(), v.Name(), t))
		}
	}
	if !other {
		return nil
	}
	return vs
}

// latest is what a type's name stands for after its renewals.
func (c *Checker) latest(o types.Object) types.Object {
	for c.renewals[o] != nil {
		o = c.renewals[o]
	}
	return o
}
