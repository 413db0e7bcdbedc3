package info

import (
	"math"

	"surprisal/gpu/prim"
)

var nan = math.NaN()

// formula is one of the four formulas of KSG as constant − ⟨Σ_m term_m(n_m)⟩.
type formula struct {
	constant float64
	terms    [][]float64 // by marginal and count
	tables   [][]int64   // the same in fixed point
}

// newFormula makes the formula of e for N rows of two or three variables.
func newFormula(e KSG, variables, rows int) *formula {
	psi := prim.Psi(max(rows+1, e.K)) // too few rows for K are told of where they are counted
	plain := make([]float64, rows+1)
	less := plain // what counts the joint with the condition
	f := &formula{constant: psi[e.K]}
	if e.Algorithm == 1 {
		copy(plain, psi[1:])
	} else {
		copy(plain[1:], psi[1:]) // no count is 0: the neighbours are inside
		f.constant -= float64(variables-1) / float64(e.K)
		if variables == 3 {
			less = make([]float64, rows+1)
			for n := 1; n <= rows; n++ {
				less[n] = psi[n] - 1/float64(n)
			}
		}
	}
	if variables == 2 {
		f.constant += psi[rows]
		f.terms = [][]float64{plain, plain}
	} else {
		minus := make([]float64, rows+1)
		for n, v := range plain {
			minus[n] = -v
		}
		f.terms = [][]float64{less, less, minus}
	}
	f.tables = make([][]int64, len(f.terms))
	for m, t := range f.terms {
		if m > 0 && &t[0] == &f.terms[m-1][0] {
			f.tables[m] = f.tables[m-1]
			continue
		}
		f.tables[m] = make([]int64, len(t))
		for n, v := range t {
			f.tables[m][n] = prim.Fixed(v)
		}
	}
	return f
}

func (f *formula) value(s prim.Sum) float64 { return f.constant - s.Mean() }

// locals returns the term of each row, whose mean is the estimate.
func (f *formula) locals(c prim.Counts) []float64 {
	out := make([]float64, len(c.N[0]))
	for i := range out {
		sum := 0.0
		for m, t := range f.terms {
			sum += t[c.N[m][i]]
		}
		out[i] = f.constant - sum
	}
	return out
}
