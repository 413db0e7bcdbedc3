package figure

import (
	"math"
	"strings"
	"testing"

	"surprisal/gpu/forecast"
)

// fanOf draws a fan into a frame of one pixel a step and value.
func fanOf(t *testing.T, f *forecast.Forecast) *sheet {
	t.Helper()
	l, err := Light.look()
	if err != nil {
		t.Fatal(err)
	}
	v := &fan{Forecast: f, look: l, known: len(f.History) - 1, mean: stroke{l.series[1], 2, nil}}
	for range f.Intervals {
		v.bands = append(v.bands, l.series[2])
	}
	s := newSheet(l)
	s.width = 1000
	v.draw(s, frame{box{0, 0, 100, 100}, scale{lo: 0, hi: 100}, scale{lo: 0, hi: 100}})
	return s
}

// A band starts in the last known value and has its ends at the steps; the
// mean starts there, too.
func TestBands(t *testing.T) {
	s := fanOf(t, &forecast.Forecast{
		History: []float64{10, 20}, Mean: []float64{30, 40},
		Intervals: []forecast.Interval{{Level: 0.5, Lo: []float64{25, 30}, Hi: []float64{35, 50}}},
		Actual:    []float64{33},
	})
	var areas, lines []string
	for _, m := range s.marks {
		if m.text != "" {
			continue
		}
		var b strings.Builder
		for _, k := range m.path {
			if len(b.String()) > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(number(float64(k.Pos.X), 6) + "," + number(100-float64(k.Pos.Y), 6))
		}
		if m.width > 0 {
			lines = append(lines, b.String())
		} else {
			areas = append(areas, b.String())
		}
	}
	if want := "1,20 2,35 3,50 3,30 2,25 1,20 0,0"; !strings.HasPrefix(areas[0], strings.TrimSuffix(want, " 0,0")) {
		t.Errorf("the band is %q, want %q", areas[0], want)
	}
	if got := strings.Join(lines, " | "); !strings.Contains(got, "0,10 1,20 | 1,20 2,30 3,40 |") {
		t.Errorf("lines %q", got)
	}
	if !strings.Contains(strings.Join(areas, " | "), "2,33") {
		t.Errorf("what happened is not at 2, 33: %q", areas)
	}
}

func TestFanSentence(t *testing.T) {
	f := &forecast.Forecast{
		History: []float64{10, 20, 15}, Mean: []float64{30, 40}, Name: "load", Unit: "kW", Method: "AR(2)", TimeUnit: "day", Start: 7,
		Intervals: []forecast.Interval{{Level: 0.5, Lo: []float64{25, 30}, Hi: []float64{35, 50}}, {Level: 0.95, Lo: []float64{15, 20}, Hi: []float64{45, 60}}},
		Actual:    []float64{33, 55},
	}
	want := "T: forecast of 2 steps after 3 values of load, AR(2); day 11: 40 kW, 95 % between 20 and 60; of 2 steps what happened lies in the 50 % interval in 1, in the 95 % interval in 2; the intervals do not hold the doubt about the parameters"
	if got := Fan(f, Options{Title: "T"}).String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.Actual[1] = math.NaN()
	if got := Fan(f).String(); !strings.Contains(got, "of 1 step what happened lies in the 50 % interval in 1, in the 95 % interval in 1") {
		t.Errorf("with a missing value: %q", got)
	}
	if got := Fan(cycles(300, 11)).String(); !strings.Contains(got, "; the last 44 values of the history are drawn") {
		t.Errorf("of a long history: %q", got)
	}
}
