package grow

import (
	"fmt"
	"strings"
)

type kind int

const (
	boolean kind = iota
	integer
	float
	complex_
	text
	array
	slice
	mapping
	structure
	pointer
	function
	iface
)

// typ is a type as the grammar knows it. Types of one spelling are one type.
type typ struct {
	kind     kind
	src      string
	elem     *typ
	key      *typ
	n        int // length of an array, bits of a number
	unsigned bool
	fields   []field
	params   []*typ
	result   *typ
	under    *typ // of a named type that is no struct: what it is made of
	named    bool
	methods  []method
	embeds   []*typ // of a struct
	makers   []*typ // of an interface: the types that fit it
	flat     bool   // prints without an address
	equal    bool   // can be compared, and so be a key
}

type field struct {
	name string
	t    *typ
}

type method struct {
	name    string
	params  []*typ
	result  *typ
	pointer bool // needs an addressable receiver
}

func basic(name string, k kind, n int, unsigned bool) *typ {
	return &typ{kind: k, src: name, n: n, unsigned: unsigned, flat: true, equal: true}
}

var (
	tBool    = basic("bool", boolean, 0, false)
	tInt     = basic("int", integer, 64, false)
	tString  = basic("string", text, 0, false)
	tFloat   = basic("float64", float, 64, false)
	tByte    = basic("uint8", integer, 8, true)
	tRune    = basic("rune", integer, 32, false)
	tError   = &typ{kind: iface, src: "error", equal: true}
	tAny     = &typ{kind: iface, src: "any", equal: true, flat: true}
	integers = []*typ{tInt, basic("int8", integer, 8, false), basic("int16", integer, 16, false), basic("int32", integer, 32, false), basic("int64", integer, 64, false),
		basic("uint", integer, 64, true), tByte, basic("uint16", integer, 16, true), basic("uint32", integer, 32, true), basic("uint64", integer, 64, true)}
	floats  = []*typ{tFloat, basic("float32", float, 32, false)}
	basics  = append(append([]*typ{tBool, tString, tString, basic("complex128", complex_, 128, false), basic("complex64", complex_, 64, false)}, integers...), floats...)
	ordered = append(append([]*typ{tString}, integers...), floats...)
)

func (t *typ) base() *typ {
	if t.under != nil {
		return t.under
	}
	return t
}

func sliceOf(e *typ) *typ { return &typ{kind: slice, src: "[]" + e.src, elem: e, flat: inside(e)} }

func arrayOf(n int, e *typ) *typ {
	return &typ{kind: array, src: fmt.Sprintf("[%d]%s", n, e.src), elem: e, n: n, flat: inside(e), equal: e.equal}
}

func mapOf(k, e *typ) *typ {
	return &typ{kind: mapping, src: "map[" + k.src + "]" + e.src, key: k, elem: e, flat: inside(e)}
}

func pointerTo(e *typ) *typ {
	return &typ{kind: pointer, src: "*" + e.src, elem: e, flat: e.flat && e.base().kind >= array && e.base().kind <= structure, equal: true}
}

func funcOf(result *typ, params ...*typ) *typ {
	return &typ{kind: function, src: "func(" + spell(params) + ") " + result.src, params: params, result: result}
}

// inside tells whether a value prints without an address inside another.
func inside(t *typ) bool { return t.flat && t.kind != pointer }

func spell(ts []*typ) string {
	var s []string
	for _, t := range ts {
		s = append(s, t.src)
	}
	return strings.Join(s, ", ")
}

// pick is any type, of a depth that is left.
func (g *gen) pick(depth int) *typ {
	if depth <= 0 || g.one(2) {
		if len(g.types) > 0 && g.one(3) {
			return choose(g, g.types)
		}
		return choose(g, basics)
	}
	switch g.n(8) {
	case 0:
		return arrayOf(1+g.n(4), g.pick(depth-1))
	case 1, 2:
		return sliceOf(g.pick(depth - 1))
	case 3:
		return mapOf(g.key(), g.pick(depth-1))
	case 4:
		return pointerTo(g.pick(depth - 1))
	case 5:
		return funcOf(g.pick(depth-1), g.some(2, depth-1)...)
	case 6:
		return choose(g, []*typ{tAny, tError})
	default:
		return g.anonymous(depth)
	}
}

func (g *gen) some(most, depth int) []*typ {
	var ts []*typ
	for range g.n(most + 1) {
		ts = append(ts, g.pick(depth))
	}
	return ts
}

// key is a type whose values sort when a map is printed.
func (g *gen) key() *typ {
	if g.one(4) {
		for range 5 {
			if t := choose(g, g.types); t != nil && t.equal && t.kind != iface && t.kind != pointer && whole(t) {
				return t
			}
		}
	}
	return choose(g, append([]*typ{tString, tString, tBool}, integers...))
}

// whole tells whether a value holds no float, whose NaN is no key.
func whole(t *typ) bool {
	t = t.base()
	switch t.kind {
	case float, complex_, iface, pointer:
		return false
	case array:
		return whole(t.elem)
	case structure:
		for _, f := range t.fields {
			if !whole(f.t) {
				return false
			}
		}
	}
	return true
}

func (g *gen) anonymous(depth int) *typ {
	t := &typ{kind: structure, flat: true, equal: true}
	var s []string
	for i := range 1 + g.n(3) {
		f := field{string("abXYz"[(i+g.n(2))%5]) + fmt.Sprint(i), g.pick(depth - 1)}
		t.add(f)
		s = append(s, f.name+" "+f.t.src)
	}
	t.src = "struct{ " + strings.Join(s, "; ") + " }"
	return t
}

func (t *typ) add(f field) {
	t.fields = append(t.fields, f)
	t.flat = t.flat && inside(f.t)
	t.equal = t.equal && f.t.equal
}
