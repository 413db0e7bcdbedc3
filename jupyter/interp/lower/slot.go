package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/ir"
)

// Cells define functions anew, and what calls one by its name is to call the
// newest: callers, closures that variables hold, goroutines that run. So a
// function of the notebook is called through a slot, a variable that the back
// end points at the newest function of the name and signature, which costs
// nothing: see ir.Link. A function that is stored as a value goes by a slot of
// its body: it stays what it was, and is compiled again with the rest of the
// notebook if what it names gets another type or value.

// slots are the slots of a session.
type slots struct {
	byKey  map[string]*ir.Var     // see slotKey
	behind map[string]*slotted    // by name of the emitted function
	at     map[string]string      // the emitted function that a slot points at
	copies map[string][]*slotted  // of generic functions and methods of generic types, by name
	values map[string]bool        // keys of functions that are values somewhere
	latest map[string]*types.Func // the functions of the notebook, without methods
}

func newSlots() slots {
	return slots{map[string]*ir.Var{}, map[string]*slotted{}, map[string]string{}, map[string][]*slotted{}, map[string]bool{}, map[string]*types.Func{}}
}

// slotted is an emitted function that has a slot.
type slotted struct {
	key string
	d   *decl
	o   *types.Func
	e   env
	v   *ir.Var
}

// slotKey is what functions share that can take each other's place: name, type
// arguments, receiver, parameters and results.
func (p *pass) slotKey(o *types.Func, e env) string {
	sig := o.Signature()
	var b strings.Builder
	b.WriteString(o.Name())
	for t := range sig.TypeParams().TypeParams() {
		b.WriteByte('|')
		p.key(&b, e[t])
	}
	if r := sig.Recv(); r != nil {
		b.WriteString(" of ")
		p.key(&b, p.subst(r.Type(), e))
	}
	b.WriteByte(' ')
	p.key(&b, p.subst(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic()), e))
	return b.String()
}

// slot is the name of the slot by which the emitted function is called, "" if
// no cell can define it anew.
func (p *pass) slot(name string, o *types.Func, e env) string {
	s := p.slots.behind[name]
	if s == nil {
		d := p.decls[o]
		if d == nil || d.src.library() || o.Name() == "_" || strings.HasPrefix(o.Name(), check.InitName) {
			return ""
		}
		s = &slotted{key: p.slotKey(o, e), d: d, o: o, e: e}
		known := p.slots.byKey[s.key] != nil
		s.v = p.slotAt(s.key, name, s)
		put(p.Lowerer, p.slots.behind, name, s)
		switch {
		case len(e) > 0 && known:
			p.relink(name)
		case len(e) > 0:
			put(p.Lowerer, p.slots.copies, o.Name(), append(slices.Clip(p.slots.copies[o.Name()]), s))
		}
	}
	return s.v.Name
}

// slotAt is the slot of that key; a new one is pointed at the function.
func (p *pass) slotAt(key, name string, s *slotted) *ir.Var {
	v := p.slots.byKey[key]
	if v == nil {
		v = &ir.Var{Name: p.version("by_" + s.o.Name()), T: p.emittedType(name, s), Global: true}
		put(p.Lowerer, p.slots.byKey, key, v)
		p.unit.Vars = append(p.unit.Vars, v)
		if now := p.slots.behind[p.slots.at[p.slots.name(s.key)]]; now != nil && now != s && key == now.key+now.body() {
			s, name = now, p.slots.at[p.slots.name(s.key)] // the newest has not been reached
		}
		p.unit.Links = append(p.unit.Links, ir.Link{Slot: v, Func: name})
		put(p.Lowerer, p.slots.at, v.Name, name)
	}
	return v
}

// name is the slot by which functions of a key are called, "" if there is none.
func (s *slots) name(key string) string {
	if v := s.byKey[key]; v != nil {
		return v.Name
	}
	return ""
}

// Linked notes that a step has pointed slots.
func (l *Lowerer) Linked(links []ir.Link) {
	for _, k := range links {
		l.slots.at[k.Slot.Name] = k.Func
	}
}

// Missed tells which functions are what they were before the last cell, for it
// has ended early.
func (l *Lowerer) Missed(fs []*types.Func) {
	for _, o := range fs {
		l.slots.latest[o.Name()] = o
	}
}

// emittedType is the type of an emitted function, see receiveZeros.
func (p *pass) emittedType(name string, s *slotted) *ir.Type {
	sig := s.o.Signature()
	var params, flags []*ir.Type
	add := func(v *types.Var) { params = append(params, p.erase(p.subst(v.Type(), s.e))) }
	if r := sig.Recv(); r != nil {
		add(r)
	}
	for v := range sig.Params().Variables() {
		add(v)
	}
	for i, how := range p.passed[name] {
		switch how {
		case byAddr:
			params[i] = ir.PointerTo(params[i])
		case flagged:
			flags = append(flags, ir.Bool)
		}
	}
	var results []*ir.Type
	for v := range sig.Results().Variables() {
		results = append(results, p.erase(p.subst(v.Type(), s.e)))
	}
	return ir.FuncOf(append(params, flags...), results)
}

// held is a function as a value: it keeps its body when the name gets another.
func (p *pass) held(ref *ir.FuncRef) *ir.FuncRef {
	s := p.slots.behind[ref.Name]
	if s == nil {
		return ref
	}
	put(p.Lowerer, p.slots.values, s.key, true)
	return &ir.FuncRef{Name: ref.Name, Slot: p.slotAt(s.key+s.body(), ref.Name, s).Name, T: ref.T}
}

// deferred is a function as a deferred call knows it, which was compiled for one
// that calls recover, or for one that does not.
func (p *pass) deferred(ref *ir.FuncRef) *ir.FuncRef {
	s := p.slots.behind[ref.Name]
	if s == nil {
		return ref
	}
	return &ir.FuncRef{Name: ref.Name, Slot: p.slotAt(s.key+s.recovers(), ref.Name, s).Name, T: ref.T}
}

func (s *slotted) recovers() string {
	return fmt.Sprint(" recovers: ", s.d.src.recovering(s.d.fd.Body))
}

// body is the text of the declaration: the same text, run again, is the same
// function.
func (s *slotted) body() string { return " is " + check.Text(s.d.src.fset, s.d.fd) }

// renew points slots at a function that this cell defines or compiles again.
func (p *pass) renew(o *types.Func) {
	sig := o.Signature()
	if sig.TypeParams().Len() == 0 && sig.RecvTypeParams().Len() == 0 {
		p.relink(p.declaredFunc(o).Name)
		return
	}
	for _, s := range p.slots.copies[o.Name()] {
		p.copyAgain(o, s)
	}
}

// copyAgain makes the copy of a generic function, or of a method of a generic
// type, that takes the place of s, if one can.
func (p *pass) copyAgain(o *types.Func, s *slotted) {
	now, was := o.Signature(), s.o.Signature()
	if (now.Recv() == nil) != (was.Recv() == nil) {
		return
	}
	if now.Recv() != nil {
		recv, ok := p.norm(p.subst(receiverBase(s.o), s.e)).(*types.Named)
		if !ok || recv.Origin() != receiverBase(o).Origin() {
			return
		}
		e := env{}
		for i := range now.RecvTypeParams().Len() {
			e[now.RecvTypeParams().At(i)] = p.norm(recv.TypeArgs().At(i))
		}
		if p.slotKey(o, e) != s.key {
			return
		}
		p.methodRef(recv, o)
		return
	}
	var args []types.Type
	e := env{}
	for i := range was.TypeParams().Len() {
		a := s.e[was.TypeParams().At(i)]
		args = append(args, a)
		if i < now.TypeParams().Len() {
			e[now.TypeParams().At(i)] = a
		}
	}
	if _, err := types.Instantiate(nil, now, args, true); err != nil || p.slotKey(o, e) != s.key {
		return
	}
	p.funcRef(o, args)
}

// receiverBase is the type of a method's receiver, or that which it points to.
func receiverBase(m *types.Func) *types.Named {
	t := types.Unalias(m.Signature().Recv().Type())
	if ptr, ok := t.(*types.Pointer); ok {
		t = types.Unalias(ptr.Elem())
	}
	return t.(*types.Named)
}

// relink points the slots at the function that it is the newest of.
func (p *pass) relink(name string) {
	s := p.slots.behind[name]
	if s == nil {
		return
	}
	keys := []string{s.key, s.key + s.recovers()}
	if p.slots.values[s.key] {
		keys = append(keys, s.key+s.body())
	}
	waits := p.cell.Waits[s.d.fd]
	for _, k := range keys {
		v := p.slots.byKey[k]
		if v == nil || p.slots.at[v.Name] == name {
			continue
		}
		link := ir.Link{Slot: v, Func: name}
		if len(waits) > 0 {
			p.waiting = append(p.waiting, wait{waits, link})
			continue
		}
		p.unit.Links = append(p.unit.Links, link)
		put(p.Lowerer, p.slots.at, v.Name, name)
	}
}

// newestFunc is what the name of o means by now: generic code may be compiled
// long after its cell, and names what it named then.
func (l *Lowerer) newestFunc(o *types.Func) *types.Func {
	if now := l.slots.latest[o.Name()]; now != nil && now.Pkg() == o.Pkg() && o.Signature().Recv() == nil && types.Identical(now.Type(), o.Type()) {
		return now
	}
	return o
}
