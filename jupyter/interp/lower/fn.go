package lower

import (
	"go/ast"
	"go/token"
	"go/types"

	"surprisal/jupyter/interp/ir"
)

// fn is the lowering of one function and the literals inside it.
type fn struct {
	p       *pass
	src     *source
	env     env
	name    string // of the emitted function
	out     *[]ir.Stmt
	frame   *frame
	locals  map[types.Object]*ir.Var
	labels  map[types.Object]string // labels of the source in the lowered code
	n       int                     // names given out
	holding bool                    // the method that is called is a value
	waited  bool                    // a native call that can take long is in the statement
	fd      *ast.FuncDecl           // the declaration, if it is one
	old     bool                    // see decl
	shared  map[*types.Var]bool     // loop variables that all iterations share
	line    int                     // that the last mark of the statement names; 0 if it stands on one line
}

// frame is a function or literal while its body is lowered.
type frame struct {
	sig      *types.Signature // nil for a cell
	results  []*ir.Var
	named    bool
	defers   *ir.Var // set if calls are deferred
	recovers bool    // recover is called in it
	armed    *ir.Var // then, whether such a call ends a panic
	computes bool    // a literal with a result that calls nothing
	inner    bool    // the body is a literal of its own, run by rt.Run
	targets  []*target
	iters    []*iter         // range-over-func bodies around the statement
	webs     map[string]bool // labels that some goto names
}

func (p *pass) newFn(src *source, e env, name string) *fn {
	return &fn{p: p, src: src, env: e, name: name, locals: map[types.Object]*ir.Var{}, labels: map[types.Object]string{}}
}

// body lowers a declared function.
func (p *pass) body(j job) *ir.Function {
	f := p.newFn(j.d.src, j.env, j.name)
	f.fd, f.old = j.d.fd, j.d.old
	if j.d.src.mod != nil {
		p.in = j.d.fd.Pos()
		defer p.placed(j)
		p.safe(j.d.src, j.d.fd)
	}
	p.scanLocalTypes(j.d)
	o := j.obj
	sig := o.Type().(*types.Signature)
	plain := f.signature(sig)
	fr := &frame{sig: plain, recovers: j.d.src.recovering(j.d.fd.Body)}
	out := &ir.Function{Name: j.name, Source: authorName(o), Results: p.eraseAll(plain.Results())}
	if r := sig.Recv(); r != nil {
		id := paramIdents(j.d.fd.Recv)
		out.Params = append(out.Params, f.param(id[0], f.subst(r.Type())))
		out.Source = recvName(r.Type()) + "." + o.Name()
	}
	out.Params = append(out.Params, f.params(j.d.fd.Type, plain)...)
	f.function(&out.Body, fr, func() { f.stmts(j.d.fd.Body.List) }, deferring(j.d.fd.Body.List) || handler(plain), resultIdents(j.d.fd.Type))
	f.receiveZeros(out)
	if j.d.src.library() {
		// any place: without one a panic would leave no trace
		out.Library, out.Source, out.Pos = true, o.Pkg().Name()+"."+out.Source, token.Position{Line: 1, Column: 1}
	} else {
		out.Pos = j.d.src.name(j.d.fd.Name.Pos())
	}
	return out
}

func recvName(t types.Type) string {
	star := ""
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t, star = p.Elem(), "*"
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if star != "" {
			return "(*" + n.Obj().Name() + ")"
		}
		return n.Obj().Name()
	}
	return t.String()
}

// signature is a signature without type parameters and receiver.
func (f *fn) signature(s *types.Signature) *types.Signature {
	s = types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic())
	if len(f.env) == 0 {
		return s
	}
	return f.p.subst(s, f.env).(*types.Signature)
}

// scanLocalTypes notes the types declared inside a generic function.
func (p *pass) scanLocalTypes(d *decl) {
	o, _ := d.src.info.Defs[d.fd.Name].(*types.Func)
	if o == nil {
		return
	}
	sig := o.Type().(*types.Signature)
	var params []*types.TypeParam
	for i := range sig.TypeParams().Len() {
		params = append(params, sig.TypeParams().At(i))
	}
	for i := range sig.RecvTypeParams().Len() {
		params = append(params, sig.RecvTypeParams().At(i))
	}
	if len(params) == 0 {
		return
	}
	ast.Inspect(d.fd.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.TypeSpec); ok {
			if o, ok := d.src.info.Defs[s.Name].(*types.TypeName); ok {
				p.locals.outer[o] = params
			}
		}
		return true
	})
}

// function lowers a body into out. With deferred calls the body becomes a
// literal that rt.Run calls, and results become variables.
func (f *fn) function(out *[]ir.Stmt, fr *frame, gen func(), defers bool, named []*ast.Ident) {
	oldOut, oldFrame := f.out, f.frame
	defer func() { f.out, f.frame = oldOut, oldFrame }()
	f.out, f.frame = out, fr
	f.poll()
	if fr.recovers {
		fr.armed = f.tmp(f.rt("Armed", ir.Bool))
	}
	if named != nil {
		fr.named = true
		for i, id := range named {
			v := f.local(id, fr.sig.Results().At(i).Type())
			fr.results = append(fr.results, v)
			f.emit(&ir.Define{V: v})
		}
	}
	if !defers {
		f.withResults(out, fr, gen)
		if !callsNotebook((*out)[1:]) { // its loops poll by themselves
			*out = (*out)[1:]
		}
		return
	}
	f.resultVars()
	fr.defers = f.fresh(ir.PointerTo(ir.NativeType(ir.RT, "Defers")))
	f.emit(&ir.Define{V: fr.defers, X: f.rt("NewDefers", fr.defers.T)})
	for _, v := range fr.results {
		if !fr.named {
			f.emit(&ir.Define{V: v})
		}
	}
	fr.inner = true
	lit := &ir.FuncLit{T: ir.FuncOf(nil, nil)}
	f.out = &lit.Body
	gen()
	f.out = out
	fr.inner = false
	f.do(f.rt("Run", nil, fr.defers, f.tmp(lit)))
	if len(fr.results) > 0 {
		f.emit(&ir.Return{Xs: f.resultExprs()})
	}
}

// callsNotebook tells whether statements call interpreted functions.
func callsNotebook(ss []ir.Stmt) bool {
	found := false
	ir.Walk(ss, func(n any) bool {
		if c, ok := n.(*ir.Call); ok {
			switch c.Fun.(type) {
			case *ir.Native, *ir.MethodOf:
			default:
				found = true
			}
		}
		return !found
	})
	return found
}

// withResults lowers a body and declares its result variables in front if it
// turned out to need them.
func (f *fn) withResults(out *[]ir.Stmt, fr *frame, gen func()) {
	var body []ir.Stmt
	f.out = &body
	gen()
	f.out = out
	if !fr.named {
		for _, v := range fr.results {
			f.emit(&ir.Define{V: v})
		}
	}
	*out = append(*out, body...)
	if fr.sig != nil && fr.sig.Results().Len() > 0 && !endsInReturn(body) {
		f.do(f.rt("Missing", nil))
		f.emit(&ir.Return{Xs: f.zeroResults()})
	}
}

func endsInReturn(body []ir.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	_, ok := body[len(body)-1].(*ir.Return)
	return ok
}

// zeroResults are values for a return that is never reached.
func (f *fn) zeroResults() []ir.Expr {
	declared := f.frame.results != nil
	for _, v := range f.resultVars() {
		if !declared {
			f.emit(&ir.Define{V: v})
		}
	}
	return f.resultExprs()
}

// resultVars are the variables that hold the results of the frame.
func (f *fn) resultVars() []*ir.Var {
	fr := f.frame
	if fr.results == nil && fr.sig != nil {
		for i := range fr.sig.Results().Len() {
			fr.results = append(fr.results, f.fresh(f.p.erase(fr.sig.Results().At(i).Type())))
		}
	}
	return fr.results
}

func (f *fn) resultExprs() []ir.Expr {
	var xs []ir.Expr
	for _, v := range f.frame.results {
		xs = append(xs, v)
	}
	return xs
}

func paramIdents(l *ast.FieldList) []*ast.Ident {
	if l == nil {
		return nil
	}
	var ids []*ast.Ident
	for _, f := range l.List {
		if len(f.Names) == 0 {
			ids = append(ids, nil)
		}
		ids = append(ids, f.Names...)
	}
	return ids
}

// resultIdents are the named results, nil if they have no names.
func resultIdents(t *ast.FuncType) []*ast.Ident {
	ids := paramIdents(t.Results)
	if len(ids) == 0 || ids[0] == nil {
		return nil
	}
	return ids
}

func (f *fn) param(id *ast.Ident, t types.Type) *ir.Var {
	if id == nil || id.Name == "_" {
		return f.fresh(f.p.erase(t))
	}
	return f.local(id, t)
}

func (f *fn) params(ft *ast.FuncType, sig *types.Signature) []*ir.Var {
	var vs []*ir.Var
	for i, id := range paramIdents(ft.Params) {
		vs = append(vs, f.param(id, sig.Params().At(i).Type()))
	}
	return vs
}

// authorName is what a reader calls a function: f, T.M or (*T).M.
func authorName(o *types.Func) string {
	r := o.Signature().Recv()
	if r == nil {
		return o.Name()
	}
	t, open, end := types.Unalias(r.Type()), "", ""
	if p, ok := t.(*types.Pointer); ok {
		t, open, end = types.Unalias(p.Elem()), "(*", ")"
	}
	if n, ok := t.(*types.Named); ok {
		return open + n.Obj().Name() + end + "." + o.Name()
	}
	return o.Name()
}
