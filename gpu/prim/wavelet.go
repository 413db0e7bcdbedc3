package prim

import "math/bits"

// wavelet counts in two columns at once: how many of the rows whose rank in one
// column is in [a, b) have a rank in the other in [lo, hi). It is the wavelet
// matrix of Claude, Navarro and Ordóñez (2015) over the ranks of the second
// column in the order of the first, with two bits of a rank a level: half the
// steps, and half the lines of cache, of one bit a level. The last bits, which
// tell the ranks inside a run of 2^low apart, have no levels: few positions of a
// run are in [a, b), and looking at them is cheaper.
type wavelet struct {
	levels [][]quads
	starts [][4]int32 // of each level, the positions below it where each symbol begins
	low    uint
	tails  []uint8 // the last bits of the ranks, in the order below the last level
	n      int
}

// quads is 64 symbols of two bits.
type quads struct {
	high, low uint64
	upto      [4]uint32 // how many symbols before these are 0, 0 to 1, 0 to 2, and any
}

// pairScratch is memory that building a wavelet matrix takes.
type pairScratch struct{ seq, next []int32 }

// tailBits returns how many bits have no level: what leaves an even number.
// Between 6 and 8 it makes little difference; long columns have narrow ranges,
// so that their runs may be longer.
func tailBits(all int) uint {
	switch {
	case all < 8:
		return uint(all)
	case all%2 == 1:
		return 7
	case all <= 16:
		return 6
	}
	return 8
}

// build makes the index of column second in the order of first.
func (w *wavelet) build(h *halt, first, second *column, m *pairScratch) {
	n := len(first.row)
	m.seq, m.next = grown(m.seq, n), grown(m.next, n)
	seq, next := m.seq, m.next
	w.n = n
	for r, i := range first.row {
		seq[r] = second.rank[i]
	}
	all := bits.Len(uint(n - 1))
	w.low = tailBits(all)
	depth := (all - int(w.low)) / 2
	w.levels, w.starts = grownEach(w.levels, depth, n/64+1), grown(w.starts, depth)
	for l := range w.levels {
		if h.now() {
			return
		}
		w.starts[l] = deal(w.levels[l], seq, next, uint(all-2-2*l))
		seq, next = next, seq
	}
	w.tails = grown(w.tails, n)
	for i, v := range seq {
		w.tails[i] = uint8(v) & (1<<w.low - 1)
	}
}

// deal notes two bits of all of seq, which holds the integers below its length,
// and deals them into next by these bits. It returns where each kind starts.
func deal(level []quads, seq, next []int32, shift uint) (starts [4]int32) {
	n := len(seq)
	for c := 1; c < 4; c++ { // the integers below n whose two bits are below c
		starts[c] = int32(n>>(shift+2)*c<<shift + min(n&(4<<shift-1), c<<shift))
	}
	at := starts
	for b := range level {
		q := &level[b]
		sum := uint32(0)
		for c := range at {
			sum += uint32(at[c] - starts[c])
			q.upto[c] = sum
		}
		high, low := uint64(0), uint64(0)
		for j, v := range seq[b*64 : min(n, b*64+64)] {
			c := v >> shift & 3
			high |= uint64(c>>1) << (uint(j) & 63)
			low |= uint64(c&1) << (uint(j) & 63)
			next[at[c]] = v
			at[c]++
		}
		q.high, q.low = high, low
	}
	return starts
}

// step goes down one level with positions a and b, to where symbol c lies, and
// returns how many of the positions [a, b) hold a smaller symbol. Masks stand
// for branches, which would be mispredicted every other time.
func (w *wavelet) step(l int, a, b, c int32) (smaller, below, belowEnd int32) {
	level := w.levels[l]
	p, q := &level[uint32(a)>>6], &level[uint32(b)>>6]
	h, v := -uint64(c>>1), -uint64(c&1)
	notFirst := ^((c - 1) >> 31)
	before := (c - 1) & 3
	start := w.starts[l][c&3]

	in := uint64(1)<<(uint32(a)&63) - 1
	same := ^(p.high ^ h)
	less := int32(p.upto[before])&notFirst + int32(bits.OnesCount64((^p.high&h|same&^p.low&v)&in))
	equal := int32(p.upto[c&3]) - int32(p.upto[before])&notFirst + int32(bits.OnesCount64(same&^(p.low^v)&in))

	in = uint64(1)<<(uint32(b)&63) - 1
	same = ^(q.high ^ h)
	lessEnd := int32(q.upto[before])&notFirst + int32(bits.OnesCount64((^q.high&h|same&^q.low&v)&in))
	equalEnd := int32(q.upto[c&3]) - int32(q.upto[before])&notFirst + int32(bits.OnesCount64(same&^(q.low^v)&in))
	return lessEnd - less, start + equal, start + equalEnd
}

// count returns how many of the positions [a, b) hold a rank in [lo, hi): those
// below hi without those below lo. The two walks go together until their bits
// part.
func (w *wavelet) count(a, b, lo, hi int32) int32 {
	if a >= b || lo >= hi {
		return 0
	}
	if int(hi) == w.n { // may have a bit more than there are levels
		return b - a - w.below(0, a, b, lo)
	}
	l, depth := 0, len(w.levels)
	shift := w.low + uint(2*depth)
	for ; l < depth; l++ {
		shift -= 2
		if (lo^hi)>>(shift&31)&3 != 0 {
			break
		}
		if _, a, b = w.step(l, a, b, lo>>(shift&31)&3); a == b {
			return 0
		}
	}
	return w.below(l, a, b, hi) - w.below(l, a, b, lo)
}

// below returns how many of the positions [a, b) at level l hold a rank below
// v, which does not differ from them in the bits of earlier levels.
func (w *wavelet) below(l int, a, b, v int32) int32 {
	sum := int32(0)
	shift := w.low + uint(2*(len(w.levels)-l))
	for ; l < len(w.levels); l++ {
		shift -= 2
		var n int32
		n, a, b = w.step(l, a, b, v>>(shift&31)&3)
		sum += n
	}
	tail := v & (1<<(w.low&31) - 1)
	for _, t := range w.tails[a:b] {
		sum += int32(uint32(int32(t)-tail) >> 31)
	}
	return sum
}
