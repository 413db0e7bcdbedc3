package triples

import (
	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// Layout is columns on a device, sorted and laid out for the kernels.
type Layout struct {
	n        int
	sortings []uint32 // by column, which of those that are laid out it is
	rows     device.Buffer[int32]
	value    device.Buffer[float64]
	f        device.Buffer[float32]
	rank     device.Buffer[int32]
	count    *device.Kernel
	threads  int // of its blocks, and of them that a device holds at a time
}

const (
	tileLength   = 1024 // values of a run as sort_tiles makes it
	shortRows    = 1024 // of the kernel that takes less shared memory
	shortThreads = 256
	longThreads  = 384
)

// Lay sorts some of the columns, [..][n], and lays them out. What it needs lies in
// the arena.
func Lay(t *device.Thread, a *device.Arena, columns device.Buffer[float64], n int, which []int) (*Layout, error) {
	l := &Layout{n: n, sortings: make([]uint32, columns.Len()/n), threads: shortThreads}
	of := l.sort(which)
	u := &device.Needs{T: t, A: a}
	name := "joint_triples_k4_1024"
	if n > shortRows {
		name, l.threads = "joint_triples_k4_2048", longThreads
	}
	l.count = u.Kernel(name)
	tiles, merge, lay := u.Kernel("sort_tiles"), u.Kernel("sort_merge"), u.Kernel("joint_triples_lay")
	size := n * len(of)
	at := device.Put(u, of)
	var keys [2]device.Buffer[uint64]
	var rows [2]device.Buffer[int32]
	runs := (n + tileLength - 1) / tileLength
	for i := range min(runs, 2) {
		keys[i], rows[i] = device.Take[uint64](u, size), device.Take[int32](u, size)
	}
	l.value, l.f, l.rank = device.Take[float64](u, size), device.Take[float32](u, size), device.Take[int32](u, size)
	s := cuda.SortTiles{Values: columns.Address(), Which: at.Address(), Keys: keys[0].Address(), Rows: rows[0].Address(), N: int32(n)}
	u.Launch(tiles, device.Dim{X: runs, Y: len(of)}, s.Params())
	last := 0
	if runs > 1 {
		last = 1
		m := cuda.SortMerge{Keys: keys[0].Address(), Rows: rows[0].Address(), MergedKeys: keys[1].Address(), MergedRows: rows[1].Address(),
			N: int32(n), Length: tileLength, Ways: int32(runs)}
		u.Launch(merge, device.Dim{X: (n + 255) / 256, Y: len(of)}, m.Params())
	}
	l.rows = rows[last]
	p := cuda.JointTriplesLay{Keys: keys[last].Address(), Rows: l.rows.Address(), Value: l.value.Address(), F: l.f.Address(), Rank: l.rank.Address(), N: int32(n)}
	u.Launch(lay, device.Dim{X: (n + 255) / 256, Y: len(of)}, p.Params())
	return l, u.Err
}

// sort numbers columns, of which some may come often, and returns each once.
func (l *Layout) sort(which []int) (of []int32) {
	for _, c := range which {
		l.sortings[c] = 1
	}
	for c, has := range l.sortings {
		if has == 1 {
			l.sortings[c] = uint32(len(of))
			of = append(of, int32(c))
		}
	}
	return of
}

// Words are of a task.
const Words = 4

// Task is what the kernels read of a plan, whose columns were laid out.
func (l *Layout) Task(p Plan) (task [Words]uint32) {
	for i, c := range p.Columns {
		task[i] = l.sortings[c]
	}
	return task
}
