package ptx

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
)

// Machine is a device: memory, and blocks that run one after another. The zero
// value is ready. It is not for use by several goroutines at once.
type Machine struct {
	MaxSteps uint64 // warp instructions of a launch before it is Endless; 0: no limit but ctx

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
}

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
	m.launches++
	r := newRun(ctx, m, p, l)
	defer func() {
		m.WarpInstructions += r.steps
		m.ThreadInstructions += r.threads
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
	g := r.grid
	for z := range g.Z {
		for y := range g.Y {
			for x := range g.X {
				r.runBlock(Dim{x, y, z})
			}
		}
	}
	return nil
}

// stopped is how a cancelled context leaves a block.
type stopped struct{ error }

// run is one launch.
type run struct {
	ctx     context.Context
	machine *Machine
	program *Program
	grid    Dim
	size    Dim // of a block

	steps, threads, checkAt uint64

	block   Dim
	number  uint32 // of the block, from 1
	warps   []*warp
	shared  []byte
	marks   marks
	layout  marks  // of a block that has not begun
	tick    uint32 // counts barriers of the block and of its warps
	barrier uint32 // tick of the last barrier of the block
	offsets [32]uint32
	scratch lanes
}

func newRun(ctx context.Context, m *Machine, p *Program, l Launch) *run {
	r := &run{ctx: ctx, machine: m, program: p, grid: l.Grid.filled(), size: l.Block.filled()}
	r.shared, r.layout = p.sharedMemory(l.Shared)
	r.marks = newMarks(len(r.shared))
	threads := r.size.X * r.size.Y * r.size.Z
	for first := 0; first < threads; first += 32 {
		w := &warp{run: r, first: first, lanes: uint32(uint64(1)<<min(32, threads-first) - 1),
			regs: make([]lanes, p.values), tests: make([]uint32, p.tests), defined: make([]uint32, p.values+p.tests)}
		for _, f := range p.fixed {
			w.fill(f.reg, f.value)
		}
		for _, g := range p.given {
			var b [8]byte
			copy(b[:], l.Params[g.offset:g.offset+g.size])
			w.fill(g.reg, binary.LittleEndian.Uint64(b[:]))
		}
		w.defined[p.values+always] = all
		w.constant = append([]uint32(nil), w.defined...)
		r.warps = append(r.warps, w)
	}
	return r
}

// runBlock runs a block, each warp from barrier to barrier.
func (r *run) runBlock(at Dim) {
	r.block = at
	r.number++
	r.tick, r.barrier = 1, 1
	r.marks.copy(r.layout)
	for _, w := range r.warps {
		w.start()
	}
	for {
		var at, gone *warp
		for _, w := range r.warps {
			w.resume()
			switch {
			case w.alive == 0:
				gone = w
			case at == nil:
				at = w
			case w.waitAt != at.waitAt:
				w.fault(Divergence, &r.program.code[w.waitAt], 0, 0, "the warp waits at this barrier, that of thread %d at that of line %d", at.first, r.program.line(&r.program.code[at.waitAt]))
			}
		}
		if at == nil {
			return
		}
		if gone != nil {
			at.fault(Divergence, &r.program.code[at.waitAt], 0, 0, "the warp waits at this barrier, that of thread %d has left", gone.first)
		}
		r.advance()
		r.barrier = r.tick
		for _, w := range r.warps {
			w.release()
		}
	}
}

// look is called every so many instructions.
func (r *run) look(w *warp, in *inst) {
	const every = 1 << 16 // 5 ms
	r.checkAt = r.steps + every
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
