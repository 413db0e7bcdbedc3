package boxes_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu"
	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/prim"
)

// shapes are problems that the kernels do.
var shapes = []struct {
	variables [][]int
	marginals []prim.Marginal
	shuffled  int
}{
	{[][]int{{0}, {1}, {2}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}, 0}, // transfer entropy
	{[][]int{{0}, {1}}, []prim.Marginal{prim.Of(0), prim.Of(1)}, 0},                        // mutual information
	{[][]int{{2}, {0}, {1}}, []prim.Marginal{prim.Of(2), prim.Of(1, 2), prim.Of(0, 2)}, 2},
	{[][]int{{0, 1}, {2}}, []prim.Marginal{prim.Of(0), prim.Of(1)}, 0}, // two columns that move together
	{[][]int{{1}, {2, 0}}, []prim.Marginal{prim.Of(1), prim.Of(0), prim.Of(1)}, 0},
	{[][]int{{1}, {0}, {2}}, []prim.Marginal{prim.Of(0, 1), prim.Of(1, 2), prim.Of(0, 2), prim.Of(0)}, 1},
}

// kinds are columns: what is done to normal values.
var kinds = []struct {
	name string
	of   func(r *rand.Rand, x []float64, column int)
}{
	{"normal", func(*rand.Rand, []float64, int) {}},
	{"uniform", func(r *rand.Rand, x []float64, _ int) { each(x, func(float64) float64 { return r.Float64() }) }},
	{"ties", func(_ *rand.Rand, x []float64, _ int) {
		each(x, func(v float64) float64 { return math.Round(8*v) / 8 })
	}},
	{"whole numbers", func(_ *rand.Rand, x []float64, _ int) { each(x, math.Round) }},
	{"long tails", func(_ *rand.Rand, x []float64, _ int) {
		each(x, func(v float64) float64 { return math.Exp(3 * v) })
	}},
	{"clusters", func(r *rand.Rand, x []float64, _ int) {
		each(x, func(v float64) float64 { return 1e-4*v + math.Round(3*r.NormFloat64()) })
	}},
	{"far from zero", func(_ *rand.Rand, x []float64, _ int) {
		each(x, func(v float64) float64 { return 1e6 + 1e-7*v })
	}},
	{"the first constant", func(_ *rand.Rand, x []float64, column int) {
		for i := range x {
			if column == 0 {
				x[i] = math.Copysign(0, float64(i%2)-0.5) // 0 and -0
			}
		}
	}},
	{"one varies", func(_ *rand.Rand, x []float64, column int) {
		if column != 1 {
			each(x, func(float64) float64 { return 7 })
		}
	}},
	{"a line", func(_ *rand.Rand, x []float64, _ int) {
		for i := range x {
			x[i] = float64(i) + 0.25*x[i]
		}
	}},
	{"an outlier", func(_ *rand.Rand, x []float64, _ int) { x[len(x)/2] = 1e300 }},
	{"equal rows", func(_ *rand.Rand, x []float64, _ int) {
		each(x, func(float64) float64 { return 3 })
	}},
}

func each(x []float64, f func(float64) float64) {
	for i := range x {
		x[i] = f(x[i])
	}
}

func columns(r *rand.Rand, n, d, kind int) (all [][]float64) {
	for c := range d {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		kinds[kind].of(r, x, c)
		all = append(all, x)
	}
	return all
}

// batch is a case of n rows: data of a kind, trials, a window, orderings.
func batch(r *rand.Rand, n, shape, kind int) prim.JointCounts {
	s := shapes[shape]
	cpu := gpu.Open(gpu.CPU)
	b := prim.JointCounts{On: &cpu, K: 1 + r.IntN(min(prim.MaxK, n-1)), Algorithm: prim.Algorithm(r.IntN(2))}
	if r.IntN(2) == 0 {
		b.K = min(4, n-1)
	}
	d := 0
	for _, v := range s.variables {
		d += len(v)
	}
	b.Columns = columns(r, n, d, kind)
	if n > 4*b.K+20 && r.IntN(2) == 0 {
		b.Trials, b.Window = []int{n/2 - 1, n - n/2 + 1}, r.IntN(4)
	}
	p := prim.Problem{Variables: s.variables, Marginals: s.marginals, Shuffled: s.shuffled}
	for range r.IntN(3) {
		order := make([]int32, n)
		for i, v := range r.Perm(n) {
			order[i] = int32(v)
		}
		p.Orders = append(p.Orders, order)
	}
	b.Problems = []prim.Problem{p}
	return b
}

// barred is the first and the last row that is no neighbour of each.
func barred(b prim.JointCounts) []int32 {
	n := len(b.Columns[0])
	trials := b.Trials
	if trials == nil {
		trials = []int{n}
	}
	var out []int32
	first := 0
	for _, length := range trials {
		for i := first; i < first+length; i++ {
			out = append(out, int32(max(first, i-b.Window)), int32(min(first+length-1, i+b.Window)))
		}
		first += length
	}
	return out
}

func problem(b prim.JointCounts) neighbours.Problem {
	q := b.Problems[0]
	p := neighbours.Problem{Variables: q.Variables, Shuffled: -1, Box: b.Algorithm == prim.Box, Coarse: func(c int) bool { return b.Columns[c][0] == b.Columns[c][1] }}
	if len(q.Orders) > 0 {
		p.Shuffled = q.Shuffled
	}
	for _, m := range q.Marginals {
		p.Marginals = append(p.Marginals, uint32(m))
	}
	return p
}

// uploaded is a batch on the device.
func uploaded(t *device.Thread, a *device.Arena, b prim.JointCounts) (in neighbours.Batch, err error) {
	q := b.Problems[0]
	in = neighbours.Batch{N: len(b.Columns[0]), K: b.K, Orderings: max(1, len(q.Orders))}
	if in.Columns, err = device.Upload(t, a, slices.Concat(b.Columns...)); err != nil {
		return in, err
	}
	if in.Barred, err = device.Upload(t, a, barred(b)); err != nil {
		return in, err
	}
	if len(q.Orders) > 0 {
		if in.Order, err = device.Upload(t, a, slices.Concat(q.Orders...)); err != nil {
			return in, err
		}
	}
	in.Tables, err = device.Upload(t, a, slices.Concat(tables(b)...))
	return in, err
}

// tables are what the sums of an estimator use: ψ(n+1), of each marginal.
func tables(b prim.JointCounts) (all [][]int64) {
	for range b.Problems[0].Marginals {
		all = append(all, prim.PsiFixed(len(b.Columns[0]) + 1)[1:])
	}
	return all
}

// agree runs a case on the device and on the CPU.
func agree(ctx context.Context, t *device.Thread, a *device.Arena, b prim.JointCounts) error {
	want, err := b.Counts(ctx)
	if err != nil {
		return err
	}
	sums, err := b.Sums(ctx, tables(b))
	if err != nil {
		return err
	}
	plan, ok := boxes.For(problem(b))
	if !ok {
		return fmt.Errorf("no plan for %v", b.Problems[0])
	}
	batch, err := uploaded(t, a, b)
	if err != nil {
		return err
	}
	w, err := plan.Prepare(t, a, batch)
	if err != nil {
		return err
	}
	if err := w.Run(t, a.Stream); err != nil {
		return err
	}
	counts, tied, got := make([]int32, w.Counts.Len()), make([]uint32, w.Tied.Len()), make([]int64, w.Sums.Len())
	if err := device.Download(ctx, t, a.Stream, counts, w.Counts); err != nil {
		return err
	}
	if err := device.Download(ctx, t, a.Stream, tied, w.Tied); err != nil {
		return err
	}
	if err := device.Download(ctx, t, a.Stream, got, w.Sums); err != nil {
		return err
	}
	n := len(b.Columns[0])
	for s, c := range want[0] {
		what := fmt.Sprintf("ordering %d of %v: %d rows, k %d, window %d", s, b.Problems[0].Variables, n, b.K, b.Window)
		if int(tied[s]) != c.Tied {
			return fmt.Errorf("%s: %d rows tied, want %d", what, tied[s], c.Tied)
		}
		for m := range c.N {
			part := counts[(s*len(c.N)+m)*n:][:n]
			for i := range part {
				if part[i] != c.N[m][i] {
					return fmt.Errorf("%s: marginal %d, row %d: %d, want %d", what, m, i, part[i], c.N[m][i])
				}
			}
		}
		if sum, _ := sums[0][s].Int64(); got[s] != sum {
			return fmt.Errorf("%s: the sum is %d, want %d", what, got[s], sum)
		}
	}
	return nil
}

// Counts in boxes are those of the CPU, of data of every kind.
func TestCountsAsTheCPU(t *testing.T) {
	devicetest.In(t, devicetest.Opened(t, devicetest.Simulated(t, 8, 0)), func(th *device.Thread, a *device.Arena) error {
		for seed := range 2 * len(kinds) * len(shapes) {
			r := rand.New(rand.NewPCG(uint64(seed), 21))
			kind, shape := seed/len(shapes)%len(kinds), seed%len(shapes)
			n := []int{2 + r.IntN(30), 31 + r.IntN(70), 100 + r.IntN(200), 250 + r.IntN(150)}[seed%4]
			if seed%36 == 35 {
				n = 1020 + r.IntN(1500) // levels of boxes, and tiles of the sort
			}
			if err := agree(t.Context(), th, a, batch(r, n, shape, kind)); err != nil {
				return fmt.Errorf("seed %d, %s: %w", seed, kinds[kind].name, err)
			}
		}
		return nil
	})
}
