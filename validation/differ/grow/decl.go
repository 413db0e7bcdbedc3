package grow

import (
	"fmt"
	"strings"
)

// packageVars declares variables of every basic type, some in an order that
// only their dependence settles.
func (g *gen) packageVars() {
	seen := map[string]bool{}
	for _, t := range basics {
		if seen[t.src] {
			continue
		}
		seen[t.src] = true
		n := g.name("v")
		g.p("var %s %s = %s", n, t.src, g.literal(t, 0).s)
		g.fix(n, t)
	}
	a, b, c, f := g.name("v"), g.name("v"), g.name("v"), g.name("f")
	g.p("var %s = %s() + %s", a, f, b)
	g.p("func %s() int { return %s * 2 }", f, c)
	g.p("var %s, %s = %s + 1, %d", b, c, c, g.n(9))
	g.fix(a, tInt)
	g.fix(b, tInt)
	g.constants()
	g.p("")
}

func (g *gen) constants() {
	name := g.name("K")
	t := choose(g, append([]*typ{tString}, integers...))
	if t == tString {
		g.p("const %sA, %sB = \"k\" + \"l\", len(\"Zürich\") << 2", name, name)
		g.scope = append(g.scope, variable{name + "B", tInt, true, true})
		return
	}
	first := choose(g, []string{"iota", "iota * 3", "1 << iota", "iota + 'a'", "(1 << 70 >> 67) - iota"})
	g.p("const (")
	g.p("\t%sA %s = %s", name, t.src, first)
	g.p("\t%sB", name)
	g.p("\t_")
	g.p("\t%sC", name)
	g.p(")")
	for _, x := range "ABC" {
		g.scope = append(g.scope, variable{name + string(x), t, true, true})
	}
}

// typeDecl declares a named type with methods.
func (g *gen) typeDecl() {
	switch g.n(9) {
	case 0, 1, 2:
		g.structDecl()
	case 3, 4:
		g.newType(choose(g, append([]*typ{tBool, tString}, append(integers, floats...)...)))
	case 5:
		g.newType(choose(g, []*typ{sliceOf(g.pick(1)), mapOf(g.key(), g.pick(1)), arrayOf(1+g.n(3), g.pick(1))}))
	case 6:
		g.newType(funcOf(g.pick(1), g.some(2, 1)...))
	case 7:
		g.sorter()
	default:
		g.ifaceDecl()
	}
}

func (g *gen) newType(under *typ) {
	t := *under
	t.src, t.named, t.under, t.methods = g.name("T"), true, under, nil
	g.p("type %s %s", t.src, under.src)
	g.types = append(g.types, &t)
	g.methods(&t)
}

func (g *gen) structDecl() {
	t := &typ{kind: structure, src: g.name("S"), named: true, flat: true, equal: true}
	g.block("type "+t.src+" struct", func() {
		if base := choose(g, g.types); base != nil && g.one(2) && base.kind != pointer && inside(base) {
			t.embeds = append(t.embeds, base)
			t.add(field{base.src, base})
			g.p("%s", base.src)
		}
		for i := range 1 + g.n(4) {
			f := field{fmt.Sprintf("%c%d", "aBcDe"[(i+g.n(3))%5], i), g.pick(2)}
			if g.one(12) {
				f.name = "_"
			}
			g.p("%s %s", f.name, f.t.src)
			t.add(f)
		}
	})
	g.types = append(g.types, t)
	g.methods(t)
	g.promote(t)
}

// promote gives t the methods of what it embeds.
func (g *gen) promote(t *typ) {
	for _, e := range t.embeds {
		for _, m := range e.methods {
			own := m.name == "String" || m.name == "Error"
			for _, x := range t.methods {
				own = own || x.name == m.name
			}
			for _, x := range t.fields {
				own = own || x.name == m.name
			}
			if !own && e.kind != iface {
				t.methods = append(t.methods, m)
			}
		}
	}
}

// methods writes methods of t.
func (g *gen) methods(t *typ) {
	if g.one(4) {
		g.said(t, choose(g, []string{"String", "String", "Error"}))
	}
	for range g.n(3) {
		m := method{name: g.name("M"), params: g.some(2, 1), result: g.pick(1), pointer: g.one(3)}
		g.methodDecl(t, m)
		t.methods = append(t.methods, m)
	}
	g.p("")
}

// said writes a method that prints t.
func (g *gen) said(t *typ, name string) {
	recv := g.name("r")
	scope := len(g.scope)
	g.declare(recv, t)
	what := `"` + strings.ToLower(Unversioned(t.src)) + `"`
	if s := g.place(tInt); s != "" {
		what = "fmt.Sprint(" + what + ", " + s + ")"
	}
	g.scope = g.scope[:scope]
	g.p("func (%s %s) %s() string { _ = %s; return %s }", recv, t.src, name, recv, what)
	t.methods = append(t.methods, method{name: name, result: tString})
}

func (g *gen) methodDecl(t *typ, m method) {
	recv := g.name("r")
	star := ""
	if m.pointer {
		star = "*"
	}
	scope := len(g.scope)
	if m.pointer {
		g.scope = append(g.scope, variable{recv, pointerTo(t), true, false})
	} else {
		g.declare(recv, t)
	}
	ps := g.params(m.params)
	g.body(fmt.Sprintf("func (%s %s%s) %s(%s) %s", recv, star, t.src, m.name, ps, m.result.src), m.result)
	g.scope = g.scope[:scope]
}

// params declares parameters and spells them.
func (g *gen) params(ts []*typ) string {
	var s []string
	for _, t := range ts {
		n := g.name("p")
		g.declare(n, t)
		s = append(s, n+" "+t.src)
	}
	return strings.Join(s, ", ")
}

// body writes a function whose statements touch only what is its own.
func (g *gen) body(head string, result *typ) {
	defer func(r *typ, labels []string, loops int) { g.result, g.labels, g.loops = r, labels, loops }(g.result, g.labels, g.loops)
	g.result, g.labels, g.loops = result, nil, 0
	g.block(head, func() {
		for range g.n(4) {
			g.stmt(2)
		}
		g.p("return %s", g.expr(result, 2))
	})
}

// sorter is a slice with the methods of sort.Interface.
func (g *gen) sorter() {
	elem := choose(g, append([]*typ{tString}, integers...))
	t := *sliceOf(elem)
	t.under = sliceOf(elem)
	t.src, t.named = g.name("T"), true
	g.p("type %s %s", t.src, t.under.src)
	g.p("func (s %s) Len() int { return len(s) }", t.src)
	g.p("func (s %s) Less(i, j int) bool { return s[i] %s s[j] }", t.src, choose(g, []string{"<", ">"}))
	g.p("func (s %s) Swap(i, j int) { s[i], s[j] = s[j], s[i] }", t.src)
	t.methods = []method{{name: "Len", result: tInt}}
	g.types = append(g.types, &t)
	f := g.name("f")
	g.p("func %s(s %s) %s { s = append(%s(nil), s...); %s; return s }", f, t.src, t.src, t.src, choose(g, []string{"sort.Sort(s)", "sort.Stable(s)", "sort.Sort(sort.Reverse(s))"}))
	g.funcs = append(g.funcs, fun{name: f, params: []*typ{&t}, result: &t})
}

// ifaceDecl declares an interface that two types or more fit.
func (g *gen) ifaceDecl() {
	t := &typ{kind: iface, src: g.name("I"), named: true, flat: true, equal: true}
	m := method{name: g.name("M"), params: g.some(2, 1), result: g.pick(1)}
	t.methods = []method{m}
	embed := ""
	if base := choose(g, g.ifaces); base != nil && g.one(3) && len(base.makers) > 0 {
		embed = base.src + "; "
		t.methods = append(t.methods, base.methods...)
	}
	g.p("type %s interface { %s%s(%s) %s }", t.src, embed, m.name, spell(m.params), m.result.src)
	if embed == "" {
		for _, x := range g.types {
			if x.kind != iface && !x.has(m.name) && g.one(2) {
				m.pointer = g.one(3)
				g.methodDecl(x, m)
				x.methods = append(x.methods, m)
				if m.pointer {
					t.makers = append(t.makers, pointerTo(x))
					t.flat = false
				} else {
					t.makers = append(t.makers, x)
				}
			}
		}
	}
	for _, x := range t.makers {
		t.flat = t.flat && inside(x)
		t.equal = t.equal && x.equal
	}
	g.ifaces = append(g.ifaces, t)
	g.types = append(g.types, t)
	g.p("")
}

func (t *typ) has(m string) bool {
	for _, x := range t.methods {
		if x.name == m {
			return true
		}
	}
	for _, f := range t.fields {
		if f.name == m {
			return true
		}
	}
	return false
}

// funcDecl declares a function that expressions may call.
func (g *gen) funcDecl() {
	if g.one(5) {
		g.recursive()
		return
	}
	f := fun{name: g.name("f"), params: g.some(3, 2), result: g.pick(2)}
	scope := len(g.scope)
	ps := g.params(f.params)
	if g.one(3) {
		e := g.pick(1)
		n := g.name("p")
		if ps != "" {
			ps += ", "
		}
		ps += n + " ..." + e.src
		g.declare(n, sliceOf(e))
		f.params, f.variadic = append(f.params, sliceOf(e)), true
	}
	if g.one(4) {
		g.namedResult(f, ps)
	} else {
		g.body(fmt.Sprintf("func %s(%s) %s", f.name, ps, f.result.src), f.result)
	}
	g.scope = g.scope[:scope]
	g.funcs = append(g.funcs, f)
	g.p("")
}

// namedResult writes a function whose deferred call changes its result.
func (g *gen) namedResult(f fun, ps string) {
	r := g.name("r")
	g.declare(r, f.result)
	defer func(r *typ) { g.result = r }(g.result)
	g.block(fmt.Sprintf("func %s(%s) (%s %s)", f.name, ps, r, f.result.src), func() {
		g.result = f.result
		g.block("defer func()", func() {
			old := g.result
			g.result = nil
			g.p("if e := recover(); e != nil { %s = %s }", r, g.expr(f.result, 1))
			if g.one(2) {
				g.p("%s = %s", r, g.expr(f.result, 1))
			}
			g.result = old
		})
		trimLast(&g.b)
		g.p("}()")
		g.stmt(2)
		if g.one(3) {
			g.p("if %s { panic(%s) }", g.expr(tBool, 1), g.thrown())
		}
		g.p("%s = %s", r, g.expr(f.result, 1))
		g.p("return")
	})
}

// trimLast takes the last line away.
func trimLast(b *strings.Builder) {
	s := strings.TrimSuffix(b.String(), "\n")
	s = s[:strings.LastIndexByte(s, '\n')+1]
	b.Reset()
	b.WriteString(s)
}

// recursive writes a function that calls itself while there is fuel.
func (g *gen) recursive() {
	f := fun{name: g.name("f"), params: []*typ{tInt}, result: g.pick(1)}
	scope := len(g.scope)
	p := g.name("p")
	g.fix(p, tInt)
	g.block(fmt.Sprintf("func %s(%s int) %s", f.name, p, f.result.src), func() {
		g.block(fmt.Sprintf("if fuel--; fuel < 0 || %s <= 0 || %s > 6", p, p), func() { g.p("return %s", g.expr(f.result, 1)) })
		r := g.name("x")
		g.p("%s := %s(%s - 1)", r, f.name, p)
		g.p("_ = %s", r)
		g.declare(r, f.result)
		g.p("return %s", g.expr(f.result, 2))
	})
	g.scope = g.scope[:scope]
	g.funcs = append(g.funcs, f)
}
