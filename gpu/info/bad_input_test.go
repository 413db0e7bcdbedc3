package info

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu/prim"
	"surprisal/gpu/series"
)

func TestBadInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	good, _ := coupled(1, 50, 0.5, 0.5, 0.5)
	with := func(v float64) []float64 { c := slices.Clone(good); c[20] = v; return c }
	te := func(e KSG, x, y []float64) error { _, err := e.TransferEntropy(ctx, x, y); return err }
	mi := func(e KSG, x, y []float64) error { _, err := e.MutualInformation(ctx, x, y); return err }
	bad := series.Samples{Trials: []int{50}, Variables: []series.Variable{{Columns: [][]float64{good}}}}
	var none context.Context
	for _, c := range []struct {
		reason string
		err    error
		says   string
	}{
		{"NaN", te(KSG{}, with(nan), good), "is NaN at row"},
		{"NaN in the target", te(KSG{}, good, with(nan)), "target is NaN at row 20 (from 0)"},
		{"NaN in a series that is to be normalised", te(KSG{Normalise: series.Series}, good, with(nan)), "target is NaN at row 20 (from 0)"},
		{"Inf", mi(KSG{}, good, with(inf)), "is +Inf at row 20"},
		{"nothing", te(KSG{}, nil, nil), "0 rows"},
		{"nothing again", mi(KSG{}, nil, nil), "0 rows"},
		{"one sample", mi(KSG{}, good[:1], good[:1]), "1 samples: 4 neighbours need at least 5"},
		{"n = k", mi(KSG{K: 5}, good[:5], good[:5]), "5 samples: 5 neighbours need at least 6"},
		{"n = k after embedding", te(KSG{}, good[:5], good[:5]), "4 samples: 4 neighbours need at least 5"},
		{"lengths", te(KSG{}, good, good[:49]), "has 49"},
		{"lengths again", mi(KSG{}, good, good[:49]), "has 49"},
		{"a history longer than the series", te(KSG{History: 60}, good, good), "need at least 61"},
		{"a window that excludes everybody", te(KSG{Window: 60}, good, good), "a window of 60"},
		{"a window that leaves too few", mi(KSG{Window: 23}, good, good), "needs 4"},
		{"k below 1", te(KSG{K: -1}, good, good), "K is -1: it must be from 1 to 16"},
		{"k above 16", te(KSG{K: 17}, good, good), "K is 17: it must be from 1 to 16"},
		{"no such algorithm", te(KSG{Algorithm: 3}, good, good), "Algorithm is 3"},
		{"no such norm", te(KSG{Norm: 2}, good, good), "Norm is 2"},
		{"no such normalisation", te(KSG{Normalise: 9}, good, good), "Normalise is 9"},
		{"a negative window", te(KSG{Window: -1}, good, good), "Window is -1"},
		{"a negative number of threads", te(KSG{Threads: -1}, good, good), "Threads is -1"},
		{"a negative history", te(KSG{History: -1}, good, good), "history -1"},
		{"negative noise", te(KSG{Jitter: -1}, good, good), "Jitter of -1"},
		{"noise that is no number", te(KSG{Jitter: nan}, good, good), "Jitter of NaN"},
		{"a negative number of surrogates", te(KSG{Test: Test{Surrogates: -1}}, good, good), "-1 surrogates"},
		{"surrogates that the window forbids", te(KSG{K: 1, Window: 24, Test: Test{Surrogates: 5}}, good[:49], good[:49]), "need"},
		{"one variable", second(KSG{}.Of(ctx, bad)), "1 variables"},
		{"samples that are to be normalised before they are made", second(KSG{Normalise: series.Series}.Of(ctx, bad)), "Prepare"},
		{"no context", second(KSG{}.MutualInformation(none, good, good)), "no context"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) || !strings.HasPrefix(c.err.Error(), "info: ") {
			t.Errorf("%s: %v does not say %q", c.reason, c.err, c.says)
		}
	}
	var few *prim.TooFewSamplesError
	if err := mi(KSG{}, good[:3], good[:3]); !errors.As(err, &few) || few.Need != 5 {
		t.Errorf("%v carries no numbers", err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := (KSG{}).TransferEntropy(done, good, good); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A column that many samples have is looked at once; what only one of them has is
// not let pass for it.
func TestBadInputInABatch(t *testing.T) {
	x, y := coupled(1, 50, 0.5, 0.5, 0.5)
	bad := slices.Clone(y)
	bad[7] = math.NaN()
	of := func(columns ...[]float64) series.Samples {
		s := series.Samples{Trials: []int{50}}
		for _, c := range columns {
			s.Variables = append(s.Variables, series.Variable{Name: "v", Columns: [][]float64{c}})
		}
		return s
	}
	empty := of(x, y)
	empty.Variables[1].Columns = nil
	for _, c := range []struct {
		reason string
		s      series.Samples
		says   string
	}{
		{"another column, not a number", of(x, bad), "NaN at row 7"},
		{"the same column, shorter", of(x, y[:49]), "has 49"},
		{"the same column from its second value", of(x, y[1:]), "has 49"},
		{"a column of nothing", of(x, nil), "has 0"},
		{"no column", empty, "has no columns"},
	} {
		for _, batch := range [][]series.Samples{{of(x, y), c.s}, {of(x, y), of(y, x), c.s}} {
			if _, err := (KSG{}).All(ctx, batch); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v does not say %q", c.reason, err, c.says)
			}
		}
	}
}

func second(_ Estimate, err error) error { return err }

func TestDoubts(t *testing.T) {
	x, y := coupled(3, 400, 0.5, 0.5, 0.5)
	round := func(v []float64, step float64) []float64 {
		out := make([]float64, len(v))
		for i, a := range v {
			out[i] = math.Round(a/step) * step
		}
		return out
	}
	flat := make([]float64, len(x))
	dry := slices.Clone(x) // a tenth of the days without rain
	for i := range dry {
		dry[i] = max(-1.5, dry[i])
	}
	twice := append(slices.Clone(x[:200]), x[:200]...) // every row twice
	twiceY := append(slices.Clone(y[:200]), y[:200]...)
	for _, c := range []struct {
		reason string
		e      Estimate
		says   string
		ties   bool
	}{
		{"rounded values", must(t)(KSG{}.TransferEntropy(ctx, round(x, 0.5), round(y, 0.5))), "ties decide the neighbours", true},
		{"a tenth of one column equal", must(t)(KSG{}.TransferEntropy(ctx, dry, y)), "occur more than once", false},
		{"equal rows", must(t)(KSG{K: 1}.MutualInformation(ctx, twice, twiceY)), "100 % of the values", false},
		{"a constant source", must(t)(KSG{}.TransferEntropy(ctx, flat, y)), "source is constant", false},
		{"constants", must(t)(KSG{}.MutualInformation(ctx, flat, flat)), "y is constant", true},
		{"nearly the same", must(t)(KSG{}.MutualInformation(ctx, x, x)), "nears ln N = 5.99", false},
		{"a window that leaves few", must(t)(KSG{Window: 120}.MutualInformation(ctx, x, y)), "nats too high, as are surrogates", false},
		{"one surrogate", must(t)(KSG{Test: Test{Surrogates: 1}}.TransferEntropy(ctx, x, y)), "1 circular shift gives ", false},
		{"algorithm 2 with k 1", must(t)(KSG{Algorithm: 2, K: 1}.TransferEntropy(ctx, x, y)), "K below 3", false},
		{"many columns", must(t)(KSG{History: 6}.TransferEntropy(ctx, x, y)), "in 8 columns", false},
	} {
		if got := c.e.String(); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q does not say %q", c.reason, got, c.says)
		}
		if math.IsNaN(c.e.Value) || (c.e.Ties >= 0.02) != c.ties {
			t.Errorf("%s: value %v, ties %v", c.reason, c.e.Value, c.e.Ties)
		}
	}
	if got := must(t)(KSG{Window: 120}.TransferEntropy(ctx, x, y)).String(); strings.Contains(got, "too high") {
		t.Errorf("in a transfer entropy the numbers of rows cancel: %s", got)
	}
	calm := must(t)(KSG{Jitter: 1e-8}.TransferEntropy(ctx, round(x, 0.5), round(y, 0.5)))
	if calm.Ties != 0 || calm.Repeated != 0 || len(calm.Warnings) != 0 {
		t.Errorf("noise breaks all ties: %+v", calm)
	}
}

// What a window adds to the mutual information of independent values is what
// the warning says: 0.58 nats for 200 rows and a window of 50.
func TestExcessOfAWindow(t *testing.T) {
	const n, seeds = 200, 20
	var mean float64
	for seed := range uint64(seeds) {
		x, y := coupled(seed, n, 0, 0, 0)
		mean += must(t)(KSG{Window: 50}.MutualInformation(ctx, x, y)).Value / seeds
	}
	for _, trials := range [][]int{nil, {n}} {
		if want := excess(n, trials, 50); !(math.Abs(mean-want) <= 0.05) || !(want > 0.5) {
			t.Errorf("%.3f nats, the warning has %.3f", mean, want)
		}
	}
	if got := excess(n, slices.Repeat([]int{1}, n), 50); got != 0 {
		t.Errorf("trials of one row exclude nothing: %v", got)
	}
}
