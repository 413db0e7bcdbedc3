package grow

import (
	"fmt"
	"strings"
)

// generic is a generic function from a value, or a type that holds one.
type generic struct {
	call  string // of a value and its type, to the same value: %[1]s the type, %[2]s the value
	takes func(*typ) bool
}

func (g *gen) genericDecl() {
	n := g.name("G")
	all := func(*typ) bool { return true }
	add := func(takes func(*typ) bool, call string) {
		g.generic = append(g.generic, generic{strings.ReplaceAll(call, "G", n), takes})
	}
	switch g.n(8 + len(shapes)) {
	case 0:
		g.p("type %s[T any] struct { v T; next *%s[T] }", n, n)
		g.p("func (l *%s[T]) push(x T) *%s[T] { return &%s[T]{x, l} }", n, n, n)
		g.p("func (l *%s[T]) last() (x T) { for ; l != nil; l = l.next { x = l.v }; return x }", n)
		add(all, "new(G[%[1]s]).push(%[2]s).next.push(%[2]s).last()")
		add(all, "(*G[%[1]s])(nil).push(%[2]s).push(%[2]s).last()")
	case 1:
		g.p("type %s[K comparable, V any] struct { k K; v V }", n)
		g.p("func (p %s[K, V]) swap() (V, K) { return p.v, p.k }", n)
		g.p("func Mk%s[K comparable, V any](k K, v V) %s[K, V] { return %s[K, V]{k, v} }", n, n, n)
		add(all, "MkG[string, %[1]s](\"k\", %[2]s).v")
		add(func(t *typ) bool { return t.equal && t.kind != iface }, "MkG(id[%[1]s](%[2]s), 1).k")
	case 2:
		g.p("func %s[T, U any](xs []T, f func(T) U) (r []U) { for _, x := range xs { r = append(r, f(x)) }; return }", n)
		add(all, "G([]int{1, 2}, func(i int) %[1]s { return %[2]s })[1]")
		add(all, "G([]%[1]s{%[2]s}, func(x %[1]s) %[1]s { return x })[0]")
	case 3:
		g.p("type %sN interface { ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64 }", n)
		g.p("func %s[T %sN](xs ...T) (s T) { for _, x := range xs { s += x; s *= 3 }; return s / 2 }", n, n)
		add(func(t *typ) bool { k := t.base().kind; return k == integer || k == float }, "G[%[1]s](%[2]s, %[2]s)")
	case 4:
		g.p("type %s[T any] []T", n)
		g.p("func (s %s[T]) All() func(func(int, T) bool) { return func(yield func(int, T) bool) { for i, x := range s { if !yield(i, x) { return } } } }", n)
		g.p("func (s %s[T]) nth(i int) (x T, ok bool) { if i < len(s) { return s[i], true }; return }", n)
		add(all, "func() (r %[1]s) { for _, x := range (G[%[1]s]{%[2]s}).All() { r = x; break }; return }()")
		add(all, "func() %[1]s { x, _ := G[%[1]s]{%[2]s}.nth(0); return x }()")
	case 5:
		g.p("func %s[M ~map[K]V, K comparable, V any](m M, k K) V { if v, ok := m[k]; ok { return v }; var z V; return z }", n)
		add(all, "G(map[string]%[1]s{\"a\": %[2]s}, \"a\")")
	case 6:
		g.p("func %s[T any](x T) any { switch any(x).(type) { case int: return \"int\"; case string: return 2; case fmt.Stringer: return \"s\"; case error: return \"e\"; case []T: return \"ts\" }; var z T; return z }", n)
		add(func(t *typ) bool { return t.flat && t.kind != iface }, "func() %[1]s { x := %[2]s; r, ok := G(x).(%[1]s); if ok { return r }; return x }()")
	case 7:
		g.p("type %s[T any, P interface { *T }] struct { p P }", n)
		g.p("func (b %s[T, P]) get() T { if b.p == nil { var z T; return z }; return *b.p }", n)
		add(all, "G[%[1]s, *%[1]s]{ptr[%[1]s](%[2]s)}.get()")
	default:
		g.shape(n)
	}
	g.p("")
}

// genericCall passes a value through generic code.
func (g *gen) genericCall(t *typ, d int) string {
	x := choose(g, g.generic)
	if x.takes == nil || !x.takes(t) {
		return ""
	}
	traced := g.traced
	g.traced = false // the value may be written twice
	v := g.expr(t, d-1)
	g.traced = traced
	s := fmt.Sprintf(x.call, t.src, v)
	return "(" + strings.ReplaceAll(s, "%!(EXTRA", "") + ")"
}
