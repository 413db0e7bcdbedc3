package info

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"surprisal/gpu/series"
)

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
	for _, c := range []struct {
		trials []int
		n      int
		reason string
	}{{[]int{299}, 299, "fewer rows"}, {[]int{150, 100, 50}, 300, "as many rows in other trials"}} {
		other, err := KSG{}.Embedding().Embed(c.trials, [][]float64{x[:c.n]}, [][]float64{y[:c.n]}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (KSG{}).All(ctx, []series.Samples{samples[0], other}); err == nil || !strings.Contains(err.Error(), "must be alike") {
			t.Errorf("%s: %v", c.reason, err)
		}
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
