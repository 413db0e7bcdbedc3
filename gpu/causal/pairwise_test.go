package causal

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"surprisal/gpu/info"
	"surprisal/gpu/series"
)

var ctx = context.Background()

// network returns a recording of n rows: a → b at lag 1, a → c at lag 2, and d
// alone.
func network(t *testing.T, n int, seed uint64) series.Recording {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	v := make([][]float64, 4)
	for i := range v {
		v[i] = make([]float64, n)
	}
	for i := range n {
		for j := range v {
			v[j][i] = r.NormFloat64()
		}
		if i > 1 {
			v[1][i] += 1.2 * v[0][i-1]
			v[2][i] += 1.5 * math.Tanh(2*v[0][i-2])
			v[3][i] += 0.5 * v[3][i-1]
		}
	}
	rec, err := series.New(series.Column{Name: "a", Values: v[0]}, series.Column{Name: "b", Values: v[1]}, series.Column{Name: "c", Values: v[2]}, series.Column{Name: "d", Values: v[3]})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestPairwiseFindsKnownArrows(t *testing.T) {
	found, wrong := 0, 0
	for seed := range uint64(2) {
		g, err := Pairwise{Lags: []int{2, 1}, Surrogates: 240, FDR: 0.1, Seed: 1}.Of(ctx, network(t, 300, seed+1).WithStep(10, "ms"))
		if err != nil {
			t.Fatal(err)
		}
		if len(g.Edges) != 24 || g.Samples != 298 || g.Unit != "nats" || g.Level != 0.1 || len(g.Warnings) != 0 {
			t.Fatalf("%d edges of %d samples, %s, level %v, %q", len(g.Edges), g.Samples, g.Unit, g.Level, g.Warnings)
		}
		for i, e := range g.Edges {
			// b follows a by one row and c by two, so b tells of c: a way through
			// the driver of both, which pairs cannot tell from an arrow.
			driven := e.From == 0 && e.To == 1 && e.Lag == 1 || e.From == 0 && e.To == 2 && e.Lag == 2 || e.From == 1 && e.To == 2 && e.Lag == 1
			switch {
			case driven && !(e.Significant && e.Effect >= 0.1):
				t.Errorf("%s → %s at lag %d is not found: effect %.3f, p %.3f, q %.3f", g.Nodes[e.From], g.Nodes[e.To], e.Lag, e.Effect, e.P, e.Q)
			case driven:
				found++
			case e.Significant:
				wrong++
			}
			if i > 0 && !(g.Edges[i-1].From <= e.From) || e.Q < e.P || e.Effect == e.Value {
				t.Errorf("%+v", e)
			}
		}
		if s := g.String(); !strings.Contains(s, " of 24 arrows are significant at a false discovery rate of 10 %: a → ") || !strings.Contains(s, "a → b (lag 10 ms, 0.") ||
			!strings.Contains(s, "transfer entropy by KSG algorithm 1, k = 4, maximum norm, histories of 1 and 1, 240 circular shifts") {
			t.Error(s)
		}
	}
	// A tenth of what is found may be false.
	if found != 6 || wrong > 1 {
		t.Errorf("%d of 6 arrows found, and %d that are not there", found, wrong)
	}
}

// An edge is the estimate of its pair, to the last bit, surrogates included.
func TestEdgeEqualsTransferEntropy(t *testing.T) {
	rec := network(t, 80, 2)
	for _, normalise := range []series.Normalisation{series.Embedded, series.Series, series.None} {
		p := Pairwise{KSG: info.KSG{K: 3, History: 2, Normalise: normalise, Window: 1}, Lags: []int{3}, Surrogates: 5, Seed: 8, Kind: series.Permutation}
		g, err := p.Of(ctx, rec)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range g.Edges {
			one := p.KSG
			one.Delay, one.Test = 3, info.Test{Surrogates: 5, Seed: 8, Kind: series.Permutation}
			x, err := rec.Column(g.Nodes[e.From])
			if err != nil {
				t.Fatal(err)
			}
			y, err := rec.Column(g.Nodes[e.To])
			if err != nil {
				t.Fatal(err)
			}
			te, err := one.TransferEntropy(ctx, x.Values, y.Values)
			if err != nil || te.Value != e.Value || te.Null.P != e.P || te.Effective() != e.Effect || te.Null.SD != e.NullSD {
				t.Errorf("%v: edge %+v, alone %v %v", normalise, e, te, err)
			}
		}
	}
}

func TestPairwiseDoubts(t *testing.T) {
	n := 60
	r := rand.New(rand.NewPCG(1, 1))
	dry, flat, plain := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		dry[i], plain[i] = max(0, r.NormFloat64()), r.NormFloat64()
	}
	rec, err := series.New(series.Column{Name: "rain", Values: dry}, series.Column{Name: "flat", Values: flat}, series.Column{Name: "wind", Values: plain})
	if err != nil {
		t.Fatal(err)
	}
	g, err := Pairwise{Surrogates: 200}.Of(ctx, rec)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(g.Warnings, "; ")
	for _, says := range []string{"values recorded more than once, where the estimator expects continuous ones: 5", "% of rain", "flat is constant", "200 surrogates were asked for, but there are only 58", "too few for one arrow alone to be significant among 6: record longer, or test fewer pairs or lags"} {
		if !strings.Contains(all, says) {
			t.Errorf("%q does not say %q", all, says)
		}
	}
	if g, err := (Pairwise{Surrogates: 20}).Of(ctx, rec); err != nil || !strings.Contains(strings.Join(g.Warnings, "; "), "20 surrogates are too few for one arrow alone to be significant among 6: take 119") {
		t.Errorf("more surrogates exist: %v, %v", g, err)
	}
	if strings.Contains(all, "wind") {
		t.Error(all)
	}
	if !strings.Contains(g.String(), "flat is constant") {
		t.Error(g)
	}
}

func TestPairwiseOverTrials(t *testing.T) {
	rec, err := network(t, 120, 3).WithTrials(50, 70)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Pairwise{Surrogates: 19, FDR: 0.5}.Of(ctx, rec)
	if err != nil || g.Samples != 118 {
		t.Errorf("%v %v", g, err)
	}
}

func TestPairwiseErrors(t *testing.T) {
	rec := network(t, 50, 1)
	one, err := rec.Select("a")
	if err != nil {
		t.Fatal(err)
	}
	holed, err := series.New(series.Column{Name: "a", Values: make([]float64, 3)}, series.Column{Name: "b", Values: []float64{1, math.NaN(), 2}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		p      Pairwise
		rec    series.Recording
		says   string
	}{
		{"one series", Pairwise{}, one, "1 series: an arrow needs at least 2"},
		{"nothing", Pairwise{}, series.Recording{}, "0 series"},
		{"a missing value", Pairwise{}, holed, "b is NaN at row 1"},
		{"the same instant", Pairwise{Lags: []int{1, 0}}, rec, "a lag of 0"},
		{"a lag twice", Pairwise{Lags: []int{2, 1, 2}}, rec, "lags [1 2 2]"},
		{"no lags", Pairwise{Lags: []int{}}, rec, "no lags"},
		{"a lag beyond the series", Pairwise{Lags: []int{50}}, rec, "need at least 51"},
		{"a negative number of surrogates", Pairwise{Surrogates: -1}, rec, "-1 surrogates"},
		{"a rate of 1", Pairwise{FDR: 1}, rec, "rate of 1"},
		{"a rate that is no number", Pairwise{FDR: math.NaN()}, rec, "rate of NaN"},
		{"a wrong estimator", Pairwise{KSG: info.KSG{K: 17}}, rec, "K is 17"},
	} {
		if _, err := c.p.Of(ctx, c.rec); err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "causal: ") {
			t.Errorf("%s: %v does not say %q", c.reason, err, c.says)
		}
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := (Pairwise{}).Of(done, rec); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// What takes minutes ends soon after it is cancelled.
	stopped, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := (Pairwise{}).Of(stopped, network(t, 20000, 1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stopped: %v", err)
	}
	if d := time.Since(start); d > 5*time.Second { // far above what is needed: it ends a hang
		t.Errorf("it went on for %v", d)
	}
	lags := []int{2, 1}
	if _, err := (Pairwise{Lags: lags, Surrogates: 1}).Of(ctx, rec); err != nil || !slices.Equal(lags, []int{2, 1}) {
		t.Errorf("lags were modified: %v %v", lags, err)
	}
}
