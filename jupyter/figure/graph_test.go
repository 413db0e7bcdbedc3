package figure

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"surprisal/gpu/causal"
)

// ringOf lays a graph out and draws it.
func ringOf(t *testing.T, g *causal.Graph) (*ring, *sheet) {
	t.Helper()
	w, err := networkOf(g)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Light.look()
	if err != nil {
		t.Fatal(err)
	}
	k, err := newShades(l, w.scale(Options{}), w.signed)
	if err != nil {
		t.Fatal(err)
	}
	r, s := w.ring(k), newSheet(l)
	r.x, r.y = 400, 400
	r.draw(s)
	return r, s
}

// Arrows end at the rim of their node and point at it, and pass no other node.
func TestArrowsEndAtTheRim(t *testing.T) {
	for _, n := range []int{2, 3, 5, 8, 13, 30, 64} {
		g := regions(n, n*(n-1), 1)
		for i := range g.Edges {
			g.Edges[i].Significant, g.Edges[i].Effect = true, 0.1/float64(1+i%7)
		}
		r, _ := ringOf(t, g)
		for _, l := range r.shown {
			k := r.curve(l)
			x, y := r.at(l.to)
			if d := dist(k.tip, pt(x, y)); !(d >= r.node+1 && d < r.node+8) {
				t.Errorf("%d nodes: the arrow %d → %d ends %.1f from the centre of a node of radius %v", n, l.from, l.to, d, r.node)
			}
			ahead := k.tip.Add(k.dir.Scale(5))
			if !(dist(ahead, pt(x, y)) < dist(k.tip, pt(x, y))) {
				t.Errorf("%d nodes: the arrow %d → %d points away", n, l.from, l.to)
			}
			for i := range r.names {
				if i == l.from || i == l.to {
					continue
				}
				x, y := r.at(i)
				for _, p := range k.points {
					if d := dist(p, pt(x, y)); d < r.node {
						t.Errorf("%d nodes: the arrow %d → %d passes %.1f from node %d", n, l.from, l.to, d, i)
						break
					}
				}
			}
		}
	}
}

// The two directions of a pair are two curves.
func TestDirectionsAreApart(t *testing.T) {
	for _, n := range []int{2, 3, 4, 8, 30} {
		g := regions(n, 0, 1)
		r, _ := ringOf(t, g)
		for i := range n {
			for j := range i {
				there, back := r.curve(*r.network.at[i][j]), r.curve(*r.network.at[j][i])
				a, b := there.points[len(there.points)/2], back.points[len(back.points)/2]
				x0, y0 := r.at(i)
				x1, y1 := r.at(j)
				if d := dist(a, b); !(d > 0.15*math.Hypot(x1-x0, y1-y0)) {
					t.Errorf("%d nodes: %d → %d and back are %.1f apart", n, i, j, d)
				}
			}
		}
	}
}

// An arrow is as wide as its effect is large, and dashed only if it was tested
// and found wanting.
func TestArrowStyles(t *testing.T) {
	g := &causal.Graph{Nodes: []string{"a", "b", "c"}, Unit: "nats", Level: 0.05, Edges: []causal.Edge{
		{From: 0, To: 1, Lag: 1, Effect: 0.2, P: 0.001, Significant: true},
		{From: 1, To: 2, Lag: 2, Effect: 0.1, P: 0.001, Significant: true},
		{From: 2, To: 0, Lag: 1, Effect: 0.01, P: 0.5},
		{From: 2, To: 1, Lag: 1, Effect: 0.05, P: math.NaN()},
	}}
	_, s := ringOf(t, g)
	var widths []float64
	dashed := 0
	for _, m := range s.marks {
		if m.width > 0 && len(m.path) == 2 {
			widths = append(widths, m.width)
			if m.dash != nil {
				dashed++
			}
		}
	}
	if got := fmt.Sprint(widths); got != "[1 1 2.7 4.2]" || dashed != 1 {
		t.Errorf("widths %s, %d dashed; want [1 1 2.7 4.2] (1.2 and 3 times the share of the largest) and one", got, dashed)
	}
}

// All lags have room in a graph of 30 nodes and 70 arrows, and cover nothing;
// that no two texts meet, TestLayout sees.
func TestLagsHaveRoom(t *testing.T) {
	for _, n := range []int{3, 8, 12, 30} {
		r, s := ringOf(t, regions(n, min(70, n*n/2), 1, 2, 3))
		if r.mute > 0 {
			t.Errorf("%d nodes: %d arrows are without their lag", n, r.mute)
		}
		for _, m := range s.marks {
			if m.text == "" || m.font.size == r.size {
				continue
			}
			for i := range r.names {
				x, y := r.at(i)
				if m.box.meets(box{x, y, x, y}.grown(r.node)) {
					t.Errorf("%d nodes: lag %q covers node %d", n, m.text, i)
				}
			}
		}
	}
}

func TestStrongestLagStands(t *testing.T) {
	g := &causal.Graph{Nodes: []string{"b", "a"}, Unit: "nats", Level: 0.05, Step: 0.5, StepUnit: "s", Edges: []causal.Edge{
		{From: 0, To: 1, Lag: 1, Effect: 0.3, P: 0.2},
		{From: 0, To: 1, Lag: 2, Effect: 0.1, P: 0.001, Significant: true},
		{From: 0, To: 1, Lag: 4, Effect: 0.2, P: 0.001, Q: 0.002, Significant: true},
	}}
	w, err := networkOf(g)
	if err != nil {
		t.Fatal(err)
	}
	l := w.at[1][0] // b is the second by name
	if l == nil || l.Lag != 4 || w.lag(*l) != "1, 2" || w.lagUnit() != "s" || w.tested != 3 || w.passed != 2 {
		t.Fatalf("%+v, lag %q", l, w.lag(*l))
	}
	want := "causal graph of 2 nodes: 2 of 3 tested links significant at FDR 5 %; the strongest, b → a at lag 2 s, has 0.2 nats (p = 0.001, q = 0.002)"
	if got := Graph(g).String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestGraphSentence(t *testing.T) {
	untested := regions(3, 0, 1)
	untested.Level = 0
	lost := regions(3, 0, 1)
	lost.Edges[0].Effect = math.NaN()
	warned := regions(3, 0, 1)
	warned.Warnings = []string{"31 % ties"}
	for _, c := range []struct {
		name string
		g    *causal.Graph
		want string
	}{
		{"nothing", &causal.Graph{Nodes: []string{"a"}}, "causal graph of 1 node: no link was tested"},
		{"no test", untested, "causal graph of 3 nodes: 6 links, none tested; the strongest, "},
		{"none", regions(4, 0, 1, 2), "0 of 24 tested links significant at FDR 5 %"},
		{"lost", lost, "; 1 link without a finite effect"},
		{"warned", warned, "; 31 % ties"},
		{"many nodes", regions(101, 10, 1), "more than 100 nodes: their names are left out"},
		{"many arrows", regions(30, 5000, 1), "the 200 strongest are drawn as arrows, all in the matrix"},
	} {
		if got := Graph(c.g).String(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q does not say %q", c.name, got, c.want)
		}
	}
}

// A bar of colours stands where there are colours, and only there.
func TestBarExplainsColours(t *testing.T) {
	lost := regions(5, 8, 1)
	for i := range lost.Edges {
		lost.Edges[i].Effect = math.NaN()
	}
	for _, c := range []struct {
		name string
		g    *causal.Graph
		want bool
	}{
		{"significant", regions(5, 8, 1), true},
		{"values alone", regions(5, 0, 1), false},
		{"spots", regions(30, 0, 1), true},
		{"neither values nor spots", regions(101, 0, 1), false},
		{"no number", lost, false},
	} {
		w, err := networkOf(c.g)
		if err != nil {
			t.Fatal(err)
		}
		s, _, err := w.sheet(Options{})
		if err != nil {
			t.Fatal(err)
		}
		bar := 0
		for _, m := range s.marks {
			if len(m.path) == 5 && m.width == 0 && m.path[1].Pos.X-m.path[0].Pos.X == 12 && m.path[2].Pos.Y == m.path[3].Pos.Y {
				bar++
			}
		}
		if (bar >= shadeCount) != c.want {
			t.Errorf("%s: %d steps of a bar, want one: %v", c.name, bar, c.want)
		}
	}
}

// Values are printed where all fit: 0.12 with three figures, 0.09 with two.
func TestMatrixValues(t *testing.T) {
	for n, want := range map[int]int{3: 3, 8: 3, 12: 3, 30: -1} {
		g := regions(n, n, 1)
		for i := range g.Edges {
			g.Edges[i].Effect = 0.12 / float64(1+i)
		}
		g.Edges[0].Significant, g.Edges[0].P = true, 0.001
		w, err := networkOf(g)
		if err != nil {
			t.Fatal(err)
		}
		s := newSheet(look{})
		if m := w.matrix(s, shades{scale: w.scale(Options{})}); m.decide != want {
			t.Errorf("%d nodes: %d decimals, want %d", n, m.decide, want)
		}
	}
}
