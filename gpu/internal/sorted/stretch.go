package sorted

import "math/bits"

// Stretch is how far values are sorted: in pieces, of which two are merged to one run,
// of which two are merged again, and so on.
type Stretch struct{ piece, merges int }

const (
	tile      = 256  // keys of a block of sort_tiles
	mostPiece = 2304 // and of one of sort_pieces, at most
)

// Rows are those of a stretch, but for the last of a column.
func (s Stretch) Rows() int { return s.piece << s.merges }

// Whole is n rows.
func Whole(n int) Stretch {
	s := Stretch{piece: mostPiece}
	for s.Rows() < n {
		s.merges++
	}
	return s
}

// About is as many rows as are wanted, or nearly: a multiple of unit, and at least that.
func About(rows float64, unit int) Stretch {
	for s := (Stretch{}); ; s.merges++ {
		// Every merge halves.
		step := unit << max(0, s.merges-bits.TrailingZeros(uint(unit)))
		s.piece = max(1, int(rows/float64(step)+0.5)) * step >> s.merges
		if s.piece <= mostPiece {
			return s
		}
	}
}
