package oracle_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"surprisal/validation/oracle"
)

func TestEntropyClosedForms(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []int
		bits   float64
		m      int
		reason string
	}{
		{"one value", []int{7, 7, 7}, 0, 1, "certainty"},
		{"fair coin", []int{0, 1, 1, 0}, 1, 2, "log2 2"},
		{"eight different", []int{0, 1, 2, 3, 4, 5, 6, 7}, 3, 8, "log2 8"},
		{"1/2 1/4 1/4", []int{5, 5, 9, 1}, 1.5, 3, "½·1 + 2·¼·2"},
	} {
		h, m, mm := oracle.Entropy(c.values)
		want := c.bits + float64(c.m-1)/(2*float64(len(c.values))*math.Ln2)
		if !(math.Abs(h-c.bits) <= 1e-15) || m != c.m || !(math.Abs(mm-want) <= 1e-15) {
			t.Errorf("%s (%s): got %v bits, %d values, %v corrected; want %v, %d, %v", c.name, c.reason, h, m, mm, c.bits, c.m, want)
		}
	}
}

func TestWindowBorders(t *testing.T) {
	row := [][]int{{1, 2, 3, 4}} // a b c d
	for _, c := range []struct {
		border string
		x, w   int
		want   []int
	}{
		{"crop", 0, 3, []int{1, 2}},
		{"crop", 0, 4, []int{1, 2}}, // even: two before, one after
		{"reflect", 0, 5, []int{2, 1, 1, 2, 3}},
		{"mirror", 0, 5, []int{3, 2, 1, 2, 3}},
		{"reflect", 3, 3, []int{3, 4, 4}},
		{"mirror", 3, 3, []int{3, 4, 3}},
		{"reflect", 0, 11, []int{4, 4, 3, 2, 1, 1, 2, 3, 4, 4, 3}}, // twice round
	} {
		if got := oracle.Window(row, 0, c.x, 1, c.w, nil, c.border); !slices.Equal(got, c.want) {
			t.Errorf("%s, column %d, width %d: got %v, want %v", c.border, c.x, c.w, got, c.want)
		}
	}
}

func ExampleEntropy() {
	h, m, mm := oracle.Entropy([]int{1, 1, 2, 3})
	fmt.Printf("%.2f bits, %d values, corrected %.2f bits\n", h, m, mm)
	// Output: 1.50 bits, 3 values, corrected 1.86 bits
}
