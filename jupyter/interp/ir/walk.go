package ir

// Walk visits statements and the expressions in them, outermost first, as long
// as visit returns true for the parent. The bodies of closures are left out:
// they run when they are called.
func Walk(ss []Stmt, visit func(node any) bool) {
	for _, s := range ss {
		walkStmt(s, visit)
	}
}

func walkStmt(s Stmt, visit func(any) bool) {
	if s == nil || !visit(s) {
		return
	}
	switch s := s.(type) {
	case *Define:
		walkExpr(s.X, visit)
	case *DefineAll:
		walkExpr(s.X, visit)
	case *Assign:
		walkExpr(s.L, visit)
		walkExpr(s.X, visit)
	case *Do:
		walkExpr(s.X, visit)
	case *If:
		walkExpr(s.Cond, visit)
		Walk(s.Then, visit)
		Walk(s.Else, visit)
	case *Block:
		Walk(s.Body, visit)
	case *For:
		walkExpr(s.Cond, visit)
		walkStmt(s.Post, visit)
		Walk(s.Body, visit)
	case *Range:
		walkExpr(s.X, visit)
		Walk(s.Body, visit)
	case *Switch:
		for _, c := range s.Cases {
			walkExpr(c.Cond, visit)
			Walk(c.Body, visit)
		}
	case *Return:
		walkExprs(s.Xs, visit)
	}
}

func walkExprs(xs []Expr, visit func(any) bool) {
	for _, x := range xs {
		walkExpr(x, visit)
	}
}

func walkExpr(e Expr, visit func(any) bool) {
	if e == nil || !visit(e) {
		return
	}
	switch e := e.(type) {
	case *FieldOf:
		walkExpr(e.X, visit)
	case *MethodOf:
		walkExpr(e.X, visit)
	case *IndexOf:
		walkExpr(e.X, visit)
		walkExpr(e.I, visit)
	case *SliceOfExpr:
		walkExprs([]Expr{e.X, e.Low, e.Hi, e.Max}, visit)
	case *Deref:
		walkExpr(e.X, visit)
	case *AddrOf:
		walkExpr(e.X, visit)
	case *Unary:
		walkExpr(e.X, visit)
	case *Binary:
		walkExpr(e.X, visit)
		walkExpr(e.Y, visit)
	case *Call:
		walkExpr(e.Fun, visit)
		walkExprs(e.Args, visit)
	case *Builtin:
		walkExprs(e.Args, visit)
	case *Lit:
		walkExprs(e.Keys, visit)
		walkExprs(e.Vals, visit)
	case *Convert:
		walkExpr(e.X, visit)
	case *Assert:
		walkExpr(e.X, visit)
	}
}

// MayTakeLong tells whether the unit's statements hold anything that takes
// time: a loop, or a call of anything but the run time's Show.
// Arithmetic and assignments do not.
func (u *Unit) MayTakeLong() bool {
	long := false
	visit := func(node any) bool {
		switch n := node.(type) {
		case *For, *Range, *Label:
			long = true
		case *Call:
			fun, ok := n.Fun.(*Native)
			long = long || !ok || fun.Pkg != RT || fun.Name != "Show"
		}
		return !long
	}
	Walk(u.Init, visit)
	if u.Entry != nil {
		Walk(u.Entry.Body, visit)
	}
	return long
}
