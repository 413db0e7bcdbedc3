package series

import (
	"fmt"
	"math"
	"slices"
)

// ValueError says that a value is NaN or infinite where a number is needed.
type ValueError struct {
	Column string
	Row    int // from 0
	Value  float64
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s is %v at row %d (from 0); cut such rows off (Trim) or fill short gaps (FillGaps) first", e.Column, e.Value, e.Row)
}

// CheckValues returns a ValueError for the first value that is no number, under
// that name, or nil.
func CheckValues(name string, x []float64) error {
	if i := notFinite(x); i >= 0 {
		return &ValueError{name, i, x[i]}
	}
	return nil
}

// notFinite returns the first row that is no number, or -1.
func notFinite(x []float64) int {
	// v-v is 0 of a number, and their sum too. Four sums wait for nothing but
	// themselves.
	var a, b, c, d float64
	y := x
	for len(y) >= 4 {
		a, b, c, d = a+(y[0]-y[0]), b+(y[1]-y[1]), c+(y[2]-y[2]), d+(y[3]-y[3])
		y = y[4:]
	}
	for _, v := range y {
		a += v - v
	}
	if a+b+c+d == 0 {
		return -1
	}
	return slices.IndexFunc(x, func(v float64) bool { return v-v != 0 })
}

// Check returns an error that names the first value which is no number.
func (r Recording) Check() error {
	for _, c := range r.columns {
		if err := CheckValues(c.Name, c.Values); err != nil {
			return fmt.Errorf("series: %w", err)
		}
	}
	return nil
}

// FillGaps returns the recording with missing values (NaN) replaced by the
// straight line between their neighbours in time, in gaps of at most that many
// rows. A longer gap is an error, and so is one at the start or the end of a
// trial, where there is nothing to draw a line to. What is filled in was not
// measured: it makes a series look smoother than it is.
func (r Recording) FillGaps(most int) (Recording, error) {
	return r.each(func(c Column) ([]float64, error) {
		out := make([]float64, 0, len(c.Values))
		for _, n := range r.Trials() {
			start := len(out)
			out = append(out, c.Values[start:start+n]...)
			if err := fill(out[start:], most); err != nil {
				return nil, fmt.Errorf("series: fill gaps: %s at row %d (from 0): %w", c.Name, start+err.row, err)
			}
		}
		return out, nil
	})
}

// gapError tells of a gap that cannot be filled.
type gapError struct {
	row, rows int
	edge      bool
	most      int
}

func (e *gapError) Error() string {
	if e.edge {
		return fmt.Sprintf("%d values are missing at the edge of a trial, where no line leads; cut them off", e.rows)
	}
	return fmt.Sprintf("%d values are missing together, and at most %d may be filled; cut there", e.rows, e.most)
}

func fill(x []float64, most int) *gapError {
	for i := 0; i < len(x); i++ {
		if !math.IsNaN(x[i]) {
			continue
		}
		end := i
		for end < len(x) && math.IsNaN(x[end]) {
			end++
		}
		n := end - i
		switch {
		case i == 0 || end == len(x):
			return &gapError{i, n, true, most}
		case n > most:
			return &gapError{i, n, false, most}
		}
		a, b := x[i-1], x[end]
		for j := range n {
			w := float64(j+1) / float64(n+1)
			x[i+j] = float64(a*(1-w)) + float64(b*w)
		}
		i = end
	}
	return nil
}
