package prim_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"surprisal/cuda"
	"surprisal/gpu"
	"surprisal/gpu/internal/device"
	"surprisal/gpu/internal/device/devicetest"
	"surprisal/gpu/internal/driver"
	"surprisal/gpu/internal/ptx"
	"surprisal/gpu/prim"
)

// launched is a launch in the simulator.
type launched struct {
	kernel       string
	flagged      bool   // it was given a flag
	instructions uint64 // that it ran
	blocks       int
}

// stopwatch is the simulator with each launch run when it is given, and an interrupt
// before the one numbered at, which has come through when that one runs.
type stopwatch struct {
	*ptx.Simulator
	t        *testing.T
	at       int
	cancel   func()
	launches []launched
	flags    [][]byte // memory that kernels read in place
}

func (s *stopwatch) calls() *driver.Calls {
	manifest, err := cuda.Load()
	if err != nil {
		s.t.Fatal(err)
	}
	inner := s.Simulator.Calls()
	c, kernels := *inner, map[driver.Function]cuda.Kernel{}
	c.ModuleGetFunction = func(m driver.Module, name string) (f driver.Function, code driver.Code) {
		f, code = inner.ModuleGetFunction(m, name)
		if kernels[f], err = manifest.Kernel(name); err != nil {
			s.t.Error(err)
		}
		return f, code
	}
	c.HostAlloc = func(n uint64, flags uint32) ([]byte, driver.Code) {
		b, code := inner.HostAlloc(n, flags)
		if flags&driver.HostMapped != 0 {
			s.flags = append(s.flags, b)
		}
		return b, code
	}
	c.Launch = func(l *driver.Launch) driver.Code {
		if s.at == len(s.launches)+1 {
			s.cancel()
			s.raised()
		}
		k, before := kernels[l.Function], s.Machine.WarpInstructions
		code := inner.Launch(l)
		if code == driver.Success {
			code = inner.StreamSynchronize(l.Stream)
		}
		i := slices.IndexFunc(k.Params, func(p cuda.Param) bool { return p.Name == "flag" })
		s.launches = append(s.launches, launched{k.Name, i >= 0 && binary.LittleEndian.Uint64(l.Params[k.Params[i].Offset:]) != 0, s.Machine.WarpInstructions - before, int(l.Grid[0] * l.Grid[1] * l.Grid[2])})
		return code
	}
	return &c
}

// raised waits until a flag is up.
func (s *stopwatch) raised() {
	for begin := time.Now(); time.Since(begin) < 10*time.Second; time.Sleep(10 * time.Microsecond) {
		for _, m := range s.flags {
			for i := 0; i < len(m); i += 4 {
				if atomic.LoadUint32((*uint32)(unsafe.Pointer(&m[i]))) != 0 {
					return
				}
			}
		}
	}
	s.t.Error("no flag is raised")
}

// An interrupt before any of the launches of windows and boxes: what is given the flag
// ends at once, work whose turn has not come does not begin, the error is the context's,
// and the device goes on with nothing left on it.
func TestDeviceIsInterruptedBeforeAnyLaunch(t *testing.T) {
	windows := func(b prim.JointCounts) prim.JointCounts { return b.WindowsFrom(2) }
	boxes := func(b prim.JointCounts) prim.JointCounts { return b.BoxesFrom(2) }
	for _, c := range []struct {
		name      string
		in        func(prim.JointCounts) prim.JointCounts
		algorithm prim.Algorithm
		rows      int
		turns     []int // after these launches, all being short, it is looked whether to go on
		flagged   int   // launches
	}{
		{"windows", windows, prim.Ball, 1100, []int{3, 4, 5}, 2},
		{"windows, algorithm 2", windows, prim.Box, 1100, []int{3, 4, 5}, 2},
		{"boxes", boxes, prim.Ball, 250, []int{8, 16}, 4},
		{"boxes, algorithm 2", boxes, prim.Box, 250, []int{8, 16}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &stopwatch{Simulator: &ptx.Simulator{Major: 8}, t: t}
			on, err := device.Open(device.Options{Calls: s.calls(), Arch: "sm_80"})
			if err != nil {
				t.Fatal(err)
			}
			cpu, d := gpu.Open(gpu.CPU), gpu.With(gpu.Simulator, on)
			b := c.in(transferEntropy(c.rows))
			b.Algorithm, b.On = c.algorithm, &cpu
			want, err := b.Sums(t.Context(), psi(b))
			if err != nil {
				t.Fatal(err)
			}
			b.On = &d
			right := func(b prim.JointCounts) []launched {
				t.Helper()
				s.at, s.launches = 0, nil
				got, err := b.Sums(t.Context(), psi(b))
				if err != nil {
					t.Fatal(err)
				}
				if got[0][0].Place = gpu.CPU; got[0][0] != want[0][0] {
					t.Errorf("%+v, want %+v", got[0][0], want[0][0])
				}
				return s.launches
			}
			flagged := func(all []launched) (n int) {
				for _, l := range all {
					if l.flagged {
						n++
					}
				}
				return n
			}
			if n := flagged(right(b)); n != 0 {
				t.Errorf("%d short launches are given a flag", n)
			}
			b = b.InLaunchesOf(1)
			whole := right(b)
			if flagged(whole) != c.flagged || len(whole) != c.turns[len(c.turns)-1] {
				t.Fatalf("%d launches: %v", len(whole), whole)
			}
			because := errors.New("enough")
			for at := 1; at <= len(whole); at++ {
				ctx, cancel := context.WithCancelCause(t.Context())
				s.at, s.launches, s.cancel = at, nil, func() { cancel(because) }
				if at%2 == 0 {
					_, err = b.Counts(ctx)
				} else {
					_, err = b.Sums(ctx, psi(b))
				}
				if !errors.Is(err, because) {
					t.Errorf("before launch %d: %v", at, err)
				}
				if i, _ := slices.BinarySearch(c.turns, at); len(s.launches) != c.turns[i] {
					t.Errorf("before launch %d: it went on for %d, want %d", at, len(s.launches), c.turns[i])
				}
				for i, l := range s.launches { // one block in 16 looks: the shortest are over before one has
					if i+1 >= at && l.flagged && whole[i].instructions > 50_000 && l.instructions > whole[i].instructions/20 {
						t.Errorf("before launch %d: launch %d, %s, ran %d instructions of %d", at, i+1, l.kernel, l.instructions, whole[i].instructions)
					}
				}
				if in := on.Stats().InUse; in != 0 {
					t.Errorf("before launch %d: %d bytes are in use", at, in)
				}
			}
			right(b)
			if err := d.Close(); err != nil || len(s.Live()) > 0 {
				t.Errorf("left over %v, %v", s.Live(), err)
			}
		})
	}
}

// manyOrders is a batch of a problem in so many orderings.
func manyOrders(rows, orders int) prim.JointCounts {
	b, r := transferEntropy(rows), rand.New(rand.NewPCG(6, 6))
	b.Norm = prim.Euclid
	for range orders {
		order := make([]int32, rows)
		for i, v := range r.Perm(rows) {
			order[i] = int32(v)
		}
		b.Problems[0].Orders = append(b.Problems[0].Orders, order)
	}
	return b
}

// A launch that is amid its blocks when the flag goes up: one block in 16 looks at the
// host's word and tells the others, so at most 17 run to their ends, and all that have
// not begun leave after the few instructions of a look.
func TestDeviceIsInterruptedAmidALaunch(t *testing.T) {
	const rows, orders = 80, 160
	s := &stopwatch{Simulator: &ptx.Simulator{Major: 8}, t: t}
	on, err := device.Open(device.Options{Calls: s.calls(), Arch: "sm_80"})
	if err != nil {
		t.Fatal(err)
	}
	d := gpu.With(gpu.Simulator, on)
	b := manyOrders(rows, orders).InLaunchesOf(rows * rows * orders) // one launch
	b.On = &d
	if _, err := b.Counts(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole := s.launches[0]
	if !whole.flagged || whole.blocks < 64 {
		t.Fatalf("%+v: nothing to interrupt", whole)
	}
	block, look := whole.instructions/uint64(whole.blocks), uint64(200)
	for _, part := range []uint64{1, 4, 7} { // of 8
		because := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		s.launches = nil
		var begun uint64
		s.Machine.Meanwhile = func(instructions uint64) {
			if begun == 0 && instructions >= whole.instructions*part/8 {
				begun = instructions
				cancel(because)
				s.raised()
			}
		}
		if _, err := b.Counts(ctx); !errors.Is(err, because) {
			t.Errorf("%d/8: got %v, want the cause", part, err)
		}
		s.Machine.Meanwhile = nil
		after := s.launches[0].instructions - begun
		if begun == 0 || after > 17*block+look*uint64(whole.blocks) {
			t.Errorf("the flag went up after %d of %d instructions, and %d more were run: %d blocks take %d each", begun, whole.instructions, after, whole.blocks, block)
		}
		t.Logf("%d/8: %d instructions after the flag, of %d", part, after, whole.instructions)
	}
	same(t, transferEntropy(50), &d) // the device goes on
	if err := d.Close(); err != nil || len(s.Live()) > 0 {
		t.Errorf("left over %v, %v", s.Live(), err)
	}
}

// A batch that takes seconds ends within 50 ms of an interrupt.
func TestInterruptOnTheGPU(t *testing.T) {
	d := gpu.With(gpu.Index(0), devicetest.Opened(t, devicetest.OnTheGPU(t)))
	b := manyOrders(10_000, 1000)
	b.On = &d
	because := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	var begin time.Time
	time.AfterFunc(100*time.Millisecond, func() { begin = time.Now(); cancel(because) })
	if _, err := b.Counts(ctx); !errors.Is(err, because) {
		t.Fatalf("got %v, want the cause: is the batch too small?", err)
	}
	took := time.Since(begin)
	t.Logf("ended %v after the interrupt", took)
	if took > 50*time.Millisecond {
		t.Errorf("ended %v after the interrupt", took)
	}
	same(t, transferEntropy(50), &d) // the device goes on
}
