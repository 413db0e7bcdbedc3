package lower

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"surprisal/jupyter/interp/ir"
)

// env binds the type parameters of the function that is being copied.
type env map[*types.TypeParam]types.Type

// localTypes are the types declared inside generic functions: one a copy.
type localTypes struct {
	outer map[*types.TypeName][]*types.TypeParam
	made  map[string]*types.Named
	args  map[*types.TypeName][]types.Type // of a copy's function: its name shows them
	// numbers count the types that the functions of a cell declare, as the linker
	// tells them apart among type arguments.
	numbers map[*types.TypeName]int
}

func newLocalTypes() localTypes {
	return localTypes{map[*types.TypeName][]*types.TypeParam{}, map[string]*types.Named{}, map[*types.TypeName][]types.Type{}, map[*types.TypeName]int{}}
}

// count numbers the types that the functions of a package declare.
func (t *localTypes) count(pkg *types.Package, info *types.Info) {
	var found []*types.TypeName
	for _, o := range info.Defs {
		n, ok := o.(*types.TypeName)
		if !ok || n.IsAlias() || n.Parent() == pkg.Scope() {
			continue
		}
		if _, ok := n.Type().(*types.Named); ok {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b *types.TypeName) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for i, n := range found {
		t.numbers[n] = i + 1
	}
}

// norm removes aliases, and maps an instance of a generic type of the standard
// library to the same instance of the type that was checked from source.
func (l *Lowerer) norm(t types.Type) types.Type {
	t = types.Unalias(t)
	n, ok := t.(*types.Named)
	if !ok || n.TypeArgs().Len() == 0 {
		return t
	}
	if r := l.types.normal[t]; r != nil {
		return r
	}
	r := t
	if o := l.twin(n.Origin()); o != n.Origin() {
		args := make([]types.Type, n.TypeArgs().Len())
		for i := range args {
			args[i] = n.TypeArgs().At(i)
		}
		r, _ = types.Instantiate(l.tctx, o, args, false)
	}
	l.types.normal[t] = r
	return r
}

// twin is the source-checked form of a generic type known from export data, and
// the latest of one that cells declare again.
func (l *Lowerer) twin(t *types.Named) *types.Named {
	t = l.newest(t)
	pkg := t.Obj().Pkg()
	if pkg == nil || pkg.Path() == l.main || l.bySrc[pkg] != nil || t.TypeParams().Len() == 0 {
		return t
	}
	if s := l.library(pkg.Path()); s != nil {
		if o, ok := s.pkg.Scope().Lookup(t.Obj().Name()).(*types.TypeName); ok {
			return o.Type().(*types.Named)
		}
	}
	return t
}

// library checks the source of a generic package of the standard library; nil
// if there is none.
func (l *Lowerer) library(path string) *source {
	if s, ok := l.std[path]; ok {
		return s
	}
	l.std[path] = nil
	files, err := l.librarySource(path)
	if err != nil || len(files) == 0 {
		return nil
	}
	s := &source{info: newInfo(), fset: l.fset, std: true, name: l.fset.Position}
	conf := types.Config{Importer: l.opt.Importer, Error: func(error) {}}
	s.pkg, _ = conf.Check(path, l.fset, files, s.info)
	l.bySrc[s.pkg] = s
	for _, f := range files {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				if o, ok := s.info.Defs[fd.Name].(*types.Func); ok {
					l.decls[o] = &decl{src: s, fd: fd}
				}
			}
		}
	}
	l.std[path] = s
	return s
}

// hasValue tells whether a package variable is declared with a value.
func (s *source) hasValue(v *types.Var) bool {
	return slices.ContainsFunc(s.info.InitOrder, func(in *types.Initializer) bool { return slices.Contains(in.Lhs, v) })
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{},
	}
}

// subst replaces type parameters by what e binds them to.
func (l *Lowerer) subst(t types.Type, e env) types.Type {
	if t == nil || len(e) == 0 {
		return t
	}
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		if r, ok := e[t]; ok {
			return r
		}
	case *types.Pointer:
		return types.NewPointer(l.subst(t.Elem(), e))
	case *types.Slice:
		return types.NewSlice(l.subst(t.Elem(), e))
	case *types.Array:
		return types.NewArray(l.subst(t.Elem(), e), t.Len())
	case *types.Chan:
		return types.NewChan(t.Dir(), l.subst(t.Elem(), e))
	case *types.Map:
		return types.NewMap(l.subst(t.Key(), e), l.subst(t.Elem(), e))
	case *types.Tuple:
		return l.substTuple(t, e)
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, l.substTuple(t.Params(), e), l.substTuple(t.Results(), e), t.Variadic())
	case *types.Struct:
		fs, tags := make([]*types.Var, t.NumFields()), make([]string, t.NumFields())
		for i := range fs {
			f := t.Field(i)
			fs[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), l.subst(f.Type(), e), f.Embedded())
			tags[i] = t.Tag(i)
		}
		return types.NewStruct(fs, tags)
	case *types.Interface:
		return l.substInterface(t, e)
	case *types.Union:
		terms := make([]*types.Term, t.Len())
		for i := range terms {
			terms[i] = types.NewTerm(t.Term(i).Tilde(), l.subst(t.Term(i).Type(), e))
		}
		return types.NewUnion(terms)
	case *types.Named:
		return l.substNamed(t, e)
	}
	return types.Unalias(t)
}

func (l *Lowerer) substTuple(t *types.Tuple, e env) *types.Tuple {
	vs := make([]*types.Var, t.Len())
	for i := range vs {
		v := t.At(i)
		vs[i] = types.NewParam(v.Pos(), v.Pkg(), v.Name(), l.subst(v.Type(), e))
	}
	return types.NewTuple(vs...)
}

func (l *Lowerer) substInterface(t *types.Interface, e env) types.Type {
	var ms []*types.Func
	for i := range t.NumExplicitMethods() {
		m := t.ExplicitMethod(i)
		ms = append(ms, types.NewFunc(m.Pos(), m.Pkg(), m.Name(), l.subst(m.Type(), e).(*types.Signature)))
	}
	var es []types.Type
	for i := range t.NumEmbeddeds() {
		es = append(es, l.subst(t.EmbeddedType(i), e))
	}
	return types.NewInterfaceType(ms, es).Complete()
}

func (l *Lowerer) substNamed(t *types.Named, e env) types.Type {
	if a := t.TypeArgs(); a.Len() > 0 {
		args := make([]types.Type, a.Len())
		for i := range args {
			args[i] = l.subst(a.At(i), e)
		}
		r, err := types.Instantiate(l.tctx, l.substLocal(l.twin(t.Origin()), e), args, false)
		if err != nil {
			panic(&Limit{What: "the type " + t.String() + ": " + err.Error()})
		}
		return r
	}
	return l.substLocal(t, e)
}

// substLocal copies a type that was declared inside a generic function, which
// may be generic itself.
func (l *Lowerer) substLocal(t *types.Named, e env) *types.Named {
	params := l.locals.outer[t.Obj()]
	if len(params) == 0 {
		return t
	}
	var key strings.Builder
	fmt.Fprintf(&key, "%p", t.Obj())
	var args []types.Type
	for _, p := range params {
		if a, ok := e[p]; ok {
			args = append(args, a)
			key.WriteByte('|')
			l.key(&key, a)
		}
	}
	if args == nil {
		return t
	}
	if r := l.locals.made[key.String()]; r != nil {
		return r
	}
	r := types.NewNamed(types.NewTypeName(t.Obj().Pos(), t.Obj().Pkg(), t.Obj().Name(), nil), nil, nil)
	l.locals.made[key.String()], l.locals.args[r.Obj()] = r, args
	l.locals.numbers[r.Obj()] = l.locals.numbers[t.Obj()]
	if n := t.TypeParams().Len(); n > 0 {
		e = maps.Clone(e)
		own := make([]*types.TypeParam, n)
		for i := range own {
			o := t.TypeParams().At(i).Obj()
			own[i] = types.NewTypeParam(types.NewTypeName(o.Pos(), o.Pkg(), o.Name(), nil), nil)
			e[t.TypeParams().At(i)] = own[i]
		}
		for i := range own {
			own[i].SetConstraint(l.subst(t.TypeParams().At(i).Constraint(), e))
		}
		r.SetTypeParams(own)
	}
	r.SetUnderlying(l.subst(t.Underlying(), e).Underlying())
	return r
}

// job is a function body to lower.
type job struct {
	name string
	d    *decl
	obj  *types.Func
	env  env
	at   token.Pos // the statement of the cell that asked for it
}

// Instances that one cell may ask for, and how deep their type arguments may
// be, before they count as endless. go/types would tell, too, but only of a
// cell without any error, and our marks in it are errors (see round.hear).
const (
	maxJobs  = 3000
	maxDepth = 40
)

// depth is how deep types are nested in t: as type arguments, or as elements
// of types that have no name.
func depth(t types.Type) int {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		d := 0
		for i := range t.TypeArgs().Len() {
			d = max(d, 1+depth(t.TypeArgs().At(i)))
		}
		return d
	case *types.Map:
		return 1 + max(depth(t.Key()), depth(t.Elem()))
	case interface{ Elem() types.Type }:
		return 1 + depth(t.Elem())
	case *types.Signature:
		d := 0
		for _, vs := range []*types.Tuple{t.Params(), t.Results()} {
			for i := range vs.Len() {
				d = max(d, 1+depth(vs.At(i).Type()))
			}
		}
		return d
	case *types.Struct:
		d := 0
		for i := range t.NumFields() {
			d = max(d, 1+depth(t.Field(i).Type()))
		}
		return d
	}
	return 0
}

func endless(o types.Object) *Limit {
	return &Limit{Pos: o.Pos(), What: "endless instantiation of " + o.Name(), Instead: "end the recursion over types"}
}

// funcRef is the emitted function of a notebook or library function for the
// given type arguments, which it makes if it is new.
func (p *pass) funcRef(o *types.Func, args []types.Type) *ir.FuncRef {
	o = p.newestFunc(o.Origin())
	sig := o.Type().(*types.Signature)
	var key strings.Builder
	fmt.Fprintf(&key, "%p", o)
	e := env{}
	for i, a := range args {
		key.WriteByte('|')
		p.key(&key, a)
		e[sig.TypeParams().At(i)] = p.norm(a)
	}
	base := "f_" + o.Name()
	if s := p.bySrc[o.Pkg()]; s != nil && s.library() {
		base = "s_" + o.Pkg().Name() + "_" + o.Name()
	}
	return p.instance(key.String(), base, o, e)
}

// methodRef is the function that a method of a notebook type became.
func (p *pass) methodRef(recv *types.Named, m *types.Func) *ir.FuncRef {
	o := p.newestMethod(m.Origin())
	sig := o.Type().(*types.Signature)
	e := env{}
	for i := range sig.RecvTypeParams().Len() {
		e[sig.RecvTypeParams().At(i)] = p.norm(recv.TypeArgs().At(i))
	}
	id := p.id(recv)
	return p.instance(fmt.Sprintf("%p|%d", o, id), fmt.Sprintf("m%d_%s_%s", id, recv.Obj().Name(), o.Name()), o, e)
}

func (p *pass) instance(key, base string, o *types.Func, e env) *ir.FuncRef {
	name := p.emitted[key]
	if name == "" {
		d := p.decls[o]
		if d == nil || d.fd.Body == nil {
			panic(p.bodiless(o, d))
		}
		if len(e) > 0 {
			p.jobs++
		}
		deep := p.jobs > maxJobs
		for _, t := range e {
			deep = deep || depth(t) > maxDepth
		}
		if deep {
			panic(endless(o))
		}
		name = p.version(base)
		put(p.Lowerer, p.emitted, key, name)
		if how := p.passings(o, e); how != nil {
			put(p.Lowerer, p.passed, name, how)
		}
		p.queue = append(p.queue, job{name, d, o, e, p.at})
	}
	return &ir.FuncRef{Name: name, Slot: p.slot(name, o, e)}
}

// declaredFunc emits a function or method of the cell although nothing has
// called it yet: later cells may.
func (p *pass) declaredFunc(o *types.Func) *ir.FuncRef {
	if o.Signature().Recv() == nil {
		return p.funcRef(o, nil)
	}
	return p.methodRef(receiverBase(o), o)
}

// drain lowers the bodies that are waiting.
func (p *pass) drain() {
	for len(p.queue) > 0 {
		j := p.queue[0]
		p.queue = p.queue[1:]
		if j.at.IsValid() {
			p.at = j.at
		}
		p.unit.Funcs = append(p.unit.Funcs, p.body(j))
	}
}
