package ptx

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestRarerOperations(t *testing.T) {
	const m1 = uint64(0xffffffff)
	f := func(v float32) uint64 { return uint64(math.Float32bits(v)) }
	d := math.Float64bits
	for _, c := range []struct {
		name   string
		in     []uint64
		want   uint64
		reason string
	}{
		{"lop3.b32", []uint64{0xf0, 0xcc, 0xaa, 0x80}, 0x80, "a and b and c"},
		{"lop3.b32", []uint64{0xf0, 0xcc, 0xaa, 0x96}, 0xf0 ^ 0xcc ^ 0xaa, "exclusive or of three"},
		{"sad.u32", []uint64{3, 10, 5}, 12, "|3-10|+5"},
		{"sad.s32", []uint64{m1, 2, 0}, 3, "|-1-2|"},
		{"mad.hi.u32", []uint64{m1, 2, 5}, 6, "2^33-2 >> 32, and 5"},
		{"mad.hi.s32", []uint64{m1, 2, 5}, 4, "-2 >> 32, and 5"},
		{"mad.hi.u64", []uint64{math.MaxUint64, 2, 5}, 6, "the upper word"},
		{"add.sat.s32", []uint64{0x7fffffff, 1}, 0x7fffffff, "stays at the largest"},
		{"sub.sat.s32", []uint64{0x80000000, 1}, 0x80000000, "stays at the least"},
		{"dp4a.u32.u32", []uint64{0x01020304, 0x05060708, 9}, 5 + 12 + 21 + 32 + 9, "four products"},
		{"dp4a.s32.s32", []uint64{0xff, 2, 10}, 8, "-1*2"},
		{"bfe.s32", []uint64{0x80, 4, 4}, 1<<32 - 8, "the field's sign"},
		{"bfe.s32", []uint64{0x80000000, 28, 8}, 1<<32 - 8, "beyond the top its sign goes on"},
		{"bfe.s32", []uint64{0x80000000, 40, 8}, m1, "signs alone"},
		{"bfe.s32", []uint64{m1, 4, 0}, 0, "no bits"},
		{"bfe.s64", []uint64{1 << 63, 60, 4}, math.MaxUint64 - 7, "the field's sign"},
		{"bfi.b64", []uint64{0xff, 0, 40, 8}, 0xff << 40, "8 bits to bit 40"},
		{"bfind.u32", []uint64{0x100}, 8, "the place of the one"},
		{"bfind.u32", []uint64{0}, m1, "there is none"},
		{"bfind.s32", []uint64{1<<32 - 2}, 0, "-2 differs from its sign in bit 0"},
		{"bfind.shiftamt.u32", []uint64{0x100}, 23, "how far it is from the top"},
		{"bfind.u64", []uint64{1 << 40}, 40, "64 bits"},
		{"shf.l.clamp.b32", []uint64{5, 7, 40}, 5, "32 at most"},
		{"shf.r.clamp.b32", []uint64{5, 7, 40}, 7, "32 at most"},
		{"copysign.f32", []uint64{f(-1), f(2)}, f(-2), "the sign of the first"},
		{"copysign.f64", []uint64{d(1), d(-2)}, d(2), "the sign of the first"},
		{"max.NaN.f32", []uint64{0x7fc00001, f(1)}, 0x7fffffff, "NaN wins"},
		{"add.ftz.f32", []uint64{1, f(0)}, 0, "a denormal counts as zero"},
		{"mul.rn.ftz.f32", []uint64{f(0x1p-100), f(-0x1p-40)}, 1 << 31, "and is none as a result"},
		{"fma.rn.ftz.f32", []uint64{f(2), f(3), f(1)}, f(7), "others are as they are"},
		{"cvt.ftz.f64.f32", []uint64{1}, 0, "a denormal"},
		{"cvt.rn.ftz.f32.f64", []uint64{d(0x1p-140)}, 0, "a denormal"},
		{"cvt.rmi.ftz.f32.f32", []uint64{f(-1.5)}, f(-2), "down"},
		{"add.sat.f32", []uint64{f(0.75), f(0.75)}, f(1), "cut to 1"},
		{"fma.rn.sat.f32", []uint64{f(-1), f(1), f(0)}, f(0), "cut to 0"},
		{"mul.sat.f32", []uint64{0x7fc00000, f(1)}, 0, "NaN is 0"},
		{"cvt.sat.f32.f32", []uint64{f(0.75)}, f(0.75), "from 0 to 1"},
		{"cvt.sat.f32.f32", []uint64{f(1.5)}, f(1), "cut to 1"},
		{"cvt.sat.f32.f32", []uint64{f(-2)}, f(0), "cut to 0"},
		{"cvt.sat.f32.f32", []uint64{0x7fc00000}, 0, "NaN is 0"},
		{"ex2.approx.f32", []uint64{f(-3)}, f(0.125), "exact where it can be"},
		{"lg2.approx.ftz.f32", []uint64{f(8)}, f(3), "exact where it can be"},
		{"rsqrt.approx.f32", []uint64{f(4)}, f(0.5), "exact where it can be"},
		{"rcp.approx.ftz.f32", []uint64{1}, f(float32(math.Inf(1))), "1/0"},
		{"div.full.f32", []uint64{f(1), f(3)}, 0x3eaaaaab, "the nearest"},
		{"rcp.approx.ftz.f64", []uint64{d(3)}, d(1.0/3) >> 32 << 32, "the upper word"},
		{"sqrt.approx.f32", []uint64{f(2)}, 0x3fb504f3, "the nearest"},
		{"sin.approx.f32", []uint64{f(0)}, f(0), "zero"},
		{"cos.approx.f32", []uint64{f(0)}, f(1), "one"},
		{"tanh.approx.f32", []uint64{f(float32(math.Inf(-1)))}, f(-1), "the limit"},
	} {
		if got, _ := apply(t, c.name, c.in...); got != c.want {
			t.Errorf("%s %#x = %#x, want %#x: %s", c.name, c.in, got, c.want, c.reason)
		}
	}
	for _, c := range []struct {
		name string
		in   uint64
		want bool
	}{
		{"testp.finite.f32", f(1), true}, {"testp.finite.f32", f(float32(math.Inf(1))), false}, {"testp.infinite.f64", d(math.Inf(-1)), true},
		{"testp.number.f32", 0x7fc00000, false}, {"testp.notanumber.f32", 0x7fc00000, true}, {"testp.normal.f32", 1, false},
		{"testp.subnormal.f32", 1, true}, {"testp.subnormal.f64", 0, false}, {"testp.normal.f64", d(-1), true},
		{"setp.eq.ftz.f32", 1, true}, {"setp.eq.f32", 1, false},
	} {
		if _, got := apply(t, c.name, c.in, 0); got != c.want {
			t.Errorf("%s %#x is %v", c.name, c.in, got)
		}
	}
}

// Moved results stay within their units, move in both directions, and are the
// same every time; what is exact by nature stays.
func TestApproximationsAreMoved(t *testing.T) {
	const ulps = 2
	up, down := 0, 0
	for i := range 1000 {
		v := uint64(math.Float32bits(1 + float32(i)/7))
		var d lanes
		d[0] = v
		shake(&d, ulps, 1, 32)
		by := int64(d[0]) - int64(v)
		if by < -ulps || by > ulps || d[0] != moved(v, ulps, 1, 32) {
			t.Fatalf("%#x went to %#x", v, d[0])
		}
		up, down = up+int(max(by, 0)), down+int(max(-by, 0))
	}
	if up < 400 || down < 400 {
		t.Errorf("%d units up and %d down of a thousand values", up, down)
	}
	for _, v := range []uint64{0, 1 << 31, 0x7f800000, 0x7fffffff, 1, 0x7f7fffff} {
		if to := moved(v, ulps, 1, 32); to != v && v != 0x7f7fffff || to >= 0x7f800000 && to != v {
			t.Errorf("%#x went to %#x", v, to)
		}
	}
	if to := moved(math.Float64bits(3), 1, 1<<32, 64) - math.Float64bits(3) + 1<<32; to > 2<<32 || to&(1<<32-1) != 0 {
		t.Error("a float64 moves by units of its upper word")
	}
}

// Every operation that there is takes the edges of its operands without a panic,
// gives lanes with equal operands equal results, and fills no more than its width.
func TestOperationsOnEdges(t *testing.T) {
	edges := []uint64{0, 1, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff, 0x3c00, 0x7c00, 0x7e00, 0x7fffffff, 0x80000000, 0xffffffff, 0x3f800000, 0x7f800000, 0x7fc00000,
		1 << 52, 1<<63 - 1, 1 << 63, math.MaxUint64, math.Float64bits(1), math.Float64bits(math.Inf(1)), math.Float64bits(math.NaN())}
	r := rand.New(rand.NewPCG(9, 9))
	for name, op := range operations() {
		if op.value == nil && op.test == nil {
			continue
		}
		for range 50 {
			var in []uint64
			for _, letter := range op.types[1:] {
				in = append(in, edges[r.IntN(len(edges))]&(^uint64(0)>>(64-8*widthOf(byte(letter)))))
			}
			got, _ := apply(t, name, in...)
			if width := widthOf(op.types[0]); op.test == nil && width < 8 && got>>(8*width) != 0 {
				t.Fatalf("%s %#x = %#x: more than its %d bytes", name, in, got, width)
			}
		}
	}
}

// Whole numbers of 64 bits against arithmetic without bounds.
func TestWholeNumbersOf64Bits(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	mod := new(big.Int).Lsh(big.NewInt(1), 64)
	signed := func(v uint64) *big.Int { return big.NewInt(int64(v)) }
	plain := func(v uint64) *big.Int { return new(big.Int).SetUint64(v) }
	for range 20000 {
		a, b, c := r.Uint64()>>r.IntN(64), r.Uint64()>>r.IntN(64), r.Uint64()
		if r.IntN(2) == 0 {
			a = -a
		}
		if r.IntN(2) == 0 {
			b = -b
		}
		for name, want := range map[string]*big.Int{
			"add.u64": new(big.Int).Add(plain(a), plain(b)), "sub.s64": new(big.Int).Sub(signed(a), signed(b)),
			"mul.lo.u64": new(big.Int).Mul(plain(a), plain(b)), "mad.lo.u64": new(big.Int).Add(new(big.Int).Mul(plain(a), plain(b)), plain(c)),
			"mul.hi.u64": new(big.Int).Rsh(new(big.Int).Mul(plain(a), plain(b)), 64), "mul.hi.s64": new(big.Int).Rsh(new(big.Int).Mul(signed(a), signed(b)), 64),
			"div.u64": new(big.Int).Quo(plain(a), plain(max(b, 1))), "rem.s64": new(big.Int).Rem(signed(a), signed(max(b, 1))),
		} {
			y := b
			if name == "div.u64" || name == "rem.s64" {
				y = max(b, 1)
			}
			if got, _ := apply(t, name, a, y, c); got != new(big.Int).Mod(want, mod).Uint64() {
				t.Fatalf("%s %#x %#x %#x = %#x, want %v", name, a, y, c, got, want)
			}
		}
	}
}
