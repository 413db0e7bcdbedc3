package ptx

import (
	"fmt"
	"math/bits"
	"strings"
)

// collective translates the instructions that lanes run together. The mask of
// those that take part lies in register e.
func (t *translator) collective() error {
	name, typ, _ := cutLast(t.now.op)
	in := inst{mode: name}
	kind, _, _ := strings.Cut(name, ".")
	known, err := false, error(nil)
	switch kind {
	case "activemask":
		known, err = t.active(&in, typ)
	case "shfl":
		known, err = t.shuffle(&in, typ)
	case "vote":
		known, err = t.vote(&in, typ)
	case "match":
		known, err = t.match(&in, typ)
	case "redux":
		known, err = t.reduce(&in, typ)
	}
	switch {
	case err != nil:
		return err
	case !known:
		return t.unknown()
	}
	t.emit(in)
	return nil
}

// takes says whether the instruction has as many operands.
func (t *translator) takes(n int) error {
	if o := t.now.operands; len(o) != n {
		return fmt.Errorf("%d operands, not %d", len(o), n)
	}
	return nil
}

func (t *translator) active(in *inst, typ string) (known bool, err error) {
	if err := t.takes(1); err != nil || in.mode != "activemask" || typ != "b32" {
		return false, err
	}
	in.step = doActive
	in.d, err = t.result(t.now.operands[0], 'w')
	in.sets = []int32{in.d}
	return true, err
}

func (t *translator) shuffle(in *inst, typ string) (known bool, err error) {
	switch in.mode {
	case "shfl.sync.up", "shfl.sync.down", "shfl.sync.bfly", "shfl.sync.idx":
	default:
		return false, nil
	}
	if err := t.takes(5); err != nil || typ != "b32" {
		return false, err
	}
	in.step = doShuffle
	o := t.now.operands
	if err = t.pair(in, o[0]); err == nil {
		err = t.sources(in, o[1:], "wwww", &in.a, &in.b, &in.c, &in.e)
	}
	return true, err
}

func (t *translator) vote(in *inst, typ string) (known bool, err error) {
	switch in.mode {
	case "vote.sync.all", "vote.sync.any", "vote.sync.uni", "vote.sync.ballot":
	default:
		return false, nil
	}
	ballot := in.mode == "vote.sync.ballot"
	if err := t.takes(3); err != nil || ballot && typ != "b32" || !ballot && typ != "pred" {
		return false, err
	}
	in.step = doVote
	o := t.now.operands
	q := o[1]
	if q.not {
		in.mode += ".not"
	}
	q.not = false
	if in.a, err = t.predicate(in, q); err != nil {
		return true, err
	}
	if ballot {
		in.d, err = t.result(o[0], 'w')
		in.sets = []int32{in.d}
	} else {
		in.d, err = t.result(o[0], 'p')
		in.sets = []int32{t.flag(in.d)}
	}
	if err == nil {
		err = t.sources(in, o[2:], "w", &in.e)
	}
	return true, err
}

func (t *translator) match(in *inst, typ string) (known bool, err error) {
	if in.mode != "match.any.sync" && in.mode != "match.all.sync" {
		return false, nil
	}
	if err := t.takes(3); err != nil || typ != "b32" && typ != "b64" {
		return false, err
	}
	in.step = doMatch
	o := t.now.operands
	if err = t.pair(in, o[0]); err == nil {
		err = t.sources(in, o[1:], letter(typ)+"w", &in.a, &in.e)
	}
	return true, err
}

func (t *translator) reduce(in *inst, typ string) (known bool, err error) {
	op, isRedux := strings.CutPrefix(in.mode, "redux.sync.")
	reduce := swapOf(op, typ)
	if !isRedux || reduce == nil || sizeOf(typ) != 4 || op == "exch" || op == "cas" {
		return false, nil
	}
	if err := t.takes(3); err != nil {
		return false, err
	}
	in.step, in.memory = doReduce, &access{swap: reduce}
	o := t.now.operands
	in.d, err = t.result(o[0], 'w')
	in.sets = []int32{in.d}
	if err == nil {
		err = t.sources(in, o[1:], "ww", &in.a, &in.e)
	}
	return true, err
}

func cutLast(op string) (name, typ string, ok bool) {
	i := strings.LastIndexByte(op, '.')
	if i < 0 {
		return op, "", false
	}
	return op[:i], op[i+1:], true
}

// pair reads d or d|p. The predicate's slot goes to target.
func (t *translator) pair(in *inst, o operand) (err error) {
	if o.kind == isList {
		if len(o.list) != 2 {
			return fmt.Errorf("%d results", len(o.list))
		}
		if in.target, err = t.result(o.list[1], 'p'); err != nil {
			return err
		}
		in.sets = append(in.sets, t.flag(in.target))
		o = o.list[0]
	}
	in.d, err = t.result(o, 'w')
	in.sets = append(in.sets, in.d)
	return err
}

func (t *translator) sources(in *inst, o []operand, letters string, slots ...*int32) (err error) {
	for i, s := range slots {
		if *s, err = t.source(in, o[i], letters[i]); err != nil {
			return err
		}
	}
	return nil
}

// gather says whether all lanes that the instruction names have come. If not,
// those that have are parked.
func (w *warp) gather(in *inst, pc int32, mask uint32) bool {
	first := bits.TrailingZeros32(mask)
	members := uint32(w.regs[in.e][first])
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		if uint32(w.regs[in.e][l]) != members {
			w.fault(Divergence, in, l, 0, "names lanes %08x, lane %d names %08x", uint32(w.regs[in.e][l]), first, members)
		}
	}
	if alone := mask &^ members; alone != 0 {
		w.fault(Divergence, in, bits.TrailingZeros32(alone), 0, "runs it and is not among the lanes %08x that it names", members)
	}
	if members&w.alive&^mask == 0 {
		return true
	}
	mask = w.park(pc, mask)
	if members&w.alive&^mask == 0 {
		w.join(pc, mask)
	} else {
		w.parked = append(w.parked, group{pc, mask})
	}
	return false
}

// unpark lets lanes go on that waited at a warp-wide instruction for others which
// have left for good. Nobody may leave before a barrier.
func (w *warp) unpark() bool {
	for i, g := range w.parked {
		in := &w.run.program.code[g.pc]
		members := uint32(w.regs[in.e][bits.TrailingZeros32(g.mask)])
		if in.step != doBarrier && members&w.alive&^g.mask == 0 {
			w.parked = append(w.parked[:i], w.parked[i+1:]...)
			w.join(g.pc, g.mask)
			return true
		}
	}
	return false
}

// together runs an instruction for lanes that have all come.
func (w *warp) together(in *inst, mask uint32) {
	switch in.step {
	case doWarpBarrier:
		w.block.advance()
		if mask == w.lanes {
			w.synced = w.block.tick
		} else {
			w.partSynced, w.partLanes = w.block.tick, mask
		}
		w.views.share(mask)
	case doShuffle:
		w.shuffle(in, mask)
	case doVote:
		w.vote(in, mask)
	case doMatch:
		w.match(in, mask)
	case doReduce:
		v, a := uint64(0), &w.regs[in.a]
		for i, m := 0, mask; m != 0; i, m = i+1, m&(m-1) {
			if l := bits.TrailingZeros32(m); i == 0 {
				v = a[l]
			} else {
				v = in.memory.swap(v, a[l], 0)
			}
		}
		w.spread(in.d, mask, v)
	}
}

func (w *warp) shuffle(in *inst, mask uint32) {
	a, b, c := w.regs[in.a], &w.regs[in.b], &w.regs[in.c]
	inside := uint32(0)
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		by, segment, clamp := int(b[l]&31), int(c[l]>>8&31), int(c[l]&31)
		highest := l&segment | clamp&^segment
		from, ok := l, false
		switch in.mode {
		case "shfl.sync.up":
			from = l - by
			ok = from >= highest
		case "shfl.sync.down":
			from = l + by
			ok = from <= highest
		case "shfl.sync.bfly":
			from = l ^ by
			ok = from <= highest
		default:
			from = l&segment | by&^segment
			ok = from <= highest
		}
		if !ok {
			from = l
		} else {
			inside |= 1 << l
		}
		if mask>>from&1 == 0 {
			w.fault(Divergence, in, l, 0, "reads lane %d, which takes no part", from)
		}
		w.regs[in.d][l] = a[from]
	}
	w.tests[in.target] = w.tests[in.target]&^mask | inside
}

func (w *warp) vote(in *inst, mask uint32) {
	mode, not := strings.CutSuffix(in.mode, ".not")
	yes := w.tests[in.a]
	if not {
		yes = ^yes
	}
	yes &= mask
	result := false
	switch mode {
	case "vote.sync.ballot":
		w.spread(in.d, mask, uint64(yes))
		return
	case "vote.sync.all":
		result = yes == mask
	case "vote.sync.any":
		result = yes != 0
	default:
		result = yes == mask || yes == 0
	}
	w.tests[in.d] &^= mask
	if result {
		w.tests[in.d] |= mask
	}
}

func (w *warp) match(in *inst, mask uint32) {
	a := w.regs[in.a]
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		same := uint32(0)
		for n := mask; n != 0; n &= n - 1 {
			if k := bits.TrailingZeros32(n); a[k] == a[l] {
				same |= 1 << k
			}
		}
		if in.mode == "match.all.sync" {
			w.tests[in.target] = w.tests[in.target]&^(1<<l) | bit(same == mask)<<l
			if same != mask {
				same = 0
			}
		}
		w.regs[in.d][l] = uint64(same)
	}
}

// reduce gives the warps the result of the barrier that they were at.
func (b *block) reduce(in *inst) {
	if in.mode == "" {
		return
	}
	yes, threads := 0, 0
	for _, w := range b.warps {
		said := w.tests[in.a]
		if in.about == 1 {
			said = ^said
		}
		yes += bits.OnesCount32(said & w.waiting)
		threads += bits.OnesCount32(w.waiting)
	}
	result := in.mode == "and" && yes == threads || in.mode == "or" && yes > 0
	for _, w := range b.warps {
		for _, s := range in.sets {
			w.defined[s] |= w.waiting
		}
		switch {
		case in.mode == "popc":
			w.spread(in.target, w.waiting, uint64(yes))
		case result:
			w.tests[in.target] |= w.waiting
		default:
			w.tests[in.target] &^= w.waiting
		}
	}
}
