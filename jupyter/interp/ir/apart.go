package ir

import (
	"regexp"
	"strconv"
	"strings"
)

// many is the number of function literals from which a function is large.
const many = 100

// apart makes the closures of a large function in functions of their own. Yaegi
// copies the frame around a literal for each closure: 5,000 literals in a table
// would take 5 s and 600 MB.
type apart struct {
	name string
	n    int
	text strings.Builder
}

func newApart(f *Function) *apart {
	n := 0
	Walk(f.Body, func(x any) bool {
		if _, ok := x.(*FuncLit); ok {
			n++
		}
		return true
	})
	if n < many {
		return nil
	}
	return &apart{name: f.Name}
}

// apartName begins the name of a function that makes a closure; it ends in the
// name of the function that the literal stands in.
var apartName = regexp.MustCompile(`^lit\d+__`)

// Around is the function of a unit that a function of its text belongs to.
func Around(name string) string { return name[len(apartName.FindString(name)):] }

// make prints a function that returns the closure and returns the call of it.
func (a *apart) make(p *printer, e *FuncLit) string {
	a.n++
	name := "lit" + strconv.Itoa(a.n) + "__" + a.name
	p.unit.apart = append(p.unit.apart, name)
	q := &printer{unit: p.unit, kept: p.kept}
	q.put("func ", name, "() ", e.T.text, " { return ")
	q.closure(e, true)
	q.put(" }\n")
	a.text.WriteString(q.b.String())
	return name + "()"
}

// free tells whether a closure uses no variables of the function around it.
func free(e *FuncLit) bool {
	own, ok := map[*Var]bool{}, true
	var scan func(e *FuncLit)
	scan = func(e *FuncLit) {
		for _, v := range e.Params {
			own[v] = true
		}
		Walk(e.Body, func(n any) bool {
			switch n := n.(type) {
			case *Define:
				own[n.V] = true
			case *DefineAll:
				for _, v := range n.Vs {
					own[v] = true
				}
			case *Range:
				own[n.Key], own[n.Val] = true, true
			case *Assign:
				if v, isVar := n.L.(*Var); isVar {
					ok = ok && (v.Global || own[v])
				}
			case *Var:
				ok = ok && (n.Global || own[n])
			case *FuncLit:
				scan(n)
			}
			return ok
		})
	}
	scan(e)
	return ok
}
