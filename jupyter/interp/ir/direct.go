package ir

import "slices"

// Direct puts the value of a temporary where it is used, if it is used once
// and there is no telling the difference. A lowering evaluates operands into
// temporaries to keep their order; in yaegi each costs an allocation and 35 ns.
// Only the forms are made that programs are known to run right in: see place.
func Direct(body []Stmt) []Stmt {
	d := &direct{uses: map[*Var]int{}}
	d.count(body)
	return d.list(body)
}

type direct struct{ uses map[*Var]int }

func (d *direct) count(ss []Stmt) {
	Walk(ss, func(n any) bool {
		switch n := n.(type) {
		case *Var:
			d.uses[n]++
		case *FuncLit:
			d.count(n.Body)
		}
		return true
	})
}

// list is a list of statements with its inner ones.
func (d *direct) list(ss []Stmt) []Stmt {
	var out []Stmt // from the last to the first
	for i := len(ss) - 1; i >= 0; i-- {
		s := ss[i]
		d.inside(s)
		if def, ok := s.(*Define); ok && def.X != nil && d.temporary(def) && d.moved(def, out) {
			continue
		}
		if def, ok := s.(*DefineAll); ok {
			out = d.named(def, out)
		}
		out = append(out, s)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// named lets an operation write to the variables that get its results, in place
// of temporaries. They are defined in the statements that follow, the last of
// which is the next, or behind a jump out.
func (d *direct) named(op *DefineAll, follow []Stmt) []Stmt {
	if _, ok := isOp(op.X); !ok {
		return follow
	}
	for i := len(follow) - 1; i >= max(0, len(follow)-3); i-- {
		if branch, ok := follow[i].(*If); ok && onlyJumps(branch) {
			continue
		}
		def, ok := follow[i].(*Define)
		if !ok {
			break
		}
		k := slices.IndexFunc(op.Vs, func(v *Var) bool { return def.X == Expr(v) })
		if k < 0 || d.uses[op.Vs[k]] != 1 || op.Vs[k].Name[0] != 'z' || !def.V.T.Same(op.Vs[k].T) {
			break
		}
		op.Vs[k] = def.V
		follow = slices.Delete(follow, i, i+1)
	}
	return follow
}

func onlyJumps(s *If) bool {
	if len(s.Then) != 1 || len(s.Else) > 0 {
		return false
	}
	_, ok := s.Then[0].(*Jump)
	return ok
}

func (d *direct) temporary(def *Define) bool {
	v := def.V
	_, op := isOp(def.X)
	return v.Name[0] == 'z' && d.uses[v] == 1 && (v.T.Kind == Basic || op)
}

// inside does the statements that a statement holds.
func (d *direct) inside(s Stmt) {
	switch s := s.(type) {
	case *If:
		s.Then, s.Else = d.list(s.Then), d.list(s.Else)
	case *Block:
		s.Body = d.list(s.Body)
	case *For:
		s.Body = d.list(s.Body)
	case *Range:
		s.Body = d.list(s.Body)
	case *Switch:
		for i := range s.Cases {
			s.Cases[i].Body = d.list(s.Cases[i].Body)
		}
	}
	switch s.(type) {
	case *Define, *Assign, *Do, *Return:
		Walk([]Stmt{s}, func(n any) bool {
			if l, ok := n.(*FuncLit); ok {
				l.Body = d.list(l.Body)
			}
			return true
		})
	}
}

// moved moves the value of a temporary to its use in the statements that
// follow, the last of which is the next.
func (d *direct) moved(def *Define, follow []Stmt) bool {
	calls, ok := movable(def.X)
	if !ok {
		return false
	}
	for i := len(follow) - 1; i >= 0; i-- {
		if d.place(def, follow[i], calls) {
			return true
		}
		next, ok := follow[i].(*Define)
		if !ok || calls || next.X == nil || !quiet(next.X) {
			return false
		}
	}
	return false
}

// movable tells whether a value may be moved at all, and whether it calls.
func movable(x Expr) (calls, ok bool) {
	switch x := x.(type) {
	case *Call:
		switch x.Fun.(type) {
		case *FuncRef, *Native: // an operation too, see place
			return true, x.T != nil
		}
	case *Binary:
		return false, precedence(x.Op) >= 4 && quiet(x)
	}
	return false, false
}

// quiet tells whether evaluating x changes nothing.
func quiet(x Expr) bool {
	still := true
	walkExpr(x, func(n any) bool {
		switch n := n.(type) {
		case *Call, *FuncLit, *Lit, *Assert:
			still = false
		case *Builtin:
			still = still && (n.Name == "len" || n.Name == "cap")
		}
		return still
	})
	return still
}

// place puts the value where a statement uses it.
func (d *direct) place(def *Define, s Stmt, calls bool) bool {
	if _, ok := isOp(def.X); ok {
		return d.whole(def, s)
	}
	switch s := s.(type) {
	case *Define:
		return d.put(def, &s.X, calls)
	case *Assign:
		if _, ok := s.L.(*Var); !ok || s.X == nil || s.X == Expr(def.V) && s.Op == "" {
			return false // the result of a call may share the variable's slot
		}
		return d.put(def, &s.X, calls)
	case *Return:
		if len(s.Xs) == 1 {
			return d.put(def, &s.Xs[0], calls)
		}
	case *Do:
		if c, ok := isOp(s.X); ok && !calls { // what comes before it is variables
			last := &c.Args[len(c.Args)-1]
			return *last == Expr(def.V) && d.put(def, last, calls)
		}
	case *If:
		if b, ok := s.Cond.(*Binary); ok && precedence(b.Op) == 3 {
			return d.put(def, &s.Cond, calls)
		}
	}
	return false
}

// whole puts an operation where its value is all that a statement stores in a
// variable.
func (d *direct) whole(def *Define, s Stmt) bool {
	switch s := s.(type) {
	case *Define:
		if s.X == Expr(def.V) && s.V.T.Same(def.V.T) {
			s.X = def.X
			return true
		}
	case *Assign:
		if l, ok := s.L.(*Var); ok && s.X == Expr(def.V) && s.Op == "" && l.T.Same(def.V.T) {
			s.X = def.X
			return true
		}
	}
	return false
}

// put replaces the temporary in *at by its value, if nothing but names and
// constants is evaluated before it.
func (d *direct) put(def *Define, at *Expr, calls bool) bool {
	switch x := (*at).(type) {
	case *Var:
		if x != def.V {
			return false
		}
		*at = def.X
		return true
	case *Binary:
		if precedence(x.Op) < 3 || x.X.Type() == nil || x.X.Type().Kind != Basic {
			return false
		}
		if d.put(def, &x.X, calls) {
			return true
		}
		return leaf(x.X) && d.put(def, &x.Y, calls)
	case *Convert:
		return x.T.Kind == Basic && d.put(def, &x.X, calls)
	case *Call:
		if _, ok := x.Fun.(*FuncRef); !ok {
			return false
		}
		for i := range x.Args {
			if d.put(def, &x.Args[i], calls) {
				return true
			}
			if !leaf(x.Args[i]) {
				return false
			}
		}
	}
	return false
}

func leaf(x Expr) bool {
	switch x.(type) {
	case *Var, *Const:
		return true
	}
	return false
}
