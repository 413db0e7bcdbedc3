package ptx

import (
	"math"
	"math/bits"
)

// rarer adds what compilers emit now and then.
func rarer(t map[string]operation) {
	t["lop3.b32"] = operation{types: "wwwww", value: func(d, a, b, c, e *lanes) {
		for i := range d {
			d[i] = uint64(lop3(uint32(a[i]), uint32(b[i]), uint32(c[i]), uint8(e[i])))
		}
	}}
	t["sad.u32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 { return uint64(uint32(c + max(a, b) - min(a, b))) })}
	t["sad.s32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 {
		x, y := int64(int32(a)), int64(int32(b))
		return uint64(uint32(int64(c) + max(x, y) - min(x, y)))
	})}
	t["mad.hi.u32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 { return uint64(uint32(a*b>>32 + c)) })}
	t["mad.hi.s32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 {
		return uint64(uint32(uint64(int64(int32(a))*int64(int32(b))>>32) + c))
	})}
	t["mad.hi.u64"] = operation{types: "llll", value: three(func(a, b, c uint64) uint64 { hi, _ := bits.Mul64(a, b); return hi + c })}
	t["add.sat.s32"] = operation{types: "www", value: two(func(a, b uint64) uint64 { return clamp32(int64(int32(a)) + int64(int32(b))) })}
	t["sub.sat.s32"] = operation{types: "www", value: two(func(a, b uint64) uint64 { return clamp32(int64(int32(a)) - int64(int32(b))) })}
	t["dp4a.u32.u32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 {
		for k := range 4 {
			c += a >> (8 * k) & 255 * (b >> (8 * k) & 255)
		}
		return uint64(uint32(c))
	})}
	t["dp4a.s32.s32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 {
		for k := range 4 {
			c += uint64(int64(int8(a>>(8*k))) * int64(int8(b>>(8*k))))
		}
		return uint64(uint32(c))
	})}
	fields(t)
	floats(t)
}

// lop3 looks each bit of three words up in a table of eight bits.
func lop3(a, b, c uint32, table uint8) (r uint32) {
	for k := range 8 {
		if table>>k&1 == 0 {
			continue
		}
		m := ^uint32(0)
		for j, v := range []uint32{c, b, a} {
			if k>>j&1 == 1 {
				m &= v
			} else {
				m &^= v
			}
		}
		r |= m
	}
	return r
}

func clamp32(v int64) uint64 { return uint64(uint32(min(max(v, math.MinInt32), math.MaxInt32))) }

// fields adds the operations on fields of bits.
func fields(t map[string]operation) {
	signed := func(width int) func(a, pos, n uint64) uint64 {
		return func(a, pos, n uint64) uint64 {
			pos, n = pos&255, n&255
			v := int64(a) << (64 - width) >> (64 - width)
			switch {
			case n == 0:
				return 0
			case pos >= uint64(width):
				v >>= 63
			case pos+n < uint64(width):
				v = v << (64 - pos - n) >> (64 - n)
			default:
				v >>= pos
			}
			return uint64(v) & (1<<width - 1)
		}
	}
	t["bfe.s32"] = operation{types: "wwww", value: three(signed(32))}
	t["bfe.s64"] = operation{types: "llww", value: three(signed(64))}
	t["bfi.b64"] = operation{types: "lllww", value: func(d, a, b, c, e *lanes) {
		for i := range d {
			pos, n := c[i]&255, e[i]&255
			mask := uint64(1)<<n - 1
			d[i] = b[i]&^(mask<<pos) | a[i]&mask<<pos
		}
	}}
	for typ, w := range map[string]int{"u32": 32, "s32": 32, "u64": 64, "s64": 64} {
		highest := func(a uint64) int {
			if typ[0] == 's' && a>>(w-1)&1 == 1 {
				a = ^a & (1<<w - 1)
			}
			return bits.Len64(a) - 1
		}
		types := "w" + letter(typ)
		t["bfind."+typ] = operation{types: types, value: one(func(a uint64) uint64 { return uint64(uint32(highest(a))) })}
		t["bfind.shiftamt."+typ] = operation{types: types, value: one(func(a uint64) uint64 {
			if h := highest(a); h >= 0 {
				return uint64(w - 1 - h)
			}
			return math.MaxUint32
		})}
	}
	t["shf.l.clamp.b32"] = operation{types: "wwww", value: three(func(lo, hi, n uint64) uint64 {
		return uint64(uint32((hi<<32 | lo) << min(n, 32) >> 32))
	})}
	t["shf.r.clamp.b32"] = operation{types: "wwww", value: three(func(lo, hi, n uint64) uint64 {
		return uint64(uint32((hi<<32 | lo) >> min(n, 32)))
	})}
}

// floats adds signs, classes, and minima and maxima that NaN wins.
func floats(t map[string]operation) {
	t["copysign.f32"] = operation{types: "www", value: two(func(a, b uint64) uint64 { return a&(1<<31) | b&^(1<<31) })}
	t["copysign.f64"] = operation{types: "lll", value: two(func(a, b uint64) uint64 { return a&(1<<63) | b&^(1<<63) })}
	classes := func(w, typ string, value func(uint64) float64, least float64) {
		for name, is := range map[string]func(float64) bool{
			"finite":     func(v float64) bool { return math.Abs(v) <= math.MaxFloat64 },
			"infinite":   func(v float64) bool { return math.IsInf(v, 0) },
			"number":     func(v float64) bool { return v == v },
			"notanumber": func(v float64) bool { return v != v },
			"normal":     func(v float64) bool { return math.Abs(v) >= least && math.Abs(v) <= math.MaxFloat64 },
			"subnormal":  func(v float64) bool { return v != 0 && math.Abs(v) < least },
		} {
			t["testp."+name+"."+typ] = operation{types: "p" + w, test: func(a, _ *lanes) (r uint32) {
				for _, v := range a {
					r = r>>1 | bit(is(value(v)))<<31
				}
				return r
			}}
		}
	}
	classes("w", "f32", func(v uint64) float64 { return float64(f32(v)) }, 0x1p-126)
	classes("l", "f64", f64, 0x1p-1022)
	for _, name := range []string{"max", "min"} {
		plain := t[name+".f32"].value
		t[name+".NaN.f32"] = operation{types: "www", value: func(d, a, b, c, e *lanes) {
			plain(d, a, b, c, e)
			for i := range d {
				if f32(a[i]) != f32(a[i]) || f32(b[i]) != f32(b[i]) {
					d[i] = 0x7fffffff
				}
			}
		}}
	}
}
