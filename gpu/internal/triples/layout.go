package triples

import (
	"surprisal/cuda"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/sorted"
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
	lay := u.Kernel("joint_triples_lay")
	size := n * len(of)
	at := device.Put(u, of)
	l.value, l.f, l.rank = device.Take[float64](u, size), device.Take[float32](u, size), device.Take[int32](u, size)
	launches, inOrder := sorted.New(u, n, len(of)).Launches(u, columns.Address(), at, sorted.Whole(n))
	for _, s := range launches {
		u.Launch(s.Kernel, s.Grid, s.Params)
	}
	l.rows = inOrder.Rows
	p := cuda.JointTriplesLay{Keys: inOrder.Keys.Address(), Rows: l.rows.Address(), Value: l.value.Address(), F: l.f.Address(), Rank: l.rank.Address(), N: int32(n)}
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
