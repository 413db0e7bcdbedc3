package lower

import (
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// dispatcher calls one method by the number of the dynamic type. It is a
// variable, assigned anew when types come to life that have the method.
type dispatcher struct {
	v    *ir.Var
	name string
	sig  *types.Signature
	m    *types.Func
	have map[int]*types.Func // by type number
	made bool
	seen int // live types that it was held against
}

// dynamicCall calls a method through a notebook interface.
func (f *fn) dynamicCall(x ir.Expr, m *types.Func, args []ir.Expr) ir.Expr {
	p := f.p
	s := m.Type().(*types.Signature)
	sig := types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())
	key := m.Id() + "|" + itoa(p.id(sig))
	d := p.dispatch[key]
	if d == nil {
		t := ir.FuncOf(append([]*ir.Type{ir.Anything}, p.eraseAll(sig.Params())...), p.eraseAll(sig.Results()))
		d = &dispatcher{v: &ir.Var{Name: p.version("d_" + m.Name()), T: t, Global: true}, name: m.Name(), sig: sig, m: m, have: map[int]*types.Func{}}
		put(p.Lowerer, p.dispatch, key, d)
		p.dispatchs = append(p.dispatchs, key)
		p.undo = append(p.undo, func() { p.dispatchs = p.dispatchs[:len(p.dispatchs)-1] })
		p.unit.Vars = append(p.unit.Vars, d.v)
	}
	return &ir.Call{Fun: d.v, Args: append([]ir.Expr{x}, args...)}
}

// dispatchers assigns the dispatchers that are new or have new types.
func (p *pass) dispatchers() bool {
	did := false
	for i := 0; i < len(p.dispatchs); i++ {
		d := p.dispatch[p.dispatchs[i]]
		if d.made && d.seen == len(p.order) && !p.late {
			continue
		}
		var ids []int
		fresh := !d.made
		have := map[int]*types.Func{}
		for i, id := range p.order {
			m := d.have[id]
			if lt := p.live[id]; lt.own && (i >= d.seen || p.late) {
				m = p.answers(lt.t, d)
			}
			if m == nil {
				continue
			}
			fresh = fresh || m != d.have[id]
			have[id] = m
			ids = append(ids, id)
		}
		fresh = fresh || len(have) != len(d.have) // a method got another signature
		was := *d
		p.undo = append(p.undo, func() { *d = was })
		d.seen = len(p.order)
		if !fresh {
			continue
		}
		did = true
		d.have, d.made = have, true
		p.unit.Init = append(p.unit.Init, &ir.Assign{L: d.v, X: p.dispatchBody(d, ids)})
	}
	return did
}

// answers is the method of a type that the dispatcher calls, nil if it has
// none.
func (p *pass) answers(t types.Type, d *dispatcher) *types.Func {
	sel := types.NewMethodSet(t).Lookup(d.m.Pkg(), d.name)
	if sel == nil {
		return nil
	}
	m := sel.Obj().(*types.Func)
	if p.sigID(m) != p.id(d.sig) {
		return nil
	}
	return m
}

func (p *pass) dispatchBody(d *dispatcher, ids []int) ir.Expr {
	f := p.newFn(p.sourceOf(d.m), nil, "dispatch")
	f.frame = &frame{}
	lit := &ir.FuncLit{T: d.v.T}
	var args []ir.Expr
	for _, t := range d.v.T.Params {
		v := f.fresh(t)
		lit.Params = append(lit.Params, v)
		args = append(args, v)
	}
	x, args := lit.Params[0], args[1:]
	lit.Body = f.capture(func() {
		id := f.tmp(f.op("ID", ir.Int, x))
		for _, n := range ids {
			body := f.capture(func() {
				t := p.live[n].t
				r := f.tmp(f.unbox(x, t))
				f.valueMethod(r, t, d.have[n])
				c := f.withResultTypes(f.methodCall(nil, r, t, d.name, args), d.sig)
				if d.sig.Results().Len() == 0 {
					f.do(c)
					f.emit(&ir.Return{})
					return
				}
				f.emit(&ir.Return{Xs: []ir.Expr{c}})
			})
			f.emit(&ir.If{Cond: equals(id, n), Then: body})
		}
		f.nativeDispatch(d, x, args)
	})
	return lit
}

// valueMethod panics where a method of a value is called by a nil pointer in an
// interface.
func (f *fn) valueMethod(r ir.Expr, t types.Type, m *types.Func) {
	p, isPtr := t.(*types.Pointer)
	if !isPtr {
		return
	}
	n, ok := f.p.norm(p.Elem()).(*types.Named)
	if !ok || types.Unalias(m.Signature().Recv().Type()) != types.Type(n) {
		return // of a pointer, or promoted
	}
	bad := f.rt("NilWrapper", nil, strConst(f.p.name(n)), strConst(m.Name()))
	f.emit(&ir.If{Cond: &ir.Binary{Op: "==", X: r, Y: &ir.Nil{T: r.Type()}, T: ir.Bool}, Then: []ir.Stmt{&ir.Do{X: bad}}})
}

// nativeDispatch calls the method of a native value by reflection.
func (f *fn) nativeDispatch(d *dispatcher, x ir.Expr, args []ir.Expr) {
	lit := &ir.Lit{T: anys}
	for _, a := range args {
		lit.Vals = append(lit.Vals, &ir.Convert{X: a, T: ir.Anything})
	}
	res := f.tmp(f.rt("CallN", anys, x, strConst(d.name), lit, boolConst(d.sig.Variadic())))
	var xs []ir.Expr
	for i := range d.sig.Results().Len() {
		t := f.p.norm(d.sig.Results().At(i).Type())
		r := f.tmp(&ir.IndexOf{X: res, I: intConst(int64(i)), T: ir.Anything})
		if f.p.isPlainAny(t) {
			xs = append(xs, r)
			continue
		}
		v := f.fresh(f.p.erase(t))
		f.emit(&ir.Define{V: v})
		f.emit(&ir.If{Cond: notNil(r), Then: []ir.Stmt{&ir.Assign{L: v, X: &ir.Assert{X: r, T: v.T}}}})
		xs = append(xs, v)
	}
	f.emit(&ir.Return{Xs: xs})
}
