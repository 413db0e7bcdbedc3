package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/prim"
	"surprisal/gpu/series"
)

// neighbours is k of all cases.
const neighbours = 4

// estimates are transfer entropies of a batch: columns that are normalised,
// problems over them.
type estimates struct {
	batch  prim.JointCounts
	tables [][]int64
	sums   [][]prim.Sum
}

// transfer are estimates of problems of three variables: source, target, past.
func transfer(on *gpu.Device, columns [][]float64, problems [][][]int) *estimates {
	e := &estimates{batch: prim.JointCounts{Columns: columns, K: neighbours, On: on}}
	for _, variables := range problems {
		e.batch.Problems = append(e.batch.Problems, prim.Problem{Variables: variables, Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}})
	}
	// −⟨ψ(nxz+1) + ψ(nyz+1) − ψ(nz+1)⟩
	psi := prim.PsiFixed(len(columns[0]) + 1)[1:]
	minus := make([]int64, len(psi))
	for i, v := range psi {
		minus[i] = -v
	}
	e.tables = [][]int64{minus, minus, psi}
	return e
}

func (e *estimates) run(ctx context.Context) (err error) {
	e.sums, err = e.batch.Sums(ctx, e.tables)
	return err
}

// onOneCore runs the first of the problems, under the first of the orderings.
func (e *estimates) onOneCore(problems int) func(context.Context) error {
	b := e.batch
	cpu := gpu.Open(gpu.CPU)
	b.On, b.Threads, b.Problems = &cpu, 1, slices.Clone(b.Problems[:problems])
	if p := &b.Problems[0]; p.Orders != nil {
		p.Orders = p.Orders[:1]
	}
	return func(ctx context.Context) error {
		_, err := b.Sums(ctx, e.tables)
		return err
	}
}

// shared runs the batch on all devices and holds the sums against those of one. It is
// nil if there are no others.
func (e *estimates) shared(every *gpu.Device) func(context.Context) error {
	if len(every.Several()) < 2 {
		return nil
	}
	b := e.batch
	b.On = every
	return func(ctx context.Context) error {
		sums, err := b.Sums(ctx, e.tables)
		if err != nil {
			return err
		}
		return differ(sums, e.sums)
	}
}

// check holds the counts of the device, and the sums of the last run, against the
// CPU.
func (e *estimates) check(ctx context.Context) error {
	if e.sums[0][0].Place == gpu.CPU {
		return errors.New("it was counted on the CPU")
	}
	b := e.batch
	cpu := gpu.Open(gpu.CPU)
	b.On = &cpu
	sums, err := b.Sums(ctx, e.tables)
	if err != nil {
		return err
	}
	return differ(e.sums, sums)
}

// differ is where sums are not those that are wanted.
func differ(got, want [][]prim.Sum) error {
	for p := range want {
		for s, w := range want[p] {
			g := got[p][s]
			sum, ok := g.Int64()
			wanted, same := w.Int64()
			if !ok || !same || sum != wanted || g.Tied != w.Tied {
				return fmt.Errorf("problem %d, ordering %d: a sum of %d with %d ties by %v, and %d with %d by %v", p, s, sum, g.Tied, g.Place, wanted, w.Tied, w.Place)
			}
		}
	}
	return nil
}

// value is the first estimate, in nats.
func (e *estimates) value() float64 {
	return prim.Psi(neighbours)[neighbours] + e.sums[0][0].Mean()
}

// single is one estimate over histories of so many values of source and target.
func single(on *gpu.Device, n, history int, seed uint64) *estimates {
	x, y := coupled(n+history, seed)
	var columns [][]float64
	variables := make([][]int, 3)
	add := func(v int, c []float64) {
		variables[v] = append(variables[v], len(columns))
		columns = append(columns, series.ZScore(c))
	}
	for h := 1; h <= history; h++ {
		add(0, x[history-h:history-h+n])
	}
	add(1, y[history:])
	for h := 1; h <= history; h++ {
		add(2, y[history-h:history-h+n])
	}
	return transfer(on, columns, [][][]int{variables})
}

// allPairs are the estimates of all ordered pairs of some series.
func allPairs(on *gpu.Device, count, n int) *estimates {
	var past, now [][]float64
	for len(past) < count {
		x, y := coupled(n+1, uint64(len(past)+7))
		for _, c := range [][]float64{x, y} {
			past, now = append(past, series.ZScore(c[:n])), append(now, series.ZScore(c[1:]))
		}
	}
	var problems [][][]int
	for i := range count {
		for j := range count {
			if i != j {
				problems = append(problems, [][]int{{i}, {count + j}, {j}})
			}
		}
	}
	return transfer(on, append(past[:count:count], now[:count]...), problems)
}

// surrogates are the estimates of a test against chance: the rows of the source in so
// many other orders.
func surrogates(on *gpu.Device, n, history, orders int) *estimates {
	e := single(on, n, history, 1)
	r := rand.New(rand.NewPCG(2, 4))
	for range orders {
		order := make([]int32, n)
		for i, row := range r.Perm(n) {
			order[i] = int32(row)
		}
		e.batch.Problems[0].Orders = append(e.batch.Problems[0].Orders, order)
	}
	return e
}

// coupled are two autoregressions, the first driving the second.
func coupled(n int, seed uint64) (x, y []float64) {
	r := rand.New(rand.NewPCG(seed, 4))
	x, y = make([]float64, n), make([]float64, n)
	for t := 1; t < n; t++ {
		x[t] = 0.5*x[t-1] + r.NormFloat64()
		y[t] = 0.5*y[t-1] + 0.5*x[t-1] + r.NormFloat64()
	}
	return x, y
}

// countWork are the cases of transfer entropy on a device; batches, on all, too.
func countWork(on, every *gpu.Device, small bool) (all []func() work) {
	one := func(n, history int, f floor, g goals, r []recorded) {
		all = append(all, func() work {
			e := single(on, n, history, 1)
			d := 2*history + 1
			return work{name: fmt.Sprintf("TE, %d columns, N = %d", d, n), parts: 1, cpu: e.onOneCore(1), cpuParts: 1, run: e.run, check: e.check, value: e.value,
				floor: f, goals: g, recorded: r, peer: &request{Op: "te", K: neighbours, Groups: []int{history, 1, history}, doubles: e.batch.Columns}}
		})
	}
	batch := func(count, n int, g goals) {
		all = append(all, func() work {
			e := allPairs(on, count, n)
			problems := len(e.batch.Problems)
			return work{name: fmt.Sprintf("TE, 3 columns, N = %d, %d pairs at once", n, problems), parts: problems, cpu: e.onOneCore(min(100, problems)), cpuParts: min(100, problems),
				run: e.run, shared: e.shared(every), check: e.check, value: e.value, floor: pairFloor(n), goals: g,
				peer: &request{Op: "pairs", K: neighbours, doubles: e.batch.Columns}}
		})
	}
	test := func(n, history, orders int, f floor) {
		all = append(all, func() work {
			e := surrogates(on, n, history, orders)
			return work{name: fmt.Sprintf("TE, %d columns, N = %d, %d surrogates", 2*history+1, n, orders), parts: orders, cpu: e.onOneCore(1), cpuParts: 1,
				run: e.run, shared: e.shared(every), check: e.check, value: e.value, floor: f}
		})
	}
	if small {
		one(300, 1, pairFloor(300), goals{}, nil)
		one(100, 5, slotFloor(100, 11), goals{}, nil)
		batch(4, 100, goals{})
		test(100, 1, 9, pairFloor(100))
		return all
	}
	one(1_000, 1, pairFloor(1_000), goals{device: 30 * time.Microsecond}, jidt(22.8, 4.76))
	batch(100, 1_000, goals{device: 1500 * time.Nanosecond})
	one(10_000, 1, pairFloor(10_000), goals{110 * time.Microsecond, 250 * time.Microsecond}, jidt(46.3, 27.8))
	one(10_000, 5, slotFloor(10_000, 11), goals{device: 500 * time.Microsecond}, jidt(305, 38.4))
	test(10_000, 1, 200, pairFloor(10_000))
	test(10_000, 5, 64, slotFloor(10_000, 11))
	one(100_000, 1, pairFloor(100_000), goals{device: 2500 * time.Microsecond}, jidt(751, 672))
	one(1_000_000, 1, pairFloor(1_000_000), goals{device: 30 * time.Millisecond}, nil)
	return all
}
