package causal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"surprisal/gpu/info"
	"surprisal/gpu/series"
)

// Pairwise infers a graph from the transfer entropy of every ordered pair of
// series at every lag, each held against surrogates of its source.
//
// Every pair at every lag is a test and an edge of the graph, as in
// tigramite; Graph.Strongest leaves one lag a pair, as IDTxl's bivariate
// analysis does. All p-values are corrected together for the false discovery
// rate (Benjamini and Hochberg 1995). An edge's Value is what
// info.KSG.TransferEntropy gives for the pair with that Delay, to the last bit.
//
// Pairs are looked at alone: what drives two others makes arrows between them,
// and so does a way through a third. The zero value is ready: k 4, histories of
// one row, lag 1, 999 circular shifts, 5 %.
type Pairwise struct {
	KSG        info.KSG    // Delay, Test and Local are set here
	Lags       []int       // of the source, in rows; nil: 1
	Surrogates int         // a test; 0: 999
	Kind       series.Kind // of surrogates; circular shifts by default
	Seed       uint64      // of the surrogates
	FDR        float64     // share of false arrows among those found that is accepted; 0: 0.05
}

func (p Pairwise) orDefault() (Pairwise, error) {
	if p.Lags == nil {
		p.Lags = []int{1}
	}
	if p.Surrogates == 0 {
		p.Surrogates = 999
	}
	if p.FDR == 0 {
		p.FDR = 0.05
	}
	p.Lags = slices.Clone(p.Lags)
	slices.Sort(p.Lags)
	switch {
	case len(p.Lags) == 0:
		return p, errors.New("no lags: name at least one, or leave Lags nil for lag 1")
	case p.Lags[0] < 1:
		return p, fmt.Errorf("a lag of %d: a cause comes at least 1 row before its effect", p.Lags[0])
	case len(slices.Compact(slices.Clone(p.Lags))) != len(p.Lags):
		return p, fmt.Errorf("lags %v: each may be there once", p.Lags)
	case p.Surrogates < 1:
		return p, fmt.Errorf("%d surrogates: there must be at least 1", p.Surrogates)
	case !(p.FDR > 0 && p.FDR < 1):
		return p, fmt.Errorf("a false discovery rate of %v: it must lie between 0 and 1", p.FDR)
	}
	return p, nil
}

// Of returns the graph of all series of r, which must have at least two and no
// missing values.
func (p Pairwise) Of(ctx context.Context, r series.Recording) (*Graph, error) {
	g, err := p.of(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("causal: %w", err)
	}
	return g, nil
}

func (p Pairwise) of(ctx context.Context, r series.Recording) (*Graph, error) {
	p, err := p.orDefault()
	if err != nil {
		return nil, err
	}
	names := r.Names()
	if len(names) < 2 {
		return nil, fmt.Errorf("%d series: an arrow needs at least 2", len(names))
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	g := &Graph{Nodes: names, Unit: "nats", Level: p.FDR}
	g.Step, g.StepUnit = r.Step()
	prepared, e := p.KSG.Prepare(r)
	e.Local, e.Test = false, info.Test{Surrogates: p.Surrogates, Kind: p.Kind, Seed: p.Seed}
	ties := make([]float64, len(names))
	for i, n := range names {
		if ties[i], err = r.Ties(n); err != nil {
			return nil, err
		}
	}
	var found tally
	for _, lag := range p.Lags {
		e.Delay = lag
		samples, err := pairs(e.Embedding(), prepared, names)
		if err != nil {
			return nil, err
		}
		estimates, err := e.All(ctx, samples)
		if err != nil {
			return nil, err
		}
		i := 0
		for from := range names {
			for to := range names {
				if from != to {
					g.Edges = append(g.Edges, edge(from, to, lag, estimates[i]))
					g.Edges[len(g.Edges)-1].Ties = max(ties[from], ties[to])
					i++
				}
			}
		}
		found.add(estimates)
	}
	g.correct()
	g.Samples = found.rows
	g.Method = fmt.Sprintf("transfer entropy by %s, histories of %d and %d, %d %v", found.method,
		max(1, e.SourceHistory), max(1, e.History), found.surrogates, p.Kind)
	g.Warnings = p.doubts(g, r, ties, found)
	return g, nil
}

// pairs lays out every ordered pair. Columns are made once a series and shared
// by all pairs that it is in.
func pairs(e series.Embedding, r series.Recording, names []string) ([]series.Samples, error) {
	alone := make([]series.Samples, len(names))
	for i, n := range names {
		var err error
		if alone[i], err = e.Of(r, []string{n}, []string{n}, nil); err != nil {
			return nil, err
		}
	}
	var out []series.Samples
	for from := range names {
		for to := range names {
			if from != to {
				s := alone[to]
				s.Variables = []series.Variable{alone[from].Variables[0], alone[to].Variables[1], alone[to].Variables[2]}
				out = append(out, s)
			}
		}
	}
	return out, nil
}

func edge(from, to, lag int, e info.Estimate) Edge {
	return Edge{
		From: from, To: to, Lag: lag,
		Effect: e.Effective(), Value: e.Value, NullSD: e.Null.SD, P: e.Null.P,
	}
}

// correct sorts the edges and corrects their p-values.
func (g *Graph) correct() {
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Lag, b.Lag))
	})
	p := make([]float64, len(g.Edges))
	for i, e := range g.Edges {
		p[i] = e.P
	}
	for i, q := range BenjaminiHochberg(p) {
		g.Edges[i].Q, g.Edges[i].Significant = q, q <= g.Level
	}
}

// tally is what all estimates of a graph have in common.
type tally struct {
	rows, surrogates int // the smallest of any lag
	method           string
	ties             float64 // the largest
}

func (t *tally) add(estimates []info.Estimate) {
	for _, e := range estimates {
		if t.method == "" {
			t.rows, t.surrogates, t.method = e.N, e.Null.Surrogates, e.Method
		}
		t.rows, t.surrogates = min(t.rows, e.N), min(t.surrogates, e.Null.Surrogates)
		t.ties = max(t.ties, e.Ties)
	}
}

// doubts says what a reader must know before believing an arrow.
func (p Pairwise) doubts(g *Graph, r series.Recording, ties []float64, t tally) []string {
	var out, coarse []string
	for i, n := range g.Nodes {
		c, err := r.Column(n)
		if err != nil || len(c.Values) == 0 {
			continue
		}
		switch {
		case slices.Min(c.Values) == slices.Max(c.Values):
			out = append(out, n+" is constant")
		case ties[i] >= 0.05:
			coarse = append(coarse, fmt.Sprintf("%.0f %% of %s", 100*ties[i], n))
		}
	}
	if coarse != nil {
		out = append(out, "values recorded more than once, where the estimator expects continuous ones: "+strings.Join(coarse, ", "))
	}
	if t.ties >= 0.02 {
		out = append(out, fmt.Sprintf("ties decide the neighbours of up to %.0f %% of the samples", 100*t.ties))
	}
	if t.surrogates < p.Surrogates {
		out = append(out, fmt.Sprintf("%d surrogates were asked for, but there are only %d different circular shifts", p.Surrogates, t.surrogates))
	}
	// The smallest p is 1/(S+1); a single true arrow must reach FDR/tests.
	if need := int(math.Ceil(float64(len(g.Edges))/p.FDR)) - 1; t.surrogates < need {
		advice := fmt.Sprintf("take %d", need)
		if t.surrogates < p.Surrogates { // more do not exist
			advice = "record longer, or test fewer pairs or lags"
		}
		out = append(out, fmt.Sprintf("%d surrogates are too few for one arrow alone to be significant among %d: %s", t.surrogates, len(g.Edges), advice))
	}
	return out
}
