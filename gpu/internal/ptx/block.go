package ptx

import "encoding/binary"

// block is a block that runs.
type block struct {
	run     *run
	at      Dim
	number  uint32 // from 1
	warps   []*warp
	shared  []byte
	marks   marks
	tick    uint32 // counts barriers of the block and of its warps
	barrier uint32 // tick of the last barrier of the block
	seen    view   // by all threads, at that barrier
}

func (r *run) newBlock() *block {
	p := r.program
	b := &block{run: r}
	b.shared, _ = p.sharedMemory(r.launch.Shared)
	b.marks = newMarks(len(b.shared))
	threads := r.size.X * r.size.Y * r.size.Z
	for first := 0; first < threads; first += 32 {
		w := &warp{run: r, block: b, first: first, lanes: uint32(uint64(1)<<min(32, threads-first) - 1),
			regs: make([]lanes, p.values), tests: make([]uint32, p.tests), defined: make([]uint32, p.values+p.tests)}
		for _, f := range p.fixed {
			w.fill(f.reg, f.value)
		}
		for _, g := range p.given {
			var v [8]byte
			copy(v[:], r.launch.Params[g.offset:g.offset+g.size])
			w.fill(g.reg, binary.LittleEndian.Uint64(v[:]))
		}
		w.defined[p.values+always] = all
		w.constant = append([]uint32(nil), w.defined...)
		b.warps = append(b.warps, w)
	}
	return b
}

// start makes it block i of the grid, which has not begun.
func (b *block) start(i int) {
	g := b.run.grid
	b.at = Dim{i % g.X, i / g.X % g.Y, i / g.X / g.Y}
	b.number = uint32(i + 1)
	b.tick, b.barrier, b.seen = 1, 1, nil
	b.marks.copy(b.run.layout)
	for _, w := range b.warps {
		w.start()
	}
}

// round gives each warp that can go on a turn, and says whether the block has
// come to its end.
func (b *block) round() bool {
	running := false
	for _, w := range b.warps {
		if w.alive != 0 && w.waiting == 0 {
			w.resume()
			running = running || w.alive != 0 && w.waiting == 0
		}
	}
	return !running && b.pass()
}

// pass lets all warps pass the barrier that they wait at, or says that none is
// left.
func (b *block) pass() (ended bool) {
	code := b.run.program.code
	var at, gone *warp
	for _, w := range b.warps {
		switch {
		case w.alive == 0:
			gone = w
		case at == nil:
			at = w
		case w.waitAt != at.waitAt:
			w.fault(Divergence, &code[w.waitAt], 0, 0, "the warp waits at this barrier, that of thread %d at that of line %d", at.first, b.run.program.line(&code[at.waitAt]))
		}
	}
	if at == nil {
		return true
	}
	if gone != nil {
		at.fault(Divergence, &code[at.waitAt], 0, 0, "the warp waits at this barrier, that of thread %d has left", gone.first)
	}
	b.advance()
	b.barrier = b.tick
	b.meet()
	b.reduce(&code[at.waitAt])
	for _, w := range b.warps {
		w.release()
	}
	return false
}
