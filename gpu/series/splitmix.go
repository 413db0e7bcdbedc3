package series

// splitMix is the SplitMix64 generator (Steele, Lea and Flood 2014): the state
// moves by a constant, so that one can jump ahead.
type splitMix uint64

const golden = 0x9E3779B97F4A7C15

func (s *splitMix) next() uint64 {
	*s += golden
	z := uint64(*s)
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	return z ^ (z >> 31)
}

// below returns an integer in [0, n). The remainder favours small numbers by
// less than n/2^64.
func (s *splitMix) below(n int) int { return int(s.next() % uint64(n)) }

// unit returns a number in [0, 1).
func (s *splitMix) unit() float64 { return float64(s.next()>>11) * 0x1p-53 }
