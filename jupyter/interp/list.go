package interp

import (
	"cmp"
	"go/types"
	"slices"
	"strings"
)

// list collects the candidates that begin with name; those that do so only when
// case is ignored come last. Of two with the same text the first stays: inner
// scopes are added first.
type list struct {
	name, folded string
	types        bool       // only types fit
	want         types.Type // of a value, nil: any
	all          []candidate
	seen         map[string]bool
}

type candidate struct {
	Match
	rank int // lower comes first
}

// Ranks of names, from near to far. A step is larger than what is added for
// those that fit less well.
const (
	rankKey = 10 * iota
	rankLocal
	rankNotebook
	rankPackage
	rankUniverse
)

// What is added to the rank of a name that fits less well.
const (
	foreignType = 1000 // than one of the type that is wanted
	otherCase   = 100
)

func (l *list) add(rank int, text string, describe func() Match) (added bool) {
	return l.addAs(rank, text, text, describe)
}

// addAs adds text under the name that the reader may have begun to write.
func (l *list) addAs(rank int, name, text string, describe func() Match) (added bool) {
	switch {
	case l.seen[text] || text == "_" || strings.HasPrefix(text, placeholder):
		return false
	case strings.HasPrefix(name, l.name):
	case len(name) >= len(l.name) && strings.HasPrefix(strings.ToLower(name), l.folded):
		rank += otherCase
	default:
		return false
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[text] = true
	m := describe() // only now: a signature takes a microsecond
	m.Text = text
	l.all = append(l.all, candidate{m, rank})
	return true
}

func (l *list) object(rank int, o types.Object) {
	if l.types && !namesType(o) {
		return
	}
	if l.add(rank, o.Name(), func() Match { return Match{Type: kindOf(o), Signature: signature(o)} }) && l.want != nil && !gives(o, l.want) {
		l.all[len(l.all)-1].rank += foreignType
	}
}

// namesType says whether o is a type, or a package, which has some.
func namesType(o types.Object) bool {
	switch o.(type) {
	case *types.TypeName, *types.PkgName:
		return true
	}
	return false
}

// gives says whether o is a value of type t, or a function that returns one.
func gives(o types.Object, t types.Type) bool {
	switch o := o.(type) {
	case *types.TypeName: // a conversion or a literal
		return types.Identical(o.Type(), t)
	case *types.PkgName, *types.Builtin, nil:
		return false
	}
	u := o.Type()
	if u == nil {
		return false
	}
	if types.AssignableTo(u, t) {
		return true
	}
	sig, ok := u.Underlying().(*types.Signature)
	return ok && sig.Results().Len() == 1 && sig.TypeParams().Len() == 0 && types.AssignableTo(sig.Results().At(0).Type(), t)
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
