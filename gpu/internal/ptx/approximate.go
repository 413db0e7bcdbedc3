package ptx

import (
	"math"
	"math/bits"
)

// approximate adds the instructions that are not correctly rounded on a device.
// Here they are, computed in float64 and rounded once, so that a kernel can be
// compared with a plain formula; Machine.Ulps moves their results about. What a
// device promises, of the PTX ISA: ex2 and lg2 2^-22, rcp 1 ulp, rsqrt 2^-22.4,
// sqrt 2^-23, div 2 ulp, sin and cos 2^-20.9 within [-π, π], tanh 2^-11.
func approximate(t map[string]operation) {
	of := func(f func(float64) float64) loop {
		return one(func(a uint64) uint64 { return bits32(float32(f(float64(f32(a))))) })
	}
	for name, f := range map[string]func(float64) float64{
		"ex2": math.Exp2, "lg2": math.Log2, "sin": math.Sin, "cos": math.Cos, "tanh": math.Tanh, "sqrt": math.Sqrt,
		"rcp": func(x float64) float64 { return 1 / x }, "rsqrt": func(x float64) float64 { return 1 / math.Sqrt(x) },
	} {
		t[name+".approx.f32"] = operation{types: "ww", value: of(f), about: 1}
	}
	for _, name := range []string{"div.approx", "div.full"} {
		t[name+".f32"] = operation{types: "www", value: t["div.rn.f32"].value, about: 1}
	}
	// The upper word of a float64 alone.
	for name, f := range map[string]func(float64) float64{
		"rcp.approx.ftz.f64":   func(x float64) float64 { return 1 / x },
		"rsqrt.approx.f64":     func(x float64) float64 { return 1 / math.Sqrt(x) },
		"rsqrt.approx.ftz.f64": func(x float64) float64 { return 1 / math.Sqrt(x) },
	} {
		t[name] = operation{types: "ll", value: one(func(a uint64) uint64 { return bits64(f(f64(a))) >> 32 << 32 }), about: 1 << 32}
	}
	for name, f := range map[string]func(float64) float64{"ex2": math.Exp2, "tanh": math.Tanh} {
		half := func(a, _, _ uint64) uint64 { return binary16.bits(f(binary16.value(a))) }
		t[name+".approx.f16"] = operation{types: "hh", value: three(half), about: 1}
		t[name+".approx.f16x2"] = operation{types: "ww", value: three(paired(half)), about: 1<<16 + 1}
	}
}

// shake moves results by up to ulps of their units, each by a number that
// depends on its value alone. Zeros, infinities and NaN stay.
func shake(d *lanes, ulps int, unit uint64, width int) {
	for i, v := range d {
		if unit == 1<<16+1 {
			d[i] = moved(v&0xffff, ulps, 1, 16) | moved(v>>16, ulps, 1, 16)<<16
		} else {
			d[i] = moved(v, ulps, unit, width)
		}
	}
}

func moved(v uint64, ulps int, unit uint64, width int) uint64 {
	lowest := map[int]uint64{16: 1 << 10, 32: 1 << 23, 64: 1 << 52}[width] // the least that is no denormal
	infinity := map[int]uint64{16: 0x7c00, 32: 0x7f800000, 64: 0x7ff << 52}[width]
	size := v &^ (1 << (width - 1))
	by := int64(bits.Reverse64(v*0x9e3779b97f4a7c15)%uint64(2*ulps+1)) - int64(ulps)
	to := size + uint64(by)*unit
	if size < lowest || size >= infinity || to < lowest || to >= infinity {
		return v
	}
	return v - size + to
}

// flushed adds to each operation on float32 the form that takes denormals for
// zeros and gives zeros for them.
func flushed(t map[string]operation) {
	forms := map[string]operation{}
	for name, op := range t {
		base, ok := cutSuffix(name, ".f32")
		if !ok || op.value == nil && op.test == nil || !onlyWords(op.types) || base == "mov" {
			continue
		}
		if short, isCvt := cutSuffix(base, ".f32"); isCvt {
			base = short // cvt.rzi.f32.f32: the word goes before both types
			name = base + ".ftz.f32.f32"
		} else {
			name = base + ".ftz.f32"
		}
		forms[name] = op.flushing()
	}
	for name, op := range forms {
		t[name] = op
	}
	for _, c := range []struct{ name, form string }{{"cvt.rn.f32.f64", "cvt.rn.ftz.f32.f64"}, {"cvt.f64.f32", "cvt.ftz.f64.f32"}, {"cvt.rn.f16.f32", "cvt.rn.ftz.f16.f32"}, {"cvt.f32.f16", "cvt.ftz.f32.f16"}} {
		t[c.form] = t[c.name].flushing()
	}
	for _, to := range []string{"s32", "u32", "s64", "u64", "s16", "u16"} {
		for rounding := range roundings {
			t["cvt."+rounding+".ftz."+to+".f32"] = t["cvt."+rounding+"."+to+".f32"].flushing()
		}
	}
	for _, name := range []string{"add", "add.rn", "sub", "sub.rn", "mul", "mul.rn", "fma.rn", "add.ftz", "add.rn.ftz", "mul.ftz", "mul.rn.ftz", "fma.rn.ftz"} {
		op := t[name+".f32"]
		inner := op.value
		op.value = func(d, a, b, c, e *lanes) {
			inner(d, a, b, c, e)
			for i, v := range d {
				// The cut to [0, 1] makes NaN 0.
				if x := f32(v); !(x > 0) {
					d[i] = 0
				} else if x > 1 {
					d[i] = bits32(1)
				}
			}
		}
		t[name+".sat.f32"] = op
	}
}

func cutSuffix(s, suffix string) (string, bool) {
	if len(s) > len(suffix) && s[len(s)-len(suffix):] == suffix {
		return s[:len(s)-len(suffix)], true
	}
	return s, false
}

// onlyWords says that results and operands all have 32 bits, or that the result
// is a predicate.
func onlyWords(types string) bool {
	for i := range types {
		if types[i] != 'w' && !(i == 0 && types[i] == 'p') {
			return false
		}
	}
	return true
}

// flushing is the operation between flushes of its words.
func (op operation) flushing() operation {
	flush := func(v *lanes) *lanes {
		var out lanes
		for i, x := range v {
			if out[i] = x; x&0x7f800000 == 0 {
				out[i] = x & 0x80000000
			}
		}
		return &out
	}
	word := func(i int, v *lanes) *lanes {
		if i < len(op.types) && op.types[i] == 'w' {
			return flush(v)
		}
		return v
	}
	if test := op.test; test != nil {
		op.test = func(a, b *lanes) uint32 { return test(flush(a), flush(b)) }
		return op
	}
	value := op.value
	op.value = func(d, a, b, c, e *lanes) {
		value(d, word(1, a), word(2, b), word(3, c), word(4, e))
		*d = *word(0, d)
	}
	return op
}
