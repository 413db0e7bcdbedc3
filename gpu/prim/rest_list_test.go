package prim

import (
	"math/rand/v2"
	"testing"
)

// problemOf is three columns of n independent values, the first to be shuffled.
func problemOf(t *testing.T, n int, x func(*rand.Rand) float64) *engine {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	columns := make([][]float64, 3)
	for i := range 3 * n {
		columns[i%3] = append(columns[i%3], x(r))
	}
	p, err := JointCounts{Columns: columns, K: 4, Threads: 1, Problems: []Problem{{
		Variables: [][]int{{0}, {1}, {2}}, Marginals: []Marginal{Of(1, 2)}}}}.plan()
	if err != nil {
		t.Fatal(err)
	}
	return &engine{plan: p, halt: new(halt)}
}

// A list that ends too early must say so, and one that does not must find what
// a look at all rows finds.
func TestListFindsWhatAllRowsDo(t *testing.T) {
	for _, c := range []struct {
		name     string
		x        func(*rand.Rand) float64
		min, max int // rows whose list ends, of 1,500
	}{
		{"normal", (*rand.Rand).NormFloat64, 0, 15},
		{"heavy tails", func(r *rand.Rand) float64 { v := r.NormFloat64(); return v * v * v * v * v }, 15, 700},
		{"mostly dry", func(r *rand.Rand) float64 { return max(0, r.NormFloat64()-0.3) }, 15, 1400},
	} {
		e := problemOf(t, 1500, c.x)
		r, all, x := e.newRest(&e.Problems[0]), make([]int64, e.rows), e.Columns[0]
		ended := 0
		for i := range e.rows {
			want, tied, nearer := r.nearestOfAll(x, i, e.K, &e.barred, all)
			got, t2, n2, ok := r.nearest(x, i, e.K)
			if !ok {
				ended++
			} else if got != want || t2 != tied || n2 != nearer {
				t.Fatalf("%s, row %d: the list finds %x, %v, %d, all rows %x, %v, %d", c.name, i, got, t2, n2, want, tied, nearer)
			}
		}
		if ended < c.min || ended > c.max {
			t.Errorf("%s: the list of %d of 1500 rows ends, want %d to %d", c.name, ended, c.min, c.max)
		}
		t.Logf("%s: %d of 1500", c.name, ended)
	}
}

// The tests of many orderings rest on this: so many go by lists.
func TestListsServeManyOrderings(t *testing.T) {
	for _, c := range []struct {
		rows, uses int
		want       bool
		reason     string
	}{
		{90, 60, true, "what TestManyOrderingsAreTheOracles has"},
		{500, 128, true, "what TestManyOrderingsAreCountedAsOneByOne has"},
		{1500, 100, false, "making lists costs more than that saves"},
		{1500, 200, true, "saves a third"},
		{4000, 10000, false, "the lists would take 40 MB"},
	} {
		e := problemOf(t, c.rows, (*rand.Rand).NormFloat64)
		if got := e.listed(&e.Problems[0], c.uses); got != c.want {
			t.Errorf("%d rows, %d orderings: lists %v, want %v: %s", c.rows, c.uses, got, c.want, c.reason)
		}
	}
}
