package forecast

import (
	"context"
	"slices"
)

// burg fits the centred series in w.f, orders 0 to p.
//
// Each order is one pass that writes the errors of both directions and adds up
// what the next order needs. The denominator could follow from the last one
// without these sums (Andersen 1978), but that loses all digits on a series
// that is nearly predictable.
func (w *fitter) burg(ctx context.Context, a AR, m *Model, p, exp int) error {
	f := w.f
	n := len(f)
	w.b = slices.Grow(w.b[:0], n)[:n]
	b := w.b
	var s pairs
	err := each(ctx, n, func(from, to int) {
		copy(b[from:to], f[from:to])
		s = s.plus(sums(f[from:min(n, to+1)]))
	})
	if err != nil {
		return err
	}
	l := levinson{
		phi:        make([]float64, 0, p),
		reflection: make([]float64, 0, p),
		sigma2:     append(make([]float64, 0, p+1), (s.den+f[0]*f[0]+f[n-1]*f[n-1])/(2*float64(n))),
	}
	for k := 1; ; k++ {
		// f[i] and b[i] are the errors of the same span of k values: f of its
		// last one, b of its first.
		f, b = f[1:], b[:n-k]
		var r float64
		if s.den > 0 {
			r = 2 * s.num / s.den
			r = max(-1, min(1, r)) // it is, but for rounding
		}
		l.step(r)
		l.sigma2 = append(l.sigma2, (1-r*r)*s.den/(2*float64(n-k)))
		if k == p {
			break
		}
		if s, err = advance(ctx, f, b, r); err != nil {
			return err
		}
	}
	m.choose(a, p, &l, exp)
	return nil
}

// pairs holds the sums over neighbours that give a reflection coefficient:
// num = Σ f[i+1]·b[i], den = Σ f[i+1]² + b[i]².
type pairs struct{ num, den float64 }

func (s pairs) plus(t pairs) pairs { return pairs{s.num + t.num, s.den + t.den} }

// sums returns the pairs of order 1, where f and b are both x.
func sums(x []float64) pairs {
	n := len(x)
	if n < 2 {
		return pairs{}
	}
	var n0, n1, d0, d1 float64
	last := x[0]
	i := 1
	for ; i+1 < n-1; i += 2 {
		u, v := x[i], x[i+1]
		n0 += u * last
		n1 += v * u
		d0 += u * u
		d1 += v * v
		last = v
	}
	for ; i < n-1; i++ {
		u := x[i]
		n0 += u * last
		d0 += u * u
		last = u
	}
	n0 += x[n-1] * last
	return pairs{n0 + n1, x[0]*x[0] + 2*(d0+d1) + x[n-1]*x[n-1]}
}

// advance replaces f and b by f − r·b and b − r·f and returns the pairs of the
// next order.
func advance(ctx context.Context, f, b []float64, r float64) (pairs, error) {
	f[0], b[0] = f[0]-r*b[0], b[0]-r*f[0]
	last := b[0] // f[0] and the last of b have no partner
	var s pairs
	err := each(ctx, len(f)-1, func(from, to int) {
		var part pairs
		part, last = turn(f[1+from:1+to], b[1+from:1+to], r, last)
		s = s.plus(part)
	})
	return s, err
}

// turn does a block of advance; last is the new value of b before the block,
// and then the last one in it. With two sums of each kind the additions do not
// wait for each other.
func turn(f, b []float64, r, last float64) (pairs, float64) {
	var n0, n1, d0, d1 float64
	i := 0
	for ; i+1 < len(f) && i+1 < len(b); i += 2 {
		f0, b0, f1, b1 := f[i], b[i], f[i+1], b[i+1]
		u0, v0 := f0-r*b0, b0-r*f0
		u1, v1 := f1-r*b1, b1-r*f1
		f[i], b[i], f[i+1], b[i+1] = u0, v0, u1, v1
		n0 += u0 * last
		n1 += u1 * v0
		d0 += u0*u0 + last*last
		d1 += u1*u1 + v0*v0
		last = v1
	}
	if i < len(f) {
		u, v := f[i]-r*b[i], b[i]-r*f[i]
		f[i], b[i] = u, v
		n0 += u * last
		d0 += u*u + last*last
		last = v
	}
	return pairs{n0 + n1, d0 + d1}, last
}
