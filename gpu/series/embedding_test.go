package series

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Every sample must hold what the definition says, trial by trial.
func TestEmbeddingIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Embedding{
			History: rapid.IntRange(0, 3).Draw(t, "k"), HistoryTau: rapid.IntRange(0, 3).Draw(t, "ktau"),
			SourceHistory: rapid.IntRange(0, 3).Draw(t, "l"), SourceTau: rapid.IntRange(0, 3).Draw(t, "ltau"),
			Delay: rapid.IntRange(Instant, 3).Draw(t, "u"),
		}
		conditions := rapid.IntRange(0, 2).Draw(t, "conditions")
		for range rapid.IntRange(0, 2).Draw(t, "pasts") {
			e.Conditions = append(e.Conditions, Past{rapid.IntRange(0, 3).Draw(t, "c"), rapid.IntRange(0, 2).Draw(t, "ctau"), rapid.IntRange(Instant, 2).Draw(t, "cu")})
		}
		trials := rapid.SliceOfN(rapid.IntRange(12, 30), 1, 3).Draw(t, "trials")
		rows := 0
		for _, n := range trials {
			rows += n
		}
		column := func(c int) []float64 { // every value says where it comes from
			v := make([]float64, rows)
			for i := range v {
				v[i] = float64(1000*c + i)
			}
			return v
		}
		x, y := column(0), column(1)
		var z [][]float64
		for c := range conditions {
			z = append(z, column(2+c))
		}
		s, err := e.Embed(trials, [][]float64{x}, [][]float64{y}, z)
		if err != nil {
			t.Fatal(err)
		}

		one := func(v int) int { return max(v, 1) }
		delay := func(d int) int {
			if d == Instant {
				return 0
			}
			return max(d, 1)
		}
		k, ktau, l, ltau, u := one(e.History), one(e.HistoryTau), one(e.SourceHistory), one(e.SourceTau), delay(e.Delay)
		past := func(c int) (int, int, int) {
			if len(e.Conditions) == 0 {
				return 1, 1, 1
			}
			p := e.Conditions[min(c, len(e.Conditions)-1)]
			return one(p.Length), one(p.Tau), delay(p.Delay)
		}
		first := max((k-1)*ktau+1, (l-1)*ltau+u)
		for c := range z {
			n, tau, d := past(c)
			first = max(first, (n-1)*tau+d)
		}
		if s.First != first || s.Len() != rows-first*len(trials) {
			t.Fatalf("first %d, %d rows; want %d, %d", s.First, s.Len(), first, rows-first*len(trials))
		}
		row, start := 0, 0
		for _, n := range trials {
			for i := first; i < n; i++ {
				var want [3][]float64
				for j := range l {
					want[0] = append(want[0], x[start+i-u-j*ltau])
				}
				want[1] = []float64{y[start+i]}
				for j := range k {
					want[2] = append(want[2], y[start+i-1-j*ktau])
				}
				for c := range z {
					n, tau, d := past(c)
					for j := range n {
						want[2] = append(want[2], z[c][start+i-d-j*tau])
					}
				}
				for v := range want {
					var got []float64
					for _, c := range s.Variables[v].Columns {
						got = append(got, c[row])
					}
					if !slices.Equal(got, want[v]) {
						t.Fatalf("row %d, variable %d: %v, want %v", row, v, got, want[v])
					}
				}
				row++
			}
			start += n
		}
		spread := s.Spread(s.Variables[1].Columns[0], -1)
		for i, v := range spread {
			if v != -1 && v != y[i] {
				t.Fatalf("spread puts %v at time %d", v, i)
			}
		}
	})
}

func TestLagged(t *testing.T) {
	x, y := []float64{0, 1, 2, 3, 4, 5}, []float64{10, 11, 12, 13, 14, 15}
	s, err := Lagged([]int{3, 3}, 1, [][]float64{x}, [][]float64{y}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Variables[0].Columns[0]; !slices.Equal(got, []float64{0, 1, 3, 4}) {
		t.Errorf("x is %v", got)
	}
	if got := s.Variables[1].Columns[0]; !slices.Equal(got, []float64{11, 12, 14, 15}) {
		t.Errorf("y is %v", got)
	}
	if s, _ := Lagged([]int{6}, 0, [][]float64{x}, [][]float64{y}, [][]float64{x}); len(s.Variables) != 3 || s.Measure != "conditional mutual information" {
		t.Errorf("%+v", s)
	}
}

func TestEmbeddingErrors(t *testing.T) {
	v := func(n int) [][]float64 { return [][]float64{make([]float64, n)} }
	for _, c := range []struct {
		reason string
		err    error
		says   string
	}{
		{"a history longer than the series", second(Embedding{History: 10}.Embed([]int{10}, v(10), v(10), nil)), "trial 0 has 10 rows, need at least 11"},
		{"a short trial among long ones", second(Embedding{Delay: 3}.Embed([]int{10, 3}, v(13), v(13), nil)), "trial 1 has 3 rows, need at least 4"},
		{"an empty series", second(Embedding{}.Embed([]int{0}, v(0), v(0), nil)), "0 rows, need at least 2"},
		{"lengths that differ", second(Embedding{}.Embed([]int{10}, v(10), v(9), nil)), "the target has 9"},
		{"a condition of another length", second(Embedding{}.Embed([]int{10}, v(10), v(10), v(11))), "a condition has 11"},
		{"a negative history", second(Embedding{History: -2}.Embed([]int{10}, v(10), v(10), nil)), "history -2"},
		{"a negative tau", second(Embedding{SourceTau: -1}.Embed([]int{10}, v(10), v(10), nil)), "tau -1"},
		{"a delay below Instant", second(Embedding{Delay: -2}.Embed([]int{10}, v(10), v(10), nil)), "delay -2"},
		{"a history that would fill the memory", second(Embedding{History: math.MaxInt}.Embed([]int{10}, v(10), v(10), nil)), "1048576"},
		{"no source", second(Embedding{}.Embed([]int{10}, nil, v(10), nil)), "no source"},
		{"a negative lag", second(Lagged([]int{10}, -1, v(10), v(10), nil)), "lag of -1"},
		{"a lag of the whole series", second(Lagged([]int{10}, 10, v(10), v(10), nil)), "need at least 11"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", c.reason, c.err, c.says)
		}
	}
	var short *TooShortError
	if _, err := (Embedding{History: 10}).Embed([]int{10}, v(10), v(10), nil); !errors.As(err, &short) || short.Need != 11 {
		t.Errorf("%v carries no numbers", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestValidateSamples(t *testing.T) {
	column := func(v ...float64) Variable { return Variable{Name: "x", Columns: [][]float64{v}} }
	for _, c := range []struct {
		reason string
		s      Samples
		says   string
	}{
		{"none", Samples{}, "no samples"},
		{"no columns", Samples{Trials: []int{2}, Variables: []Variable{{Name: "x"}}}, "no columns"},
		{"lengths that differ", Samples{Trials: []int{2}, Variables: []Variable{column(1)}}, "2 values and x has 1"},
		{"NaN", Samples{Trials: []int{2}, Variables: []Variable{column(1, math.NaN())}}, "x is NaN at row 1"},
		{"Inf", Samples{Trials: []int{2}, Variables: []Variable{column(math.Inf(-1), 1)}}, "x is -Inf at row 0"},
	} {
		if err := c.s.Validate(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", c.reason, err, c.says)
		}
	}
}
