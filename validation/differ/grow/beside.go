package grow

import "strings"

// beside writes assignments and declarations whose places, or whose values, are
// changed by a call beside them: all calls are made first.
func (g *gen) beside() {
	t := g.pick(1)
	e := func() string { return g.expr(t, 1) }
	names := strings.NewReplacer("$S", g.name("s"), "$I", g.name("i"), "$M", g.name("m"), "$P", g.name("p"), "$F", g.name("f"), "$N", g.name("Y"), "$T", t.src)
	line := func(form string) { g.p("%s", strings.ReplaceAll(names.Replace(form), "@", e())) }
	line("type $N struct { v []$T; n int }")
	line("$S, $I, $M := []$T{@, @, @}, 0, map[int]$T{}")
	line("$P := &$N{v: []$T{@, @}}")
	line("$F := func(v $T) $T {")
	for range 1 + g.n(3) {
		line(choose(g, []string{
			"$S = append([]$T{}, $S...)",
			"$S[$I] = v",
			"$I = ($I + 1) % 3",
			"$P = &$N{append([]$T{v}, $P.v...), $P.n + 1}",
			"$P.v = append([]$T{}, $P.v...); $P.n++",
			"$M = map[int]$T{7: v}",
		}))
	}
	line("return v }")
	for range 2 + g.n(3) {
		line(choose(g, []string{
			"$S[$I] = $F(@)",
			"$M[$I] = $F(@)",
			"$M[len($M)] = $F(@)",
			"$P.v[$P.n%2] = $F(@)",
			"$P.v = append($P.v, $F(@))",
			"$S[$I], $I = $F(@), 2",
			"$S[0], $S[$I] = $S[$I], $F(@)",
			"$M[$P.n], $S[$I] = $S[0], $F(@)",
			"$P.n, $P.v[0] = $I, $F(@)",
			"$P.n += func() int { $F(@); return 2 }()",
			"$S[func() int { $F(@); return 1 }()] = $S[$I]",
			"{ a, b := $S[$I], $F(@); $S[1] = a; _ = b }",
			"{ a, b := $I, $F(@); fmt.Println(a); _ = b }",
			"{ a, b := $P.n+$I, $F(@); fmt.Println(a); _ = b }",
			"{ var a, b = len($S)+$I, $F(@); fmt.Println(a); _ = b }",
			"if a, b := $P.n, $F(@); a >= 0 { fmt.Println(a); _ = b }",
			"$S = []$T{$S[$I], $F(@), $S[0]}",
		}))
	}
	show := "fmt.Println($I, len($S), len($M), len($P.v), $P.n)"
	if inside(t) {
		show = "fmt.Println($I, $S, $M, $P.v, $P.n)"
	}
	line(show)
}
