package ptx

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
)

// What orders blocks, and warps without a barrier: a thread that releases a place
// of memory publishes what it has done and knows, and a thread that acquires
// that place knows it from then on (PTX ISA, Memory consistency model: release
// and acquire patterns). A fence and then a strong write is a release; a strong
// read and then a fence is an acquire. Only kernels that have such instructions
// pay for this.
type order struct {
	places  map[uint64]place
	touched map[uint64]*history
}

// view is what somebody knows of blocks, by their number. It is never changed.
type view map[uint32]horizon

// horizon is how far a block is known: what all its threads did before a tick,
// and what some did up to a tick.
type horizon struct {
	all   uint32
	parts []part
}

type part struct{ who, upto uint32 }

func (h horizon) covers(m uint32) bool {
	tick, by := m>>tickShift, m&who
	if tick < h.all {
		return true
	}
	for _, p := range h.parts {
		same := p.who == by || p.who&ofWarp != 0 && by != several && warpOf(by) == p.who&^ofWarp
		if same && tick <= p.upto {
			return true
		}
	}
	return false
}

func warpOf(by uint32) uint32 {
	if by&ofWarp != 0 {
		return by &^ ofWarp
	}
	return by / 32
}

// and is what two know together.
func (v view) and(u view) view {
	if len(v) == 0 || len(u) == 0 {
		if len(u) == 0 {
			return v
		}
		return u
	}
	out := maps.Clone(v)
	for n, h := range u {
		mine := out[n]
		all := max(h.all, mine.all)
		var parts []part
		for _, p := range slices.Concat(mine.parts, h.parts) {
			i := slices.IndexFunc(parts, func(q part) bool { return q.who == p.who })
			switch {
			case p.upto < all:
			case i < 0:
				parts = append(parts, p)
			default:
				parts[i].upto = max(parts[i].upto, p.upto)
			}
		}
		out[n] = horizon{all, parts}
	}
	return out
}

// place is what was published at a place of memory: to everybody, and to single
// blocks alone.
type place struct {
	any   view
	local map[uint32]view
}

// scoped is a view that holds for all, and one for the own block.
type scoped struct{ any, local view }

// views is what the threads of a warp know beyond their block.
type views struct {
	of     [32]view
	fenced [32]scoped // at their last fence: what strong writes publish
	loaded [32]scoped // by strong reads: what the next fence makes known
}

func (w *warp) ownViews() *views {
	if w.views == nil {
		w.views = new(views)
	}
	return w.views
}

// share makes lanes know what each of them knows.
func (v *views) share(mask uint32) {
	if v == nil {
		return
	}
	var sum view
	for m := mask; m != 0; m &= m - 1 {
		sum = sum.and(v.of[bits.TrailingZeros32(m)])
	}
	for m := mask; m != 0; m &= m - 1 {
		v.of[bits.TrailingZeros32(m)] = sum
	}
}

// meet is share for the threads of a block.
func (b *block) meet() {
	for _, w := range b.warps {
		if w.views == nil {
			continue
		}
		for _, v := range w.views.of {
			b.seen = b.seen.and(v)
		}
		w.views.of = [32]view{}
	}
}

// knows says whether a mark of a block lies before what the lane does now.
func (w *warp) knows(lane int, block, m uint32) bool {
	if !w.run.program.ordered {
		return false
	}
	return w.block.seen[block].covers(m) || w.views != nil && w.views.of[lane][block].covers(m)
}

// everything is what the lane knows and has done.
func (w *warp) everything(lane int) view {
	b := w.block
	h := horizon{all: b.barrier, parts: []part{{uint32(w.first + lane), b.tick}}}
	if w.synced > b.barrier {
		h.parts = append(h.parts, part{ofWarp | uint32(w.first/32), w.synced - 1})
	}
	return b.seen.and(w.ownViews().of[lane]).and(view{b.number: h})
}

func (w *warp) fence(in *inst, mask uint32) {
	v := w.ownViews()
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		v.of[l] = v.of[l].and(v.loaded[l].local)
		if !in.memory.cta {
			v.of[l] = v.of[l].and(v.loaded[l].any)
		}
		now := w.everything(l)
		v.fenced[l].local = now
		if !in.memory.cta {
			v.fenced[l].any = now
		}
	}
	w.block.advance()
}

// synchronise is what a strong access of a lane does besides the access.
func (w *warp) synchronise(in *inst, lane int, at uint64) {
	m, o, v, me := in.memory, &w.run.order, w.ownViews(), w.block.number
	p := o.places[at]
	if in.step != doStore {
		v.loaded[lane].any = v.loaded[lane].any.and(p.any)
		v.loaded[lane].local = v.loaded[lane].local.and(p.local[me])
		if m.acquire {
			v.of[lane] = v.of[lane].and(p.local[me])
			if !m.cta {
				v.of[lane] = v.of[lane].and(p.any)
			}
		}
	}
	if in.step == doLoad {
		return
	}
	out := v.fenced[lane]
	if m.release {
		out.local = w.everything(lane)
		if !m.cta {
			out.any = out.local
		}
		w.block.advance()
	}
	if in.step == doStore {
		p = place{any: out.any, local: map[uint32]view{me: out.local}}
	} else {
		local := maps.Clone(p.local)
		if local == nil {
			local = map[uint32]view{}
		}
		local[me] = local[me].and(out.local)
		p = place{p.any.and(out.any), local}
	}
	if o.places == nil {
		o.places = map[uint64]place{}
	}
	o.places[at] = p
}

// history is who touched a grain of global memory, as far as it matters to those
// who come later: at most one entry a block.
type history struct{ writers, readers []touch }

type touch struct {
	block, key  uint32 // key as in mark
	strong, cta bool
}

// touchOrdered is touchGlobal for kernels that order blocks.
func (w *warp) touchOrdered(b *buffer, in *inst, lane int, grain uint64) {
	r, m, at := w.run, in.memory, grain<<b.grain
	if r.order.touched == nil {
		r.order.touched = map[uint64]*history{}
	}
	h := r.order.touched[b.base+at]
	if h == nil {
		h = new(history)
		r.order.touched[b.base+at] = h
	}
	me := touch{w.block.number, w.block.tick<<tickShift | uint32(w.first+lane), m.strong, m.cta}
	harmless := func(t touch) bool {
		return t.strong && me.strong && (t.block == me.block || !t.cta && !me.cta) || w.follows(lane, t)
	}
	blame := func(list []touch, verb string) {
		for _, t := range list {
			if harmless(t) {
				continue
			}
			by := "another block of the launch, and nothing orders the two"
			if t.block == me.block {
				by = byWhom(t.key) + ", with no barrier between"
			}
			w.fault(Race, in, lane, b.base+at, "byte %d of buffer %s was %s by %s", at, b.name, verb, by)
		}
	}
	if m.constant && len(h.writers) > 0 {
		w.fault(Race, in, lane, b.base+at, "byte %d of buffer %s is read as constant and was written in this launch", at, b.name)
	}
	blame(h.writers, "written")
	if in.step == doLoad {
		h.readers = w.noted(h.readers, me, lane)
		return
	}
	blame(h.readers, "read")
	if !me.strong {
		h.writers, h.readers = append(h.writers[:0], me), h.readers[:0]
		return
	}
	h.writers = w.noted(h.writers, me, lane)
}

// follows says whether t lies before what the lane does now.
func (w *warp) follows(lane int, t touch) bool {
	b := w.block
	if t.block == b.number && (t.key>>tickShift < b.barrier || t.key&who == uint32(w.first+lane) || w.before(t.key, uint32(w.first+lane))) {
		return true
	}
	return w.knows(lane, t.block, t.key)
}

// noted adds an entry, and leaves out those that it follows.
func (w *warp) noted(list []touch, me touch, lane int) []touch {
	list = slices.DeleteFunc(list, func(t touch) bool { return w.follows(lane, t) && (t.strong == me.strong || !t.strong) })
	for i := range list {
		if t := &list[i]; t.block == me.block {
			t.key = max(t.key, me.key)>>tickShift<<tickShift | mixed(t.key&who, me.key&who)
			t.strong, t.cta = t.strong && me.strong, t.cta || me.cta
			return list
		}
	}
	return append(list, me)
}

// fence translates fence and membar.
func (t *translator) fence() error {
	s := t.now
	m := &access{}
	switch s.op {
	case "fence.acq_rel.cta", "fence.sc.cta", "membar.cta":
		m.cta = true
	case "fence.acq_rel.gpu", "fence.sc.gpu", "fence.acq_rel.sys", "fence.sc.sys", "membar.gl", "membar.sys":
	default:
		return t.unknown()
	}
	if len(s.operands) != 0 {
		return fmt.Errorf("operands after %s", s.op)
	}
	t.program.ordered = true
	t.emit(inst{step: doFence, memory: m})
	return nil
}
