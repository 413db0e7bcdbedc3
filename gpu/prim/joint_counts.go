package prim

import (
	"context"
	"fmt"

	"surprisal/gpu"
)

// JointCounts is a batch of neighbour counts over shared columns of N values.
// It is a description: Counts, Sums and Means carry it out, as often as one
// likes, and none of them writes to it.
//
// For every problem, ordering and row i they find the K nearest rows in the
// joint space of all variables of the problem, and then count for each marginal
// the rows that are as near to row i in the variables of that marginal:
//
//   - Ball: rows at a distance < e, where e is the distance of the Kth neighbour.
//   - Box: rows at a distance <= e[v] in every variable v of the marginal, where
//     e[v] is the largest distance in v of all K neighbours.
//
// The distance between two rows is the largest of their distances in single
// variables. That of one variable is the largest |difference| of its columns,
// or under Euclid the sum of the squared differences. Neighbours at equal
// distances are taken in row order.
//
// A row is never a neighbour of itself, and neither are rows of its trial that
// lie at most Window rows away; they are missing from the search and from all
// counts. Where rows are reordered the window and the trials stay with the row
// index.
type JointCounts struct {
	Columns   [][]float64 // normalised by the caller; finite
	Trials    []int       // lengths of the trials in row order, which add up to N; nil: one trial
	K         int         // 1 to MaxK
	Algorithm Algorithm
	Norm      Norm
	Window    int         // in rows; 0 leaves out the row itself alone
	Threads   int         // of the CPU; 0: one a core
	On        *gpu.Device // where to count; nil: a GPU if there is one and enough to do, else the CPU
	Problems  []Problem

	pairs       int // of rows of one launch on a device that takes long; 0: launchPairs, and what windows and boxes have
	windowsFrom int // rows; 0: windowRows
	boxesFrom   int // rows; 0: boxRows
	triplesFrom int // items; 0: triplesTogether
}

// MaxK is the largest number of neighbours.
const MaxK = 16

// MaxVariables is the largest number of variables of a problem.
const MaxVariables = 32

// Problem is one set of variables and what to count in it.
type Problem struct {
	Variables [][]int    // of each variable, its columns as indices into JointCounts.Columns
	Marginals []Marginal // what to count

	// Orders are the orderings to run, each a permutation of the rows: row i
	// of variable Shuffled takes the values of row Orders[s][i], all other
	// variables stay. nil is one run over the data as they are. Problems may
	// share orderings.
	Shuffled int
	Orders   [][]int32
}

// Marginal is a set of variables of a problem: bit v stands for variable v.
type Marginal uint32

// Of is the marginal of the given variables. It panics if one is not from 0 to
// MaxVariables-1.
func Of(variables ...int) Marginal {
	var m Marginal
	for _, v := range variables {
		if v < 0 || v >= MaxVariables {
			panic(fmt.Sprintf("prim: a marginal of variable %d: variables are from 0 to %d", v, MaxVariables-1))
		}
		m |= 1 << v
	}
	return m
}

// Has says whether variable v takes part.
func (m Marginal) Has(v int) bool { return v >= 0 && v < MaxVariables && m>>v&1 == 1 }

// Algorithm says which rows count as near.
type Algorithm int

const (
	Ball Algorithm = iota // strictly nearer than the Kth neighbour: algorithm 1 of Kraskov et al.
	Box                   // inside the box that the K neighbours span: algorithm 2
)

func (a Algorithm) String() string {
	switch a {
	case Ball:
		return "ball"
	case Box:
		return "box"
	}
	return fmt.Sprintf("Algorithm(%d)", int(a))
}

// Norm is the distance inside a variable. Across variables it is the maximum.
type Norm int

const (
	Max    Norm = iota // the largest |difference|
	Euclid             // the sum of squares: variables of several columns count as balls
)

func (n Norm) String() string {
	switch n {
	case Max:
		return "max"
	case Euclid:
		return "euclid"
	}
	return fmt.Sprintf("Norm(%d)", int(n))
}

// Counts is the result of one problem under one ordering.
type Counts struct {
	N     [][]int32 // N[m][i] is the count of marginal m at row i
	Tied  int       // rows whose Kth neighbour is no nearer than the next: the choice between them is arbitrary
	Place gpu.Place // where it was counted
}

// Counts returns the counts of problem p under ordering s at [p][s]. A problem
// without orderings has one result.
//
// It returns what ctx was cancelled for soon after it is, and one of the errors
// of this package where the data or the settings do not allow a count.
func (b JointCounts) Counts(ctx context.Context) ([][]Counts, error) {
	p, err := b.plan()
	if err != nil {
		return nil, err
	}
	out := ofEach[Counts](b.Problems)
	err = p.run(ctx, nil, func(it item, r *result) {
		out[it.problem][it.ordering] = Counts{N: r.counts, Tied: r.sum.Tied, Place: r.sum.Place}
		r.counts = nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Sums returns at [p][s], for problem p under ordering s, the sum over all rows
// i and marginals m of tables[m][N[m][i]], exactly. A table needs N+1 entries;
// tables[m] may be nil where marginal m is counted for nothing. PsiFixed and
// Fixed make tables in multiples of 2^-38.
//
// It needs less memory than Counts, whose errors it shares.
func (b JointCounts) Sums(ctx context.Context, tables [][]int64) ([][]Sum, error) {
	p, err := b.plan()
	if err != nil {
		return nil, err
	}
	if err := p.checkTables(tables); err != nil {
		return nil, err
	}
	out := ofEach[Sum](b.Problems)
	err = p.run(ctx, tables, func(it item, r *result) {
		out[it.problem][it.ordering] = r.sum
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ofEach is room for the results of problems, [problem][ordering].
func ofEach[T any](problems []Problem) [][]T {
	n := 0
	for i := range problems {
		n += max(1, len(problems[i].Orders))
	}
	out, all := make([][]T, len(problems)), make([]T, n)
	for i := range problems {
		k := max(1, len(problems[i].Orders))
		out[i], all = all[:k:k], all[k:]
	}
	return out
}
