package series

import (
	"fmt"
	"slices"
)

// Samples is what an estimator works on: rows of observations, their columns
// grouped into variables. Columns may share memory with the recording and are
// never written.
type Samples struct {
	Measure   string     // what the variables are laid out for, in words
	Variables []Variable // two for a mutual information; source, target and condition otherwise
	Trials    []int      // rows of each trial, in row order
	First     int        // rows at the start of each trial's series that had no past and gave no sample
}

// Variable is one or more columns whose rows belong together.
type Variable struct {
	Name    string
	Columns [][]float64
}

// Len returns the number of rows.
func (s Samples) Len() int {
	n := 0
	for _, t := range s.Trials {
		n += t
	}
	return n
}

// each returns the samples with f of every column, numbered over all
// variables. A column that occurs twice is the same column in the result.
func (s Samples) each(f func(int, []float64) []float64) Samples {
	s.Variables = slices.Clone(s.Variables)
	c := 0
	for i, v := range s.Variables {
		columns := make([][]float64, len(v.Columns))
		for j, x := range v.Columns {
			columns[j] = f(c, x)
			c++
		}
		s.Variables[i].Columns = columns
	}
	return s
}

// Validate returns an error that says what is wrong with the samples: no rows,
// columns that differ in length, a value that is no number.
func (s Samples) Validate() error {
	n := s.Len()
	if n == 0 {
		return fmt.Errorf("no samples: the series are empty")
	}
	for i, v := range s.Variables {
		if len(v.Columns) == 0 {
			return fmt.Errorf("variable %d (%s) has no columns", i, v.Name)
		}
		for _, c := range v.Columns {
			if len(c) != n {
				return &LengthError{"the sum of the trials", v.Name, n, len(c)}
			}
			if r := notFinite(c); r >= 0 {
				return &ValueError{v.Name, r, c[r]}
			}
		}
	}
	return nil
}

// Spread puts one value a row, as Local values of an estimate are, at the
// times of the series: the first rows of each trial, which gave no sample, are
// pad.
func (s Samples) Spread(values []float64, pad float64) []float64 {
	out := make([]float64, 0, len(values)+s.First*len(s.Trials))
	for _, n := range s.Trials {
		for range s.First {
			out = append(out, pad)
		}
		out = append(out, values[:n]...)
		values = values[n:]
	}
	return out
}
