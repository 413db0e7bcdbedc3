package ptx

import (
	"math"
	"math/big"
	"math/rand/v2"
	"sort"
	"testing"
)

// nearest rounds to the nearest number of a format by looking through all of
// them, ties to the even one. Beyond half a step above the largest lies infinity.
func nearest(f format, v *big.Float) uint64 {
	all := finite[f]
	x, _ := new(big.Float).Abs(v).Float64() // to find the place alone
	i := max(1, min(sort.Search(len(all), func(i int) bool { return f.value(all[i]) >= x }), len(all)-1))
	a := new(big.Float).SetPrec(3000)
	best, least := uint64(0), new(big.Float).SetInf(false)
	for j := max(0, i-2); j < min(len(all), i+2); j++ {
		at := all[j]
		w := f.value(at)
		if math.IsInf(w, 0) { // as if the exponents went on
			w = math.Ldexp(1, f.bias()+1)
		}
		d := a.Sub(new(big.Float).SetPrec(3000).Abs(v), big.NewFloat(w))
		if d.Abs(d); d.Cmp(least) < 0 || d.Cmp(least) == 0 && at&1 == 0 {
			best, least = at, new(big.Float).Copy(d)
		}
	}
	if v.Signbit() {
		best |= 0x8000
	}
	return best
}

var finite = map[format][]uint64{}

func init() {
	for _, f := range []format{binary16, bfloat16} {
		for b := uint64(0); b <= f.infinity(); b++ {
			finite[f] = append(finite[f], b)
		}
	}
}

func TestSixteenBits(t *testing.T) {
	for _, c := range []struct {
		f      format
		bits   uint64
		value  float64
		reason string
	}{
		{binary16, 0x3c00, 1, "IEEE 754"}, {binary16, 0x7bff, 65504, "the largest"}, {binary16, 1, 0x1p-24, "the least"},
		{binary16, 0xc000, -2, "a sign"}, {binary16, 0x7c00, math.Inf(1), "infinity"}, {bfloat16, 0x3f80, 1, "the upper half of a float32"},
		{bfloat16, 0x4049, 3.140625, "π cut"}, {bfloat16, 1, 0x1p-133, "the least"},
	} {
		if got := c.f.value(c.bits); got != c.value || c.f.bits(c.value) != c.bits {
			t.Errorf("%#x is %v and %v is %#x: %s", c.bits, got, c.value, c.f.bits(c.value), c.reason)
		}
	}
	for _, f := range []format{binary16, bfloat16} {
		for b := range uint64(1 << 16) {
			if v := f.value(b); v == v && f.bits(v) != b {
				t.Fatalf("%v: %#x is %v, which is %#x", f, b, v, f.bits(v))
			} else if v != v && f.bits(v) != 0x7fff {
				t.Fatalf("%v: %#x is no number and gives %#x", f, b, f.bits(v))
			}
		}
	}
	if binary16.toward0(65535) != 0x7bff || binary16.toward0(-1e9) != 0xfbff || binary16.toward0(1.0009) != 0x3c00 {
		t.Error("a cut goes up")
	}
}

// Sums, products and fused ones are exact ones rounded once: single and in pairs.
func TestHalvesAreRoundedOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	wide := func(v float64) *big.Float { return new(big.Float).SetPrec(3000).SetFloat64(v) }
	for typ, f := range map[string]format{"f16": binary16, "bf16": bfloat16} {
		draw := func() uint64 {
			edge := []uint64{0, 1, f.infinity() - 1, 1 << f.fraction, uint64(f.bias()) << f.fraction}
			b := uint64(r.IntN(int(f.infinity())))
			if r.IntN(5) == 0 {
				b = edge[r.IntN(len(edge))]
			}
			return b | uint64(r.IntN(2))<<15
		}
		for range 20000 {
			a, b, c := draw(), draw(), draw()
			x, y, z := wide(f.value(a)), wide(f.value(b)), wide(f.value(c))
			product := wide(0).Mul(x, y)
			want := map[string]*big.Float{"fma.rn": wide(0).Add(product, z)}
			if typ == "f16" {
				want["add"], want["sub"], want["mul"] = wide(0).Add(x, y), wide(0).Sub(x, y), product
			}
			for name, exact := range want {
				if exact.Sign() == 0 {
					continue // its sign is another matter
				}
				w := nearest(f, exact)
				if got, _ := apply(t, name+"."+typ, a, b, c); got != w {
					t.Fatalf("%s.%s %#x %#x %#x = %#x, want %#x", name, typ, a, b, c, got, w)
				}
				if got, _ := apply(t, name+"."+typ+"x2", a|b<<16, b|b<<16, c|c<<16); got&0xffff != w {
					t.Fatalf("%s.%sx2: the lower half is %#x, want %#x", name, typ, got&0xffff, w)
				}
			}
		}
	}
}

func TestOperationsOnHalves(t *testing.T) {
	const one, two, nan, inf, minus1 = 0x3c00, 0x4000, 0x7e01, 0x7c00, 0xbc00
	f := func(v float32) uint64 { return uint64(math.Float32bits(v)) }
	for _, c := range []struct {
		name   string
		in     []uint64
		want   uint64
		reason string
	}{
		{"add.f16", []uint64{inf, inf | 0x8000}, 0x7fff, "the one NaN"},
		{"add.f16", []uint64{0x7bff, 0x7bff}, inf, "beyond the largest"},
		{"mul.rn.f16x2", []uint64{one | two<<16, two | two<<16}, two | 0x4400<<16, "each half alone"},
		{"neg.f16x2", []uint64{one | minus1<<16}, minus1 | one<<16, "signs"},
		{"abs.bf16", []uint64{0xbf80}, 0x3f80, "no sign"},
		{"max.f16", []uint64{nan, one}, one, "a number wins over NaN"},
		{"max.NaN.f16", []uint64{nan, one}, 0x7fff, "NaN wins"},
		{"max.f16", []uint64{0x8000, 0}, 0, "+0 > -0"},
		{"min.f16", []uint64{0, 0x8000}, 0x8000, "-0 < +0"},
		{"min.bf16x2", []uint64{0x3f80 | 0x4000<<16, 0x4000 | 0x3f80<<16}, 0x3f80 | 0x3f80<<16, "each half alone"},
		{"fma.rn.relu.f16", []uint64{minus1, one, 0}, 0, "no value below 0"},
		{"cvt.f32.f16", []uint64{one}, f(1), "exact"},
		{"cvt.f64.f16", []uint64{1}, math.Float64bits(0x1p-24), "denormals, too"},
		{"cvt.rn.f16.f32", []uint64{f(65520)}, inf, "halfway beyond the largest"},
		{"cvt.rz.f16.f32", []uint64{f(65520)}, 0x7bff, "cut"},
		{"cvt.rn.f16.f64", []uint64{math.Float64bits(1 + 0x1p-11 + 0x1p-40)}, one + 1, "rounded once, not through float32"},
		{"cvt.rn.f16x2.f32", []uint64{f(2), f(1)}, two<<16 | one, "the first is the upper half"},
		{"cvt.rn.bf16x2.f32", []uint64{f(2), f(1)}, 0x4000<<16 | 0x3f80, "the first is the upper half"},
		{"cvt.rn.bf16.f32", []uint64{0x3f808000}, 0x3f80, "a tie goes to the even one"},
		{"cvt.rn.f16.s32", []uint64{1<<32 - 3}, 0xc200, "-3"},
		{"cvt.rn.f16.u64", []uint64{math.MaxUint64}, inf, "too large"},
		{"cvt.rzi.s32.f16", []uint64{0xc200}, 1<<32 - 3, "-3"},
		{"cvt.rni.f16.f16", []uint64{0x4100}, two, "2.5 goes to the even one"},
		{"cvt.rna.tf32.f32", []uint64{0x3f801000}, 0x3f802000, "a tie goes away from 0"},
		{"ex2.approx.f16", []uint64{one}, two, "2^1"},
		{"tanh.approx.f16x2", []uint64{0 | 0x7c00<<16}, one << 16, "0 and 1"},
	} {
		if got, _ := apply(t, c.name, c.in...); got != c.want {
			t.Errorf("%s %#x = %#x, want %#x: %s", c.name, c.in, got, c.want, c.reason)
		}
	}
	if _, less := apply(t, "setp.lt.f16", minus1, one); !less {
		t.Error("-1 is not below 1")
	}
	if _, unordered := apply(t, "setp.geu.f16", nan, one); !unordered {
		t.Error("NaN is ordered")
	}
}
