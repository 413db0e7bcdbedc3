package info

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"surprisal/validation/oracle"
)

func TestPluginAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
		x, y, both := make([]int, n), make([]int, n), make([]int, n)
		kx, ky := 1+r.IntN(9), 1+r.IntN(9)
		for i := range n {
			x[i], y[i] = r.IntN(kx)-3, 1000*r.IntN(ky)
			both[i] = 10*x[i] + y[i]
		}
		hx, _, mx := oracle.Entropy(x)
		hy, _, my := oracle.Entropy(y)
		hxy, _, mxy := oracle.Entropy(both)
		for _, c := range []struct {
			p    Plugin
			h, i float64
		}{{Plugin{}, hx, hx + hy - hxy}, {Plugin{MillerMadow: true}, mx, mx + my - mxy}} {
			h, err := c.p.Entropy(x)
			if err != nil || !(math.Abs(h.Value-c.h) <= 1e-12) {
				t.Fatalf("%+v: entropy %v, want %v, %v", c.p, h.Value, c.h, err)
			}
			i, err := c.p.MutualInformation(x, y)
			if err != nil || !(math.Abs(i.Value-c.i) <= 1e-12) {
				t.Fatalf("%+v: mutual information %v, want %v, %v", c.p, i.Value, c.i, err)
			}
		}
	})
}

// All rows of a gate occur equally often.
func TestPluginClosedForms(t *testing.T) {
	a, b := []int{0, 0, 1, 1}, []int{0, 1, 0, 1}
	for _, c := range []struct {
		reason string
		x, y   []int
		want   float64
	}{
		{"a copy of a fair bit", a, a, 1},
		{"independent bits", a, b, 0},
		{"one input of an exclusive or", a, []int{0, 1, 1, 0}, 0},
		{"both inputs of an exclusive or", []int{0, 1, 2, 3}, []int{0, 1, 1, 0}, 1},
		{"one input of an and: H(1/4) − ½", a, []int{0, 0, 0, 1}, 2 - 0.75*math.Log2(3) - 0.5},
		{"a constant", a, []int{5, 5, 5, 5}, 0},
	} {
		got := must(t)(Plugin{}.MutualInformation(c.x, c.y))
		if !(math.Abs(got.Value-c.want) <= 1e-15) || got.Unit != "bits" {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
	}
	h := must(t)(Plugin{MillerMadow: true}.Entropy(a))
	if want := 1 + 1/(8*math.Ln2); !(math.Abs(h.Value-want) <= 1e-15) {
		t.Errorf("%v, want %v", h, want)
	}
	if got, want := h.String(), "entropy 1.1803 bits: plug-in with the Miller–Madow correction, 4 samples, on the CPU"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPluginErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{second(Plugin{}.Entropy(nil)), "no values"},
		{second(Plugin{}.MutualInformation(nil, nil)), "no values"},
		{second(Plugin{}.MutualInformation([]int{1}, nil)), "x has 1 values and y has 0"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%v does not say %q", c.err, c.says)
		}
	}
}
