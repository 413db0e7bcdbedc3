package forecast

import "math"

// triangle is the R of a QR factorisation that takes in its rows by blocks, so
// that least squares over a long series need no matrix of its length. The last
// column is the right side: below the diagonal it leaves the residuals, and its
// squares from row j on add up to the residue of a fit by the first j columns.
type triangle struct {
	r [][]float64 // by column: r[j][i], i <= j
}

func newTriangle(columns int) *triangle {
	t := &triangle{r: make([][]float64, columns)}
	for j := range t.r {
		t.r[j] = make([]float64, columns)
	}
	return t
}

// absorb takes in the rows of a block, whose columns it overwrites, by
// Householder reflections of each diagonal element with the column below it.
func (t *triangle) absorb(block [][]float64) {
	for j, x := range block {
		s := dot(x, x)
		if s == 0 {
			continue
		}
		alpha := t.r[j][j]
		beta := -math.Copysign(math.Sqrt(alpha*alpha+s), alpha)
		v := alpha - beta
		scale := 2 / (v*v + s)
		for l := j + 1; l < len(block); l++ {
			y := block[l][:len(x)]
			w := scale * (v*t.r[l][j] + dot(x, y))
			t.r[l][j] -= w * v
			for i, xi := range x {
				y[i] -= w * xi
			}
		}
		t.r[j][j] = beta
	}
}

// residue returns the sum of squares that the first k columns leave.
func (t *triangle) residue(k int) float64 {
	last := t.r[len(t.r)-1]
	var s float64
	for _, v := range last[k:] {
		s += v * v
	}
	return s
}

// rank returns the number of leading columns that do not depend, to rounding,
// on those before them, of the first k.
func (t *triangle) rank(k int) int {
	for j := range k {
		c := t.r[j][:j+1]
		if !(math.Abs(c[j]) > 1e-12*math.Sqrt(dot(c, c))) {
			return j
		}
	}
	return k
}

// solve returns the coefficients of the first k columns.
func (t *triangle) solve(k int) []float64 {
	c := make([]float64, k)
	copy(c, t.r[len(t.r)-1])
	for j := k - 1; j >= 0; j-- {
		c[j] /= t.r[j][j]
		for i := range j {
			c[i] -= c[j] * t.r[j][i]
		}
	}
	return c
}

// spread returns the standard error of the sum of the first len(a) coefficients
// with weights a, for noise of standard deviation 1: the length of R⁻ᵀ·a.
func (t *triangle) spread(a []float64) float64 {
	z := make([]float64, len(a))
	var s float64
	for j := range a {
		z[j] = (a[j] - dot(t.r[j][:j], z[:j])) / t.r[j][j]
		s += z[j] * z[j]
	}
	return math.Sqrt(s)
}
