package interp

// Types that hold functions of themselves: operations of a machine, handlers
// of a request, hooks. The interpreter fills in the type of a function that is
// a field itself, and of none that lies deeper; the results are the compiler's.
var callScenarios = []scenario{
	{"a slice of functions of its struct", []string{`type M struct { n int; hooks []func(*M) }
m := &M{n: 1}
m.hooks = append(m.hooks, func(m *M) { m.n += 4 })
for _, h := range m.hooks { h(m) }
m.n`}, "=> 5\n", "reflect: Call using *struct as type *unsafe2.dummy"},
	{"a map of named functions of its struct", []string{`type Hook func(m *M, to int)
type M struct { at int; hooks map[int][]Hook }
func (m *M) On(s int, h ...Hook) *M { if m.hooks == nil { m.hooks = map[int][]Hook{} }; m.hooks[s] = append(m.hooks[s], h...); return m }
m := new(M).On(2, func(m *M, to int) { m.at = to })
for _, h := range m.hooks[2] { h(m, 2) }
fmt.Printf("%d %T\n", m.at, m.hooks)`}, "2 map[int][]main.Hook\n", "value of type **unsafe2.dummy is not assignable"},
	{"a table of operations", []string{`type VM struct { sp int; ops [2]func(*VM, int) bool }
v := &VM{}
v.ops = [...]func(*VM, int) bool{func(v *VM, a int) bool { v.sp += a; return true }, func(*VM, int) bool { return false }}
fmt.Println(v.ops[0](v, 3), v.ops[1](v, 3), v.sp)`}, "true false 3\n", "Call using"},
	{"a chain of handlers", []string{`type HandlerFunc func(*Ctx)
type Ctx struct { handlers []HandlerFunc; index int; eng *Engine }
type Engine struct { routes map[string][]HandlerFunc }
func (c *Ctx) Next() { for c.index++; c.index < len(c.handlers); c.index++ { c.handlers[c.index](c) } }
e := &Engine{map[string][]HandlerFunc{"/": {func(c *Ctx) { fmt.Print("a"); c.Next(); fmt.Print("d") }, func(c *Ctx) { fmt.Print("b") }}}}
(&Ctx{e.routes["/"], -1, e}).Next()`}, "abd", "undefined: t1_Engine"},
	{"functions in nameless structs, channels and behind pointers", []string{`type A struct {
	n  int
	fs []struct { name string; f func(*A) int }
	c  chan func(*A) int
	p  *func(*A) int
	in struct { f func(*A) int }
}
f := func(a *A) int { a.n++; return a.n }
a := &A{n: 1, c: make(chan func(*A) int, 1), p: &f}
a.fs = append(a.fs, struct { name string; f func(*A) int }{"x", f})
a.c <- f
a.in.f = f
fmt.Println(a.fs[0].f(a), (<-a.c)(a), (*a.p)(a), a.in.f(a))`}, "2 3 4 5\n", "not assignable to type func(*unsafe2.dummy)"},
	{"functions that return their struct", []string{`type It struct { v int; all []func() (*It, bool) }
x := &It{all: []func() (*It, bool){func() (*It, bool) { return &It{v: 5}, true }}}
y, ok := x.all[0]()
fmt.Println(y.v, ok)`, `type G[T any] struct { v T; steps map[string]func(G[T]) G[T] }
g := G[int]{1, map[string]func(G[int]) G[int]{"up": func(g G[int]) G[int] { g.v++; return g }}}
g.steps["up"](g.steps["up"](g)).v`}, "5 true\n=> 3\n", "reflect.MakeFunc: value of type *struct"},
}
