package imaging

// Four windows that start on successive rows slide together. They share most
// of their rows, so one word of a shared histogram holds the counts of one bin
// in all four, a byte each, and one load and one store serve four counts.
// Counts stay below 256 because these windows have at most 255 pixels.

// lanes are the sums Σ f of the four windows, with the number of occupied bins
// in the top 8 bits: see laneTable.
type lanes struct{ a, b, c, d uint64 }

const (
	laneArea = 255 // pixels of the largest window: counts and occupied bins fit a byte
	occShift = 56  // f sums of 255 pixels stay below 2^55
	sumMask  = 1<<occShift - 1
)

type (
	laneHist  [256]uint32
	laneTable [256]uint64
)

// newLaneTable is table.up with a 1 at occShift where a bin becomes occupied.
func newLaneTable(t *table) *laneTable {
	var up laneTable
	copy(up[:], t.up)
	up[0] += 1 << occShift
	return &up
}

// The methods below add a pixel of bin v to some of the windows, or take it
// away. They are small so that the compiler inlines them; twenty-four make up
// one step of a 9×9 window.

func (s lanes) add(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v]
	h[v] = n + 0x01010101
	return lanes{s.a + up[uint8(n)], s.b + up[uint8(n>>8)], s.c + up[uint8(n>>16)], s.d + up[n>>24]}
}

func (s lanes) sub(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v] - 0x01010101
	h[v] = n
	return lanes{s.a - up[uint8(n)], s.b - up[uint8(n>>8)], s.c - up[uint8(n>>16)], s.d - up[n>>24]}
}

func (s lanes) addA(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v]
	h[v] = n + 0x00000001
	s.a += up[uint8(n)]
	return s
}

func (s lanes) subA(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v] - 0x00000001
	h[v] = n
	s.a -= up[uint8(n)]
	return s
}

func (s lanes) addAB(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v]
	h[v] = n + 0x00000101
	s.a += up[uint8(n)]
	s.b += up[uint8(n>>8)]
	return s
}

func (s lanes) subAB(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v] - 0x00000101
	h[v] = n
	s.a -= up[uint8(n)]
	s.b -= up[uint8(n>>8)]
	return s
}

func (s lanes) addABC(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v]
	h[v] = n + 0x00010101
	s.a += up[uint8(n)]
	s.b += up[uint8(n>>8)]
	s.c += up[uint8(n>>16)]
	return s
}

func (s lanes) subABC(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v] - 0x00010101
	h[v] = n
	s.a -= up[uint8(n)]
	s.b -= up[uint8(n>>8)]
	s.c -= up[uint8(n>>16)]
	return s
}

func (s lanes) addBCD(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v]
	h[v] = n + 0x01010100
	s.b += up[uint8(n>>8)]
	s.c += up[uint8(n>>16)]
	s.d += up[n>>24]
	return s
}

func (s lanes) subBCD(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v] - 0x01010100
	h[v] = n
	s.b -= up[uint8(n>>8)]
	s.c -= up[uint8(n>>16)]
	s.d -= up[n>>24]
	return s
}

func (s lanes) addCD(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v]
	h[v] = n + 0x01010000
	s.c += up[uint8(n>>16)]
	s.d += up[n>>24]
	return s
}

func (s lanes) subCD(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v] - 0x01010000
	h[v] = n
	s.c -= up[uint8(n>>16)]
	s.d -= up[n>>24]
	return s
}

func (s lanes) addD(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v]
	h[v] = n + 0x01000000
	s.d += up[n>>24]
	return s
}

func (s lanes) subD(h *laneHist, up *laneTable, v uint8) lanes {
	n := h[v] - 0x01000000
	h[v] = n
	s.d -= up[n>>24]
	return s
}
