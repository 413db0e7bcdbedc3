package imaging

// worker computes bands of a map. Each goroutine has its own.
type worker struct {
	p           *plan
	t           *table
	pix         []uint8 // the bins of plane rows top, top+1, …
	top, stride int
	strip       *strip // four rows at once; nil if the window is not fit for it
	left, right []int  // reach of the footprint's rows
	in, out     []int  // scratch of row
	n           []int  // of each window of a row: pixels,
	sum         []uint64
	occ         []int // and occupied bins
}

func newWorker(p *plan, t *table) *worker {
	w := &worker{p: p, t: t}
	if p.foot.kind == tile {
		return w
	}
	w.left, w.right = p.foot.reach()
	w.in, w.out = make([]int, p.foot.h), make([]int, p.foot.h)
	w.stride = p.planeW
	w.n, w.occ, w.sum = make([]int, p.outW), make([]int, p.outW), make([]uint64, p.outW)
	w.strip = newStrip(p, t)
	return w
}

// band fills output rows [y0, y1).
func (w *worker) band(m *part, y0, y1 int) {
	if w.p.foot.kind == tile {
		for y := y0; y < y1; y++ {
			w.tiles(m, y)
		}
		return
	}
	w.stage(y0, y1)
	// Rows [first, last) have windows that the upper and lower edge do not cut.
	first, last := y1, y1
	if w.strip != nil {
		first, last = max(y0, -w.p.oy), min(y1, w.p.planeH-w.p.oy-w.p.foot.h+1)
	}
	if last-first < 4 {
		first, last = y1, y1
	}
	for y := y0; y < first; y++ {
		w.row(m, y)
	}
	for y := first; y < last; y += 4 {
		w.four(m, min(y, last-4)) // the last may do rows again: they come out the same
	}
	for y := last; y < y1; y++ {
		w.row(m, y)
	}
}

// stage copies the plane rows that output rows [y0, y1) look at, as bins.
func (w *worker) stage(y0, y1 int) {
	p := w.p
	w.top = max(0, y0+p.oy)
	end := min(p.planeH, y1-1+p.oy+p.foot.h)
	if need := (end - w.top) * w.stride; cap(w.pix) < need {
		w.pix = make([]uint8, need)
	} else {
		w.pix = w.pix[:need]
	}
	for r := w.top; r < end; r++ {
		p.bin(w.pix[(r-w.top)*w.stride:][:p.planeW], r)
	}
	if w.strip != nil {
		w.strip.restage(end - w.top)
	}
}

// bin writes the bins of plane row r to dst.
func (p *plan) bin(dst []uint8, r int) {
	g, dx, y := p.img, 0, r
	if p.border == Reflect || p.border == Mirror {
		dx, y = p.foot.w/2, p.border.source(r-p.foot.h/2, g.h)
	}
	inside := dst[dx : dx+g.w]
	if g.pix16 != nil {
		for x, v := range g.pix16[y*g.stride:][:g.w] {
			inside[x] = uint8(v >> p.shift)
		}
	} else if p.shift == 0 {
		copy(inside, g.pix8[y*g.stride:][:g.w])
	} else {
		for x, v := range g.pix8[y*g.stride:][:g.w] {
			inside[x] = v >> p.shift
		}
	}
	for x := range dx {
		dst[x] = inside[p.border.source(x-dx, g.w)]
	}
	for x := dx + g.w; x < len(dst); x++ {
		dst[x] = inside[p.border.source(x-dx, g.w)]
	}
}

// four fills output rows y … y+3.
func (w *worker) four(m *part, y int) {
	w.strip.run(w, y)
	a, b, c, d := m.row(y), m.row(y+1), m.row(y+2), m.row(y+3)
	b, c, d = b[:len(a)], c[:len(a)], d[:len(a)]
	whole, unit := w.strip.whole[:len(a)], w.strip.unit[:len(a)]
	for x, s := range w.strip.sums[:len(a)] {
		f, u := whole[x], unit[x] // below 2^55, so int64 will do, and converts in one instruction
		a[x] = float64(int64(f-s.a&sumMask)) * u
		b[x] = float64(int64(f-s.b&sumMask)) * u
		c[x] = float64(int64(f-s.c&sumMask)) * u
		d[x] = float64(int64(f-s.d&sumMask)) * u
	}
	if w.p.correct {
		perBin := w.strip.perBin[:len(a)]
		for x, s := range w.strip.sums[:len(a)] {
			a[x] += float64(float64(int64(s.a>>occShift)-1) * perBin[x])
			b[x] += float64(float64(int64(s.b>>occShift)-1) * perBin[x])
			c[x] += float64(float64(int64(s.c>>occShift)-1) * perBin[x])
			d[x] += float64(float64(int64(s.d>>occShift)-1) * perBin[x])
		}
	}
	if m.occupied != nil {
		for x, s := range w.strip.sums {
			for k, v := range [4]uint64{s.a, s.b, s.c, s.d} {
				m.setOccupied(x, y+k, int(v>>occShift))
			}
		}
	}
}

// finish turns the sums of row y into bits.
func (w *worker) finish(m *part, y int) {
	out := m.row(y)
	for x, n := range w.n {
		out[x] = float64(w.t.f[n]-w.sum[x]) * w.t.unit[n]
		if w.p.correct {
			out[x] += float64(float64(w.occ[x]-1) * perBin(n))
		}
		m.setOccupied(x, y, w.occ[x])
	}
}
