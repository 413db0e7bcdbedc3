package ptx

import "math"

// conversions adds cvt. Sources of 8 bits live in wider registers;
// destinations of 8 bits are not known.
func conversions(t map[string]operation) {
	types := []string{"u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"}
	for _, from := range types {
		for _, to := range types[2:] {
			t["cvt."+to+"."+from] = operation{types: letter(to) + letter(from), value: resize(to, from)}
		}
		wide := resize("s64", from)
		number := func(v uint64) float64 { return float64(int64(v)) }
		short := func(v uint64) float32 { return float32(int64(v)) }
		if from[0] == 'u' {
			number = func(v uint64) float64 { return float64(v) }
			short = func(v uint64) float32 { return float32(v) }
		}
		t["cvt.rn.f32."+from] = operation{types: "w" + letter(from), value: after(wide, func(v uint64) uint64 { return bits32(short(v)) })}
		t["cvt.rn.f64."+from] = operation{types: "l" + letter(from), value: after(wide, func(v uint64) uint64 { return bits64(number(v)) })}
	}
	for _, to := range types[2:] {
		for rounding, f := range roundings {
			t["cvt."+rounding+"."+to+".f32"] = operation{types: letter(to) + "w", value: one(func(a uint64) uint64 { return whole(to, f(float64(f32(a)))) })}
			t["cvt."+rounding+"."+to+".f64"] = operation{types: letter(to) + "l", value: one(func(a uint64) uint64 { return whole(to, f(f64(a))) })}
		}
	}
	t["cvt.sat.f32.f32"] = operation{types: "ww", value: one(func(a uint64) uint64 {
		if x := f32(a); !(x > 0) { // NaN, too
			return 0
		} else if x > 1 {
			return bits32(1)
		}
		return a
	})}
	t["cvt.f64.f32"] = operation{types: "lw", value: one(func(a uint64) uint64 { return bits64(float64(f32(a))) })}
	t["cvt.rn.f32.f64"] = operation{types: "wl", value: one(func(a uint64) uint64 { return bits32(float32(f64(a))) })}
	for rounding, f := range roundings {
		t["cvt."+rounding+".f32.f32"] = operation{types: "ww", value: one(func(a uint64) uint64 { return bits32(float32(f(float64(f32(a))))) })}
		t["cvt."+rounding+".f64.f64"] = operation{types: "ll", value: one(func(a uint64) uint64 { return bits64(f(f64(a))) })}
	}
}

func letter(typ string) string {
	switch sizeOf(typ) {
	case 1:
		return "b"
	case 2:
		return "h"
	case 4:
		return "w"
	}
	return "l"
}

func after(first loop, then func(uint64) uint64) loop {
	return func(d, a, b, c, e *lanes) {
		first(d, a, b, c, e)
		for i := range d {
			d[i] = then(d[i])
		}
	}
}

// resize reads an integer of one type and writes one of another, which keeps
// its low bits.
func resize(to, from string) loop {
	keep := ^uint64(0) >> (64 - 8*sizeOf(to))
	unused := 64 - 8*sizeOf(from)
	if from[0] == 'u' {
		keep &= ^uint64(0) >> unused
		return func(d, a, _, _, _ *lanes) {
			for i := range d {
				d[i] = a[i] & keep
			}
		}
	}
	return func(d, a, _, _, _ *lanes) {
		for i := range d {
			d[i] = uint64(int64(a[i]<<(unused&63))>>(unused&63)) & keep
		}
	}
}

// whole is a float that is a whole number as an integer, cut to its range.
// NaN is 0.
func whole(to string, v float64) uint64 {
	n := 8 * sizeOf(to)
	lo, hi := 0.0, math.Ldexp(1, n)
	if to[0] == 's' {
		lo, hi = -math.Ldexp(1, n-1), math.Ldexp(1, n-1)
	}
	mask := ^uint64(0) >> (64 - n)
	switch {
	case v != v:
		return 0
	case v < lo:
		v = lo
	case v >= hi && to[0] == 's':
		return mask >> 1
	case v >= hi:
		return mask
	}
	if v < 0 {
		return uint64(int64(v)) & mask
	}
	return uint64(v) & mask
}
