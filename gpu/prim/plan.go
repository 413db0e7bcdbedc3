package prim

import (
	"math"
	"math/bits"
	"runtime"
)

// plan is a JointCounts that has been looked over.
type plan struct {
	JointCounts
	rows    int
	threads int
	barred  bars
	sound   bool      // values were looked at
	triples []tripled // by problem, once a device is to count
}

func (b JointCounts) plan() (*plan, error) {
	p := &plan{JointCounts: b, threads: b.Threads}
	if p.threads == 0 {
		p.threads = runtime.NumCPU()
	}
	for _, check := range []func() error{p.checkParameters, p.checkColumns, p.checkTrials, p.checkProblems, p.checkSamples} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *plan) checkParameters() error {
	for _, c := range []struct {
		name            string
		value, min, max int
	}{
		{"K", p.K, 1, MaxK},
		{"Window", p.Window, 0, math.MaxInt32},
		{"Threads", p.Threads, 0, math.MaxInt32},
		{"Algorithm", int(p.Algorithm), int(Ball), int(Box)},
		{"Norm", int(p.Norm), int(Max), int(Euclid)},
	} {
		if c.value < c.min || c.value > c.max {
			return &ParameterError{c.name, c.value, c.min, c.max}
		}
	}
	return nil
}

// checkColumns wants columns of one length.
func (p *plan) checkColumns() error {
	if len(p.Columns) == 0 {
		return &ShapeError{What: "columns", Got: 0, Want: 1}
	}
	p.rows = len(p.Columns[0])
	if p.rows > math.MaxInt32-1 {
		return &TooManyError{N: p.rows, Max: math.MaxInt32 - 1}
	}
	for c, column := range p.Columns {
		if len(column) != p.rows {
			return &ShapeError{What: "values", Where: c, Got: len(column), Want: p.rows}
		}
	}
	return nil
}

// checkValues wants finite values whose differences, and under Euclid their squares,
// are finite too. It looks once; what does not depend on what values are may be begun
// before, a sort on a device, say.
func (p *plan) checkValues() error {
	if p.sound {
		return nil
	}
	// Two columns of a variable may add up; a variable may have them all.
	exponent := 1023
	if p.Norm == Euclid {
		exponent = 510 - bits.Len(uint(len(p.Columns)))/2
	}
	for c, column := range p.Columns {
		if !allBelow(column, exponent) {
			if err := p.checkColumn(c); err != nil {
				return err
			}
		}
	}
	p.sound = true
	return nil
}

// allBelow says whether all values are less than 2^exponent in magnitude; NaN is not.
func allBelow(x []float64, exponent int) bool {
	up := math.Ldexp(1, 1024-exponent) // what is too large is infinite by it, and 0 times that NaN
	var a, b, c, d float64             // of four runs: each waits for itself alone
	for len(x) >= 4 {
		a, b, c, d = a+x[0]*up*0, b+x[1]*up*0, c+x[2]*up*0, d+x[3]*up*0
		x = x[4:]
	}
	for _, v := range x {
		a += v * up * 0
	}
	return a+b+c+d == 0
}

// checkColumn looks at each value of a column that may be wrong.
func (p *plan) checkColumn(c int) error {
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, x := range p.Columns[c] {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return &ValueError{Column: c, Row: i, Value: x}
		}
		lo, hi = min(lo, x), max(hi, x)
	}
	spread := hi - lo
	if p.Norm == Euclid {
		spread *= spread * float64(len(p.Columns))
	}
	if math.IsInf(spread, 0) {
		return &SpreadError{Column: c, Min: lo, Max: hi}
	}
	return nil
}

func (p *plan) checkTrials() error {
	if p.Trials == nil {
		p.Trials = []int{p.rows}
	}
	sum := 0
	for t, n := range p.Trials {
		if n < 0 {
			return &ShapeError{What: "rows of a trial", Where: t, Got: n, Want: 0}
		}
		if sum += n; sum > p.rows {
			break
		}
	}
	if sum != p.rows {
		return &ShapeError{What: "rows in all trials", Got: sum, Want: p.rows}
	}
	return nil
}

func (p *plan) checkProblems() error {
	sound := make(map[*int32]bool) // orderings that were looked at: problems share them
	for i, q := range p.Problems {
		if len(q.Variables) == 0 || len(q.Variables) > MaxVariables {
			return &ProblemError{i, "Variables", len(q.Variables), 1, MaxVariables}
		}
		for _, columns := range q.Variables {
			if len(columns) == 0 {
				return &ProblemError{i, "columns of a variable", 0, 1, len(p.Columns)}
			}
			for _, c := range columns {
				if c < 0 || c >= len(p.Columns) {
					return &ProblemError{i, "a column", c, 0, len(p.Columns) - 1}
				}
			}
		}
		for _, m := range q.Marginals {
			if m == 0 || uint64(m) >= 1<<len(q.Variables) {
				return &ProblemError{i, "a marginal", int(m), 1, 1<<len(q.Variables) - 1}
			}
		}
		if q.Orders != nil && (q.Shuffled < 0 || q.Shuffled >= len(q.Variables)) {
			return &ProblemError{i, "Shuffled", q.Shuffled, 0, len(q.Variables) - 1}
		}
		if q.Orders != nil && len(q.Orders) == 0 {
			return &ProblemError{i, "number of Orders", 0, 1, math.MaxInt32}
		}
		for s, order := range q.Orders {
			if len(order) > 0 && len(order) == p.rows && sound[&order[0]] {
				continue
			}
			if err := p.checkOrder(i, s, order); err != nil {
				return err
			}
			if len(order) > 0 {
				sound[&order[0]] = true
			}
		}
	}
	return nil
}

func (p *plan) checkOrder(problem, s int, order []int32) error {
	if len(order) != p.rows {
		return &OrderError{Problem: problem, Ordering: s, Row: -1, Got: len(order), Rows: p.rows}
	}
	seen := make([]uint64, p.rows/64+1)
	for row, v := range order {
		if v < 0 || int(v) >= p.rows || seen[v/64]>>(v%64)&1 == 1 {
			return &OrderError{Problem: problem, Ordering: s, Row: row, Got: int(v), Rows: p.rows}
		}
		seen[v/64] |= 1 << (v % 64)
	}
	return nil
}

// checkSamples wants K rows for every row that the window does not exclude.
func (p *plan) checkSamples() error {
	if p.rows <= p.K {
		return &TooFewSamplesError{N: p.rows, Need: p.K + 1, K: p.K}
	}
	p.barred = newBars(p.rows, p.Trials, p.Window)
	first := 0
	for _, n := range p.Trials {
		// Nowhere in a trial are more rows excluded than in its middle.
		if p.rows-min(n, 2*p.barred.window+1) < p.K {
			if err := p.checkRows(first, first+n); err != nil {
				return err
			}
		}
		first += n
	}
	return nil
}

func (p *plan) checkRows(from, to int) error {
	for i := from; i < to; i++ {
		lo, hi := p.barred.of(i)
		if excluded := hi - lo + 1; p.rows-excluded < p.K {
			return &WindowError{Row: i, Window: p.Window, Left: p.rows - excluded, Need: p.K, N: p.rows}
		}
	}
	return nil
}

func (p *plan) checkTables(tables [][]int64) error {
	need := 0
	for _, q := range p.Problems {
		need = max(need, len(q.Marginals))
	}
	if len(tables) < need {
		return &ShapeError{What: "tables", Got: len(tables), Want: need}
	}
	for m, t := range tables[:need] {
		if t != nil && len(t) < p.rows+1 {
			return &ShapeError{What: "entries of a table", Where: m, Got: len(t), Want: p.rows + 1}
		}
	}
	return nil
}
