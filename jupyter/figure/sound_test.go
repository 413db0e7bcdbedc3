package figure

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"surprisal/gpu/causal"
	"surprisal/gpu/forecast"
)

// faults lists what is wrong with the layout of s: marks outside of the sheet,
// texts that meet, marks that are nowhere.
func faults(s *sheet) []string {
	var out []string
	page := box{0, 0, s.width, s.height}
	var texts []mark
	for i, m := range s.marks {
		if m.text != "" {
			if !m.box.within(page.grown(-3)) {
				out = append(out, fmt.Sprintf("%q leaves the page: %v of %v × %v", m.text, m.box, s.width, s.height))
			}
			for _, o := range texts {
				if m.box.grown(-0.5).meets(o.box.grown(-0.5)) {
					out = append(out, fmt.Sprintf("%q meets %q", m.text, o.text))
				}
			}
			texts = append(texts, m)
			continue
		}
		if len(m.path) == 0 {
			out = append(out, fmt.Sprintf("mark %d is empty", i))
		}
		for _, k := range m.path {
			if x, y := float64(k.Pos.X), float64(k.Pos.Y); math.IsNaN(x+y) || !(box{x, y, x, y}).within(page.grown(0.01)) {
				out = append(out, fmt.Sprintf("mark %d leaves the page at %v", i, k.Pos))
			}
		}
	}
	if len(texts) == 0 {
		out = append(out, "there is no text")
	}
	return out
}

// sheetOf draws any of the figures that have sheets.
func sheetOf(v any, o Options) (*sheet, string, error) {
	switch x := v.(type) {
	case *causal.Graph:
		w, err := networkOf(x)
		if err != nil {
			return nil, "", err
		}
		return w.sheet(o)
	case *forecast.Forecast:
		return fanSheet(x, o)
	}
	lines, err := linesOf(v)
	if err != nil {
		return nil, "", err
	}
	return linesSheet(lines, o)
}

func figureOf(v any, o Options) *Figure {
	switch x := v.(type) {
	case *causal.Graph:
		return Graph(x, o)
	case *forecast.Forecast:
		return Fan(x, o)
	}
	return Lines(v, o)
}

// pictures are values that must have a picture, however odd they are.
func pictures() map[string]any {
	nan, inf, huge := math.NaN(), math.Inf(1), math.MaxFloat64
	endless := strings.Repeat("a name without end ", 60)
	word := strings.Repeat("w", 1000)
	hours := make([]time.Time, 100)
	for i := range hours {
		hours[i] = time.Date(2026, 3, 28, i, 0, 0, 0, time.UTC)
	}
	many := make([][]float64, 45)
	for i := range many {
		many[i] = []float64{float64(i), float64(i * i), 3}
	}
	named := regions(6, 8, 1, 2)
	copy(named.Nodes, []string{endless, `<&>"'`, "", word, "x\x00\n\xff", "日本"})
	untested := regions(4, 3, 1)
	untested.Level = 0
	withoutP := regions(5, 3, 1)
	for i := range withoutP.Edges {
		withoutP.Edges[i].P = nan
	}
	lost := regions(5, 8, 1)
	for i := range lost.Edges {
		lost.Edges[i].Effect = nan
	}
	signed := regions(6, 10, 1)
	for i := range signed.Edges {
		signed.Edges[i].Effect *= float64(1 - 2*(i%2))
	}
	zero := regions(4, 4, 1)
	for i := range zero.Edges {
		zero.Edges[i].Effect = 0
	}
	large := regions(5, 5, 1)
	for i := range large.Edges {
		large.Edges[i].Effect *= 1e306
	}
	self := regions(3, 2, 1)
	self.Edges = append(self.Edges, causal.Edge{From: 1, To: 1, Lag: 1, Effect: 0.05, P: 0.001, Significant: true})
	stepped := regions(5, 9, 1, 2, 3, 4, 5)
	stepped.Step, stepped.StepUnit = 0.25, "s"
	stepped.Warnings = []string{"31 % of the values of region 2 are ties", endless}
	forecastOf := func(change func(f *forecast.Forecast)) *forecast.Forecast {
		f := cycles(60, 11)
		change(f)
		return f
	}
	return map[string]any{
		"a line":              walk(300),
		"one value":           []float64{3},
		"two values":          []float64{1, 2},
		"flat":                []float64{3, 3, 3, 3},
		"flat at 0":           []float64{0, 0},
		"all NaN":             []float64{nan, nan, nan},
		"infinite":            []float64{1, inf, 2, -inf, 3},
		"huge":                []float64{-huge, huge, 0},
		"huge and flat":       []float64{huge, huge},
		"tiny":                []float64{5e-324, 1e-323},
		"islands":             []float64{1, nan, 2, nan, nan, 3},
		"45 lines":            many,
		"a map":               map[string][]float64{"b": {1, 2}, "a10": {2, 3}, "a9": {3, 4}},
		"names":               []Line{{Name: endless, Y: []float64{1, 2}, Unit: word}, {Name: `<&>"'` + "\x00", Y: []float64{2, 1}, Unit: word}},
		"eight units":         unitLines(8),
		"days":                []Line{{Name: "a", Y: walk(1461), Times: days(1461), Unit: "°C"}, {Name: "b", Y: walk(1461), Times: days(1461), Unit: "m/s"}},
		"hours":               Line{Y: walk(100), Times: hours},
		"one instant":         Line{Y: []float64{1}, Times: hours[:1]},
		"x":                   Line{Y: []float64{1, 4, 9}, X: []float64{-1e-3, 5, 1e7}},
		"one x":               Line{Y: []float64{1, 4, 9}, X: []float64{7, 7, 7}},
		"graph of 1":          regions(1, 0, 1),
		"graph of 2":          regions(2, 1, 1),
		"graph of 3":          regions(3, 3, 1),
		"graph of 5":          regions(5, 6, 1, 2),
		"graph of 8":          regions(8, 14, 1, 2, 3),
		"graph of 12":         regions(12, 20, 1),
		"graph of 17":         regions(17, 40, 1, 2),
		"graph of 30":         regions(30, 70, 1, 2),
		"graph of 30, full":   regions(30, 2000, 1),
		"graph of 64":         regions(64, 100, 1),
		"graph of 120":        regions(120, 100, 1),
		"nothing tested":      &causal.Graph{Nodes: []string{"a", "b", "c"}},
		"no significant":      regions(5, 0, 1),
		"level 0":             untested,
		"no p":                withoutP,
		"effects NaN":         lost,
		"both signs":          signed,
		"effects 0":           zero,
		"effects 1e306":       large,
		"hostile names":       named,
		"self":                self,
		"lags in seconds":     stepped,
		"equal names":         &causal.Graph{Nodes: []string{"a", "a", "a"}, Level: 0.05, Edges: []causal.Edge{{From: 0, To: 1, Lag: 1, Effect: 1, P: 0.01, Significant: true}}},
		"fan":                 cycles(300, 11),
		"fan of 1 step":       cycles(20, 1),
		"fan of 100 steps":    cycles(300, 100),
		"fan without history": cycles(0, 5),
		"fan without truth":   forecastOf(func(f *forecast.Forecast) { f.Actual = nil }),
		"fan without bands":   forecastOf(func(f *forecast.Forecast) { f.Intervals = nil }),
		"fan of NaN": forecastOf(func(f *forecast.Forecast) {
			for i := range f.Mean {
				f.Mean[i] = nan
			}
			for i := range f.History {
				f.History[i] = nan
			}
			for _, v := range f.Intervals {
				for i := range v.Lo {
					v.Lo[i], v.Hi[i] = nan, inf
				}
			}
			f.Actual = []float64{nan, inf}
		}),
		"fan with gaps": forecastOf(func(f *forecast.Forecast) {
			f.History[59], f.Mean[4], f.Intervals[1].Lo[6], f.Actual[3] = nan, nan, inf, nan
		}),
		"flat fan": forecastOf(func(f *forecast.Forecast) {
			*f = forecast.Forecast{History: []float64{2, 2, 2}, Mean: []float64{2, 2}, Intervals: []forecast.Interval{{Level: 0.5, Lo: []float64{2, 2}, Hi: []float64{2, 2}}}}
		}),
		"fan with names": forecastOf(func(f *forecast.Forecast) {
			f.Name, f.Unit, f.TimeUnit, f.Method, f.Warnings = endless, word, word, `<&>"'`, []string{endless}
		}),
		"fan in steps of 0.1": forecastOf(func(f *forecast.Forecast) { f.Start, f.Step = -3, 0.1 }),
	}
}

func unitLines(n int) []Line {
	var out []Line
	for i := range n {
		out = append(out, Line{Name: fmt.Sprint("channel ", i), Unit: fmt.Sprintf("u%d", i), Y: walk(50)})
	}
	return out
}

// Whatever is drawn lies on the page, and no text meets another.
func TestLayout(t *testing.T) {
	for name, v := range pictures() {
		for _, o := range []Options{{}, {Title: "A title", Unit: "mV", X: "time (s)", Theme: Dark}, {Title: strings.Repeat("A long title ", 40), Lo: 0.01, Hi: 0.05, NoText: true}} {
			s, text, err := sheetOf(v, o)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for i, f := range faults(s) {
				if i < 3 {
					t.Errorf("%s, theme %s, title of %d letters: %s", name, o.Theme, len(o.Title), f)
				}
			}
			if len(text) < 10 || strings.ContainsAny(text, "\n\x00") || strings.Contains(text, "%!") {
				t.Errorf("%s: its sentence is %q", name, text)
			}
		}
	}
}
