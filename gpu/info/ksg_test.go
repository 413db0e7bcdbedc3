package info

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"surprisal/gpu/prim"
	"surprisal/gpu/series"
)

var ctx = context.Background()

// gauss returns n rows of d independent pairs of correlation rho.
func gauss(seed uint64, n, d int, rho float64) (x, y [][]float64) {
	r := rand.New(rand.NewPCG(seed, 1))
	for range d {
		a, b := make([]float64, n), make([]float64, n)
		for i := range n {
			a[i] = r.NormFloat64()
			b[i] = rho*a[i] + math.Sqrt(1-rho*rho)*r.NormFloat64()
		}
		x, y = append(x, a), append(y, b)
	}
	return x, y
}

// coupled returns x[t] = a·x[t−1] + noise, y[t] = b·y[t−1] + c·x[t−1] + noise.
func coupled(seed uint64, n int, a, b, c float64) (x, y []float64) {
	r := rand.New(rand.NewPCG(seed, 2))
	x, y = make([]float64, n), make([]float64, n)
	px, py := 0.0, 0.0
	for i := -200; i < n; i++ {
		px, py = a*px+r.NormFloat64(), b*py+c*px+r.NormFloat64()
		if i >= 0 {
			x[i], y[i] = px, py
		}
	}
	return x, y
}

// transferTruth is the transfer entropy of coupled with histories of one row,
// ½ ln of the ratio of the variances of y[t] given y[t−1] without and with
// x[t−1], from the stationary covariances.
func transferTruth(a, b, c float64) float64 {
	vx := 1 / (1 - a*a)
	xy := a * c * vx / (1 - a*b)
	vy := (c*c*vx + 2*b*c*xy + 1) / (1 - b*b)
	return math.Log(1+c*c*(vx-xy*xy/vy)) / 2
}

func TestTransferTruth(t *testing.T) {
	// From determinants of the process's covariance matrices, computed in Python.
	if got := transferTruth(0.5, 0.5, 0.5); !(math.Abs(got-0.13483178347455121) <= 1e-15) {
		t.Errorf("%v", got)
	}
}

// The mean of several runs must lie within four standard errors, as their
// scatter gives them, and the bias that the estimator is known to have in so
// few samples: about −0.5 % of the value a column at k = 4, more for algorithm
// 2, whose rectangles shrink.
func TestGaussianMutualInformation(t *testing.T) {
	for _, c := range []struct {
		n, d      int
		rho, bias float64
		algorithm int
	}{
		{400, 1, 0, 0.005, 1}, {400, 1, 0.3, 0.005, 1}, {400, 1, 0.6, 0.008, 1}, {400, 1, 0.9, 0.015, 1},
		{100, 1, 0.6, 0.02, 1}, {1000, 1, 0.6, 0.005, 1}, {400, 2, 0.6, 0.04, 1}, {400, 3, 0.6, 0.12, 1},
		{400, 1, 0.6, 0.02, 2}, {400, 1, 0, 0.02, 2},
	} {
		truth := -float64(c.d) / 2 * math.Log(1-c.rho*c.rho)
		mean, err := repeat(12, func(seed uint64) float64 {
			x, y := gauss(seed, c.n, c.d, c.rho)
			s, err := series.Lagged([]int{c.n}, 0, x, y, nil)
			if err != nil {
				t.Fatal(err)
			}
			return must(t)(KSG{Algorithm: c.algorithm}.Of(ctx, s)).Value
		})
		if !(math.Abs(mean-truth) <= c.bias+4*err) {
			t.Errorf("N %d, %d pairs, rho %v, algorithm %d: mean %.4f ± %.4f nats, truth %.4f", c.n, c.d, c.rho, c.algorithm, mean, err, truth)
		}
	}
}

func TestGaussianTransferEntropy(t *testing.T) {
	for _, c := range []struct {
		n             int
		a, b, c, bias float64
		back          bool // from y to x, where nothing flows
	}{
		{500, 0.5, 0.5, 0.5, 0.03, false}, {1000, 0.5, 0.5, 0.5, 0.02, false}, {500, 0.3, 0.4, 0.8, 0.05, false},
		{500, 0.5, 0.5, 0, 0.005, false}, {500, 0.5, 0.5, 0.5, 0.005, true},
	} {
		truth := transferTruth(c.a, c.b, c.c)
		if c.back {
			truth = 0
		}
		mean, err := repeat(12, func(seed uint64) float64 {
			x, y := coupled(seed, c.n, c.a, c.b, c.c)
			if c.back {
				x, y = y, x
			}
			return must(t)(KSG{}.TransferEntropy(ctx, x, y)).Value
		})
		if !(math.Abs(mean-truth) <= c.bias+4*err) {
			t.Errorf("%+v: mean %.4f ± %.4f nats, truth %.4f", c, mean, err, truth)
		}
	}
}

// A driver of both is the cause of what one seems to say about the other: given
// it, nothing is left.
func TestConditionalTransferEntropyExplainsAway(t *testing.T) {
	const n = 800
	r := rand.New(rand.NewPCG(7, 7))
	x, y, z := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		z[i] = r.NormFloat64()
		if i > 0 {
			x[i] = z[i-1] + 0.3*r.NormFloat64()
		}
		if i > 1 {
			y[i] = z[i-2] + 0.3*r.NormFloat64()
		}
	}
	plain := must(t)(KSG{}.TransferEntropy(ctx, x, y))
	given := must(t)(KSG{ConditionHistory: 2}.ConditionalTransferEntropy(ctx, x, y, z))
	if !(plain.Value >= 0.5) || !(math.Abs(given.Value) <= 0.05) {
		t.Errorf("%v\n%v", plain, given)
	}
}

func repeat(n int, f func(seed uint64) float64) (mean, standardError float64) {
	v := make([]float64, n)
	for i := range v {
		v[i] = f(uint64(i))
		mean += v[i] / float64(n)
	}
	for _, x := range v {
		standardError += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(standardError / float64(n-1) / float64(n))
}

func must(t testing.TB) func(Estimate, error) Estimate {
	return func(e Estimate, err error) Estimate {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

// draw draws three series, rounded or not, and an estimator.
func draw(t *rapid.T) (e KSG, x, y, z []float64, rounded bool) {
	n := rapid.IntRange(40, 120).Draw(t, "n")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
	levels := rapid.SampledFrom([]float64{0, 0, 2, 8}).Draw(t, "levels") // 0: continuous
	column := func() []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = r.NormFloat64()
			if levels > 0 {
				v[i] = math.Round(v[i]*levels) / levels
			}
		}
		return v
	}
	x, y, z = column(), column(), column()
	for i := 1; i < n; i++ {
		y[i] += x[i-1] / 2
	}
	e = KSG{
		K: rapid.IntRange(1, 6).Draw(t, "k"), Algorithm: rapid.IntRange(1, 2).Draw(t, "algorithm"),
		Window: rapid.IntRange(0, 5).Draw(t, "window"), Threads: 1,
	}
	return e, x, y, z, levels > 0
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, x, y, z, rounded := draw(t)
		keep := [][]float64{slices.Clone(x), slices.Clone(y), slices.Clone(z)}
		estimate := func(est Estimate, err error) float64 {
			if err != nil {
				t.Fatal(err)
			}
			return est.Value
		}
		same := func(what string, a, b float64) {
			if a != b {
				t.Fatalf("%s: %v and %v", what, a, b)
			}
		}
		mi := estimate(e.MutualInformation(ctx, x, y))
		te := estimate(e.TransferEntropy(ctx, x, y))
		cmi := estimate(e.ConditionalMutualInformation(ctx, x, y, z))
		if math.IsNaN(mi + te + cmi) {
			t.Fatal(mi, te, cmi)
		}
		same("symmetry", mi, estimate(e.MutualInformation(ctx, y, x)))
		same("symmetry given z", cmi, estimate(e.ConditionalMutualInformation(ctx, y, x, z)))
		threads := e
		threads.Threads = 3
		same("threads", te, estimate(threads.TransferEntropy(ctx, x, y)))

		mapped := func(f func(float64) float64, v []float64) []float64 {
			out := make([]float64, len(v))
			for i, a := range v {
				out[i] = f(a)
			}
			return out
		}
		grown, turned := mapped(func(a float64) float64 { return 1024 * a }, x), mapped(func(a float64) float64 { return -a }, y)
		same("scale and sign", te, estimate(e.TransferEntropy(ctx, grown, turned)))
		same("a constant condition", te, estimate(e.ConditionalTransferEntropy(ctx, x, y, make([]float64, len(x)))))

		// Given a constant, algorithm 1 counts all others in z but for the
		// window, and the two formulas meet. Algorithm 2 has other corrections,
		// and where the K-th neighbour is at the distance 0 nothing is nearer.
		if e.Algorithm == 1 && e.Window == 0 && !rounded {
			c := estimate(e.ConditionalMutualInformation(ctx, x, y, make([]float64, len(x))))
			if !(math.Abs(c-mi) <= 1e-10) {
				t.Fatalf("given a constant %v, without %v", c, mi)
			}
		}
		// Only the maximum over columns of one scale is the same for any order
		// of the rows: sums in row order differ in the last bit.
		e.Normalise, e.Window = series.None, 0
		order := rand.New(rand.NewPCG(1, 1)).Perm(len(x))
		px, py := make([]float64, len(x)), make([]float64, len(x))
		for i, j := range order {
			px[i], py[i] = x[j], y[j]
		}
		if e.Algorithm == 1 || !rounded { // which of tied neighbours are taken depends on the order
			same("row order", estimate(e.MutualInformation(ctx, x, y)), estimate(e.MutualInformation(ctx, px, py)))
		}
		for i, v := range [][]float64{x, y, z} {
			if !slices.Equal(v, keep[i]) {
				t.Fatal("the data were modified")
			}
		}
	})
}

// One variable of several columns, trials and a batch of samples.
func TestBatchEqualsSingle(t *testing.T) {
	x, y := coupled(3, 300, 0.5, 0.5, 0.5)
	z, _ := coupled(4, 300, 0.5, 0.5, 0.5)
	var samples []series.Samples
	for _, trials := range [][]int{{300}, {100, 150, 50}} {
		samples = samples[:0]
		e := KSG{K: 3, Window: 2, Test: Test{Surrogates: 7, Seed: 4}}
		for _, p := range [][2][]float64{{x, y}, {y, x}, {x, z}, {z, y}} {
			s, err := e.Embedding().Embed(trials, p[:1], p[1:], nil)
			if err != nil {
				t.Fatal(err)
			}
			samples = append(samples, s)
		}
		all, err := e.All(ctx, samples)
		if err != nil {
			t.Fatal(err)
		}
		small := e
		small.orderBytes = 1 // one ordering at a time
		for i, s := range samples {
			for _, e := range []KSG{e, small} {
				one := must(t)(e.Of(ctx, s))
				if one.Value != all[i].Value || !slices.Equal(one.Null.Values, all[i].Null.Values) || one.Null.P != all[i].Null.P || len(one.Null.Values) != 7 {
					t.Errorf("trials %v, samples %d: alone %v %v, in a batch %v %v", trials, i, one.Value, one.Null, all[i].Value, all[i].Null)
				}
			}
		}
	}
	if none, err := (KSG{}).All(ctx, nil); none != nil || err != nil {
		t.Error(none, err)
	}
	short, err := KSG{}.Embedding().Embed([]int{299}, [][]float64{x[:299]}, [][]float64{y[:299]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (KSG{}).All(ctx, []series.Samples{samples[0], short}); err == nil || !strings.Contains(err.Error(), "must be alike") {
		t.Errorf("%v", err)
	}
}

func TestLocalValues(t *testing.T) {
	x, y := coupled(3, 200, 0.5, 0.5, 0.5)
	for _, e := range []KSG{{Local: true}, {Local: true, Algorithm: 2, History: 3}} {
		est := must(t)(e.TransferEntropy(ctx, x, y))
		if len(est.Local) != len(x) || est.First != max(1, e.History) {
			t.Fatalf("%d local values from %d on", len(est.Local), est.First)
		}
		sum := 0.0
		for i, v := range est.Local {
			if math.IsNaN(v) != (i < est.First) {
				t.Fatalf("local value %d is %v", i, v)
			}
			if i >= est.First {
				sum += v
			}
		}
		// The average is of a table rounded to 2^-38.
		if got := sum / float64(est.N); !(math.Abs(got-est.Value) <= 1e-11) {
			t.Errorf("mean of the local values %v, estimate %v", got, est.Value)
		}
	}
}

// What follows x by three rows is best told by the value three rows ago.
func TestDelayOfACopy(t *testing.T) {
	x, _ := coupled(5, 303, 0, 0, 0)
	y := append([]float64{0, 0, 0}, x[:300]...)
	for delay := 1; delay <= 5; delay++ {
		te := must(t)(KSG{Delay: delay}.TransferEntropy(ctx, x, y))
		if delay == 3 && !(te.Value >= 2) || delay != 3 && !(math.Abs(te.Value) <= 0.1) {
			t.Errorf("delay %d: %v", delay, te)
		}
	}
	now := must(t)(KSG{Delay: series.Instant}.TransferEntropy(ctx, y, y))
	if !(now.Value >= 2) {
		t.Errorf("a series says all about itself at the same instant: %v", now)
	}
}

func TestNormalisation(t *testing.T) {
	x, y := coupled(3, 200, 0.5, 0.5, 0.5)
	for i := range x {
		x[i] *= 1000
	}
	zscored := must(t)(KSG{Normalise: series.None}.TransferEntropy(ctx, series.ZScore(x), series.ZScore(y)))
	whole := must(t)(KSG{Normalise: series.Series}.TransferEntropy(ctx, x, y))
	if whole.Value != zscored.Value {
		t.Errorf("whole series: %v, normalised by hand %v", whole.Value, zscored.Value)
	}
	rec, err := series.New(series.Column{Name: "x", Values: x}, series.Column{Name: "y", Values: y})
	if err != nil {
		t.Fatal(err)
	}
	rec, e := KSG{Normalise: series.Series}.Prepare(rec)
	s, err := e.Embedding().Of(rec, []string{"x"}, []string{"y"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := must(t)(e.Of(ctx, s)); got.Value != whole.Value || got.Method != whole.Method || !strings.Contains(got.Method, "series normalised") {
		t.Errorf("prepared: %v, in one call %v", got, whole)
	}
	none, embedded := must(t)(KSG{Normalise: series.None}.TransferEntropy(ctx, x, y)), must(t)(KSG{}.TransferEntropy(ctx, x, y))
	if !(none.Value <= embedded.Value-0.02) {
		t.Errorf("a variable of a thousand times the scale hides the others: %v, normalised %v", none.Value, embedded.Value)
	}
}

func TestSurrogates(t *testing.T) {
	x, y := coupled(3, 300, 0.5, 0.5, 0.5)
	for _, kind := range []series.Kind{series.CircularShift, series.Permutation} {
		e := KSG{Test: Test{Surrogates: 99, Kind: kind, Seed: 1}}
		there, back := must(t)(e.TransferEntropy(ctx, x, y)), must(t)(e.TransferEntropy(ctx, y, x))
		if there.Null.P != 0.01 || !(back.Null.P >= 0.05) {
			t.Errorf("%v: p is %v with and %v against the arrow", kind, there.Null.P, back.Null.P)
		}
		if d := there.Effective() - (there.Value - there.Null.Mean); d != 0 || !(there.Null.SD > 0) {
			t.Errorf("%+v", there.Null)
		}
		e.Test.JIDT = true
		if p := must(t)(e.TransferEntropy(ctx, x, y)).Null.P; p != 0 {
			t.Errorf("as JIDT has it p is %v", p)
		}
	}
	few := must(t)(KSG{K: 2, Test: Test{Surrogates: 99}}.TransferEntropy(ctx, x[:30], y[:30]))
	if few.Null.Surrogates != 28 || !strings.Contains(few.String(), "only 28 different circular shifts") {
		t.Errorf("29 samples have 28 shifts: %v", few)
	}
	if e := must(t)(KSG{}.TransferEntropy(ctx, x, y)); !math.IsNaN(e.Effective()) || !math.IsNaN(e.Null.P) {
		t.Errorf("without a test: %+v", e.Null)
	}
}

// Where nothing flows, p must be 0.1 or less in one case of ten: of 200 cases,
// 20 with a standard deviation of 4.2. Permutations of slow series promise too
// much: that is why circular shifts are the default.
func TestPValuesHoldWhereNothingFlows(t *testing.T) {
	const cases = 200
	for _, c := range []struct {
		kind       series.Kind
		a, b, c    float64
		least, top int
		reason     string
	}{
		{series.CircularShift, 0.5, 0.5, 0.5, 8, 33, "against the arrow"},
		{series.CircularShift, 0.9, 0.9, 0, 8, 33, "two slow series that do not know each other"},
		{series.Permutation, 0.5, 0.5, 0.5, 8, 33, "against the arrow"},
		{series.Permutation, 0.9, 0.9, 0, 34, 80, "two slow series: rows are not independent"},
	} {
		small := 0
		for seed := range uint64(cases) {
			x, y := coupled(seed, 100, c.a, c.b, c.c)
			if must(t)(KSG{Test: Test{Surrogates: 29, Kind: c.kind, Seed: seed}}.TransferEntropy(ctx, y, x)).Null.P <= 0.1 {
				small++
			}
		}
		if small < c.least || small > c.top {
			t.Errorf("%v, %s: p is at most 0.1 in %d of %d cases, want %d to %d", c.kind, c.reason, small, cases, c.least, c.top)
		}
	}
}

func TestBadInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	good, _ := coupled(1, 50, 0.5, 0.5, 0.5)
	with := func(v float64) []float64 { c := slices.Clone(good); c[20] = v; return c }
	te := func(e KSG, x, y []float64) error { _, err := e.TransferEntropy(ctx, x, y); return err }
	mi := func(e KSG, x, y []float64) error { _, err := e.MutualInformation(ctx, x, y); return err }
	bad := series.Samples{Trials: []int{50}, Variables: []series.Variable{{Columns: [][]float64{good}}}}
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
		{"no context", second(KSG{}.MutualInformation(nil, good, good)), "no context"},
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
	calm := must(t)(KSG{Jitter: 1e-8}.TransferEntropy(ctx, round(x, 0.5), round(y, 0.5)))
	if calm.Ties != 0 || calm.Repeated != 0 || len(calm.Warnings) != 0 {
		t.Errorf("noise breaks all ties: %+v", calm)
	}
}

func TestEstimateInWords(t *testing.T) {
	x, y := coupled(3, 300, 0.5, 0.5, 0.5)
	e := must(t)(KSG{K: 4}.TransferEntropy(ctx, x, y))
	want := fmt.Sprintf("transfer entropy %.4f nats: KSG algorithm 1, k = 4, maximum norm, 299 samples, on the CPU; not tested against surrogates", e.Value)
	if e.String() != want {
		t.Errorf("got  %s\nwant %s", e, want)
	}
	e = Estimate{Value: -0.01, Unit: "nats", Measure: "mutual information", Method: "m", N: 9, K: 4, Place: "CPU", Null: Null{Surrogates: 99, Mean: 0.02, SD: 0.01, P: 0.5}}
	want = "mutual information -0.0100 nats: m, 9 samples, on the CPU; 99 circular shifts give 0.0200 ± 0.0100 nats, so it is -0.0300 above chance, p = 0.5; negative because the estimator's bias is corrected: it scatters around 0 where there is nothing to find"
	if e.String() != want {
		t.Errorf("got  %s\nwant %s", e, want)
	}
	if b := e.Bits(); !(math.Abs(b+0.01/math.Ln2) <= 1e-15) || e.Nats() != -0.01 {
		t.Errorf("%v bits, %v nats", b, e.Nats())
	}
	b := Estimate{Value: 1, Unit: "bits"}
	if b.Bits() != 1 || b.Nats() != math.Ln2 {
		t.Errorf("%v bits, %v nats", b.Bits(), b.Nats())
	}
}
