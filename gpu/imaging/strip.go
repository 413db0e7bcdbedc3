package imaging

// strip slides the windows of four successive rows along the image. The
// columns that enter and leave have h+3 pixels, packed four to a word:
//
//	top      rows 0–3, of which only row 3 belongs to all four windows
//	middle   rows 4 … h−2, which belong to all four; the last word may be cut
//	bottom   rows h−1 … h+2, of which only the first belongs to all four
//
// Where a word of the entering column equals that of the leaving column,
// nothing changes and both are skipped: in even areas that is most of the
// work.
type strip struct {
	h, w        int
	up          *laneTable
	top, bottom []uint32 // words of the current strip, by plane column
	middle      []middle
	packed      [][]uint32 // packed[r]: staged rows r … r+3, made when first needed in a band
	isPacked    []bool
	sums        []lanes  // of each window of the four rows
	whole       []uint64 // of the N pixels of each window, the same in all rows: f(N),
	unit        []float64
	perBin      []float64 // unit and Miller–Madow correction
}

// middle is words of which the first rows bytes count.
type middle struct {
	words []uint32
	rows  int
}

// minStrip is the least height in which top and bottom do not overlap.
const minStrip = 5

// newStrip returns nil if the window of the plan is not fit for strips.
func newStrip(p *plan, t *table) *strip {
	f := p.foot
	if f.kind != rectangle || f.h < minStrip || f.h*f.w > laneArea || f.h > p.planeH || f.w > p.planeW {
		return nil
	}
	s := &strip{h: f.h, w: f.w, up: newLaneTable(t)}
	for rows := f.h - 5; rows > 0; rows -= 4 {
		s.middle = append(s.middle, middle{rows: min(rows, 4)})
	}
	s.sums, s.whole = make([]lanes, p.outW), make([]uint64, p.outW)
	s.unit, s.perBin = make([]float64, p.outW), make([]float64, p.outW)
	for x := range s.whole {
		c := x + p.ox
		n := s.h * (min(c+s.w, p.planeW) - max(c, 0))
		s.whole[x], s.unit[x], s.perBin[x] = t.f[n], t.unit[n], perBin(n)
	}
	return s
}

// restage forgets the packed rows of the band before.
func (s *strip) restage(rows int) {
	if len(s.packed) < rows {
		s.packed, s.isPacked = make([][]uint32, rows), make([]bool, rows)
	}
	clear(s.isPacked)
}

// pack returns staged rows r … r+3 as words.
func (s *strip) pack(w *worker, r int) []uint32 {
	if s.isPacked[r] {
		return s.packed[r]
	}
	n := w.p.planeW
	if s.packed[r] == nil {
		s.packed[r] = make([]uint32, n)
	}
	out := s.packed[r]
	row := func(i int) []uint8 { return w.pix[(r+i)*w.stride:][:len(out)] }
	r0, r1, r2, r3 := row(0), row(1), row(2), row(3)
	for x := range out {
		out[x] = uint32(r0[x]) | uint32(r1[x])<<8 | uint32(r2[x])<<16 | uint32(r3[x])<<24
	}
	s.isPacked[r] = true
	return out
}

// run computes the sums of output rows y … y+3, whose windows must not be cut
// by the upper or lower edge of the plane.
func (s *strip) run(w *worker, y int) {
	p := w.p
	r := y + p.oy - w.top
	s.top, s.bottom = s.pack(w, r), s.pack(w, r+s.h-1)
	for j := range s.middle {
		s.middle[j].words = s.pack(w, r+4+4*j)
	}
	var h laneHist
	var sum lanes
	for c := max(0, p.ox); c < p.ox+s.w && c < p.planeW; c++ {
		sum = s.enter(&h, sum, c)
	}
	s.sums[0] = sum
	for x := 1; x < p.outW; x++ {
		in, out := x+p.ox+s.w-1, x+p.ox-1 // columns that enter and leave
		switch {
		case in < p.planeW && out >= 0:
			n := min(p.outW-x, p.planeW-in)
			sum = s.slide(&h, sum, in, out, s.sums[x:x+n])
			x += n - 1
			continue
		case in < p.planeW:
			sum = s.enter(&h, sum, in)
		case out >= 0:
			sum = s.leave(&h, sum, out)
		}
		s.sums[x] = sum
	}
}

// slide moves the windows by one column for each element of to. The first
// columns to enter and leave are in and out.
func (s *strip) slide(h *laneHist, sum lanes, in, out int, to []lanes) lanes {
	n, up := len(to), s.up
	topIn, topOut, bottomIn, bottomOut := s.top[in:][:n], s.top[out:][:n], s.bottom[in:][:n], s.bottom[out:][:n]
	for i := range to {
		if a, b := topIn[i], topOut[i]; a != b {
			sum = sum.addA(h, up, uint8(a)).subA(h, up, uint8(b))
			sum = sum.addAB(h, up, uint8(a>>8)).subAB(h, up, uint8(b>>8))
			sum = sum.addABC(h, up, uint8(a>>16)).subABC(h, up, uint8(b>>16))
			sum = sum.add(h, up, uint8(a>>24)).sub(h, up, uint8(b>>24))
		}
		for _, m := range s.middle {
			if a, b := m.words[in+i], m.words[out+i]; a != b {
				for range m.rows {
					sum = sum.add(h, up, uint8(a)).sub(h, up, uint8(b))
					a, b = a>>8, b>>8
				}
			}
		}
		if a, b := bottomIn[i], bottomOut[i]; a != b {
			sum = sum.add(h, up, uint8(a)).sub(h, up, uint8(b))
			sum = sum.addBCD(h, up, uint8(a>>8)).subBCD(h, up, uint8(b>>8))
			sum = sum.addCD(h, up, uint8(a>>16)).subCD(h, up, uint8(b>>16))
			sum = sum.addD(h, up, uint8(a>>24)).subD(h, up, uint8(b>>24))
		}
		to[i] = sum
	}
	return sum
}

// enter adds column c.
func (s *strip) enter(h *laneHist, sum lanes, c int) lanes {
	up, a := s.up, s.top[c]
	sum = sum.addA(h, up, uint8(a)).addAB(h, up, uint8(a>>8)).addABC(h, up, uint8(a>>16)).add(h, up, uint8(a>>24))
	for _, m := range s.middle {
		for k := range m.rows {
			sum = sum.add(h, up, uint8(m.words[c]>>(8*k)))
		}
	}
	a = s.bottom[c]
	return sum.add(h, up, uint8(a)).addBCD(h, up, uint8(a>>8)).addCD(h, up, uint8(a>>16)).addD(h, up, uint8(a>>24))
}

// leave takes column c away.
func (s *strip) leave(h *laneHist, sum lanes, c int) lanes {
	up, b := s.up, s.top[c]
	sum = sum.subA(h, up, uint8(b)).subAB(h, up, uint8(b>>8)).subABC(h, up, uint8(b>>16)).sub(h, up, uint8(b>>24))
	for _, m := range s.middle {
		for k := range m.rows {
			sum = sum.sub(h, up, uint8(m.words[c]>>(8*k)))
		}
	}
	b = s.bottom[c]
	return sum.sub(h, up, uint8(b)).subBCD(h, up, uint8(b>>8)).subCD(h, up, uint8(b>>16)).subD(h, up, uint8(b>>24))
}
