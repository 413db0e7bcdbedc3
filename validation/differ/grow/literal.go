package grow

import (
	"fmt"
	"math"
	"strings"
)

// literal is a value of type t written out; its parts are grown to depth d.
func (g *gen) literal(t *typ, d int) ex {
	b := t.base()
	if d < -2 && b.kind >= array {
		return ex{s: "*new(" + t.src + ")"}
	}
	switch b.kind {
	case boolean:
		return ex{conv(t) + "(" + choose(g, []string{"true", "false"}) + ")", true}
	case integer:
		return ex{conv(t) + "(" + g.digits(b) + ")", true}
	case float:
		return g.floating(t)
	case complex_:
		return ex{conv(t) + "(" + choose(g, []string{"0", "1 + 2i", "-0.5i", "3", "-1 - 1i"}) + ")", true}
	case text:
		return ex{conv(t) + "(" + choose(g, []string{`""`, `"a"`, `"Zürich"`, `"x\xffy"`, `"b c"`, "`\\n`", `"\t\""`, `"日本"`, `"12"`}) + ")", true}
	case array, slice:
		return ex{s: g.elements(t, b, d)}
	case mapping:
		return ex{s: g.entries(t, b, d)}
	case structure:
		return ex{s: g.fieldsOf(t, b, d)}
	case pointer:
		if b.elem.kind == structure && g.one(2) {
			return ex{s: "&" + g.literal(b.elem, d-1).s}
		}
		return ex{s: "ptr[" + b.elem.src + "](" + g.expr(b.elem, d-1) + ")"}
	case function:
		return ex{s: conv(t) + "(" + g.function(b, d) + ")"}
	}
	return ex{s: g.boxed(t, d)}
}

func (g *gen) digits(b *typ) string {
	if g.one(3) {
		return fmt.Sprint(g.n(4))
	}
	if b.unsigned {
		top := uint64(math.MaxUint64) >> (64 - b.n)
		return choose(g, []string{fmt.Sprint(top), fmt.Sprint(top / 2), fmt.Sprint(top/2 + 1), "7", "10", "'a'", "100"})
	}
	top := int64(math.MaxInt64) >> (64 - b.n)
	return choose(g, []string{fmt.Sprint(top), fmt.Sprint(-top - 1), fmt.Sprint(-top), "-1", "-7", "10", "'z'", "0x5a", "1_1"})
}

func (g *gen) floating(t *typ) ex {
	if g.one(4) {
		return ex{s: conv(t) + "(" + choose(g, []string{"math.NaN()", "math.Inf(1)", "math.Inf(-1)", "math.Copysign(0, -1)"}) + ")"}
	}
	return ex{conv(t) + "(" + choose(g, []string{"0", "1.5", "-2.25", "1e10", "0.1", "-1", "3", "1e-7", "16777217"}) + ")", true}
}

func (g *gen) elements(t, b *typ, d int) string {
	if b.kind == slice && g.one(6) {
		return conv(t) + "(nil)"
	}
	n := b.n
	if b.kind == slice {
		n = g.n(4)
	}
	var s []string
	for i := range n {
		if g.one(8) && b.kind == array { // the rest is zero
			break
		}
		key := ""
		if g.one(8) {
			key = fmt.Sprint(i, ": ")
		}
		s = append(s, key+g.part(b.elem, d-1))
	}
	head := t.src
	if b.kind == array && len(s) == n && n > 0 && !t.named && g.one(5) {
		head = "[...]" + b.elem.src
	}
	if t.named { // in the head of a statement a name before a brace ends it
		return "(" + head + "{" + strings.Join(s, ", ") + "})"
	}
	return head + "{" + strings.Join(s, ", ") + "}"
}

// part is an element of a literal, which may leave out its type.
func (g *gen) part(t *typ, d int) string {
	s := g.expr(t, d)
	bare := strings.TrimSuffix(strings.TrimPrefix(s, "("), ")")
	if len(bare) != len(s)-2 {
		bare = s
	}
	if rest, ok := strings.CutPrefix(bare, t.src+"{"); ok && t.kind >= array && t.kind <= structure && g.one(2) && balanced(rest) {
		return "{" + rest
	}
	return s
}

// balanced tells whether s ends where the brace before it closes.
func balanced(s string) bool {
	depth := 1
	for i, r := range s {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		case '"', '`', '\'':
			return false
		}
		if depth == 0 {
			return i == len(s)-1
		}
	}
	return false
}

func (g *gen) entries(t, b *typ, d int) string {
	if g.one(8) {
		return conv(t) + "(nil)"
	}
	var s []string
	seen := map[string]bool{}
	for range g.n(4) {
		k := g.literal(b.key, 0).s
		if seen[k] || b.key.kind > text && len(s) > 0 {
			continue
		}
		seen[k] = true
		s = append(s, k+": "+g.part(b.elem, d-1))
	}
	if t.named {
		return "(" + t.src + "{" + strings.Join(s, ", ") + "})"
	}
	return t.src + "{" + strings.Join(s, ", ") + "}"
}

func (g *gen) fieldsOf(t, b *typ, d int) string {
	var s []string
	keyed := g.one(2)
	for _, f := range b.fields {
		keyed = keyed || f.name == "_"
	}
	for _, f := range b.fields {
		if keyed {
			if f.name != "_" && !g.one(4) {
				s = append(s, f.name+": "+g.expr(f.t, d-1))
			}
			continue
		}
		s = append(s, g.expr(f.t, d-1))
	}
	return "(" + t.src + "{" + strings.Join(s, ", ") + "})"
}

// function is a literal that may see the variables around it.
func (g *gen) function(b *typ, d int) string {
	var ps []string
	scope := len(g.scope)
	for _, p := range b.params {
		n := g.name("a")
		ps = append(ps, n+" "+p.src)
		g.declare(n, p)
	}
	traced := g.traced
	g.traced = false
	body := g.expr(b.result, d-1)
	g.traced = traced
	g.scope = g.scope[:scope]
	return "func(" + strings.Join(ps, ", ") + ") " + b.result.src + " { return " + body + " }"
}

// boxed is a value of interface type.
func (g *gen) boxed(t *typ, d int) string {
	switch t.src {
	case "error":
		if len(t.makers) > 0 || g.one(2) {
			for _, x := range g.types {
				for _, m := range x.methods {
					if m.name == "Error" && !m.pointer && g.one(2) {
						return "error(" + g.expr(x, d-1) + ")"
					}
				}
			}
		}
		return choose(g, []string{`errors.New("e")`, "io.EOF", "error(nil)", `fmt.Errorf("w: %w", io.EOF)`})
	case "any":
		for range 6 {
			if x := g.pick(1); x.flat && x.kind != iface && x.kind != pointer && x.kind != function {
				return "any(" + g.expr(x, d-1) + ")"
			}
		}
		return "any(nil)"
	}
	if len(t.makers) == 0 || g.one(6) {
		return t.src + "(nil)"
	}
	return g.made(t, d-1)
}
