package series

import "math"

// Jitter returns the samples with uniform noise added to every column, of a
// standard deviation of level times the column's own. It breaks ties, at the
// price of a little randomness: 1e-8 moves nothing else. Column c draws from
// SplitMix64 with the state seed + c·2^32. A level of 0 changes nothing.
func (s Samples) Jitter(level float64, seed uint64) Samples {
	if level == 0 {
		return s
	}
	return s.each(func(c int, x []float64) []float64 { return jitter(x, level, splitMix(seed+uint64(c)<<32)) })
}

// Jitter is Samples.Jitter for the columns of a recording.
func (r Recording) Jitter(level float64, seed uint64) Recording {
	if level == 0 {
		return r
	}
	c := -1
	out, _ := r.each(func(col Column) ([]float64, error) {
		c++
		return jitter(col.Values, level, splitMix(seed+uint64(c)<<32)), nil
	})
	return out
}

func jitter(x []float64, level float64, s splitMix) []float64 {
	_, sd := moments(x)
	width := level * sd * 2 * math.Sqrt(3)
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v + float64(width*(s.unit()-0.5))
	}
	return out
}
