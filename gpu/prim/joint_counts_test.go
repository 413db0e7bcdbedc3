package prim

import (
	"context"
	"errors"
	"math"
	"testing"
)

// line is five points on a line and what lies beside them, small enough to
// count by hand.
func line() JointCounts {
	return JointCounts{
		Columns:  [][]float64{{0, 1, 3, 6, 10}, {0, 0, 0, 0, 7}},
		K:        1,
		Problems: []Problem{{Variables: [][]int{{0}, {1}}, Marginals: []Marginal{Of(0), Of(1), Of(0, 1)}}},
	}
}

func TestCountsByHand(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*JointCounts)
		want   [][]int32
		tied   int
		reason string
	}{
		{"ball", func(*JointCounts) {}, [][]int32{{0, 0, 0, 0, 1}, {3, 3, 3, 3, 0}, {0, 0, 0, 0, 0}}, 1,
			"the nearest are 1, 1, 2, 3 and 7 away; row 3 lies 4 from row 4 in x"},
		{"box", func(b *JointCounts) { b.Algorithm = Box }, [][]int32{{1, 1, 1, 1, 2}, {3, 3, 3, 3, 4}, {1, 1, 1, 1, 2}}, 1,
			"row 4's neighbour is row 2, first of the two that are 7 away"},
		{"window", func(b *JointCounts) { b.Window = 1 }, [][]int32{{0, 0, 0, 0, 0}, {2, 1, 1, 2, 0}, {0, 0, 0, 0, 0}}, 0,
			"the rows beside one are no neighbours"},
		{"reordered", func(b *JointCounts) {
			b.Problems[0].Shuffled, b.Problems[0].Orders = 1, [][]int32{{4, 1, 2, 3, 0}}
		}, [][]int32{{3, 1, 0, 0, 0}, {0, 3, 3, 3, 3}, {0, 0, 0, 0, 0}}, 1, "the 7 now stands at row 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := line()
			c.change(&b)
			got, err := b.Counts(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if got[0][0].Tied != c.tied {
				t.Errorf("%d rows tied, want %d: %s", got[0][0].Tied, c.tied, c.reason)
			}
			for m, want := range c.want {
				for i, n := range want {
					if got[0][0].N[m][i] != n {
						t.Errorf("marginal %d: %v, want %v: %s", m, got[0][0].N[m], want, c.reason)
						break
					}
				}
			}
		})
	}
}

func TestBadInputIsNamed(t *testing.T) {
	n := math.NaN()
	for _, c := range []struct {
		name   string
		change func(*JointCounts)
		want   error
		text   string
	}{
		{"k too small", func(b *JointCounts) { b.K = 0 }, &ParameterError{}, "prim: joint counts: K is 0: it must be from 1 to 16"},
		{"k too large", func(b *JointCounts) { b.K = 17 }, &ParameterError{}, "prim: joint counts: K is 17: it must be from 1 to 16"},
		{"window", func(b *JointCounts) { b.Window = -1 }, &ParameterError{}, "prim: joint counts: Window is -1: it must be from 0 to 2147483647"},
		{"algorithm", func(b *JointCounts) { b.Algorithm = 2 }, &ParameterError{}, "prim: joint counts: Algorithm is 2: it must be from 0 to 1"},
		{"no columns", func(b *JointCounts) { b.Columns = nil }, &ShapeError{}, "prim: joint counts: no columns: at least one is needed"},
		{"empty", func(b *JointCounts) { b.Columns = [][]float64{{}, {}} }, &TooFewSamplesError{}, "prim: joint counts: 0 samples: 1 neighbours need at least 2"},
		{"one sample", func(b *JointCounts) { b.Columns = [][]float64{{1}, {2}} }, &TooFewSamplesError{}, "prim: joint counts: 1 samples: 1 neighbours need at least 2"},
		{"n = k", func(b *JointCounts) { b.K = 5 }, &TooFewSamplesError{}, "prim: joint counts: 5 samples: 5 neighbours need at least 6"},
		{"lengths", func(b *JointCounts) { b.Columns[1] = b.Columns[1][:4] }, &ShapeError{}, "prim: joint counts: column 1 has 4 values and column 0 has 5: all columns need the same number"},
		{"NaN", func(b *JointCounts) { b.Columns[1][3] = n }, &ValueError{}, "prim: column 1 holds NaN at row 3: distances and bins need finite values; leave such rows out"},
		{"infinity", func(b *JointCounts) { b.Columns[0][0] = math.Inf(-1) }, &ValueError{}, "prim: column 0 holds -Inf at row 0: distances and bins need finite values; leave such rows out"},
		{"spread", func(b *JointCounts) { b.Columns[0][0], b.Columns[0][1] = -1e308, 1e308 }, &SpreadError{}, "prim: joint counts: column 0 reaches from -1e+308 to 1e+308: distances overflow; normalise it"},
		{"trials", func(b *JointCounts) { b.Trials = []int{2, 2} }, &ShapeError{}, "prim: joint counts: the trials have 4 rows and the columns 5: the lengths of the trials must add up to the number of values"},
		{"window of all", func(b *JointCounts) { b.Window = 2 }, &WindowError{}, "prim: joint counts: a window of 2 leaves row 2 of 5 with 0 possible neighbours: it needs 1; shorten the window or take at least 1 more samples"},
		{"no variables", func(b *JointCounts) { b.Problems[0].Variables = nil }, &ProblemError{}, "prim: joint counts: problem 0: Variables is 0: it must be from 1 to 32"},
		{"column", func(b *JointCounts) { b.Problems[0].Variables[1][0] = 2 }, &ProblemError{}, "prim: joint counts: problem 0: a column is 2: it must be from 0 to 1"},
		{"marginal", func(b *JointCounts) { b.Problems[0].Marginals[1] = 4 }, &ProblemError{}, "prim: joint counts: problem 0: a marginal is 4: it must be from 1 to 3"},
		{"shuffled", func(b *JointCounts) { b.Problems[0].Shuffled, b.Problems[0].Orders = 2, [][]int32{{0, 1, 2, 3, 4}} }, &ProblemError{}, "prim: joint counts: problem 0: Shuffled is 2: it must be from 0 to 1"},
		{"no ordering", func(b *JointCounts) { b.Problems[0].Orders = [][]int32{} }, &ProblemError{}, "prim: joint counts: problem 0: number of Orders is 0: it must be from 1 to 2147483647"},
		{"short ordering", func(b *JointCounts) { b.Problems[0].Orders = [][]int32{{0, 1}} }, &OrderError{}, "prim: joint counts: problem 0: ordering 0 has 2 rows: the columns have 5"},
		{"twice", func(b *JointCounts) { b.Problems[0].Orders = [][]int32{{0, 1, 2, 2, 4}} }, &OrderError{}, "prim: joint counts: problem 0: ordering 0 names row 2 at row 3: it must name every row from 0 to 4 once"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := line()
			c.change(&b)
			got, err := b.Counts(context.Background())
			if err == nil || got != nil || err.Error() != c.text {
				t.Errorf("Counts returned %v, %v; want %q", got, err, c.text)
			}
			if !sameType(err, c.want) {
				t.Errorf("the error is a %T, want a %T", err, c.want)
			}
		})
	}
}

// Wherever it stands, and the first of several.
func TestEveryValueIsLookedAt(t *testing.T) {
	for _, bad := range []float64{math.NaN(), -math.NaN(), math.Inf(1), math.Inf(-1)} {
		for row := range 11 {
			x := make([]float64, 11)
			for i := range x {
				x[i] = float64(i) - 5
			}
			x[10], x[row] = bad, bad
			b := JointCounts{Columns: [][]float64{x}, K: 1, Problems: []Problem{{Variables: [][]int{{0}}, Marginals: []Marginal{1}}}}
			_, err := b.Counts(context.Background())
			var value *ValueError
			if !errors.As(err, &value) || value.Row != row || value.Column != 0 {
				t.Errorf("%v at row %d: %v", bad, row, err)
			}
		}
	}
	// Large values are sound as long as their differences are.
	b := JointCounts{Columns: [][]float64{{1.5e308, 1.6e308, 1.7e308}}, K: 1, Problems: []Problem{{Variables: [][]int{{0}}, Marginals: []Marginal{1}}}}
	if _, err := b.Counts(context.Background()); err != nil {
		t.Error(err)
	}
	b.Norm = Euclid
	if _, err := b.Counts(context.Background()); !errors.As(err, new(*SpreadError)) {
		t.Errorf("squares that overflow: %v", err)
	}
}

func TestAllBelow(t *testing.T) {
	for _, exponent := range []int{1023, 510, 507, 3} {
		limit := math.Ldexp(1, exponent)
		for _, c := range []struct {
			value float64
			want  bool
		}{
			{limit, false}, {-limit, false}, {math.MaxFloat64, false}, {math.NaN(), false}, {math.Inf(1), false}, {math.Inf(-1), false},
			{math.Nextafter(limit, 0), true}, {-math.Nextafter(limit, 0), true}, {0, true}, {math.Copysign(0, -1), true}, {-5e-324, true},
		} {
			for place := range 11 { // in any of the runs, or behind them
				x := []float64{1, -2, 3, 4, -5, 6, 7, -1, 2, 3, 4}
				x[place] = c.value
				if got := allBelow(x[:place+1], exponent); got != c.want {
					t.Errorf("%v at %d, below 2^%d: %v", c.value, place, exponent, got)
				}
			}
		}
	}
}

func TestExtremes(t *testing.T) {
	for _, c := range []struct {
		table       []int64
		least, most int64
	}{
		{nil, 0, 0}, {[]int64{5}, 0, 5}, {[]int64{-5}, -5, 0}, {[]int64{-1, 7, -3}, -3, 7}, {[]int64{7, -3, 9, -8}, -8, 9}, {[]int64{9, 1, 2, 3, -4}, -4, 9},
		{[]int64{math.MinInt64, math.MaxInt64}, math.MinInt64, math.MaxInt64},
	} {
		if least, most := extremes(c.table); least != c.least || most != c.most {
			t.Errorf("%v: %d to %d", c.table, least, most)
		}
	}
}

// A window may leave too few rows in one trial alone.
func TestWindowOfATrial(t *testing.T) {
	x := make([]float64, 12)
	for i := range x {
		x[i] = float64(i * i)
	}
	b := JointCounts{Columns: [][]float64{x}, Trials: []int{2, 9, 1}, K: 4, Window: 4, Problems: []Problem{{Variables: [][]int{{0}}, Marginals: []Marginal{1}}}}
	var window *WindowError
	if _, err := b.Counts(context.Background()); !errors.As(err, &window) || window.Row != 6 || window.Left != 3 {
		t.Errorf("got %v, want row 6, the middle of the second trial", err)
	}
	b.Window = 3
	if _, err := b.Counts(context.Background()); err != nil {
		t.Error(err)
	}
}

func sameType(err, want error) bool {
	switch want.(type) {
	case *ParameterError:
		return errors.As(err, new(*ParameterError))
	case *ShapeError:
		return errors.As(err, new(*ShapeError))
	case *ValueError:
		return errors.As(err, new(*ValueError))
	case *SpreadError:
		return errors.As(err, new(*SpreadError))
	case *TooFewSamplesError:
		return errors.As(err, new(*TooFewSamplesError))
	case *WindowError:
		return errors.As(err, new(*WindowError))
	case *ProblemError:
		return errors.As(err, new(*ProblemError))
	case *OrderError:
		return errors.As(err, new(*OrderError))
	}
	return false
}

func TestSumsLookCountsUp(t *testing.T) {
	b := line()
	tables := [][]int64{{1, 10, 100, 1000, 10000, 0}, nil, {-1, -1, -1, -1, -1, -1}}
	got, err := b.Sums(context.Background(), tables)
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := got[0][0].Int64(); v != 4*1+10-5 || !ok || got[0][0].Rows != 5 || got[0][0].Tied != 1 {
		t.Errorf("sum %v, want 9 over 5 rows, one of them tied", got[0][0])
	}
	for _, short := range [][][]int64{nil, tables[:2], {{1, 2, 3, 4, 5}, nil, nil}} {
		if _, err := b.Sums(context.Background(), short); !errors.As(err, new(*ShapeError)) {
			t.Errorf("tables %v: %v, want a ShapeError", short, err)
		}
	}
}

func TestSumsDoNotOverflow(t *testing.T) {
	var s Sum
	for _, v := range []int64{math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MinInt64} {
		s.add(v)
	}
	if v, ok := s.Int64(); ok {
		t.Errorf("2^64 − 3 − … fits int64 as %d", v)
	}
	if got, want := s.Float64(), math.Ldexp(1, 64-FixedBits); got != want {
		t.Errorf("sum %v, want %v", got, want)
	}
	for range 4 {
		s.add(math.MinInt64)
	}
	if got, want := s.Float64(), -math.Ldexp(1, 64-FixedBits); got != want {
		t.Errorf("sum %v, want %v", got, want)
	}
	s.plus(Sum{lo: 1})
	s.plus(Sum{hi: 1, Tied: 2})
	if got, want := s.Float64(), math.Ldexp(1, -FixedBits); s.Tied != 2 || !(math.Abs(got-want) <= math.Ldexp(1, 12-FixedBits)) {
		t.Errorf("sum %v with %d tied, want %v with 2", got, s.Tied, want)
	}
	if v, ok := (Sum{hi: -1, lo: math.MaxUint64}).Int64(); v != -1 || !ok {
		t.Errorf("−1 is %d, %v", v, ok)
	}
}

func TestCancelledCountsReturnTheCause(t *testing.T) {
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop)
	if got, err := line().Counts(ctx); !errors.Is(err, stop) || got != nil {
		t.Errorf("Counts returned %v, %v, want the cause", got, err)
	}
}
