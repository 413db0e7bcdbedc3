package grow

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// gen grows one program.
type gen struct {
	*rand.Rand
	b       strings.Builder
	depth   int // of blocks, for the indent
	next    int // number of the next name
	types   []*typ
	ifaces  []*typ
	funcs   []fun
	scope   []variable
	labels  []string // of enclosing loops
	result  *typ     // of the enclosing function
	traced  bool     // operands are traced
	loops   int      // enclosing loops
	generic []generic
	force   string // the next name
}

// fun is a function of the program that changes nothing.
type fun struct {
	name     string
	params   []*typ
	result   *typ
	variadic bool // the last parameter is a slice
}

type variable struct {
	name  string
	t     *typ
	fixed bool // must not be assigned: it bounds a loop, or others see it

	constant bool
}

func (g *gen) n(n int) int { return g.IntN(n) }

// one is true once in n times.
func (g *gen) one(n int) bool { return g.IntN(n) == 0 }

func choose[T any](g *gen, xs []T) (x T) {
	if len(xs) == 0 {
		return x
	}
	return xs[g.n(len(xs))]
}

func (g *gen) name(prefix string) string {
	if s := g.force; s != "" {
		g.force = ""
		return s
	}
	g.next++
	return fmt.Sprint(prefix, g.next)
}

// p writes a line.
func (g *gen) p(format string, args ...any) {
	g.b.WriteString(strings.Repeat("\t", g.depth))
	fmt.Fprintf(&g.b, format, args...)
	g.b.WriteByte('\n')
}

// block writes body between braces behind head.
func (g *gen) block(head string, body func()) {
	g.p("%s {", head)
	g.inside(body)
	g.p("}")
}

func (g *gen) inside(body func()) {
	scope := len(g.scope)
	g.depth++
	body()
	g.depth--
	g.scope = g.scope[:scope]
}

// declare adds a variable to the scope.
func (g *gen) declare(name string, t *typ) { g.scope = append(g.scope, variable{name: name, t: t}) }

func (g *gen) fix(name string, t *typ) {
	g.scope = append(g.scope, variable{name: name, t: t, fixed: true})
}

// vars are the variables in scope that fit.
func (g *gen) vars(fit func(variable) bool) []variable {
	var out []variable
	for _, v := range g.scope {
		if fit(v) {
			out = append(out, v)
		}
	}
	return out
}

// Program is the text of the program that belongs to a seed.
func Program(seed uint64) string {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, 0x5eed))}
	g.b.WriteString(prelude)
	g.packageVars()
	for range 2 + g.n(4) {
		g.typeDecl()
	}
	for range 1 + g.n(2) {
		g.genericDecl()
	}
	for range 1 + g.n(4) {
		g.funcDecl()
	}
	var calls []string
	for range 2 + g.n(3) {
		calls = append(calls, g.test())
	}
	g.block("func main()", func() {
		for _, c := range calls {
			if g.one(2) {
				g.mainStmt()
			}
			g.p("try(%q, %s)", c, c)
		}
	})
	return g.b.String()
}

const prelude = `package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
)

var (
	_ = errors.New
	_ = io.EOF
	_ = math.Pi
	_ = os.Stdout
	_ = slices.Max[[]int]
	_ = sort.Ints
	_ = strings.Repeat
	_ sync.Mutex
)

var fuel = 2000

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", said(r))
		}
	}()
	f()
}

func said(r any) string {
	switch r := r.(type) {
	case runtime.Error:
		return "runtime.Error " + r.Error()
	case error:
		return fmt.Sprintf("error %T %v", r, r)
	case string:
		return "string " + r
	}
	return fmt.Sprintf("%T %+v", r, r)
}

var trail []int

func tr[T any](n int, x T) T {
	trail = append(trail, n)
	return x
}

func id[T any](x T) T { return x }

func ptr[T any](x T) *T { return &x }

func at(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}

`
