package main

import (
	"regexp"
	"strings"
	"testing"
)

// What a scientist writes first, without an import line.
func TestCellsEstimate(t *testing.T) {
	n := newBook(t)
	if r := n.run(`
		r := rand.New(rand.NewPCG(1, 2))
		x, y := make([]float64, 300), make([]float64, 300)
		for i := range x {
			x[i] = r.NormFloat64()
			if i > 0 {
				y[i] = x[i-1] + 0.5*r.NormFloat64()
			}
		}`); r.reply["status"] != "ok" {
		t.Fatal(r.lines, r.reply)
	}
	for _, c := range []struct{ code, pattern, reason string }{
		{`te, err := info.KSG{K: 4}.TransferEntropy(ctx, x, y)
		must(te, err)`, `^transfer entropy 0\.8\d\d\d nats: KSG algorithm 1, k = 4, maximum norm, 299 samples, on the CPU; not tested against surrogates$`, "one sentence"},
		{`must(info.KSG{Test: info.Test{Surrogates: 99, Kind: series.Permutation}}.MutualInformation(ctx, x, y))`, `^mutual information .* nats: .*; 99 permutations give .* p = 0\.\d+`, "with surrogates"},
		{`must(info.Plugin{}.Entropy([]int{0, 1, 0, 1}))`, `^entropy 1\.0000 bits: plug-in, 4 samples`, "symbols"},
		{`rec := must(series.New(series.Column{Name: "x", Unit: "K", Values: x}, series.Column{Name: "y", Values: y}))
		rec.WithStep(1, "d")`, `^recording, 300 rows, one every 1 d: x \(K\), y$`, "a recording"},
		{`g := must(causal.Pairwise{Surrogates: 99}.Of(ctx, rec))
		g`, `^causal graph of 2 series, .* 99 circular shifts: \d of 2 arrows are significant at a false discovery rate of 5 %: x → y \(lag 1 sample, 0\.8\d+ nats, q = 0\.02\)`, "a graph"},
		{`info.KSG{K: 17}.TransferEntropy(ctx, x, y)`, `K is 17: it must be from 1 to 16`, "an error is shown in words"},
	} {
		r := n.run(c.code)
		_, got, _ := strings.Cut(r.lines, "<result ")
		got = strings.TrimSuffix(got, ">")
		if !regexp.MustCompile(c.pattern).MatchString(got) {
			t.Errorf("%s: %q gave %s", c.reason, c.code, r.lines)
		}
	}
}
