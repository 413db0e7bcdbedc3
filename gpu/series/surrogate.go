package series

import "fmt"

// Kind is a way to make surrogates: reorderings of one variable after which it
// knows nothing of the others.
type Kind int

const (
	// CircularShift turns the rows of each trial round by a random number of
	// places. It keeps how a series depends on its own past, so that the null
	// is not too narrow for slow series.
	CircularShift Kind = iota
	// Permutation shuffles all rows, over trials too. It is for rows that do
	// not depend on one another.
	Permutation
)

func (k Kind) String() string {
	switch k {
	case CircularShift:
		return "circular shifts"
	case Permutation:
		return "permutations"
	}
	return "unknown surrogates"
}

// Surrogates says which orderings to make: Count of a Kind from a Seed.
//
// Permutations are Fisher–Yates from the identity, for i = n−1 … 1 a swap with
// next mod (i+1), of SplitMix64; number s starts at the state seed + s·(n−1)·
// 0x9E3779B97F4A7C15, which is where number s−1 ends, so it depends on seed, s
// and n alone. Circular shifts draw different offsets out of w+1 … n−w−1,
// trial after trial from one stream, w being the exclusion window: a smaller
// shift would leave neighbours in time that the window is to keep apart.
type Surrogates struct {
	Kind  Kind
	Count int
	Seed  uint64
}

// Orders is the orderings of a batch, made when they are asked for.
type Orders struct {
	kind    Kind
	n       int
	seed    uint64
	trials  []int
	count   int
	offsets [][]int32 // of circular shifts: trial, number
}

// Over lays the surrogates out over samples of those trials, with an exclusion
// window. Of circular shifts there are at most n−2w−1 different ones, n being
// the rows of the shortest trial: Len says how many there are.
func (s Surrogates) Over(trials []int, window int) (Orders, error) {
	o := Orders{kind: s.Kind, seed: s.Seed, trials: trials, count: s.Count}
	for _, n := range trials {
		o.n += n
	}
	switch {
	case s.Count < 0:
		return Orders{}, fmt.Errorf("series: %d surrogates: it must be 0 or more", s.Count)
	case s.Kind == Permutation:
		return o, nil
	case s.Kind != CircularShift:
		return Orders{}, fmt.Errorf("series: surrogates of kind %d: it must be CircularShift or Permutation", int(s.Kind))
	}
	for i, n := range trials {
		if m := n - 2*window - 1; m < 1 {
			return Orders{}, fmt.Errorf("series: surrogates: %w", &ShiftError{Trial: i, Rows: n, Window: window})
		} else {
			o.count = min(o.count, m)
		}
	}
	stream := splitMix(s.Seed)
	for _, n := range trials {
		o.offsets = append(o.offsets, distinct(&stream, n, window, o.count))
	}
	return o, nil
}

// distinct draws count different offsets out of window+1 … n-window-1.
func distinct(stream *splitMix, n, window, count int) []int32 {
	m := n - 2*window - 1
	all := make([]int32, m)
	for i := range all {
		all[i] = int32(window + 1 + i)
	}
	for s := range count {
		j := s + stream.below(m-s)
		all[s], all[j] = all[j], all[s]
	}
	return all[:count]
}

// ShiftError says that no circular shift leads out of the exclusion window.
type ShiftError struct{ Trial, Rows, Window int }

func (e *ShiftError) Error() string {
	return fmt.Sprintf("trial %d has %d rows, which no circular shift moves by more than the window of %d: need at least %d; take a smaller window, or permutations", e.Trial, e.Rows, e.Window, 2*e.Window+2)
}

// Len is the number of orderings.
func (o Orders) Len() int { return o.count }

// At returns ordering s: row i takes the values of row At(s)[i].
func (o Orders) At(s int) []int32 {
	a := make([]int32, o.n)
	if o.kind == CircularShift {
		start := 0
		for t, n := range o.trials {
			shift := int(o.offsets[t][s])
			for i := range n {
				j := i + shift
				if j >= n {
					j -= n
				}
				a[start+i] = int32(start + j)
			}
			start += n
		}
		return a
	}
	for i := range a {
		a[i] = int32(i)
	}
	if o.n < 2 {
		return a
	}
	stream := splitMix(o.seed + uint64(s)*uint64(o.n-1)*golden)
	for i := o.n - 1; i > 0; i-- {
		j := stream.below(i + 1)
		a[i], a[j] = a[j], a[i]
	}
	return a
}
