package dataset

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Table is a CSV table: named columns of text.
type Table struct {
	Columns []string
	Rows    int
	cells   [][]string // by column
}

// CSV reads a table from the file called name. The first line names the
// columns; lines that start with # are comments.
func CSV(name string) (*Table, error) { return load(name, decodeCSV) }

// ReadCSV is CSV for a reader.
func ReadCSV(r io.Reader) (*Table, error) { return stream(r, decodeCSV) }

func decodeCSV(b []byte) (*Table, error) {
	r := csv.NewReader(asReader(b))
	r.Comment = '#'
	r.ReuseRecord = true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the table has no line of column names")
	}
	if err != nil {
		return nil, err
	}
	t := &Table{Columns: slices.Clone(head), cells: make([][]string, len(head))}
	for i, c := range t.Columns {
		t.Columns[i] = strings.TrimSpace(strings.TrimPrefix(c, "\ufeff"))
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: wrong number of fields: %d, the line of names has %d; if the file was cut short, fetch it again", line, len(row), len(head))
		}
		if err != nil {
			return nil, err // names line and column
		}
		for i, c := range row {
			t.cells[i] = append(t.cells[i], c)
		}
		t.Rows++
	}
}

// Strings returns a column as text. The caller may keep and change it.
func (t *Table) Strings(column string) ([]string, error) {
	i := slices.Index(t.Columns, column)
	if i < 0 {
		return nil, fmt.Errorf("dataset: no column %q: there are %s", column, strings.Join(t.Columns, ", "))
	}
	return slices.Clone(t.cells[i]), nil
}

// Floats returns a column as numbers. A blank field, NA and NaN are NaN; any
// other text is an error that names its row, the first below the names being
// row 1.
func (t *Table) Floats(column string) ([]float64, error) {
	text, err := t.Strings(column)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(text))
	for i, s := range text {
		s = strings.TrimSpace(s)
		if s == "" || strings.EqualFold(s, "na") {
			out[i] = math.NaN()
			continue
		}
		if out[i], err = strconv.ParseFloat(s, 64); err != nil {
			return nil, fmt.Errorf("dataset: column %q, row %d: %q is not a number; Strings gives the text", column, i+1, s)
		}
	}
	return out, nil
}

func (t *Table) String() string {
	return fmt.Sprintf("table, %d rows: %s", t.Rows, strings.Join(t.Columns, ", "))
}
