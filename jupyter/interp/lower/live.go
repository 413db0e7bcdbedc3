package lower

import (
	"go/token"
	"go/types"
	"maps"
	"sort"
	"strings"

	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// liveType is a type whose values have been seen in an interface, so that the
// run time must know it.
type liveType struct {
	t       types.Type
	methods map[string]int         // of the last description: signatures by name
	own     bool                   // notebook code can be its methods
	known   bool                   // its reflect type was handed over
	natives int                    // demands that it was held against
	faced   bool                   // the interfaces in it were made known to reflect
	bound   map[string]*types.Func // methods that native code can call
}

// alive makes a type, and those inside it, known to the run time.
func (p *pass) alive(t types.Type) {
	t = p.norm(t)
	id := p.id(t)
	if p.live[id] != nil || isInterface(t) || p.nameless(t) {
		return
	}
	put(p.Lowerer, p.live, id, &liveType{t: t, own: p.hasMethods(t)})
	p.order = append(p.order, id)
	p.undo = append(p.undo, func() { p.order = p.order[:len(p.order)-1] })
	p.children(t, func(c types.Type) { p.alive(c) })
	p.decodes(t)
}

// nameless tells whether t is a native type that has no name outside of its
// package: the interpreter cannot be told about it.
func (l *Lowerer) nameless(t types.Type) bool {
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && !n.Obj().Exported() && !l.isNotebook(n)
}

// decodes makes a pointer known by which encoders and decoders reach a value
// that is only seen inside others.
func (p *pass) decodes(t types.Type) {
	n, ok := t.(*types.Named)
	if !ok || !p.isNotebook(n) {
		return
	}
	ptr := types.NewPointer(n)
	for m := range p.methodSet(ptr) {
		if p.reflects && token.IsExported(m) || strings.HasPrefix(m, "Unmarshal") || strings.HasPrefix(m, "Marshal") || strings.HasPrefix(m, "Gob") || m == "IsZero" {
			p.alive(ptr)
			return
		}
	}
}

// children calls visit for the types inside a notebook or unnamed type.
func (l *Lowerer) children(t types.Type, visit func(types.Type)) {
	if n, ok := t.(*types.Named); ok && !l.isNotebook(n) {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		visit(l.norm(u.Elem()))
	case *types.Slice:
		visit(l.norm(u.Elem()))
	case *types.Array:
		visit(l.norm(u.Elem()))
	case *types.Chan:
		visit(l.norm(u.Elem()))
	case *types.Map:
		visit(l.norm(u.Key()))
		visit(l.norm(u.Elem()))
	case *types.Struct:
		for i := range u.NumFields() {
			visit(l.norm(u.Field(i).Type()))
		}
	case *types.Signature: // what reflect would take for another type, or find no methods of
		for _, ts := range []*types.Tuple{u.Params(), u.Results()} {
			for i := range ts.Len() {
				if c := l.norm(ts.At(i).Type()); (!l.itself(c) || l.hasMethods(c)) && !isInterface(c) {
					visit(c)
				}
			}
		}
	}
}

// hasMethods tells whether notebook code can be the method of a type.
func (l *Lowerer) hasMethods(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = l.norm(p.Elem())
	}
	switch n := t.(type) {
	case *types.Named:
		return l.isNotebook(n) && !isInterface(n)
	case *types.Struct:
		for i := range n.NumFields() {
			if n.Field(i).Embedded() {
				return true
			}
		}
	}
	return false
}

// ifaceID makes an interface type known to the run time, for assertions.
func (p *pass) ifaceID(t types.Type) int {
	t = p.norm(t)
	id := p.id(t)
	if p.ifaces[id] != nil {
		return id
	}
	put(p.Lowerer, p.ifaces, id, t)
	it := t.Underlying().(*types.Interface)
	d := &rt.Iface{ID: id, Name: p.name(t), Methods: map[string]int{}}
	for i := range it.NumMethods() {
		d.Methods[p.methodKey(it.Method(i))] = p.sigID(it.Method(i))
	}
	p.describe.ifaces = append(p.describe.ifaces, d)
	num := intConst(int64(id))
	if p.isNative(t) {
		p.init(p.rtCall("NativeIface", num, &ir.Builtin{Name: "new", Of: p.erase(t)}))
		return id
	}
	for i := range it.NumMethods() {
		m := it.Method(i)
		p.init(p.rtCall("IfaceMethod", num, strConst(m.Name()), &ir.Builtin{Name: "new", Of: p.erase(m.Type())}))
	}
	return id
}

// becomes notes that notebook values are converted to a native interface, so
// that its methods must be callable from native code.
func (p *pass) becomes(t types.Type) {
	t = p.norm(t)
	id := p.ifaceID(t)
	for _, n := range p.natives {
		if p.id(n) == id {
			return
		}
	}
	old := p.natives
	p.undo = append(p.undo, func() { p.Lowerer.natives = old })
	p.Lowerer.natives = append(old[:len(old):len(old)], t)
}

func (p *pass) init(x ir.Expr) { p.unit.Init = append(p.unit.Init, &ir.Do{X: x}) }

func (p *pass) rtCall(name string, args ...ir.Expr) *ir.Call {
	return &ir.Call{Fun: &ir.Native{Pkg: ir.RT, Name: name}, Args: args}
}

// visible are methods that native code calls without being asked by type:
// package fmt, errors, encoders, display.
var visible = map[string]bool{
	"String": true, "Error": true, "GoString": true, "Format": true, "Unwrap": true, "Is": true, "As": true, "Timeout": true, "Temporary": true,
	"MarshalJSON": true, "MarshalText": true, "MarshalXML": true, "MarshalXMLAttr": true, "LogValue": true, "IsZero": true,
	"GobEncode": true, "GobDecode": true, "MarshalBinary": true, "UnmarshalBinary": true,
	"Scan": true, "Value": true, "ColorModel": true, "Bounds": true, "At": true, // image.Image
	"UnmarshalJSON": true, "UnmarshalText": true, "UnmarshalXML": true, "UnmarshalXMLAttr": true, "HTML": true, "SVG": true, "PNG": true,
}

// register describes the live types that are new or have new methods, and
// binds what native code may call. It reports whether it did anything.
func (p *pass) register() bool {
	did := false
	for i := 0; i < len(p.order); i++ {
		id := p.order[i]
		lt := p.live[id]
		own := lt.own
		if p.late {
			p.decodes(lt.t)
		}
		if p.reflects && !lt.faced {
			p.faces(lt)
			p.decodes(lt.t)
			did = true
		}
		if lt.known && (!own || !p.late && p.demands() == lt.natives) {
			continue
		}
		var methods map[string]*types.Func
		if own {
			methods = p.methodSet(lt.t)
		}
		if sigs := p.signatures(methods); !lt.known || !maps.Equal(lt.methods, sigs) {
			did = true
			p.describeType(id, lt, sigs)
		}
		if own && p.bind(id, lt, methods) {
			did = true
		}
		p.mutate(lt, func() { lt.natives = p.demands() })
	}
	return did
}

// faces makes the interfaces of the notebook that are parts of a type known, as
// reflect can be asked who has their methods.
func (p *pass) faces(lt *liveType) {
	p.mutate(lt, func() { lt.faced = true })
	face := func(t types.Type) {
		if t = p.norm(t); isInterface(t) && !p.isNative(t) && t.Underlying().(*types.Interface).NumMethods() > 0 {
			p.ifaceID(t)
		}
	}
	if p.foreign(lt.t) {
		return
	}
	switch u := lt.t.Underlying().(type) {
	case *types.Map:
		face(u.Key())
		face(u.Elem())
	case interface{ Elem() types.Type }:
		face(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			face(f.Type())
		}
	case *types.Signature:
		for v := range u.Params().Variables() {
			face(v.Type())
		}
		for v := range u.Results().Variables() {
			face(v.Type())
		}
	}
}

// methodSet are the methods of a type by name.
func (p *pass) methodSet(t types.Type) map[string]*types.Func {
	set := types.NewMethodSet(t)
	ms := make(map[string]*types.Func, set.Len())
	for i := range set.Len() {
		m := set.At(i).Obj().(*types.Func)
		if token.IsIdentifier(m.Name()) { // else one that was replaced
			ms[p.methodKey(m)] = m
		}
	}
	return ms
}

// mutate changes a live type until the cell is rolled back.
func (p *pass) mutate(lt *liveType, change func()) {
	old := *lt
	p.undo = append(p.undo, func() { *lt = old })
	change()
}

// signatures are methods as the run time compares them; nil if there are none.
func (p *pass) signatures(methods map[string]*types.Func) map[string]int {
	if len(methods) == 0 {
		return nil
	}
	sigs := make(map[string]int, len(methods))
	for name, m := range methods {
		sigs[name] = p.sigID(m)
	}
	return sigs
}

func (p *pass) describeType(id int, lt *liveType, methods map[string]int) {
	d := &rt.Desc{ID: id, Name: p.name(lt.t), Boxed: !p.itself(lt.t), Foreign: p.foreign(lt.t)}
	if n, ok := lt.t.(*types.Named); ok {
		d.Own = p.isNotebook(n)
	}
	d.Methods = methods
	p.shape(d, lt.t)
	p.describe.descs = append(p.describe.descs, d)
	first := !lt.known
	p.mutate(lt, func() { lt.methods, lt.known = methods, true })
	if first {
		known := p.rtCall("Known", intConst(int64(id)), &ir.Builtin{Name: "new", Of: p.erase(lt.t)})
		p.unit.Init = append([]ir.Stmt{&ir.Do{X: known}}, p.unit.Init...)
	}
}

// shape fills in the numbers of the types inside.
func (p *pass) shape(d *rt.Desc, t types.Type) {
	if d.Foreign {
		return
	}
	num := func(t types.Type) int {
		if isInterface(t) {
			return 0
		}
		return p.id(t)
	}
	of := func(t types.Type) string {
		if isInterface(t) {
			return p.name(t)
		}
		return ""
	}
	sealed := func(t types.Type) bool {
		i, ok := t.Underlying().(*types.Interface)
		return ok && i.NumMethods() > 0 && !p.isNative(t)
	}
	if u, ok := t.Underlying().(interface{ Elem() types.Type }); ok {
		d.ElemMethods = sealed(u.Elem())
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		d.Key, d.KeyOf = num(u.Key()), of(u.Key())
		d.Elem, d.ElemOf = num(u.Elem()), of(u.Elem())
	case interface{ Elem() types.Type }: // a pointer, slice, array or channel
		d.Elem, d.ElemOf = num(u.Elem()), of(u.Elem())
	case *types.Signature:
		parts := func(ts *types.Tuple) []int {
			ids := make([]int, ts.Len())
			for i := range ids {
				if c := p.norm(ts.At(i).Type()); !p.itself(c) {
					ids[i] = num(c)
				}
			}
			return ids
		}
		names := func(ts *types.Tuple) []string {
			ns := make([]string, ts.Len())
			for i := range ns {
				ns[i] = of(ts.At(i).Type())
			}
			return ns
		}
		d.Params, d.Results, d.Variadic = parts(u.Params()), parts(u.Results()), u.Variadic()
		d.ParamsOf, d.ResultsOf = names(u.Params()), names(u.Results())
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i)
			d.Fields = append(d.Fields, rt.FieldDesc{Name: f.Name(), Type: num(f.Type()), Of: of(f.Type()), Methods: sealed(f.Type()), Embedded: f.Embedded(), Tag: hiddenTag(u, i)})
		}
	}
}

// hiddenTag is the tag of a field that is not handed over as it is.
func hiddenTag(u *types.Struct, i int) string {
	if u.Field(i).Exported() {
		return ""
	}
	return u.Tag(i)
}

// demands counts what may call methods of notebook types from native code.
func (p *pass) demands() int {
	if p.reflects {
		return len(p.natives) + 1
	}
	return len(p.natives)
}

// bind gives the run time the methods that native code may call.
func (p *pass) bind(id int, lt *liveType, methods map[string]*types.Func) bool {
	want := map[string]bool{}
	for name := range methods {
		if visible[name] || p.reflects && token.IsExported(name) {
			want[name] = true
		}
		if p.reflects && token.IsExported(name) {
			p.alive(p.signatureOf(methods[name]))
		}
	}
	for _, n := range p.natives {
		it := n.Underlying().(*types.Interface)
		if !types.Implements(lt.t, it) {
			continue
		}
		for i := range it.NumMethods() {
			want[it.Method(i).Name()] = true
		}
		for _, m := range p.optional(n) {
			if methods[m] != nil {
				want[m] = true
			}
		}
	}
	var names []string
	for name := range want {
		if lt.bound[name] != methods[name] { // new, or replaced by this cell
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		p.mutate(lt, func() {
			b := maps.Clone(lt.bound)
			if b == nil {
				b = map[string]*types.Func{}
			}
			b[name] = methods[name]
			lt.bound = b
		})
		p.init(p.rtCall("Method", intConst(int64(id)), strConst(name), p.binder(lt.t, methods[name])))
	}
	return len(names) > 0
}

// optional are the methods that native code looks for behind a native interface.
func (l *Lowerer) optional(t types.Type) []string {
	names, ok := l.behind[t]
	if n, isNamed := t.(*types.Named); !ok && isNamed && n.Obj().Pkg() != nil {
		names = rt.Optional(n.Obj().Pkg().Path(), n.Obj().Name())
		l.behind[t] = names
	}
	return names
}

// binder takes a receiver in interface form and returns its bound method.
func (p *pass) binder(t types.Type, m *types.Func) ir.Expr {
	f := p.newFn(p.sourceOf(m), nil, "bind")
	f.frame = &frame{}
	x := f.fresh(ir.Anything)
	lit := &ir.FuncLit{Params: []*ir.Var{x}, T: ir.FuncOf([]*ir.Type{ir.Anything}, []*ir.Type{ir.Anything})}
	lit.Body = f.capture(func() {
		r := f.tmp(f.unbox(x, t))
		sig := m.Type().(*types.Signature)
		fun := f.forward(sig, func(args []ir.Expr) ir.Expr {
			f.valueMethod(r, t, m)
			return f.methodCall(nil, r, t, m.Name(), args)
		})
		f.emit(&ir.Return{Xs: []ir.Expr{f.rt("I", ir.Anything, f.tmp(fun))}})
	})
	return lit
}
