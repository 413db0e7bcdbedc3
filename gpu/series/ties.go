package series

import "slices"

// Ties returns the share of values that occur more than once: 0 for what a
// continuous quantity gives, near 1 for what was rounded. Nearest-neighbour
// estimators take the values for continuous ones and go wrong with many ties.
func Ties(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	v := slices.Clone(x)
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
	return float64(tied) / float64(len(v))
}

// Ties returns the largest share of ties of any column.
func (s Samples) Ties() float64 {
	most := 0.0
	for _, v := range s.Variables {
		for _, c := range v.Columns {
			most = max(most, Ties(c))
		}
	}
	return most
}
