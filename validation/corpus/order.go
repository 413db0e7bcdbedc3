package corpus

import (
	"go/ast"
	"strings"
)

// ordered returns the declarations as cells, each after what it needs; those
// that need one another share a cell. Functions init come last.
func (s *source) ordered() []string {
	g := newNeeds(s.decls)
	var cells, inits []string
	for _, group := range g.groups() {
		var parts []string
		init := false
		for _, i := range group {
			parts = append(parts, s.declText(s.decls[i]))
			f, ok := s.decls[i].(*ast.FuncDecl)
			init = init || ok && f.Recv == nil && f.Name.Name == "init"
		}
		if init {
			inits = append(inits, parts...)
			continue
		}
		cells = append(cells, strings.Join(parts, "\n\n"))
	}
	return append(cells, inits...)
}

// needs is which declaration needs which, judged by names: what uses a type
// needs its methods, too, for they make it fit interfaces.
type needs struct {
	decls   []ast.Decl
	names   map[string]int   // package level name to its declaration
	methods map[string][]int // type to the declarations of its methods
	edges   [][]int
}

func newNeeds(decls []ast.Decl) *needs {
	g := &needs{decls: decls, names: map[string]int{}, methods: map[string][]int{}, edges: make([][]int, len(decls))}
	for i, d := range decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				t := receiver(d)
				g.methods[t] = append(g.methods[t], i)
			} else if d.Name.Name != "init" && d.Name.Name != "_" {
				g.names[d.Name.Name] = i
			}
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					g.names[sp.Name.Name] = i
				case *ast.ValueSpec:
					for _, n := range sp.Names {
						g.names[n.Name] = i
					}
				}
			}
		}
	}
	for i := range decls {
		g.edges[i] = g.of(i)
	}
	return g
}

// of lists what declaration i needs, in the order of the source.
func (g *needs) of(i int) []int {
	wants := make([]bool, len(g.decls))
	own, self := "", ""
	var root ast.Node = g.decls[i]
	if f, ok := root.(*ast.FuncDecl); ok && f.Recv != nil {
		own, root = receiver(f), f.Body
		if j, ok := g.names[own]; ok {
			wants[j] = true
		}
		if ns := f.Recv.List[0].Names; len(ns) > 0 {
			self = ns[0].Name
		}
		g.uses(f.Type, wants)
	}
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			for _, m := range g.methods[own] {
				if own != "" && g.decls[m].(*ast.FuncDecl).Name.Name == n.Sel.Name {
					wants[m] = true
				}
			}
			if id, ok := n.X.(*ast.Ident); ok && id.Name == self && self != "" {
				return false // what self.x needs is known
			}
		case *ast.Ident:
			if n.Name == self && self != "" { // as a value it needs all that it can do
				g.use(own, wants)
			}
			if j, ok := g.names[n.Name]; !ok || j != i { // a type is declared before its methods
				g.use(n.Name, wants)
			}
		}
		return true
	})
	var out []int
	for j, w := range wants {
		if w && j != i {
			out = append(out, j)
		}
	}
	return out
}

// use notes a name and, of a type, its methods.
func (g *needs) use(name string, wants []bool) {
	j, ok := g.names[name]
	if !ok {
		return
	}
	wants[j] = true
	for _, m := range g.methods[name] {
		wants[m] = true
	}
}

func (g *needs) uses(n ast.Node, wants []bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			g.use(id.Name, wants)
		}
		return true
	})
}

func receiver(f *ast.FuncDecl) string {
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.ParenExpr:
			t = x.X
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// groups are the strongly connected components (Tarjan 1972), each after those
// that it needs.
func (g *needs) groups() [][]int {
	n := len(g.decls)
	index, low, on := make([]int, n), make([]int, n), make([]bool, n)
	var stack []int
	var out [][]int
	next := 1
	var visit func(v int)
	visit = func(v int) {
		index[v], low[v] = next, next
		next++
		stack, on[v] = append(stack, v), true
		for _, w := range g.edges[v] {
			if index[w] == 0 {
				visit(w)
				low[v] = min(low[v], low[w])
			} else if on[w] {
				low[v] = min(low[v], index[w])
			}
		}
		if low[v] != index[v] {
			return
		}
		in := make([]bool, n)
		for {
			w := stack[len(stack)-1]
			stack, on[w] = stack[:len(stack)-1], false
			in[w] = true
			if w == v {
				break
			}
		}
		var group []int
		for w, ok := range in {
			if ok {
				group = append(group, w)
			}
		}
		out = append(out, group)
	}
	for v := range n {
		if index[v] == 0 {
			visit(v)
		}
	}
	return out
}
