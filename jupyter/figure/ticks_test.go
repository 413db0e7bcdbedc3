package figure

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		want   string
		reason string
	}{
		{0, 6.74, 7, "0 1 2 3 4 5 6", "whole numbers have no decimals"},
		{236, 1076, 8, "400 600 800 1000", "only values inside the range"},
		{0, 1, 4, "0.0 0.5 1.0", "all with the same decimals"},
		{-0.25, 0.25, 5, "−0.2 −0.1 0.0 0.1 0.2", "a true minus, and no −0"},
		{3, 3, 5, "3", "one value"},
		{-1e-9, 2e-9, 3, "−1e−09 0 1e−09 2e−09", "small values have exponents"},
		{1e6, 1e6 + 1, 2, "1000000.0 1000000.5 1000001.0", "a small range far from 0"},
		{0.24, 0.26, 1, "0.24 0.26", "no round value inside: the ends"},
	} {
		got := ""
		for i, k := range ticks(c.lo, c.hi, c.n) {
			if i > 0 {
				got += " "
			}
			got += k.label
		}
		if got != c.want {
			t.Errorf("%v … %v (%s): %q, want %q", c.lo, c.hi, c.reason, got, c.want)
		}
	}
}

func TestTicksAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-1e12, 1e12).Draw(t, "lo")
		hi := lo + math.Abs(rapid.Float64Range(-1e12, 1e12).Draw(t, "span"))
		n := rapid.IntRange(1, 30).Draw(t, "n")
		k := ticks(lo, hi, n)
		if len(k) == 0 || len(k) > n+2 && len(k) > 3 {
			t.Fatalf("%d ticks, about %d were asked for", len(k), n)
		}
		slack := (hi - lo) * 1e-6
		for i, x := range k {
			if !(x.at >= lo-slack && x.at <= hi+slack) || i > 0 && !(x.at > k[i-1].at) || x.label == "" {
				t.Fatalf("tick %d of %v in %v … %v", i, k, lo, hi)
			}
		}
	})
}
