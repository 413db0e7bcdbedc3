package prim

import (
	"math"
	"sync"
)

// FixedBits is the number of binary places of fixed-point values.
const FixedBits = 38

// Fixed rounds x to a multiple of 2^-38 and returns it in that unit. Values up
// to 2^25 in magnitude fit; the error is at most 2^-39.
func Fixed(x float64) int64 { return int64(math.RoundToEven(x * (1 << FixedBits))) }

// FromFixed returns a fixed-point value as a float64.
func FromFixed(v int64) float64 { return float64(v) * (1.0 / (1 << FixedBits)) }

// Psi returns the digamma function ψ at 0 … n, indexed by its argument and
// rounded correctly to all but one in 10^10 entries, to the next float64 in
// those. Entry 0, a pole, is NaN.
func Psi(n int) []float64 {
	t := make([]float64, n+1)
	t[0] = math.NaN()
	values, s := known.first(n)
	copy(t[1:], values)
	for ; s.n <= n; s.next() {
		t[s.n] = s.hi
	}
	return t
}

// PsiFixed returns the digamma function at 0 … n in fixed point. Entry 0, a
// pole, is 0: no sum of an estimator looks at it.
func PsiFixed(n int) []int64 {
	t := make([]int64, n+1)
	values, s := known.first(n)
	for i, v := range values {
		t[i+1] = Fixed(v)
	}
	for ; s.n <= n; s.next() {
		t[s.n] = Fixed(s.hi)
	}
	return t
}

// known are the values that somebody has asked for before. It is a constant that
// takes time to write down, 0.1 ms for 10,000 entries, half of what an estimate of as
// many samples takes on a GPU.
var known digammaTable

const mostKnown = 1 << 20

type digammaTable struct {
	mu     sync.Mutex
	values []float64 // ψ(1), ψ(2), …; what is there never changes
	next   *digammas // behind the last
}

// first returns ψ(1) to ψ(n), or to ψ(mostKnown) and where to go on from there.
func (d *digammaTable) first(n int) ([]float64, digammas) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next == nil {
		d.next = newDigammas()
	}
	for ; d.next.n <= min(n, mostKnown); d.next.next() {
		d.values = append(d.values, d.next.hi)
	}
	if n <= len(d.values) {
		return d.values[:max(0, n)], digammas{n: n + 1}
	}
	return d.values, *d.next
}

// digammas walks along ψ(1) = −γ, ψ(n+1) = ψ(n) + 1/n (Abramowitz and Stegun
// 6.3.2, 6.3.5) in pairs of float64 whose sum carries 106 bits: 10^6 steps in
// plain float64 would be off by 10^-12. Only +, −, / and fused multiply-add are
// used, which IEEE 754 rounds alike on every machine; a logarithm is not.
type digammas struct {
	n      int
	hi, lo float64 // ψ(n) = hi + lo, |lo| at most half a unit of hi
}

// gammaHi and gammaLo add up to the Euler–Mascheroni constant,
// 0.57721566490153286060651209008240243104215933593992….
const (
	gammaHi = 0.57721566490153286060651209008240243104215933593992
	gammaLo = -4.942915152430645e-18
)

func newDigammas() *digammas { return &digammas{n: 1, hi: -gammaHi, lo: -gammaLo} }

func (s *digammas) next() {
	n := float64(s.n)
	q := 1 / n
	r := math.FMA(-q, n, 1) / n // 1/n = q + r
	sum := s.hi + q
	b := sum - s.hi
	err := (s.hi - (sum - b)) + (q - b) // Knuth's two-sum
	err += s.lo + r
	s.hi = sum + err
	s.lo = err - (s.hi - sum)
	s.n++
}
