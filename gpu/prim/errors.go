package prim

import (
	"errors"
	"fmt"
)

var errNoContext = errors.New("no context: nil was given; pass ctx or context.Background()")

// ParameterError tells of a setting of JointCounts that is out of its range.
type ParameterError struct {
	Name            string
	Value, Min, Max int
}

func (e *ParameterError) Error() string {
	return fmt.Sprintf("prim: joint counts: %s is %d: it must be from %d to %d", e.Name, e.Value, e.Min, e.Max)
}

// ShapeError tells of lengths that do not fit together. Where is the index of
// the column, trial or table meant, if What is about one.
type ShapeError struct {
	What             string
	Where, Got, Want int
}

func (e *ShapeError) Error() string {
	switch e.What {
	case "columns":
		return "prim: joint counts: no columns: at least one is needed"
	case "values":
		return fmt.Sprintf("prim: joint counts: column %d has %d values and column 0 has %d: all columns need the same number", e.Where, e.Got, e.Want)
	case "rows of a trial":
		return fmt.Sprintf("prim: joint counts: trial %d has %d rows: a length cannot be below 0", e.Where, e.Got)
	case "rows in all trials":
		return fmt.Sprintf("prim: joint counts: the trials have %d rows and the columns %d: the lengths of the trials must add up to the number of values", e.Got, e.Want)
	case "tables":
		return fmt.Sprintf("prim: joint counts: %d tables for %d marginals: give one for each, nil where it does not matter", e.Got, e.Want)
	case "entries of a table":
		return fmt.Sprintf("prim: joint counts: table %d has %d entries: it needs %d, for counts from 0 to the number of rows", e.Where, e.Got, e.Want)
	}
	return fmt.Sprintf("prim: joint counts: %d %s, not %d", e.Got, e.What, e.Want)
}

// ValueError tells of a value that is not finite.
type ValueError struct {
	Column, Row int
	Value       float64
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("prim: column %d holds %v at row %d: distances and bins need finite values; leave such rows out", e.Column, e.Value, e.Row)
}

// SpreadError tells of a column whose distances overflow.
type SpreadError struct {
	Column   int
	Min, Max float64
}

func (e *SpreadError) Error() string {
	return fmt.Sprintf("prim: joint counts: column %d reaches from %v to %v: distances overflow; normalise it", e.Column, e.Min, e.Max)
}

// ProblemError tells of a problem whose parts do not fit together.
type ProblemError struct {
	Problem         int
	What            string
	Value, Min, Max int
}

func (e *ProblemError) Error() string {
	return fmt.Sprintf("prim: joint counts: problem %d: %s is %d: it must be from %d to %d", e.Problem, e.What, e.Value, e.Min, e.Max)
}

// OrderError tells of an ordering that is no permutation of the rows: its
// length is Got if Row is -1, otherwise Got at Row is out of range or was there
// before.
type OrderError struct {
	Problem, Ordering, Row, Got, Rows int
}

func (e *OrderError) Error() string {
	if e.Row < 0 {
		return fmt.Sprintf("prim: joint counts: problem %d: ordering %d has %d rows: the columns have %d", e.Problem, e.Ordering, e.Got, e.Rows)
	}
	return fmt.Sprintf("prim: joint counts: problem %d: ordering %d names row %d at row %d: it must name every row from 0 to %d once", e.Problem, e.Ordering, e.Got, e.Row, e.Rows-1)
}

// TooFewSamplesError tells that there are not enough rows for K neighbours.
type TooFewSamplesError struct {
	N, Need, K int
}

func (e *TooFewSamplesError) Error() string {
	return fmt.Sprintf("prim: joint counts: %d samples: %d neighbours need at least %d", e.N, e.K, e.Need)
}

// TooManyError tells that rows or counts do not fit into 32 bits.
type TooManyError struct {
	N, Max   int
	OnDevice bool // where there is room for fewer than on the CPU
}

func (e *TooManyError) Error() string {
	if e.OnDevice {
		return fmt.Sprintf("prim: %d samples: at most %d can be counted on a device; take a part of them, or count on the CPU", e.N, e.Max)
	}
	return fmt.Sprintf("prim: %d samples: at most %d can be counted; take a part of them", e.N, e.Max)
}

// WindowError tells that the exclusion window leaves a row fewer than the K
// neighbours that it needs.
type WindowError struct {
	Row, Window int
	Left, Need  int // rows that are left, and K
	N           int
}

func (e *WindowError) Error() string {
	return fmt.Sprintf("prim: joint counts: a window of %d leaves row %d of %d with %d possible neighbours: it needs %d; shorten the window or take at least %d more samples",
		e.Window, e.Row, e.N, e.Left, e.Need, e.Need-e.Left)
}

// NoKernelError tells of a problem that has more columns than the kernels for
// devices are made for.
type NoKernelError struct {
	Problem, Columns, Max int
}

func (e *NoKernelError) Error() string {
	return fmt.Sprintf("prim: joint counts: problem %d has %d columns: devices count in up to %d; count on the CPU, which has no limit", e.Problem, e.Columns, e.Max)
}
