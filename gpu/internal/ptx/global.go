package ptx

import (
	"fmt"
	"math/bits"
)

// An address of global memory has the number of its buffer in its upper bits.
// Buffers begin 256 bytes into their range, which is what cuMemAlloc promises
// of their alignment and no more.
const (
	bufferBits  = 36
	bufferStart = 256
)

type buffer struct {
	name    string
	base    uint64
	bytes   []byte
	known   []uint64 // a bit a byte: something was written to it
	unknown int      // bytes without

	launch uint32 // that the marks are of
	grain  uint
	marks  []globalMark
}

// globalMark tells who touched a grain in the present launch: threads of one
// block, in the words of mark, or of several.
type globalMark struct {
	mark
	writer, reader uint32 // number of the block; 0: none
	plain          bool   // not all writes were atomic
}

const severalBlocks = 1<<32 - 1

// Alloc makes a buffer of n bytes, which nothing is written to, and returns its
// address. The name is for faults.
func (m *Machine) Alloc(name string, n int) uint64 {
	if n < 0 || n >= 1<<32 {
		panic(fmt.Sprintf("ptx: internal error: a buffer of %d bytes", n))
	}
	if m.buffers == nil {
		m.buffers = map[uint64]*buffer{}
	}
	m.next++
	b := &buffer{name: name, base: m.next<<bufferBits + bufferStart, bytes: make([]byte, n), known: make([]uint64, (n+63)/64), unknown: n}
	m.buffers[m.next] = b
	return b.base
}

// Free gives a buffer back. Later accesses are out of bounds.
func (m *Machine) Free(address uint64) error {
	b, err := m.find(address, 0)
	if err != nil {
		return err
	}
	delete(m.buffers, b.base>>bufferBits)
	return nil
}

func (m *Machine) find(address uint64, n int) (*buffer, error) {
	b := m.buffers[address>>bufferBits]
	if b == nil || address < b.base || address-b.base > uint64(len(b.bytes)) || uint64(n) > uint64(len(b.bytes))-(address-b.base) {
		return nil, fmt.Errorf("ptx: %d bytes at %#x are not in a buffer", n, address)
	}
	return b, nil
}

// Write copies data to global memory.
func (m *Machine) Write(address uint64, data []byte) error {
	b, err := m.find(address, len(data))
	if err != nil {
		return err
	}
	at := int(address - b.base)
	copy(b.bytes[at:], data)
	for i := at; i < at+len(data); i++ {
		b.learn(uint64(i), 1)
	}
	return nil
}

// Read copies global memory. Bytes that nothing was written to are an error.
func (m *Machine) Read(address uint64, data []byte) error {
	b, err := m.find(address, len(data))
	if err != nil {
		return err
	}
	at := int(address - b.base)
	if b.unknown > 0 {
		for i := at; i < at+len(data); i++ {
			if b.known[i/64]>>(i%64)&1 == 0 {
				return fmt.Errorf("ptx: byte %d of buffer %s: nothing was written to it", i, b.name)
			}
		}
	}
	copy(data, b.bytes[at:])
	return nil
}

// learn notes that n bytes, which lie within one word of bits, are written.
func (b *buffer) learn(at, n uint64) {
	word := &b.known[at/64]
	fresh := (uint64(1)<<n - 1) << (at % 64) &^ *word
	*word |= fresh
	b.unknown -= bits.OnesCount64(fresh)
}

// prepare makes the marks those of this launch.
func (b *buffer) prepare(launch uint32, grain uint) {
	b.launch, b.grain = launch, grain
	n := (len(b.bytes) + 1<<grain - 1) >> grain
	if cap(b.marks) >= n {
		b.marks = b.marks[:n]
		clear(b.marks)
		return
	}
	b.marks = make([]globalMark, n)
}

// globalAccess checks an access of lanes that all go to the buffer of the
// first, and leaves where each goes in run.offsets.
func (w *warp) globalAccess(in *inst, mask uint32) []byte {
	r, m := w.run, in.memory
	address, size := &w.regs[in.a], m.bytes()
	lane := bits.TrailingZeros32(mask)
	first := address[lane] + m.offset
	b := r.machine.buffers[first>>bufferBits]
	if b == nil {
		w.fault(OutOfBounds, in, lane, first, "%d bytes at %#x, where no buffer is", size, first)
	}
	if b.launch != r.machine.launches {
		b.prepare(r.machine.launches, r.program.globalGrain)
	}
	end := uint64(len(b.bytes))
	for l := range address {
		if mask>>l&1 == 0 {
			continue
		}
		at := address[l] + m.offset - b.base
		if at >= end || at+size > end {
			w.fault(OutOfBounds, in, l, address[l]+m.offset, "%d bytes at %d of buffer %s, which has %d", size, int64(at), b.name, end)
		}
		if at&(size-1) != 0 {
			w.fault(Misaligned, in, l, address[l]+m.offset, "%d bytes at %d of buffer %s", size, at, b.name)
		}
		r.offsets[l] = uint32(at)
		if b.unknown > 0 {
			if in.step == doStore {
				b.learn(at, size)
			} else if missing := ^b.known[at/64] >> (at % 64) & (1<<size - 1); missing != 0 {
				w.fault(Uninitialised, in, l, address[l]+m.offset, "reads byte %d of buffer %s before anything is written to it", at+uint64(bits.TrailingZeros64(missing)), b.name)
			}
		}
		if r.program.ordered {
			if m.strong {
				w.synchronise(in, l, b.base+at)
			}
			for g := at >> b.grain; g <= (at+size-1)>>b.grain; g++ {
				w.touchOrdered(b, in, l, g)
			}
			continue
		}
		key := w.block.tick<<tickShift | uint32(w.first+l)
		for g := at >> b.grain; g <= (at+size-1)>>b.grain; g++ {
			// Most bytes are only read or only written, once.
			s := &b.marks[g]
			switch {
			case s.writer != 0 || m.strong:
				w.touchGlobal(s, b, in, l, g<<b.grain)
			case s.reader == 0 && in.step == doLoad:
				s.reader, s.read = w.block.number, key
			case s.reader == 0:
				s.writer, s.write, s.plain = w.block.number, key, true
			case s.reader == severalBlocks && in.step == doLoad:
			default:
				w.touchGlobal(s, b, in, l, g<<b.grain)
			}
		}
	}
	return b.bytes
}

func (w *warp) touchGlobal(s *globalMark, b *buffer, in *inst, lane int, at uint64) {
	me, m := w.block.number, in.memory
	strong := m.strong && !m.cta // for other blocks
	place := func() string { return fmt.Sprintf("byte %d of buffer %s", at, b.name) }
	if m.constant && s.writer != 0 {
		w.fault(Race, in, lane, b.base+at, "%s is read as constant and was written in this launch", place())
	}
	other := s.writer != 0 && s.writer != me
	if other && (s.plain || !strong) {
		w.fault(Race, in, lane, b.base+at, "%s was written by another block of the launch", place())
	}
	if in.step != doLoad && s.reader != 0 && s.reader != me {
		w.fault(Race, in, lane, b.base+at, "%s was read by another block of the launch", place())
	}
	switch {
	case other: // atomics of several blocks
		if in.step != doLoad {
			s.writer = severalBlocks
		}
		return
	case in.step == doLoad && s.reader != 0 && s.reader != me:
		s.reader = severalBlocks
		return
	}
	w.touch(&s.mark, in, lane, b.base+at, place)
	switch {
	case in.step != doLoad:
		s.writer = me
		s.plain = s.plain || !strong
	case !m.strong:
		s.reader = me
	}
}
