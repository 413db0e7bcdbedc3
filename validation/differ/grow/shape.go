package grow

import "strings"

// shape is a family of generic declarations and the ways to pass a value
// through it. G stands for its own name, %[1]s for the value's type, %[2]s for
// the value.
type shape struct {
	decl  string
	takes func(*typ) bool
	calls []string
}

func anyType(*typ) bool { return true }

func isNumber(t *typ) bool { k := t.base().kind; return k == integer || k == float }

func isOrdered(t *typ) bool { return isNumber(t) || t.base().kind == text }

func isSlice(t *typ) bool { return t.base().kind == slice }

// says tells whether a value of t has a text of its own.
func says(t *typ) bool {
	for _, m := range t.methods {
		if m.name == "String" && !m.pointer {
			return t.kind != iface
		}
	}
	return false
}

func isKey(t *typ) bool { return t.equal && t.kind != iface && whole(t) }

// shapes are what generic types, their methods and constraints can be.
var shapes = []shape{
	{`
type GNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}
type G[T GNumber] struct { sum T; n int }
func (a *G[T]) add(x T) *G[T] { a.sum += x; a.n++; return a }
func (a G[T]) mean() T { if a.n == 0 { return 0 }; return a.sum / T(a.n) }
func (a G[T]) each(f func(T) T) G[T] { return G[T]{f(a.sum), a.n} }
`, isNumber, []string{
		"new(G[%[1]s]).add(%[2]s).add(1).mean()",
		"new(G[%[1]s]).add(%[2]s).each(func(x %[1]s) %[1]s { return x * 3 }).sum",
		"id(new(G[%[1]s]).add)(%[2]s).mean()",
	}},
	{`
type GText interface { String() string }
func G[T GText](x T) T { if len(x.String()) > 100 { fmt.Println("long") }; return x }
func GAll[T interface { comparable; GText }](xs ...T) (r T) { for _, x := range xs { if x != r { fmt.Print(x.String(), x, " "); r = x } }; return }
`, says, []string{"G(id[%[1]s](%[2]s))", "G[%[1]s](%[2]s)"}},
	{`
type GCell[T any] struct { x T }
func (c *GCell[T]) set(x T) { c.x = x }
func (c GCell[T]) get() T { return c.x }
type GSetter[T, C any] interface { *C; set(T) }
func G[C any, P GSetter[T, C], T any](x T) (c C) { P(&c).set(x); return }
`, anyType, []string{
		"G[GCell[%[1]s], *GCell[%[1]s], %[1]s](%[2]s).get()",
		"G[GCell[%[1]s]](id[%[1]s](%[2]s)).x",
		"GCell[%[1]s].get(GCell[%[1]s]{%[2]s})",
	}},
	{`
type GLess[T any] interface { less(T) bool }
type GBox[T interface { ~string | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64 }] struct { v T }
func (a GBox[T]) less(b GBox[T]) bool { return a.v < b.v }
func G[T GLess[T]](a T, more ...T) T { for _, b := range more { if a.less(b) { a = b } }; return a }
`, isOrdered, []string{
		"G(GBox[%[1]s]{%[2]s}).v",
		"G(GBox[%[1]s]{}, GBox[%[1]s]{%[2]s}, GBox[%[1]s]{}).v",
		"G[GBox[%[1]s]](GBox[%[1]s]{%[2]s}, []GBox[%[1]s]{{}, {}}...).v",
	}},
	{`
type GBase[T any] struct { v T; n int }
func (b *GBase[T]) put(x T) { b.v = x; b.n++ }
func (b GBase[T]) got() T { return b.v }
type G[K comparable, T any] struct { GBase[T]; k K }
type GDeep[T any] struct { *G[string, T]; more []GBase[T] }
type GGet[T any] interface { got() T }
type GHeld[T any] struct { GGet[T] }
type GAny[T any] = GHeld[T]
`, anyType, []string{
		"func() %[1]s { var g G[string, %[1]s]; g.put(%[2]s); g.k += \"k\"; fmt.Printf(\"%%v %%d %%T\\n\", g.k, g.n, g); return g.got() }()",
		"func() %[1]s { g := GDeep[%[1]s]{G: &G[string, %[1]s]{}}; g.put(%[2]s); g.more = append(g.more, g.GBase); return g.more[0].v }()",
		"GHeld[%[1]s]{&GBase[%[1]s]{v: %[2]s}}.got()",
		"GAny[%[1]s]{G[int, %[1]s]{GBase[%[1]s]{%[2]s, 1}, 2}}.got()",
		"G[bool, %[1]s].got(G[bool, %[1]s]{GBase: GBase[%[1]s]{v: %[2]s}})",
		"func() %[1]s { var i any = GBase[%[1]s]{v: %[2]s}; if g, ok := i.(GGet[%[1]s]); ok { return g.got() }; panic(\"no GGet\") }()",
	}},
	{`
type G[T interface { ~string | ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 }] struct { v T; left, right *G[T] }
func (t *G[T]) with(x T) *G[T] {
	switch {
	case t == nil:
		return &G[T]{v: x}
	case x < t.v:
		return &G[T]{t.v, t.left.with(x), t.right}
	}
	return &G[T]{t.v, t.left, t.right.with(x)}
}
func (t *G[T]) all() func(func(T) bool) {
	return func(yield func(T) bool) { t.walk(yield) }
}
func (t *G[T]) walk(yield func(T) bool) bool { return t == nil || t.left.walk(yield) && yield(t.v) && t.right.walk(yield) }
`, func(t *typ) bool { return isOrdered(t) && t.base().kind != float }, []string{
		"(*G[%[1]s])(nil).with(%[2]s).with(id[%[1]s](%[2]s)).v",
		"func() (r %[1]s) { var t *G[%[1]s]; t = t.with(%[2]s).with(r); for x := range t.all() { r += x }; return }()",
	}},
	{`
func G[S ~[]E, E any](s S, keep func(int, E) bool) (r S) { for i, x := range s { if keep(i, x) { r = append(r, x) } }; return }
func GRev[S ~[]E, E any](s S) S { s = append(s[:0:0], s...); for i, j := 0, len(s)-1; i < j; i, j = i+1, j-1 { s[i], s[j] = s[j], s[i] }; return s }
`, isSlice, []string{"GRev(id[%[1]s](%[2]s))", "GRev(GRev[%[1]s](%[2]s))"}},
	{`
type G[K comparable, V any] struct { m map[K][]V; keys []K }
func (d *G[K, V]) put(k K, v V) *G[K, V] { if d.m == nil { d.m = map[K][]V{} }; if _, ok := d.m[k]; !ok { d.keys = append(d.keys, k) }; d.m[k] = append(d.m[k], v); return d }
func (d *G[K, V]) last(k K) (v V, ok bool) { if s := d.m[k]; len(s) > 0 { return s[len(s)-1], true }; return }
func (d G[K, V]) flip(f func(V) K) (r []K) { for _, k := range d.keys { for _, v := range d.m[k] { r = append(r, f(v)) } }; return }
`, isKey, []string{
		"new(G[%[1]s, %[1]s]).put(%[2]s, %[2]s).flip(func(x %[1]s) %[1]s { return x })[0]",
		"new(G[%[1]s, int]).put(%[2]s, 1).put(%[2]s, 2).keys[0]",
		"func() %[1]s { x, ok := new(G[string, %[1]s]).put(\"a\", %[2]s).last(\"a\"); fmt.Print(ok, \" \"); return x }()",
	}},
	{`
type G[T any] func(int) T
func (f G[T]) twice() (a, b T) { return f(1), f(2) }
func GCount[T any](x T) func() (T, int) { n := 0; return func() (T, int) { n++; return x, n } }
func GChan[T any](xs ...T) <-chan T { c := make(chan T, len(xs)); for _, x := range xs { c <- x }; close(c); return c }
`, anyType, []string{
		"func() %[1]s { a, _ := G[%[1]s](func(int) %[1]s { return %[2]s }).twice(); return a }()",
		"func() %[1]s { f := GCount[%[1]s](%[2]s); f(); x, n := f(); fmt.Print(n, \" \"); return x }()",
		"<-GChan[%[1]s](%[2]s)",
	}},
}

func (g *gen) shape(n string) {
	x := choose(g, shapes)
	g.b.WriteString(strings.ReplaceAll(strings.TrimPrefix(x.decl, "\n"), "G", n))
	for _, c := range x.calls {
		g.generic = append(g.generic, generic{strings.ReplaceAll(c, "G", n), x.takes})
	}
}
