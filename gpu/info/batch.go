package info

import (
	"context"
	"fmt"
	"slices"

	"surprisal/gpu/prim"
	"surprisal/gpu/series"
)

// All estimates the quantities of many samples at once, as Of does each of
// them, and shares the work that they have in common: columns that are the same
// slice are normalised and sorted once, and surrogates are the same orderings
// for all. The samples must have the same rows and trials, and all two or all
// three variables.
func (e KSG) All(ctx context.Context, samples []series.Samples) ([]Estimate, error) {
	if len(samples) == 0 {
		return nil, nil
	}
	out, err := e.all(ctx, samples)
	if err != nil {
		name := samples[0].Measure
		if name == "" {
			name = "samples"
		}
		return nil, fmt.Errorf("info: %s: %w", name, err)
	}
	return out, nil
}

func (e KSG) all(ctx context.Context, samples []series.Samples) ([]Estimate, error) {
	if ctx == nil {
		return nil, errNoContext
	}
	e, err := e.orDefault()
	if err != nil {
		return nil, err
	}
	b, err := e.batch(samples)
	if err != nil {
		return nil, err
	}
	f := later(e.Threads, func() *formula { return newFormula(e, b.variables, b.rows) })
	e.prepare(b)
	defer func() { f(); b.repeated() }() // whatever happens, nothing reads on behind the caller's back
	var orders series.Orders
	if e.Test.Surrogates != 0 {
		if orders, err = e.Test.surrogates().Over(b.trials, e.Window); err != nil {
			return nil, err
		}
	}
	if e.orderBytes > 0 {
		b.orderBytes = e.orderBytes
	}
	if err := b.run(ctx, f(), orders); err != nil {
		return nil, err
	}
	if e.Local {
		if err := b.locals(ctx, f(), samples); err != nil {
			return nil, err
		}
	}
	method := e.method()
	for i := range b.estimates {
		b.estimates[i].Method = method
		e.doubt(b, i, samples[i])
	}
	return b.estimates, nil
}

// batch is samples laid out for prim.JointCounts.
type batch struct {
	counts    prim.JointCounts
	trials    []int
	variables int
	rows      int
	repeated  func() []float64 // share of repeated values, by column
	estimates []Estimate
	test      Test

	orderBytes int // memory for the orderings that exist at a time
}

// batch checks samples and gathers their columns, each once.
func (e KSG) batch(samples []series.Samples) (*batch, error) {
	first := samples[0]
	b := &batch{trials: first.Trials, variables: len(first.Variables), rows: first.Len(), test: e.Test, orderBytes: 64 << 20}
	if b.variables != 2 && b.variables != 3 {
		return nil, fmt.Errorf("%d variables: two have a mutual information, three a conditional one", b.variables)
	}
	b.counts = prim.JointCounts{
		K: e.K, Algorithm: prim.Algorithm(e.Algorithm - 1), Norm: prim.Norm(e.Norm), Window: e.Window, Threads: e.Threads, On: e.On,
	}
	if len(b.trials) > 1 {
		b.counts.Trials = b.trials
	}
	at, sets := map[*float64]int{}, marginals(b.variables)
	b.counts.Problems = make([]prim.Problem, 0, len(samples))
	for i, s := range samples {
		if !b.sound(s, at) {
			if err := s.Validate(); err != nil {
				return nil, err
			}
		}
		if s.Len() != b.rows || !slices.Equal(s.Trials, b.trials) || len(s.Variables) != b.variables {
			return nil, fmt.Errorf("samples %d of a batch have %d rows in trials of %v and %d variables, and samples 0 have %d, %v and %d: they must be alike",
				i, s.Len(), s.Trials, len(s.Variables), b.rows, b.trials, b.variables)
		}
		p := prim.Problem{Variables: make([][]int, b.variables), Marginals: sets}
		for v, variable := range s.Variables {
			for _, c := range variable.Columns {
				j, ok := at[&c[0]]
				if !ok {
					j = len(b.counts.Columns)
					at[&c[0]] = j
					b.counts.Columns = append(b.counts.Columns, c)
				}
				p.Variables[v] = append(p.Variables[v], j)
			}
		}
		b.counts.Problems = append(b.counts.Problems, p)
	}
	return b, nil
}

// sound says whether all columns of samples are among those that were looked at.
func (b *batch) sound(s series.Samples, at map[*float64]int) bool {
	for _, v := range s.Variables {
		for _, c := range v.Columns {
			if len(c) == 0 || len(c) != b.rows {
				return false
			}
			if _, ok := at[&c[0]]; !ok {
				return false
			}
		}
		if len(v.Columns) == 0 {
			return false
		}
	}
	return s.Len() == b.rows
}

// prepare adds noise and normalises. Repeated values are counted beside what comes
// next.
func (e KSG) prepare(b *batch) {
	s := series.Samples{Variables: []series.Variable{{Columns: b.counts.Columns}}}
	columns := slices.Clone(s.Jitter(e.Jitter, e.Seed).Variables[0].Columns)
	b.counts.Columns = columns
	if e.Normalise == series.Embedded {
		e.each(len(columns), b.rows, func(c int) { columns[c] = series.ZScore(columns[c]) })
	}
	b.repeated = later(e.Threads, func() []float64 {
		share := make([]float64, len(columns))
		e.each(len(columns), b.rows, func(c int) { share[c] = series.Ties(columns[c]) })
		return share
	})
}

// marginals are what the formulas of two and three variables count.
func marginals(variables int) []prim.Marginal {
	if variables == 2 {
		return []prim.Marginal{prim.Of(0), prim.Of(1)}
	}
	return []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}
}

// shuffled is the variable that surrogates reorder: as in JIDT the second of a
// mutual information, and the source of a conditional one.
func (b *batch) shuffled() int {
	if b.variables == 2 {
		return 1
	}
	return 0
}

// run estimates the data and its surrogates, so many orderings at a time as
// memory allows.
func (b *batch) run(ctx context.Context, f *formula, orders series.Orders) error {
	b.estimates = make([]Estimate, len(b.counts.Problems))
	chunk := max(1, b.orderBytes/(4*b.rows))
	for from := 0; from == 0 || from < orders.Len(); from += chunk {
		var some [][]int32
		for s := from; s < min(orders.Len(), from+chunk); s++ {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			some = append(some, orders.At(s))
		}
		if err := b.estimate(ctx, f, some, from == 0); err != nil {
			return err
		}
	}
	for i := range b.estimates {
		b.estimates[i].Null.fill(b.estimates[i].Value, b.test)
	}
	return nil
}

// estimate makes the estimates under those orderings, and of the data as they
// are if asked to, in one batch.
func (b *batch) estimate(ctx context.Context, f *formula, orders [][]int32, asTheyAre bool) error {
	counts := b.counts
	counts.Problems = nil
	if asTheyAre {
		counts.Problems = append(counts.Problems, b.counts.Problems...)
	}
	data := len(counts.Problems)
	if len(orders) > 0 {
		for _, p := range b.counts.Problems {
			p.Shuffled, p.Orders = b.shuffled(), orders
			counts.Problems = append(counts.Problems, p)
		}
	}
	sums, err := counts.Sums(ctx, f.tables)
	if err != nil {
		return err
	}
	for i, s := range sums[:data] {
		b.estimates[i].Value, b.estimates[i].Ties = f.value(s[0]), float64(s[0].Tied)/float64(b.rows)
		b.estimates[i].Place = s[0].Place.String()
	}
	for i, s := range sums[data:] {
		null := &b.estimates[i].Null
		for _, sum := range s {
			null.Values = append(null.Values, f.value(sum))
		}
	}
	return nil
}

// locals fills in the local values.
func (b *batch) locals(ctx context.Context, f *formula, samples []series.Samples) error {
	counts, err := b.counts.Counts(ctx)
	if err != nil {
		return err
	}
	for i, c := range counts {
		b.estimates[i].Local = samples[i].Spread(f.locals(c[0]), nan)
		b.estimates[i].First = samples[i].First
	}
	return nil
}
