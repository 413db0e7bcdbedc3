package imaging

// counts is a window that slides along one row, of any shape and size.
type counts struct {
	hist [256]uint32
	sum  uint64 // Σ f
	n    int    // pixels
	occ  int    // occupied bins
}

func (k *counts) add(up []uint64, v uint8) {
	c := k.hist[v]
	k.hist[v] = c + 1
	k.sum += up[c]
	k.n++
	if c == 0 {
		k.occ++
	}
}

func (k *counts) remove(up []uint64, v uint8) {
	c := k.hist[v] - 1
	k.hist[v] = c
	k.sum -= up[c]
	k.n--
	if c == 0 {
		k.occ--
	}
}

// row slides the window along output row y.
func (w *worker) row(m *part, y int) {
	p, up, pix := w.p, w.t.up, w.pix
	top := y + p.oy
	j0, j1 := max(0, -top), min(p.foot.h, p.planeH-top) // rows of the window inside the plane
	left, right := w.left[j0:j1], w.right[j0:j1]
	base := (top + j0 - w.top) * w.stride
	centre := p.ox + p.foot.w/2

	var k counts
	for j := range left {
		for c := max(0, centre-left[j]); c <= min(p.planeW-1, centre+right[j]); c++ {
			k.add(up, pix[base+j*w.stride+c])
		}
	}
	in, out := w.in[:len(left)], w.out[:len(left)] // places of the pixels that enter and leave at x = 0
	for j := range left {
		in[j], out[j] = base+j*w.stride+centre+right[j], base+j*w.stride+centre-left[j]-1
	}
	reach := p.foot.w / 2 // the farthest of left, and no nearer than the farthest of right
	for x := 0; ; {
		w.n[x], w.sum[x], w.occ[x] = k.n, k.sum, k.occ
		if x++; x == p.outW {
			break
		}
		if c := x + centre; c > reach && c+reach < p.planeW {
			k.step(up, pix, in, out, x)
			continue
		}
		for j := range left {
			if x+centre+right[j] < p.planeW {
				k.add(up, pix[in[j]+x])
			}
			if x+centre-left[j] > 0 {
				k.remove(up, pix[out[j]+x])
			}
		}
	}
	w.finish(m, y)
}

// step moves the window to column x where it lies wholly inside the plane.
func (k *counts) step(up []uint64, pix []uint8, in, out []int, x int) {
	sum, occ := k.sum, k.occ
	for j, o := range out[:len(in)] {
		a, b := pix[in[j]+x], pix[o+x]
		if a == b {
			continue
		}
		c, d := k.hist[a], k.hist[b]-1
		k.hist[a], k.hist[b] = c+1, d
		sum += up[c] - up[d]
		occ += int((uint64(c)-1)>>63) - int((uint64(d)-1)>>63) // 1 for 0, without a branch that noise would mislead
	}
	k.sum, k.occ = sum, occ
}
