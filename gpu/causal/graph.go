package causal

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Graph is a directed network: its nodes, and every arrow that was tested.
type Graph struct {
	Nodes    []string
	Edges    []Edge  // by From, To and Lag, the significant ones and the others
	Unit     string  // of Value, Effect and NullSD: "nats"
	Method   string  // estimator, null and correction, in words
	Level    float64 // the false discovery rate up to which an edge is significant; 0: nothing was tested
	Step     float64 // the time that a lag of 1 takes, in StepUnit; 0: lags are in samples
	StepUnit string
	Samples  int      // of each series
	Warnings []string // what a reader must know before believing an arrow
}

// Edge is one arrow at one lag.
type Edge struct {
	From, To int     // indices into Graph.Nodes
	Lag      int     // in samples
	Effect   float64 // Value less the mean of the surrogates: 0 is no effect
	Value    float64 // the estimate itself, which is biased
	NullSD   float64 // standard deviation of the surrogates
	P        float64 // share of surrogates that reach Value, (count+1)/(S+1); NaN without surrogates
	Q        float64 // P corrected for all tests of the graph
	Ties     float64 // the larger share, of both series, of values that occurred more than once when they were recorded

	Significant bool // Q <= Graph.Level
}

// Significant returns the arrows that survived the correction, strongest first.
func (g *Graph) Significant() []Edge {
	var out []Edge
	for _, e := range g.Edges {
		if e.Significant {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Edge) int { return cmp.Compare(b.Effect, a.Effect) })
	return out
}

// Strongest returns a copy of the graph with one arrow a pair: the significant
// lag with the largest effect, or the lag with the largest effect if none is
// significant. Q still counts all tests.
func (g *Graph) Strongest() *Graph {
	h := *g
	h.Edges = nil
	at := map[[2]int]int{}
	for _, e := range g.Edges {
		i, ok := at[[2]int{e.From, e.To}]
		switch {
		case !ok:
			at[[2]int{e.From, e.To}] = len(h.Edges)
			h.Edges = append(h.Edges, e)
		case e.beats(h.Edges[i]):
			h.Edges[i] = e
		}
	}
	return &h
}

func (e Edge) beats(f Edge) bool {
	if e.Significant != f.Significant {
		return e.Significant
	}
	return e.Effect > f.Effect
}

// LagText is the lag of e with its unit: "2 d", or "2 samples".
func (g *Graph) LagText(e Edge) string {
	switch {
	case g.Step > 0:
		return strings.TrimSpace(strconv.FormatFloat(float64(e.Lag)*g.Step, 'g', 6, 64) + " " + g.StepUnit)
	case e.Lag == 1:
		return "1 sample"
	}
	return strconv.Itoa(e.Lag) + " samples"
}

// String is one sentence: how many arrows of how many tests, and which.
func (g *Graph) String() string {
	s := fmt.Sprintf("causal graph of %d series", len(g.Nodes))
	if g.Method != "" {
		s += ", " + g.Method
	}
	sig := g.Significant()
	switch {
	case g.Level <= 0:
		s += fmt.Sprintf(": %d arrows, none tested", len(g.Edges))
	case len(sig) == 0:
		s += fmt.Sprintf(": none of %d arrows is significant at a false discovery rate of %g %%", len(g.Edges), 100*g.Level)
	default:
		s += fmt.Sprintf(": %d of %d arrows are significant at a false discovery rate of %g %%: ", len(sig), len(g.Edges), 100*g.Level)
		for i, e := range sig {
			if i > 0 {
				s += ", "
			}
			s += fmt.Sprintf("%s → %s (lag %s, %.3f %s, q = %s)", g.Nodes[e.From], g.Nodes[e.To], g.LagText(e), e.Effect, g.Unit, probability(e.Q))
		}
	}
	for _, w := range g.Warnings {
		s += "; " + w
	}
	return s
}

// probability is p with two significant digits.
func probability(p float64) string {
	if math.IsNaN(p) {
		return "NaN"
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}
