package prim

import (
	"context"

	"surprisal/gpu"
)

// SumsWhere is Sums of one problem under one ordering at a place that was chosen, by
// the caller or not.
func (b JointCounts) SumsWhere(ctx context.Context, tables [][]int64, d gpu.Device, automatic bool) ([][]Sum, error) {
	p, err := b.plan()
	if err != nil {
		return nil, err
	}
	out := [][]Sum{{{}}}
	err = p.runAt(ctx, d, automatic, tables, func(_ item, r *result) { out[0][0] = r.sum })
	return out, err
}

// InLaunchesOf makes launches on a device as small as if they took longer, has them look
// at the flag, and looks at the context between them.
func (b JointCounts) InLaunchesOf(pairs int) JointCounts {
	b.pairs = pairs
	return b
}

// WindowsFrom counts in windows of sorted rows from so many rows on.
func (b JointCounts) WindowsFrom(rows int) JointCounts {
	b.windowsFrom = rows
	return b
}

// BoxesFrom counts in boxes from so many rows on.
func (b JointCounts) BoxesFrom(rows int) JointCounts {
	b.boxesFrom = rows
	return b
}

// TriplesFrom counts problems of three columns by a block each from so many of them on.
func (b JointCounts) TriplesFrom(items int) JointCounts {
	b.triplesFrom = items
	return b
}

// Swept says how the first problem is counted on a device: in windows, in boxes, by a
// block each problem, or none of these.
func (b JointCounts) Swept() (string, error) {
	p, err := b.plan()
	if err != nil {
		return "", err
	}
	switch w, ok := p.isSwept(0); {
	case w.inBoxes:
		return "boxes", nil
	case ok:
		return "windows", nil
	}
	p.planTriples()
	if p.triples[0].ok {
		return "a block", nil
	}
	return "neither", nil
}

// WorthGPU says whether a batch is counted on a GPU where one is there.
func (b JointCounts) WorthGPU() (bool, error) {
	p, err := b.plan()
	if err != nil {
		return false, err
	}
	return p.worthGPU(), nil
}

// RowsOnDevice says whether a device would begin with so many rows.
func RowsOnDevice(ctx context.Context, d gpu.Device, rows int) error {
	return (&plan{rows: rows}).runAt(ctx, d, false, nil, nil)
}

// CountInPieces counts on a device, in pieces as small as if there were more values.
func (h Histogram) CountInPieces(ctx context.Context, d gpu.Device, x []float64, rows int) (*Binned, error) {
	return h.countOn(ctx, d, x, rows)
}
