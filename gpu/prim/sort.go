package prim

import (
	"context"
	"fmt"
	"math"
)

// Sort returns the rows of x in the order of their values, equal values in row
// order: x[order[0]] is the smallest. 0 and −0 are equal; NaN comes last. x is
// not changed. More than 2^31−1 values are a TooManyError.
//
// It is a radix sort in up to six passes of 11 bits; a pass whose bits are the
// same in all values costs nothing.
func Sort(ctx context.Context, x []float64) ([]int32, error) {
	if ctx == nil {
		return nil, fmt.Errorf("prim: sort: %w", errNoContext)
	}
	if len(x) > math.MaxInt32 {
		return nil, &TooManyError{N: len(x), Max: math.MaxInt32}
	}
	h, end := watch(ctx)
	defer end()
	var s sorter
	order := make([]int32, len(x))
	s.sort(h, x, order)
	if h.now() {
		return nil, context.Cause(ctx)
	}
	return order, nil
}

// sorter is the memory of a sort, to be used again.
type sorter struct{ a, b []keyed }

type keyed struct {
	key uint64
	row int32
}

// keyOf maps values to integers of the same order.
func keyOf(x float64) uint64 {
	if x != x {
		return math.MaxUint64
	}
	b := math.Float64bits(x + 0) // −0 + 0 = 0
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

const (
	radixBits = 11
	radixSize = 1 << radixBits
	passes    = 6
)

// sort writes the rows of x in order of value to order.
func (s *sorter) sort(h *halt, x []float64, order []int32) {
	n := len(x)
	if cap(s.a) < n {
		s.a, s.b = make([]keyed, n), make([]keyed, n)
	}
	a, b := s.a[:n], s.b[:n]
	var counts [passes][radixSize]uint32
	for i, v := range x {
		k := keyOf(v)
		a[i] = keyed{k, int32(i)}
		counts[0][k%radixSize]++
		counts[1][k>>11%radixSize]++
		counts[2][k>>22%radixSize]++
		counts[3][k>>33%radixSize]++
		counts[4][k>>44%radixSize]++
		counts[5][k>>55%radixSize]++
	}
	for p := range counts {
		at, shift := &counts[p], uint(radixBits*p)
		if n == 0 || int(at[a[0].key>>shift%radixSize]) == n {
			continue
		}
		sum := uint32(0)
		for d, c := range at {
			at[d], sum = sum, sum+c
		}
		for from := 0; from < n; from += block {
			if h.now() {
				return
			}
			for _, v := range a[from:min(n, from+block)] {
				d := v.key >> shift % radixSize
				b[at[d]] = v
				at[d]++
			}
		}
		a, b = b, a
	}
	for i, v := range a {
		order[i] = v.row
	}
}
