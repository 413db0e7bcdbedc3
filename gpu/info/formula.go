package info

import (
	"math"

	"surprisal/gpu/prim"
)

var nan = math.NaN()

// formula is one of the four formulas of KSG, written as
// constant − ⟨Σ_m term(m, n_m)⟩ over the marginals m.
type formula struct {
	constant    float64
	psi         []float64 // nil where there are no local values to make
	boxes       bool      // algorithm 2
	conditional bool
	tables      [][]int64 // the terms in fixed point, by marginal and count
}

// newFormula makes the formula of e for samples of two or three variables.
func newFormula(e KSG, variables, rows int) *formula {
	f := &formula{
		psi:   prim.Psi(max(rows+1, e.K)), // too few rows for K are told of where they are counted
		boxes: e.Algorithm == 2, conditional: variables == 3,
	}
	f.constant = f.psi[e.K]
	if f.boxes {
		f.constant -= float64(variables-1) / float64(e.K)
	}
	if !f.conditional {
		f.constant += f.psi[rows]
	}
	// The first two terms are alike.
	first := f.table(0, rows)
	f.tables = [][]int64{first, first}
	if f.conditional {
		f.tables = append(f.tables, f.table(2, rows))
	}
	if !e.Local {
		f.psi = nil
	}
	return f
}

// term is what a count n of marginal m adds. The marginals are (x, y), or (xz,
// yz, z).
func (f *formula) term(m, n int) float64 {
	if !f.boxes {
		n++
	}
	v := f.psi[n]
	switch {
	case m == 2:
		return -v
	case f.boxes && f.conditional:
		return v - 1/float64(n)
	}
	return v
}

func (f *formula) table(m, rows int) []int64 {
	if m != 2 && !f.boxes {
		return prim.PsiFixed(rows + 1)[1:]
	}
	t := make([]int64, rows+1)
	for n := range t {
		if n > 0 || !f.boxes { // a box holds the neighbours that span it
			t[n] = prim.Fixed(f.term(m, n))
		}
	}
	return t
}

func (f *formula) value(s prim.Sum) float64 { return f.constant - s.Mean() }

// locals returns the value of each row, whose mean is the estimate.
func (f *formula) locals(c prim.Counts) []float64 {
	out := make([]float64, len(c.N[0]))
	for i := range out {
		sum := 0.0
		for m := range c.N {
			sum += f.term(m, int(c.N[m][i]))
		}
		out[i] = f.constant - sum
	}
	return out
}
