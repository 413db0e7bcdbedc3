package ptx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// sharedWindow is where shared memory lies among generic addresses.
const sharedWindow = 1 << 62

// mark tells who touched a byte of memory last: the lowest bits are a thread,
// several threads of a warp, or several; one bit says that it was an atomic; the
// rest is the tick at which it was. A write of 0 is none.
type mark struct{ write, read uint32 }

// marks are those of shared memory, one a byte. A word is watched as a whole
// until something narrower touches it; then by halves, then by bytes. The mark
// that counts is that of the first byte of what is watched together.
type marks struct {
	of    []mark
	grain []uint8 // by word: 4, 2 or 1 byte
}

func (m marks) copy(from marks) {
	copy(m.of, from.of)
	copy(m.grain, from.grain)
}

// cut makes the grain of a word no larger than size.
func (m marks) cut(word, size uint64) {
	of := m.of[4*word:][:4]
	switch was := &m.grain[word]; {
	case *was == 4:
		of[1], of[2], of[3] = of[0], of[0], of[0]
		*was = uint8(size)
	case *was == 2 && size == 1:
		of[1], of[3] = of[0], of[2]
		*was = 1
	}
}

const (
	byAtomic  = 1 << 11
	tickShift = 12
	who       = 1<<11 - 1
	ofWarp    = 1 << 10 // several threads of the warp of that number
	several   = who
	lastTick  = 1<<20 - 2
	nowhere   = 1<<32 - 1           // no variable lies here
	inFlight  = nowhere &^ byAtomic // cp.async writes here, nobody knows when
)

// sharedMemory is the memory of a block and its marks before it begins.
func (p *Program) sharedMemory(dynamic int) ([]byte, marks) {
	size := p.sharedBytes
	for _, v := range p.shared {
		if v.extern {
			size = max(size, v.offset+dynamic)
		}
	}
	size = roundUp(size+64, 16)
	m := newMarks(size)
	for i := range m.of {
		m.of[i].write = nowhere
	}
	for _, v := range p.shared {
		n := v.Size
		if v.extern {
			n = dynamic
		}
		for i := v.offset; i < v.offset+n; i++ {
			m.of[i].write = 0
		}
		// Words that are not wholly of the variable are watched by bytes.
		if end := v.offset + n; n > 0 {
			if v.offset%4 != 0 {
				m.grain[v.offset/4] = 1
			}
			if end%4 != 0 {
				m.grain[end/4] = 1
			}
		}
	}
	return make([]byte, size), m
}

func newMarks(size int) marks {
	return marks{make([]mark, size), bytes.Repeat([]uint8{4}, size/4)}
}

// advance begins a new tick.
func (b *block) advance() {
	if b.tick++; b.tick < lastTick {
		return
	}
	// The count is used up, which takes a million barriers: all that was lies
	// before this one.
	for i := range b.marks.of {
		if m := &b.marks.of[i]; m.write < inFlight {
			m.read = 0
			if m.write != 0 {
				m.write = 1<<tickShift | m.write&(1<<tickShift-1)
			}
		}
	}
	b.tick, b.barrier = 2, 2
	for _, w := range b.warps {
		w.synced, w.partSynced = 0, 0
	}
}

// before says whether a mark of other threads than thread lies before a barrier
// of the warp that both were at.
func (w *warp) before(m uint32, thread uint32) bool {
	tick, by := m>>tickShift, m&who
	if by == several {
		return false
	}
	if by&ofWarp != 0 {
		return by&^ofWarp == uint32(w.first/32) && tick < w.synced
	}
	if int(by)/32 != w.first/32 {
		return false
	}
	both := uint32(1)<<(by&31) | uint32(1)<<(thread&31)
	return tick < w.synced || tick < w.partSynced && w.partLanes&both == both
}

// mixed is who two threads are together.
func mixed(a, b uint32) uint32 {
	warp := func(t uint32) uint32 {
		if t&ofWarp != 0 {
			return t &^ ofWarp
		}
		return t / 32
	}
	if a == several || b == several || warp(a) != warp(b) {
		return several
	}
	return ofWarp | warp(a)
}

func byWhom(m uint32) string {
	switch by := m & who; {
	case by == several:
		return "several threads"
	case by&ofWarp != 0:
		return fmt.Sprintf("several threads of warp %d", by&^ofWarp)
	default:
		return fmt.Sprintf("thread %d", by)
	}
}

// race stops at a race with the thread of a mark.
func (w *warp) race(in *inst, lane int, address uint64, place string, m uint32, verb string) {
	w.fault(Race, in, lane, address, "%s was %s by %s, with no barrier between", place, verb, byWhom(m))
}

// touch checks an access of one lane to a mark of its own block and notes it.
// since is the tick of the last barrier that orders all threads.
func (w *warp) touch(s *mark, in *inst, lane int, address uint64, place func() string) {
	r := w.block
	thread := uint32(w.first + lane)
	key := r.tick<<tickShift | thread
	recent := func(m uint32) bool {
		return m>>tickShift >= r.barrier && m&who != thread && !w.before(m, thread) && !w.knows(lane, r.number, m)
	}
	strong := in.memory.strong
	if in.step != doStore { // a load or an atomic
		if recent(s.write) && !(strong && s.write&byAtomic != 0) {
			w.race(in, lane, address, place(), s.write, "written")
		}
		if in.step == doLoad && !strong {
			switch {
			case s.read>>tickShift < r.barrier || s.read&who == thread:
				s.read = key
			default:
				s.read = r.tick<<tickShift | mixed(s.read&who, thread)
			}
			return
		}
		if in.step == doLoad {
			return
		}
	} else if recent(s.write) && !(strong && s.write&byAtomic != 0) {
		w.race(in, lane, address, place(), s.write, "written")
	}
	if recent(s.read) {
		w.race(in, lane, address, place(), s.read, "read")
	}
	switch {
	case !strong:
		s.write = key
	case s.write>>tickShift < r.barrier || s.write&who == thread && s.write&byAtomic != 0:
		s.write = key | byAtomic
	case s.write&byAtomic == 0: // a plain write of this thread, or one that is ordered
		s.write = key
	default:
		s.write = r.tick<<tickShift | byAtomic | mixed(s.write&who, thread)
	}
}

// sharedAccess checks an access of all lanes of mask to shared memory and
// leaves where each goes in run.offsets.
func (w *warp) sharedAccess(in *inst, mask uint32, window uint64) {
	r, m := w.block, in.memory
	address := &w.regs[in.a]
	size, limit := m.bytes(), uint64(len(r.shared))
	now, barrier := r.tick<<tickShift, r.barrier
	plain, write := in.step == doLoad && !m.strong, in.step == doStore && !m.strong
	if plain && mask == all && w.broadcast(in, window) {
		return
	}
	away, first := m.offset-window, uint32(w.first)
	of, grain := r.marks.of, r.marks.grain
	for k := mask; k != 0; k &= k - 1 {
		l := bits.TrailingZeros32(k)
		at := address[l] + away
		if at >= limit || at+size > limit {
			w.fault(OutOfBounds, in, l, at, "%d bytes at shared address %#x, behind the %d bytes of the block", size, at, limit)
		}
		if at&(size-1) != 0 {
			w.fault(Misaligned, in, l, at, "%d bytes at shared address %#x", size, at)
		}
		w.run.offsets[l] = uint32(at)
		thread := first + uint32(l)
		for end := at + size; at < end; {
			s := &of[at]
			here := at
			step := uint64(grain[at>>2])
			if step > size {
				r.marks.cut(at>>2, size)
				step = size
			}
			at += step
			// Most marks are of the thread itself or lie before the barrier.
			read := s.read & who
			own := s.write>>tickShift < barrier || s.write&who == thread
			alone := s.read>>tickShift < barrier || read == thread
			switch {
			case !own || s.write == 0 && !write:
				w.touchShared(s, in, l, here)
			case alone && plain:
				s.read = now | thread
			case alone && write:
				s.write = now | thread
			case plain:
				s.read = now | mixed(read, thread)
			default:
				w.touchShared(s, in, l, here)
			}
		}
	}
	if m.strong && w.run.program.ordered {
		w.synchroniseShared(in, mask)
	}
}

// synchroniseShared is synchronise for strong accesses to shared memory.
func (w *warp) synchroniseShared(in *inst, mask uint32) {
	for k := mask; k != 0; k &= k - 1 {
		l := bits.TrailingZeros32(k)
		w.synchronise(in, l, sharedWindow|uint64(w.block.number)<<20|uint64(w.run.offsets[l]))
	}
}

// broadcast does what sharedAccess does where all lanes read one place, which
// it says.
func (w *warp) broadcast(in *inst, window uint64) bool {
	r, m := w.block, in.memory
	address := &w.regs[in.a]
	if address[0] != address[31] || address[0] != address[1] {
		return false
	}
	differ := uint64(0)
	for _, a := range address {
		differ |= a ^ address[0]
	}
	at, size := address[0]+m.offset-window, m.bytes()
	if differ != 0 || at+size > uint64(len(r.shared)) || at > at+size || at&(size-1) != 0 {
		return false
	}
	for a := at; a < at+size; a++ {
		if size < 4 || r.marks.grain[a>>2] < 4 {
			return false
		}
		if s := &r.marks.of[a&^3]; s.write == 0 || s.write == nowhere || s.write>>tickShift >= r.barrier {
			return false
		}
	}
	now, warp := r.tick<<tickShift, uint32(w.first/32)|ofWarp
	for a := at; a < at+size; a += 4 {
		s := &r.marks.of[a]
		if s.read>>tickShift < r.barrier || s.read&who == warp {
			s.read = now | warp
		} else {
			s.read = now | mixed(s.read&who, warp)
		}
	}
	for l := range w.run.offsets {
		w.run.offsets[l] = uint32(at)
	}
	return true
}

func (w *warp) touchShared(s *mark, in *inst, lane int, at uint64) {
	if s.write == nowhere {
		w.fault(OutOfBounds, in, lane, at, "shared address %#x, which lies in no variable", at)
	}
	if s.write == inFlight {
		w.fault(Race, in, lane, at, "shared address %#x (%s), which cp.async still copies to: %s", at, w.run.program.variableAt(at), w.block.copier(at))
	}
	if s.write == 0 && in.step != doStore {
		w.fault(Uninitialised, in, lane, at, "reads shared address %#x (%s) before anything is written to it", at, w.run.program.variableAt(at))
	}
	w.touch(s, in, lane, at, func() string {
		return fmt.Sprintf("shared address %#x (%s)", at, w.run.program.variableAt(at))
	})
}

// variableAt names the variable and the byte of it.
func (p *Program) variableAt(at uint64) string {
	for i := len(p.shared) - 1; i >= 0; i-- {
		if v := p.shared[i]; uint64(v.offset) <= at {
			return fmt.Sprintf("%s+%d", plain(v.Name), at-uint64(v.offset))
		}
	}
	return "?"
}

// plain is the name of a variable of a C++ function: what comes last in _ZZ6kernelE4tile
// behind its length. Other names are left.
func plain(name string) string {
	if !strings.HasPrefix(name, "_ZZ") {
		return name
	}
	for i := len(name) - 1; i > 0; i-- {
		if strings.HasSuffix(name[:i], "E"+strconv.Itoa(len(name)-i)) {
			return name[i:]
		}
	}
	return name
}

func readBytes(b []byte, size int) uint64 {
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func writeBytes(b []byte, size int, v uint64) {
	switch size {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v))
	default:
		binary.LittleEndian.PutUint64(b, v)
	}
}
