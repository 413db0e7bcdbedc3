package raster

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// polyline is a part of a path in pixels.
type polyline struct {
	p      []point
	closed bool
}

// far keeps what lies beyond the canvas within what can be computed with.
const far = 1e6

// flatten turns p into c.path.
func (c *Canvas) flatten(p vg.Path) {
	c.path = c.path[:0]
	var cur polyline
	end := func() {
		if len(cur.p) > 0 {
			c.path = append(c.path, cur)
		}
		cur = polyline{}
	}
	to := func(x, y float64) {
		x, y = c.state.m.apply(x, y)
		if x == x && y == y { // a point that is nowhere is left out
			cur.p = append(cur.p, point{math.Max(-far, math.Min(far, x)), math.Max(-far, math.Min(far, y))})
		}
	}
	var at, start vg.Point
	for _, k := range p {
		switch k.Type {
		case vg.MoveComp:
			end()
			start = k.Pos
			to(float64(k.Pos.X), float64(k.Pos.Y))
		case vg.LineComp:
			to(float64(k.Pos.X), float64(k.Pos.Y))
		case vg.ArcComp:
			n := c.turns(k)
			for i := range n + 1 {
				sin, cos := math.Sincos(k.Start + k.Angle*float64(i)/float64(n))
				to(float64(k.Pos.X)+float64(k.Radius)*cos, float64(k.Pos.Y)+float64(k.Radius)*sin)
			}
		case vg.CurveComp:
			n := c.steps(at, k)
			for i := 1; i <= n; i++ {
				q := curve(at, k, float64(i)/float64(n))
				to(float64(q.X), float64(q.Y))
			}
		case vg.CloseComp:
			cur.closed = true
			end()
			k.Pos = start
			cur.p = nil
		}
		at = k.Pos
		if k.Type == vg.ArcComp {
			sin, cos := math.Sincos(k.Start + k.Angle)
			at = vg.Point{X: k.Pos.X + k.Radius*vg.Length(cos), Y: k.Pos.Y + k.Radius*vg.Length(sin)}
		}
	}
	end()
}

// flat is how far, in pixels, a straight line may lie from the curve that it
// stands for.
const flat = 0.08

// steps is how many straight lines make a Bézier curve from p: the error of n
// is an eighth of the second derivative over n².
func (c *Canvas) steps(p vg.Point, k vg.PathComp) int {
	pts := append(append([]vg.Point{p}, k.Control...), k.Pos)
	n := len(pts) - 1
	second := 0.0
	for i := 2; i <= n; i++ {
		second = max(second, math.Hypot(float64(pts[i].X-2*pts[i-1].X+pts[i-2].X), float64(pts[i].Y-2*pts[i-1].Y+pts[i-2].Y)))
	}
	second *= float64(n*(n-1)) * c.state.m.scale()
	return whole(math.Sqrt(second / (8 * flat)))
}

// turns is how many straight lines make an arc.
func (c *Canvas) turns(k vg.PathComp) int {
	return whole(math.Abs(k.Angle) * math.Sqrt(math.Abs(float64(k.Radius))*c.state.m.scale()/(8*flat)))
}

func whole(n float64) int { return 1 + int(min(1000, max(0, n))) } // of NaN 1

// curve is the point at t of the Bézier curve from p.
func curve(p vg.Point, k vg.PathComp, t float64) vg.Point {
	pts := append(append([]vg.Point{p}, k.Control...), k.Pos)
	for n := len(pts) - 1; n > 0; n-- { // de Casteljau
		for i := range n {
			pts[i].X += vg.Length(t) * (pts[i+1].X - pts[i].X)
			pts[i].Y += vg.Length(t) * (pts[i+1].Y - pts[i].Y)
		}
	}
	return pts[0]
}

// dashed cuts l into dashes. pattern and offset are in points of scale pixels.
func dashed(l polyline, pattern []float64, offset, scale float64) []polyline {
	p := l.p
	if l.closed {
		p = append(p[:len(p):len(p)], p[0])
	}
	i, left := 0, pattern[0]*scale
	on := true
	advance := func() {
		i++
		left = math.Max(pattern[i%len(pattern)]*scale, 1e-3)
		on = !on
	}
	skip := offset * scale
	for ; skip >= left && i < 1000; advance() {
		skip -= left
	}
	left -= skip
	var out []polyline
	cur := []point{p[0]}
	for k := 1; k < len(p); k++ {
		a, b := p[k-1], p[k]
		d := math.Hypot(b.x-a.x, b.y-a.y)
		for pos := 0.0; d > 0; {
			if d-pos <= left {
				left -= d - pos
				cur = append(cur, b)
				break
			}
			pos += left
			q := point{a.x + (b.x-a.x)*pos/d, a.y + (b.y-a.y)*pos/d}
			if on {
				out = append(out, polyline{p: append(cur, q)})
			}
			cur = []point{q}
			advance()
		}
	}
	if on && len(cur) > 1 {
		out = append(out, polyline{p: cur})
	}
	return out
}

// gentle is the cosine of the largest turn that a stroke takes without a join:
// 20°, at which the mitre is 1.5 % longer than half of the width.
const gentle = 0.94

// stroke adds the area within w/2 of l: ribbons between its sharp turns, and
// the joins on their outer sides. All wind the same way, so that nothing is
// taken away where they overlap.
func (c *coverage) stroke(l polyline, w float64) {
	p := l.p
	n := len(p)
	last := n - 1
	if l.closed {
		last = n
	}
	var left, right []point
	var before, first point // directions of the segment before and of the first
	flush := func() {
		for i := len(right) - 1; i >= 0; i-- {
			left = append(left, right[i])
		}
		c.area(left)
		left, right = left[:0], right[:0]
	}
	side := func(a point, nx, ny float64) {
		left, right = append(left, point{a.x - nx, a.y - ny}), append(right, point{a.x + nx, a.y + ny})
	}
	for i := range last {
		a, b := p[i], p[(i+1)%n]
		d := math.Hypot(b.x-a.x, b.y-a.y)
		if !(d > 1e-9) {
			continue
		}
		u := point{(b.x - a.x) / d, (b.y - a.y) / d}
		switch cos := u.x*before.x + u.y*before.y; {
		case before == point{}:
			first = u
			side(a, -u.y*w/2, u.x*w/2)
		case cos > gentle:
			k := w / 2 / (1 + cos)
			side(a, -(u.y+before.y)*k, (u.x+before.x)*k)
		default:
			side(a, -before.y*w/2, before.x*w/2)
			flush()
			c.join(a, before, u, w)
			side(a, -u.y*w/2, u.x*w/2)
		}
		before = u
	}
	if before == (point{}) {
		return
	}
	end := p[last%n]
	side(end, -before.y*w/2, before.x*w/2)
	flush()
	if l.closed {
		c.join(end, before, first, w)
	}
}

// join fills the wedge on the outer side of a turn from u to v at a.
func (c *coverage) join(a, u, v point, w float64) {
	cross, dot := u.x*v.y-u.y*v.x, u.x*v.x+u.y*v.y
	turn := math.Atan2(cross, dot)
	if math.Abs(turn)*w < 0.1 { // nobody sees a tenth of a pixel
		return
	}
	r := w / 2
	if turn > 0 {
		r = -r
	}
	start := point{-u.y * r, u.x * r}
	steps := 1 + int(math.Abs(turn)*w/4)
	wedge := []point{a}
	for i := range steps + 1 {
		sin, cos := math.Sincos(turn * float64(i) / float64(steps))
		wedge = append(wedge, point{a.x + start.x*cos - start.y*sin, a.y + start.x*sin + start.y*cos})
	}
	if r > 0 { // all areas of a stroke must wind the same way
		for i, j := 1, len(wedge)-1; i < j; i, j = i+1, j-1 {
			wedge[i], wedge[j] = wedge[j], wedge[i]
		}
	}
	c.area(wedge)
}
