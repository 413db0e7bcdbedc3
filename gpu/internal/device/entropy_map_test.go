package device_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/imaging"
	"surprisal/gpu/internal/device"
)

// mapper is a kernel of the family entropy_map.
type mapper struct {
	wide  bool // uint16
	bins  int
	fixed bool // for windows of 9×9
}

func (m mapper) String() string {
	name := fmt.Sprintf("entropy_map_%s_%d", map[bool]string{true: "u16", false: "u8"}[m.wide], m.bins)
	if m.fixed {
		name += "_9x9"
	}
	return name
}

func mappers() (all []mapper) {
	for _, wide := range []bool{false, true} {
		for _, bins := range []int{16, 64, 256} {
			all = append(all, mapper{wide, bins, false}, mapper{wide, bins, true})
		}
	}
	return all
}

// view is a case: frames of an image, a window, and whether it keeps inside.
type view struct {
	pixels         []uint16
	frames, planeW int
	planeH, w, h   int
	shift          int
	valid, correct bool
	form           int // of the map: float32, float16, bytes
}

// codes are those of a bit, in a map of bytes.
const codes = 36.1

func (m mapper) view(r *rand.Rand, planeW, planeH int) view {
	v := view{frames: 1 + r.IntN(2), planeW: planeW, planeH: planeH, w: 9, h: 9, correct: r.IntN(2) == 0, form: r.IntN(3)}
	if !m.fixed {
		v.w, v.h = 1+r.IntN(15), 1+r.IntN(15)
	}
	v.valid = planeW >= v.w && planeH >= v.h && r.IntN(2) == 0
	depth := 8
	if m.wide {
		depth = 9 + r.IntN(8)
	}
	for m.bins<<v.shift < 1<<depth {
		v.shift++
	}
	coarse := r.IntN(depth)
	v.pixels = make([]uint16, v.frames*planeW*planeH)
	for i := range v.pixels {
		v.pixels[i] = uint16(r.IntN(1<<depth) >> coarse << r.IntN(coarse+1))
	}
	return v
}

// table is what the kernel looks counts up in: see its source.
type table struct {
	up, whole  [256]uint32
	unit, bias [256]float32
	mask       uint32
}

func (v view) table() *table {
	t, scale := &table{mask: math.MaxUint32}, float64(1<<14)
	nLogN := func(n int) float64 {
		if n == 0 {
			return 0
		}
		return float64(n) * math.Log2(float64(n))
	}
	if v.correct {
		t.mask = 1<<24 - 1
		for nLogN(v.w*v.h)*scale >= 1<<24 {
			scale /= 2
		}
	}
	for n := range 256 {
		t.whole[n] = uint32(math.Round(nLogN(n) * scale))
		t.up[n] = uint32(math.Round(nLogN(n+1)*scale)) - t.whole[n]
		if n > 0 {
			t.unit[n] = float32(1 / (float64(n) * scale))
		}
		if n > 0 && v.correct {
			t.bias[n] = float32(1 / (2 * math.Ln2 * float64(n)))
		}
	}
	if v.correct {
		t.up[0] += 1 << 24
	}
	return t
}

// layout is the size of the map and where the first window starts.
func (v view) layout() (outW, outH, ox, oy int) {
	if v.valid {
		return v.planeW - v.w + 1, v.planeH - v.h + 1, 0, 0
	}
	return v.planeW, v.planeH, -(v.w / 2), -(v.h / 2)
}

// run is the map by the kernel.
func (m mapper) run(ctx context.Context, t *device.Thread, v view) ([]float32, error) {
	k, err := t.Kernel(m.String())
	if err != nil {
		return nil, err
	}
	a, err := t.Arena(m.String())
	if err != nil {
		return nil, err
	}
	defer a.Close()
	tab := v.table()
	words := slices.Concat(tab.up[:], tab.whole[:])
	for _, f := range slices.Concat(tab.unit[:], tab.bias[:]) {
		words = append(words, math.Float32bits(f))
	}
	lookup, err := device.Upload(t, a, words)
	if err != nil {
		return nil, err
	}
	outW, outH, ox, oy := v.layout()
	n := v.frames * outW * outH
	out, err := device.Alloc[uint8](t, a, n*[]int{4, 2, 1}[v.form])
	if err != nil {
		return nil, err
	}
	p := cuda.EntropyMap{Table: lookup.Address(), Map: out.Address(), Form: int32(v.form), Scale: codes, PlaneW: int32(v.planeW), PlaneH: int32(v.planeH), OutW: int32(outW), OutH: int32(outH),
		Ox: int32(ox), Oy: int32(oy), W: int32(v.w), H: int32(v.h), Shift: int32(v.shift), Mask: tab.mask}
	if p.Image, err = m.upload(t, a, v.pixels); err != nil {
		return nil, err
	}
	if err := t.Launch(a.Stream, k, device.Dim{X: (outW + 127) / 128, Y: (outH + 15) / 16, Z: v.frames}, p.Params()); err != nil {
		return nil, err
	}
	raw := make([]uint8, out.Len())
	if err := device.Download(ctx, t, a.Stream, raw, out); err != nil {
		return nil, err
	}
	bits := make([]float32, n)
	for i := range bits {
		switch v.form {
		case 0:
			bits[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		case 1:
			half := binary.LittleEndian.Uint16(raw[2*i:])
			bits[i] = float32(math.Ldexp(float64(half&1023+min(half>>10, 1)<<10), max(int(half>>10), 1)-25))
		default:
			bits[i] = float32(raw[i])
		}
	}
	return bits, nil
}

// formed is what is left of a value in the form of the map.
func (v view) formed(bits float32) float32 {
	switch v.form {
	case 1: // eleven bits, ties to even; below 2^-14 with steps of 2^-24
		_, e := math.Frexp(float64(bits))
		unit := math.Ldexp(1, max(e-11, -24))
		return float32(math.RoundToEven(float64(bits)/unit) * unit)
	case 2:
		return float32(min(255, int(float32(float32(bits*codes)+0.5))))
	}
	return bits
}

func (m mapper) upload(t *device.Thread, a *device.Arena, pixels []uint16) (uint64, error) {
	if m.wide {
		b, err := device.Upload(t, a, pixels)
		return b.Address(), err
	}
	b, err := device.Upload(t, a, narrow(pixels))
	return b.Address(), err
}

func narrow(pixels []uint16) []uint8 {
	out := make([]uint8, len(pixels))
	for i, p := range pixels {
		out[i] = uint8(p)
	}
	return out
}

// at is a value of the map, by counting its window anew with the kernel's table.
func (m mapper) at(v view, t *table, frame, x, y int) float32 {
	_, _, ox, oy := v.layout()
	var hist [256]int
	n := 0
	for py := max(0, y+oy); py < min(v.planeH, y+oy+v.h); py++ {
		for px := max(0, x+ox); px < min(v.planeW, x+ox+v.w); px++ {
			hist[int(v.pixels[(frame*v.planeH+py)*v.planeW+px])>>v.shift]++
			n++
		}
	}
	sum, occupied := uint32(0), 0
	for _, c := range hist {
		sum += t.whole[c]
		if c > 0 {
			occupied++
		}
	}
	if !v.correct {
		occupied = 0
	}
	h := float32(float32(t.whole[n]-sum) * t.unit[n])
	return v.formed(h + float32(float32(occupied-1)*t.bias[n]))
}

// agree runs a case on the device and counts on the CPU: every value of a small
// map, one in so many of a large one. A map of imaging, whose table is finer,
// lies within the error of this one: half a unit of the table for each of up to n+1
// entries over n pixels, which is a unit at most, and what float32 adds.
func (m mapper) agree(ctx context.Context, t *device.Thread, r *rand.Rand, planeW, planeH int) error {
	v := m.view(r, planeW, planeH)
	got, err := m.run(ctx, t, v)
	if err != nil {
		return err
	}
	tab := v.table()
	outW, outH, _, _ := v.layout()
	for i := 0; i < len(got); i += 1 + len(got)/20000 {
		if want := m.at(v, tab, i/(outW*outH), i%outW, i/outW%outH); got[i] != want {
			return fmt.Errorf("%d×%d windows over %d×%d: value %d is %v, want %v", v.w, v.h, planeW, planeH, i, got[i], want)
		}
	}
	border := imaging.Crop
	if v.valid {
		border = imaging.Valid
	}
	g := image.NewGray16(image.Rect(0, 0, planeW, planeH))
	for i, p := range v.pixels[:planeW*planeH] {
		g.Pix[2*i], g.Pix[2*i+1] = uint8(p>>8), uint8(p)
	}
	fine, err := imaging.EntropyMap{Window: imaging.Rect(v.h, v.w), Border: border, Bins: m.bins, Shift: v.shift, MillerMadow: v.correct}.Of(ctx, g)
	if err != nil {
		return err
	}
	entry := 2 * float64(tab.unit[2]) // the unit of the table
	for i, want := range fine.Bits {
		have, room := float64(got[i]), entry+2e-6
		switch v.form {
		case 1:
			room += want / 2048
		case 2:
			have, room = have/codes, room+0.5/codes
			want = min(want, 255/codes)
		}
		if d := math.Abs(have - want); !(d <= room) {
			return fmt.Errorf("%d×%d windows: value %d is %v bits from imaging", v.w, v.h, i, d)
		}
	}
	return nil
}
