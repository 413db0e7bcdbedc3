package interp

import (
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
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
	case c.spec:
		l.specs(b)
	case c.names():
		return out
	case c.clause():
		l.words(c)
	default:
		b.candidates(c, &l)
	}
	out.Matches = l.matches()
	return out
}

// candidates finds the place in the whole cell if that parses well enough for
// its type to be known, and else in the part before it, and else in its line.
func (b *book) candidates(c *cursor, l *list) {
	for _, text := range []string{c.whole(), c.short(), c.line()} {
		s := b.sketch(text)
		p := s.place()
		if p == nil {
			continue
		}
		l.types = p.isType(s.info)
		l.want = p.expected(s.info)
		labels, jump := s.labels(p)
		switch {
		case jump:
			for i, n := range labels {
				l.add(i, n, func() Match { return Match{Type: kindLabel} })
			}
			return
		case p.base != nil:
			l.members(s, p.base)
		case c.member: // not a place that the parser has understood
			continue
		default:
			if l.keys(s, p) {
				return
			}
			l.names(b, s, p.id.Pos())
		}
		if len(l.all) > 0 {
			break
		}
	}
	if !c.member {
		l.words(c)
	}
}

// names adds every name that is visible at pos. Packages that need no import
// are too many to show before anything has been typed, and so is what the
// language predeclares where it is not asked for.
func (l *list) names(b *book, s *sketch, pos token.Pos) {
	inner := s.pkg.Scope().Innermost(pos)
	for sc := inner; sc != nil && sc != s.pkg.Scope() && sc != types.Universe; sc = sc.Parent() {
		for _, n := range sc.Names() {
			if at, o := sc.LookupParent(n, pos); at == sc {
				l.object(rankLocal, o)
			}
		}
	}
	statement := s.inBody(pos)
	for _, n := range s.pkg.Scope().Names() {
		o := s.pkg.Scope().Lookup(n)
		if !statement || !s.inBody(o.Pos()) { // or the scopes above have it, if it is known yet
			l.object(rankNotebook, o)
		}
	}
	for n, p := range s.imports {
		l.object(rankNotebook, types.NewPkgName(token.NoPos, s.pkg, n, p))
	}
	for _, p := range s.dots {
		l.exported(rankPackage, p)
	}
	for _, n := range b.Names() {
		switch e := b.Lookup(n); {
		case e == nil:
		case e.Cell != preludeID:
			l.object(rankNotebook, e.Object)
		case kindOf(e.Object) != kindPackage: // of the prelude, the names that are for readers
			l.object(rankUniverse, e.Object)
		}
	}
	if l.name != "" {
		rank := rankPackage
		if l.want != nil {
			rank += foreignType
		}
		for n, p := range b.preload {
			l.add(rank, n, func() Match { return Match{Type: kindPackage, Signature: "package " + p} })
		}
	}
	l.universe(b)
}

// universe adds what the language predeclares: before anything has been typed,
// types where one must stand, and true, false and nil where they fit.
func (l *list) universe(b *book) {
	for _, n := range types.Universe.Names() {
		o := types.Universe.Lookup(n)
		switch o.(type) {
		case *types.TypeName:
			if l.name == "" && !l.types {
				continue
			}
		case *types.Const, *types.Nil:
			if l.name == "" && (l.want == nil || n == "iota" || !gives(o, l.want)) {
				continue
			}
		default:
			if l.name == "" || l.types {
				continue
			}
			l.add(rankUniverse, n, func() Match { return Match{Type: kindFunction, Signature: b.builtin(n)} })
			continue
		}
		l.object(rankUniverse, o)
	}
}

// builtin is the signature of a predeclared function.
func (b *book) builtin(name string) string {
	decl, _, _ := builtinDecl(b.doc("builtin", name))
	return strings.TrimPrefix(decl, "func "+name)
}

// words adds the keywords that fit; all of them once a name has been begun, or
// where a clause or another word must follow.
func (l *list) words(c *cursor) {
	words := c.keywords()
	if l.name == "" && len(words) > 2 {
		return
	}
	for _, t := range words {
		l.add(rankUniverse, t.String(), func() Match { return Match{Type: kindKeyword} })
	}
}

// paths adds the import paths of all packages that begin with what has been
// typed, and then those of which a later part does.
func (l *list) paths(b *book) {
	for _, p := range b.importable() {
		rest, rank := p, rankKey
		for {
			l.addAs(rank, rest, p, func() Match { return Match{Type: kindPackage} })
			_, after, more := strings.Cut(rest, "/")
			if !more || l.name == "" {
				break
			}
			rest, rank = after, rankPackage
		}
	}
}

// specs adds import paths in quotes, by the names of their packages.
func (l *list) specs(b *book) {
	for _, p := range b.importable() {
		l.addAs(rankKey, path.Base(p), strconv.Quote(p), func() Match { return Match{Type: kindPackage} })
	}
}

// importable returns the paths that an import may name, sorted.
func (b *book) importable() []string {
	all := map[string]bool{}
	for _, p := range b.paths {
		all[p] = true
	}
	for _, p := range b.preload {
		all[p] = true
	}
	return slices.Sorted(maps.Keys(all))
}
