package lower

import (
	"fmt"
	"go/types"
	"runtime"
)

// What a type may be. What follows takes the square of the levels or more: 400
// structs in one another take 4 s, 200 take 0.4 s; a program of Go's own tests
// has 253 levels. An array is copied whole, twice and more on its way, and one
// beyond memory ends the process.
const (
	maxLevels = 300
	maxParts  = 100_000
	maxBytes  = 1 << 30
)

// extent is how far a type goes.
type extent struct {
	levels int     // of types in one another, see measure
	parts  float64 // of its text, were all aliases written out
	bytes  float64 // of a value, without padding
}

// measured is a type as measure has met it.
type measured struct {
	t    types.Type
	text bool
}

// bearable refuses types that are too deep or too large to work with.
func (l *Lowerer) bearable(t types.Type) {
	// The text first: it bounds what may be written about the type.
	if e := l.measure(t, true); e.levels > maxLevels || e.parts > maxParts {
		what := fmt.Sprintf("a type of more than %d levels in one another", maxLevels)
		if e.levels <= maxLevels {
			what = fmt.Sprintf("a type of more than %d parts", maxParts)
		}
		panic(&Limit{What: what, Instead: "give the inner ones names of their own: type Row []int"})
	}
	e := l.measure(t, false)
	if e.levels > maxLevels {
		panic(&Limit{What: fmt.Sprintf("a type of more than %d levels in one another", maxLevels), Instead: "let a pointer or a slice hold the inner ones"})
	}
	if e.bytes > maxBytes {
		panic(&Limit{
			What:    fmt.Sprintf("a value of %.0f GiB, as %.100s has", e.bytes/(1<<30), t),
			Instead: "arrays and structs take at most 1 GiB: let make give a slice, as in make([]byte, n)",
		})
	}
}

// measure follows the text of a type, up to the names in it, or what lies in a
// value of it, up to pointers and what is one inside. Both come to an end:
// neither can hold itself.
func (l *Lowerer) measure(t types.Type, text bool) extent {
	t = types.Unalias(t)
	if e, ok := l.types.extents[measured{t, text}]; ok {
		return e
	}
	e := l.measureNew(t, text)
	if _, named := t.(*types.Named); !named {
		e.levels++
	}
	e.parts++
	l.types.extents[measured{t, text}] = e
	return e
}

func (l *Lowerer) measureNew(t types.Type, text bool) (e extent) {
	add := func(t types.Type) {
		m := l.measure(t, text)
		e.levels = max(e.levels, m.levels)
		e.parts += m.parts
		e.bytes += m.bytes
	}
	all := func(ts *types.Tuple) {
		for v := range ts.Variables() {
			add(v.Type())
		}
	}
	switch t := t.(type) {
	case *types.Array:
		add(t.Elem())
		e.bytes *= float64(t.Len())
		return e
	case *types.Struct:
		for v := range t.Fields() {
			add(v.Type())
		}
		return e
	case *types.Named:
		if !text {
			add(t.Underlying())
			return e
		}
		for a := range t.TypeArgs().Types() {
			add(a)
		}
		return e
	case *types.TypeParam: // known when an instance is made
		return e
	case *types.Tuple:
		all(t)
		return e
	}
	if text {
		switch t := t.(type) {
		case *types.Pointer:
			add(t.Elem())
		case *types.Slice:
			add(t.Elem())
		case *types.Chan:
			add(t.Elem())
		case *types.Map:
			add(t.Key())
			add(t.Elem())
		case *types.Signature:
			all(t.Params())
			all(t.Results())
		case *types.Interface:
			for m := range t.ExplicitMethods() {
				add(m.Type())
			}
		}
		return e
	}
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return e
	}
	e.bytes = float64(sizes.Sizeof(t))
	return e
}

// sizes are those of the machine.
var sizes = types.SizesFor("gc", runtime.GOARCH)
