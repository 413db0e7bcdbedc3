package prim

// scan3 is scan for up to 4 neighbours in three columns, where nothing but the
// point itself is barred: distances go from the subtraction into the five
// places without a stop in memory, which makes searches a third faster.
func (s *nearest) scan3(node, from, to, a, b int) (shrunk bool) {
	t := s.t
	box := (*[6]float64)(t.box(node))
	xs, ys, zs := t.x[0][from:to], t.x[1][from:to], t.x[2][from:to]
	ys, zs = ys[:len(xs)], zs[:len(xs)]
	qx, qy, qz := t.x[0][a:b], t.x[1][a:b], t.x[2][a:b]
	qy, qz = qy[:len(qx)], qz[:len(qx)]
	for q, x := range qx {
		y, z := qy[q], qz[q]
		p := &s.best[q&(leafSize-1)]
		k4 := p[4]
		g := max(side(box[0], x), side(x, box[1]), side(box[2], y), side(y, box[3]), side(box[4], z), side(z, box[5]))
		if g >= k4 {
			continue
		}
		k0, k1, k2, k3, was := p[0], p[1], p[2], p[3], k4
		for j, v := range xs {
			d := max(distanceBits(x-v), distanceBits(y-ys[j]), distanceBits(z-zs[j]))
			if d < k4 {
				k4 = min(k4, max(k3, d))
				k3 = min(k3, max(k2, d))
				k2 = min(k2, max(k1, d))
				k1 = min(k1, max(k0, d))
				k0 = min(k0, d)
			}
		}
		p[0], p[1], p[2], p[3], p[4] = k0, k1, k2, k3, k4 // also if k4 stays: k3 may have been as large
		shrunk = shrunk || k4 < was
	}
	return shrunk
}

// scan2 is scan3 for two columns.
func (s *nearest) scan2(node, from, to, a, b int) (shrunk bool) {
	t := s.t
	box := (*[4]float64)(t.box(node))
	xs, ys := t.x[0][from:to], t.x[1][from:to]
	ys = ys[:len(xs)]
	qx, qy := t.x[0][a:b], t.x[1][a:b]
	qy = qy[:len(qx)]
	for q, x := range qx {
		y := qy[q]
		p := &s.best[q&(leafSize-1)]
		k4 := p[4]
		g := max(side(box[0], x), side(x, box[1]), side(box[2], y), side(y, box[3]))
		if g >= k4 {
			continue
		}
		k0, k1, k2, k3, was := p[0], p[1], p[2], p[3], k4
		for j, v := range xs {
			d := max(distanceBits(x-v), distanceBits(y-ys[j]))
			if d < k4 {
				k4 = min(k4, max(k3, d))
				k3 = min(k3, max(k2, d))
				k2 = min(k2, max(k1, d))
				k1 = min(k1, max(k0, d))
				k0 = min(k0, d)
			}
		}
		p[0], p[1], p[2], p[3], p[4] = k0, k1, k2, k3, k4 // also if k4 stays: k3 may have been as large
		shrunk = shrunk || k4 < was
	}
	return shrunk
}
