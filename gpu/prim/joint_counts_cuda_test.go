package prim_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/driver/drivertest"
	"surprisal/gpu/internal/ptx"
	"surprisal/gpu/prim"
)

// same runs a batch on the CPU and on a device.
func same(t *testing.T, b prim.JointCounts, d *gpu.Device) {
	t.Helper()
	cpu := gpu.Open(gpu.CPU)
	b.On = &cpu
	want, err := b.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tables := make([][]int64, 8)
	for m := range tables {
		tables[m] = prim.PsiFixed(len(b.Columns[0]) + 1)[1:]
	}
	switch tables[1] = tables[0]; b.K % 4 { // the same twice, and one that is of no interest
	case 0:
		tables[2] = nil
	case 2:
		tables[0] = nil
	}
	sums, err := b.Sums(t.Context(), tables)
	if err != nil {
		t.Fatal(err)
	}
	b.On = d
	got, err := b.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gotSums := sums
	if b.K%2 == 0 || d.Place != gpu.Simulator { // the simulator takes its time
		if gotSums, err = b.Sums(t.Context(), tables); err != nil {
			t.Fatal(err)
		}
	}
	for p := range want {
		for s, w := range want[p] {
			g := got[p][s]
			if g.Place != d.Place || w.Place != gpu.CPU {
				t.Fatalf("counted on %v, said to be on %v", d.Place, g.Place)
			}
			if g.Tied != w.Tied || !slices.EqualFunc(g.N, w.N, slices.Equal[[]int32]) {
				t.Fatalf("problem %d, ordering %d: the device and the CPU differ (%v, %v, k %d, window %d, %d rows, variables %v)",
					p, s, b.Algorithm, b.Norm, b.K, b.Window, len(b.Columns[0]), b.Problems[p].Variables)
			}
			c, h := gotSums[p][s], sums[p][s]
			if c.Place, h.Place = d.Place, d.Place; c != h {
				t.Fatalf("problem %d, ordering %d: sums %+v and %+v", p, s, c, h)
			}
		}
	}
}

// Counts on a device are those of the CPU, whatever the shape of the batch.
func TestDeviceCountsAsTheCPU(t *testing.T) {
	d := devicetest.Open(t)
	cases, most := 100, 200
	if d.Place != gpu.Simulator {
		cases, most = 400, 3000
	}
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 8))
		s := shape{rows: 2 + r.IntN(most), columns: 1 + r.IntN(11), seed: uint64(seed), trials: r.IntN(4), orders: []int{0, 0, 1, 3}[r.IntN(4)],
			repeats: []int{0, 0, 1, 5}[r.IntN(4)]}
		for range 1 + r.IntN(3) {
			s.levels = append(s.levels, []int{0, 0, 0, 1, 2, 5, 40}[r.IntN(7)])
		}
		s.variables = 1 + r.IntN(min(4, s.columns))
		b := s.draw()
		b.K = 1 + r.IntN(min(prim.MaxK, s.rows-1))
		b.Algorithm, b.Norm = prim.Algorithm(r.IntN(2)), prim.Norm(r.IntN(2))
		if b.Window = []int{0, 0, 1, 2, 7}[r.IntN(5)]; s.rows < b.K+2*b.Window+1 {
			b.Window = 0
		}
		if r.IntN(3) == 0 {
			b = b.InLaunchesOf(1 + r.IntN(1<<16)) // parts of the rows, some of the tasks or orderings
		}
		if r.IntN(2) == 0 {
			b = b.WindowsFrom(2)
		}
		if r.IntN(2) == 0 {
			b = b.BoxesFrom(2)
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { same(t, b, d) })
	}
}

// All ordered pairs of some series are one batch, with the orderings of each.
func TestDeviceCountsBatches(t *testing.T) {
	d := devicetest.Open(t)
	const n = 120 // enough for rows to be sorted
	r := rand.New(rand.NewPCG(4, 4))
	b := prim.JointCounts{K: 4}
	for range 8 {
		column := make([]float64, n)
		for i := range column {
			column[i] = r.NormFloat64()
		}
		b.Columns = append(b.Columns, column)
	}
	var orders [][]int32
	for range 3 {
		order := make([]int32, n)
		for i, v := range r.Perm(n) {
			order[i] = int32(v)
		}
		orders = append(orders, order)
	}
	for x := range 4 {
		for y := range 4 {
			if x == y {
				continue
			}
			q := prim.Problem{Variables: [][]int{{2 * x}, {2 * y}, {2*y + 1}}, Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2), prim.Of(0), prim.Of(0, 1)}}
			if (x+y)%2 == 0 {
				q.Orders = orders
			}
			b.Problems = append(b.Problems, q)
		}
	}
	same(t, b, d)
	same(t, b.InLaunchesOf(6*n*n), d)
	same(t, b.WindowsFrom(2), d)
	same(t, b.BoxesFrom(2), d)
}

// Many problems of three columns are counted by a block each, in all forms that such
// have, and with others beside them.
func TestDeviceCountsTriples(t *testing.T) {
	d := devicetest.Open(t)
	cases := 24
	if d.Place != gpu.Simulator {
		cases = 200
	}
	for seed := range cases {
		r := rand.New(rand.NewPCG(uint64(seed), 18))
		s := shape{rows: []int{5, 20 + r.IntN(100), 130 + r.IntN(100)}[seed%3], columns: 5, variables: 3, seed: uint64(seed), trials: r.IntN(4), levels: []int{[]int{0, 0, 5, 40}[r.IntN(4)]}}
		if seed%12 == 0 {
			s.rows = 1025 + r.IntN(20) // two runs are merged
		}
		if d.Place != gpu.Simulator {
			s.rows *= 1 + r.IntN(min(9, 2048/s.rows))
		}
		b := s.draw()
		b.K, b.Problems = 1+r.IntN(4), nil
		if b.Window = r.IntN(3); s.rows < b.K+2*b.Window+1 {
			b.Window = 0
		}
		var orders [][]int32
		for range r.IntN(3) {
			order := make([]int32, s.rows)
			for i, v := range r.Perm(s.rows) {
				order[i] = int32(v)
			}
			orders = append(orders, order)
		}
		for range 4 {
			c, v := r.Perm(5), r.Perm(3)
			q := prim.Problem{Variables: [][]int{{c[0]}, {c[1]}, {c[2]}}, Marginals: []prim.Marginal{prim.Of(v[0], v[1]), prim.Of(v[2], v[1]), prim.Of(v[1])}}
			r.Shuffle(3, func(i, j int) { q.Marginals[i], q.Marginals[j] = q.Marginals[j], q.Marginals[i] })
			q.Marginals = q.Marginals[:1+r.IntN(3)]
			if q.Shuffled = v[r.IntN(3)]; r.IntN(2) == 0 && orders != nil {
				q.Orders = orders
			}
			if r.IntN(8) == 0 {
				q.Variables[0] = append(q.Variables[0], c[3]) // for another kernel
			}
			b.Problems = append(b.Problems, q)
		}
		b = b.TriplesFrom(1)
		if r.IntN(3) == 0 {
			b = b.InLaunchesOf(1 + r.IntN(3*s.rows*s.rows))
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { same(t, b, d) })
	}
}

// Which kernels are fastest was measured; here is what follows.
func TestWindowsOrBoxes(t *testing.T) {
	te := []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}
	for _, c := range []struct {
		rows      int
		algorithm prim.Algorithm
		norm      prim.Norm
		variables [][]int
		marginals []prim.Marginal
		want      string
		reason    string
	}{
		{30_000, prim.Ball, prim.Max, [][]int{{0}, {1}, {2}}, te, "boxes", "many rows of three columns"},
		{10_000, prim.Ball, prim.Max, [][]int{{0}, {1}, {2}}, te, "windows", "not enough rows"},
		{1000, prim.Ball, prim.Max, [][]int{{0}, {1}, {2}}, te, "neither", "row with row"},
		{30_000, prim.Ball, prim.Max, [][]int{{0}, {1}, {2, 3}}, te, "windows", "four columns"},
		{30_000, prim.Box, prim.Max, [][]int{{0}, {1}, {2}}, te, "boxes", "algorithm 2"},
		{30_000, prim.Ball, prim.Euclid, [][]int{{0}, {1}, {2}}, te, "neither", "the Euclidean norm"},
		{30_000, prim.Ball, prim.Max, [][]int{{0, 1}, {2}}, []prim.Marginal{prim.Of(0), prim.Of(1)}, "boxes", "no key is needed"},
		{30_000, prim.Ball, prim.Max, [][]int{{0}, {1}, {2}}, []prim.Marginal{prim.Of(0, 1, 2), prim.Of(2)}, "windows", "a marginal of all"},
		{660, prim.Ball, prim.Max, [][]int{{0}, {1}, {2}}, te, "a block", "four problems of them"},
		{660, prim.Box, prim.Max, [][]int{{0}, {1}, {2}}, te, "neither", "algorithm 2"},
		{660, prim.Ball, prim.Max, [][]int{{0}, {1}, {2, 3}}, te, "neither", "four columns"},
		{660, prim.Ball, prim.Max, [][]int{{0}, {1}, {2}}, []prim.Marginal{prim.Of(0, 2), prim.Of(1)}, "neither", "no key"},
	} {
		b := prim.JointCounts{K: 4, Algorithm: c.algorithm, Norm: c.norm, Problems: []prim.Problem{{Variables: c.variables, Marginals: c.marginals}}}
		for c.rows < 1000 && len(b.Problems) < 4 {
			b.Problems = append(b.Problems, b.Problems[0])
		}
		for k := range 4 {
			column := make([]float64, c.rows)
			for i := range column {
				column[i] = float64(i * (k + 1) % c.rows)
			}
			b.Columns = append(b.Columns, column)
		}
		if got, err := b.Swept(); err != nil || got != c.want {
			t.Errorf("%d rows, %v, %v: %v, %v, want %v: %s", c.rows, c.variables, c.marginals, got, err, c.want, c.reason)
		}
	}
}

// Sums that 64 bits do not hold are those of the CPU all the same.
func TestDeviceSumsDoNotOverflow(t *testing.T) {
	d, cpu := devicetest.Open(t), gpu.Open(gpu.CPU)
	for _, from := range []int{2, 1 << 20} { // in windows, and row with row
		for _, sign := range []int64{1, -1} {
			b := transferEntropy(150).WindowsFrom(from)
			table := make([]int64, 151)
			for n := range table {
				table[n] = sign * (math.MaxInt64 - int64(n))
			}
			b.On = &cpu
			want, err := b.Sums(t.Context(), [][]int64{table, nil, table})
			if err != nil {
				t.Fatal(err)
			}
			b.On = d
			got, err := b.Sums(t.Context(), [][]int64{table, nil, table})
			if err != nil {
				t.Fatal(err)
			}
			w, g := want[0][0], got[0][0]
			if _, fits := w.Int64(); fits {
				t.Error("the sum fits into 64 bits: nothing is tried")
			}
			if g.Place = gpu.CPU; g != w {
				t.Errorf("windows from %d rows on: %+v, want %+v", from, g, w)
			}
		}
	}
}

// A batch that several devices share has its results where those of one are, in spite
// of one that is lost on the way.
func TestDevicesShareABatch(t *testing.T) {
	if os.Getenv("SURPRISAL_GPU") == "require" {
		d := gpu.Open(gpu.All)
		defer d.Close()
		t.Logf("%v", d)
		same(t, manyPairs(), &d)
		return
	}
	var devices []*device.Device
	launched := make([]atomic.Int32, 3)
	for i := range launched {
		calls := *(&ptx.Simulator{Major: 8}).Calls()
		launch := calls.Launch
		calls.Launch = func(l *driver.Launch) driver.Code {
			if launched[i].Add(1) == 2 && i == 2 {
				return driver.IllegalAddress
			}
			return launch(l)
		}
		d, err := device.Open(device.Options{Calls: &calls, Arch: "sm_80"})
		if err != nil {
			t.Fatal(err)
		}
		devices = append(devices, d)
	}
	d := gpu.With(gpu.Simulator, devices...)
	defer d.Close()
	for name, b := range map[string]prim.JointCounts{"problems": manyPairs(), "orderings": manyOrderings(), "in windows": manyOrderings().WindowsFrom(2)} {
		t.Run(name, func(t *testing.T) { same(t, b, &d) })
	}
	for i := range launched {
		if launched[i].Load() < 2 {
			t.Errorf("device %d was given %d launches", i, launched[i].Load())
		}
	}
	if len(d.Several()) != 3 || !strings.Contains(d.String(), "3 devices") {
		t.Errorf("%v is of %d devices", d, len(d.Several()))
	}
}

func manyPairs() prim.JointCounts {
	b := transferEntropy(60)
	for i := range 40 {
		q := b.Problems[0]
		if i%2 == 0 {
			q.Variables = [][]int{{1}, {0}, {2}}
		}
		b.Problems = append(b.Problems, q)
	}
	return b
}

func manyOrderings() prim.JointCounts {
	b := transferEntropy(60)
	r := rand.New(rand.NewPCG(9, 9))
	for range 30 {
		order := make([]int32, 60)
		for i, v := range r.Perm(60) {
			order[i] = int32(v)
		}
		b.Problems[0].Orders = append(b.Problems[0].Orders, order)
	}
	b.Problems = append(b.Problems, b.Problems[0], transferEntropy(60).Problems[0])
	return b
}

// A value that is none is told of, whatever has begun on the device by then.
func TestDeviceRefusesNaN(t *testing.T) {
	d := devicetest.Open(t)
	for name, b := range map[string]prim.JointCounts{"row with row": transferEntropy(150), "windows": transferEntropy(150).WindowsFrom(2), "boxes": transferEntropy(150).BoxesFrom(2),
		"a block": transferEntropy(150).TriplesFrom(1), "nothing to count": transferEntropy(150)} {
		if name == "nothing to count" {
			b.Problems = nil
		}
		b.On = d
		b.Columns[1] = slices.Clone(b.Columns[1])
		b.Columns[1][77] = math.NaN()
		var wrong *prim.ValueError
		if _, err := b.Counts(t.Context()); !errors.As(err, &wrong) || wrong.Column != 1 || wrong.Row != 77 {
			t.Errorf("%s: got %v, want the place of the NaN", name, err)
		}
	}
}

func TestDeviceRefusesTooManyColumns(t *testing.T) {
	d := devicetest.Open(t)
	b := prim.JointCounts{K: 1, On: d, Problems: []prim.Problem{{Variables: [][]int{{}}, Marginals: []prim.Marginal{1}}}}
	for c := range 17 {
		b.Columns = append(b.Columns, []float64{1, 2, 4})
		b.Problems[0].Variables[0] = append(b.Problems[0].Variables[0], c)
	}
	var none *prim.NoKernelError
	if _, err := b.Counts(t.Context()); !errors.As(err, &none) || none.Columns != 17 || none.Max != 16 {
		t.Errorf("got %v, want the number of columns", err)
	}
	sums, err := b.SumsWhere(t.Context(), [][]int64{{0, 1, 2, 3}}, *d, true) // nobody has named the device
	if err != nil || sums[0][0].Place != gpu.CPU {
		t.Errorf("where the place is left open: %+v, %v, want the CPU's", sums, err)
	}
}

func TestDeviceEndsWithItsContext(t *testing.T) {
	d := devicetest.Open(t)
	b := transferEntropy(400)
	b.On = d
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Counts(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// What is asked for and not there is an error, and not the CPU.
func TestDeviceThatIsNotThere(t *testing.T) {
	d := gpu.Open(gpu.Index(99))
	b := transferEntropy(50)
	b.On = &d
	if _, err := b.Counts(t.Context()); !errors.Is(err, gpu.ErrNoDevice) {
		t.Errorf("got %v, want that there is no such device", err)
	}
}

// The time of transfer entropies on a device, host to host.
func BenchmarkDeviceTransferEntropy(b *testing.B) {
	d := devicetest.Open(b)
	defer kernelTimes(b, d)
	for _, n := range []int{1e3, 1e4, 1e5} {
		if d.Place == gpu.Simulator && n > 1e3 {
			continue
		}
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			batch := transferEntropy(n)
			batch.On = d
			milliseconds(b, batch, 1)
		})
		b.Run(fmt.Sprintf("n=%d/box", n), func(b *testing.B) {
			batch := transferEntropy(n)
			batch.On, batch.Algorithm = d, prim.Box
			milliseconds(b, batch, 1)
		})
	}
	if d.Place == gpu.Simulator {
		return
	}
	b.Run("n=10000/surrogates=100", func(b *testing.B) {
		batch := transferEntropy(1e4)
		r := rand.New(rand.NewPCG(1, 2))
		for range 100 {
			order := make([]int32, 1e4)
			for i, v := range r.Perm(len(order)) {
				order[i] = int32(v)
			}
			batch.Problems[0].Orders = append(batch.Problems[0].Orders, order)
		}
		batch.On = d
		milliseconds(b, batch, 100)
	})
	b.Run("n=1000/pairs=9900", func(b *testing.B) {
		batch := transferEntropy(1e3)
		batch.On = d
		for range 9899 {
			batch.Problems = append(batch.Problems, batch.Problems[0])
		}
		milliseconds(b, batch, 9900)
	})
}

func milliseconds(b *testing.B, batch prim.JointCounts, each int) {
	table := prim.PsiFixed(len(batch.Columns[0]) + 1)[1:]
	tables := [][]int64{table, table, table}
	run := func() {
		if _, err := batch.Sums(b.Context(), tables); err != nil {
			b.Fatal(err)
		}
	}
	run()
	for b.Loop() {
		run()
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms")
	b.ReportMetric(float64(b.Elapsed())/float64(time.Microsecond)/float64(b.N*each), "µs/estimate")
}

// What the host does for an estimate on a device whose kernels take no time.
func BenchmarkHostSide(b *testing.B) {
	f := new(drivertest.Fake)
	d, err := device.Open(device.Options{Calls: f.Calls(), Arch: "sm_80"})
	if err != nil {
		b.Fatal(err)
	}
	on := gpu.With(gpu.Index(0), d)
	defer on.Close()
	for _, n := range []int{1e3, 1e4} {
		batch := transferEntropy(n)
		batch.On, batch.Threads = &on, 0
		table := prim.PsiFixed(n + 1)[1:]
		tables := [][]int64{table, table, table}
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := batch.Sums(b.Context(), tables); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// kernelTimes reports the median time of the kernels on the device.
func kernelTimes(b *testing.B, d *gpu.Device) {
	err := d.Do(func(t *device.Thread) error {
		for _, k := range t.Device().Stats().Kernels {
			b.Logf("%s: %d launches, median %v on the device", k.Name, k.Launches, k.P50)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func TestWhatIsWorthAGPU(t *testing.T) {
	for _, c := range []struct {
		rows, orders int
		algorithm    prim.Algorithm
		norm         prim.Norm
		want         bool
		reason       string
	}{
		{1000, 0, prim.Ball, prim.Max, false, "a million pairs take the CPU a millisecond"},
		{1000, 300, prim.Ball, prim.Max, true, "300 times as many do not"},
		{20_000, 0, prim.Box, prim.Euclid, true, "400 million pairs, row with row"},
		{300_000, 0, prim.Box, prim.Euclid, false, "the CPU's trees are faster than row with row"},
		{300_000, 0, prim.Ball, prim.Max, true, "boxes are faster than they"},
		{300_000, 0, prim.Box, prim.Max, true, "by algorithm 2, too"},
	} {
		column, order := make([]float64, c.rows), make([]int32, c.rows)
		for i := range column {
			column[i], order[i] = float64(i), int32(i)
		}
		b := prim.JointCounts{K: 4, Algorithm: c.algorithm, Norm: c.norm, Columns: [][]float64{column, column, column},
			Problems: []prim.Problem{{Variables: [][]int{{0}, {1}, {2}}, Marginals: []prim.Marginal{prim.Of(0, 2), prim.Of(1, 2), prim.Of(2)}}}}
		for range c.orders {
			b.Problems[0].Orders = append(b.Problems[0].Orders, order)
		}
		if got, err := b.WorthGPU(); err != nil || got != c.want {
			t.Errorf("%d rows, %d orderings, %v, %v: %v, %v, want %v: %s", c.rows, c.orders, c.algorithm, c.norm, got, err, c.want, c.reason)
		}
	}
}
