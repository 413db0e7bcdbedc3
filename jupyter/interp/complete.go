package interp

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Words of Jupyter's completer for the kinds of names.
const (
	kindFunction = "function"
	kindType     = "class"
	kindValue    = "instance"
	kindField    = "property"
	kindPackage  = "module"
	kindKeyword  = "keyword"
)

// complete returns what may stand at cursor, counted in code points.
func (b *book) complete(code string, at int) Completion {
	c := look(code, offset(code, at))
	out := Completion{Start: points(code[:c.start]), End: points(code[:c.off])}
	l := list{name: c.name, folded: strings.ToLower(c.name)}
	switch {
	case c.idle:
		return out
	case c.path:
		l.paths(b)
	default:
		b.candidates(c, &l)
	}
	out.Matches = l.matches()
	return out
}

// candidates finds the place in the whole cell if that parses well enough for
// its type to be known, and else in the part before it.
func (b *book) candidates(c *cursor, l *list) {
	for _, text := range []string{c.whole(), c.short()} {
		s := b.sketch(text)
		place := s.place()
		switch {
		case place == nil:
			continue
		case place.base != nil:
			l.members(s, place.base)
		case !c.member:
			l.keys(s, place)
			l.names(b, s, place.id.Pos())
		}
		if len(l.all) > 0 {
			return
		}
	}
}

// place is where the placeholder stands in the syntax.
type place struct {
	id   *ast.Ident
	base ast.Expr          // of the selector that it ends, or nil
	lit  *ast.CompositeLit // that it may be a key of, or nil
}

func (s *sketch) place() *place {
	var p *place
	s.walk(func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel.Name == placeholder {
				p = &place{id: n.Sel, base: n.X}
				return false
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Key
				}
				if id, ok := e.(*ast.Ident); ok && id.Name == placeholder {
					p = &place{id: id, lit: n}
					return false
				}
			}
		case *ast.Ident:
			if n.Name == placeholder && p == nil {
				p = &place{id: n}
			}
		}
		return true
	})
	return p
}

// list collects the candidates that begin with name; those that do so only when
// case is ignored come last. Of two with the same text the first stays: inner
// scopes are added first.
type list struct {
	name, folded string
	all          []candidate
	seen         map[string]bool
}

type candidate struct {
	Match
	rank int // lower comes first
}

func (l *list) add(rank int, text string, describe func() Match) {
	switch {
	case l.seen[text] || text == "_" || strings.HasPrefix(text, placeholder):
		return
	case strings.HasPrefix(text, l.name):
	case strings.HasPrefix(strings.ToLower(text), l.folded):
		rank += 100
	default:
		return
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[text] = true
	m := describe() // only now: a signature takes a microsecond
	m.Text = text
	l.all = append(l.all, candidate{m, rank})
}

// matches returns the candidates, the nearest first.
func (l *list) matches() []Match {
	slices.SortFunc(l.all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Text, b.Text))
	})
	out := make([]Match, len(l.all))
	for i, c := range l.all {
		out[i] = c.Match
	}
	return out
}

// Ranks of names, from near to far.
const (
	rankKey = iota
	rankLocal
	rankNotebook
	rankPackage
	rankUniverse
)

// names adds every name that is visible at pos. Packages that need no import
// are too many to show before anything has been typed.
func (l *list) names(b *book, s *sketch, pos token.Pos) {
	inner := s.pkg.Scope().Innermost(pos)
	for sc := inner; sc != nil && sc != s.pkg.Scope() && sc != types.Universe; sc = sc.Parent() {
		for _, n := range sc.Names() {
			if o := sc.Lookup(n); !o.Pos().IsValid() || o.Pos() < pos {
				l.object(rankLocal, o)
			}
		}
	}
	statement := s.files[0].FileStart <= pos && pos < s.files[0].FileEnd
	for _, n := range s.pkg.Scope().Names() {
		o := s.pkg.Scope().Lookup(n)
		later := s.files[0].FileStart <= o.Pos() && pos < o.Pos()
		if !statement || !later || kindOf(o) != kindValue {
			l.object(rankNotebook, o)
		}
	}
	for _, n := range b.Names() {
		if e := b.Lookup(n); e != nil {
			l.object(rankNotebook, e.Object)
		}
	}
	if l.name == "" {
		return
	}
	for _, n := range slices.Sorted(maps.Keys(b.preload)) {
		l.add(rankPackage, n, func() Match { return Match{Type: kindPackage, Signature: "package " + b.preload[n]} })
	}
	for _, n := range types.Universe.Names() {
		l.object(rankUniverse, types.Universe.Lookup(n))
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		l.add(rankUniverse, t.String(), func() Match { return Match{Type: kindKeyword} })
	}
}

func (l *list) object(rank int, o types.Object) {
	l.add(rank, o.Name(), func() Match { return Match{Type: kindOf(o), Signature: signature(o)} })
}

// keys adds the fields that a composite literal of a struct has not set yet.
func (l *list) keys(s *sketch, p *place) {
	if p.lit == nil {
		return
	}
	t := s.info.TypeOf(p.lit)
	if t == nil {
		return
	}
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok {
		return
	}
	set := map[string]bool{}
	for _, e := range p.lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				set[id.Name] = true
			}
		}
	}
	for f := range st.Fields() {
		if !set[f.Name()] && visibleIn(s.pkg, f) {
			l.add(rankKey, f.Name()+":", func() Match { return Match{Type: kindField, Signature: signature(f)} })
		}
	}
}

// members adds what may be selected from base.
func (l *list) members(s *sketch, base ast.Expr) {
	if id, ok := base.(*ast.Ident); ok {
		if pn, ok := s.info.Uses[id].(*types.PkgName); ok {
			for _, n := range pn.Imported().Scope().Names() {
				if o := pn.Imported().Scope().Lookup(n); o.Exported() {
					l.object(rankNotebook, o)
				}
			}
			return
		}
	}
	tv, ok := s.info.Types[base]
	if !ok || tv.Type == nil {
		return
	}
	if tv.IsType() {
		l.methods(s.pkg, tv.Type)
		return
	}
	l.fields(s.pkg, tv.Type, 0, map[types.Type]bool{})
	t := tv.Type
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) && tv.Addressable() {
		t = types.NewPointer(t)
	}
	l.methods(s.pkg, t)
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

// paths adds the import paths of the preloaded packages.
func (l *list) paths(b *book) {
	for _, p := range slices.Sorted(maps.Values(b.preload)) {
		l.add(0, p, func() Match { return Match{Type: kindPackage} })
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

func kindOf(o types.Object) string {
	switch o := o.(type) {
	case *types.Func, *types.Builtin:
		return kindFunction
	case *types.TypeName:
		return kindType
	case *types.PkgName:
		return kindPackage
	case *types.Var:
		if o.IsField() {
			return kindField
		}
	}
	return kindValue
}

// signature is the declared type of o in one line: what follows its name in
// the declaration.
func signature(o types.Object) string {
	switch o := o.(type) {
	case *types.Func:
		return strings.TrimPrefix(types.TypeString(o.Type(), shortly), "func")
	case *types.TypeName:
		switch u := o.Type().Underlying().(type) {
		case *types.Struct:
			return "struct"
		case *types.Interface:
			return "interface"
		default:
			return types.TypeString(u, shortly)
		}
	case *types.Const:
		return types.TypeString(o.Type(), shortly) + " = " + o.Val().String()
	case *types.PkgName:
		return "package " + o.Imported().Path()
	case *types.Var:
		return types.TypeString(o.Type(), shortly)
	}
	return ""
}

// shortly names packages as code does, and the notebook's own not at all.
func shortly(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	return p.Name()
}
