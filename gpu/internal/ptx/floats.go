package ptx

import (
	"math"
)

func f32(v uint64) float32 { return math.Float32frombits(uint32(v)) }

// bits32 is the result of a float32 instruction: there is one NaN.
func bits32(f float32) uint64 {
	if f != f {
		return 0x7fffffff
	}
	return uint64(math.Float32bits(f))
}

func bits64(f float64) uint64 { return math.Float64bits(f) }
func f64(v uint64) float64    { return math.Float64frombits(v) }

// fma32 is a*b + c, rounded once: the product is exact in float64.
func fma32(a, b, c float32) float32 { return float32(oddSum(float64(a)*float64(b), float64(c))) }

// oddSum is p + c, rounded to odd, which a second rounding to a shorter format
// cannot tell from the exact sum (Boldo and Melquiond 2008, Emulation of FMA and
// correctly rounded sums, th. 1).
func oddSum(p, c float64) float64 {
	s := p + c
	if math.IsInf(s, 0) || s != s {
		return s
	}
	bb := s - p
	err := (p - (s - bb)) + (c - bb)
	if err != 0 && math.Float64bits(s)&1 == 0 {
		if (err > 0) == (s > 0) {
			return math.Float64frombits(math.Float64bits(s) + 1)
		}
		return math.Float64frombits(math.Float64bits(s) - 1)
	}
	return s
}

func floats32(t map[string]operation) {
	add := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = bits32(f32(a[i]) + f32(b[i]))
		}
	}
	sub := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = bits32(f32(a[i]) - f32(b[i]))
		}
	}
	mul := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = bits32(f32(a[i]) * f32(b[i]))
		}
	}
	abs := func(d, a, _, _, _ *lanes) {
		for i := range d {
			d[i] = a[i] & 0x7fffffff
		}
	}
	for _, rounding := range []string{"", ".rn"} {
		t["add"+rounding+".f32"] = operation{types: "www", value: add}
		t["sub"+rounding+".f32"] = operation{types: "www", value: sub}
		t["mul"+rounding+".f32"] = operation{types: "www", value: mul}
	}
	t["abs.f32"] = operation{types: "ww", value: abs}
	t["neg.f32"] = operation{types: "ww", value: one(func(a uint64) uint64 { return a ^ 1<<31 })}
	t["max.f32"] = operation{types: "www", value: func(d, a, b, _, _ *lanes) {
		for i := range d {
			x, y := f32(a[i]), f32(b[i])
			switch {
			case x > y:
				d[i] = a[i]
			case y > x:
				d[i] = b[i]
			default:
				d[i] = equalOrNaN32(a[i], b[i], a[i]&b[i])
			}
		}
	}}
	t["min.f32"] = operation{types: "www", value: func(d, a, b, _, _ *lanes) {
		for i := range d {
			x, y := f32(a[i]), f32(b[i])
			switch {
			case x < y:
				d[i] = a[i]
			case y < x:
				d[i] = b[i]
			default:
				d[i] = equalOrNaN32(a[i], b[i], a[i]|b[i])
			}
		}
	}}
	t["fma.rn.f32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 { return bits32(fma32(f32(a), f32(b), f32(c))) })}
	t["div.rn.f32"] = operation{types: "www", value: two(func(a, b uint64) uint64 { return bits32(f32(a) / f32(b)) })}
	t["rcp.rn.f32"] = operation{types: "ww", value: one(func(a uint64) uint64 { return bits32(1 / f32(a)) })}
	t["sqrt.rn.f32"] = operation{types: "ww", value: one(func(a uint64) uint64 { return bits32(float32(math.Sqrt(float64(f32(a))))) })}
}

// equalOrNaN32 is what max and min return where neither is larger: the other one
// if one is no number, and same if they are equal, which matters for zeros.
func equalOrNaN32(a, b, same uint64) uint64 {
	switch {
	case f32(a) == f32(b):
		return same
	case f32(a) == f32(a):
		return a
	}
	return bits32(f32(b))
}

func equalOrNaN64(a, b, same uint64) uint64 {
	switch {
	case f64(a) == f64(b):
		return same
	case f64(a) == f64(a):
		return a
	}
	return b
}

func floats64(t map[string]operation) {
	add := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = bits64(f64(a[i]) + f64(b[i]))
		}
	}
	sub := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = bits64(f64(a[i]) - f64(b[i]))
		}
	}
	mul := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = bits64(f64(a[i]) * f64(b[i]))
		}
	}
	for _, rounding := range []string{"", ".rn"} {
		t["add"+rounding+".f64"] = operation{types: "lll", value: add}
		t["sub"+rounding+".f64"] = operation{types: "lll", value: sub}
		t["mul"+rounding+".f64"] = operation{types: "lll", value: mul}
	}
	t["abs.f64"] = operation{types: "ll", value: one(func(a uint64) uint64 { return a &^ (1 << 63) })}
	t["neg.f64"] = operation{types: "ll", value: one(func(a uint64) uint64 { return a ^ 1<<63 })}
	t["max.f64"] = operation{types: "lll", value: func(d, a, b, _, _ *lanes) {
		for i := range d {
			x, y := f64(a[i]), f64(b[i])
			switch {
			case x > y:
				d[i] = a[i]
			case y > x:
				d[i] = b[i]
			default:
				d[i] = equalOrNaN64(a[i], b[i], a[i]&b[i])
			}
		}
	}}
	t["min.f64"] = operation{types: "lll", value: func(d, a, b, _, _ *lanes) {
		for i := range d {
			x, y := f64(a[i]), f64(b[i])
			switch {
			case x < y:
				d[i] = a[i]
			case y < x:
				d[i] = b[i]
			default:
				d[i] = equalOrNaN64(a[i], b[i], a[i]|b[i])
			}
		}
	}}
	t["fma.rn.f64"] = operation{types: "llll", value: three(func(a, b, c uint64) uint64 { return bits64(math.FMA(f64(a), f64(b), f64(c))) })}
	t["div.rn.f64"] = operation{types: "lll", value: two(func(a, b uint64) uint64 { return bits64(f64(a) / f64(b)) })}
	t["rcp.rn.f64"] = operation{types: "ll", value: one(func(a uint64) uint64 { return bits64(1 / f64(a)) })}
	t["sqrt.rn.f64"] = operation{types: "ll", value: one(func(a uint64) uint64 { return bits64(math.Sqrt(f64(a))) })}
}
