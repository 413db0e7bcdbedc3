package prim

import (
	"math"
	"math/bits"

	"surprisal/gpu"
)

// Sum is the sum of tables over the counts of one problem under one ordering.
// It is exact, so that it is the same in any order of its terms; == compares it.
type Sum struct {
	Rows  int       // what Mean divides by
	Tied  int       // as in Counts
	Place gpu.Place // where it was counted

	hi int64 // the sum is hi·2^64 + lo, in units of 2^-38
	lo uint64
}

// Int64 returns the sum in units of 2^-38, and whether it fits. Sums of
// digammas over up to 2^20 rows do.
func (s Sum) Int64() (int64, bool) { return int64(s.lo), s.hi == int64(s.lo)>>63 }

// Float64 returns the sum rounded once, to within a unit in the last place.
func (s Sum) Float64() float64 {
	if v, ok := s.Int64(); ok {
		return FromFixed(v)
	}
	return math.Ldexp(float64(s.hi), 64-FixedBits) + math.Ldexp(float64(s.lo), -FixedBits)
}

// Mean returns the sum over the number of rows.
func (s Sum) Mean() float64 { return s.Float64() / float64(s.Rows) }

// add adds one value.
func (s *Sum) add(v int64) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, uint64(v), 0)
	s.hi += v>>63 + int64(carry)
}

// plus adds the sum of other rows of the same problem and ordering.
func (s *Sum) plus(t Sum) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, t.lo, 0)
	s.hi += t.hi + int64(carry)
	s.Tied += t.Tied
}
