package grow

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// sequence grows a notebook.
type sequence struct {
	*gen
	valid    func(program string) bool
	steps    Notebook
	redefine []again // what can be defined anew
	kept     []kept
}

// kept is a variable of the notebook that holds closures, which call what may
// be defined anew later: they call the new one. Nothing else is assigned to it,
// so that it is never nil.
type kept struct {
	name string
	form int
	call again
}

// again is a function or method that can be defined anew.
type again struct {
	fun
	recv    *typ
	pointer bool
	funcs   int // functions that were there before it
	version int
}

// Sequence is the notebook that belongs to a seed. valid tells whether a
// program type-checks; steps that would not are left out.
func Sequence(seed uint64, valid func(program string) bool) Notebook {
	s := &sequence{gen: &gen{Rand: rand.New(rand.NewPCG(seed, 0xce11))}, valid: valid}
	for range 3 {
		s.try(s.variable)
	}
	for range 2 {
		s.try(func() (Step, bool) { return s.text(Declares, s.typeDecl), true })
	}
	for range 14 + s.n(10) {
		switch s.n(18) {
		case 0:
			s.try(func() (Step, bool) { return s.text(Declares, s.typeDecl), true })
		case 1:
			s.try(func() (Step, bool) { return s.text(Declares, s.genericDecl), true })
		case 2, 3:
			s.try(s.function)
		case 4:
			s.try(s.method)
		case 5, 6:
			s.try(s.redefined)
		case 7:
			s.try(s.variable)
		case 8, 9:
			s.try(s.setAgain)
		case 10:
			s.try(s.retype)
		case 11, 12:
			s.try(s.keep)
		case 13, 14:
			s.try(s.callKept)
		default:
			s.try(s.statement)
		}
	}
	s.try(s.showAll)
	return s.steps
}

// try grows a step and keeps it if its program is valid.
func (s *sequence) try(grow func() (Step, bool)) {
	types, ifaces, funcs, generics, scope := slices.Clone(s.types), len(s.ifaces), len(s.funcs), len(s.generic), slices.Clone(s.scope)
	again, kept := slices.Clone(s.redefine), len(s.kept)
	methods := make([]int, len(types))
	for i, t := range types {
		methods[i] = len(t.methods)
	}
	s.b.Reset()
	step, ok := grow()
	if ok && s.valid(append(s.steps[:len(s.steps):len(s.steps)], step).Twin()) {
		s.steps = append(s.steps, step)
		return
	}
	s.kept = s.kept[:kept]
	s.types, s.ifaces, s.funcs, s.generic, s.scope, s.redefine = types, s.ifaces[:ifaces], s.funcs[:funcs], s.generic[:generics], scope, again
	for i, t := range types {
		t.methods = t.methods[:methods[i]]
	}
}

// text is a step whose text is what grow writes. Declarations assign to no
// variable of the notebook: they are called in the middle of expressions.
func (s *sequence) text(k StepKind, grow func()) Step {
	scope := slices.Clone(s.scope)
	if k != Runs {
		for i := range s.scope {
			s.scope[i].fixed = true
		}
	}
	grow()
	s.scope = scope
	step := Step{Kind: k, Text: s.b.String()}
	if n := len(s.steps); k == Runs && n > 0 && s.steps[n-1].Kind == Runs {
		step.Joined = s.one(3)
	}
	return step
}

func (s *sequence) statement() (Step, bool) { return s.text(Runs, func() { s.stmt(2 + s.n(2)) }), true }

// plain is a type whose values hold no code, which would be that of the time
// when they were made.
func (s *sequence) plain() *typ {
	for range 20 {
		if t := s.pick(2); !strings.Contains(t.src, "func") && s.noCode(t) {
			return t
		}
	}
	return tInt
}

func (s *sequence) noCode(t *typ) bool {
	switch b := t.base(); b.kind {
	case function, iface:
		return false
	case array, slice, pointer:
		return s.noCode(b.elem)
	case mapping:
		return s.noCode(b.elem) && s.noCode(b.key)
	case structure:
		for _, f := range b.fields {
			if !s.noCode(f.t) {
				return false
			}
		}
	}
	return true
}

func (s *sequence) variable() (Step, bool) {
	t, name := s.plain(), s.name("x")
	step := Step{Kind: Sets, Name: name, Type: t.src, Text: conv(t) + "(" + s.expr(t, 2) + ")"}
	s.declare(name, t)
	return step, true
}

// keep sets a variable to a closure, or to what holds or makes one.
func (s *sequence) keep() (Step, bool) {
	if len(s.kept) > 0 && s.one(4) { // another in its place
		return s.closure(choose(s.gen, s.kept)), true
	}
	a := choose(s.gen, s.redefine)
	if a.result == nil || a.recv != nil && !slices.Contains(s.types, a.recv) {
		return Step{}, false
	}
	k := kept{s.name("h"), s.n(6), a}
	step := s.closure(k)
	s.kept = append(s.kept, k)
	return step, true
}

// closure is the step that sets a variable; its type is that of its form.
func (s *sequence) closure(k kept) Step {
	r := k.call.result.src
	call := k.call.name + "(" + s.args(k.call.params, 2) + ")"
	if k.call.recv != nil {
		recv := s.expr(k.call.recv, 1)
		if k.call.pointer {
			recv = "ptr[" + k.call.recv.src + "](" + recv + ")"
		}
		call = "(" + recv + ")." + call
	}
	f := "func() " + r
	lit := f + " { return " + call + " }"
	typ := [...]string{f, f, "[]" + f, "map[string]" + f, "struct{ f " + f + "; n int }", "func() " + f}[k.form]
	text := [...]string{
		lit,
		"func() " + f + " { n := 0; return " + f + " { n++; fmt.Print(\"call \", n, \"\\n\"); return " + call + " } }()",
		typ + "{" + lit + ", " + f + " { return id(" + call + ") }}",
		typ + "{\"a\": " + lit + "}",
		typ + "{" + lit + ", 1}",
		typ + " { return " + lit + " }",
	}[k.form]
	if k.form < 2 || k.form == 5 {
		return Step{Kind: Sets, Name: k.name, Type: typ, Text: "(" + typ + ")(" + text + ")"}
	}
	return Step{Kind: Sets, Name: k.name, Type: typ, Text: text}
}

// callKept calls a closure that is kept.
func (s *sequence) callKept() (Step, bool) {
	k := choose(s.gen, s.kept)
	if k.name == "" {
		return Step{}, false
	}
	call := k.name + [...]string{"()", "()", "[1]()", "[\"a\"]()", ".f()", "()()"}[k.form]
	return s.text(Runs, func() {
		if k.call.result.flat {
			s.p("fmt.Printf(\"%%v %%T\\n\", %s, %s)", call, call)
		} else {
			s.p("fmt.Println(func() bool { _ = %s; return true }())", call)
		}
	}), true
}

// setAgain defines a variable anew, with its type or another.
func (s *sequence) setAgain() (Step, bool) {
	var own []int
	for i, v := range s.scope {
		if !v.fixed {
			own = append(own, i)
		}
	}
	if len(own) == 0 {
		return Step{}, false
	}
	i := choose(s.gen, own)
	v := s.scope[i]
	if s.one(3) && !s.mentioned(v.name) {
		base, version, _ := strings.Cut(v.name, "__")
		n := 1
		fmt.Sscan(version, &n)
		t := s.plain()
		step := Step{Kind: Sets, Name: fmt.Sprintf("%s__%d", base, n+1), Type: t.src, Text: conv(t) + "(" + s.expr(t, 2) + ")"}
		s.scope[i] = variable{name: step.Name, t: t}
		return step, t.src != v.t.src
	}
	return Step{Kind: Sets, Name: v.name, Type: v.t.src, Text: conv(v.t) + "(" + s.expr(v.t, 2) + ")"}, true
}

// mentioned tells whether a declaration or a closure that is kept uses a name.
func (s *sequence) mentioned(name string) bool {
	for _, st := range s.steps {
		if (st.Kind == Declares || st.Kind == Defines || st.Kind == Sets && strings.HasPrefix(st.Name, "h")) && word(st.Text, name) {
			return true
		}
	}
	return false
}

func word(text, name string) bool {
	for i := 0; ; {
		j := strings.Index(text[i:], name)
		if j < 0 {
			return false
		}
		end := i + j + len(name)
		if end == len(text) || !strings.ContainsRune("0123456789_", rune(text[end])) {
			return true
		}
		i = end
	}
}

func (s *sequence) function() (Step, bool) {
	a := again{fun: fun{name: s.name("f"), params: s.some(3, 2), result: s.pick(2)}, funcs: len(s.funcs), version: 1}
	return s.define(a)
}

func (s *sequence) method() (Step, bool) {
	var fit []*typ
	for _, t := range s.types {
		if t.kind != iface {
			fit = append(fit, t)
		}
	}
	t := choose(s.gen, fit)
	if t == nil {
		return Step{}, false
	}
	a := again{fun: fun{name: s.name("M"), params: s.some(2, 1), result: s.pick(1)}, recv: t, pointer: s.one(3), funcs: len(s.funcs), version: 1}
	step, ok := s.define(a)
	t.methods = append(t.methods, method{a.name, a.params, a.result, a.pointer})
	return step, ok
}

// redefined defines a function or method anew.
func (s *sequence) redefined() (Step, bool) {
	if len(s.redefine) == 0 {
		return Step{}, false
	}
	i := s.n(len(s.redefine))
	a := s.redefine[i]
	if a.recv != nil && !slices.Contains(s.types, a.recv) { // a type that was replaced
		return Step{}, false
	}
	s.redefine = slices.Delete(s.redefine, i, i+1)
	a.version++
	return s.define(a)
}

// define writes a function, whose calls burn fuel: a new version may call what
// calls it.
func (s *sequence) define(a again) (Step, bool) {
	step := s.text(Defines, func() {
		recv := ""
		if a.recv != nil {
			r := s.name("r")
			recv = "(" + r + " " + a.recv.src + ") "
			if a.pointer {
				recv = "(" + r + " *" + a.recv.src + ") "
			} else {
				s.fix(r, a.recv)
			}
		}
		ps := s.params(a.params)
		s.result, s.labels, s.loops = a.result, nil, 0
		s.block(fmt.Sprintf("func %s%s(%s) %s", recv, a.name, ps, a.result.src), func() {
			s.p("if fuel--; fuel < 0 { return %s }", s.literal(a.result, -3).s)
			for range s.n(3) {
				s.stmt(2)
			}
			s.p("return %s", s.expr(a.result, 2))
		})
		s.result = nil
	})
	step.Name, step.Version, step.Type = a.name, a.version, "("+spell(a.params)+") "+a.result.src
	if a.recv != nil {
		step.Recv = a.recv.src
		if a.pointer {
			step.Recv = "*" + step.Recv
		}
		var named, args []string
		for i, p := range a.params {
			args = append(args, fmt.Sprint("a", i))
			named = append(named, args[i]+" "+p.src)
		}
		step.Named, step.Args = "("+strings.Join(named, ", ")+") "+a.result.src, strings.Join(args, ", ")
	} else if a.version == 1 {
		s.funcs = append(s.funcs, a.fun)
	}
	s.redefine = append(s.redefine, a)
	return step, true
}

// retype declares a type anew. No other declaration names the old one, and it
// has no methods, for they would go on with the new one where they fit;
// variables keep the old one.
func (s *sequence) retype() (Step, bool) {
	var fit []int
	for i, t := range s.types {
		uses := 0
		for _, st := range s.steps {
			if st.Kind == Declares || st.Kind == Defines || st.Kind == Sets && strings.HasPrefix(st.Name, "h") {
				if word(st.Text, t.src) {
					uses++
				}
			}
		}
		if t.kind != iface && len(t.methods) == 0 && uses == 1 && !strings.Contains(t.src, "__") {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 {
		return Step{}, false
	}
	i := choose(s.gen, fit)
	old := s.types[i]
	s.types = slices.Delete(slices.Clone(s.types), i, i+1)
	for j, v := range s.scope {
		if word(v.t.src, old.src) {
			s.scope[j].fixed = true
		}
	}
	step := s.text(Declares, func() {
		s.force = old.src + "__2"
		if s.one(2) {
			s.structDecl()
		} else {
			s.newType(choose(s.gen, basics))
		}
		s.force = ""
	})
	return step, true
}

// showAll prints the variables, those of replaced types, too.
func (s *sequence) showAll() (Step, bool) {
	return s.text(Runs, func() {
		for _, v := range s.scope {
			if v.t.flat {
				s.p("fmt.Printf(\"%s %%v %%T\\n\", %s, %s)", Unversioned(v.name), v.name, v.name)
			}
		}
	}), true
}
