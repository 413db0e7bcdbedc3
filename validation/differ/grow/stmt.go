package grow

import (
	"fmt"
	"strings"
)

// stmt writes a statement that holds others down to depth d.
func (g *gen) stmt(d int) {
	if d <= 0 {
		g.simple()
		return
	}
	switch g.n(14) {
	case 0, 1:
		g.ifStmt(d)
	case 2, 3:
		g.loop(d)
	case 4:
		g.rangeStmt(d)
	case 5:
		g.switchStmt(d)
	case 6:
		g.typeSwitch(d)
	case 7:
		g.closures(d)
	case 8:
		g.special(d)
	default:
		g.simple()
	}
}

func (g *gen) simple() {
	switch g.n(9) {
	case 0, 1, 2:
		g.local()
	case 3, 4:
		g.assign()
	case 5:
		g.many()
	case 6:
		g.alias()
	case 7:
		g.print()
	default:
		if g.result != nil && g.loops == 0 && g.one(2) {
			g.p("if %s { return %s }", g.expr(tBool, 2), g.expr(g.result, 1))
			return
		}
		g.jump()
	}
}

// local declares a variable.
func (g *gen) local() {
	t, n := g.pick(2), g.name("x")
	switch g.n(5) {
	case 0:
		g.p("var %s %s", n, t.src)
		if b := t.base(); b.kind == pointer || b.kind == function || b.kind == mapping || t.kind == iface {
			g.p("%s = %s", n, g.filled(t))
		}
	case 1:
		g.p("var %s %s = %s", n, t.src, g.expr(t, 3))
	case 2:
		m := g.name("x")
		u := g.pick(1)
		g.p("%s, %s := %s(%s), %s(%s)", n, m, conv(t), g.expr(t, 2), conv(u), g.expr(u, 2))
		g.p("_ = %s", m)
		g.declare(m, u)
	default:
		g.p("%s := %s(%s)", n, conv(t), g.expr(t, 3))
	}
	g.p("_ = %s", n)
	g.declare(n, t)
}

// filled is a value that is not nil where it can be.
func (g *gen) filled(t *typ) string {
	if t.kind == iface {
		return g.boxed(t, 1)
	}
	return g.literal(t, 1).s
}

// target is something of some type that may be assigned.
func (g *gen) target() (string, *typ) {
	vs := g.vars(func(v variable) bool { return !v.fixed })
	if len(vs) == 0 {
		return "", nil
	}
	v := choose(g, vs)
	s, t := v.name, v.t
	for range 2 {
		b := t.base()
		switch {
		case b.kind == structure && len(b.fields) > 0 && g.one(2):
			if f := choose(g, b.fields); f.name != "_" {
				s, t = s+"."+f.name, f.t
			}
		case b.kind == array && g.one(2):
			s, t = fmt.Sprintf("%s[at(%s, %d)]", s, g.expr(tInt, 1), b.n), b.elem
		}
	}
	return s, t
}

func (g *gen) assign() {
	s, t := g.target()
	if t == nil {
		g.local()
		return
	}
	b := t.base()
	switch {
	case b.kind == integer && g.one(2):
		if g.one(3) {
			g.p("%s%s", s, choose(g, []string{"++", "--"}))
			return
		}
		g.p("%s %s= %s", s, choose(g, []string{"+", "-", "*", "&", "|", "^", "&^"}), g.expr(t, 2))
	case b.kind == integer && g.one(4):
		g.p("%s %s= %s %% 70", s, choose(g, []string{"<<", ">>"}), g.open(tByte, 1))
	case b.kind == text && g.one(2):
		g.p("if len(%s) < 50 { %s += %s }", strings.ReplaceAll(s, "tr(", "id("), s, g.expr(t, 2))
	case b.kind == slice && g.one(2):
		g.p("%s = append(%s, %s)", s, s, g.expr(b.elem, 2))
	default:
		g.p("%s = %s", s, g.expr(t, 3))
	}
}

// many assigns several things at once.
func (g *gen) many() {
	a, t := g.target()
	b, u := g.target()
	if t == nil || strings.Contains(a, "[") || strings.Contains(b, "[") {
		g.local()
		return
	}
	root := func(s string) string { r, _, _ := strings.Cut(s, "."); return r }
	if root(a) == root(b) && a != b {
		g.p("%s = %s", a, g.expr(t, 2))
		return
	}
	g.p("%s, %s = %s, %s", a, b, g.expr(t, 2), g.expr(u, 2))
}

// alias assigns to parts of what it reads.
func (g *gen) alias() {
	t, s, i := g.pick(1), g.name("s"), g.name("i")
	e := func() string { return g.expr(t, 1) }
	g.p("%s, %s := []%s{%s, %s, %s, %s}, 1", s, i, t.src, e(), e(), e(), e())
	switch g.n(7) {
	case 0:
		g.p("%[1]s[0], %[1]s[1], %[1]s[2] = %[1]s[1], %[1]s[2], %[1]s[0]", s)
	case 1:
		g.p("%[2]s, %[1]s[%[2]s] = 2, %[1]s[3]", s, i)
	case 2:
		g.p("%[1]s = append(%[1]s[:1], %[1]s[2:]...)", s)
	case 3:
		g.p("%[1]s = append(%[1]s[:%[2]s], %[1]s[3], %[1]s[%[2]s])", s, i)
	case 4:
		g.p("copy(%[1]s[1:], %[1]s)", s)
	case 5:
		g.p("%[1]s[%[2]s], %[2]s = %[1]s[0], 3", s, i)
	case 6:
		g.p("for %[2]s, %[1]s[0] = range %[1]s { }", s, i)
	}
	g.declare(s, sliceOf(t))
	g.p("_ = %s", i)
	if inside(t) {
		g.p("fmt.Println(%s, %s, len(%s))", i, s, s)
	} else {
		g.p("fmt.Println(%s, len(%s))", i, s)
	}
}

// print shows a value by some verb.
func (g *gen) print() {
	t := g.printable()
	verb := choose(g, []string{"%v", "%v", "%+v", "%#v", "%T", "%d", "%q", "%x", "%8v", "%-6v|", "%s", "%t", "%5.2f", "%X", "%c", "%U", "%o", "%b", "%e", "%g", "% x", "%#x", "%+d", "%06d", "%+q"})
	switch g.n(5) {
	case 0:
		g.p("fmt.Println(%s, %s)", g.expr(t, 3), g.expr(g.printable(), 2))
	case 1:
		g.p("fmt.Print(%s, %s, \"\\n\")", g.expr(t, 3), g.expr(g.printable(), 2))
	default:
		g.p("fmt.Printf(%q, %s)", verb+" %T\n", g.expr(t, 3)+", "+g.expr(t, 1))
	}
}

func (g *gen) printable() *typ {
	for range 20 {
		if t := g.pick(3); t.flat {
			return t
		}
	}
	return tInt
}

func (g *gen) ifStmt(d int) {
	switch g.n(4) {
	case 0:
		t, n := g.pick(1), g.name("x")
		g.p("if %s := %s(%s); %s {", n, conv(t), g.expr(t, 2), g.expr(tBool, 2))
		g.inside(func() {
			g.declare(n, t)
			g.p("_ = %s", n)
			g.stmts(d - 1)
		})
	case 1:
		k, v := g.key(), g.pick(1)
		m := mapOf(k, v)
		n := g.name("x")
		g.p("if %s, ok := (%s)[%s]; ok == %s {", n, g.expr(m, 2), g.expr(k, 1), g.expr(tBool, 1))
		g.inside(func() {
			g.declare(n, v)
			g.p("_ = %s", n)
			g.stmts(d - 1)
		})
	default:
		g.p("if %s {", g.expr(tBool, 3))
		g.inside(func() { g.stmts(d - 1) })
	}
	if g.one(2) {
		g.p("} else if %s {", g.expr(tBool, 2))
		g.inside(func() { g.stmts(d - 1) })
	}
	if g.one(2) {
		g.p("} else {")
		g.inside(func() { g.stmts(d - 1) })
	}
	g.p("}")
}

func (g *gen) stmts(d int) {
	for range 1 + g.n(3) {
		g.stmt(d)
	}
}

// inLoop writes the body of a loop, which may be left early.
func (g *gen) inLoop(label string, d int) {
	g.loops++
	if label != "" {
		g.labels = append(g.labels, label)
	}
	g.stmts(d - 1)
	if label != "" {
		g.p("if %s { %s %s }", g.expr(tBool, 1), choose(g, []string{"break", "continue"}), label)
		g.labels = g.labels[:len(g.labels)-1]
	}
	g.loops--
}

func (g *gen) jump() {
	switch {
	case g.loops == 0:
		g.print()
	case len(g.labels) > 0 && g.one(2):
		g.p("if %s { %s %s }", g.expr(tBool, 2), choose(g, []string{"break", "continue"}), choose(g, g.labels))
	default:
		g.p("if %s { %s }", g.expr(tBool, 2), choose(g, []string{"break", "continue"}))
	}
}

func (g *gen) label() string {
	if !g.one(3) {
		return ""
	}
	l := g.name("L")
	g.p("%s:", l)
	return l
}

func (g *gen) loop(d int) {
	l := g.label()
	i := g.name("i")
	t := choose(g, integers)
	head := ""
	switch g.n(4) {
	case 0:
		head = fmt.Sprintf("for %s := %s(0); %s < %d; %s++", i, t.src, i, 1+g.n(4), i)
	case 1:
		j := g.name("j")
		head = fmt.Sprintf("for %[1]s, %[2]s := %[3]s(0), 5; int(%[1]s) < %[2]s; %[1]s, %[2]s = %[1]s+1, %[2]s-1", i, j, t.src)
	case 2:
		head = fmt.Sprintf("for %s := range %s(%d)", i, t.src, 1+g.n(4))
	default:
		head = fmt.Sprintf("for %s := 3; %s > 0; %s--", i, i, i)
		t = tInt
	}
	g.block(head, func() {
		g.fix(i, t)
		g.p("_ = %s", i)
		g.inLoop(l, d)
	})
}

func (g *gen) rangeStmt(d int) {
	l := g.label()
	k, v := g.name("k"), g.name("x")
	kt, over := tInt, ""
	var vt *typ
	switch g.n(6) {
	case 0:
		t := sliceOf(g.pick(1))
		vt, over = t.elem, g.expr(t, 2)
	case 1:
		t := arrayOf(1+g.n(3), g.pick(1))
		vt, over = t.elem, g.expr(t, 2)
		if g.one(3) {
			over = "ptr[" + t.src + "](" + over + ")"
		}
	case 2:
		vt, over = tRune, "("+g.open(tString, 2)+")"
	case 3:
		kt, vt = g.pick(1), g.pick(1)
		y := func() string { return "yield(" + g.expr(kt, 1) + ", " + g.expr(vt, 1) + ")" }
		over = fmt.Sprintf("func(yield func(%s, %s) bool) { _ = %s && %s && %s }", kt.src, vt.src, y(), y(), y())
	case 4:
		e := g.pick(1)
		c := g.name("c")
		over = fmt.Sprintf("func() chan %s { %s := make(chan %s, 3); %s <- %s; %s <- %s; close(%s); return %s }()", e.src, c, e.src, c, g.expr(e, 1), c, g.expr(e, 1), c, c)
		g.block(fmt.Sprintf("for %s := range %s", v, over), func() {
			g.declare(v, e)
			g.p("_ = %s", v)
			g.inLoop(l, d)
		})
		return
	default: // of a map, in an order of its own: one entry
		kt, vt = g.key(), g.pick(1)
		over = fmt.Sprintf("map[%s]%s{%s: %s}", kt.src, vt.src, g.literal(kt, 0).s, g.expr(vt, 1))
	}
	g.block(fmt.Sprintf("for %s, %s := range %s", k, v, over), func() {
		g.declare(k, kt)
		g.declare(v, vt)
		g.p("_, _ = %s, %s", k, v)
		g.inLoop(l, d)
	})
}

func (g *gen) switchStmt(d int) {
	t := choose(g, append([]*typ{tString, tInt}, basics...))
	head := "switch " + g.operand(t, 2)
	tagless := g.one(3)
	if tagless {
		head = "switch"
	} else if g.one(3) {
		head = fmt.Sprintf("switch x := %s; x", g.operand(t, 2))
	}
	g.p("%s {", head)
	n := 1 + g.n(3)
	for i := range n {
		if tagless {
			g.p("case %s:", g.expr(tBool, 2))
		} else {
			g.p("case %s, %s:", g.open(t, 1), g.open(t, 1))
		}
		g.inside(func() {
			g.stmts(d - 1)
			if i < n-1 && g.one(4) {
				g.p("fallthrough")
			}
		})
	}
	g.p("default:")
	g.inside(func() { g.stmts(d - 1) })
	g.p("}")
}

func (g *gen) typeSwitch(d int) {
	n := g.name("x")
	seen := map[string]bool{}
	held := g.pick(1)
	g.p("switch %s := any(%s).(type) {", n, g.expr(held, 2))
	for range 1 + g.n(4) {
		t, u := g.pick(1), g.pick(1)
		if seen[t.src] {
			continue
		}
		seen[t.src] = true
		if g.one(3) && !seen[u.src] {
			seen[u.src] = true
			g.p("case %s, %s:", t.src, u.src)
			g.p("\tfmt.Printf(\"%%T\\n\", %s)", n)
			continue
		}
		g.p("case %s:", t.src)
		g.inside(func() {
			if t.kind != iface || inside(held) { // else it would print an address
				g.declare(n, t)
			}
			g.p("_ = %s", n)
			g.stmts(d - 1)
		})
	}
	if g.one(2) {
		g.p("case nil:")
		g.p("\tfmt.Println(\"nil\", %s)", n)
	}
	g.p("default:")
	g.p("\tfmt.Printf(\"other %%T\\n\", %s)", n)
	g.p("}")
}

// closures collects functions that see variables of a loop, then calls them.
func (g *gen) closures(d int) {
	t, fs, i := g.pick(1), g.name("fs"), g.name("i")
	g.p("var %s []func() %s", fs, t.src)
	g.block(fmt.Sprintf("for %s := 0; %s < 3; %s++", i, i, i), func() {
		g.fix(i, tInt)
		g.local()
		g.block(fmt.Sprintf("%s = append(%s, func() %s", fs, fs, t.src), func() {
			defer func(r *typ, l []string, n int) { g.result, g.labels, g.loops = r, l, n }(g.result, g.labels, g.loops)
			g.result, g.labels, g.loops = t, nil, 0
			g.p("fmt.Print(%s, \" \")", i)
			g.stmt(d - 1)
			g.p("return %s", g.expr(t, 2))
		})
		trimLast(&g.b)
		g.p("})")
		if g.one(3) {
			g.p("%s += %d", i, g.n(2))
		}
	})
	f, v := g.name("f"), g.name("x")
	g.block(fmt.Sprintf("for _, %s := range %s", f, fs), func() {
		g.p("%s := %s()", v, f)
		if t.flat {
			g.p("fmt.Printf(\"%%v \", %s)", v)
		} else {
			g.p("_ = %s", v)
		}
	})
	g.p("fmt.Println()")
}
