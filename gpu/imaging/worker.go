package imaging

// worker computes bands of a map. Each goroutine has its own.
type worker struct {
	p           *plan
	t           *table
	left, right []int    // reach of the footprint's rows
	pix         []uint8  // the bins of plane rows [top, top+rows)
	top, stride int      // stride ≥ planeW
	n           []int    // pixels of each window of a row
	sum         []uint64 // Σ f of each window of a row
	occ         []int    // occupied bins of each window of a row
}

func newWorker(p *plan, t *table) *worker {
	w := &worker{p: p, t: t}
	if p.foot.kind == tile {
		return w
	}
	w.left, w.right = p.foot.reach()
	w.stride = p.planeW
	w.n, w.occ, w.sum = make([]int, p.outW), make([]int, p.outW), make([]uint64, p.outW)
	return w
}

// band fills output rows [y0, y1).
func (w *worker) band(m *Map, y0, y1 int) {
	if w.p.foot.kind == tile {
		for y := y0; y < y1; y++ {
			w.tiles(m, y)
		}
		return
	}
	w.stage(y0, y1)
	for y := y0; y < y1; y++ {
		w.row(y)
		w.finish(m, y)
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

// row slides a window of any shape along output row y.
func (w *worker) row(y int) {
	p := w.p
	var hist [256]uint32
	up, pix := w.t.up, w.pix
	var s uint64
	n, m := 0, 0
	j0, j1 := max(0, -(y+p.oy)), min(p.foot.h, p.planeH-(y+p.oy)) // rows of the window inside the plane
	base := (y + p.oy - w.top) * w.stride
	add := func(i int) {
		c := hist[pix[i]]
		if c == 0 {
			m++
		}
		s += up[c]
		hist[pix[i]] = c + 1
		n++
	}
	remove := func(i int) {
		c := hist[pix[i]] - 1
		if c == 0 {
			m--
		}
		s -= up[c]
		hist[pix[i]] = c
		n--
	}
	centre := p.ox + p.foot.w/2
	for j := j0; j < j1; j++ {
		for c := max(0, centre-w.left[j]); c <= min(p.planeW-1, centre+w.right[j]); c++ {
			add(base + j*w.stride + c)
		}
	}
	for x := 0; ; x++ {
		w.n[x], w.sum[x], w.occ[x] = n, s, m
		if x+1 == p.outW {
			return
		}
		for j := j0; j < j1; j++ {
			o := base + j*w.stride
			if c := x + 1 + centre + w.right[j]; c < p.planeW {
				add(o + c)
			}
			if c := x + centre - w.left[j]; c >= 0 {
				remove(o + c)
			}
		}
	}
}

// finish turns the sums of row y into bits.
func (w *worker) finish(m *Map, y int) {
	out := m.Bits[y*m.Width:][:m.Width]
	for x := range out {
		n := w.n[x]
		h := w.t.bits(n, w.sum[x])
		if w.p.correct {
			h += millerMadow(w.occ[x], n)
		}
		out[x] = h
	}
	if m.Occupied != nil {
		occ := m.Occupied[y*m.Width:][:m.Width]
		for x := range occ {
			occ[x] = uint16(w.occ[x])
		}
	}
}

// tiles fills row ty of a map of tiles.
func (w *worker) tiles(m *Map, ty int) {
	p := w.p
	y0, y1 := ty*p.foot.h, min(p.img.h, (ty+1)*p.foot.h)
	for tx := range m.Width {
		x0, x1 := tx*p.foot.w, min(p.img.w, (tx+1)*p.foot.w)
		var hist [256]int
		p.img.count(&hist, x0, x1, y0, y1, p.shift)
		e := w.t.entropy(&hist)
		i := ty*m.Width + tx
		m.Bits[i] = e.Bits
		if p.correct {
			m.Bits[i] += millerMadow(e.Occupied, e.N)
		}
		if m.Occupied != nil {
			m.Occupied[i] = uint16(e.Occupied)
		}
	}
}

// count adds the bins of columns [x0, x1), rows [y0, y1) to hist.
func (g *Gray) count(hist *[256]int, x0, x1, y0, y1, shift int) {
	for y := y0; y < y1; y++ {
		if g.pix16 != nil {
			for _, v := range g.pix16[y*g.stride+x0 : y*g.stride+x1] {
				hist[uint8(v>>shift)]++
			}
			continue
		}
		for _, v := range g.pix8[y*g.stride+x0 : y*g.stride+x1] {
			hist[v>>shift]++
		}
	}
}

// entropy is the plug-in entropy of a histogram.
func (t *table) entropy(hist *[256]int) Entropy {
	var e Entropy
	var s uint64
	for _, n := range hist {
		if n > 0 {
			e.N += n
			e.Occupied++
			s += t.at(n)
		}
	}
	e.Bits = t.bits(e.N, s)
	return e
}
