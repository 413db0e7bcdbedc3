package windows

import (
	"cmp"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

const (
	blockLength = 16    // places of a block of the sweep
	pieceLength = 1024  // places that go together at least
	mostItems   = 65535 // of a launch
	// firstPairs are the pairs of rows of the first chunk, times columns, if every row
	// were looked at: of a million rows of three columns 1.3 ms on an H200.
	firstPairs = 1 << 36
)

// lay sorts the rows and lays them out. What comes late is given then.
func (w *Work) lay(t *device.Thread, s *device.Stream) error {
	for _, l := range w.sort {
		if err := t.Launch(s, l.Kernel, l.Grid, l.Params); err != nil {
			return err
		}
	}
	n, d := w.in.N, len(w.plan.places)
	for from := 0; from < w.items; from += mostItems {
		g := cuda.JointWindowsGather{Columns: w.in.Columns.Address(), Tasks: w.tasks.Slice(words*from, words*w.items).Address(), Order: w.in.Order.Address(),
			Rows: w.sorted.Rows.Address(), X: at(w.x, from*d*w.stride), F: at(w.f, from*d*w.stride), Rank: w.rank.Address(),
			Sums: at(w.Sums, from), Tied: at(w.Tied, from), N: int32(n), Stride: int32(w.stride), D: int32(d)}
		if err := t.Launch(s, w.gather, device.Dim{X: (w.stride + 255) / 256, Y: min(mostItems, w.items-from)}, g.Params()); err != nil {
			return err
		}
	}
	if w.in.Late != nil {
		return w.in.Late(true)
	}
	return nil
}

// at is the address of an element, or 0 of nothing.
func at[T device.Scalar](b device.Buffer[T], i int) uint64 {
	if b.Len() == 0 {
		return 0
	}
	return b.Slice(i, b.Len()).Address()
}

// pieces is how many there are: of every item so many places.
func (w *Work) pieces() int { return w.items * w.ofItem() }

func (w *Work) ofItem() int { return (w.in.N + w.perPiece - 1) / w.perPiece }

// sweep counts in some pieces: whole items in one launch, parts of items in one
// each.
func (w *Work) sweep(t *device.Thread, s *device.Stream, from, to int) error {
	each := w.ofItem()
	for from < to {
		item, piece := from/each, from%each
		items, pieces := 1, min(each-piece, to-from)
		if piece == 0 && pieces == each {
			items = min(mostItems, (to-from)/each)
		}
		if err := w.part(t, s, item, items, piece*w.perPiece, min(w.in.N, (piece+pieces)*w.perPiece)); err != nil {
			return err
		}
		from += items * pieces
	}
	return nil
}

// flag is the address of the flag for a launch over so many rows: those that take less
// than a millisecond or two on an H200 end soon, and to ask costs some microseconds.
func (w *Work) flag(rows int) uint64 {
	if w.in.Flag == nil || rows*w.in.N*len(w.plan.places) < w.long() {
		return 0
	}
	return w.in.Flag.Address()
}

// long is from how many pairs of rows on, times columns, a launch is long.
func (w *Work) long() int { return cmp.Or(w.in.Long, firstPairs) }

// part counts in the places from first to end-1 of some items.
func (w *Work) part(t *device.Thread, s *device.Stream, item, items, first, end int) error {
	n, d := w.in.N, len(w.plan.places)
	p := cuda.JointWindows{X: at(w.x, item*d*w.stride), F: at(w.f, item*d*w.stride), Tasks: at(w.tasks, words*item), Rows: w.sorted.Rows.Address(), Rank: w.rank.Address(),
		Barred: w.in.Barred.Address(), Counts: at(w.Counts, item*w.plan.marginals*n), Tables: w.in.Tables.Address(), Sums: at(w.Sums, item),
		Radius: at(w.radius, item*w.plan.radii()*n), Tied: at(w.Tied, item), N: int32(n), Stride: int32(w.stride), D: int32(d), K: int32(w.in.K),
		Marginals: int32(w.plan.marginals), First: int32(first), Ends: w.plan.ends, Flag: w.flag((end - first) * items)}
	if !w.in.Alone {
		p.Bars = 1
	}
	p.Set0, p.Set1, p.Set2 = w.plan.sets[0], w.plan.sets[1], w.plan.sets[2]
	p.Slot0, p.Slot1, p.Slot2 = int32(w.plan.slots[0]), int32(w.plan.slots[1]), int32(w.plan.slots[2])
	blocks := (end - first + blockLength - 1) / blockLength
	if m := t.Device().Multiprocessors; blocks >= 4*m {
		p.Processors = int32(m)
	}
	return t.Launch(s, w.count, device.Dim{X: blocks, Y: items}, p.Params())
}

// inLines counts in columns alone.
func (w *Work) inLines(t *device.Thread, s *device.Stream) error {
	n := w.in.N
	for i, l := range w.plan.lines {
		for from := 0; from < w.items; from += mostItems {
			p := cuda.JointWindowsLine{Columns: w.in.Columns.Address(), Tasks: at(w.tasks, words*from), Which: at(w.lines[i], from), Keys: w.sorted.Keys.Address(),
				Order: w.in.Order.Address(), Barred: w.in.Barred.Address(), Radius: at(w.radius, (from*w.plan.radii()+w.plan.radius(l))*n), Counts: at(w.Counts, from*w.plan.marginals*n),
				Tables: w.in.Tables.Address(), Sums: at(w.Sums, from), N: int32(n), Marginals: int32(w.plan.marginals), Slot: int32(l.slot), C: int32(l.place), Radii: int32(w.plan.radii()), Flag: w.flag(w.in.N * w.items)}
			if err := t.Launch(s, w.line, device.Dim{X: (n + 255) / 256, Y: min(mostItems, w.items-from)}, p.Params()); err != nil {
				return err
			}
		}
	}
	return nil
}
