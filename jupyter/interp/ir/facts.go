package ir

import (
	"go/constant"
	"go/token"
)

// facts are what is known at a point. What outer says holds in the whole of a
// loop: nothing in it assigns to those variables.
type facts struct {
	outer   *facts
	within  map[check]bool
	pointer map[*Var]bool // not nil
}

// check is an index of a slice that is within bounds; at is a variable or a constant.
type check struct {
	of *Var
	at string
}

func (k *facts) bounded(c check) bool {
	return k != nil && (k.within[c] || k.outer.bounded(c))
}

func (k *facts) points(v *Var) bool {
	return k != nil && (k.pointer[v] || k.outer.points(v))
}

func newFacts(outer *facts) *facts {
	return &facts{outer: outer, within: map[check]bool{}, pointer: map[*Var]bool{}}
}

// kept are the facts that hold in the whole of a body, because nothing in it
// assigns to their variables.
func (k *facts) kept(body []Stmt) *facts {
	in := newFacts(k.outer)
	for v := range k.pointer {
		if !assigned(body, v) {
			in.pointer[v] = true
		}
	}
	for c := range k.within {
		if !assigned(body, c.of) && !assignedName(body, c.at) {
			in.within[c] = true
		}
	}
	return in
}

// forget drops what is known of a variable that is assigned to.
func (k *facts) forget(v *Var) {
	delete(k.pointer, v)
	for c := range k.within {
		if c.of == v || c.at == v.Name {
			delete(k.within, c)
		}
	}
}

func (k *facts) clear() {
	clear(k.within)
	clear(k.pointer)
}

// natural tells whether an int is not negative: a constant, an index, or one of
// these and a constant more.
func (k *facts) natural(e Expr) bool {
	switch e := e.(type) {
	case *Const:
		return e.T.Same(Int) && constant.Sign(e.Val) >= 0
	case *Var:
		return k.index(e.Name)
	case *Binary:
		c, ok := e.Y.(*Const)
		return ok && e.Op == "+" && k.natural(e.X) && c.T.Same(Int) && constant.Sign(c.Val) >= 0 && constant.Compare(c.Val, token.LSS, most)
	}
	return false
}

// most is a number that can be added to an index.
var most = constant.MakeInt64(1 << 14)

// index tells whether a variable is an index of something.
func (k *facts) index(name string) bool {
	if k == nil {
		return false
	}
	for c := range k.within {
		if c.at == name {
			return true
		}
	}
	return k.outer.index(name)
}

func assigned(body []Stmt, v *Var) bool { return writes(body, func(w *Var) bool { return w == v }) }

func assignedName(body []Stmt, name string) bool {
	return writes(body, func(w *Var) bool { return w != nil && w.Name == name })
}

// writes tells whether statements, closures apart, write to such a variable.
func writes(body []Stmt, is func(*Var) bool) bool {
	found := false
	Walk(body, func(n any) bool {
		switch n := n.(type) {
		case *Assign:
			if v, ok := n.L.(*Var); ok {
				found = found || is(v)
			}
		case *DefineAll:
			for _, w := range n.Vs {
				found = found || is(w)
			}
		case *Define:
			found = found || is(n.V)
		case *Range:
			found = found || is(n.Key) || is(n.Val)
		}
		return !found
	})
	return found
}
