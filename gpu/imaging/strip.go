package imaging

// strip slides the windows of four successive rows along the image. The
// columns that enter and leave have h+3 pixels, packed four to a word:
//
//	top      rows 0–3, of which only row 3 belongs to all four windows
//	middle   full words of rows 4 … h−2, which belong to all four
//	rest     what is left of these rows, if h−5 is no multiple of 4
//	bottom   rows h−1 … h+2, of which only the first belongs to all four
//
// Where a word of the entering column equals that of the leaving column,
// nothing changes and both are skipped: in even areas that is most of the
// work.
type strip struct {
	h, w     int
	middle   int // words
	rest     int // rows, 0 to 3
	pitch    int // words of a column
	up       *laneTable
	columns  []uint32   // of the current strip, one after the other
	packed   [][]uint32 // packed[r]: staged rows r … r+3, made when first needed in a band
	isPacked []bool
	sums     []lanes // of each window of the four rows
	n        []int   // pixels of each window, the same in all rows, and
	whole    []uint64
	unit     []float64 // f and unit of them
}

// minStrip is the least height that top and bottom can be told apart in.
const minStrip = 5

func newStrip(p *plan, t *table) *strip {
	f := p.foot
	if f.kind != rectangle || f.h < minStrip || f.h*f.w > laneArea || f.h > p.planeH || f.w > p.planeW {
		return nil
	}
	s := &strip{h: f.h, w: f.w, middle: (f.h - 5) / 4, rest: (f.h - 5) % 4, up: newLaneTable(t)}
	s.pitch = 2 + s.middle
	if s.rest > 0 {
		s.pitch++
	}
	s.columns = make([]uint32, s.pitch*p.planeW)
	s.sums, s.n, s.whole, s.unit = make([]lanes, p.outW), make([]int, p.outW), make([]uint64, p.outW), make([]float64, p.outW)
	for x := range s.n {
		c := x + p.ox
		s.n[x] = s.h * (min(c+s.w, p.planeW) - max(c, 0))
		s.whole[x], s.unit[x] = t.f[s.n[x]], t.unit[s.n[x]]
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
	row := func(i int) []uint8 { return w.pix[(r+i)*w.stride:][:n:n] }
	r0, r1, r2, r3 := row(0), row(1), row(2), row(3)
	for x := range out {
		out[x] = uint32(r0[x]) | uint32(r1[x])<<8 | uint32(r2[x])<<16 | uint32(r3[x])<<24
	}
	s.isPacked[r] = true
	return out
}

// load fills the columns for windows whose first staged row is r.
func (s *strip) load(w *worker, r int) {
	for j := range s.pitch {
		from := r + 4*j
		if j == s.pitch-1 {
			from = r + s.h - 1
		}
		// The word of the rest holds a row or more of the bottom too; they are
		// never looked at.
		for x, v := range s.pack(w, from) {
			s.columns[x*s.pitch+j] = v
		}
	}
}

// run computes the sums of output rows y … y+3, whose windows must not be cut
// by the upper or lower edge of the plane.
func (s *strip) run(w *worker, y int) {
	p := w.p
	s.load(w, y+p.oy-w.top)
	var h laneHist
	var sum lanes
	column := func(c int) []uint32 { return s.columns[c*s.pitch:][:s.pitch] }
	for c := max(0, p.ox); c < p.ox+s.w && c < p.planeW; c++ {
		sum = s.enter(&h, sum, column(c))
	}
	s.sums[0] = sum
	for x := 1; x < p.outW; x++ {
		in, out := x+p.ox+s.w-1, x+p.ox-1
		switch {
		case in < p.planeW && out >= 0:
			n := min(p.outW-x, p.planeW-in)
			sum = s.slide(&h, sum, s.columns[in*s.pitch:], s.columns[out*s.pitch:], s.sums[x:x+n])
			x += n - 1
			continue
		case in < p.planeW:
			sum = s.enter(&h, sum, column(in))
		case out >= 0:
			sum = s.leave(&h, sum, column(out))
		}
		s.sums[x] = sum
	}
}

// slide moves the windows by one column for each element of out.
func (s *strip) slide(h *laneHist, sum lanes, in, away []uint32, out []lanes) lanes {
	if s.h == 9 {
		return slide9(h, s.up, sum, in, away, out)
	}
	up, last := s.up, s.pitch-1
	for i := range out {
		e, l := in[i*s.pitch:][:last+1], away[i*s.pitch:][:last+1]
		if a, b := e[0], l[0]; a != b {
			sum = sum.addA(h, up, uint8(a)).addAB(h, up, uint8(a>>8)).addABC(h, up, uint8(a>>16)).add(h, up, uint8(a>>24))
			sum = sum.subA(h, up, uint8(b)).subAB(h, up, uint8(b>>8)).subABC(h, up, uint8(b>>16)).sub(h, up, uint8(b>>24))
		}
		j := 1
		for ; j <= s.middle; j++ {
			if a, b := e[j], l[j]; a != b {
				sum = sum.add(h, up, uint8(a)).add(h, up, uint8(a>>8)).add(h, up, uint8(a>>16)).add(h, up, uint8(a>>24))
				sum = sum.sub(h, up, uint8(b)).sub(h, up, uint8(b>>8)).sub(h, up, uint8(b>>16)).sub(h, up, uint8(b>>24))
			}
		}
		if s.rest > 0 {
			a, b := e[j], l[j]
			for range s.rest {
				sum = sum.add(h, up, uint8(a)).sub(h, up, uint8(b))
				a, b = a>>8, b>>8
			}
		}
		if a, b := e[last], l[last]; a != b {
			sum = sum.add(h, up, uint8(a)).addBCD(h, up, uint8(a>>8)).addCD(h, up, uint8(a>>16)).addD(h, up, uint8(a>>24))
			sum = sum.sub(h, up, uint8(b)).subBCD(h, up, uint8(b>>8)).subCD(h, up, uint8(b>>16)).subD(h, up, uint8(b>>24))
		}
		out[i] = sum
	}
	return sum
}

// slide9 is slide for the usual height of 9, whose columns are three words:
// without the inner loops it takes two thirds of the time.
func slide9(h *laneHist, up *laneTable, sum lanes, in, away []uint32, out []lanes) lanes {
	for i := range out {
		e, l := (*[3]uint32)(in[3*i:]), (*[3]uint32)(away[3*i:])
		if a, b := e[0], l[0]; a != b {
			sum = sum.addA(h, up, uint8(a)).addAB(h, up, uint8(a>>8)).addABC(h, up, uint8(a>>16)).add(h, up, uint8(a>>24))
			sum = sum.subA(h, up, uint8(b)).subAB(h, up, uint8(b>>8)).subABC(h, up, uint8(b>>16)).sub(h, up, uint8(b>>24))
		}
		if a, b := e[1], l[1]; a != b {
			sum = sum.add(h, up, uint8(a)).add(h, up, uint8(a>>8)).add(h, up, uint8(a>>16)).add(h, up, uint8(a>>24))
			sum = sum.sub(h, up, uint8(b)).sub(h, up, uint8(b>>8)).sub(h, up, uint8(b>>16)).sub(h, up, uint8(b>>24))
		}
		if a, b := e[2], l[2]; a != b {
			sum = sum.add(h, up, uint8(a)).addBCD(h, up, uint8(a>>8)).addCD(h, up, uint8(a>>16)).addD(h, up, uint8(a>>24))
			sum = sum.sub(h, up, uint8(b)).subBCD(h, up, uint8(b>>8)).subCD(h, up, uint8(b>>16)).subD(h, up, uint8(b>>24))
		}
		out[i] = sum
	}
	return sum
}

// enter adds a column.
func (s *strip) enter(h *laneHist, sum lanes, e []uint32) lanes {
	up, a := s.up, e[0]
	sum = sum.addA(h, up, uint8(a)).addAB(h, up, uint8(a>>8)).addABC(h, up, uint8(a>>16)).add(h, up, uint8(a>>24))
	for k := range s.h - 5 {
		sum = sum.add(h, up, uint8(e[1+k/4]>>(8*(k%4))))
	}
	a = e[s.pitch-1]
	return sum.add(h, up, uint8(a)).addBCD(h, up, uint8(a>>8)).addCD(h, up, uint8(a>>16)).addD(h, up, uint8(a>>24))
}

// leave takes a column away.
func (s *strip) leave(h *laneHist, sum lanes, l []uint32) lanes {
	up, b := s.up, l[0]
	sum = sum.subA(h, up, uint8(b)).subAB(h, up, uint8(b>>8)).subABC(h, up, uint8(b>>16)).sub(h, up, uint8(b>>24))
	for k := range s.h - 5 {
		sum = sum.sub(h, up, uint8(l[1+k/4]>>(8*(k%4))))
	}
	b = l[s.pitch-1]
	return sum.sub(h, up, uint8(b)).subBCD(h, up, uint8(b>>8)).subCD(h, up, uint8(b>>16)).subD(h, up, uint8(b>>24))
}
