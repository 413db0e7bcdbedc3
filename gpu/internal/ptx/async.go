package ptx

import (
	"fmt"
	"math/bits"
	"strings"
)

// pending are the asynchronous copies of a warp's lanes that have not landed. A
// copy reads global memory when it starts and writes shared memory when its
// lane waits for it, which is as late as a device may be; until then nobody may
// touch the place.
type pending struct {
	open   [32][]flight   // not in a group yet
	groups [32][][]flight // oldest first
	some   bool
}

type flight struct {
	at   uint32
	data []byte
}

func (p *pending) clear() {
	if p.some {
		*p = pending{}
	}
}

// copyLater starts copies. Bytes beyond those that the source has are zeros.
func (w *warp) copyLater(in *inst, mask uint32) {
	from, to := &in.parts[0], &in.parts[1]
	w.sharedAccess(to, mask, 0)
	at := w.run.offsets
	size := to.memory.bytes()
	w.copies.some = w.copies.some || mask != 0
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		f := flight{at[l], make([]byte, size)}
		n := size
		if in.c != 0 {
			if n = w.regs[in.c][l]; n > size {
				w.fault(OutOfBounds, in, l, uint64(f.at), "copies %d bytes of %d", n, size)
			}
		}
		if n == size {
			b := w.globalAccess(from, 1<<l)
			copy(f.data, b[w.run.offsets[l]:])
		} else {
			for k := range n {
				single, access := *from, *from.memory
				access.size, access.offset = 1, access.offset+k
				single.memory = &access
				b := w.globalAccess(&single, 1<<l)
				f.data[k] = b[w.run.offsets[l]]
			}
		}
		for i := range f.data {
			w.block.marks.of[int(f.at)+i].write = inFlight
		}
		w.copies.open[l] = append(w.copies.open[l], f)
	}
}

func (p *pending) commit(mask uint32) {
	p.some = true
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		p.groups[l] = append(p.groups[l], p.open[l])
		p.open[l] = nil
	}
}

// land waits for all groups but the last few.
func (w *warp) land(in *inst, mask uint32) {
	b := w.block
	for m := mask; m != 0; m &= m - 1 {
		l := bits.TrailingZeros32(m)
		if in.mode == "all" {
			w.copies.commit(1 << l)
		}
		groups := w.copies.groups[l]
		for len(groups) > int(in.about) {
			for _, f := range groups[0] {
				copy(b.shared[f.at:], f.data)
				for i := range f.data {
					b.marks.of[int(f.at)+i].write = b.tick<<tickShift | uint32(w.first+l)
				}
			}
			groups = groups[1:]
		}
		w.copies.groups[l] = groups
	}
}

// copier says who copies to a place.
func (b *block) copier(at uint64) string {
	for _, w := range b.warps {
		for l := range 32 {
			for _, g := range append([][]flight{w.copies.open[l]}, w.copies.groups[l]...) {
				for _, f := range g {
					if uint64(f.at) <= at && at < uint64(f.at)+uint64(len(f.data)) {
						return fmt.Sprintf("thread %d has not waited for it", w.first+l)
					}
				}
			}
		}
	}
	return "nobody has waited for it"
}

// async translates cp.async.
func (t *translator) async() error {
	s := t.now
	o := s.operands
	switch s.op {
	case "cp.async.commit_group":
		t.emit(inst{step: doCommit})
		return nil
	case "cp.async.wait_all":
		t.emit(inst{step: doLand, mode: "all"})
		return nil
	case "cp.async.wait_group":
		if len(o) != 1 || o[0].kind != isNumber || o[0].number > 64 {
			return fmt.Errorf("a number of groups was expected")
		}
		t.emit(inst{step: doLand, about: o[0].number})
		return nil
	}
	name, hint, _ := strings.Cut(s.op, ".L2::")
	if name != "cp.async.ca.shared.global" && name != "cp.async.cg.shared.global" || hint != "" && hint != "64B" && hint != "128B" && hint != "256B" {
		return t.unknown()
	}
	if len(o) < 3 || len(o) > 4 || o[2].kind != isNumber {
		return fmt.Errorf("%d operands: a place, a source and a number of bytes were expected", len(o))
	}
	size := int(o[2].number)
	if size != 16 && (name != "cp.async.ca.shared.global" || size != 4 && size != 8) {
		return fmt.Errorf("copies of %d bytes", size)
	}
	in := inst{step: doCopy}
	from := inst{step: doLoad, memory: &access{space: global, size: size, count: 1}}
	to := inst{step: doStore, memory: &access{space: shared, size: size, count: 1}}
	if err := t.address(&to, o[0]); err != nil {
		return err
	}
	if err := t.address(&from, o[1]); err != nil {
		return err
	}
	in.reads = append(append(in.reads, to.reads...), from.reads...)
	if len(o) == 4 {
		var err error
		if in.c, err = t.source(&in, o[3], 'w'); err != nil {
			return err
		}
		t.program.globalGrain = 0
	}
	t.watch(from.memory)
	in.parts = []inst{from, to}
	t.emit(in)
	return nil
}
