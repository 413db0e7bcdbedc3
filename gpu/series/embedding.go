package series

import (
	"fmt"
	"slices"
	"strings"
)

// Instant, as a delay, is 0 rows: the same instant. 0 itself is the default.
const Instant = -1

// Embedding says which past belongs to a sample of a transfer entropy. For
// target times t = First, First+1, … of each trial the rows are
//
//	source     x[t−Delay], x[t−Delay−SourceTau], …     SourceHistory values
//	target     y[t]
//	condition  y[t−1], y[t−1−HistoryTau], …            History values
//	           z[t−d], z[t−d−tau], …                    of each condition
//
// with First = max((History−1)·HistoryTau+1, (SourceHistory−1)·SourceTau+Delay,
// and the same of the conditions). A zero field is 1.
type Embedding struct {
	History, HistoryTau      int
	SourceHistory, SourceTau int
	Delay                    int    // of the source; Instant for none
	Conditions               []Past // of the conditions, in order; the last one holds for those beyond; nil: their last value
}

// Past is the past of a condition: z[t−Delay], z[t−Delay−Tau], …, Length values.
// A zero field is 1; Instant as a Delay is 0.
type Past struct{ Length, Tau, Delay int }

// lags returns how far back the values of a past lie.
func (p Past) lags() []int {
	out := make([]int, p.Length)
	for i := range out {
		out[i] = p.Delay + i*p.Tau
	}
	return out
}

func (p Past) orDefault(what string) (Past, error) {
	for _, f := range []*int{&p.Length, &p.Tau, &p.Delay} {
		if *f == 0 {
			*f = 1
		}
	}
	if p.Delay == Instant {
		p.Delay = 0
	}
	// A past that is longer than any series is refused before its lags are
	// written down.
	const most = 1 << 20
	if p.Length < 1 || p.Tau < 1 || p.Delay < 0 || p.Length > most || p.Tau > most || p.Delay > most {
		return p, fmt.Errorf("series: %s: history %d, tau %d, delay %d: history and tau must be from 1, the delay from 0 (Instant), to %d", what, p.Length, p.Tau, p.Delay, most)
	}
	return p, nil
}

// layout is an embedding with its defaults filled in.
type layout struct {
	source, target []int // lags
	conditions     [][]int
	first          int
}

func (e Embedding) layout(conditions int) (layout, error) {
	var l layout
	target, err := Past{e.History, e.HistoryTau, 1}.orDefault("target")
	if err != nil {
		return l, err
	}
	source, err := Past{e.SourceHistory, e.SourceTau, e.Delay}.orDefault("source")
	if err != nil {
		return l, err
	}
	l.target, l.source = target.lags(), source.lags()
	l.first = max(slices.Max(l.target), slices.Max(l.source))
	for i := range conditions {
		var p Past
		if n := len(e.Conditions); n > 0 {
			p = e.Conditions[min(i, n-1)]
		}
		if p, err = p.orDefault("condition"); err != nil {
			return l, err
		}
		l.conditions = append(l.conditions, p.lags())
		l.first = max(l.first, slices.Max(p.lags()))
	}
	return l, nil
}

// Of embeds columns of a recording: variables source, target, condition. Every
// target column has its own past in the condition.
func (e Embedding) Of(r Recording, source, target, conditions []string) (Samples, error) {
	x, err := r.values(source)
	if err != nil {
		return Samples{}, err
	}
	y, err := r.values(target)
	if err != nil {
		return Samples{}, err
	}
	z, err := r.values(conditions)
	if err != nil {
		return Samples{}, err
	}
	s, err := e.Embed(r.Trials(), x, y, z)
	for i := range s.Variables {
		s.Variables[i].Name = strings.Join([][]string{source, target, append(slices.Clone(target), conditions...)}[i], "+")
	}
	return s, err
}

// Embed is Of for columns as they are.
func (e Embedding) Embed(trials []int, source, target, conditions [][]float64) (Samples, error) {
	if len(source) == 0 || len(target) == 0 {
		return Samples{}, fmt.Errorf("series: embedding: no source or no target: name at least one column of each")
	}
	l, err := e.layout(len(conditions))
	if err != nil {
		return Samples{}, err
	}
	c, err := newCutter(trials, l.first, source, target, conditions)
	if err != nil {
		return Samples{}, err
	}
	s := Samples{Measure: "transfer entropy", Trials: c.trials, First: l.first}
	if len(conditions) > 0 {
		s.Measure = "conditional transfer entropy"
	}
	x, y, z := Variable{Name: "source"}, Variable{Name: "target"}, Variable{Name: "condition"}
	for _, v := range source {
		x.Columns = append(x.Columns, c.cut(v, l.source...)...)
	}
	for _, v := range target {
		y.Columns = append(y.Columns, c.cut(v, 0)...)
		z.Columns = append(z.Columns, c.cut(v, l.target...)...)
	}
	for i, v := range conditions {
		z.Columns = append(z.Columns, c.cut(v, l.conditions[i]...)...)
	}
	s.Variables = []Variable{x, y, z}
	return s, nil
}

// Lagged returns the samples of a mutual information between x, lag rows ago,
// and y now, or of a conditional one given z now. No columns of z: two
// variables.
func (r Recording) Lagged(lag int, x, y, z []string) (Samples, error) {
	var columns [3][][]float64
	for i, names := range [][]string{x, y, z} {
		var err error
		if columns[i], err = r.values(names); err != nil {
			return Samples{}, err
		}
	}
	s, err := Lagged(r.Trials(), lag, columns[0], columns[1], columns[2])
	for i := range s.Variables {
		s.Variables[i].Name = strings.Join([][]string{x, y, z}[i], "+")
	}
	return s, err
}

// Lagged is Recording.Lagged for columns as they are.
func Lagged(trials []int, lag int, x, y, z [][]float64) (Samples, error) {
	if lag < 0 {
		return Samples{}, fmt.Errorf("series: a lag of %d: it must be 0 or more; swap the variables to look the other way", lag)
	}
	if len(x) == 0 || len(y) == 0 {
		return Samples{}, fmt.Errorf("series: no columns of the first or the second variable: name at least one of each")
	}
	c, err := newCutter(trials, lag, x, y, z)
	if err != nil {
		return Samples{}, err
	}
	s := Samples{Measure: "mutual information", Trials: c.trials, First: lag}
	s.Variables = []Variable{{Name: "x"}, {Name: "y"}}
	if len(z) > 0 {
		s.Measure = "conditional mutual information"
		s.Variables = append(s.Variables, Variable{Name: "z"})
	}
	for i, columns := range [][][]float64{x, y, z} {
		for _, v := range columns {
			s.Variables[i].Columns = append(s.Variables[i].Columns, c.cut(v, []int{lag, 0, 0}[i])...)
		}
	}
	return s, nil
}

// values returns the values of the named columns, not copied.
func (r Recording) values(names []string) ([][]float64, error) {
	out := make([][]float64, len(names))
	for i, n := range names {
		c, err := r.find(n)
		if err != nil {
			return nil, err
		}
		out[i] = c.Values
	}
	return out, nil
}

// cutter cuts columns of samples out of series.
type cutter struct {
	rows   []int // of each trial of the series
	trials []int // of each trial of the samples
	first  int
}

// TooShortError says that a trial is too short for an embedding.
type TooShortError struct{ Trial, Rows, Need int }

func (e *TooShortError) Error() string {
	return fmt.Sprintf("trial %d has %d rows, need at least %d for one sample with its past; take a shorter history or delay", e.Trial, e.Rows, e.Need)
}

func newCutter(rows []int, first int, groups ...[][]float64) (cutter, error) {
	c := cutter{rows: rows, first: first, trials: make([]int, len(rows))}
	n := 0
	for i, t := range rows {
		if t <= first {
			return c, fmt.Errorf("series: embedding: %w", &TooShortError{i, t, first + 1})
		}
		c.trials[i] = t - first
		n += t
	}
	for g, columns := range groups {
		for _, x := range columns {
			if len(x) != n {
				return c, fmt.Errorf("series: %w", &LengthError{"the recording", [...]string{"the source", "the target", "a condition"}[g], n, len(x)})
			}
		}
	}
	return c, nil
}

// cut returns the columns x[t−lag] for the sampled times t. One trial gives
// parts of x itself, several are copied together.
func (c cutter) cut(x []float64, lags ...int) [][]float64 {
	out := make([][]float64, len(lags))
	for i, lag := range lags {
		if len(c.rows) == 1 {
			out[i] = x[c.first-lag : len(x)-lag]
			continue
		}
		start := 0
		for _, n := range c.rows {
			out[i] = append(out[i], x[start+c.first-lag:start+n-lag]...)
			start += n
		}
	}
	return out
}
