package series

import (
	"math"
	"math/bits"
	"slices"
)

// Ties returns the share of values that occur more than once: 0 for what a
// continuous quantity gives, near 1 for what was rounded. Nearest-neighbour
// estimators take the values for continuous ones and go wrong with many ties.
func Ties(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	v := suspects(x)
	slices.Sort(v)
	tied := 0
	for i := 0; i < len(v); {
		j := i + 1
		for j < len(v) && v[j] == v[i] {
			j++
		}
		if j-i > 1 {
			tied += j - i
		}
		i = j
	}
	return float64(tied) / float64(len(x))
}

// suspects returns all values that occur more than once, and about 6 % of the
// others: those that share one of 16 marks a value with another. To sort all of
// them took a tenth of the time of a transfer entropy.
func suspects(x []float64) []float64 {
	width := bits.Len(uint(16*len(x) - 1)) // of the index of a mark
	once, twice := make([]uint64, 1<<width/64+1), make([]uint64, 1<<width/64+1)
	mark := func(v float64) (word int, bit uint64) {
		// x + 0 makes −0 and 0 one.
		h := math.Float64bits(v+0) * golden >> (64 - width)
		return int(h / 64), 1 << (h % 64)
	}
	for _, v := range x {
		w, b := mark(v)
		twice[w] |= once[w] & b
		once[w] |= b
	}
	var out []float64
	for _, v := range x {
		if w, b := mark(v); twice[w]&b != 0 {
			out = append(out, v)
		}
	}
	return out
}
