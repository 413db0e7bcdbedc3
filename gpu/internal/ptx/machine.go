package ptx

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Machine is a device: memory, and blocks that run one after another. The zero
// value is ready. It is not for use by several goroutines at once.
type Machine struct {
	MaxSteps uint64    // warp instructions of a launch before it is Endless; 0: no limit but ctx
	Ulps     int       // by which results of approximate instructions are moved, at most
	Branches *Branches // if not nil, notes which ways threads go

	// Meanwhile, if not nil, is called amid launches, every 65,536 instructions of
	// warps, with the number that the launch has run.
	Meanwhile func(instructions uint64)

	// What all launches together ran.
	WarpInstructions, ThreadInstructions uint64

	buffers  map[uint64]*buffer // by number
	next     uint64
	launches uint32
}

// Dim counts blocks of a grid or threads of a block. A 0 counts as 1.
type Dim struct{ X, Y, Z int }

func (d Dim) filled() Dim { return Dim{max(1, d.X), max(1, d.Y), max(1, d.Z)} }

// Launch is how a kernel is run.
type Launch struct {
	Grid, Block Dim
	Shared      int    // bytes for the shared variable without a size
	Params      []byte // as Entry.Params lays them out
	Cooperative bool   // all blocks run beside each other, so that they can wait for one another
}

// MaxResident is the largest number of blocks that run beside each other.
const MaxResident = 2048

// MaxShared is the shared memory of a block that every device has.
const MaxShared = 48 << 10

func (l Launch) check(p *Program) error {
	for _, d := range []int{l.Grid.X, l.Grid.Y, l.Grid.Z, l.Block.X, l.Block.Y, l.Block.Z} {
		if d < 0 {
			return fmt.Errorf("a dimension of %d", d)
		}
	}
	g, b := l.Grid.filled(), l.Block.filled()
	threads, limit := b.X*b.Y*b.Z, 1024
	if p.entry.MaxThreads > 0 {
		limit = p.entry.MaxThreads
	}
	switch {
	case b.X > 1024 || b.Y > 1024 || b.Z > 64 || threads > limit:
		return fmt.Errorf("blocks of %d×%d×%d threads: the kernel allows %d", b.X, b.Y, b.Z, limit)
	case g.X > math.MaxInt32 || g.Y > 65535 || g.Z > 65535:
		return fmt.Errorf("a grid of %d×%d×%d blocks: at most %d×65535×65535", g.X, g.Y, g.Z, math.MaxInt32)
	case l.Grid.X == 0 || l.Block.X == 0:
		return fmt.Errorf("a launch of nothing")
	case len(l.Params) != p.entry.ParamBytes():
		return fmt.Errorf("%d bytes of parameters, not %d", len(l.Params), p.entry.ParamBytes())
	case l.Shared != 0 && !p.dynamic:
		return fmt.Errorf("%d bytes of dynamic shared memory for a kernel that has none", l.Shared)
	case l.Cooperative && g.X*g.Y*g.Z > MaxResident:
		return fmt.Errorf("%d×%d×%d blocks that wait for one another: at most %d are beside each other", g.X, g.Y, g.Z, MaxResident)
	case l.Shared < 0 || p.entry.SharedBytes()+l.Shared > MaxShared:
		return fmt.Errorf("%d bytes of shared memory: at most %d", p.entry.SharedBytes()+l.Shared, MaxShared)
	}
	return nil
}

// Launch runs a kernel to its end. It returns a *Fault if the kernel did wrong,
// and ctx's error soon after ctx is cancelled; memory is then as it was left.
func (m *Machine) Launch(ctx context.Context, p *Program, l Launch) (err error) {
	if err := l.check(p); err != nil {
		return fmt.Errorf("ptx: %s: launch: %w", p.Name, err)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m.launches++
	r := newRun(ctx, m, p, l)
	defer func() {
		m.WarpInstructions += r.steps
		m.ThreadInstructions += r.threads
		if m.Branches != nil {
			m.Branches.add(p, r.ways)
		}
		switch v := recover().(type) {
		case nil:
		case *Fault:
			err = v
		case stopped:
			err = v.error
		default:
			panic(v)
		}
	}()
	r.runGrid(l.Cooperative)
	return nil
}

// stopped is how a cancelled context leaves a block.
type stopped struct{ error }

// run is one launch.
type run struct {
	ctx     context.Context
	machine *Machine
	program *Program
	launch  Launch
	grid    Dim
	size    Dim // of a block

	steps, threads, checkAt, slice uint64

	layout  marks // of a block that has not begun
	offsets [32]uint32
	scratch lanes
	order   order
	ways    []way // of each instruction; nil: nobody asks
}

func newRun(ctx context.Context, m *Machine, p *Program, l Launch) *run {
	r := &run{ctx: ctx, machine: m, program: p, launch: l, grid: l.Grid.filled(), size: l.Block.filled(), slice: everySteps}
	r.checkAt = r.slice
	if m.MaxSteps > 0 {
		r.checkAt = min(r.checkAt, m.MaxSteps+1)
	}
	if m.Branches != nil {
		r.ways = make([]way, len(p.code))
	}
	_, r.layout = p.sharedMemory(l.Shared)
	return r
}

// runGrid runs the blocks: one after another, or all beside each other, a slice
// of each at a time.
func (r *run) runGrid(cooperative bool) {
	g := r.grid
	if !cooperative {
		b := r.newBlock()
		for i := range g.X * g.Y * g.Z {
			b.start(i)
			for !b.round() {
			}
		}
		return
	}
	r.slice = everySteps / 32
	r.checkAt = min(r.checkAt, r.slice)
	blocks := make([]*block, g.X*g.Y*g.Z)
	for i := range blocks {
		blocks[i] = r.newBlock()
		blocks[i].start(i)
	}
	for len(blocks) > 0 {
		blocks = slices.DeleteFunc(blocks, (*block).round)
	}
}

// everySteps instructions of warps take 5 ms. It is how often a launch looks at
// its context.
const everySteps = 1 << 16

// look is called every so many instructions, and ends the warp's turn.
func (r *run) look(w *warp, in *inst) {
	r.checkAt = r.steps + r.slice
	w.yielded = true
	if f := r.machine.Meanwhile; f != nil {
		f(r.steps)
	}
	if r.ctx.Err() != nil {
		panic(stopped{context.Cause(r.ctx)})
	}
	if limit := r.machine.MaxSteps; limit > 0 {
		if r.steps > limit {
			w.fault(Endless, in, 0, 0, "more than %d warp instructions", limit)
		}
		r.checkAt = min(r.checkAt, limit+1)
	}
}
