package ir

import "strings"

// closure prints a closure. yaegi keeps the closure that a literal has made in
// the frame of the function around it and, whenever a call of one returns, puts
// back the one before. In another goroutine that is at any time: the statement
// that has just made a closure would find an older one, or nil. So a literal
// that its frame may come back to is made in a frame of its own, for some 3 µs,
// unless no call of it returns later or elsewhere: see FuncLit.Here.
func (p *printer) closure(e *FuncLit, here bool) {
	if p.apart != nil && free(e) {
		p.put(p.apart.make(p, e))
		return
	}
	again := p.again
	defer func() { p.again = again }()
	if again && !here {
		p.put("func() ", e.T.text, " { return ")
		defer p.put(" }()")
	}
	p.again = hasLabel(e.Body)
	p.put("func(")
	p.params(e.Params)
	p.put(")", results(e.T.Results), " {\n")
	p.stmts(e.Body)
	p.put("}")
}

// hasLabel tells whether a goto may make a loop of statements.
func hasLabel(ss []Stmt) bool {
	found := false
	Walk(ss, func(n any) bool {
		_, ok := n.(*Label)
		found = found || ok
		return !found
	})
	return found
}

// keptVars are the variables of a function whose closures may be called after
// the statement that uses them: all that are used otherwise than to call them,
// where they were made, or to give them to a function that forgets them.
func keptVars(body []Stmt) map[*Var]bool {
	uses, calls := map[*Var]int{}, map[*Var]int{}
	var scan func(ss []Stmt)
	scan = func(ss []Stmt) {
		made := map[*Var]bool{}
		Walk(ss, func(n any) bool {
			switch n := n.(type) {
			case *Define:
				made[n.V] = true
			case *Var:
				uses[n]++
			case *Call:
				brief := n.Args
				if !forgets(n.Fun) {
					brief = nil
				}
				for _, x := range append([]Expr{n.Fun}, brief...) {
					if v, ok := x.(*Var); ok && made[v] {
						calls[v]++
					}
				}
			case *FuncLit:
				scan(n.Body)
			}
			return true
		})
	}
	scan(body)
	kept := map[*Var]bool{}
	for v, n := range uses {
		kept[v] = n != calls[v]
	}
	return kept
}

// forgets tells whether a function calls what it is given until it returns and
// no longer, on the goroutine of the caller.
func forgets(fun Expr) bool {
	switch fun := fun.(type) {
	case *Native:
		switch fun.Pkg {
		case "bytes", "slices", "sort", "strings":
			return !strings.HasSuffix(fun.Name, "Seq")
		}
		return fun.Pkg == RT && fun.Name == "Run"
	case *MethodOf: // of a Defers, which runs on this goroutine when the loop is over
		return fun.Name == "PushDeaf"
	}
	return false
}
