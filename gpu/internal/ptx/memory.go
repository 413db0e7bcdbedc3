package ptx

import (
	"encoding/binary"
	"math/bits"
)

// reach checks an access and returns the memory that it goes to; where in it is
// left in run.offsets.
func (w *warp) reach(in *inst, mask uint32, s space) []byte {
	if s == shared {
		window := uint64(0)
		if in.memory.space == anywhere {
			window = sharedWindow
		}
		w.sharedAccess(in, mask, window)
		return w.block.shared
	}
	return w.globalAccess(in, mask)
}

// parts calls f with lanes that go to the same memory: shared memory or one buffer.
func (w *warp) parts(in *inst, mask uint32, f func(mask uint32, s space)) {
	m := in.memory
	if m.space == shared {
		f(mask, shared)
		return
	}
	if m.space == global {
		// Nearly always all lanes go to one buffer.
		first := w.regs[in.a][bits.TrailingZeros32(mask|1<<31)] + m.offset
		other := uint64(0)
		for k := mask; k != 0; k &= k - 1 {
			other |= (w.regs[in.a][bits.TrailingZeros32(k)] + m.offset) ^ first
		}
		if mask != 0 && other>>bufferBits == 0 {
			f(mask, global)
			return
		}
	}
	address := &w.regs[in.a]
	for mask != 0 {
		first := address[bits.TrailingZeros32(mask)] + m.offset
		same := uint32(0)
		for k := mask; k != 0; k &= k - 1 {
			l := bits.TrailingZeros32(k)
			if (address[l]+m.offset)>>bufferBits == first>>bufferBits {
				same |= 1 << l
			}
		}
		s := global
		if m.space == anywhere && first>>bufferBits == sharedWindow>>bufferBits {
			s = shared
		}
		f(same, s)
		mask &^= same
	}
}

func (w *warp) load(in *inst, mask uint32) {
	if in.memory.space == shared {
		if mask = w.loadUsual(in, mask); mask != 0 {
			w.sharedAccess(in, mask, 0)
			w.fetch(in, mask, w.block.shared)
		}
		return
	}
	w.parts(in, mask, func(mask uint32, s space) {
		w.fetch(in, mask, w.reach(in, mask, s))
	})
}

func (w *warp) fetch(in *inst, mask uint32, memory []byte) {
	m, offsets := in.memory, &w.run.offsets
	for q := range m.count {
		d := &w.regs[m.regs[q]]
		step := uint32(q * m.size)
		switch {
		case m.grow[q] != 0:
			for k := mask; k != 0; k &= k - 1 {
				l := bits.TrailingZeros32(k)
				v := readBytes(memory[offsets[l]+step:], m.size)
				d[l] = uint64(int64(v<<m.grow[q])>>m.grow[q]) & m.keep[q]
			}
		case m.size == 4:
			for l := range d {
				if mask>>l&1 == 0 {
					continue
				}
				d[l] = uint64(binary.LittleEndian.Uint32(memory[offsets[l]+step:]))
			}
		case m.size == 2:
			for l := range d {
				if mask>>l&1 == 0 {
					continue
				}
				d[l] = uint64(binary.LittleEndian.Uint16(memory[offsets[l]+step:]))
			}
		case m.size == 1:
			for l := range d {
				if mask>>l&1 == 0 {
					continue
				}
				d[l] = uint64(memory[offsets[l]+step])
			}
		default:
			for l := range d {
				if mask>>l&1 == 0 {
					continue
				}
				d[l] = readBytes(memory[offsets[l]+step:], m.size)
			}
		}
	}
}

func (w *warp) store(in *inst, mask uint32) {
	if in.memory.space == shared {
		if mask = w.storeUsual(in, mask); mask != 0 {
			w.sharedAccess(in, mask, 0)
			w.put(in, mask, w.block.shared)
		}
		return
	}
	w.parts(in, mask, func(mask uint32, s space) {
		w.put(in, mask, w.reach(in, mask, s))
	})
}

func (w *warp) put(in *inst, mask uint32, memory []byte) {
	m, offsets := in.memory, &w.run.offsets
	for q := range m.count {
		v := &w.regs[m.regs[q]]
		step := uint32(q * m.size)
		for l := range v {
			if mask>>l&1 == 0 {
				continue
			}
			if b := memory[offsets[l]+step:]; m.size == 1 {
				b[0] = byte(v[l])
			} else {
				writeBytes(b, m.size, v[l])
			}
		}
	}
}

// atomic runs the lanes in their order, which is one of those that a device may
// take.
func (w *warp) atomic(in *inst, mask uint32) {
	w.parts(in, mask, func(mask uint32, s space) {
		memory, m := w.reach(in, mask, s), in.memory
		for k := mask; k != 0; k &= k - 1 {
			l := bits.TrailingZeros32(k)
			b := memory[w.run.offsets[l]:]
			old := readBytes(b, m.size)
			writeBytes(b, m.size, m.swap(old, w.regs[in.b][l], w.regs[in.c][l]))
			if m.result {
				w.regs[in.d][l] = old
			}
		}
	})
}
