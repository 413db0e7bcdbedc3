package ptx

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// apply runs an operation on one value a lane and returns that of lane 0, and
// the bit of a test.
func apply(t *testing.T, name string, in ...uint64) (uint64, bool) {
	t.Helper()
	op, ok := operations()[name]
	if !ok {
		t.Fatalf("%s is not known", name)
	}
	var r [5]lanes
	for i, v := range in {
		for l := range r[i+1] {
			r[i+1][l] = v
		}
	}
	if op.test != nil {
		bits := op.test(&r[1], &r[2])
		if bits != 0 && bits != all {
			t.Fatalf("%s: lanes with equal values differ: %08x", name, bits)
		}
		return 0, bits != 0
	}
	op.value(&r[0], &r[1], &r[2], &r[3], &r[4])
	if r[0][0] != r[0][31] {
		t.Fatalf("%s: lanes with equal values differ", name)
	}
	return r[0][0], false
}

func TestOperations(t *testing.T) {
	const minus1, nan32 = 0xffffffff, 0x7fffffff
	one32, half32, inf32 := uint64(0x3f800000), uint64(0x3f000000), uint64(0x7f800000)
	for _, c := range []struct {
		name   string
		in     []uint64
		want   uint64
		reason string
	}{
		{"add.s32", []uint64{minus1, 2}, 1, "wraps"},
		{"add.s16", []uint64{0xffff, 2}, 1, "wraps at 16 bits"},
		{"sub.s64", []uint64{0, 1}, math.MaxUint64, "wraps"},
		{"mul.lo.s32", []uint64{0x10000, 0x10001}, 0x10000, "the low half"},
		{"mul.hi.u32", []uint64{minus1, minus1}, 0xfffffffe, "(2^32-1)^2 >> 32"},
		{"mul.hi.s32", []uint64{minus1, minus1}, 0, "1 >> 32"},
		{"mul.hi.s64", []uint64{math.MaxUint64, 2}, math.MaxUint64, "-2 >> 64"},
		{"mul.hi.u64", []uint64{math.MaxUint64, 2}, 1, "2^65-2 >> 64"},
		{"mul.wide.s32", []uint64{minus1, 3}, 1<<64 - 3, "-3"},
		{"mul.wide.u32", []uint64{minus1, 3}, 3 * minus1, "unsigned"},
		{"mul.wide.s16", []uint64{0xffff, 3}, 1<<32 - 3, "-3 in 32 bits"},
		{"mad.lo.s32", []uint64{3, 4, minus1}, 11, "3*4-1"},
		{"min.s32", []uint64{minus1, 1}, minus1, "-1 < 1"},
		{"min.u32", []uint64{minus1, 1}, 1, "2^32-1 > 1"},
		{"max.s64", []uint64{math.MaxUint64, 1}, 1, "-1 < 1"},
		{"abs.s32", []uint64{minus1}, 1, "|-1|"},
		{"neg.s16", []uint64{1}, 0xffff, "-1 in 16 bits"},
		{"div.s32", []uint64{1<<32 - 7, 2}, 1<<32 - 3, "-7/2 is cut to -3"},
		{"rem.s32", []uint64{1<<32 - 7, 2}, minus1, "-7%2 is -1"},
		{"div.u32", []uint64{7, 0}, minus1, "by nothing"},
		{"shl.b32", []uint64{1, 33}, 0, "shifts beyond the width are cut to it"},
		{"shr.s32", []uint64{1 << 31, 40}, minus1, "the sign fills"},
		{"shr.u32", []uint64{1 << 31, 31}, 1, "zeros fill"},
		{"not.b16", []uint64{0}, 0xffff, "16 bits"},
		{"popc.b64", []uint64{math.MaxUint64}, 64, "all"},
		{"clz.b32", []uint64{1}, 31, "31 zeros"},
		{"brev.b32", []uint64{1}, 1 << 31, "mirrored"},
		{"bfe.u32", []uint64{0xabcd, 4, 8}, 0xbc, "8 bits from bit 4"},
		{"bfi.b32", []uint64{0xff, 0, 4, 8}, 0xff0, "8 bits to bit 4"},
		{"prmt.b32", []uint64{0x33221100, 0x77665544, 0x7531}, 0x77553311, "the odd bytes"},
		{"prmt.b32", []uint64{0x80, 0, 0x0008}, 0x808080ff, "bit 3 spreads the sign"},
		{"shf.l.wrap.b32", []uint64{0x80000000, 1, 1}, 3, "a bit crosses"},
		{"cvt.s32.s8", []uint64{0x80}, 0xffffff80, "sign extended"},
		{"cvt.u32.u8", []uint64{0x180}, 0x80, "8 bits are read"},
		{"cvt.s64.s32", []uint64{minus1}, math.MaxUint64, "sign extended"},
		{"cvt.u64.u32", []uint64{minus1}, minus1, "zero extended"},
		{"cvt.u16.u32", []uint64{0x12345}, 0x2345, "the low half"},
		{"cvt.rn.f32.s32", []uint64{minus1}, 0xbf800000, "-1"},
		{"cvt.rn.f32.u32", []uint64{minus1}, 0x4f800000, "rounds up to 2^32"},
		{"cvt.rn.f32.u64", []uint64{1<<24 + 1}, 0x4b800000, "a tie goes to the even one"},
		{"cvt.rn.f64.u64", []uint64{math.MaxUint64}, math.Float64bits(0x1p64), "rounds up to 2^64"},
		{"cvt.rzi.s32.f32", []uint64{0xbfc00000}, minus1, "-1.5 is cut to -1"},
		{"cvt.rni.s32.f32", []uint64{0x40200000}, 2, "2.5 goes to the even one"},
		{"cvt.rzi.u32.f32", []uint64{0xbf800000}, 0, "-1 is cut to the range"},
		{"cvt.rzi.s32.f32", []uint64{0x4f000000}, 0x7fffffff, "2^31 is cut to the range"},
		{"cvt.rzi.s32.f32", []uint64{nan32}, 0, "NaN"},
		{"cvt.rn.f32.f64", []uint64{math.Float64bits(1 + 0x1p-24)}, one32, "a tie goes to the even one"},
		{"cvt.f64.f32", []uint64{half32}, math.Float64bits(0.5), "exact"},
		{"add.rn.f32", []uint64{one32, 0x33800000}, one32, "1 + 2^-24 is a tie"},
		{"sub.rn.f32", []uint64{inf32, inf32}, nan32, "the one NaN"},
		{"mul.rn.f32", []uint64{0x00800000, half32}, 0x00400000, "denormals live"},
		{"max.f32", []uint64{0x7fc00001, one32}, one32, "a number wins over NaN"},
		{"max.f32", []uint64{0x7fc00001, 0x7fc00002}, nan32, "none there"},
		{"max.f32", []uint64{0x80000000, 0}, 0, "+0 > -0"},
		{"min.f32", []uint64{0, 0x80000000}, 0x80000000, "-0 < +0"},
		{"min.f64", []uint64{math.Float64bits(2), math.Float64bits(-3)}, math.Float64bits(-3), "less"},
		{"max.f64", []uint64{math.Float64bits(2), math.Float64bits(math.NaN())}, math.Float64bits(2), "a number wins over NaN"},
		{"abs.f64", []uint64{math.Float64bits(-2)}, math.Float64bits(2), "no sign"},
		{"neg.f32", []uint64{one32}, 0xbf800000, "the sign"},
		{"fma.rn.f64", []uint64{math.Float64bits(1 + 0x1p-52), math.Float64bits(1 - 0x1p-52), math.Float64bits(-1)}, math.Float64bits(-0x1p-104), "rounded once"},
		{"sqrt.rn.f32", []uint64{0x40000000}, 0x3fb504f3, "sqrt 2, of IEEE's tables"},
		{"rcp.rn.f32", []uint64{0x40400000}, 0x3eaaaaab, "1/3 rounds up"},
		{"div.rn.f32", []uint64{one32, 0}, inf32, "1/0"},
	} {
		if got, _ := apply(t, c.name, c.in...); got != c.want {
			t.Errorf("%s %#x = %#x, want %#x: %s", c.name, c.in, got, c.want, c.reason)
		}
	}
}

func TestComparisons(t *testing.T) {
	nan, one, two := uint64(0x7fffffff), uint64(0x3f800000), uint64(0x40000000)
	for _, c := range []struct {
		name string
		a, b uint64
		want bool
	}{
		{"setp.lt.s32", 0xffffffff, 0, true}, {"setp.lt.u32", 0xffffffff, 0, false}, {"setp.gt.s16", 1, 0xffff, true},
		{"setp.le.s64", 5, 5, true}, {"setp.ge.u64", 4, 5, false}, {"setp.hs.u32", 5, 5, true}, {"setp.lo.u32", 5, 5, false},
		{"setp.eq.b32", 5, 5, true}, {"setp.ne.s16", 5, 5, false},
		{"setp.lt.f32", one, two, true}, {"setp.lt.f32", two, one, false}, {"setp.lt.f32", nan, one, false}, {"setp.gt.f32", two, one, true},
		{"setp.ge.f32", one, one, true}, {"setp.ge.f32", one, nan, false}, {"setp.le.f32", two, one, false}, {"setp.eq.f32", nan, nan, false},
		{"setp.eq.f32", 0, 1 << 31, true}, {"setp.ne.f32", one, two, true}, {"setp.ne.f32", nan, two, false}, {"setp.neu.f32", nan, two, true},
		{"setp.ltu.f32", nan, one, true}, {"setp.ltu.f32", two, one, false}, {"setp.leu.f32", one, nan, true}, {"setp.leu.f32", two, one, false},
		{"setp.gtu.f32", one, one, false}, {"setp.gtu.f32", nan, one, true}, {"setp.geu.f32", one, two, false}, {"setp.geu.f32", nan, two, true},
		{"setp.equ.f32", nan, one, true}, {"setp.equ.f32", two, one, false}, {"setp.num.f32", one, two, true}, {"setp.num.f32", nan, two, false},
		{"setp.nan.f32", one, nan, true}, {"setp.nan.f32", one, two, false},
		{"setp.lt.f64", math.Float64bits(-1), math.Float64bits(1), true}, {"setp.geu.f64", math.Float64bits(math.NaN()), 0, true},
	} {
		if _, got := apply(t, c.name, c.a, c.b); got != c.want {
			t.Errorf("%s %#x, %#x = %v", c.name, c.a, c.b, got)
		}
	}
}

// A fused multiplication and addition is the exact one, rounded once.
func TestFusedIsRoundedOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	value := func() float32 {
		// Few bits set, so that ties and near ties happen.
		v := math.Ldexp(float64(r.IntN(1<<12)*2+1)+math.Ldexp(float64(r.IntN(3)-1), -r.IntN(12)), r.IntN(40)-20)
		if r.IntN(2) == 0 {
			v = -v
		}
		return float32(v)
	}
	for range 200000 {
		a, b, c := value(), value(), value()
		exact := new(big.Float).SetPrec(500).SetFloat64(float64(a))
		exact.Mul(exact, new(big.Float).SetPrec(500).SetFloat64(float64(b)))
		exact.Add(exact, new(big.Float).SetPrec(500).SetFloat64(float64(c)))
		want, _ := exact.Float32()
		if got := fma32(a, b, c); got != want {
			t.Fatalf("%v * %v + %v = %v, want %v", a, b, c, got, want)
		}
	}
	if got := fma32(math.MaxFloat32, 2, 1); !math.IsInf(float64(got), 1) {
		t.Errorf("an overflow is %v", got)
	}
}
