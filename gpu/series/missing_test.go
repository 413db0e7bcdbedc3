package series

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestFillGaps(t *testing.T) {
	nan := math.NaN()
	r, err := New(Column{Name: "x", Values: []float64{1, nan, 3, nan, nan, 0, 5, 7}}, Column{Name: "whole", Values: make([]float64, 8)})
	if err != nil {
		t.Fatal(err)
	}
	filled, err := r.FillGaps(2)
	if err != nil {
		t.Fatal(err)
	}
	if c, _ := filled.Column("x"); !slices.Equal(c.Values, []float64{1, 2, 3, 2, 1, 0, 5, 7}) {
		t.Errorf("%v", c.Values)
	}
	if err := filled.Check(); err != nil {
		t.Error(err)
	}
	if c, _ := r.Column("x"); !math.IsNaN(c.Values[1]) {
		t.Error("the recording was changed")
	}
	edge, err := r.WithTrials(2, 6)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		err    error
		says   string
	}{
		{"a gap of two", second(r.FillGaps(1)), "x at row 3 (from 0): 2 values are missing together, and at most 1"},
		{"no gap at all", second(r.FillGaps(0)), "x at row 1 (from 0): 1 values"},
		{"the end of a trial", second(edge.FillGaps(9)), "x at row 1 (from 0): 1 values are missing at the edge"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", c.reason, c.err, c.says)
		}
	}
}
