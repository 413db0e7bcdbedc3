package figure

import (
	"math"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"

	"surprisal/gpu/series"
)

// wide is a frame of 100 × 100 pixels over values from 0 to 1.
func wide(n int) frame {
	return frame{box{0, 0, 100, 100}, scale{lo: 0, hi: float64(n - 1)}, scale{lo: 0, hi: 1}}
}

func index(i int) float64 { return float64(i) }

func TestGapsAndDots(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name string
		y    []float64
		want []int // length of each part
	}{
		{"whole", []float64{0, 1, 0}, []int{3}},
		{"a gap", []float64{0, 1, nan, 0, 1, 0}, []int{2, 3}},
		{"gaps at the ends", []float64{nan, 1, 0, nan}, []int{2}},
		{"an infinite value is a gap", []float64{0, math.Inf(1), 0}, []int{1, 1}},
		{"nothing", []float64{nan, nan}, nil},
	} {
		r := run{x: index, y: c.y}
		parts := r.parts(wide(len(c.y)))
		var got []int
		for _, p := range parts {
			got = append(got, len(p))
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: parts of %v values, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: parts of %v values, want %v", c.name, got, c.want)
			}
		}
	}
}

// Of a long series each column of dots keeps its smallest and largest value,
// wherever they are, and the line stays in order.
func TestThinningKeepsTheExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(thinFrom+1, 20_000).Draw(t, "n")
		y := make([]float64, n)
		for i := range y {
			y[i] = 0.5 + 0.1*math.Sin(float64(i))
		}
		up, down := rapid.IntRange(0, n-1).Draw(t, "up"), rapid.IntRange(0, n-1).Draw(t, "down")
		y[up], y[down] = 1, 0
		r := run{x: index, y: y}
		f := wide(n)
		parts := r.parts(f)
		if len(parts) != 1 || len(parts[0]) > 4*201 {
			t.Fatalf("%d parts of a line over 200 columns", len(parts))
		}
		lo, hi := vg.Length(math.Inf(1)), vg.Length(math.Inf(-1))
		for i, p := range parts[0] {
			if i > 0 && p.X < parts[0][i-1].X {
				t.Fatalf("point %d lies before the one before it", i)
			}
			lo, hi = min(lo, p.Y), max(hi, p.Y)
		}
		if lo != vg.Length(f.y(y[up])) && up != down || hi != vg.Length(f.y(y[down])) {
			t.Fatalf("the line reaches from %v to %v", lo, hi)
		}
	})
}

// A recording is drawn over its time, and its trials do not hang together.
func TestRecording(t *testing.T) {
	r, err := series.New(series.Column{Name: "a", Unit: "mV", Values: []float64{1, 2, 3, 4, 5}}, series.Column{Name: "b", Unit: "s", Values: []float64{1, 2, 3, 4, 6}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = r.WithStep(0.5, "s").WithTrials(2, 3); err != nil {
		t.Fatal(err)
	}
	lines, x, err := recorded(r)
	if err != nil || x != "time (s)" || len(lines) != 2 {
		t.Fatal(len(lines), x, err)
	}
	one, err := runOf(lines[0], 0, "")
	if err != nil {
		t.Fatal(err)
	}
	if parts := one.parts(wide(5)); len(parts) != 2 || len(parts[0]) != 2 || len(parts[1]) != 3 {
		t.Errorf("parts %v, want 2 and 3 values", parts)
	}
	want := "2 lines of 5 values over time (s) from 0 to 2; a: 1 to 5 mV, mean 3; b: 1 to 6 s, mean 3.20"
	if got := Lines(r).String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Lines(series.Recording{}).String(); !strings.Contains(got, "nothing to draw: no lines") {
		t.Errorf("an empty recording: %q", got)
	}
}

func TestClip(t *testing.T) {
	b := box{0, 10, 100, 20}
	for _, c := range []struct {
		name string
		p    []vg.Point
		want string
	}{
		{"inside", []vg.Point{pt(0, 12), pt(5, 15)}, "0,12 5,15"},
		{"above", []vg.Point{pt(0, 2), pt(5, 5)}, ""},
		{"from above to below", []vg.Point{pt(0, 0), pt(30, 30)}, "10,10 20,20"},
		{"in, out and in again", []vg.Point{pt(0, 15), pt(10, 5), pt(20, 15)}, "0,15 5,10 | 15,10 20,15"},
		{"out at the end", []vg.Point{pt(0, 15), pt(2, 16), pt(6, 24)}, "0,15 2,16 4,20"},
	} {
		var parts []string
		for _, part := range clip(c.p, b) {
			var s []string
			for _, q := range part {
				s = append(s, number(float64(q.X), 6)+","+number(float64(q.Y), 6))
			}
			parts = append(parts, strings.Join(s, " "))
		}
		if got := strings.Join(parts, " | "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLinesSentence(t *testing.T) {
	for _, c := range []struct {
		name string
		f    *Figure
		want string
	}{
		{"one", Lines([]float64{1, 4, 2.5}, Options{Unit: "mV"}), "1 line of 3 values; 1 to 4 mV, mean 2.50"},
		{"whole numbers", Lines([]int{1, 5}), "1 line of 2 values; 1 to 5, mean 3"},
		{"short floats", Lines([]float32{0.5, 1}), "1 line of 2 values; 0.500 to 1, mean 0.750"},
		{"names and units", Lines([]Line{{Name: "a", Y: []float64{1, 2}, Unit: "°C"}, {Name: "b", Y: []float64{3, 3}, Unit: "m/s"}}, Options{Title: "T"}),
			"T: 2 lines of 2 values; a: 1 to 2 °C, mean 1.50; b: always 3 m/s"},
		{"dates", Lines(Line{Y: walk(366)[:3], Times: days(3)}), "1 line of 3 values from 2012-01-01 00:00:00 to 2012-01-03 00:00:00; "},
		{"years", Lines(Line{Y: walk(1461), Times: days(1461)}), "1 line of 1,461 values from 2012-01-01 to 2015-12-31; "},
		{"x", Lines(Line{Y: []float64{1, 2}, X: []float64{0.5, 2}}, Options{X: "depth (m)"}), "1 line of 2 values over depth (m) from 0.5 to 2; 1 to 2, mean 1.50"},
		{"missing", Lines([]float64{1, math.NaN(), math.Inf(1), 2}), "; 1 value is missing; 1 value is infinite and left out"},
		{"no number", Lines([]float64{math.NaN()}), "1 line of 1 value; no finite value; 1 value is missing"},
		{"many values", Lines(walk(100_000)), "; drawn by the smallest and largest value of each column of dots"},
	} {
		if got := c.f.String(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q does not say %q", c.name, got, c.want)
		}
	}
}

func TestCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		berlin = time.FixedZone("CET", 3600)
	}
	at := func(s string, in *time.Location) float64 {
		v, err := time.ParseInLocation(time.DateTime, s, in)
		if err != nil {
			t.Fatal(err)
		}
		return instant(v)
	}
	for _, c := range []struct {
		name, lo, hi string
		in           *time.Location
		most         int
		want         string
	}{
		{"four years", "2012-01-01 00:00:00", "2015-12-31 00:00:00", time.UTC, 8, "Jan/2012 Jul Jan/2013 Jul Jan/2014 Jul Jan/2015 Jul"},
		{"four years, few ticks", "2012-01-01 00:00:00", "2015-12-31 00:00:00", time.UTC, 5, "2012 2013 2014 2015"},
		{"centuries", "1700-06-01 00:00:00", "2008-01-01 00:00:00", time.UTC, 8, "1750 1800 1850 1900 1950 2000"},
		{"a quarter", "2026-01-10 00:00:00", "2026-04-12 00:00:00", time.UTC, 4, "Feb/2026 Mar Apr"},
		{"weeks begin on Monday", "2026-03-05 00:00:00", "2026-04-02 00:00:00", time.UTC, 6, "9/Mar 2026 16 23 30"},
		{"days over a month's end", "2026-02-26 12:00:00", "2026-03-02 12:00:00", time.UTC, 6, "27/Feb 2026 28 1/Mar 2026 2"},
		{"hours over midnight", "2026-03-27 20:00:00", "2026-03-28 05:00:00", time.UTC, 6, "20:00/27 Mar 2026 22:00 00:00/28 Mar 2026 02:00 04:00"},
		{"clocks put forward at 2", "2026-03-28 21:00:00", "2026-03-29 09:00:00", berlin, 5, "21:00/28 Mar 2026 00:00/29 Mar 2026 03:00 06:00 09:00"},
		{"seconds", "2026-03-27 20:00:01", "2026-03-27 20:00:09", time.UTC, 5, "20:00:02/27 Mar 2026 20:00:04 20:00:06 20:00:08"},
		{"one instant", "2026-03-27 20:00:01", "2026-03-27 20:00:01", time.UTC, 5, "20:00:01.000"},
	} {
		var got []string
		for _, k := range calendar(at(c.lo, c.in), at(c.hi, c.in), c.in, func(t []tick) bool { return len(t) <= c.most }) {
			s := k.label
			if k.below != "" {
				s += "/" + k.below
			}
			got = append(got, s)
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%s: %q, want %q", c.name, g, c.want)
		}
	}
}

func TestCalendarAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-2e11, 2e11).Draw(t, "lo")
		span := math.Exp(rapid.Float64Range(0, 27).Draw(t, "log of the seconds"))
		k := calendar(lo, lo+span, time.UTC, func(t []tick) bool { return len(t) <= 12 })
		for i, x := range k {
			if len(k) > 12 || x.at < lo || x.at > lo+span || i > 0 && x.at <= k[i-1].at || x.label == "" {
				t.Fatalf("tick %d of %v", i, k)
			}
		}
		if len(k) < 2 && span > 10 {
			t.Fatalf("%d ticks for %v seconds", len(k), span)
		}
	})
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"x2", "x10", -1}, {"x10", "x9", 1}, {"a", "b", -1}, {"a", "a", 0}, {"a", "a1", -1},
		{"x02", "x2", -1}, {"ch1 left", "ch1 right", -1}, {"", "a", -1}, {"12", "x", -1}, {"x99999999999999999999", "x100000000000000000000", -1},
	} {
		if got := compareNames(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := compareNames(c.b, c.a); got != -c.want {
			t.Errorf("%q and %q: %d, want %d", c.b, c.a, got, -c.want)
		}
	}
}
