package imaging

// tiles fills row ty of a map of tiles.
func (w *worker) tiles(m *part, ty int) {
	p := w.p
	y0, y1 := ty*p.foot.h, min(p.img.h, (ty+1)*p.foot.h)
	for tx := range m.width {
		x0, x1 := tx*p.foot.w, min(p.img.w, (tx+1)*p.foot.w)
		var hist [256]int
		p.img.count(&hist, x0, x1, y0, y1, p.shift)
		e := w.t.entropy(&hist)
		if p.correct {
			e.Bits += float64(float64(e.Occupied-1) * perBin(e.N))
		}
		m.row(ty)[tx] = e.Bits
		m.setOccupied(tx, ty, e.Occupied)
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
	e.Bits = float64(t.at(e.N)-s) / (float64(e.N) * t.scale)
	return e
}
