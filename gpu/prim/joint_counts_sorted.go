package prim

import (
	"cmp"
	"context"
	"slices"

	"surprisal/gpu/internal/boxes"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/neighbours"
	"surprisal/gpu/internal/windows"
)

// From windowRows rows on windows of sorted rows are faster than the kernels of
// groups, which count many problems at once. Before they became faster,
// three columns took 44 against 22 µs at 1,000 rows on an H200, 0.13 against 0.44 ms at
// 10,000 and 1.7 against 27 ms at 100,000.
const windowRows = 4096

// windows is the plan for a problem that is counted in windows, if it is.
func (p *plan) windows(problem int) (windows.Plan, bool) {
	q := &p.Problems[problem]
	if p.Norm != Max || p.rows < cmp.Or(p.windowsFrom, windowRows) || len(q.Marginals) == 0 {
		return windows.Plan{}, false
	}
	return windows.For(p.counted(q))
}

// sweepRows is how many rows, those of all orderings together, a launch of windows
// holds: 15 ms of 10,000 rows each on an H200, 25 of 100,000. From cutRows rows on
// those of one ordering are several launches.
const (
	sweepRows = 1 << 21
	cutRows   = 1 << 18
)

// swept is a problem that is counted in windows or boxes, under some of its orderings.
type swept struct {
	problem, from, to int
	inBoxes           bool
	windows           windows.Plan
	boxes             boxes.Plan
	result            int // its first
}

// sweeps says whether there are rows enough for windows or boxes.
func (p *plan) sweeps() bool {
	return p.Norm == Max && p.rows >= min(cmp.Or(p.windowsFrom, windowRows), p.boxesEnough())
}

// isSwept says whether a problem is counted in windows or boxes.
func (p *plan) isSwept(problem int) (w swept, ok bool) {
	w.problem = problem
	if w.boxes, w.inBoxes = p.boxes(problem); w.inBoxes {
		return w, true
	}
	w.windows, ok = p.windows(problem)
	return w, ok
}

// sweep counts problems that are counted in windows or boxes.
func (o *onDevice) sweep(problems []swept) (err error) {
	if len(problems) == 0 {
		return nil
	}
	defer func() { err = cmp.Or(err, o.join()) }()
	var all []swept
	results := 0
	for _, w := range problems {
		orders, beside := max(1, len(o.Problems[w.problem].Orders)), max(1, min(sweepRows/o.rows, ordersAtOnce/(4*o.rows)))
		for s := 0; s < orders; s += beside {
			w.from, w.to, w.result = s, min(orders, s+beside), results
			all = append(all, w)
			results += w.to - w.from
		}
	}
	// To find out whether sums fit takes as long as to sort on the device, which does
	// not wait for it unless more would be done in vain.
	if long := len(all) > 1 || o.rows >= cutRows; o.tabled() > 0 && (!long || o.fits(o.rows)) {
		if ok, err := o.sweepSums(all, results); ok || err != nil {
			return err
		}
	}
	if err := o.fork(); err != nil {
		return err
	}
	for _, w := range all {
		if err := o.sweepCounts(w); err != nil {
			return err
		}
	}
	return nil
}

// runSwept gives the work of a problem to the stream. What it needs but does not
// return it holds no longer: what comes next comes later.
func (o *onDevice) runSwept(a *device.Arena, w swept, in neighbours.Batch) (counts device.Buffer[int32], tied device.Buffer[uint32], err error) {
	in.Columns, in.Barred, in.N, in.K, in.Orderings = o.columns, o.barred, o.rows, o.K, w.to-w.from
	bars := w.inBoxes || o.Window > 0 || !w.windows.Alone()
	in.Late, in.Alone, in.Flag = func(tables bool) error { return o.late(bars, tables) }, o.Window == 0, o.flag
	in.Long = o.pairs
	if q := &o.Problems[w.problem]; q.Orders != nil {
		if err := o.upload(q.Orders[w.from:w.to]); err != nil {
			return counts, tied, err
		}
		in.Order = o.order.Slice(0, (w.to-w.from)*o.rows)
	}
	if w.inBoxes {
		return o.pack(a, w.boxes, in)
	}
	work, err := w.windows.Prepare(o.t, a, in)
	if err != nil {
		return counts, tied, err
	}
	if o.rows >= cmp.Or(o.pairs, cutRows) {
		return work.Counts, work.Tied, work.RunInChunks(o.ctx, o.t, a.Stream)
	}
	return work.Counts, work.Tied, work.Run(o.t, a.Stream)
}

// sweepSums has the device look counts up and add: a few bytes come back. It says
// whether the sums fit.
func (o *onDevice) sweepSums(all []swept, results int) (bool, error) {
	err := cmp.Or(o.roomForTables(), o.fork())
	if err != nil {
		return false, err
	}
	r, err := o.newResults(results)
	if err == nil && slices.ContainsFunc(all, func(w swept) bool { return w.inBoxes }) { // windows zero theirs
		err = device.Zero(o.t, o.arena.Stream, r.all)
	}
	if err != nil {
		return false, err
	}
	err = o.chunks(len(all), func(from, to int) error {
		for _, w := range all[from:to] {
			n, end := len(o.Problems[w.problem].Marginals), w.result+w.to-w.from
			a := o.arena.Part(o.t)
			_, _, err := o.runSwept(a, w, neighbours.Batch{Tables: o.tablesOn.Slice(0, n*(o.rows+1)), NoCounts: true,
				Sums: r.sums.Slice(w.result, end), Tied: r.tied.Slice(w.result, end)})
			if err := cmp.Or(err, a.Close()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !o.fits(o.rows) {
		return false, err
	}
	of, tied, err := o.fetch(r)
	if err != nil {
		return false, err
	}
	for _, w := range all {
		for s := w.from; s < w.to; s++ {
			i := w.result + s - w.from
			o.whole.sum = Sum{Rows: o.rows, Tied: tied(i), Place: o.at}
			o.whole.sum.add(of(i))
			o.done(item{w.problem, s}, &o.whole.result)
		}
	}
	return true, nil
}

func (o *onDevice) sweepCounts(w swept) error {
	marginals := len(o.Problems[w.problem].Marginals)
	a := o.arena.Part(o.t)
	defer a.Close()
	var ran device.Buffer[int32]
	var ties device.Buffer[uint32]
	err := o.chunks(1, func(int, int) (err error) {
		ran, ties, err = o.runSwept(a, w, neighbours.Batch{})
		return err
	})
	if err != nil {
		return err
	}
	flat, tied := make([]int32, ran.Len()), make([]uint32, w.to-w.from)
	if err := o.download(flat, ran); err != nil {
		return err
	}
	if err := device.Download(o.ctx, o.t, a.Stream, tied, ties); err != nil {
		return err
	}
	for s := w.from; s < w.to; s++ {
		counts := flat[(s-w.from)*marginals*o.rows:]
		for m := 0; m < marginals; m += 3 {
			o.take(task3{problem: w.problem, from: m}, s, 0, o.rows, counts[m*o.rows:], int(tied[s-w.from]))
		}
	}
	return nil
}

// download fetches counts, unless the context has ended by the time they are there:
// kernels that saw the flag have left them out.
func (o *onDevice) download(to []int32, counts device.Buffer[int32]) error {
	if err := o.t.Wait(o.ctx, o.arena.Stream); err != nil {
		return err
	}
	return device.Download(o.ctx, o.t, o.arena.Stream, to, counts)
}

// chunks runs launches, and looks at the context between them. One alone is not
// waited for: whoever wants its results does.
func (o *onDevice) chunks(n int, launch func(from, to int) error) error {
	if o.ctx.Err() != nil {
		return context.Cause(o.ctx)
	}
	if n == 1 {
		return launch(0, 1)
	}
	return device.Chunks{}.Run(o.ctx, o.t, o.arena.Stream, n, launch)
}
