package figure

import (
	"cmp"
	"math"
	"slices"
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
