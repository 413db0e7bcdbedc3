package windows_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/windows"
	"surprisal/gpu/prim"
)

// shapes are problems that the kernels do: TE, MI, and several columns a variable.
var shapes = []struct {
	variables [][]int
	marginals []prim.Marginal
	shuffled  int
}{
	{[][]int{{0}, {1}}, []prim.Marginal{prim.Of(0), prim.Of(1)}, 0},
	{[][]int{{1}, {0}}, []prim.Marginal{prim.Of(1), prim.Of(0)}, 1},
	{[][]int{{0}, {1}, {2}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}, 0},
	{[][]int{{2}, {0}, {1}}, []prim.Marginal{prim.Of(2), prim.Of(1, 2), prim.Of(0, 2)}, 1},
	{[][]int{{0, 1}, {2}}, []prim.Marginal{prim.Of(0), prim.Of(1)}, 1},
	{[][]int{{0}, {1}, {2, 3}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}, 0},
	{[][]int{{0, 1}, {2}, {3}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}, 0},
	{[][]int{{0, 1, 3}, {2}}, []prim.Marginal{prim.Of(0), prim.Of(1)}, 1},
	{[][]int{{0, 1}, {2, 5}, {3, 4}}, []prim.Marginal{prim.Of(1, 2), prim.Of(2), prim.Of(0, 2)}, 1},
	{[][]int{{6, 1, 2}, {0}, {3, 4, 5, 7}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}, 0},
	{[][]int{{0, 1, 2, 3, 4}, {5}, {6, 7, 8, 9, 10}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}, 0},
	{[][]int{{0, 1}, {2, 3}}, []prim.Marginal{prim.Of(0), prim.Of(1)}, 0},
	{[][]int{{0}, {1}, {2}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}, 2},
}

// batch is a case of n rows: ties or none, columns that are constant, far from zero
// or long-tailed, trials, a window, orderings.
func batch(r *rand.Rand, n, shape int) prim.JointCounts {
	s := shapes[shape]
	b := prim.JointCounts{K: 1 + r.IntN(min(prim.MaxK, n-1)), Algorithm: prim.Algorithm(r.IntN(2))}
	if r.IntN(2) == 0 {
		b.K = min(4, n-1)
	}
	columns := 0
	for _, v := range s.variables {
		columns += len(v)
	}
	kind := r.IntN(11)
	for c := range columns {
		x := make([]float64, n)
		for i := range x {
			v := r.NormFloat64()
			switch kind {
			case 0:
				v = math.Round(v*8) / 8
			case 1:
				v = math.Round(v)
			case 2:
				v = math.Exp(3 * v)
			case 3:
				v = 1e6 + 1e-7*v
			case 7:
				v *= 1e300 // float32 holds none of it
			case 8:
				v = math.Round(v) * 1e-300
			case 9:
				if r.IntN(50) == 0 {
					v *= math.Pow(10, float64(r.IntN(60)))
				}
			case 4:
				if c == r.IntN(columns) {
					v = 0
				}
			}
			x[i] = v
		}
		if kind == 5 && c == 0 || kind == 6 && c == columns-1 {
			for i := range x {
				x[i] = math.Copysign(0, float64(i%2)-0.5) // constant: 0 and -0
			}
		}
		b.Columns = append(b.Columns, x)
	}
	if n > 4*b.K+20 && r.IntN(2) == 0 {
		b.Trials, b.Window = []int{n/2 - 1, n - n/2 + 1}, r.IntN(4)
	}
	if n > 300 && r.IntN(3) == 0 {
		b.Window = 40 // more barred rows than lanes
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
	p := neighbours.Problem{Variables: q.Variables, Shuffled: -1, Box: b.Algorithm == prim.Box}
	if len(q.Orders) > 0 {
		p.Shuffled = q.Shuffled
	}
	for _, m := range q.Marginals {
		p.Marginals = append(p.Marginals, uint32(m))
	}
	return p
}

// prepared uploads a batch.
func prepared(t *device.Thread, a *device.Arena, b prim.JointCounts) (*windows.Work, error) {
	plan, ok := windows.For(problem(b))
	if !ok {
		return nil, fmt.Errorf("no plan for %v", b.Problems[0])
	}
	q, n := b.Problems[0], len(b.Columns[0])
	batch := neighbours.Batch{N: n, K: b.K, Orderings: max(1, len(q.Orders)), Alone: b.Window == 0}
	var err error
	if batch.Columns, err = device.Upload(t, a, slices.Concat(b.Columns...)); err != nil {
		return nil, err
	}
	if batch.Barred, err = device.Upload(t, a, barred(b)); err != nil {
		return nil, err
	}
	if len(q.Orders) > 0 {
		if batch.Order, err = device.Upload(t, a, slices.Concat(q.Orders...)); err != nil {
			return nil, err
		}
	}
	if batch.Tables, err = device.Upload(t, a, slices.Concat(tables(b)...)); err != nil {
		return nil, err
	}
	return plan.Prepare(t, a, batch)
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
	w, err := prepared(t, a, b)
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

// Counts in windows are those of the CPU.
func TestCountsAsTheCPU(t *testing.T) {
	devicetest.In(t, devicetest.Opened(t, devicetest.Simulated(t, 8, 0)), func(th *device.Thread, a *device.Arena) error {
		for seed := range 221 {
			r := rand.New(rand.NewPCG(uint64(seed), 11))
			n := []int{2 + r.IntN(30), 31 + r.IntN(70), 100 + r.IntN(200), 250 + r.IntN(150)}[seed/len(shapes)%4]
			if seed > 218 {
				n = 1000 + r.IntN(1500) // several tiles of the sort
			}
			b := batch(r, n, seed%len(shapes))
			if err := agree(t.Context(), th, a, b); err != nil {
				return fmt.Errorf("seed %d: %w", seed, err)
			}
		}
		return nil
	})
}

// A transfer entropy with orderings is counted in launches of any length.
func TestPiecesAsTheCPU(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	b := batch(r, 130, 2)
	p := &b.Problems[0]
	for len(p.Orders) < 3 {
		order := make([]int32, 130)
		for i, v := range r.Perm(130) {
			order[i] = int32(v)
		}
		p.Orders = append(p.Orders, order)
	}
	want, err := b.Sums(t.Context(), tables(b))
	if err != nil {
		t.Fatal(err)
	}
	devicetest.In(t, devicetest.Opened(t, devicetest.Simulated(t, 8, 0)), func(th *device.Thread, a *device.Arena) error {
		w, err := prepared(th, a, b)
		if err != nil {
			return err
		}
		for _, piece := range []int{48, 1024} {
			windows.SetPiece(w, piece)
			if err := w.RunInChunks(t.Context(), th, a.Stream); err != nil {
				return err
			}
			got := make([]int64, len(want[0]))
			if err := device.Download(t.Context(), th, a.Stream, got, w.Sums); err != nil {
				return err
			}
			for s := range got {
				if sum, _ := want[0][s].Int64(); got[s] != sum {
					t.Errorf("ordering %d in pieces of %d: the sum is %d, want %d", s, piece, got[s], sum)
				}
			}
		}
		return nil
	})
}

func TestCountsOnTheGPU(t *testing.T) {
	o := devicetest.OnTheGPU(t)
	first, err := device.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	all := devicetest.Archs(first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	for _, o.Arch = range all {
		devicetest.In(t, devicetest.Opened(t, o), func(th *device.Thread, _ *device.Arena) error { return casesOn(t, th) })
		t.Logf("%d cases of %s", 20*len(shapes), o.Arch)
	}
}

func casesOn(t *testing.T, th *device.Thread) error {
	for seed := range 20 * len(shapes) {
		r := rand.New(rand.NewPCG(uint64(seed), 12))
		n := []int{2 + r.IntN(30), 31 + r.IntN(70), 300 + r.IntN(200), 1000 + r.IntN(9000)}[seed/len(shapes)%4]
		if seed%100 == 99 {
			n = 40000 + r.IntN(30000)
		}
		a, err := th.Arena("a case")
		if err != nil {
			return err
		}
		err = agree(t.Context(), th, a, batch(r, n, seed%len(shapes)))
		a.Close()
		if err != nil {
			return fmt.Errorf("seed %d: %w", seed, err)
		}
	}
	return nil
}

// What is laid out, and what is not.
func TestPlan(t *testing.T) {
	for _, c := range []struct {
		p      neighbours.Problem
		ok     bool
		reason string
	}{
		{neighbours.Problem{Variables: [][]int{{0}, {1}, {2}}, Marginals: []uint32{5, 6, 4}, Shuffled: 0}, true, "TE"},
		{neighbours.Problem{Variables: [][]int{{0}, {1}, {2}}, Marginals: []uint32{5, 6, 4}, Shuffled: 2}, true, "the shared variable is reordered, so that another is the key"},
		{neighbours.Problem{Variables: [][]int{{0}, {1}}, Marginals: []uint32{1, 2}, Shuffled: -1}, true, "MI"},
		{neighbours.Problem{Variables: [][]int{{0, 1}, {2, 3}}, Marginals: []uint32{1, 2}, Shuffled: -1}, true, "two marginals of several columns that share none: one is counted over all rows"},
		{neighbours.Problem{Variables: [][]int{{0, 1}, {2}}, Marginals: []uint32{1, 2}, Shuffled: 0}, true, "the first is reordered, and is counted over all rows"},
		{neighbours.Problem{Variables: [][]int{{0}, {1 << 16}}, Marginals: []uint32{1, 2}, Shuffled: -1}, false, "two bytes name a column"},
		{neighbours.Problem{Variables: [][]int{{0, 1}, {2}, {3}}, Marginals: []uint32{1, 3, 5, 7}, Shuffled: -1}, false, "four marginals with the key"},
		{neighbours.Problem{Variables: [][]int{{0}}, Marginals: []uint32{1}, Shuffled: -1}, false, "one column needs a sort and nothing else"},
		{neighbours.Problem{Variables: [][]int{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {16}}, Marginals: []uint32{1, 2}, Shuffled: -1}, false, "17 columns"},
	} {
		if _, ok := windows.For(c.p); ok != c.ok {
			t.Errorf("%s: %v", c.reason, ok)
		}
	}
}
