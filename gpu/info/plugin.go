package info

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"surprisal/gpu/series"
)

// Plugin estimates the entropy and mutual information, in bits, of integers
// that stand for symbols, from how often each occurs: H = −Σ (n/N) log2(n/N).
// It is low by about (m−1)/(2N ln 2) bits, m being the number of different
// symbols, and a mutual information is high by a like amount; MillerMadow
// corrects for that (Miller 1955), after which a mutual information may be
// negative. Nothing is clamped.
type Plugin struct{ MillerMadow bool }

// Entropy estimates H(X) in bits.
func (p Plugin) Entropy(x []int) (Estimate, error) {
	if len(x) == 0 {
		return Estimate{}, fmt.Errorf("info: entropy: %w", errNoSymbols)
	}
	return p.estimate("entropy", len(x), p.bits(x)), nil
}

// MutualInformation estimates I(X;Y) = H(X) + H(Y) − H(X,Y) in bits; values of
// one index belong together.
func (p Plugin) MutualInformation(x, y []int) (Estimate, error) {
	if len(x) != len(y) {
		return Estimate{}, fmt.Errorf("info: mutual information: %w", &series.LengthError{A: "x", B: "y", NA: len(x), NB: len(y)})
	}
	if len(x) == 0 {
		return Estimate{}, fmt.Errorf("info: mutual information: %w", errNoSymbols)
	}
	return p.estimate("mutual information", len(x), p.bits(x)+p.bits(y)-p.bits(pairs(x, y))), nil
}

var errNoSymbols = errors.New("no values: at least one is needed")

func (p Plugin) estimate(measure string, n int, bits float64) Estimate {
	e := Estimate{Value: bits, Unit: "bits", Measure: measure, Method: "plug-in", N: n, Place: "CPU", Null: Null{P: nan}}
	if p.MillerMadow {
		e.Method += " with the Miller–Madow correction"
	}
	return e
}

// bits returns the entropy of x. Counts are summed from the smallest, so that
// it depends on them alone.
func (p Plugin) bits(x []int) float64 {
	v := slices.Clone(x)
	slices.Sort(v)
	var counts []int
	for i := 0; i < len(v); {
		j := i
		for j < len(v) && v[j] == v[i] {
			j++
		}
		counts = append(counts, j-i)
		i = j
	}
	slices.Sort(counts)
	n, sum := float64(len(x)), 0.0
	for _, c := range counts {
		sum += float64(float64(c) * math.Log2(float64(c)))
	}
	h := math.Log2(n) - sum/n
	if p.MillerMadow {
		h += float64(len(counts)-1) / (2 * n * math.Ln2)
	}
	return h
}

// pairs numbers the different pairs.
func pairs(x, y []int) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	compare := func(a, b int) int { return cmp.Or(cmp.Compare(x[a], x[b]), cmp.Compare(y[a], y[b])) }
	slices.SortFunc(order, compare)
	out, number := make([]int, len(x)), 0
	for i, row := range order {
		if i > 0 && compare(order[i-1], row) != 0 {
			number++
		}
		out[row] = number
	}
	return out
}
