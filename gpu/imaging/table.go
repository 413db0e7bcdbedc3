package imaging

import "math"

// table holds f(n) = round(scale · n log2 n) for all counts n that can occur.
// Sums of f are integers: adding and removing pixels in any order ends at the
// same number, and the window of one value ends at f(N) itself, so that its
// entropy (f(N) − Σ f) / (N·scale) is exactly 0. It cannot be negative: with two
// bins or more f(N) exceeds Σ f by far more than the rounding of f.
type table struct {
	scale float64
	f     []uint64  // nil: computed when asked
	up    []uint64  // up[n] = f(n+1) − f(n)
	unit  []float64 // 1/(n·scale): bits of n pixels are (f(n) − Σ f)·unit[n]
}

// exactArea is the largest N for which N log2 N · 2^44 stays below 2^64.
const exactArea = 65535

// newTable returns the table of counts up to maxN; tabulated says whether they
// are asked for so often that they should lie in memory.
func newTable(maxN int, tabulated bool) *table {
	t := &table{scale: 1 << 44}
	if maxN > exactArea {
		x := float64(maxN)
		t.scale = math.Exp2(62 - math.Ceil(math.Log2(x*math.Log2(x))))
	}
	if tabulated {
		t.f, t.up, t.unit = make([]uint64, maxN+1), make([]uint64, maxN+1), make([]float64, maxN+1)
		for n := range t.f {
			t.f[n], t.unit[n] = t.compute(n), 1/(float64(n)*t.scale)
		}
		for n := range maxN {
			t.up[n] = t.f[n+1] - t.f[n]
		}
	}
	return t
}

func (t *table) compute(n int) uint64 {
	if n < 2 {
		return 0
	}
	return uint64(math.Round(float64(n) * math.Log2(float64(n)) * t.scale))
}

func (t *table) at(n int) uint64 {
	if n < len(t.f) {
		return t.f[n]
	}
	return t.compute(n)
}

// perBin is the Miller–Madow correction in bits for each occupied bin but the
// first, of n pixels.
func perBin(n int) float64 { return 1 / (2 * math.Ln2 * float64(n)) }
