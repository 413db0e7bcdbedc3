package info

import (
	"fmt"
	"math"
	"slices"

	"surprisal/gpu/series"
)

// doubt writes down what estimate i is of and what speaks against it.
func (e KSG) doubt(b *batch, i int, s series.Samples) {
	est := &b.estimates[i]
	est.Unit, est.Measure, est.N, est.K = "nats", s.Measure, b.rows, e.K
	if est.Measure == "" {
		est.Measure = [...]string{"mutual information", "conditional mutual information"}[b.variables-2]
	}
	warn := func(format string, a ...any) { est.Warnings = append(est.Warnings, fmt.Sprintf(format, a...)) }
	columns, repeated := 0, b.repeated()
	for v, variable := range b.counts.Problems[i].Variables {
		columns += len(variable)
		for _, c := range variable {
			est.Repeated = max(est.Repeated, repeated[c])
		}
		if b.constant(variable) {
			warn("%s is constant, which no other variable can say anything about", s.Variables[v].Name)
		}
	}
	// Rounded values are what tied distances come from; one pair by chance is
	// no reason to warn.
	switch {
	case est.Ties >= 0.02:
		warn("ties decide the neighbours of %.0f %% of the samples, and the estimator takes values for continuous ones: try Jitter, or info.Plugin", 100*est.Ties)
	case est.Repeated >= 0.05:
		warn("%.0f %% of the values of a column occur more than once, and the estimator takes values for continuous ones", 100*est.Repeated)
	}
	// Neighbours are e^I times nearer in the joint space than by chance, and no
	// sample has less than the distance of N (Gao, Ver Steeg and Galstyan
	// 2015): with correlation 0.999999 a thousand samples gave 5.2 nats of 6.6.
	if limit := math.Log(float64(b.rows)); est.Value > 0.7*limit {
		warn("the value nears ln N = %.2f, beyond which %d samples cannot show more: it is too low", limit, b.rows)
	}
	if e.Algorithm == 2 && b.variables == 3 && e.K < 3 {
		warn("algorithm 2 is far off for conditional quantities with K below 3: take algorithm 1, or K 4")
	}
	if b.variables == 2 && e.Window > 0 {
		if high := excess(b.rows, b.trials, e.Window); high >= 0.01 {
			warn("the window leaves a sample fewer others than the estimator counts with: the value is about %.2f nats too high, as are surrogates", high)
		}
	}
	// 5+5 columns of correlation 0.6 lose 31 % at N = 1000, 10+10 lose 62 %.
	if columns >= 8 {
		warn("in %d columns neighbours are far away and the value is too low", columns)
	}
	if asked := e.Test.Surrogates; asked > est.Null.Surrogates {
		warn("%d surrogates were asked for, but there are only %d different circular shifts", asked, est.Null.Surrogates)
	}
}

// constant says whether all columns of a variable are.
func (b *batch) constant(variable []int) bool {
	for _, c := range variable {
		x := b.counts.Columns[c]
		if slices.ContainsFunc(x, func(v float64) bool { return v != x[0] }) {
			return false
		}
	}
	return len(variable) > 0
}

// excess is what an exclusion window adds to a mutual information of nothing:
// the definition, JIDT's too, has ψ(N), where only so many rows as the window
// leaves can be near. In conditional quantities the numbers of rows cancel.
func excess(rows int, trials []int, window int) float64 {
	if len(trials) == 0 {
		trials = []int{rows}
	}
	sum := 0.0
	for _, n := range trials {
		for i := range n {
			out := min(i, window) + min(n-1-i, window)
			sum += math.Log(float64(rows) / float64(rows-out))
		}
	}
	return sum / float64(rows)
}

// method says how e works, in words.
func (e KSG) method() string {
	s := fmt.Sprintf("KSG algorithm %d, k = %d, %v", e.Algorithm, e.K, e.Norm)
	switch {
	case e.wholeSeries:
		s += ", series normalised"
	case e.Normalise == series.None:
		s += ", not normalised"
	}
	if e.Window > 0 {
		s += fmt.Sprintf(", window %d", e.Window)
	}
	if e.Jitter > 0 {
		s += fmt.Sprintf(", jitter %g sd", e.Jitter)
	}
	return s
}
