package series

import (
	"errors"

	"surprisal/gpu/dataset"
)

// FromTable returns a recording of the named columns of a table, or, without
// names, of all columns that hold only numbers and blank fields. A blank field
// is NaN.
func FromTable(t *dataset.Table, names ...string) (Recording, error) {
	if t == nil {
		return Recording{}, errors.New("series: no table: nil was given")
	}
	all := len(names) == 0
	if all {
		names = t.Columns
	}
	var columns []Column
	for _, n := range names {
		v, err := t.Floats(n)
		if err != nil && all {
			continue // text, such as a date
		}
		if err != nil {
			return Recording{}, err
		}
		columns = append(columns, Column{Name: n, Values: v})
	}
	if len(columns) == 0 {
		return Recording{}, errors.New("series: the table has no column of numbers")
	}
	return New(columns...)
}
