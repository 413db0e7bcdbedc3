package ir

import "slices"

// Sure drops marks, which cost 10 ns each, in front of statements that are sure
// not to panic: those that index what has been indexed so before, or within the
// bounds of a loop, and follow pointers that have been followed before.
//
// What is known of a variable holds as long as nothing assigns to it. Nothing
// is known of globals, of variables whose address is taken, and of those that a
// closure assigns to.
func Sure(body []Stmt, params []*Var) []Stmt {
	s := &sure{loose: map[*Var]bool{}}
	own := map[*Var]bool{}
	for _, v := range params {
		own[v] = true
	}
	s.scan(body, own)
	return s.list(body, nil)
}

type sure struct {
	loose map[*Var]bool
}

// scan finds the loose variables of a function whose own variables are given.
func (s *sure) scan(body []Stmt, own map[*Var]bool) {
	Walk(body, func(n any) bool {
		switch n := n.(type) {
		case *Define:
			own[n.V] = true
		case *DefineAll:
			for _, v := range n.Vs {
				own[v] = true
			}
		case *Range:
			own[n.Key], own[n.Val] = true, true
		}
		return true
	})
	Walk(body, func(n any) bool {
		switch n := n.(type) {
		case *Var:
			if n.Global {
				s.loose[n] = true
			}
		case *Assign:
			if v, ok := n.L.(*Var); ok && !own[v] {
				s.loose[v] = true
			}
		case *AddrOf:
			if v := root(n.X); v != nil {
				s.loose[v] = true
			}
		case *MethodOf:
			if v := root(n.X); v != nil && n.ByAddr {
				s.loose[v] = true
			}
		case *FuncLit:
			inner := map[*Var]bool{}
			for _, v := range n.Params {
				inner[v] = true
			}
			s.scan(n.Body, inner)
		}
		return true
	})
}

// root is the variable that an address points into, nil if it points elsewhere.
func root(e Expr) *Var {
	switch e := e.(type) {
	case *Var:
		return e
	case *FieldOf:
		if e.X.Type() != nil && e.X.Type().Kind != Pointer {
			return root(e.X)
		}
	case *IndexOf:
		if e.X.Type() != nil && e.X.Type().Kind == Array {
			return root(e.X)
		}
	}
	return nil
}

func (s *sure) list(ss []Stmt, outer *facts) []Stmt {
	k := newFacts(outer)
	var out []Stmt
	var mark *Mark // not yet known to be needed
	need := func() {
		if mark != nil {
			out = append(out, mark)
			mark = nil
		}
	}
	for i, st := range ss {
		if m, ok := st.(*Mark); ok {
			mark = m   // one that nothing needed is gone
			if m.Top { // what fails may be a function that it calls
				need()
			}
			continue
		}
		s.closures(st)
		if s.risky(st, k) {
			need()
		}
		s.inside(st, ss[:i], k)
		s.after(st, k)
		out = append(out, st)
	}
	return out
}

// risky tells whether a statement may panic, or holds others that may.
func (s *sure) risky(st Stmt, k *facts) bool {
	switch st := st.(type) {
	case *Define:
		return !s.harmless(st.X, k)
	case *DefineAll:
		return !s.harmless(st.X, k)
	case *Do:
		return !s.harmless(st.X, k)
	case *Assign:
		return !s.harmless(st.X, k) || !s.harmless(st.L, k) || divides(st.Op, st.X)
	case *Return:
		return slices.ContainsFunc(st.Xs, func(x Expr) bool { return !s.harmless(x, k) })
	case *Jump, *Poll:
		return false
	}
	return true
}

// inside does the statements that a statement holds; before are those in front.
func (s *sure) inside(st Stmt, before []Stmt, k *facts) {
	switch st := st.(type) {
	case *If:
		st.Then, st.Else = s.list(st.Then, k.kept(st.Then)), s.list(st.Else, k.kept(st.Else))
	case *Block:
		st.Body = s.list(st.Body, k.kept(st.Body))
	case *Switch:
		for j := range st.Cases {
			st.Cases[j].Body = s.list(st.Cases[j].Body, k.kept(st.Cases[j].Body))
		}
	case *Range:
		st.Body = s.list(st.Body, k.kept(st.Body))
	case *For:
		for len(before) > 0 && isMark(before[len(before)-1]) {
			before = before[:len(before)-1]
		}
		st.Body = s.list(st.Body, s.counting(before, st, k))
	}
}

// after brings what is known up to date behind a statement.
func (s *sure) after(st Stmt, k *facts) {
	switch st := st.(type) {
	case *Define:
		s.learn(st.X, k)
		k.forget(st.V)
		if _, ok := st.X.(*AddrOf); ok && !s.loose[st.V] {
			k.pointer[st.V] = true
		}
	case *Assign:
		s.learn(st.X, k)
		s.learn(st.L, k)
		if v, ok := st.L.(*Var); ok {
			k.forget(v)
		}
	case *Do:
		s.learn(st.X, k)
	case *DefineAll:
		for _, v := range st.Vs {
			k.forget(v)
		}
	case *Return, *Jump, *Poll:
	default:
		k.clear()
	}
}

// closures does the bodies of the closures that a statement makes.
func (s *sure) closures(st Stmt) {
	switch st.(type) {
	case *Define, *Assign, *Do, *Return, *DefineAll:
		Walk([]Stmt{st}, func(n any) bool {
			if l, ok := n.(*FuncLit); ok {
				l.Body = s.list(l.Body, nil)
			}
			return true
		})
	}
}

// fixed is the name of a variable that is not loose, or a constant.
func (s *sure) fixed(e Expr) string {
	switch e := e.(type) {
	case *Var:
		if !s.loose[e] {
			return e.Name
		}
	case *Const:
		return e.Val.ExactString()
	}
	return ""
}

// counting is what holds in the body of a loop. In one that counts up to the
// length of a slice, the variable is an index.
func (s *sure) counting(before []Stmt, l *For, here *facts) *facts {
	inside := here.kept(append(slices.Clip(l.Body), l.Post))
	if len(before) == 0 {
		return inside
	}
	def, ok := before[len(before)-1].(*Define)
	if !ok || s.loose[def.V] || !def.V.T.Same(Int) || !here.natural(def.X) {
		return inside
	}
	post, ok := l.Post.(*Assign)
	if !ok || post.Op != "++" || post.L != Expr(def.V) {
		return inside
	}
	cond, ok := l.Cond.(*Binary)
	if !ok || cond.Op != "<" || cond.X != Expr(def.V) {
		return inside
	}
	n, ok := cond.Y.(*Builtin)
	if !ok || n.Name != "len" {
		return inside
	}
	x, ok := n.Args[0].(*Var)
	if !ok || s.loose[x] || assigned(l.Body, def.V) || assigned(l.Body, x) {
		return inside
	}
	inside.within[check{x, def.V.Name}] = true
	return inside
}

func isMark(s Stmt) bool {
	_, ok := s.(*Mark)
	return ok
}

// learn notes the pointers that evaluating e has followed, and the indices.
func (s *sure) learn(e Expr, k *facts) {
	walkExpr(e, func(n any) bool {
		switch n := n.(type) {
		case *FieldOf:
			if v, ok := n.X.(*Var); ok && v.T.Kind == Pointer && !s.loose[v] {
				k.pointer[v] = true
			}
		case *IndexOf:
			if v, ok := n.X.(*Var); ok && v.T.Kind == Slice && !s.loose[v] && s.fixed(n.I) != "" {
				k.within[check{v, s.fixed(n.I)}] = true
			}
		case *FuncLit:
			return false
		case *Binary: // the right side of && and || may not have been evaluated
			return precedence(n.Op) > 2
		}
		return true
	})
}

// harmless tells whether evaluating e cannot panic here. A function that it
// calls by name fails in that function, which marks its own places.
func (s *sure) harmless(e Expr, k *facts) bool {
	if e == nil {
		return true
	}
	ok := true
	walkExpr(e, func(n any) bool {
		switch n := n.(type) {
		case *Var, *Const, *Nil, *FuncRef, *Unary, *Convert:
			if c, is := n.(*Convert); is && c.T.Kind != Basic {
				ok = false
			}
		case *FieldOf:
			if n.X.Type() == nil || n.X.Type().Kind == Pointer {
				v, isVar := n.X.(*Var)
				ok = ok && isVar && k.points(v)
			}
		case *Binary:
			ok = ok && !divides(n.Op, n.Y) && n.T != nil && n.T.Kind == Basic
			if n.X.Type() != nil && n.X.Type().Kind != Basic {
				ok = false
			}
		case *Call:
			switch f := n.Fun.(type) {
			case *FuncRef:
			case *Native:
				ok = ok && f.Pkg == "math"
			default:
				ok = false
			}
		case *Native:
			ok = ok && n.Pkg == "math"
		case *IndexOf:
			v, isVar := n.X.(*Var)
			ok = ok && isVar && v.T.Kind == Slice && k.bounded(check{v, s.fixed(n.I)})
		case *AddrOf: // of an element or a field it is evaluated below
		default:
			ok = false
		}
		return ok
	})
	return ok
}

// divides tells whether an operation panics for some right operand.
func divides(op string, y Expr) bool {
	switch op {
	case "/", "%", "<<", ">>":
	default:
		return false
	}
	if y == nil || y.Type() == nil || y.Type().Kind != Basic {
		return true
	}
	switch y.Type().Name {
	case "float32", "float64":
		return false
	}
	_, isConst := y.(*Const)
	return !isConst
}
