package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Column is one series: its name, the unit of its values, and the values.
type Column struct {
	Name, Unit string
	Values     []float64

	ties float64 // of the values that New was given
}

// Recording is several series that were sampled at the same times. It does not
// change: methods return a new one. The zero value holds nothing.
type Recording struct {
	columns  []Column
	trials   []int // nil: one trial
	step     float64
	stepUnit string
}

// New returns a recording of the columns, whose values are copied. All must
// have one length; a column without a name is called by its number, from 0.
// Values may be NaN where one is missing; estimators say where they cannot
// take that.
func New(columns ...Column) (Recording, error) {
	r := Recording{columns: slices.Clone(columns)}
	for i := range r.columns {
		c := &r.columns[i]
		if c.Name == "" {
			c.Name = strconv.Itoa(i)
		}
		if n := len(columns[0].Values); len(c.Values) != n {
			return Recording{}, fmt.Errorf("series: %w", &LengthError{columns[0].label(0), c.Name, n, len(c.Values)})
		}
		if r.index(c.Name) < i {
			return Recording{}, fmt.Errorf("series: two columns are called %q; give each its own name", c.Name)
		}
		c.Values = slices.Clone(c.Values)
		c.ties = Ties(c.Values)
	}
	return r, nil
}

func (c Column) label(i int) string {
	if c.Name == "" {
		return strconv.Itoa(i)
	}
	return c.Name
}

// LengthError says that two columns which belong together differ in length.
type LengthError struct {
	A, B   string
	NA, NB int
}

func (e *LengthError) Error() string {
	return fmt.Sprintf("%s has %d values and %s has %d; they must be of the same times: cut the longer one", e.A, e.NA, e.B, e.NB)
}

// Len returns the number of rows.
func (r Recording) Len() int {
	if len(r.columns) == 0 {
		return 0
	}
	return len(r.columns[0].Values)
}

// Names returns the names of the columns, in order.
func (r Recording) Names() []string {
	out := make([]string, len(r.columns))
	for i, c := range r.columns {
		out[i] = c.Name
	}
	return out
}

func (r Recording) index(name string) int {
	return slices.IndexFunc(r.columns, func(c Column) bool { return c.Name == name })
}

func (r Recording) find(name string) (Column, error) {
	if i := r.index(name); i >= 0 {
		return r.columns[i], nil
	}
	return Column{}, fmt.Errorf("series: no column %q: there are %s", name, strings.Join(r.Names(), ", "))
}

// Column returns a copy of the column of that name.
func (r Recording) Column(name string) (Column, error) {
	c, err := r.find(name)
	c.Values = slices.Clone(c.Values)
	return c, err
}

// Ties returns the share of the values of a column that occurred more than once
// when the recording was made. What is done to them later, such as the removal
// of a season, may tell equal values apart but does not make them less coarse.
func (r Recording) Ties(name string) (float64, error) {
	c, err := r.find(name)
	return c.ties, err
}

// Step returns the time between two rows and its unit; 0 if it is not known.
func (r Recording) Step() (float64, string) { return r.step, r.stepUnit }

// WithStep returns the recording with a sampling time: WithStep(1, "d"). A step
// that is not a positive number means that it is not known.
func (r Recording) WithStep(step float64, unit string) Recording {
	if !(step > 0) || math.IsInf(step, 0) {
		step, unit = 0, ""
	}
	r.step, r.stepUnit = step, unit
	return r
}

// Trials returns the number of rows of each trial, in order.
func (r Recording) Trials() []int {
	if r.trials == nil {
		return []int{r.Len()}
	}
	return slices.Clone(r.trials)
}

// WithTrials returns the recording cut into trials of that many rows each, in
// row order. No past reaches from one trial into another.
func (r Recording) WithTrials(rows ...int) (Recording, error) {
	sum := 0
	for i, n := range rows {
		if n < 1 {
			return Recording{}, fmt.Errorf("series: trial %d has %d rows; it must have at least 1", i, n)
		}
		if sum += n; sum < n {
			return Recording{}, fmt.Errorf("series: trial %d has %d rows: more than a recording of %d", i, n, r.Len())
		}
	}
	if sum != r.Len() {
		return Recording{}, fmt.Errorf("series: trials of %d rows together for a recording of %d", sum, r.Len())
	}
	r.trials = slices.Clone(rows)
	return r, nil
}

// Select returns the named columns, in that order.
func (r Recording) Select(names ...string) (Recording, error) {
	columns := make([]Column, len(names))
	for i, n := range names {
		c, err := r.find(n)
		if err != nil {
			return Recording{}, err
		}
		columns[i] = c
	}
	r.columns = columns
	return r, nil
}

// Trim returns the rows from, from+1, …, to-1. It is for recordings of one
// trial.
func (r Recording) Trim(from, to int) (Recording, error) {
	if len(r.trials) > 1 {
		return Recording{}, errors.New("series: trim: the recording has several trials, and rows of which one to keep is not said")
	}
	if from < 0 || to > r.Len() || from > to {
		return Recording{}, fmt.Errorf("series: trim: rows %d to %d of a recording of %d rows", from, to, r.Len())
	}
	columns := slices.Clone(r.columns)
	for i := range columns {
		columns[i].Values = columns[i].Values[from:to]
	}
	r.columns, r.trials = columns, nil
	return r, nil
}

// each returns the recording with f of every column.
func (r Recording) each(f func(Column) ([]float64, error)) (Recording, error) {
	columns := slices.Clone(r.columns)
	for i, c := range columns {
		v, err := f(c)
		if err != nil {
			return Recording{}, err
		}
		columns[i].Values = v
	}
	r.columns = columns
	return r, nil
}

// String is one sentence: rows, sampling time, columns with units.
func (r Recording) String() string {
	s := fmt.Sprintf("recording, %d rows", r.Len())
	if len(r.trials) > 1 {
		s += fmt.Sprintf(" in %d trials", len(r.trials))
	}
	if r.step > 0 {
		s += fmt.Sprintf(", one every %g %s", r.step, r.stepUnit)
	}
	for i, c := range r.columns {
		s += [...]string{": ", ", "}[min(i, 1)] + c.Name
		if c.Unit != "" {
			s += " (" + c.Unit + ")"
		}
	}
	return s
}
