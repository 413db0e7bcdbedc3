package info

import (
	"fmt"
	"math"
	"strings"

	"surprisal/gpu/series"
)

// Test says which surrogates an estimate is held against: the data with the
// rows of one variable reordered (the source of a transfer entropy or of a
// conditional mutual information, the second variable of a mutual information),
// so that nothing is left to find. The zero value is no test.
type Test struct {
	Surrogates int         // 999 lets p be as small as 0.001
	Kind       series.Kind // default series.CircularShift
	Seed       uint64
	JIDT       bool // p as JIDT has it, count/S, which can be 0
}

func (t Test) surrogates() series.Surrogates {
	return series.Surrogates{Kind: t.Kind, Count: t.Surrogates, Seed: t.Seed}
}

// Null is what surrogates gave. Without a test it is zero.
type Null struct {
	Surrogates int
	Kind       series.Kind
	Mean, SD   float64
	P          float64   // (count+1)/(S+1), count of those that reach the estimate
	Values     []float64 // by surrogate
}

// fill makes mean, deviation and p of the values.
func (n *Null) fill(value float64, t Test) {
	n.Surrogates, n.Kind = len(n.Values), t.Kind
	if n.Surrogates == 0 {
		n.P = nan
		return
	}
	count := 0
	for _, v := range n.Values {
		n.Mean += v
		if v >= value {
			count++
		}
	}
	s := float64(n.Surrogates)
	n.Mean /= s
	for _, v := range n.Values {
		d := v - n.Mean
		n.SD += float64(d * d)
	}
	n.SD = math.Sqrt(n.SD / (s - 1)) // NaN for one
	n.P = float64(count+1) / (s + 1)
	if t.JIDT {
		n.P = float64(count) / s
	}
}

func (n Null) String() string {
	if n.Surrogates == 0 {
		return "no surrogates"
	}
	return fmt.Sprintf("%d %v: %.4f ± %.4f, p = %.2g", n.Surrogates, n.Kind, n.Mean, n.SD, n.P)
}

// gave says what the surrogates gave. One has no deviation.
func (n Null) gave() string {
	if n.Surrogates == 1 {
		return fmt.Sprintf("1 %s gives %.4f", strings.TrimSuffix(n.Kind.String(), "s"), n.Mean)
	}
	return fmt.Sprintf("%d %v give %.4f ± %.4f", n.Surrogates, n.Kind, n.Mean, n.SD)
}
