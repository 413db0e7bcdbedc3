package causal

import (
	"fmt"
	"strconv"
	"strings"
)

// DOT returns the graph in the language of Graphviz, for dot or neato: arrows
// that are not significant are dashed.
func (g *Graph) DOT() string {
	var s strings.Builder
	s.WriteString("digraph {\n")
	for i, n := range g.Nodes {
		fmt.Fprintf(&s, "\t%d [label=%s];\n", i, quoteDOT(n))
	}
	for _, e := range g.Edges {
		style := "dashed"
		if e.Significant {
			style = "solid"
		}
		label := fmt.Sprintf("%s, %s %s", g.LagText(e), strconv.FormatFloat(e.Effect, 'f', 3, 64), g.Unit)
		fmt.Fprintf(&s, "\t%d -> %d [style=%s, label=%s];\n", e.From, e.To, style, quoteDOT(strings.TrimSpace(label)))
	}
	s.WriteString("}\n")
	return s.String()
}

// quoteDOT quotes a string, in which only quotation marks, backslashes and ends
// of lines mean something.
func quoteDOT(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
