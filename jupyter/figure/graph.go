package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"surprisal/gpu/causal"
)

// Graph draws who drives whom twice: on the left as arrows between nodes on a
// circle, in the order of their names, on the right as a matrix with a row for
// each source and a column for each target. A pair that was tested at several
// lags is shown by its strongest significant lag, or its strongest.
//
// The width and the colour of an arrow are its effect, the number on it the
// lags at which it is significant. What is not significant after the
// correction for many tests is dashed, in graphs of up to 30 pairs; in larger
// ones it is in the matrix only, as a value, as a small spot or, beyond 100
// nodes, not at all. Grey is what was not tested.
// A link of a node with itself is in the matrix only.
// Effects below 0 have the colour of 0, unless a significant one is among
// them: then the scale has two sides.
//
// What is wrong with g or the options is reported by the Figure when it is
// drawn.
func Graph(g *causal.Graph, options ...Options) *Figure {
	return newFigure("graph", options, func(o Options) (rendered, error) {
		w, err := networkOf(g)
		if err != nil {
			return rendered{}, err
		}
		s, text, err := w.sheet(o)
		if err != nil {
			return rendered{}, err
		}
		return s.render(o, "Causal graph", text)
	})
}

// sheet lays the picture out and draws it.
func (w *network) sheet(o Options) (*sheet, string, error) {
	l, err := o.Theme.look()
	if err == nil {
		err = o.checkRange()
	}
	if err != nil {
		return nil, "", err
	}
	k, err := newShades(l, w.scale(o), w.signed && o.Lo == o.Hi)
	if err != nil {
		return nil, "", err
	}
	s := newSheet(l)
	g, m := w.ring(k), w.matrix(s, k)
	unit := or(clean(o.Unit), clean(w.g.Unit))

	top := edge + 0.0
	if title := clean(o.Title); title != "" {
		top += 1.35*titleSize + 6
	}
	const captions = 16
	e := g.extent(s)
	high := max(e.y1-e.y0, m.side()+m.top+captions)
	g.x, g.y = edge-e.x0, top+(high-e.y0-e.y1)/2
	x := math.Round(g.x + e.x1 + 30 + captions + m.left)
	y := math.Round(top + (high-m.side()-m.top-captions)/2 + m.top + captions)
	if title := clean(o.Title); title != "" {
		s.write(s.ink, styleOfTitle(), edge, edge+titleSize, 0, s.fit(title, titleSize, true, x+m.side()-edge))
	}
	g.draw(s)
	m.draw(s, x, y)
	s.write(s.soft, styleOfText(), x+m.side()/2, y-m.top-6, 0.5, "target")
	s.writeUp(s.soft, styleOfText(), x-m.left-10, y+m.side()/2, 0.5, "source")
	right := x + m.side()
	if !m.coloured() {
		right = max(right, s.write(s.soft, styleOfText(), right+14, y+labelSize, 0, s.fit(unit, labelSize, false, 70)).x1)
	} else {
		barHeight := max(70, min(m.side(), 220))
		right = k.bar(s, unit, right+18, y+max(0, (m.side()-barHeight)/2), barHeight)
	}
	s.width = right + edge
	bottom := top + high + 8
	bottom = s.legend(w.key(g, m), edge, bottom, s.width-2*edge)
	text := w.sentence(g, unit)
	if !o.NoText {
		bottom = s.paragraph(s.soft, styleOfText(), edge, bottom+4, s.wrap(text, labelSize, false, s.width-2*edge, 8))
	}
	s.height = bottom + edge
	return s, text, nil
}

// key explains what of the picture needs it.
func (w *network) key(g *ring, m *matrix) []entry {
	var significant, dashed, grey, cells bool
	for _, l := range w.links {
		shown := !math.IsNaN(l.Effect)
		significant = significant || l.Significant && shown
		cells = cells || l.tested && !l.Significant && shown
		grey = grey || !l.tested
	}
	for _, l := range g.shown {
		dashed = dashed || l.tested && !l.Significant
	}
	grey = grey || len(w.links) < len(w.names)*(len(w.names)-1)
	var out []entry
	arrow := func(l link, width float64, dash []vg.Length) func(*sheet, float64, float64) {
		return func(s *sheet, x, y float64) {
			c := g.colour(s, l)
			s.line(c, width, dash, open(pt(x, y), pt(x+sample-6, y)))
			s.area(c, polygon(pt(x+sample, y), pt(x+sample-9, y-4.5), pt(x+sample-9, y+4.5)))
		}
	}
	if significant {
		l := link{Edge: causal.Edge{Significant: true, Effect: w.largest}, tested: true}
		out = append(out, entry{"significant, width and colour: effect", arrow(l, 2.8, nil)})
	}
	if dashed {
		out = append(out, entry{"not significant", arrow(link{tested: true}, 1, []vg.Length{4, 3})})
	} else if cells {
		out = append(out, entry{"not significant (matrix only)", m.sample})
	}
	if grey {
		out = append(out, entry{"not tested", func(s *sheet, x, y float64) { s.rect(s.blank, x, y-5, x+sample, y+5) }})
	}
	if g.lags {
		out = append(out, entry{strings.TrimSpace("lag in " + or(w.lagUnit(), "steps")), func(s *sheet, x, y float64) {
			s.segment(g.shades.of(w.largest), 2.8, x, y, x+sample, y)
			s.rect(s.ground, x+8, y-5, x+18, y+5)
			s.write(s.ink, style{size: 9}, x+13, y+3.3, 0.5, "1")
		}})
	}
	return out
}

// sentence says what the picture shows.
func (w *network) sentence(g *ring, unit string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "causal graph of %s: ", countOf(len(w.names), "node"))
	switch {
	case len(w.g.Edges) == 0:
		b.WriteString("no link was tested")
	case w.tested == 0:
		fmt.Fprintf(&b, "%s, none tested", countOf(len(w.g.Edges), "link"))
	default:
		fmt.Fprintf(&b, "%s of %s significant at FDR %.4g %%", grouped(w.passed), countOf(w.tested, "tested link"), 100*w.g.Level)
	}
	if best := w.best(); best != nil {
		fmt.Fprintf(&b, "; the strongest, %s → %s at lag %s, has %s", shortened(w.names[best.from]), shortened(w.names[best.to]), clean(w.g.LagText(best.Edge)), strings.TrimSpace(number(best.Effect, 3)+" "+unit))
		if best.tested {
			fmt.Fprintf(&b, " (p = %s, q = %s)", probability(best.P), probability(best.Q))
		}
	}
	if m := clean(w.g.Method); m != "" {
		fmt.Fprintf(&b, "; %s", m)
	}
	if w.odd > 0 {
		fmt.Fprintf(&b, "; %s without a finite effect", countOf(w.odd, "link"))
	}
	if g.left > 0 {
		fmt.Fprintf(&b, "; the %d strongest are drawn as arrows, all in the matrix", maxArrows)
	}
	if n := len(g.shown); n > 0 && g.shown[n-1].Significant && !g.lags {
		if _, several := w.lagRange(); several {
			b.WriteString("; the arrows are too many to tell their lags")
		} else {
			fmt.Fprintf(&b, "; all at lag %s", clean(w.g.LagText(g.shown[n-1].Edge)))
		}
	}
	if g.mute > 0 {
		fmt.Fprintf(&b, "; %s no room for the lag", have(g.mute, "arrow"))
	}
	if g.size == 0 {
		b.WriteString("; more than 100 nodes: their names are left out")
	}
	for _, v := range w.g.Warnings {
		fmt.Fprintf(&b, "; %s", clean(v))
	}
	return b.String()
}

// best is the significant link with the largest effect, or the link with the
// largest if none is; nil if there is none with a number.
func (w *network) best() *link {
	var best *link
	for i := range w.links {
		l := &w.links[i]
		switch {
		case math.IsNaN(l.Effect):
		case best == nil, l.Significant && !best.Significant,
			l.Significant == best.Significant && math.Abs(l.Effect) > math.Abs(best.Effect):
			best = l
		}
	}
	return best
}

func have(n int, what string) string {
	if n == 1 {
		return "1 " + what + " has"
	}
	return fmt.Sprintf("%d %ss have", n, what)
}

// probability is p with two significant digits.
func probability(p float64) string {
	return strconv.FormatFloat(p, 'g', 2, 64)
}

// fixed is v with a number of decimals, and no zero below 0.
func fixed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return minus(s)
}
