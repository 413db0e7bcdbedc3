package series

import (
	"math"
	"slices"
	"strings"
	"testing"

	"surprisal/gpu/dataset"
)

func recording(t *testing.T) Recording {
	t.Helper()
	r, err := New(Column{Name: "a", Unit: "m", Values: []float64{1, 2, 3, 4}}, Column{Name: "b", Values: []float64{5, 6, 7, math.NaN()}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecording(t *testing.T) {
	values := []float64{1, 2, 3}
	r, err := New(Column{Values: values}, Column{Name: "b", Values: values})
	if err != nil {
		t.Fatal(err)
	}
	values[0] = 9
	c, err := r.Column("0")
	if err != nil || c.Values[0] != 1 {
		t.Errorf("%v %v: a recording must not change with the slices it was made of", c, err)
	}
	c.Values[0] = 9
	if c, _ := r.Column("0"); c.Values[0] != 1 {
		t.Error("nor with the columns that it hands out")
	}

	r = recording(t).WithStep(0.5, "s")
	if got, want := r.String(), "recording, 4 rows, one every 0.5 s: a (m), b"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s, err := r.Select("b")
	if err != nil || !slices.Equal(s.Names(), []string{"b"}) || len(r.Names()) != 2 {
		t.Errorf("%v %v", s, err)
	}
	cut, err := r.Trim(1, 3)
	if c, _ := cut.Column("a"); err != nil || !slices.Equal(c.Values, []float64{2, 3}) || c.Unit != "m" || cut.Len() != 2 {
		t.Errorf("%v %v", c, err)
	}
	if step, unit := cut.Step(); step != 0.5 || unit != "s" {
		t.Error("the sampling time is lost")
	}
	if step, _ := r.WithStep(-1, "s").Step(); step != 0 {
		t.Error("a negative step is no step")
	}
	tr, err := r.WithTrials(1, 3)
	if err != nil || !slices.Equal(tr.Trials(), []int{1, 3}) || !slices.Equal(r.Trials(), []int{4}) || !strings.Contains(tr.String(), "2 trials") {
		t.Errorf("%v %v", tr, err)
	}
}

func TestRecordingErrors(t *testing.T) {
	r := recording(t)
	trials, err := r.WithTrials(2, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		err    error
		says   string
	}{
		{"lengths", second(New(Column{Name: "a", Values: make([]float64, 3)}, Column{Name: "b", Values: make([]float64, 2)})), "a has 3 values and b has 2"},
		{"names", second(New(Column{Name: "a"}, Column{Name: "a"})), `"a"`},
		{"a column that is not there", second(r.Column("c")), `no column "c": there are a, b`},
		{"the same in Select", second(r.Select("a", "c")), `no column "c"`},
		{"rows outside", second(r.Trim(2, 5)), "rows 2 to 5 of a recording of 4"},
		{"rows backwards", second(r.Trim(3, 2)), "rows 3 to 2"},
		{"rows of trials", second(trials.Trim(0, 2)), "several trials"},
		{"trials that do not add up", second(r.WithTrials(2, 3)), "5 rows together for a recording of 4"},
		{"trials whose sum overflows to the right length", second(r.WithTrials(math.MaxInt, math.MaxInt, r.Len()+2)), "more than a recording of 4"},
		{"an empty trial", second(r.WithTrials(0, 4)), "trial 0 has 0 rows"},
		{"an embedding of a column that is not there", second(Embedding{}.Of(r, []string{"a"}, []string{"q"}, nil)), `no column "q"`},
		{"samples of a column that is not there", second(r.Lagged(0, []string{"q"}, []string{"a"}, nil)), `no column "q"`},
		{"a missing value", r.Check(), "b is NaN at row 3"},
		{"no table", second(FromTable(nil)), "no table"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", c.reason, c.err, c.says)
		}
	}
}

func TestFromTable(t *testing.T) {
	table, err := dataset.ReadCSV(strings.NewReader("date,rain,wind\n2012-01-01,0.5,3\n2012-01-02,,4\n"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := FromTable(table)
	if err != nil || !slices.Equal(all.Names(), []string{"rain", "wind"}) {
		t.Errorf("%v %v: text is left out if no column is named", all, err)
	}
	if c, _ := all.Column("rain"); c.Values[0] != 0.5 || !math.IsNaN(c.Values[1]) {
		t.Errorf("rain is %v", c.Values)
	}
	if _, err := FromTable(table, "date"); err == nil || !strings.Contains(err.Error(), "2012-01-01") {
		t.Errorf("%v: a named column of text is an error", err)
	}
}

// Cosines and sines over whole periods are orthogonal, so a fit finds them
// exactly and leaves all that is orthogonal to them as it is.
func TestRemoveSeasonClosedForm(t *testing.T) {
	const n, period = 120, 24.0
	x, left := make([]float64, n), make([]float64, n)
	for i := range x {
		a := 2 * math.Pi * float64(i) / period
		left[i] = 0.3 * math.Cos(3*a) // the third harmonic
		x[i] = 7 + 2*math.Cos(a) - 5*math.Sin(a) + 0.5*math.Sin(2*a) + left[i]
	}
	r, err := New(Column{Name: "x", Unit: "K", Values: x}, Column{Name: "flat", Values: slices.Repeat([]float64{4}, n)})
	if err != nil {
		t.Fatal(err)
	}
	two, err := r.RemoveSeason(period, 2)
	if err != nil {
		t.Fatal(err)
	}
	three, err := r.RemoveSeason(period, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		r    Recording
		name string
		want func(i int) float64
	}{
		{two, "x", func(i int) float64 { return left[i] }},
		{two, "flat", func(int) float64 { return 0 }},
		{three, "x", func(int) float64 { return 0 }},
	} {
		got, err := c.r.Column(c.name)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got.Values {
			if !(math.Abs(v-c.want(i)) <= 1e-13) {
				t.Fatalf("%s: %v at row %d, want %v", c.name, v, i, c.want(i))
			}
		}
	}
	if c, _ := r.Column("x"); c.Values[5] != x[5] {
		t.Error("the recording was changed")
	}
	// A season tells equal values apart; that they were equal is not forgotten.
	if ties, err := two.Ties("flat"); ties != 1 || err != nil {
		t.Errorf("ties %v %v", ties, err)
	}
}

// A period that no number of rows is a multiple of, as the year's 365.25 days:
// a cycle of that period must still leave nothing.
func TestRemoveSeasonOfBrokenPeriod(t *testing.T) {
	x := make([]float64, 1461)
	for i := range x {
		x[i] = 10 + 8*math.Cos(2*math.Pi*(float64(i)-20)/365.25) + math.Sin(4*math.Pi*float64(i)/365.25)
	}
	r, err := New(Column{Name: "x", Values: x})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = r.RemoveSeason(365.25, 2); err != nil {
		t.Fatal(err)
	}
	c, _ := r.Column("x")
	for i, v := range c.Values {
		if !(math.Abs(v) <= 1e-12) {
			t.Fatalf("%v is left at row %d", v, i)
		}
	}
}

func TestRemoveSeasonErrors(t *testing.T) {
	r := recording(t)
	a, err := r.Select("a")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason    string
		r         Recording
		period    float64
		harmonics int
		says      string
	}{
		{"a missing value", r, 3, 1, "b is NaN at row 3"},
		{"no harmonic", a, 2, 0, "0 harmonics"},
		{"too few rows", a, 4, 2, "4 rows, need at least 5"},
		{"a period that is none", a, math.NaN(), 1, "period of NaN"},
		{"a period below two rows", a, 1, 1, "period of 1"},
		{"more harmonics than a period has rows", a, 3, 2, "needs at least 4"},
		{"an endless period", a, math.Inf(1), 1, "period of +Inf"},
		{"a period that looks like the mean", a, 1e20, 1, "apart"},
	} {
		if _, err := c.r.RemoveSeason(c.period, c.harmonics); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v does not say %q", c.reason, err, c.says)
		}
	}
}
