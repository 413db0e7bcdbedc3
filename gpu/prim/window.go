package prim

// bars tells which rows are no neighbours of a row: those of its trial that lie
// at most so many rows away, itself among them.
type bars struct {
	window int
	trials []int // first rows of the trials, and the number of all rows
	trial  []int32
}

func newBars(rows int, lengths []int, window int) bars {
	b := bars{window: min(window, rows), trials: make([]int, 1, len(lengths)+1)}
	for _, n := range lengths {
		b.trials = append(b.trials, b.trials[len(b.trials)-1]+n)
	}
	if len(lengths) > 1 && window > 0 {
		b.trial = make([]int32, 0, rows)
		for t, n := range lengths {
			for range n {
				b.trial = append(b.trial, int32(t))
			}
		}
	}
	return b
}

// of returns the first and the last barred row of row i.
func (b *bars) of(i int) (first, last int) {
	lo, hi := 0, b.trials[len(b.trials)-1]
	if b.trial != nil {
		lo, hi = b.trials[b.trial[i]], b.trials[b.trial[i]+1]
	}
	return max(lo, i-b.window), min(hi-1, i+b.window)
}
