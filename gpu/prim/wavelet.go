package prim

import "math/bits"

// wavelet counts in two columns at once: how many of the rows whose rank in one
// column is in [a, b) have a rank in the other in [lo, hi). It is the wavelet
// matrix of Claude, Navarro and Ordóñez (2015) over the ranks of the second
// column in the order of the first: a bit a row and level, log2(N) levels, and
// at most four bit counts a level to answer. The last levels, which tell the
// ranks inside a run of 2^low apart, are replaced by those ranks: few positions
// of a run are in [a, b), and looking at them is cheaper.
type wavelet struct {
	levels [][]bitblock
	zeros  []int32
	low    uint
	tails  []uint8 // the last bits of the ranks, in the order below the last level
	n      int
}

// tailBits is the number of levels that tails replace: 6 was as good as 8 for
// 10^4 rows.
const tailBits = 7

// pairScratch is memory that building a wavelet matrix takes.
type pairScratch struct{ seq, next []int32 }

type bitblock struct {
	bits uint64
	ones uint32 // before this block
}

// rank returns the number of ones before position i.
func rank(level []bitblock, i int32) int32 {
	b := &level[uint32(i)>>6]
	return int32(b.ones) + int32(bits.OnesCount64(b.bits&(1<<(uint32(i)&63)-1)))
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
	w.low = uint(min(all, tailBits))
	depth := all - int(w.low)
	w.levels, w.zeros = grownEach(w.levels, depth, n/64+1), grown(w.zeros, depth)
	for l := range w.levels {
		if h.now() {
			return
		}
		w.zeros[l] = partition(w.levels[l], seq, next, uint(all-1-l))
		seq, next = next, seq
	}
	w.tails = grown(w.tails, n)
	for i, v := range seq {
		w.tails[i] = uint8(v) & (1<<w.low - 1)
	}
}

// partition notes bit number shift of all of seq, which holds the integers below
// its length, and moves those without it before those with it into next.
func partition(level []bitblock, seq, next []int32, shift uint) (zeros int32) {
	n := len(seq)
	zeros = int32(n>>(shift+1)<<shift + min(n&(2<<shift-1), 1<<shift))
	zero, one := int32(0), zeros
	for b := range level {
		level[b].ones = uint32(one - zeros)
		word := uint64(0)
		for j, v := range seq[b*64 : min(n, b*64+64)] {
			bit := v >> shift & 1
			word |= uint64(bit) << (uint(j) & 63)
			next[zero^(zero^one)&-bit] = v // at zero or at one, with no branch to mispredict
			one += bit
			zero += 1 - bit
		}
		level[b].bits = word
	}
	return zeros
}

// count returns how many of the positions [a, b) hold a rank in [lo, hi).
//
// The walks for lo and hi go together until their bits part. From there on the
// first adds what is not below lo, the second what is below hi; masks stand for
// branches, which would be mispredicted every other time.
func (w *wavelet) count(a, b, lo, hi int32) int32 {
	if a >= b || lo >= hi {
		return 0
	}
	if int(hi) == w.n { // may have a bit more than there are levels
		return b - a - w.below(a, b, lo)
	}
	depth, all := len(w.levels), len(w.levels)+int(w.low)
	l := 0
	for ; l < depth; l++ {
		shift := uint(all-1-l) & 31
		if (lo^hi)>>shift&1 == 1 {
			break
		}
		level, z := w.levels[l], w.zeros[l]
		ra, rb := rank(level, a), rank(level, b)
		m := -(lo >> shift & 1)
		a, b = a-ra^(a-ra^(z+ra))&m, b-rb^(b-rb^(z+rb))&m
		if a == b {
			return 0
		}
	}
	if l == depth {
		return w.tailsBelow(a, b, hi) - w.tailsBelow(a, b, lo)
	}
	ra, rb, z := rank(w.levels[l], a), rank(w.levels[l], b), w.zeros[l]
	la, lb := a-ra, b-rb
	ha, hb := z+ra, z+rb
	sum := int32(0)
	for l++; l < depth; l++ {
		shift := uint(all-1-l) & 31
		level, z := w.levels[l], w.zeros[l]
		ra, rb := rank(level, la), rank(level, lb)
		m := -(lo >> shift & 1)
		sum += (rb - ra) &^ m
		la, lb = la-ra^(la-ra^(z+ra))&m, lb-rb^(lb-rb^(z+rb))&m
		ra, rb = rank(level, ha), rank(level, hb)
		m = -(hi >> shift & 1)
		sum += (hb - ha - (rb - ra)) & m
		ha, hb = ha-ra^(ha-ra^(z+ra))&m, hb-rb^(hb-rb^(z+rb))&m
	}
	return sum + lb - la - w.tailsBelow(la, lb, lo) + w.tailsBelow(ha, hb, hi)
}

// below returns how many of the positions [a, b) hold a rank below v.
func (w *wavelet) below(a, b, v int32) int32 {
	sum := int32(0)
	top := len(w.levels) + int(w.low) - 1
	for l := range w.levels {
		level, z := w.levels[l], w.zeros[l]
		ra, rb := rank(level, a), rank(level, b)
		m := -(v >> (uint(top-l) & 31) & 1)
		sum += (b - a - (rb - ra)) & m
		a, b = a-ra^(a-ra^(z+ra))&m, b-rb^(b-rb^(z+rb))&m
	}
	return sum + w.tailsBelow(a, b, v)
}

// tailsBelow returns how many of the positions [a, b) below the last level, all
// of one run, hold a rank below v, which is of the same run.
func (w *wavelet) tailsBelow(a, b, v int32) int32 {
	tail := v & (1<<w.low - 1)
	n := int32(0)
	for _, t := range w.tails[a:b] {
		n += int32(uint32(int32(t)-tail) >> 31)
	}
	return n
}
