package figure

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// curve is the way of an arrow, from rim to rim.
type curve struct {
	a, control, b vg.Point // of the part that is stroked
	tip           vg.Point
	dir           vg.Point // of the head, of length 1
	points        []vg.Point
}

// beside is the point at t of the curve, moved to its left by off.
func (k curve) beside(t, off float64) (at struct{ x, y float64 }) {
	i := int(t * float64(len(k.points)-1))
	p, q := k.points[max(0, i-1)], k.points[min(len(k.points)-1, i+1)]
	d := max(dist(p, q), 1e-9)
	at.x = float64(k.points[i].X) + off*float64(q.Y-p.Y)/d
	at.y = float64(k.points[i].Y) - off*float64(q.X-p.X)/d
	return at
}

// bend is how far a curve leaves the straight line, over its length: enough
// for the two directions of a pair to be told apart.
const bend = 0.11

// bends returns how far to the left of its straight line the control point of
// a curve lies, over its length. The curve that would leave the ring bends less,
// so that it passes inside of the nodes between its ends, and the one of the
// other direction bends more by as much.
func (g *ring) bends(l link) float64 {
	n := len(g.names)
	ahead := (l.to - l.from + n) % n
	out := ahead <= n-ahead // clockwise curves lie outside of their line
	between := min(ahead, n-ahead) - 1
	if between < 1 {
		return 2 * bend
	}
	sin, cos := math.Sincos(math.Pi * float64(between+1) / float64(n))
	free := (1 - (g.node+7)/g.r - cos) / (2 * sin)
	less := max(0, bend-free)
	if out {
		return 2 * (bend - less)
	}
	return 2 * (bend + less)
}

func (g *ring) width(l link) float64 {
	if !l.Significant {
		return 1
	}
	if len(g.shown) > maxLags {
		return 0.7 + 1.5*math.Abs(l.Effect)/max(g.largest, math.SmallestNonzeroFloat64)
	}
	return 1.2 + 3*math.Abs(l.Effect)/max(g.largest, math.SmallestNonzeroFloat64)
}

func headLength(width float64) float64 { return 5.5 + 1.7*width }

func (g *ring) curve(l link) curve {
	x0, y0 := g.at(l.from)
	x1, y1 := g.at(l.to)
	a, b := pt(x0, y0), pt(x1, y1)
	d := b.Sub(a)
	k := vg.Length(g.bends(l))
	c := vg.Point{X: (a.X+b.X)/2 + k*d.Y, Y: (a.Y+b.Y)/2 - k*d.X}
	const steps = 96
	way := make([]vg.Point, steps+1)
	for i := range way {
		way[i] = quadratic(a, c, b, vg.Length(i)/steps)
	}
	first, last := 0, steps
	for first < steps && dist(way[first], a) < g.node+1.5 {
		first++
	}
	for last > first && dist(way[last], b) < g.node+2 {
		last--
	}
	tip, base := way[last], last
	for base > first && dist(way[base], tip) < headLength(g.width(l)) {
		base--
	}
	way = way[first : last+1]
	out := curve{tip: tip, points: way}
	if length := vg.Length(dist(way[base-first], tip)); length > 0 {
		out.dir = tip.Sub(way[base-first]).Scale(1 / length)
	}
	end := base // the line ends inside of the head
	for end < last && dist(way[end-first], tip) > 0.6*headLength(g.width(l)) {
		end++
	}
	out.a, out.control, out.b = part(a, c, b, vg.Length(first)/steps, vg.Length(end)/steps)
	return out
}

func dist(a, b vg.Point) float64 { return math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y)) }

func quadratic(a, c, b vg.Point, t vg.Length) vg.Point {
	s := 1 - t
	return vg.Point{X: s*s*a.X + 2*s*t*c.X + t*t*b.X, Y: s*s*a.Y + 2*s*t*c.Y + t*t*b.Y}
}

// part is the curve from t to u of the curve a, c, b.
func part(a, c, b vg.Point, t, u vg.Length) (vg.Point, vg.Point, vg.Point) {
	at := func(p, q vg.Point, t vg.Length) vg.Point { return p.Add(q.Sub(p).Scale(t)) }
	return quadratic(a, c, b, t), at(at(a, c, t), at(c, b, t), u), quadratic(a, c, b, u)
}

// cell is a square of four pixels, for counting what passes it.
func cell(p vg.Point) [2]int { return [2]int{int(p.X) / 4, int(p.Y) / 4} }

func (g *ring) colour(s *sheet, l link) color.NRGBA {
	switch {
	case l.Significant:
		return g.shades.of(l.Effect)
	case l.tested:
		return mix(s.axis, s.ground, 0.8)
	}
	return mix(s.blank, s.axis, 0.5)
}

func (g *ring) arrow(s *sheet, l link, k curve) {
	w := g.width(l)
	var p vg.Path
	p.Move(k.a)
	p.QuadTo(k.control, k.b)
	var dash []vg.Length
	if l.tested && !l.Significant {
		dash = []vg.Length{4, 3}
	}
	colour := g.colour(s, l)
	s.line(colour, w, dash, p)
	long, wide := vg.Length(headLength(w)), vg.Length(2.2+0.95*w)
	back := k.tip.Sub(k.dir.Scale(long))
	across := vg.Point{X: -k.dir.Y * wide, Y: k.dir.X * wide}
	s.area(colour, polygon(k.tip, back.Add(across), back.Add(k.dir.Scale(long*0.22)), back.Sub(across)))
}

// writeLag writes the lag on its arrow, where it meets no other text, no node
// and as few arrows as can be.
func (g *ring) writeLag(s *sheet, l link, k curve) {
	if !l.Significant || len(k.points) < 2 {
		return
	}
	size := g.size - 2
	text := g.lag(l)
	w := s.lettering.width(text, size, false)
	best, least := box{}, math.MaxInt
	for _, off := range []float64{0, size, -size, 2 * size} { // beside the arrow only if there is no room on it
		for i := range 37 {
			t := 0.5 + 0.022*float64((i+1)/2)*float64(1-2*(i%2))
			p := k.beside(t, off)
			b := box{p.x - w/2, p.y - capitals*size/2, p.x + w/2, p.y + capitals*size/2}.grown(1.5)
			if slices.ContainsFunc(g.boxes, b.meets) {
				continue
			}
			if n := g.passed(b) + i/4; n < least {
				best, least = b, n
			}
		}
		if least < math.MaxInt {
			break
		}
	}
	if least == math.MaxInt {
		g.mute++
		return
	}
	g.boxes = append(g.boxes, best)
	s.rect(s.ground, best.x0, best.y0, best.x1, best.y1)
	s.write(s.ink, style{size: size}, best.x0+1.5, best.y1-1.5, 0, text)
}

// passed counts the points of arrows in b.
func (g *ring) passed(b box) int {
	n := 0
	for x := int(b.x0) / 4; x <= int(b.x1)/4; x++ {
		for y := int(b.y0) / 4; y <= int(b.y1)/4; y++ {
			n += g.passing[[2]int{x, y}]
		}
	}
	return n
}
