package lower

import (
	"fmt"
	"go/types"
	"strconv"
)

// renewTypes makes the generic types that the cell declares again one with what they
// were: they keep their numbers, and values that are alive get the methods.
func (p *pass) renewTypes() {
	if len(p.cell.Renewed) == 0 {
		return
	}
	forget := func() { clear(p.types.normal) }
	forget()
	p.undo = append(p.undo, forget)
	for was, is := range p.cell.Renewed {
		put(p.Lowerer, p.types.names, is.Obj(), p.nameNumber(was.Obj()))
		put(p.Lowerer, p.renewed, was, is)
	}
	for was, is := range p.cell.Renewed {
		p.sameSignatures(was, is)
	}
	for _, id := range p.order {
		lt := p.live[id]
		if t := p.deep(lt.t); t != lt.t {
			p.mutate(lt, func() { lt.t = t })
		}
	}
}

// sameSignatures refuses a renewed type whose methods look the same but are of
// types that were declared anew.
func (p *pass) sameSignatures(was, is *types.Named) {
	var args []types.Type
	for i := range was.TypeParams().Len() {
		for len(p.stand) <= i {
			o := types.NewTypeName(0, is.Obj().Pkg(), "·"+strconv.Itoa(len(p.stand)), nil)
			p.stand = append(p.stand, types.NewNamed(o, types.Typ[types.Int], nil))
		}
		args = append(args, p.stand[i])
	}
	old, err := types.Instantiate(nil, was, args, false)
	if err != nil {
		return
	}
	now, err := types.Instantiate(nil, is, args, false)
	if err != nil {
		return
	}
	for m := range old.(*types.Named).Methods() {
		o, _, _ := types.LookupFieldOrMethod(now, true, m.Pkg(), m.Name())
		if n, ok := o.(*types.Func); !ok || p.sigID(n) != p.sigID(m) {
			panic(&Limit{Pos: is.Obj().Pos(), What: fmt.Sprintf("method %s of the generic type %s with other types than before", m.Name(), is.Obj().Name()), Instead: "give the type another name"})
		}
	}
}

// newest is the latest declaration of a generic type.
func (l *Lowerer) newest(t *types.Named) *types.Named {
	for l.renewed[t] != nil {
		t = l.renewed[t]
	}
	return t
}

// newestMethod is a method as the latest declaration of its type has it.
func (l *Lowerer) newestMethod(m *types.Func) *types.Func {
	t := types.Unalias(m.Signature().Recv().Type())
	if ptr, ok := t.(*types.Pointer); ok {
		t = types.Unalias(ptr.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok || l.newest(n.Origin()) == n.Origin() {
		return m
	}
	for o := range l.newest(n.Origin()).Methods() {
		if o.Id() == m.Id() {
			return o
		}
	}
	return m
}

// deep is a type with the latest declarations inside, t itself if they are.
func (l *Lowerer) deep(t types.Type) types.Type {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		return l.norm(u)
	case *types.Pointer:
		if e := l.deep(u.Elem()); e != u.Elem() {
			return types.NewPointer(e)
		}
	case *types.Slice:
		if e := l.deep(u.Elem()); e != u.Elem() {
			return types.NewSlice(e)
		}
	case *types.Map:
		if k, e := l.deep(u.Key()), l.deep(u.Elem()); k != u.Key() || e != u.Elem() {
			return types.NewMap(k, e)
		}
	}
	return t
}
