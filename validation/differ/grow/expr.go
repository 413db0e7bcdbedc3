package grow

import (
	"fmt"
	"strings"
)

// ex is an expression. A fixed one is a constant, with which another constant
// may overflow or divide by zero where it is compiled.
type ex struct {
	s        string
	constant bool
}

// expr is an expression of type t. It changes nothing but the trail.
func (g *gen) expr(t *typ, d int) string { return g.grow(t, d).s }

// open is an expression that is no constant.
func (g *gen) open(t *typ, d int) string {
	e := g.grow(t, d)
	if e.constant {
		return "id[" + t.src + "](" + e.s + ")"
	}
	return e.s
}

func (g *gen) grow(t *typ, d int) ex {
	e := g.grown(t, d)
	if g.traced && d > 0 && g.one(3) && t.kind != iface {
		g.next++
		return ex{s: fmt.Sprintf("tr(%d, %s(%s))", g.next, conv(t), e.s)}
	}
	return e
}

// conv is how a type is written where it converts.
func conv(t *typ) string {
	if strings.HasPrefix(t.src, "*") || strings.HasPrefix(t.src, "func") {
		return "(" + t.src + ")"
	}
	return t.src
}

func (g *gen) grown(t *typ, d int) ex {
	if d <= 0 {
		return g.leaf(t, d)
	}
	if !g.one(3) {
		if s := g.byShape(t, d); s.s != "" {
			return s
		}
	}
	for range 4 {
		if s := g.common(t, d); s != "" {
			return ex{s: s}
		}
	}
	return g.leaf(t, d)
}

// leaf is a variable or a literal.
func (g *gen) leaf(t *typ, d int) ex {
	if !g.one(4) {
		if s := g.place(t); s != "" {
			return ex{s, g.constant(s)}
		}
	}
	return g.literal(t, min(d, 0))
}

func (g *gen) constant(s string) bool {
	for _, v := range g.scope {
		if v.name == s {
			return v.constant
		}
	}
	return false
}

// place is a variable of type t or something inside one, that is there.
func (g *gen) place(t *typ) string {
	var all []string
	for _, v := range g.scope {
		g.places(v.name, v.t, t, 2, &all)
	}
	return choose(g, all)
}

func (g *gen) places(s string, has, want *typ, d int, all *[]string) {
	if has.src == want.src {
		*all = append(*all, s)
	}
	if d == 0 {
		return
	}
	switch b := has.base(); b.kind {
	case structure:
		for _, f := range b.fields {
			if f.name != "_" {
				g.places(s+"."+f.name, f.t, want, d-1, all)
			}
		}
	case array:
		if b.n > 0 {
			g.places(fmt.Sprintf("%s[%d]", s, g.n(b.n)), b.elem, want, d-1, all)
		}
	case mapping:
		if has.named || g.one(2) {
			g.places(s+"["+g.literal(b.key, -3).s+"]", b.elem, want, 0, all)
		}
	}
}

// common grows what gives values of every type.
func (g *gen) common(t *typ, d int) string {
	switch g.n(11) {
	case 0:
		return g.call(t, d)
	case 1:
		return g.methodCall(t, d)
	case 2: // a literal called at once
		return "func() " + t.src + " { return " + g.expr(t, d-1) + " }()"
	case 3:
		return "[]" + t.src + "{" + g.expr(t, d-1) + ", " + g.expr(t, d-2) + "}[" + fmt.Sprintf("at(%s, 2)", g.expr(tInt, d-2)) + "]"
	case 4:
		if t.kind == iface {
			return ""
		}
		return "any(" + g.expr(t, d-1) + ").(" + t.src + ")"
	case 5:
		return "id[" + t.src + "](" + g.expr(t, d-1) + ")"
	case 6:
		return "*ptr[" + t.src + "](" + g.expr(t, d-1) + ")"
	case 7:
		k := g.key()
		key := g.literal(k, 0).s
		return "map[" + k.src + "]" + t.src + "{" + key + ": " + g.expr(t, d-1) + "}[" + key + "]"
	case 8:
		f := g.name("f")
		return "struct{ " + f + " " + t.src + " }{" + g.expr(t, d-1) + "}." + f
	case 9:
		return g.callValue(t, d)
	default:
		return g.genericCall(t, d)
	}
}

func (g *gen) args(ps []*typ, d int) string {
	var s []string
	for _, p := range ps {
		s = append(s, g.expr(p, d-1))
	}
	return strings.Join(s, ", ")
}

// call calls a function of the program.
func (g *gen) call(t *typ, d int) string {
	var fit []fun
	for _, f := range g.funcs {
		if f.result.src == t.src {
			fit = append(fit, f)
		}
	}
	if len(fit) == 0 {
		return ""
	}
	f := choose(g, fit)
	if !f.variadic {
		return f.name + "(" + g.args(f.params, d) + ")"
	}
	last := f.params[len(f.params)-1]
	args := make([]string, 0, len(f.params)+2)
	for _, p := range f.params[:len(f.params)-1] {
		args = append(args, g.expr(p, d-1))
	}
	if g.one(3) {
		args = append(args, g.expr(last, d-1)+"...")
	} else {
		for range g.n(3) {
			args = append(args, g.expr(last.elem, d-1))
		}
	}
	return f.name + "(" + strings.Join(args, ", ") + ")"
}

// callValue calls a variable that holds a function.
func (g *gen) callValue(t *typ, d int) string {
	vs := g.vars(func(v variable) bool {
		b := v.t.base()
		return b.kind == function && b.result.src == t.src
	})
	if len(vs) == 0 {
		return ""
	}
	v := choose(g, vs)
	return v.name + "(" + g.args(v.t.base().params, d) + ")"
}

// methodCall calls a method: of a value, by a method value or an expression.
func (g *gen) methodCall(t *typ, d int) string {
	type pair struct {
		t *typ
		m method
	}
	var fit []pair
	for _, has := range append(g.types, g.ifaces...) {
		for _, m := range has.methods {
			if m.result.src == t.src {
				fit = append(fit, pair{has, m})
			}
		}
	}
	if len(fit) == 0 {
		return ""
	}
	p := choose(g, fit)
	recv, owner := g.expr(p.t, d-1), p.t.src
	if p.m.pointer {
		recv, owner = "ptr["+p.t.src+"]("+recv+")", "(*"+p.t.src+")"
	} else if p.t.kind == iface {
		recv = g.made(p.t, d-1)
	}
	args := g.args(p.m.params, d)
	switch g.n(4) {
	case 0:
		if args != "" {
			args = ", " + args
		}
		return owner + "." + p.m.name + "(" + recv + args + ")"
	case 1:
		return "id((" + recv + ")." + p.m.name + ")(" + args + ")"
	default:
		return "(" + recv + ")." + p.m.name + "(" + args + ")"
	}
}

// made is a value of an interface type that is not nil.
func (g *gen) made(t *typ, d int) string {
	if len(t.makers) == 0 {
		return "nil"
	}
	return t.src + "(" + g.expr(choose(g, t.makers), d) + ")"
}

// byShape grows what only types of t's kind have.
func (g *gen) byShape(t *typ, d int) ex {
	switch b := t.base(); b.kind {
	case boolean:
		return ex{s: conv(t) + "(" + g.truth(d) + ")"}
	case integer:
		return g.integer(t, b, d)
	case float:
		return g.float(t, b, d)
	case complex_:
		return g.complex(t, b, d)
	case text:
		return g.text(t, d)
	case slice:
		return ex{s: g.slice(t, b, d)}
	default:
		return g.literal(t, d)
	}
}

func (g *gen) truth(d int) string {
	switch g.n(7) {
	case 0:
		return g.expr(tBool, d-1) + choose(g, []string{" && ", " || "}) + g.expr(tBool, d-1)
	case 1:
		return "!" + "(" + g.expr(tBool, d-1) + ")"
	case 2: // in an interface
		t := g.pick(1)
		u := t
		if g.one(2) {
			u = g.pick(1)
		}
		if t.equal && u.equal && t.kind != iface && u.kind != iface {
			return "any(" + g.expr(t, d-1) + ") == any(" + g.expr(u, d-1) + ")"
		}
	case 3:
		t := g.pick(1)
		if t.equal {
			return "id[" + t.src + "](" + g.expr(t, d-1) + ") == " + g.operand(t, d-1)
		}
	case 4:
		if len(g.types) > 0 {
			t := choose(g, g.types)
			return "func() bool { _, ok := any(" + g.expr(g.pick(1), d-1) + ").(" + t.src + "); return ok }()"
		}
	}
	t := choose(g, ordered)
	return g.operand(t, d-1) + " " + choose(g, []string{"<", "<=", ">", ">=", "==", "!="}) + " " + g.expr(t, d-1)
}

// operand is an expression in brackets that is no constant.
func (g *gen) operand(t *typ, d int) string { return "(" + g.open(t, d) + ")" }

func (g *gen) integer(t, b *typ, d int) ex {
	switch g.n(9) {
	case 0:
		return ex{s: g.operand(t, d-1) + choose(g, []string{" << ", " >> "}) + "(" + g.open(choose(g, []*typ{tByte, integers[5]}), d-1) + " % " + fmt.Sprint(b.n+3) + ")"}
	case 1:
		return ex{s: g.operand(t, d-1) + choose(g, []string{" / ", " % "}) + "(" + g.operand(t, d-1) + " | 1)"}
	case 2:
		return ex{s: choose(g, []string{"-", "^", "+"}) + g.operand(t, d-1)}
	case 3:
		from := choose(g, integers)
		return ex{s: conv(t) + "(" + g.open(from, d-1) + ")"}
	case 4:
		return ex{s: choose(g, []string{"min(", "max("}) + g.operand(t, d-1) + ", " + g.expr(t, d-1) + ")"}
	case 5:
		if t.src == "int" {
			over := choose(g, []*typ{tString, sliceOf(g.pick(0)), mapOf(g.key(), g.pick(0))})
			return ex{s: "len(" + g.open(over, d-1) + ")"}
		}
		if t.src == "uint8" {
			return ex{s: "(" + g.open(tString, d-1) + ` + "!")[0]`}
		}
	}
	return ex{s: g.operand(t, d-1) + " " + choose(g, []string{"+", "-", "*", "&", "|", "^", "&^"}) + " " + g.operand(t, d-1)}
}

func (g *gen) float(t, b *typ, d int) ex {
	switch g.n(6) {
	case 0:
		return ex{s: "-" + g.operand(t, d-1)}
	case 1:
		return ex{s: conv(t) + "(" + g.open(choose(g, integers), d-1) + ")"}
	case 2:
		return ex{s: conv(t) + "(" + choose(g, []string{"math.Sqrt", "math.Abs", "math.Floor", "math.Trunc"}) + "(float64(" + g.open(t, d-1) + ")))"}
	case 3:
		return ex{s: choose(g, []string{"min(", "max("}) + g.operand(t, d-1) + ", " + g.expr(t, d-1) + ")"}
	case 4:
		c := "complex128"
		if b.n == 32 {
			c = "complex64"
		}
		for _, x := range basics {
			if x.src == c {
				return ex{s: conv(t) + choose(g, []string{"(real(", "(imag("}) + g.open(x, d-1) + "))"}
			}
		}
	}
	return ex{s: conv(t) + "(" + g.operand(t, d-1) + " " + choose(g, []string{"+", "-", "*", "/"}) + " " + g.operand(t, d-1) + ")"}
}

func (g *gen) complex(t, b *typ, d int) ex {
	if g.one(3) {
		part := tFloat
		if b.n == 64 {
			part = floats[1]
		}
		return ex{s: conv(t) + "(complex(" + g.open(part, d-1) + ", " + g.open(part, d-1) + "))"}
	}
	return ex{s: g.operand(t, d-1) + " " + choose(g, []string{"+", "-", "*"}) + " " + g.operand(t, d-1)}
}

func (g *gen) text(t *typ, d int) ex {
	switch g.n(7) {
	case 0:
		return ex{s: conv(t) + "(" + g.open(tRune, d-1) + "&0xffff)"}
	case 1:
		return ex{s: conv(t) + "(" + g.expr(sliceOf(choose(g, []*typ{tByte, tRune})), d-1) + ")"}
	case 2:
		x := g.pick(1)
		if x.flat && x.kind != iface {
			return ex{s: conv(t) + "(fmt.Sprint(" + g.expr(x, d-1) + "))"}
		}
	case 3:
		return ex{s: "(" + g.open(t, d-1) + ` + "ab")[` + fmt.Sprint(g.n(2)) + ":" + choose(g, []string{"", "2"}) + "]"}
	case 4:
		return ex{s: conv(t) + "(strings." + choose(g, []string{"ToUpper", "TrimSpace", "ToLower"}) + "(string(" + g.expr(t, d-1) + ")))"}
	case 5:
		return ex{s: choose(g, []string{"min(", "max("}) + g.operand(t, d-1) + ", " + g.expr(t, d-1) + ")"}
	}
	return ex{s: g.operand(t, d-1) + " + " + g.expr(t, d-1)}
}

func (g *gen) slice(t, b *typ, d int) string {
	switch g.n(5) {
	case 0:
		return "append(" + conv(t) + "(nil), " + g.expr(b.elem, d-1) + ", " + g.expr(b.elem, d-1) + ")"
	case 1:
		return "append(" + g.literal(t, d-1).s + ", " + g.expr(t, d-1) + "...)"
	case 2:
		switch b.elem.src {
		case "uint8", "rune":
			return conv(t) + "(" + g.expr(tString, d-1) + ")"
		}
	case 3:
		return "append(" + conv(t) + "{" + g.expr(b.elem, d-1) + ", " + g.expr(b.elem, d-1) + "}[" + choose(g, []string{":1:1", "1:", ":0", ":"}) + "], " + g.expr(b.elem, d-1) + ")"
	case 4:
		return "make(" + t.src + ", " + fmt.Sprint(g.n(3)) + ", 4)"
	}
	return g.literal(t, d).s
}
