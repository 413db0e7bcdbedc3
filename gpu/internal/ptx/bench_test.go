//go:build unix

package ptx_test

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// The simulator's own speed, all checks on, in instructions a second of CPU
// time: 10 million of warps and 150 million of threads are needed. On a core of an EPYC
// it is 14 and 240 million of neighbour counts, 11 and 320 million of an entropy map.
func benchmarkLaunch(b *testing.B, d *device, p *ptx.Program, l ptx.Launch) {
	start := cpuTime(b)
	for b.Loop() {
		run(d, p, l)
	}
	s := (cpuTime(b) - start).Seconds()
	b.ReportMetric(float64(d.WarpInstructions)/s/1e6, "Mwarp/cpu-s")
	b.ReportMetric(float64(d.ThreadInstructions)/s/1e6, "Mthread/cpu-s")
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkJointCounts(b *testing.B) {
	const n = 1000
	c := newNeighbours(rand.New(rand.NewPCG(1, 1)), 3, n, 4)
	c.order, c.marginals, c.variables = nil, []uint32{5, 6, 4}, []uint32{1, 2, 4}
	d := &device{TB: b}
	params := cuda.JointCounts{Columns: d.put("columns", slices.Concat(c.columns...)), Tasks: d.put("tasks", c.task(3)), Barred: d.put("barred", c.barred),
		N: n, K: 4, Marginals: 3, Rows: n, Split: 4, Counts: d.Alloc("counts", 12*n), Tied: d.put("tied", []uint32{0})}
	p := kernel(b, "sm_80", "joint_counts", "joint_counts_ball_max_d3_k4")
	benchmarkLaunch(b, d, p, ptx.Launch{Grid: ptx.Dim{X: ceil(n, 32)}, Block: ptx.Dim{X: 128}, Params: params.Params()})
}

func BenchmarkEntropyMap(b *testing.B) {
	v := newView(rand.New(rand.NewPCG(1, 1)), false, 256, 9, 9)
	v.frames, v.planeW, v.planeH, v.outW, v.outH, v.ox, v.oy, v.form = 1, 256, 256, 256, 256, -4, -4, 0
	v.pixels = make([]int, 256*256)
	r := rand.New(rand.NewPCG(2, 2))
	for i := range v.pixels {
		v.pixels[i] = r.IntN(256)
	}
	d := &device{TB: b}
	l := v.size()
	l.Params = v.params(d, false).Params()
	benchmarkLaunch(b, d, kernel(b, "sm_80", "entropy_map", "entropy_map_u8_256_9x9"), l)
}
