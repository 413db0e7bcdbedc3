package figure

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// ring is the graph: nodes on a circle, clockwise from the top in the order of
// their names, and arrows between them.
type ring struct {
	*network
	x, y, r float64 // centre and radius
	node    float64 // radius of a node
	size    float64 // of names; 0: there are none
	shades  shades
	shown   []link // the links drawn, the last on top
	left    int    // significant links that are not
	lags    bool   // stand on the arrows
	mute    int    // arrows without room for their lag
	boxes   []box  // of names, nodes and lags: what no lag may cover
	passing map[[2]int]int
}

const (
	maxArrows = 200 // more are a ball of wool: the strongest are drawn
	maxLags   = 100 // arrows with their lags on them
	maxSame   = 20  // of those that all have the same
	maxDashed = 30  // links in a graph whose not significant ones are drawn too
	nameWidth = 96
)

func (w *network) ring(s shades) *ring {
	n := float64(len(w.names))
	g := &ring{network: w, shades: s, r: max(84, min(190, 64+7*n)), node: 8, size: 11, passing: map[[2]int]int{}}
	switch {
	case n == 1:
		g.r = 30
	case n > 100:
		g.r, g.node, g.size = 260, 2.5, 0
	case n > 40:
		g.r, g.node, g.size = max(190, 4.6*n), 4, 8.5
	case n > 16:
		g.node, g.size = 5.5, 10
	}
	for _, l := range w.links {
		if l.from != l.to && !math.IsNaN(l.Effect) && (l.Significant || len(w.links) <= maxDashed) {
			g.shown = append(g.shown, l)
		}
	}
	slices.SortStableFunc(g.shown, func(a, b link) int { // what matters most comes last
		if a.Significant != b.Significant {
			return cmp.Compare(rank(a), rank(b))
		}
		return cmp.Compare(math.Abs(a.Effect), math.Abs(b.Effect))
	})
	if over := len(g.shown) - maxArrows; over > 0 {
		g.shown, g.left = g.shown[over:], over
	}
	arrows, same := 0, true
	for _, l := range g.shown {
		if l.Significant {
			same = same && slices.Equal(l.lags, g.shown[len(g.shown)-1].lags)
			arrows++
		}
	}
	g.lags = g.size > 0 && arrows > 0 && arrows <= maxLags && !(same && arrows > maxSame)
	return g
}

func rank(l link) int {
	if l.Significant {
		return 1
	}
	return 0
}

// at is the centre of node i.
func (g *ring) at(i int) (x, y float64) {
	n := len(g.names)
	if n == 1 {
		return g.x, g.y
	}
	turn := -math.Pi / 2
	if n == 2 {
		turn = math.Pi
	}
	sin, cos := math.Sincos(turn + 2*math.Pi*float64(i)/float64(n))
	return g.x + g.r*cos, g.y + g.r*sin
}

// extent is the room that the nodes and their names take around the centre.
func (g *ring) extent(s *sheet) box {
	b := box{g.x, g.y, g.x, g.y}.grown(g.r + g.node + 2)
	if len(g.names) == 1 {
		b = box{g.x, g.y, g.x, g.y}.grown(g.node + 2)
	}
	for _, n := range g.placeNames(s) {
		b = box{min(b.x0, n.box.x0), min(b.y0, n.box.y0), max(b.x1, n.box.x1), max(b.y1, n.box.y1)}
	}
	return b
}

// draw draws the graph around its centre.
func (g *ring) draw(s *sheet) {
	for i := range g.names {
		x, y := g.at(i)
		g.boxes = append(g.boxes, box{x, y, x, y}.grown(g.node+1))
	}
	names := g.placeNames(s)
	for _, n := range names {
		g.boxes = append(g.boxes, n.box)
	}
	curves := make([]curve, len(g.shown))
	for i, l := range g.shown {
		curves[i] = g.curve(l)
		for _, p := range curves[i].points {
			g.passing[cell(p)]++
		}
	}
	for i, l := range g.shown {
		g.arrow(s, l, curves[i])
	}
	for i := range g.names {
		x, y := g.at(i)
		s.area(s.ground, disc(x, y, g.node+1))
		s.area(mix(s.ink, s.ground, 0.22), disc(x, y, g.node))
		s.line(s.soft, 1.2, nil, disc(x, y, g.node))
	}
	for _, n := range names {
		s.write(s.ink, style{size: g.size}, n.x, n.y, n.align, n.text)
	}
	for i := len(g.shown) - 1; i >= 0 && g.lags; i-- { // the strongest first: it has the choice
		g.writeLag(s, g.shown[i], curves[i])
	}
}

// placed is a text with a place.
type placed struct {
	text        string
	x, y, align float64 // of its baseline
	box         box
}

// placeNames puts the names outside of the ring, so that none meets another.
func (g *ring) placeNames(s *sheet) []placed {
	if g.size == 0 {
		return nil
	}
	out := make([]placed, len(g.names))
	sides := map[float64][]int{}
	const middle = 0.02 // how far from the axis a name stands above or below its node
	for i, name := range g.names {
		x, y := g.at(i)
		p := placed{text: s.fit(name, g.size, false, nameWidth)}
		dx, dy := (x-g.x)/g.r, (y-g.y)/g.r
		gap := g.node + 5
		switch {
		case len(g.names) == 1 || math.Abs(dx) < middle && dy < 0:
			p.x, p.y, p.align = x, y-gap, 0.5
		case math.Abs(dx) < middle:
			p.x, p.y, p.align = x, y+gap+capitals*g.size, 0.5
		case dx > 0:
			p.x, p.y = x+gap, y+dy*5+0.36*g.size
			sides[1] = append(sides[1], i)
		default:
			p.x, p.y, p.align = x-gap, y+dy*5+0.36*g.size, 1
			sides[-1] = append(sides[-1], i)
		}
		out[i] = p
	}
	for _, side := range []float64{1, -1} {
		g.spread(out, sides[side])
	}
	for i := range out {
		p := &out[i]
		w := s.lettering.width(p.text, g.size, false)
		p.box = box{p.x - p.align*w, p.y - capitals*g.size, p.x + (1-p.align)*w, p.y + descent*g.size}
	}
	for i := range out { // names above and below the ring yield to those beside it
		if out[i].align != 0.5 {
			continue
		}
		step := 1.0
		if out[i].y < g.y {
			step = -1
		}
		for k := 0; k < 200 && meetsAny(out[i].box.grown(1), out, i); k++ {
			out[i].y += step
			out[i].box.y0 += step
			out[i].box.y1 += step
		}
	}
	return out
}

func meetsAny(b box, names []placed, except int) bool {
	for j, n := range names {
		if j != except && b.meets(n.box) {
			return true
		}
	}
	return false
}

// spread moves the names of one side apart, from the middle up and down.
func (g *ring) spread(names []placed, side []int) {
	slices.SortFunc(side, func(a, b int) int { return cmp.Compare(names[a].y, names[b].y) })
	middle := 0
	for middle < len(side) && names[side[middle]].y < g.y {
		middle++
	}
	apart := g.size + 2
	for k := middle - 2; k >= 0; k-- {
		names[side[k]].y = min(names[side[k]].y, names[side[k+1]].y-apart)
	}
	for k := max(1, middle); k < len(side); k++ {
		names[side[k]].y = max(names[side[k]].y, names[side[k-1]].y+apart)
	}
}

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
