package prim

import (
	"cmp"

	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/windows"
)

// From windowRows rows on, and up to windowColumns columns, windows of sorted rows
// are faster than the kernels of groups, which count many problems at once. On an
// H200 three columns took 45 against 22 µs at 1,000 rows, 0.17 against 0.22 ms at
// 10,000 and 2.9 against 31 ms at 100,000; eight columns and more took as long.
const (
	windowRows    = 8192
	windowColumns = 4
)

// windows is the plan for a problem that is counted in windows, if it is.
func (p *plan) windows(problem int) (windows.Plan, bool) {
	q := &p.Problems[problem]
	columns := 0
	for _, v := range q.Variables {
		columns += len(v)
	}
	if p.Algorithm != Ball || p.Norm != Max || p.rows < cmp.Or(p.windowsFrom, windowRows) || columns > windowColumns || len(q.Marginals) == 0 {
		return windows.Plan{}, false
	}
	w := windows.Problem{Variables: q.Variables, Shuffled: -1}
	if q.Orders != nil {
		w.Shuffled = q.Shuffled
	}
	for _, m := range q.Marginals {
		w.Marginals = append(w.Marginals, uint32(m))
	}
	return w.Plan()
}

// window counts a problem, so many orderings at a time that counts fit. A launch
// holds all rows: a million take 0.1 s on an H200.
func (o *onDevice) window(problem int, w windows.Plan) error {
	q := &o.Problems[problem]
	orders, bytes := max(1, len(q.Orders)), 4*o.rows*len(q.Marginals)
	beside := max(1, min(orders, countsAtOnce/bytes))
	for s := 0; s < orders; s += beside {
		if err := o.windowOrders(problem, w, s, min(orders, s+beside)); err != nil {
			return err
		}
	}
	return nil
}

func (o *onDevice) windowOrders(problem int, w windows.Plan, from, to int) error {
	q := &o.Problems[problem]
	a, err := o.t.Arena("joint windows")
	if err != nil {
		return err
	}
	defer a.Close()
	in := windows.Batch{Columns: o.columns, Barred: o.barred, N: o.rows, K: o.K, Orderings: to - from}
	if q.Orders != nil {
		if err := o.upload(q.Orders[from:to]); err != nil {
			return err
		}
		in.Order = o.order.Slice(0, (to-from)*o.rows)
	}
	work, err := w.Prepare(o.t, a, in)
	if err != nil {
		return err
	}
	if err := (device.Chunks{}).Run(o.ctx, o.t, o.arena.Stream, 1, func(int, int) error { return work.Run(o.t, o.arena.Stream) }); err != nil {
		return err
	}
	flat, tied := make([]int32, work.Counts.Len()), make([]uint32, to-from)
	if err := device.Download(o.ctx, o.t, o.arena.Stream, flat, work.Counts); err != nil {
		return err
	}
	if err := device.Download(o.ctx, o.t, o.arena.Stream, tied, work.Tied); err != nil {
		return err
	}
	for s := from; s < to; s++ {
		counts := flat[(s-from)*len(q.Marginals)*o.rows:]
		for m := 0; m < len(q.Marginals); m += 3 {
			o.take(task3{problem: problem, from: m}, s, 0, o.rows, nil, counts[m*o.rows:], int(tied[s-from]))
		}
	}
	return nil
}
