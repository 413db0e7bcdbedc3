package ptx

import "encoding/binary"

// Most accesses to shared memory are of one value of up to 32 bits, to a place that
// is watched in pieces of that size and that nobody else has touched since the last
// barrier but to read it. They are checked, noted and done in one loop here; lanes
// of which any of that is not so are left to sharedAccess.

// plainShared says that an access may be of that kind.
func (a *access) plainShared() bool {
	return a.count == 1 && a.size <= 4 && !a.strong && a.grow[0] == 0
}

// loadUsual loads in the lanes of mask in which that is all that there is to do, and
// returns the others.
func (w *warp) loadUsual(in *inst, mask uint32) (rest uint32) {
	m, r := in.memory, w.block
	if !m.plainShared() {
		return mask
	}
	of, grain, memory := r.marks.of, r.marks.grain, r.shared
	address, to := &w.regs[in.a], &w.regs[m.regs[0]]
	if mask == all && address[0] == address[31] && address[0] == address[1] {
		return mask // perhaps a broadcast
	}
	size, offset := uint64(m.size), m.offset
	now, before := r.tick<<tickShift, r.barrier<<tickShift
	first, warp := uint32(w.first), uint32(w.first/32)|ofWarp
	for l := range address {
		if mask>>l&1 == 0 {
			continue
		}
		at, thread := address[l]+offset, first|uint32(l)
		if at >= uint64(len(of)) || at&(size-1) != 0 {
			rest |= 1 << l
			continue
		}
		if g := uint64(grain[at>>2]); g > size {
			r.marks.cut(at>>2, size)
		} else if g < size {
			rest |= 1 << l
			continue
		}
		s := &of[at]
		if s.write >= before && s.write&who != thread || s.write == 0 {
			rest |= 1 << l
			continue
		}
		switch by := s.read & who; {
		case s.read < before || by == thread:
			s.read = now | thread
		case by == warp || by == several:
			s.read = now | by
		default:
			s.read = now | mixed(by, thread)
		}
		switch size {
		case 1:
			to[l] = uint64(memory[at])
		case 2:
			to[l] = uint64(binary.LittleEndian.Uint16(memory[at:]))
		default:
			to[l] = uint64(binary.LittleEndian.Uint32(memory[at:]))
		}
	}
	return rest
}

// storeUsual is loadUsual for stores.
func (w *warp) storeUsual(in *inst, mask uint32) (rest uint32) {
	m, r := in.memory, w.block
	if !m.plainShared() {
		return mask
	}
	of, grain, memory := r.marks.of, r.marks.grain, r.shared
	address, from := &w.regs[in.a], &w.regs[m.regs[0]]
	size, offset := uint64(m.size), m.offset
	now, before, first := r.tick<<tickShift, r.barrier<<tickShift, uint32(w.first)
	for l := range address {
		if mask>>l&1 == 0 {
			continue
		}
		at, thread := address[l]+offset, first|uint32(l)
		if at >= uint64(len(of)) || at&(size-1) != 0 {
			rest |= 1 << l
			continue
		}
		if g := uint64(grain[at>>2]); g > size {
			r.marks.cut(at>>2, size)
		} else if g < size {
			rest |= 1 << l
			continue
		}
		s := &of[at]
		if s.write >= before && s.write&who != thread || s.read >= before && s.read&who != thread {
			rest |= 1 << l
			continue
		}
		s.write = now | thread
		switch size {
		case 1:
			memory[at] = byte(from[l])
		case 2:
			binary.LittleEndian.PutUint16(memory[at:], uint16(from[l]))
		default:
			binary.LittleEndian.PutUint32(memory[at:], uint32(from[l]))
		}
	}
	return rest
}
