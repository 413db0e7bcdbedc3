package ptx

import (
	"math/bits"
	"sync"
)

// lanes is a register of a warp: its 32 values, each zero extended. Every
// operation works on all lanes; those that take no part keep their old value
// because their result is thrown away.
type lanes = [32]uint64

// An operation computes a value or, if test is set, a predicate. types has the
// width of the destination and then of each source: h, w and l are 16, 32 and 64
// bits, p is a predicate.
type operation struct {
	types string
	value func(d, a, b, c, e *lanes)
	test  func(a, b *lanes) uint32
	logic func(a, b uint32) uint32
	about uint64 // not 0: the result is approximate, and this much is its last unit
}

// operations are the instructions that neither touch memory nor other lanes,
// by their full names.
var operations = sync.OnceValue(func() map[string]operation {
	t := map[string]operation{}
	integers(t)
	bitwise(t)
	floats32(t)
	floats64(t)
	comparisons(t)
	conversions(t)
	rarer(t)
	halves16(t)
	conversions16(t)
	approximate(t)
	flushed(t)
	return t
})

func one(f func(a uint64) uint64) func(d, a, b, c, e *lanes) {
	return func(d, a, _, _, _ *lanes) {
		for i := range d {
			d[i] = f(a[i])
		}
	}
}

func two(f func(a, b uint64) uint64) func(d, a, b, c, e *lanes) {
	return func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = f(a[i], b[i])
		}
	}
}

func three(f func(a, b, c uint64) uint64) func(d, a, b, c, e *lanes) {
	return func(d, a, b, c, _ *lanes) {
		for i := range d {
			d[i] = f(a[i], b[i], c[i])
		}
	}
}

type unsigned interface{ uint16 | uint32 | uint64 }
type signed interface{ int16 | int32 | int64 }
type integer interface{ unsigned | signed }

// The operations of hot loops have loops of their own, which is five times as
// fast as a call a lane.

func move(d, a, _, _, _ *lanes) { *d = *a }

func add[T unsigned](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(T(a[i]) + T(b[i]))
	}
}

func sub[T unsigned](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(T(a[i]) - T(b[i]))
	}
}

func mul[T unsigned](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(T(a[i]) * T(b[i]))
	}
}

func mad[T unsigned](d, a, b, c, _ *lanes) {
	for i := range d {
		d[i] = uint64(T(a[i])*T(b[i]) + T(c[i]))
	}
}

// smaller and larger take S for the order and U for the width.
func smaller[U unsigned, S integer](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(U(min(S(a[i]), S(b[i]))))
	}
}

func larger[U unsigned, S integer](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(U(max(S(a[i]), S(b[i]))))
	}
}

func negate[T unsigned](d, a, _, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(-T(a[i]))
	}
}

func magnitude[U unsigned, S signed](d, a, _, _, _ *lanes) {
	for i := range d {
		v := S(a[i])
		if v < 0 {
			v = -v
		}
		d[i] = uint64(U(v))
	}
}

// divide is all ones where b is 0, which is what the hardware returns.
func divide[U unsigned, S integer](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(^U(0))
		if S(b[i]) != 0 {
			d[i] = uint64(U(S(a[i]) / S(b[i])))
		}
	}
}

func remainder[U unsigned, S integer](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(U(S(a[i])))
		if S(b[i]) != 0 {
			d[i] = uint64(U(S(a[i]) % S(b[i])))
		}
	}
}

func integers(t map[string]operation) {
	width(t, "h", "16", add[uint16], sub[uint16], mul[uint16], mad[uint16], negate[uint16])
	width(t, "w", "32", add[uint32], sub[uint32], mul[uint32], mad[uint32], negate[uint32])
	width(t, "l", "64", add[uint64], sub[uint64], mul[uint64], mad[uint64], negate[uint64])
	ordered[uint16, int16](t, "h", ".s16")
	ordered[uint32, int32](t, "w", ".s32")
	ordered[uint64, int64](t, "l", ".s64")
	ordered[uint16, uint16](t, "h", ".u16")
	ordered[uint32, uint32](t, "w", ".u32")
	ordered[uint64, uint64](t, "l", ".u64")
	t["abs.s16"] = operation{types: "hh", value: magnitude[uint16, int16]}
	t["abs.s32"] = operation{types: "ww", value: magnitude[uint32, int32]}
	t["abs.s64"] = operation{types: "ll", value: magnitude[uint64, int64]}

	wideU := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = uint64(uint32(a[i])) * uint64(uint32(b[i]))
		}
	}
	wideS := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = uint64(int64(int32(a[i])) * int64(int32(b[i])))
		}
	}
	t["mul.wide.u32"] = operation{types: "lww", value: wideU}
	t["mul.wide.s32"] = operation{types: "lww", value: wideS}
	t["mul.wide.u16"] = operation{types: "whh", value: two(func(a, b uint64) uint64 { return uint64(uint32(a) * uint32(b)) })}
	t["mul.wide.s16"] = operation{types: "whh", value: two(func(a, b uint64) uint64 { return uint64(uint32(int32(int16(a)) * int32(int16(b)))) })}
	t["mad.wide.u32"] = operation{types: "lwwl", value: three(func(a, b, c uint64) uint64 { return a*b + c })}
	t["mad.wide.s32"] = operation{types: "lwwl", value: three(func(a, b, c uint64) uint64 { return uint64(int64(int32(a))*int64(int32(b))) + c })}
	t["mul.hi.u16"] = operation{types: "hhh", value: two(func(a, b uint64) uint64 { return a * b >> 16 })}
	t["mul.hi.s16"] = operation{types: "hhh", value: two(func(a, b uint64) uint64 { return uint64(uint16(int32(int16(a)) * int32(int16(b)) >> 16)) })}
	t["mul.hi.u32"] = operation{types: "www", value: two(func(a, b uint64) uint64 { return a * b >> 32 })}
	t["mul.hi.s32"] = operation{types: "www", value: two(func(a, b uint64) uint64 { return uint64(uint32(int64(int32(a)) * int64(int32(b)) >> 32)) })}
	t["mul.hi.u64"] = operation{types: "lll", value: two(func(a, b uint64) uint64 { hi, _ := bits.Mul64(a, b); return hi })}
	t["mul.hi.s64"] = operation{types: "lll", value: two(func(a, b uint64) uint64 {
		hi, _ := bits.Mul64(a, b)
		return hi - uint64(int64(a)>>63)&b - uint64(int64(b)>>63)&a
	})}
}

type loop = func(d, a, b, c, e *lanes)

// width adds what does not depend on the sign.
func width(t map[string]operation, w, bits string, add, sub, mul, mad, neg loop) {
	for _, sign := range []string{"s", "u"} {
		typ := "." + sign + bits
		t["add"+typ] = operation{types: w + w + w, value: add}
		t["sub"+typ] = operation{types: w + w + w, value: sub}
		t["mul.lo"+typ] = operation{types: w + w + w, value: mul}
		t["mad.lo"+typ] = operation{types: w + w + w + w, value: mad}
	}
	t["neg.s"+bits] = operation{types: w + w, value: neg}
}

// ordered adds what does depend on it.
func ordered[U unsigned, S integer](t map[string]operation, w, typ string) {
	t["min"+typ] = operation{types: w + w + w, value: smaller[U, S]}
	t["max"+typ] = operation{types: w + w + w, value: larger[U, S]}
	t["div"+typ] = operation{types: w + w + w, value: divide[U, S]}
	t["rem"+typ] = operation{types: w + w + w, value: remainder[U, S]}
	t["shr"+typ] = operation{types: w + w + "w", value: func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = uint64(U(S(a[i]) >> uint32(b[i])))
		}
	}}
}

func shiftLeft[T unsigned](d, a, b, _, _ *lanes) {
	for i := range d {
		d[i] = uint64(T(a[i]) << uint32(b[i]))
	}
}

func bitwise(t map[string]operation) {
	and := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = a[i] & b[i]
		}
	}
	or := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = a[i] | b[i]
		}
	}
	xor := func(d, a, b, _, _ *lanes) {
		for i := range d {
			d[i] = a[i] ^ b[i]
		}
	}
	for _, k := range []struct {
		w, bits string
		mask    uint64
		shl     loop
	}{{"h", "16", 1<<16 - 1, shiftLeft[uint16]}, {"w", "32", 1<<32 - 1, shiftLeft[uint32]}, {"l", "64", 1<<64 - 1, shiftLeft[uint64]}} {
		www := k.w + k.w + k.w
		mask := k.mask
		t["and.b"+k.bits] = operation{types: www, value: and}
		t["or.b"+k.bits] = operation{types: www, value: or}
		t["xor.b"+k.bits] = operation{types: www, value: xor}
		t["not.b"+k.bits] = operation{types: k.w + k.w, value: one(func(a uint64) uint64 { return ^a & mask })}
		t["shl.b"+k.bits] = operation{types: k.w + k.w + "w", value: k.shl}
		t["shr.b"+k.bits] = t["shr.u"+k.bits]
		for _, sign := range []string{"b", "u", "s", "f"} {
			if k.bits == "16" && sign == "f" {
				continue
			}
			t["mov."+sign+k.bits] = operation{types: k.w + k.w, value: move}
			t["selp."+sign+k.bits] = operation{types: www + "p"} // run by the warp itself
		}
	}
	t["popc.b32"] = operation{types: "ww", value: one(func(a uint64) uint64 { return uint64(bits.OnesCount64(a)) })}
	t["popc.b64"] = operation{types: "wl", value: t["popc.b32"].value}
	t["clz.b32"] = operation{types: "ww", value: one(func(a uint64) uint64 { return uint64(bits.LeadingZeros32(uint32(a))) })}
	t["clz.b64"] = operation{types: "wl", value: one(func(a uint64) uint64 { return uint64(bits.LeadingZeros64(a)) })}
	t["brev.b32"] = operation{types: "ww", value: one(func(a uint64) uint64 { return uint64(bits.Reverse32(uint32(a))) })}
	t["brev.b64"] = operation{types: "ll", value: one(bits.Reverse64)}
	t["bfe.u32"] = operation{types: "wwww", value: three(func(a, pos, n uint64) uint64 {
		return a >> (pos & 255) & (1<<min(n&255, 32) - 1)
	})}
	t["bfe.u64"] = operation{types: "llww", value: three(func(a, pos, n uint64) uint64 {
		return a >> (pos & 255) & (1<<(n&255) - 1)
	})}
	t["bfi.b32"] = operation{types: "wwwww", value: func(d, a, b, c, e *lanes) {
		for i := range d {
			pos, n := c[i]&255, e[i]&255
			mask := uint64(1)<<n - 1
			d[i] = uint64(uint32(b[i]&^(mask<<pos) | a[i]&mask<<pos))
		}
	}}
	t["prmt.b32"] = operation{types: "wwww", value: three(func(a, b, c uint64) uint64 {
		from, r := a|b<<32, uint64(0)
		for k := range 4 {
			s := c >> (4 * k)
			v := from >> (8 * (s & 7)) & 255
			if s&8 != 0 {
				v = v >> 7 * 255
			}
			r |= v << (8 * k)
		}
		return r
	})}
	t["shf.l.wrap.b32"] = operation{types: "wwww", value: three(func(lo, hi, n uint64) uint64 {
		return uint64(uint32((hi<<32 | lo) << (n & 31) >> 32))
	})}
	t["shf.r.wrap.b32"] = operation{types: "wwww", value: three(func(lo, hi, n uint64) uint64 {
		return uint64(uint32((hi<<32 | lo) >> (n & 31)))
	})}
	t["and.pred"] = operation{types: "ppp", logic: func(a, b uint32) uint32 { return a & b }}
	t["or.pred"] = operation{types: "ppp", logic: func(a, b uint32) uint32 { return a | b }}
	t["xor.pred"] = operation{types: "ppp", logic: func(a, b uint32) uint32 { return a ^ b }}
	t["not.pred"] = operation{types: "pp", logic: func(a, _ uint32) uint32 { return ^a }}
	t["mov.pred"] = operation{types: "pp", logic: func(a, _ uint32) uint32 { return a }}
}
