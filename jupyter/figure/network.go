package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"surprisal/gpu/causal"
)

// network is a causal graph made ready: its nodes in the order of their names,
// and for each pair the arrow that stands for it.
type network struct {
	g       *causal.Graph
	names   []string
	links   []link    // one a pair that has an edge, by from and to
	at      [][]*link // [from][to]; nil: no edge
	tested  int       // edges with a p-value
	passed  int       // significant edges
	odd     int       // edges whose effect is no number
	largest float64   // effect of a significant link, or of any if none is
	signed  bool      // a significant effect is below 0
}

// link is the strongest significant edge of a pair, else the strongest.
type link struct {
	causal.Edge
	from, to int
	tested   bool
	lags     []int // of all significant edges of the pair, or of this one
}

// maxNodes is how many nodes a matrix of two pixels a cell has room for.
const maxNodes = 500

func networkOf(g *causal.Graph) (*network, error) {
	switch {
	case g == nil:
		return nil, errors.New("nothing to draw: nil was given")
	case len(g.Nodes) == 0:
		return nil, errors.New("nothing to draw: the graph has no nodes")
	case len(g.Nodes) > maxNodes:
		return nil, fmt.Errorf("%d nodes are too many to be seen: at most %d; draw a part of them", len(g.Nodes), maxNodes)
	}
	n := len(g.Nodes)
	order := make([]int, n) // order[i] is the index in g of the i-th name
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareNames(g.Nodes[a], g.Nodes[b]) })
	w := &network{g: g, names: make([]string, n), at: make([][]*link, n)}
	place := make([]int, n)
	for i, k := range order {
		place[k] = i
		w.names[i] = or(clean(g.Nodes[k]), fmt.Sprintf("node %d", k))
		w.at[i] = make([]*link, n)
	}
	for i, e := range g.Edges {
		if e.From < 0 || e.From >= n || e.To < 0 || e.To >= n {
			return nil, fmt.Errorf("edge %d goes from node %d to node %d, but there are only nodes 0 to %d", i, e.From, e.To, n-1)
		}
		w.add(e, place)
	}
	w.finish()
	return w, nil
}

func (w *network) add(e causal.Edge, place []int) {
	tested := w.g.Level > 0 && !math.IsNaN(e.P)
	if tested {
		w.tested++
	}
	e.Significant = e.Significant && tested
	if e.Significant {
		w.passed++
	}
	if math.IsNaN(e.Effect) || math.IsInf(e.Effect, 0) {
		w.odd++
		e.Effect = math.NaN()
	}
	from, to := place[e.From], place[e.To]
	l := w.at[from][to]
	if l == nil {
		w.at[from][to] = &link{e, from, to, tested, []int{e.Lag}}
		return
	}
	switch {
	case e.Significant && !l.Significant:
		l.Edge, l.tested, l.lags = e, tested, []int{e.Lag}
		return
	case e.Significant:
		l.lags = append(l.lags, e.Lag)
	case l.Significant:
		return
	}
	if math.Abs(e.Effect) > math.Abs(l.Effect) || math.IsNaN(l.Effect) {
		l.Edge, l.tested = e, tested
		if !e.Significant {
			l.lags = []int{e.Lag}
		}
	}
}

func (w *network) finish() {
	any := 0.0
	for _, row := range w.at {
		for _, l := range row {
			if l == nil {
				continue
			}
			slices.Sort(l.lags)
			l.lags = slices.Compact(l.lags)
			w.links = append(w.links, *l)
			if a := math.Abs(l.Effect); l.Significant {
				w.largest = max(w.largest, zero(a))
				w.signed = w.signed || l.Effect < 0
			} else {
				any = max(any, zero(a))
			}
		}
	}
	if w.largest == 0 {
		w.largest = any
	}
}

// zero is v, or 0 for NaN.
func zero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// lag is what stands on an arrow: its lags in the unit of the graph.
func (w *network) lag(l link) string {
	s := ""
	for i, k := range l.lags {
		switch {
		case i == 3:
			return s + ", …"
		case i > 0:
			s += ", "
		}
		step := w.g.Step
		if !(step > 0) {
			step = 1
		}
		s += minus(strconv.FormatFloat(float64(k)*step, 'g', 4, 64))
	}
	return s
}

// lagRange is the lag of the first significant link, and whether another has
// others.
func (w *network) lagRange() (first []int, several bool) {
	for _, l := range w.links {
		if l.Significant && first == nil {
			first = l.lags
		}
		several = several || l.Significant && !slices.Equal(first, l.lags)
	}
	return first, several
}

func (w *network) lagUnit() string {
	if w.g.Step > 0 {
		return clean(w.g.StepUnit)
	}
	return "samples"
}

// scale is that of the colours: from 0 to the largest effect, or as far below
// 0 as above where effects have signs.
func (w *network) scale(o Options) scale {
	switch {
	case o.Lo != o.Hi:
		return scale{lo: o.Lo, hi: o.Hi}
	case w.largest == 0:
		return scale{lo: 0, hi: 1}
	case w.signed:
		return scale{lo: -w.largest, hi: w.largest}
	}
	return scale{lo: 0, hi: w.largest}
}
