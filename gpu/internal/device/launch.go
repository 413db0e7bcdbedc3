package device

import (
	"fmt"
	"math"
	"sync"

	"surprisal/gpu/internal/driver"
)

// Dim counts the blocks of a grid or the threads of a block. Y and Z of 0 count as
// 1 as long as X is more than 0.
type Dim struct{ X, Y, Z int }

func (d Dim) String() string {
	d = d.filled()
	return fmt.Sprintf("%d×%d×%d", d.X, d.Y, d.Z)
}

func (d Dim) filled() Dim {
	if d.Y == 0 && d.Z == 0 {
		d.Y, d.Z = 1, 1
	} else if d.Z == 0 {
		d.Z = 1
	}
	return d
}

// launches keeps what a call is given, which must not lie on a stack.
type launches struct{ pool sync.Pool }

// Launch gives a kernel to a stream: a grid of blocks of as many threads as it is
// made for. params are those of its launch struct, and are copied. A grid of
// nothing does nothing. The error of what a kernel does shows at a later call.
func (t *Thread) Launch(s *Stream, k *Kernel, grid Dim, params []byte) error {
	if err := t.alive(); err != nil {
		return err
	}
	grid = grid.filled()
	block := Dim{k.Threads, 1, 1}
	switch {
	case grid.X < 0 || grid.Y < 0 || grid.Z < 0 || grid.X > math.MaxInt32 || grid.Y > 65535 || grid.Z > 65535:
		return fmt.Errorf("gpu: %s: a grid of %v blocks: at most %d×65535×65535; give it in several launches", k.Name, grid, math.MaxInt32)
	case len(params) != k.ParamBytes:
		return fmt.Errorf("gpu: %s: %d bytes of parameters, it takes %d", k.Name, len(params), k.ParamBytes)
	case grid.X == 0 || grid.Y == 0 || grid.Z == 0:
		return nil
	}
	l, _ := t.d.stats.launches.pool.Get().(*driver.Launch)
	if l == nil {
		l = new(driver.Launch)
	}
	*l = driver.Launch{Function: k.function, Grid: words(grid), Block: words(block), Stream: s.handle, Params: params}
	t.d.journal.add(k.Name, grid, block)
	timing := t.d.stats.begin(t, s, k)
	if err := t.alive(); err != nil {
		return err
	}
	code := t.d.calls.Launch(l)
	l.Params = nil
	t.d.stats.launches.pool.Put(l)
	if code != driver.Success {
		timing.drop(t)
		return fmt.Errorf("%s, a grid of %v, blocks of %v: %w", k.Name, grid, block, t.d.failed("Launch", code))
	}
	timing.end(t, s)
	return t.alive()
}

func words(d Dim) [3]uint32 { return [3]uint32{uint32(d.X), uint32(d.Y), uint32(d.Z)} }
