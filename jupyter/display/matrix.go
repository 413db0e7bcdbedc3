package display

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Matrices and vectors are known by their methods, as gonum's are.
type (
	matrix interface {
		Dims() (rows, columns int)
		At(i, j int) float64
	}
	complexMatrix interface {
		Dims() (rows, columns int)
		At(i, j int) complex128
	}
	vector interface {
		Len() int
		AtVec(i int) float64
	}
)

// matrixText is a matrix or vector as rows of numbers under its shape, six
// digits each; ok is false for other values.
func matrixText(v any) (s string, ok bool) {
	switch m := v.(type) {
	case vector:
		n := m.Len()
		cells := rows(1, n, func(_, j int) string { return number(m.AtVec(j)) })
		return fmt.Sprintf("vector of %d: [%s]", n, strings.Join(cells[0], " ")), true
	case matrix:
		r, c := m.Dims()
		return grid(r, c, rows(r, c, func(i, j int) string { return number(m.At(i, j)) })), true
	case complexMatrix:
		r, c := m.Dims()
		return grid(r, c, rows(r, c, func(i, j int) string { return fmt.Sprintf("%.6g", m.At(i, j)) })), true
	}
	if t := reflect.TypeOf(v); t != nil && t.Kind() == reflect.Struct && (reflect.PointerTo(t).Implements(reflect.TypeFor[matrix]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[vector]())) {
		p := reflect.New(t) // var d mat.Dense: its methods are those of the pointer
		p.Elem().Set(reflect.ValueOf(v))
		return matrixText(p.Interface())
	}
	return "", false
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

// shown are the indices of n of which the middle is left out; −1 stands for it.
func shown(n int) []int {
	var out []int
	for i := 0; i < n; i++ {
		if i == edge && n > 2*edge {
			out, i = append(out, -1), n-edge
		}
		out = append(out, i)
	}
	return out
}

func rows(r, c int, at func(i, j int) string) [][]string {
	columns := shown(c)
	var out [][]string
	for _, i := range shown(r) {
		row := make([]string, len(columns))
		for k, j := range columns {
			switch {
			case i >= 0 && j >= 0:
				row[k] = at(i, j)
			case j < 0:
				row[k] = "…"
			default:
				row[k] = "⋮"
			}
		}
		out = append(out, row)
	}
	return out
}

// grid writes rows in columns that are flush right, between brackets.
func grid(r, c int, cells [][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d × %d matrix", r, c)
	if r == 0 || c == 0 {
		return b.String()
	}
	width := make([]int, len(cells[0]))
	for _, row := range cells {
		for j, s := range row {
			width[j] = max(width[j], utf8.RuneCountInString(s))
		}
	}
	for i, row := range cells {
		left, right := "⎢", "⎥"
		switch {
		case len(cells) == 1:
			left, right = "[", "]"
		case i == 0:
			left, right = "⎡", "⎤"
		case i == len(cells)-1:
			left, right = "⎣", "⎦"
		}
		b.WriteString("\n" + left)
		for j, s := range row {
			if j > 0 {
				b.WriteString("  ")
			}
			b.WriteString(strings.Repeat(" ", width[j]-utf8.RuneCountInString(s)) + s)
		}
		b.WriteString(right)
	}
	return b.String()
}
