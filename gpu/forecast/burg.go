package forecast

import (
	"context"
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
	w.b = append(w.b[:0], f...)
	b := w.b
	s := sums(f)
	l := levinson{
		phi:        make([]float64, 0, p),
		reflection: make([]float64, 0, p),
		sigma2:     append(make([]float64, 0, p+1), (s.den+f[0]*f[0]+f[n-1]*f[n-1])/(2*float64(n))),
	}
	for k := 1; ; k++ {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
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
		var err error
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

// sums returns the pairs of order 1, where f and b are both x.
func sums(x []float64) pairs {
	n := len(x)
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
// next order. With two sums of each kind the additions do not wait for each
// other.
func advance(ctx context.Context, f, b []float64, r float64) (pairs, error) {
	n := len(f)
	f[0], b[0] = f[0]-r*b[0], b[0]-r*f[0]
	last := b[0] // f[0] and the last of b have no partner
	var n0, n1, d0, d1 float64
	f, b = f[1:n], b[1:n]
	for len(f) > 0 {
		part := min(len(f), lookEvery)
		x, y := f[:part], b[:part]
		i := 0
		for ; i+1 < len(x) && i+1 < len(y); i += 2 {
			x0, y0, x1, y1 := x[i], y[i], x[i+1], y[i+1]
			u0, v0 := x0-r*y0, y0-r*x0
			u1, v1 := x1-r*y1, y1-r*x1
			x[i], y[i], x[i+1], y[i+1] = u0, v0, u1, v1
			n0 += u0 * last
			n1 += u1 * v0
			d0 += u0*u0 + last*last
			d1 += u1*u1 + v0*v0
			last = v1
		}
		if i < len(x) {
			x0, y0 := x[i], y[i]
			u0, v0 := x0-r*y0, y0-r*x0
			x[i], y[i] = u0, v0
			n0 += u0 * last
			d0 += u0*u0 + last*last
			last = v0
		}
		f, b = f[part:], b[part:]
		if len(f) > 0 && ctx.Err() != nil {
			return pairs{}, context.Cause(ctx)
		}
	}
	return pairs{n0 + n1, d0 + d1}, nil
}
