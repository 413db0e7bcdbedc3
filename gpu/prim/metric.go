package prim

import "math"

// Distances are handled as the bits of float64 that are not negative, taken as
// integers: these have the order of the values, and minima and maxima without
// branches. infinite is that of no neighbour at all, and −1 is below all.
const infinite = int64(0x7FF0000000000000)

const magnitude = math.MaxInt64 // clears the sign bit

func distanceBits(d float64) int64 { return int64(math.Float64bits(d) & magnitude) }

// metric is the distance over some columns that belong to variables.
type metric struct {
	squared bool  // squares are added up inside a variable
	ends    []int // of each variable, the end of its columns
}

// gap returns the least distance that points of two boxes can have. Rounding
// keeps the order of exact results, so that the distance of two points, as it
// is computed, is never below the gap of their boxes.
func (m *metric) gap(a, b []float64) int64 {
	if m.squared {
		return m.squaredGap(a, b)
	}
	b = b[:len(a)]
	g := int64(0)
	switch len(a) {
	case 6:
		g = max(g, side(a[4], b[5]), side(b[4], a[5]))
		fallthrough
	case 4:
		g = max(g, side(a[2], b[3]), side(b[2], a[3]))
		fallthrough
	case 2:
		g = max(g, side(a[0], b[1]), side(b[0], a[1]))
	default:
		for d := 0; d+1 < len(a); d += 2 {
			g = max(g, side(a[d], b[d+1]), side(b[d], a[d+1]))
		}
	}
	return g
}

// side is how far lo lies above hi; negative if it does not.
func side(lo, hi float64) int64 { return int64(math.Float64bits(lo - hi)) }

func (m *metric) squaredGap(a, b []float64) int64 {
	g, d := 0.0, 0
	for _, end := range m.ends {
		sum := 0.0
		for ; d < end; d++ {
			s := max(0, a[2*d]-b[2*d+1], b[2*d]-a[2*d+1])
			sum += float64(s * s)
		}
		g = max(g, sum)
	}
	return distanceBits(g)
}

// apart writes the distances of point q of the tree to points [a, b), at most
// leafSize of them.
func (t *tree) apart(out *[leafSize]int64, q, a, b int) {
	x := t.x
	if t.squared {
		t.squaredApart(out, q, a, b)
		return
	}
	x0 := x[0][a:b]
	d := out[:len(x0)]
	q0 := x[0][q]
	switch len(x) {
	case 1:
		for j, v := range x0 {
			d[j] = distanceBits(q0 - v)
		}
	case 2:
		x1, q1 := x[1][a:b][:len(x0)], x[1][q]
		for j, v := range x0 {
			d[j] = max(distanceBits(q0-v), distanceBits(q1-x1[j]))
		}
	default:
		x1, q1 := x[1][a:b][:len(x0)], x[1][q]
		x2, q2 := x[2][a:b][:len(x0)], x[2][q]
		for j, v := range x0 {
			d[j] = max(distanceBits(q0-v), distanceBits(q1-x1[j]), distanceBits(q2-x2[j]))
		}
		for _, more := range x[3:] {
			xm, qm := more[a:b][:len(x0)], more[q]
			for j, v := range xm {
				d[j] = max(d[j], distanceBits(qm-v))
			}
		}
	}
}

func (t *tree) squaredApart(out *[leafSize]int64, q, a, b int) {
	clear(out[:])
	d := 0
	for _, end := range t.ends {
		var sum [leafSize]float64
		for ; d < end; d++ {
			x := t.x[d]
			for j, v := range x[a:b] {
				s := x[q] - v
				sum[j] += float64(s * s)
			}
		}
		for j := range b - a {
			out[j] = max(out[j], distanceBits(sum[j]))
		}
	}
}

// root returns the largest d whose square, as float64 rounds it, is at most r:
// |x−y| <= d decides as (x−y)² <= r does.
func root(r float64) float64 {
	if r < 1e-280 { // near and among the denormals many d have one square
		lo, hi := uint64(0), math.Float64bits(1e-139) // the square of hi is above
		for hi-lo > 1 {
			mid := lo + (hi-lo)/2
			if d := math.Float64frombits(mid); d*d <= r {
				lo = mid
			} else {
				hi = mid
			}
		}
		return math.Float64frombits(lo)
	}
	d := math.Sqrt(r)
	for d*d > r {
		d = math.Nextafter(d, 0)
	}
	for {
		next := math.Nextafter(d, math.Inf(1))
		if next*next > r {
			return d
		}
		d = next
	}
}

// pointGap returns the least distance from point q to a point of a box.
func (t *tree) pointGap(box []float64, q int) int64 {
	if t.squared {
		g, d := 0.0, 0
		for _, end := range t.ends {
			sum := 0.0
			for ; d < end; d++ {
				v := t.x[d][q]
				s := max(0, box[2*d]-v, v-box[2*d+1])
				sum += float64(s * s)
			}
			g = max(g, sum)
		}
		return distanceBits(g)
	}
	g := int64(0)
	for d, x := range t.x {
		v := x[q]
		g = max(g, side(box[2*d], v), side(v, box[2*d+1]))
	}
	return g
}
