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
		{1e9, 1e9 + 1, 2, "1000000000 1000000000.5 1000000001", "no two ticks read alike, however far from 0"},
		{1e12, 1e12 + 0.0005, 5, "1000000000000 1000000000000.0005", "steps too small to be counted at this distance from 0"},
		{-1.7e308, 1.7e308, 4, "−1.7e+308 1.7e+308", "a range that no float64 holds: the ends"},
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
		slack := (hi-lo)*1e-6 + max(math.Abs(lo), math.Abs(hi))*1e-15 // a few last places
		for i, x := range k {
			if !(x.at >= lo-slack && x.at <= hi+slack) || i > 0 && !(x.at > k[i-1].at) || x.label == "" || i > 0 && x.label == k[i-1].label {
				t.Fatalf("tick %d of %v in %v … %v", i, k, lo, hi)
			}
		}
	})
}

func TestNumber(t *testing.T) {
	for _, c := range []struct {
		v, other float64
		want     string
		reason   string
	}{
		{1.5, 1.5, "1.5", "no digits that say nothing"},
		{236.25, 1076.4, "236", "three digits where they suffice"},
		{1076.4, 236.25, "1076", "no exponent for a number that people write out"},
		{1234567.891, 1234567.891, "1234568", "what stands before the point is whole"},
		{1 + 1e-12, 1, "1.000000000001", "as many digits as tell it from the other"},
		{-2.99e14, 0, "−2.99e+14", "large numbers have exponents"},
		{math.Copysign(0, -1), 1, "0", "no −0"},
	} {
		if got := number(c.v, digits(c.v, c.other)); got != c.want {
			t.Errorf("%v beside %v (%s): %q, want %q", c.v, c.other, c.reason, got, c.want)
		}
	}
}

func TestColourOfValue(t *testing.T) {
	const huge = 1.7e308
	inf := math.Inf(1)
	for _, c := range []struct {
		lo, hi, v float64
		want      uint8
		reason    string
	}{
		{0, 1, 0, 0, "the smallest value has the first colour"},
		{0, 1, 1, mapColours - 1, "the largest has the last"},
		{0, 1, inf, mapColours - 1, "what lies beyond takes the end"},
		{0, 1, math.NaN(), nanColour, "NaN has a colour of its own"},
		{-huge, huge, -huge, 0, "ends whose distance no float64 holds"},
		{-huge, huge, 0, mapColours / 2, "and what lies between them"},
		{-huge, huge, huge, mapColours - 1, "up to the other end"},
		{5e-324, 1e-323, 1e-323, mapColours - 1, "the smallest float64 there are"},
		{3, 3, 3, mapColours / 2, "one value has the middle colour"},
		{3, 3, inf, mapColours - 1, "infinity beside one value does not look like it"},
		{3, 3, -inf, 0, "nor does its opposite"},
	} {
		s := &scale{lo: c.lo, hi: c.hi}
		if got := s.index(c.v); got != c.want {
			t.Errorf("%v in %v … %v (%s): colour %d, want %d", c.v, c.lo, c.hi, c.reason, got, c.want)
		}
		if s.at(0) != c.lo || s.at(1) != c.hi {
			t.Errorf("the ends of %v … %v are %v … %v", c.lo, c.hi, s.at(0), s.at(1))
		}
	}
}
