package rt

import (
	"hash/maphash"
	"math"
	"reflect"
	"unicode/utf8"
)

// Inf is a float constant that has no literal.
func Inf(positive bool) float64 {
	if positive {
		return math.Inf(1)
	}
	return math.Inf(-1)
}

// C128 and C64 make complex numbers: yaegi's complex of two constants panics.
func C128(re, im float64) complex128 { return complex(re, im) }
func C64(re, im float32) complex64   { return complex(re, im) }

// Fmin and Fmax are min and max of floats, with Go's rules for NaN and −0.
func Fmin(a, b float64) float64 { return min(a, b) }
func Fmax(a, b float64) float64 { return max(a, b) }

// RuneStr converts an integer to a string.
func RuneStr(n int64) string {
	if n < 0 || n > utf8.MaxRune {
		return string(utf8.RuneError)
	}
	return string(rune(n))
}

// Runes is what a range over a string yields: offsets and runes.
func Runes(s string) ([]int, []rune) {
	at, rs := make([]int, 0, len(s)), make([]rune, 0, len(s))
	for i, r := range s {
		at, rs = append(at, i), append(rs, r)
	}
	return at, rs
}

// Clear is the predeclared clear.
func Clear(x any) {
	if v := reflect.ValueOf(x); v.IsValid() {
		v.Clear()
	}
}

// Overlaps is slices.overlaps, which needs unsafe: do two slices share memory?
func Overlaps(a, b any) bool {
	x, y := reflect.ValueOf(V(a)), reflect.ValueOf(V(b))
	if x.Len() == 0 || y.Len() == 0 {
		return false
	}
	size := x.Type().Elem().Size()
	if size == 0 {
		return false
	}
	first := func(v reflect.Value) uintptr { return v.Index(0).Addr().Pointer() }
	last := func(v reflect.Value) uintptr { return v.Index(v.Len()-1).Addr().Pointer() + size - 1 }
	return first(x) <= last(y) && first(y) <= last(x)
}

// ArrayOf converts a slice to the type of p, a pointer to an array.
func ArrayOf(s, p any) any {
	v, t := reflect.ValueOf(s), reflect.TypeOf(p)
	if n := t.Elem().Len(); v.Len() < n {
		BadLen(v.Len(), n)
	}
	return v.Convert(t).Interface()
}

// MapClone is maps.clone, which the runtime implements.
func MapClone(m any) any {
	if b, ok := m.(Box); ok {
		b.V = MapClone(b.V)
		return b
	}
	v := reflect.ValueOf(m)
	if v.IsNil() {
		return m
	}
	n := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		n.SetMapIndex(it.Key(), it.Value())
	}
	return n.Interface()
}

// Hash and WriteHash are maphash.Comparable and WriteComparable of interface
// values: those that are equal have equal hashes.
func (r *Runtime) Hash(seed maphash.Seed, v any) uint64 { return maphash.Comparable(seed, r.Un(v)) }

func (r *Runtime) WriteHash(h *maphash.Hash, v any) { maphash.WriteComparable(h, r.Un(v)) }
