package ptx

import "math"

// format is a floating-point format of 16 bits.
type format struct{ exponent, fraction int } // bits of each

var (
	binary16 = format{5, 10}
	bfloat16 = format{8, 7}
)

func (f format) bias() int { return 1<<(f.exponent-1) - 1 }

func (f format) infinity() uint64 { return (1<<f.exponent - 1) << f.fraction }

// value is exact: both formats are parts of float64.
func (f format) value(bits uint64) float64 {
	e, m := int(bits>>f.fraction&(1<<f.exponent-1)), bits&(1<<f.fraction-1)
	var v float64
	switch {
	case e == 1<<f.exponent-1 && m != 0:
		return math.NaN()
	case e == 1<<f.exponent-1:
		v = math.Inf(1)
	case e == 0:
		v = math.Ldexp(float64(m), 1-f.bias()-f.fraction)
	default:
		v = math.Ldexp(float64(m|1<<f.fraction), e-f.bias()-f.fraction)
	}
	if bits>>15&1 == 1 {
		v = -v
	}
	return v
}

// bits rounds a value once, ties to even. There is one NaN.
func (f format) bits(v float64) uint64 { return f.round(v, math.RoundToEven) }

// toward0 cuts a value off; beyond the largest it is the largest.
func (f format) toward0(v float64) uint64 {
	b := f.round(v, math.Trunc)
	if b&0x7fff == f.infinity() && !math.IsInf(v, 0) {
		b--
	}
	return b
}

func (f format) round(v float64, whole func(float64) float64) uint64 {
	if v != v {
		return 0x7fff
	}
	sign := math.Float64bits(v) >> 63 << 15
	switch v = math.Abs(v); {
	case v == 0:
		return sign
	case math.IsInf(v, 1):
		return sign | f.infinity()
	}
	_, e := math.Frexp(v)
	unit := max(e-1, 1-f.bias()) - f.fraction // exponent of the last bit
	// A fraction that rounds up to the next power of two carries into the
	// exponent by itself, and one without its leading bit is a denormal.
	b := uint64(unit+f.fraction+f.bias())<<f.fraction + uint64(whole(math.Ldexp(v, -unit))) - 1<<f.fraction
	return sign | min(b, f.infinity())
}

// paired makes an operation on both halves of a word of one on 16 bits.
func paired(f func(a, b, c uint64) uint64) func(a, b, c uint64) uint64 {
	return func(a, b, c uint64) uint64 {
		return f(a&0xffff, b&0xffff, c&0xffff) | f(a>>16, b>>16, c>>16)<<16
	}
}

// halves16 adds the arithmetic of f16 and bf16, single and in pairs.
func halves16(t map[string]operation) {
	both := func(name, typ string, operands int, f func(a, b, c uint64) uint64) {
		add := func(name, letter string, f func(a, b, c uint64) uint64) {
			types := letter
			for range operands {
				types += letter
			}
			t[name] = operation{types: types, value: three(f)}
		}
		add(name+"."+typ, "h", f)
		add(name+"."+typ+"x2", "w", paired(f))
	}
	for typ, f := range map[string]format{"f16": binary16, "bf16": bfloat16} {
		number := func(v uint64) bool { return v&0x7fff <= f.infinity() }
		pick := func(sign float64, nan bool) func(a, b, _ uint64) uint64 {
			return func(a, b, _ uint64) uint64 {
				x, y := sign*f.value(a), sign*f.value(b)
				switch {
				case nan && !(number(a) && number(b)), !number(a) && !number(b):
					return 0x7fff
				case !number(b), x > y, x == y && (a>>15 == 0) == (sign > 0):
					return a
				}
				return b
			}
		}
		relu := func(v uint64) uint64 {
			if v>>15 == 1 {
				return 0
			}
			return v
		}
		fma := func(a, b, c uint64) uint64 { return f.bits(oddSum(f.value(a)*f.value(b), f.value(c))) }
		both("fma.rn", typ, 3, fma)
		both("fma.rn.relu", typ, 3, func(a, b, c uint64) uint64 { return relu(fma(a, b, c)) })
		both("neg", typ, 1, func(a, _, _ uint64) uint64 { return a ^ 0x8000 })
		both("abs", typ, 1, func(a, _, _ uint64) uint64 { return a & 0x7fff })
		both("max", typ, 2, pick(1, false))
		both("min", typ, 2, pick(-1, false))
		both("max.NaN", typ, 2, pick(1, true))
		both("min.NaN", typ, 2, pick(-1, true))
		if typ == "bf16" {
			continue // bf16 adds and multiplies on newer devices only
		}
		for _, rounding := range []string{"", ".rn"} {
			both("add"+rounding, typ, 2, func(a, b, _ uint64) uint64 { return f.bits(f.value(a) + f.value(b)) })
			both("sub"+rounding, typ, 2, func(a, b, _ uint64) uint64 { return f.bits(f.value(a) - f.value(b)) })
			both("mul"+rounding, typ, 2, func(a, b, _ uint64) uint64 { return f.bits(f.value(a) * f.value(b)) })
		}
		for cmp := range map[string]bool{"lt": true, "le": true, "gt": true, "ge": true, "eq": true, "ne": true, "ltu": true, "leu": true, "gtu": true, "geu": true, "equ": true, "neu": true, "num": true, "nan": true} {
			wide := t["setp."+cmp+".f64"].test
			t["setp."+cmp+".f16"] = operation{types: "phh", test: func(a, b *lanes) uint32 {
				var x, y lanes
				for i := range x {
					x[i], y[i] = bits64(f.value(a[i])), bits64(f.value(b[i]))
				}
				return wide(&x, &y)
			}}
		}
	}
}

// conversions16 adds cvt from and to 16 bits. Two float32 become a pair, the
// first of them its upper half.
func conversions16(t map[string]operation) {
	f := binary16
	t["cvt.f32.f16"] = operation{types: "wh", value: one(func(a uint64) uint64 { return bits32(float32(f.value(a))) })}
	t["cvt.f64.f16"] = operation{types: "lh", value: one(func(a uint64) uint64 { return bits64(f.value(a)) })}
	t["cvt.f32.bf16"] = operation{types: "wh", value: one(func(a uint64) uint64 { return bits32(float32(bfloat16.value(a))) })}
	for rounding, to := range map[string]func(format, float64) uint64{"rn": format.bits, "rz": format.toward0} {
		t["cvt."+rounding+".f16.f32"] = operation{types: "hw", value: one(func(a uint64) uint64 { return to(f, float64(f32(a))) })}
		t["cvt."+rounding+".f16.f64"] = operation{types: "hl", value: one(func(a uint64) uint64 { return to(f, f64(a)) })}
		t["cvt."+rounding+".bf16.f32"] = operation{types: "hw", value: one(func(a uint64) uint64 { return to(bfloat16, float64(f32(a))) })}
		for typ, f := range map[string]format{"f16x2": binary16, "bf16x2": bfloat16} {
			pair := func(a, b uint64) uint64 { return to(f, float64(f32(a)))<<16 | to(f, float64(f32(b))) }
			t["cvt."+rounding+"."+typ+".f32"] = operation{types: "www", value: two(pair)}
		}
	}
	for _, typ := range []string{"u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"} {
		wide := resize("s64", typ)
		number := func(v uint64) float64 { return float64(int64(v)) }
		if typ[0] == 'u' {
			number = func(v uint64) float64 { return float64(v) }
		}
		// Beyond 2^53 a whole number is beyond the largest float16, too.
		t["cvt.rn.f16."+typ] = operation{types: "h" + letter(typ), value: after(wide, func(v uint64) uint64 { return f.bits(number(v)) })}
		for rounding, cut := range roundings {
			if sizeOf(typ) > 1 {
				t["cvt."+rounding+"."+typ+".f16"] = operation{types: letter(typ) + "h", value: one(func(a uint64) uint64 { return whole(typ, cut(f.value(a))) })}
			}
		}
	}
	for rounding, cut := range roundings {
		t["cvt."+rounding+".f16.f16"] = operation{types: "hh", value: one(func(a uint64) uint64 { return f.bits(cut(f.value(a))) })}
	}
	// TF32 is a float32 that ends after ten bits of fraction; ties go away from 0.
	t["cvt.rna.tf32.f32"] = operation{types: "ww", value: one(func(a uint64) uint64 {
		if v := f32(a); v != v || math.IsInf(float64(v), 0) {
			return bits32(v)
		}
		return (a + 1<<12) &^ (1<<13 - 1)
	})}
}

// roundings to whole numbers.
var roundings = map[string]func(float64) float64{"rzi": math.Trunc, "rni": math.RoundToEven, "rmi": math.Floor, "rpi": math.Ceil}
