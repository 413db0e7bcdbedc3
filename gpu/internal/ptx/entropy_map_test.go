package ptx_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"surprisal/cuda"
	"surprisal/gpu/internal/ptx"
)

// view is a case of an entropy map.
type view struct {
	pixels                   []int
	frames, planeW, planeH   int
	outW, outH, ox, oy, w, h int
	bins, shift              int
	correct                  bool
	scale                    float64
	whole, up                [256]uint32
	unit, bias               [256]float32
	mask                     uint32
	form                     int // of the map: float32, float16, bytes
	codes                    float32
	flag                     raised
}

// newView makes an image of a seed; valid keeps windows inside it, otherwise
// they are cut at its edges.
func newView(r *rand.Rand, wide bool, bins, w, h int) view {
	v := view{frames: 1 + r.IntN(2), planeW: 1 + r.IntN(150), planeH: 1 + r.IntN(40), w: w, h: h, bins: bins, scale: 1 << 14}
	if r.IntN(4) == 0 {
		v.planeH = 1
	}
	if r.IntN(4) == 0 {
		v.planeW = 126 + r.IntN(5)
	}
	if r.IntN(3) == 0 { // four pixels of a map are written at once
		v.planeW = 4 * (1 + r.IntN(36))
	}
	v.outW, v.outH, v.ox, v.oy = v.planeW, v.planeH, -(w / 2), -(h / 2)
	if v.planeW >= w && v.planeH >= h && r.IntN(2) == 0 {
		v.outW, v.outH, v.ox, v.oy = v.planeW-w+1, v.planeH-h+1, 0, 0
	}
	v.form, v.codes = r.IntN(3), []float32{40, 36.1, 3}[r.IntN(3)] // of 8 bits 40 a bit are too many for a byte
	depth := 8
	if wide {
		depth = 9 + r.IntN(8)
	}
	for bins<<v.shift < 1<<depth {
		v.shift++
	}
	v.pixels = make([]int, v.frames*v.planeW*v.planeH)
	coarse := r.IntN(depth)
	for i := range v.pixels {
		v.pixels[i] = r.IntN(1<<depth) >> coarse << r.IntN(coarse+1)
	}
	v.mask = math.MaxUint32
	if v.correct = r.IntN(2) == 0; v.correct {
		v.mask = 1<<24 - 1
		for float64(w*h)*log2(w*h)*v.scale >= 1<<24 {
			v.scale /= 2
		}
	}
	for n := range 256 {
		v.whole[n] = uint32(math.Round(float64(n) * log2(n) * v.scale))
		v.up[n] = uint32(math.Round(float64(n+1)*log2(n+1)*v.scale)) - v.whole[n]
		if n > 0 {
			v.unit[n] = float32(1 / (float64(n) * v.scale))
		}
		if n > 0 && v.correct {
			v.bias[n] = float32(1 / (2 * math.Ln2 * float64(n)))
		}
	}
	if v.correct {
		v.up[0] += 1 << 24
	}
	return v
}

// entropies counts each window anew.
func (v view) entropies() (bits []float32, occupied []uint16) {
	for f := range v.frames {
		frame := v.pixels[f*v.planeW*v.planeH:]
		for y := range v.outH {
			for x := range v.outW {
				hist := make([]int, v.bins)
				n := 0
				for py := max(0, y+v.oy); py < min(v.planeH, y+v.oy+v.h); py++ {
					for px := max(0, x+v.ox); px < min(v.planeW, x+v.ox+v.w); px++ {
						hist[frame[py*v.planeW+px]>>v.shift]++
						n++
					}
				}
				sum, m := uint32(0), 0
				for _, c := range hist {
					sum += v.whole[c]
					if c > 0 {
						m++
					}
				}
				if !v.correct {
					m = 0
				}
				h := float32(float32(v.whole[n]-sum) * v.unit[n])
				bits = append(bits, v.formed(h+float32(float32(m-1)*v.bias[n])))
				occupied = append(occupied, uint16(m))
			}
		}
	}
	return bits, occupied
}

// formed is what is left of a value in the form of the map.
func (v view) formed(bits float32) float32 {
	switch v.form {
	case 1: // eleven bits, ties to even; below 2^-14 with steps of 2^-24
		_, e := math.Frexp(float64(bits))
		unit := math.Ldexp(1, max(e-11, -24))
		return float32(math.RoundToEven(float64(bits)/unit) * unit)
	case 2:
		return float32(min(255, int(float32(float32(bits*v.codes)+0.5))))
	}
	return bits
}

func (v view) params(d *device, wide bool) cuda.EntropyMap {
	p := cuda.EntropyMap{
		Table: d.put("table", struct {
			Up, Whole  [256]uint32
			Unit, Bias [256]float32
		}{v.up, v.whole, v.unit, v.bias}),
		PlaneW: int32(v.planeW), PlaneH: int32(v.planeH), OutW: int32(v.outW), OutH: int32(v.outH), Ox: int32(v.ox), Oy: int32(v.oy),
		W: int32(v.w), H: int32(v.h), Shift: int32(v.shift), Mask: v.mask, Form: int32(v.form), Scale: v.codes,
	}
	if wide {
		p.Image = d.put("image", convert[uint16](v.pixels))
	} else {
		p.Image = d.put("image", convert[uint8](v.pixels))
	}
	p.Map = d.Alloc("map", []int{4, 2, 1}[v.form]*v.frames*v.outW*v.outH)
	p.Flag = v.flag.at(d)
	if v.flag > down {
		p.Map, p.Occupied = d.put("map", make([]uint32, v.frames*v.outW*v.outH)), d.put("occupied", make([]uint16, v.frames*v.outW*v.outH))
		return p
	}
	if v.correct {
		p.Occupied = d.Alloc("occupied", 2*v.frames*v.outW*v.outH)
	}
	return p
}

func convert[T uint8 | uint16](in []int) []T {
	out := make([]T, len(in))
	for i, v := range in {
		out[i] = T(v)
	}
	return out
}

func (v view) size() ptx.Launch {
	return ptx.Launch{Grid: ptx.Dim{X: ceil(v.outW, 128), Y: ceil(v.outH, 16), Z: v.frames}, Block: ptx.Dim{X: 32}}
}

func (v view) launch(d *device, p *ptx.Program, wide bool) ([]float32, []uint16, error) {
	params := v.params(d, wide)
	l := v.size()
	l.Params = params.Params()
	if err := d.Launch(context.Background(), p, l); err != nil {
		return nil, nil, err
	}
	n := v.frames * v.outW * v.outH
	bits, err := v.fetch(d, params.Map, n)
	if err != nil || !v.correct {
		return bits, make([]uint16, n), err
	}
	occupied, err := get[uint16](d, params.Occupied, n)
	return bits, occupied, err
}

// fetch reads a map in its form.
func (v view) fetch(d *device, address uint64, n int) (bits []float32, err error) {
	switch v.form {
	case 1:
		halves, err := get[uint16](d, address, n)
		for _, h := range halves {
			e, m := int(h>>10), float64(h&1023)
			if e > 0 {
				m += 1024
			}
			bits = append(bits, float32(math.Ldexp(m, max(e, 1)-25)))
		}
		return bits, err
	case 2:
		codes, err := get[uint8](d, address, n)
		for _, c := range codes {
			bits = append(bits, float32(c))
		}
		return bits, err
	}
	return get[float32](d, address, n)
}

func entropyMapName(typ string, bins int, fixed bool) string {
	name := fmt.Sprintf("entropy_map_%s_%d", typ, bins)
	if fixed {
		name += "_9x9"
	}
	return name
}

func eachEntropyMap(f func(typ string, bins int, fixed bool)) {
	for _, typ := range []string{"u8", "u16"} {
		for _, bins := range []int{16, 64, 256} {
			f(typ, bins, false)
			f(typ, bins, true)
		}
	}
}

func entropyMapKernels() (names []string) {
	eachEntropyMap(func(typ string, bins int, fixed bool) { names = append(names, entropyMapName(typ, bins, fixed)) })
	return names
}

// proveEntropyMap runs cases on all kernels of an image and returns how many.
func proveEntropyMap(t proof, arch string, cases int) (ran int) {
	eachEntropyMap(func(typ string, bins int, fixed bool) {
		name := entropyMapName(typ, bins, fixed)
		p := kernel(t, arch, "entropy_map", name)
		for seed := range cases {
			r := rand.New(rand.NewPCG(uint64(seed), uint64(bins)))
			w, h := 9, 9
			if !fixed {
				w, h = 1+r.IntN(15), 1+(seed*4+r.IntN(4))%15
			}
			v := newView(r, typ == "u16", bins, w, h)
			v.flag = raised(seed % 2)
			bits, occupied, err := v.launch(t.device(), p, typ == "u16")
			if err != nil {
				t.Fatalf("%s seed %d: %v", name, seed, err)
			}
			wantBits, wantOccupied := v.entropies()
			if !slices.Equal(bits, wantBits) || !slices.Equal(occupied, wantOccupied) {
				t.Fatalf("%s %s seed %d: %d×%d windows over %d×%d: the kernel and the CPU differ", arch, name, seed, w, h, v.planeW, v.planeH)
			}
			ran++
			if seed > 0 {
				continue
			}
			for _, v.flag = range []raised{up, told} {
				if bits, _, err = v.launch(t.device(), p, typ == "u16"); err != nil || slices.IndexFunc(bits, func(b float32) bool { return b != 0 }) >= 0 {
					t.Fatalf("%s %s: it goes on under a flag that is up: %v", arch, name, err)
				}
			}
		}
	})
	return ran
}
