package ptx

import (
	"math"
	"math/bits"
)

// warp is 32 threads that run together where they can. Threads that took
// different branches are groups; the group with the lowest place in the code
// runs, until it meets another and both go on as one.
type warp struct {
	run      *run
	block    *block
	first    int    // number of its first thread
	lanes    uint32 // that exist
	regs     []lanes
	tests    []uint32
	defined  []uint32 // lanes in which a register was written: values, then predicates
	constant []uint32 // defined, at the start of a block

	alive   uint32
	groups  []group // sorted by place
	parked  []group // at warp-wide instructions, waiting for others
	waiting uint32  // at a barrier
	waitAt  int32
	yielded bool // its turn is over
	turns   int

	copies pending // asynchronous, which have not landed
	views  *views  // what its threads know of others, beyond what the block knows

	synced     uint32 // tick of the last barrier of the whole warp
	partSynced uint32 // tick of the last barrier of some lanes
	partLanes  uint32
}

type group struct {
	pc   int32
	mask uint32
}

const all = ^uint32(0)

func (w *warp) fill(reg int32, v uint64) {
	for l := range w.regs[reg] {
		w.regs[reg][l] = v
	}
	w.defined[reg] = all
}

// start makes the warp ready for a block.
func (w *warp) start() {
	r := w.run
	copy(w.defined, w.constant)
	clear(w.tests)
	w.tests[always] = all
	w.alive, w.waiting, w.synced, w.partSynced = w.lanes, 0, 0, 0
	w.groups = append(w.groups[:0], group{0, w.lanes})
	w.parked = w.parked[:0]
	w.yielded = false
	w.copies.clear()
	w.views = nil
	for _, s := range r.program.specials {
		w.defined[s.reg] = all
		for l := range w.regs[s.reg] {
			w.regs[s.reg][l] = uint64(w.special(s.name, l))
		}
	}
}

var specials = map[string]bool{
	"%tid.x": true, "%tid.y": true, "%tid.z": true, "%ntid.x": true, "%ntid.y": true, "%ntid.z": true,
	"%ctaid.x": true, "%ctaid.y": true, "%ctaid.z": true, "%nctaid.x": true, "%nctaid.y": true, "%nctaid.z": true,
	"%laneid": true, "WARP_SZ": true, "%lanemask_lt": true, "%lanemask_le": true, "%lanemask_eq": true, "%lanemask_gt": true, "%lanemask_ge": true,
	"%warpid": true, "%nwarpid": true,
}

func (w *warp) special(name string, lane int) int {
	r := w.run
	t, s := w.first+lane, r.size
	switch name {
	case "%tid.x":
		return t % s.X
	case "%tid.y":
		return t / s.X % s.Y
	case "%tid.z":
		return t / s.X / s.Y
	case "%ntid.x":
		return s.X
	case "%ntid.y":
		return s.Y
	case "%ntid.z":
		return s.Z
	case "%ctaid.x":
		return w.block.at.X
	case "%ctaid.y":
		return w.block.at.Y
	case "%ctaid.z":
		return w.block.at.Z
	case "%nctaid.x":
		return r.grid.X
	case "%nctaid.y":
		return r.grid.Y
	case "%nctaid.z":
		return r.grid.Z
	case "%laneid":
		return lane
	case "%lanemask_lt":
		return 1<<lane - 1
	case "%lanemask_le":
		return 2<<lane - 1
	case "%lanemask_eq":
		return 1 << lane
	case "%lanemask_gt":
		return (1<<32 - 1) &^ (2<<lane - 1)
	case "%lanemask_ge":
		return (1<<32 - 1) &^ (1<<lane - 1)
	case "%warpid":
		return w.first / 32
	case "%nwarpid":
		return len(w.block.warps)
	}
	return 32
}

// release lets the warp go on behind the barrier it waits at.
func (w *warp) release() {
	if w.waiting != 0 {
		w.groups = append(w.groups[:0], group{w.waitAt + 1, w.waiting})
		w.waiting = 0
	}
}

// join adds a group, or adds it to the group at its place.
func (w *warp) join(pc int32, mask uint32) {
	if mask == 0 {
		return
	}
	for i := range w.groups {
		switch g := &w.groups[i]; {
		case g.pc == pc:
			g.mask |= mask
			return
		case g.pc > pc:
			w.groups = append(w.groups, group{})
			copy(w.groups[i+1:], w.groups[i:])
			w.groups[i] = group{pc, mask}
			return
		}
	}
	w.groups = append(w.groups, group{pc, mask})
}

// resume runs the warp until all of it waits at a barrier or has left, or its
// turn is over.
func (w *warp) resume() {
	for {
		for len(w.groups) > 0 {
			// The lowest place runs, which makes groups meet. After each turn
			// another one may, since it may be what the lowest waits for.
			i := w.turns % len(w.groups)
			g := w.groups[i]
			w.groups = append(w.groups[:i], w.groups[i+1:]...)
			next := int32(math.MaxInt32)
			if i < len(w.groups) {
				next = w.groups[i].pc
			}
			w.execute(g.pc, g.mask, next)
			if w.yielded {
				w.yielded = false
				w.turns++
				return
			}
			w.turns = 0
		}
		if len(w.parked) == 0 {
			return
		}
		if !w.unpark() {
			g := w.parked[0]
			w.fault(Divergence, &w.run.program.code[g.pc], bits.TrailingZeros32(g.mask), 0, "lanes %08x wait here, and lanes %08x never come", g.mask, w.lanes&^g.mask)
		}
	}
}

// park takes the lanes that wait at pc, and adds others to them.
func (w *warp) park(pc int32, mask uint32) uint32 {
	for i, g := range w.parked {
		if g.pc == pc {
			w.parked = append(w.parked[:i], w.parked[i+1:]...)
			return mask | g.mask
		}
	}
	return mask
}

// execute runs lanes from pc on, until they wait, leave, split or reach the
// place of another group. What most instructions are is done in this loop itself:
// a call for each value makes kernels 1 % slower.
func (w *warp) execute(pc int32, lanes uint32, next int32) {
	r := w.run
	short, code, regs, tests, defined := r.program.quick, r.program.code, w.regs, w.tests, w.defined
	for {
		if pc >= next {
			w.join(pc, lanes)
			return
		}
		q, in := &short[pc], &code[pc]
		mask := lanes & (tests[q.guard] ^ q.flip)
		r.steps++
		if r.steps >= r.checkAt {
			if r.look(w, in); w.yielded {
				w.join(pc, lanes)
				return
			}
		}
		unknown := lanes&^defined[q.note] | mask&^(defined[q.reads[0]]&defined[q.reads[1]]&defined[q.reads[2]])
		if q.more {
			unknown |= in.unknown(defined, mask)
		}
		if unknown != 0 {
			w.undefined(in, lanes, mask)
		}
		r.threads += uint64(bits.OnesCount32(mask))
		switch q.step {
		case doValue:
			if mask == all {
				q.value(&regs[q.d], &regs[q.a], &regs[q.b], &regs[q.c], &regs[q.e])
			} else {
				q.value(&r.scratch, &regs[q.a], &regs[q.b], &regs[q.c], &regs[q.e])
				w.keep(q.d, mask)
			}
		case doApproximate:
			in.value(&r.scratch, &regs[in.a], &regs[in.b], &regs[in.c], &regs[in.e])
			if r.machine.Ulps > 0 {
				shake(&r.scratch, r.machine.Ulps, in.about, int(in.target))
			}
			w.keep(in.d, mask)
		case doSelect:
			w.choose(in, mask)
		case doTest:
			tests[q.d] = tests[q.d]&^mask | q.test(&regs[q.a], &regs[q.b])&mask
		case doLogic:
			tests[in.d] = tests[in.d]&^mask | in.logic(tests[in.a], tests[in.b])&mask
		case doBranch:
			if r.ways != nil {
				r.took(pc, mask, lanes&^mask)
			}
			if mask == lanes {
				pc = q.d
				continue
			}
			if mask != 0 {
				w.join(q.d, mask)
				w.join(pc+1, lanes&^mask)
				return
			}
		case doReturn:
			w.alive &^= mask
			if lanes &^= mask; lanes == 0 {
				return
			}
		case doLoad:
			w.load(in, mask)
		case doStore:
			w.store(in, mask)
		case doAtomic:
			w.atomic(in, mask)
		default:
			if !w.rarely(in, pc, lanes, mask) {
				return
			}
		}
		defined[q.sets] |= mask
		if q.more {
			in.learn(defined, mask)
		}
		pc++
	}
}

// rarely runs what few instructions of a kernel are, for the lanes of mask. It says
// whether lanes go on behind it: if not, all of them have been put where they wait.
func (w *warp) rarely(in *inst, pc int32, lanes, mask uint32) bool {
	if in.step == doPause {
		w.yielded = mask != 0
		w.join(pc+1, lanes)
		return false
	}
	if mask == 0 {
		return true
	}
	switch in.step {
	case doBarrier:
		w.barrier(pc, mask)
		w.join(pc+1, lanes&^mask)
		return false
	case doWarpBarrier, doShuffle, doVote, doMatch, doReduce:
		if !w.gather(in, pc, mask) {
			w.join(pc+1, lanes&^mask)
			return false
		}
		w.together(in, mask)
	case doMatrix:
		if mask != w.lanes || mask != all {
			w.fault(Divergence, in, bits.TrailingZeros32(mask), 0, "lanes %08x run it: a whole warp must", mask)
		}
		in.matrix(w, in)
	case doCopy:
		w.copyLater(in, mask)
	case doCommit:
		w.copies.commit(mask)
	case doLand:
		w.land(in, mask)
	case doFence:
		w.fence(in, mask)
	case doTrap:
		w.fault(Trap, in, bits.TrailingZeros32(mask), 0, "the kernel gives up by itself")
	case doActive:
		w.spread(in.d, mask, uint64(mask))
	}
	return true
}

// barrier lets lanes wait for the rest of the block, once the whole warp has come.
func (w *warp) barrier(pc int32, mask uint32) {
	if mask = w.park(pc, mask); mask == w.lanes {
		w.waiting, w.waitAt = mask, pc
	} else {
		w.parked = append(w.parked, group{pc, mask})
	}
}

// keep copies the scratch register to reg in the lanes of mask.
func (w *warp) keep(reg int32, mask uint32) {
	from, to := &w.run.scratch, &w.regs[reg]
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		to[l] = from[l]
	}
}

func (w *warp) spread(reg int32, mask uint32, v uint64) {
	to := &w.regs[reg]
	for m := mask; m != 0; m &= m - 1 {
		to[bits.TrailingZeros32(m)] = v
	}
}

func (w *warp) choose(in *inst, mask uint32) {
	d, a, b := &w.run.scratch, &w.regs[in.a], &w.regs[in.b]
	if mask == all {
		d = &w.regs[in.d]
	}
	p := w.tests[in.c]
	for i := range d {
		// All ones where p is set: no branch to mispredict.
		take := -uint64(p & 1)
		p >>= 1
		d[i] = a[i]&take | b[i]&^take
	}
	if mask != all {
		w.keep(in.d, mask)
	}
}

// undefined reports a read of a register that was not written in some lane.
func (w *warp) undefined(in *inst, lanes, mask uint32) {
	for _, r := range append([]int32{in.guarded}, in.reads...) {
		concerned := mask
		if r == in.guarded {
			concerned = lanes
		}
		if bad := concerned &^ w.defined[r]; bad != 0 {
			w.fault(Uninitialised, in, bits.TrailingZeros32(bad), 0, "reads register %s before anything is written to it", w.run.program.register(r))
		}
	}
}
