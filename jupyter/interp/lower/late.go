package lower

import (
	"fmt"
	"go/types"
	"strings"

	"surprisal/jupyter/interp/ir"
)

// A cell that defines a function anew has its callers compiled again, but a
// literal that a variable holds, a goroutine runs or a server calls cannot be:
// its state would be lost. So literals call functions of the notebook through a
// second function, which looks whether there is a newer one. Declared functions
// and statements call directly, which is twice as fast.

// renewal is what literals know of a function that may be defined anew.
type renewal struct {
	version int
	now     *ir.Var // the global that holds the number of the newest version
	newest  *ir.Var // and that which holds it, nil while it is the first
}

// renewable is the signature of a function with its receiver in front, and the
// key of its renewals; ok is false if it is generic or of a library.
func (p *pass) renewable(o *types.Func) (key string, sig *types.Signature, ok bool) {
	s := p.bySrc[o.Pkg()]
	sig = o.Signature()
	if s == nil || s.library() || sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		return "", nil, false
	}
	var params []*types.Var
	if r := sig.Recv(); r != nil {
		params = append(params, r)
	}
	for v := range sig.Params().Variables() {
		params = append(params, v)
	}
	method := sig.Recv() != nil
	sig = types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), false)
	var b strings.Builder
	fmt.Fprintf(&b, "%t %s ", method, o.Name())
	p.key(&b, sig)
	return b.String(), sig, true
}

// late is the function by which a literal calls ref, the function that o became.
func (f *fn) late(ref ir.Expr, o *types.Func) ir.Expr {
	direct, isRef := ref.(*ir.FuncRef)
	if f.literals == 0 || !isRef || f.src.library() {
		return ref
	}
	p := f.p
	key, sig, ok := p.renewable(o)
	if d := p.decls[o]; !ok || d == nil || d.src.recovering(d.fd.Body) { // recover is of who is called directly
		return ref
	}
	r := p.renewals[key]
	if r == nil {
		base := p.version("now_" + o.Name())
		r = &renewal{now: &ir.Var{Name: base, T: ir.Int, Global: true}, newest: &ir.Var{Name: "newest" + strings.TrimPrefix(base, "now"), T: p.erase(sig), Global: true}}
		put(p.Lowerer, p.renewals, key, r)
		p.unit.Vars = append(p.unit.Vars, r.now, r.newest)
	}
	if name := p.lates[direct.Name]; name != "" {
		return &ir.FuncRef{Name: name}
	}
	name := p.version("late_" + o.Name())
	put(p.Lowerer, p.lates, direct.Name, name)
	if how := p.passed[direct.Name]; how != nil {
		put(p.Lowerer, p.passed, name, how)
	}
	g := p.newFn(f.src, nil, name)
	g.frame = &frame{}
	lit := g.forward(sig, func(args []ir.Expr) ir.Expr {
		renewed := &ir.Binary{Op: "!=", X: r.now, Y: intConst(int64(r.version)), T: ir.Bool}
		g.emit(&ir.If{Cond: renewed, Then: g.capture(func() {
			c := g.withResultTypes(&ir.Call{Fun: r.newest, Args: args}, sig)
			if sig.Results().Len() == 0 {
				g.do(c)
				g.emit(&ir.Return{})
				return
			}
			g.emit(&ir.Return{Xs: []ir.Expr{c}})
		})})
		return g.callRef(direct, args)
	}).(*ir.FuncLit)
	out := &ir.Function{Name: name, Params: lit.Params, Results: p.eraseAll(sig.Results()), Body: lit.Body}
	g.receiveZeros(out)
	p.unit.Funcs = append(p.unit.Funcs, out)
	return &ir.FuncRef{Name: name}
}

// renew tells the literals of earlier cells of a function that this cell
// defines or compiles again.
func (p *pass) renew(o *types.Func) {
	key, sig, ok := p.renewable(o)
	old := p.renewals[key]
	if !ok || old == nil {
		return
	}
	r := *old
	r.version++
	put(p.Lowerer, p.renewals, key, &r)
	f := p.newFn(p.src, nil, "renew")
	f.frame = &frame{}
	p.unit.Init = append(p.unit.Init, f.capture(func() {
		fun := p.declaredFunc(o)
		lit := f.forward(sig, func(args []ir.Expr) ir.Expr { return f.callRef(fun, args) })
		f.emit(&ir.Assign{L: r.newest, X: lit})
		f.emit(&ir.Assign{L: r.now, X: intConst(int64(r.version))})
	})...)
}
