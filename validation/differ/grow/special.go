package grow

import "fmt"

// special writes one of the forms that are easily got wrong.
func (g *gen) special(d int) {
	switch g.n(14) {
	case 0:
		g.order()
	case 11, 12:
		g.beside()
	case 1:
		g.gotoLoop(d)
	case 2:
		g.selects(d)
	case 3:
		g.workers()
	case 4, 5:
		g.throws()
	case 6:
		g.defers(d)
	case 7:
		g.methodValue()
	case 8:
		g.errorsAs()
	case 9:
		g.localType()
	case 10:
		g.clears()
	default:
		g.sorts()
	}
}

// order shows in which order the operands of an expression are evaluated.
func (g *gen) order() {
	t := g.pick(2)
	n := g.name("x")
	g.p("trail = nil")
	g.traced = true
	g.p("%s := %s(%s)", n, conv(t), g.expr(t, 4))
	g.traced = false
	g.p("_ = %s", n)
	g.declare(n, t)
	g.p("fmt.Println(%q, trail)", n)
}

func (g *gen) gotoLoop(d int) {
	l, end, n := g.name("L"), g.name("L"), g.name("n")
	g.block("func()", func() {
		old, labels, loops := g.result, g.labels, g.loops
		g.result, g.labels, g.loops = nil, nil, 0
		g.p("%s := 0", n)
		g.fix(n, tInt)
		g.p("%s:", l)
		g.p("%s++", n)
		g.block("", func() { g.stmts(d - 1) })
		g.p("if %s > 2 { goto %s }", n, end)
		g.p("if %s < 5 { goto %s }", n, l)
		g.p("%s:", end)
		g.p("fmt.Println(%q, %s)", n, n)
		g.result, g.labels, g.loops = old, labels, loops
	})
	trimLast(&g.b)
	g.p("}()")
}

func (g *gen) selects(d int) {
	t, u := g.pick(1), g.pick(1)
	a, b, x := g.name("c"), g.name("c"), g.name("x")
	g.p("%s, %s := make(chan %s, 1), make(chan %s, 1)", a, b, t.src, u.src)
	send := g.one(2)
	if send {
		g.p("%s <- %s", a, g.expr(t, 2))
	}
	g.p("select {")
	g.p("case %s, ok := <-%s:", x, a)
	g.inside(func() {
		g.declare(x, t)
		g.p("_, _ = %s, ok", x)
		g.p("fmt.Println(ok)")
		g.stmts(d - 1)
	})
	if send && g.one(2) {
		g.p("case <-%s:", b)
	} else {
		g.p("default:")
	}
	g.inside(func() { g.stmts(d - 1) })
	g.p("}")
	g.p("select { case %s <- %s: fmt.Println(\"sent\", len(%s)); case <-chan int(nil): }", b, g.expr(u, 2), b)
}

func (g *gen) workers() {
	t, out, wg, i := g.pick(1), g.name("o"), g.name("wg"), g.name("i")
	g.p("var %s sync.WaitGroup", wg)
	g.p("%s := make([]%s, 3)", out, t.src)
	g.block(fmt.Sprintf("for %s := range 3", i), func() {
		g.fix(i, tInt)
		g.p("%s.Add(1)", wg)
		if g.one(2) {
			g.p("go func() { defer %s.Done(); %s[%s] = %s }()", wg, out, i, g.expr(t, 2))
		} else {
			g.p("go func(i int, x %s) { defer %s.Done(); %s[i] = x }(%s, %s)", t.src, wg, out, i, g.expr(t, 2))
		}
	})
	g.p("%s.Wait()", wg)
	g.declare(out, sliceOf(t))
	if inside(t) {
		g.p("fmt.Println(%s)", out)
	}
}

// thrown is a value to panic with.
func (g *gen) thrown() string {
	return choose(g, []string{`"p"`, `errors.New("e")`, "fmt.Sprint(7)", "io.EOF", g.expr(tInt, 1), `fmt.Errorf("w %w", io.EOF)`, g.flatValue()})
}

func (g *gen) flatValue() string {
	for range 10 {
		if t := g.pick(1); t.flat && t.kind != pointer && t.kind != iface && t.base().kind != function {
			return g.expr(t, 1)
		}
	}
	return "5"
}

// throws runs one operation that may panic.
func (g *gen) throws() {
	t := g.pick(1)
	s, i := g.name("s"), g.name("i")
	num := choose(g, integers)
	op := ""
	switch g.n(18) {
	case 0:
		op = fmt.Sprintf("%s := %s; %s := %s; _ = %s[%s]", s, "[]"+t.src+"{"+g.expr(t, 1)+"}", i, g.open(tInt, 1), s, i)
	case 1:
		op = fmt.Sprintf("%s := %s; %s := %d; _ = %s[%s:]", s, "[]"+t.src+"{"+g.expr(t, 1)+"}", i, g.n(4), s, i)
	case 2:
		op = fmt.Sprintf("%s := %s; %s := %d; _ = %s[%s:1]", s, g.open(tString, 1), i, g.n(4), s, i)
	case 3:
		op = fmt.Sprintf("var %s map[string]%s; %s[%q] = %s", s, t.src, s, "k", g.expr(t, 1))
	case 4:
		op = fmt.Sprintf("%s := %s; fmt.Println(%s / (%s - %s))", s, g.open(num, 1), s, s, s)
	case 5:
		op = fmt.Sprintf("var %s *struct{ a int; f %s }; _ = %s.f", s, t.src, s)
	case 6:
		op = fmt.Sprintf("var %s func() %s; %s()", s, t.src, s)
	case 7:
		op = fmt.Sprintf("%s := make(chan %s); close(%s); close(%s)", s, t.src, s, s)
	case 8:
		op = fmt.Sprintf("_ = any(%s).(%s)", g.expr(g.pick(1), 1), g.pick(1).src)
	case 9:
		op = fmt.Sprintf("var %s any; _ = %s.(%s)", s, s, g.pick(1).src)
	case 10:
		op = fmt.Sprintf("%s := -%d; _ = make([]%s, %s)", i, g.n(2), t.src, i)
	case 11:
		op = fmt.Sprintf("%s := []%s{%s}; _ = [2]%s(%s)", s, t.src, g.expr(t, 1), t.src, s)
	case 12:
		op = fmt.Sprintf("var %s, %s any = []int{1}, []int{1}; fmt.Println(%s == %s)", s, i, s, i)
	case 13:
		op = fmt.Sprintf("%s := -1; fmt.Println(%s << %s)", i, g.open(num, 1), i)
	case 14:
		op = fmt.Sprintf("%s := map[any]int{}; %s[%s] = 1; fmt.Println(len(%s))", s, s, g.flatValue(), s)
	case 15:
		op = fmt.Sprintf("%s := [3]int{}; %s := %s; %s[at(%s, 3)]++; fmt.Println(%s)", s, i, g.open(tInt, 1), s, i, s)
	case 16:
		if x := choose(g, g.ifaces); x != nil && len(x.makers) > 0 {
			op = fmt.Sprintf("_ = any(%s).(%s)", g.expr(g.pick(1), 1), x.src)
			break
		}
		fallthrough
	default:
		op = fmt.Sprintf("panic(%s)", g.thrown())
	}
	g.p("try(%q, func() { %s })", s, op)
}

func (g *gen) defers(d int) {
	g.block("func()", func() {
		old, labels, loops := g.result, g.labels, g.loops
		g.result, g.labels, g.loops = nil, nil, 0
		i := g.name("i")
		g.block(fmt.Sprintf("for %s := range 2", i), func() {
			g.fix(i, tInt)
			t := g.printable()
			g.p("defer fmt.Println(\"deferred\", %s, %s)", i, g.expr(t, 1))
			g.p("defer func(x int) { fmt.Println(\"late\", x, %s) }(%s * 2)", i, i)
		})
		g.p("defer func() { r := recover(); fmt.Println(\"recovered\", r != nil) }()")
		if g.one(2) {
			g.p("defer func() { defer func() { if r := recover(); r != nil { panic(fmt.Sprint(\"again \", said(r))) } }(); panic(%s) }()", g.thrown())
		}
		g.stmts(d - 1)
		g.p("if %s { panic(%s) }", g.expr(tBool, 2), g.thrown())
		g.p("fmt.Println(\"no panic\")")
		g.result, g.labels, g.loops = old, labels, loops
	})
	trimLast(&g.b)
	g.p("}()")
}

// methodValue binds a receiver, changes the variable, and calls.
func (g *gen) methodValue() {
	var all []*typ
	for _, t := range g.types {
		if len(t.methods) > 0 && t.kind != iface {
			all = append(all, t)
		}
	}
	t := choose(g, all)
	if t == nil {
		g.order()
		return
	}
	m := choose(g, t.methods)
	x, f := g.name("x"), g.name("f")
	g.p("%s := %s(%s)", x, conv(t), g.expr(t, 2))
	g.p("%s := %s.%s", f, x, m.name)
	g.p("%s = %s", x, g.expr(t, 2))
	y := g.name("y")
	g.p("%s := %s(%s)", y, f, g.args(m.params, 2))
	g.p("_ = %s", y)
	g.declare(x, t)
	g.declare(y, m.result)
	if m.result.flat {
		g.p("fmt.Printf(\"%%v %%T\\n\", %s, %s)", y, y)
	}
}

func (g *gen) errorsAs() {
	var all []*typ
	for _, t := range g.types {
		for _, m := range t.methods {
			if m.name == "Error" && t.kind != iface {
				all = append(all, t)
			}
		}
	}
	t := choose(g, all)
	if t == nil {
		g.throws()
		return
	}
	e, as := g.name("e"), g.name("x")
	g.p("var %s error = %s(%s)", e, conv(t), g.expr(t, 2))
	g.p("%s = fmt.Errorf(\"w %%w\", errors.Join(io.EOF, %s))", e, e)
	g.p("var %s %s", as, t.src)
	g.p("fmt.Println(errors.As(%s, &%s), errors.Is(%s, io.EOF), %s)", e, as, e, e)
	if t.flat {
		g.p("fmt.Printf(\"%%#v %%v\\n\", %s, %s)", as, as)
	}
}

func (g *gen) localType() {
	t, n := g.pick(1), g.name("Y")
	x := g.name("x")
	g.p("type %s struct { a %s; b int }", n, t.src)
	g.p("%s := []%s{{%s, 1}, {b: 2}}", x, n, g.expr(t, 2))
	g.p("%s[1].b, %s[0].b = %s[0].b, %s[1].b + 5", x, x, x, x)
	g.p("_, %sok := any(%s[0]).(%s)", x, x, n)
	if inside(t) {
		g.p("fmt.Printf(\"%%+v %%T %%v\\n\", %s, %s, %sok)", x, x, x)
	} else {
		g.p("fmt.Println(len(%s), %s[0].b, %sok)", x, x, x)
	}
}

func (g *gen) clears() {
	k, t, m := g.key(), g.pick(1), g.name("m")
	g.p("%s := %s", m, g.literal(mapOf(k, t), 2).s)
	g.p("if %s == nil { %s = map[%s]%s{} }", m, m, k.src, t.src)
	g.p("%s[%s] = %s", m, g.expr(k, 1), g.expr(t, 2))
	g.p("delete(%s, %s)", m, g.expr(k, 1))
	if inside(t) {
		g.p("fmt.Println(%s, len(%s))", m, m)
	}
	g.p("for k := range %s { delete(%s, k) }", m, m)
	if g.one(2) {
		g.p("clear(%s)", m)
	}
	g.p("fmt.Println(len(%s))", m)
}

func (g *gen) sorts() {
	t, s := choose(g, append([]*typ{tString}, integers...)), g.name("s")
	g.p("%s := []%s{%s, %s, %s}", s, t.src, g.expr(t, 2), g.expr(t, 2), g.expr(t, 2))
	g.p("sort.SliceStable(%s, func(i, j int) bool { return %s[i] %s %s[j] })", s, s, choose(g, []string{"<", ">"}), s)
	g.p("fmt.Println(%s, slices.Max(%s), slices.Contains(%s, %s))", s, s, s, g.expr(t, 1))
	g.p("slices.Sort(%s)", s)
	g.declare(s, sliceOf(t))
}

// test declares a function of its own that main calls, and returns its name.
func (g *gen) test() string {
	n := g.name("test")
	g.block("func "+n+"()", func() {
		for range 2 + g.n(5) {
			g.stmt(2 + g.n(2))
		}
	})
	g.p("")
	return n
}

// mainStmt is a statement of main itself, where a notebook has its variables.
func (g *gen) mainStmt() {
	g.stmt(2)
}
