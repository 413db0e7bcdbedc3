package causal

import (
	"math"
	"strings"
	"testing"
)

func TestBenjaminiHochberg(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		reason  string
		p, want []float64
	}{
		{"the 15 p-values of table 1 of Benjamini and Hochberg (1995); q = p·15/j, then the running minimum from the right",
			[]float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000},
			[]float64{0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714285714286, 0.06385714285714286, 0.0645, 0.0765, 0.486, 0.5811818181818182, 0.714875, 0.7532307692307693, 0.8132142857142857, 1}},
		{"order does not matter", []float64{0.04, 0.01, 0.03}, []float64{0.04, 0.03, 0.04}},
		{"one test needs no correction", []float64{0.2}, []float64{0.2}},
		{"NaN is no test", []float64{nan, 0.02, 0.5}, []float64{nan, 0.04, 0.5}},
		{"nothing", nil, nil},
	} {
		got := BenjaminiHochberg(c.p)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %v", c.reason, got)
		}
		for i := range got {
			if !(math.Abs(got[i]-c.want[i]) <= 1e-15) && !(math.IsNaN(got[i]) && math.IsNaN(c.want[i])) {
				t.Errorf("%s: q[%d] = %v, want %v", c.reason, i, got[i], c.want[i])
			}
		}
	}
}

func TestGraphInWords(t *testing.T) {
	g := &Graph{
		Nodes: []string{"a", "b"}, Unit: "nats", Method: "KSG 1", Level: 0.05, Step: 0.5, StepUnit: "s",
		Edges: []Edge{
			{From: 0, To: 1, Lag: 1, Effect: 0.1, P: 0.001, Q: 0.004, Significant: true},
			{From: 0, To: 1, Lag: 2, Effect: 0.2, P: 0.001, Q: 0.004, Significant: true},
			{From: 1, To: 0, Lag: 1, Effect: 0.3, P: 0.5, Q: 0.5},
			{From: 1, To: 0, Lag: 2, Effect: 0.4, P: 0.4, Q: 0.5},
		},
	}
	want := "causal graph of 2 series, KSG 1: 2 of 4 arrows are significant at a false discovery rate of 5 %: a → b (lag 1 s, 0.200 nats, q = 0.004), a → b (lag 0.5 s, 0.100 nats, q = 0.004)"
	if got := g.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	s := g.Strongest()
	if len(s.Edges) != 2 || s.Edges[0].Lag != 2 || s.Edges[1].Lag != 2 || len(g.Edges) != 4 {
		t.Errorf("strongest: %+v", s.Edges)
	}
	g.Edges[3].Significant = true
	g.Edges[3].Effect = 0.01
	if s := g.Strongest(); s.Edges[1].Lag != 2 {
		t.Errorf("a significant lag must go before a larger one that is not: %+v", s.Edges[1])
	}
	none := &Graph{Nodes: []string{"a"}, Level: 0.05}
	if !strings.Contains(none.String(), "none of 0 arrows") {
		t.Error(none)
	}
	if got := (&Graph{}).LagText(Edge{Lag: 3}); got != "3 samples" {
		t.Error(got)
	}
}

func TestDOT(t *testing.T) {
	g := &Graph{Nodes: []string{`a "b"`, "c\\d"}, Unit: "nats", Edges: []Edge{{From: 0, To: 1, Lag: 1, Effect: 0.25, Significant: true}, {From: 1, To: 0, Lag: 2}}}
	want := `digraph {
	0 [label="a \"b\""];
	1 [label="c\\d"];
	0 -> 1 [style=solid, label="1 sample, 0.250 nats"];
	1 -> 0 [style=dashed, label="2 samples, 0.000 nats"];
}
`
	if got := g.DOT(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
