package ptx

// A test returns one bit a lane. It shifts each in from the top, which costs
// less than a shift by the lane's number.

func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func less[T integer](a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(T(a[i]) < T(b[i]))<<31
	}
	return r
}

func lessOrEqual[T integer](a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(T(a[i]) <= T(b[i]))<<31
	}
	return r
}

func equal(a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(a[i] == b[i])<<31
	}
	return r
}

func less32(a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(f32(a[i]) < f32(b[i]))<<31
	}
	return r
}

func lessOrEqual32(a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(f32(a[i]) <= f32(b[i]))<<31
	}
	return r
}

func equal32(a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(f32(a[i]) == f32(b[i]))<<31
	}
	return r
}

func less64(a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(f64(a[i]) < f64(b[i]))<<31
	}
	return r
}

func lessOrEqual64(a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(f64(a[i]) <= f64(b[i]))<<31
	}
	return r
}

func equal64(a, b *lanes) (r uint32) {
	for i := range a {
		r = r>>1 | bit(f64(a[i]) == f64(b[i]))<<31
	}
	return r
}

type test = func(a, b *lanes) uint32

func swapped(f test) test { return func(a, b *lanes) uint32 { return f(b, a) } }
func inverse(f test) test { return func(a, b *lanes) uint32 { return ^f(a, b) } }

func comparisons(t map[string]operation) {
	whole := func(w, typ string, lt, le test) {
		set := func(cmp string, f test) { t["setp."+cmp+"."+typ] = operation{types: "p" + w + w, test: f} }
		set("eq", equal)
		set("ne", inverse(equal))
		set("lt", lt)
		set("le", le)
		set("gt", swapped(lt))
		set("ge", swapped(le))
	}
	whole("h", "s16", less[int16], lessOrEqual[int16])
	whole("w", "s32", less[int32], lessOrEqual[int32])
	whole("l", "s64", less[int64], lessOrEqual[int64])
	whole("h", "u16", less[uint16], lessOrEqual[uint16])
	whole("w", "u32", less[uint32], lessOrEqual[uint32])
	whole("l", "u64", less[uint64], lessOrEqual[uint64])
	for w, n := range map[string]string{"h": "16", "w": "32", "l": "64"} {
		for alias, cmp := range map[string]string{"lo": "lt", "ls": "le", "hi": "gt", "hs": "ge"} {
			t["setp."+alias+".u"+n] = t["setp."+cmp+".u"+n]
		}
		t["setp.eq.b"+n] = operation{types: "p" + w + w, test: equal}
		t["setp.ne.b"+n] = operation{types: "p" + w + w, test: inverse(equal)}
	}
	float := func(w, typ string, lt, le, eq test) {
		numbers := func(a, b *lanes) uint32 { return eq(a, a) & eq(b, b) }
		set := func(cmp string, f test) { t["setp."+cmp+"."+typ] = operation{types: "p" + w + w, test: f} }
		set("lt", lt)
		set("le", le)
		set("gt", swapped(lt))
		set("ge", swapped(le))
		set("eq", eq)
		set("ne", func(a, b *lanes) uint32 { return numbers(a, b) &^ eq(a, b) })
		set("ltu", inverse(swapped(le)))
		set("leu", inverse(swapped(lt)))
		set("gtu", inverse(le))
		set("geu", inverse(lt))
		set("equ", func(a, b *lanes) uint32 { return eq(a, b) | ^numbers(a, b) })
		set("neu", inverse(eq))
		set("num", numbers)
		set("nan", inverse(numbers))
	}
	float("w", "f32", less32, lessOrEqual32, equal32)
	float("l", "f64", less64, lessOrEqual64, equal64)
}
