package trial

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"surprisal/cuda"
	"surprisal/gpu/internal/device"
)

// Map is entropy maps of frames of 8 bits in windows of 9×9 pixels, cut at the
// edges, with 256 bins.
type Map struct {
	Pixels                []uint8 // [Frames][Height][Width]
	Frames, Height, Width int
	Places                int // binary places of the table, at most 22; 0: 22
}

const side = 9

// Of is the maps, in bits, by a kernel of the family entropy_map.
func (m Map) Of(ctx context.Context, t *device.Thread) ([]float32, error) {
	if len(m.Pixels) != m.Frames*m.Height*m.Width {
		return nil, fmt.Errorf("trial: %d pixels for %d frames of %d×%d", len(m.Pixels), m.Frames, m.Width, m.Height)
	}
	k, err := t.Kernel("entropy_map_u8_256_9x9")
	if err != nil {
		return nil, err
	}
	a, err := t.Arena(k.Name)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	words, whole, unit := m.table()
	words = append(words, whole...)
	for _, f := range unit {
		words = append(words, math.Float32bits(f))
	}
	lookup, err := device.Upload(t, a, append(words, make([]uint32, 256)...))
	if err != nil {
		return nil, err
	}
	image, err := device.Upload(t, a, m.Pixels)
	if err != nil {
		return nil, err
	}
	out, err := device.Alloc[float32](t, a, len(m.Pixels))
	if err != nil {
		return nil, err
	}
	// zero: Occupied Shift Form Scale Flag
	p := cuda.EntropyMap{Image: image.Address(), Map: out.Address(), Table: lookup.Address(), PlaneW: int32(m.Width), PlaneH: int32(m.Height),
		OutW: int32(m.Width), OutH: int32(m.Height), Ox: -side / 2, Oy: -side / 2, W: side, H: side, Mask: math.MaxUint32}
	if err := t.Launch(a.Stream, k, device.Dim{X: (m.Width + 127) / 128, Y: (m.Height + 15) / 16, Z: m.Frames}, p.Params()); err != nil {
		return nil, err
	}
	bits := make([]float32, out.Len())
	return bits, device.Download(ctx, t, a.Stream, bits, out)
}

// table is what the kernel looks counts up in: the steps of n log2 n, n log2 n
// itself, and what makes bits of them.
func (m Map) table() (up, whole []uint32, unit []float32) {
	scale := math.Ldexp(1, cmp.Or(m.Places, 22)) // 81 log2 81 is 514: sums keep below 2^32
	fixed := func(n int) uint32 {
		if n < 2 || n > side*side {
			return 0
		}
		return uint32(math.Round(float64(n) * math.Log2(float64(n)) * scale))
	}
	unit = make([]float32, 256)
	for n := range 256 {
		whole = append(whole, fixed(n))
		up = append(up, fixed(n+1)-fixed(n))
		if n > 0 {
			unit[n] = float32(1 / (float64(n) * scale))
		}
	}
	return up, whole, unit
}

// at is the value of a pixel, by counting its window anew on the CPU with the
// table of the kernel, so that it is the same to the last bit.
func (m Map) at(whole []uint32, unit []float32, frame, x, y int) float32 {
	var hist [256]int
	n := 0
	for py := max(0, y-side/2); py <= min(m.Height-1, y+side/2); py++ {
		for px := max(0, x-side/2); px <= min(m.Width-1, x+side/2); px++ {
			hist[m.Pixels[(frame*m.Height+py)*m.Width+px]]++
			n++
		}
	}
	sum := uint32(0)
	for _, c := range hist {
		sum += whole[c]
	}
	return float32(whole[n]-sum) * unit[n]
}

// Differs is the first of every step-th value that is not what the CPU counts,
// −1 if there is none.
func (m Map) Differs(bits []float32, step int) int {
	_, whole, unit := m.table()
	for i := 0; i < len(bits); i += step {
		frame, rest := i/(m.Width*m.Height), i%(m.Width*m.Height)
		if bits[i] != m.at(whole, unit, frame, rest%m.Width, rest/m.Width) {
			return i
		}
	}
	return -1
}
