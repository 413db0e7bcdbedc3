package rt

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The compiler's types, and how the interpreter holds the same values.
type (
	celsius float64
	point   struct{ X, y int }
	outer   struct {
		P    point
		c    celsius
		list []point
		m    map[string]celsius
		any  any
		//lint:ignore U1000 fmt prints it
		ptr *point
		d   time.Duration
		Err error
	}
	rawPoint struct {
		X   int
		U_y int `sp:"t2"`
	}
	rawOuter struct {
		P      rawPoint
		U_c    float64
		U_list []rawPoint
		U_m    map[string]float64
		U_any  any
		U_ptr  *rawPoint
		U_d    time.Duration
		Err    error
	}
)

func (c celsius) String() string { return fmt.Sprintf("%.1f°", float64(c)) }
func (p *point) Error() string   { return fmt.Sprint("err", p.X) }

// twin is a runtime that knows the types above.
func twin() *Runtime {
	r := New(Config{})
	r.Describe([]*Desc{
		{ID: 1, Name: "rt.celsius", Own: true, Boxed: true, Methods: map[string]int{"String": 1}},
		{ID: 2, Name: "rt.point", Own: true, Fields: []FieldDesc{{Name: "X", Type: 10}, {Name: "y", Type: 10}}},
		{ID: 3, Name: "*rt.point", Elem: 2, Methods: map[string]int{"Error": 1}},
		{ID: 4, Name: "[]rt.point", Elem: 2},
		{ID: 5, Name: "map[string]rt.celsius", Boxed: true, Key: 11, Elem: 1},
		{ID: 6, Name: "rt.outer", Own: true, Fields: []FieldDesc{{Name: "P", Type: 2}, {Name: "c", Type: 1}, {Name: "list", Type: 4}, {Name: "m", Type: 5}, {Name: "any"}, {Name: "ptr", Type: 3}, {Name: "d", Type: 12}, {Name: "Err"}}},
		{ID: 7, Name: "[]rt.celsius", Boxed: true, Elem: 1},
		{ID: 8, Name: "*rt.outer", Elem: 6},
		{ID: 10, Name: "int"}, {ID: 11, Name: "string"}, {ID: 12, Name: "time.Duration", Foreign: true},
		{ID: 13, Name: "[]interface {}"},
	}, nil)
	for id, p := range map[int]any{1: new(float64), 2: new(rawPoint), 3: new(*rawPoint), 4: new([]rawPoint), 5: new(map[string]float64), 6: new(rawOuter), 7: new([]float64), 8: new(*rawOuter), 10: new(int), 11: new(string), 12: new(time.Duration), 13: new([]any)} {
		r.Known(id, p)
	}
	r.Method(1, "String", func(x any) any { return func() string { return celsius(V(x).(float64)).String() } })
	r.Method(3, "Error", func(x any) any { return func() string { return fmt.Sprint("err", x.(*rawPoint).X) } })
	return r
}

func TestFormatAsCompiled(t *testing.T) {
	r := twin()
	p, raw := &point{1, 2}, &rawPoint{1, 2}
	o := outer{P: *p, c: 3, list: []point{{4, 5}}, m: map[string]celsius{"b": 6, "a": 7}, any: celsius(8), d: time.Second}
	ro := rawOuter{P: *raw, U_c: 3, U_list: []rawPoint{{4, 5}}, U_m: map[string]float64{"b": 6, "a": 7}, U_any: r.Box(1, 8.0), U_d: time.Second}
	values := []struct {
		compiled, held any
	}{
		{celsius(21.5), r.Box(1, 21.5)},
		{*p, *raw},
		{p, raw},
		{[]point{{1, 2}}, []rawPoint{{1, 2}}},
		{[]celsius{1, 2}, r.Box(7, []float64{1, 2})},
		{map[string]celsius{"x": 1}, r.Box(5, map[string]float64{"x": 1})},
		{map[string]celsius(nil), r.Box(5, map[string]float64(nil))},
		{[]point(nil), []rawPoint(nil)},
		{(*point)(nil), (*rawPoint)(nil)},
		{o, ro},
		{&o, &ro},
		{[]any{celsius(1), 2, nil, "s", *p}, []any{r.Box(1, 1.0), 2, nil, "s", *raw}},
		{7, 7}, {nil, nil}, {"text", "text"}, {time.Minute, time.Minute},
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%8v|", "%-8v|", "%08.3f", "%T", "%t", "%5.1f %[1]v", "%[2]v %[1]T", "%*[1]d", "%!"} {
		for _, v := range values {
			if strings.Contains(format, "#") && reflect.ValueOf(v.compiled).Kind() == reflect.Pointer {
				continue // addresses
			}
			want := fmt.Sprintf(format, v.compiled)
			if got := r.Sprintf(format, []any{v.held}); got != want {
				t.Errorf("%s of %T:\ngot  %s\nwant %s", format, v.compiled, got, want)
			}
		}
	}
	for i, a := range values[:len(values)-1] {
		b := values[i+1]
		if got, want := r.Sprint([]any{a.held, b.held, 3}), fmt.Sprint(a.compiled, b.compiled, 3); got != want {
			t.Errorf("Sprint: got %q, want %q", got, want)
		}
		if got, want := r.Sprintln([]any{a.held, b.held}), fmt.Sprintln(a.compiled, b.compiled); got != want {
			t.Errorf("Sprintln: got %q, want %q", got, want)
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, s := range []string{"%v %T", "%[2]*.[1]*f", "%-+# 010.3T%p", "%[3]T%[x", "%", "%%T%", "%[0]A00000T", "%[99999999999999999999]T%p", "%100 0\xb1000p"} {
		f.Add(s)
	}
	r := twin()
	f.Fuzz(func(t *testing.T, format string) {
		// Native values only: nothing may change.
		if got := r.Format(format, []any{1, "a", 2.5}); got != format && fmt.Sprintf(got, 1, "a", 2.5) != fmt.Sprintf(format, 1, "a", 2.5) {
			t.Errorf("%q became %q", format, got)
		}
	})
}

func TestBoxesCompare(t *testing.T) {
	r := twin()
	a, b, other := r.Box(1, 2.0), r.Box(1, 2.0), r.Box(5, map[string]float64{})
	if !r.Eq(a, b) || r.Eq(a, 2.0) || r.Eq(a, other) || a != b {
		t.Error("boxes of equal values of one type must be equal, and only they")
	}
	if e := r.ToErr(&rawPoint{3, 0}); e.Error() != "err3" || !r.Is(r.Un(e), 3) || r.TID(a) != 1 || r.TID("x") != 11 || r.TID(nil) != 0 {
		t.Error("a notebook error is a native error and keeps its type")
	}
	if r.ID("native") != 11 || r.ID(time.Second) != 0 {
		t.Errorf("ID: %d, %d", r.ID("native"), r.ID(time.Second))
	}
}

// What is out of range is told in the compiler's words.
func TestBounds(t *testing.T) {
	s, str, arr := make([]int, 3, 5), "abc", [3]int{}
	agree := func(what string, check, native func()) {
		t.Helper()
		caught := func(f func()) (msg string) {
			defer func() { msg = fmt.Sprint(recover()) }()
			f()
			return
		}
		if got, want := caught(check), caught(native); got != want {
			t.Errorf("%s: %s, Go says %s", what, got, want)
		}
	}
	v := reflect.ValueOf
	absent, slice, text, array := reflect.Value{}, v(s), v(str), v(&arr)
	for _, c := range [][3]int{{0, 3, 4}, {2, 1, 4}, {-1, 2, 4}, {0, 6, 7}, {4, 3, 4}, {0, -1, 4}, {5, 5, 5}, {0, 1, -1}, {-1, -1, -1}, {0, 4, 3}, {3, 3, 3}, {4, 4, 5}} {
		low, hi, most := c[0], c[1], c[2]
		ul, uh, um := uint64(low), uint64(hi), uint64(most)
		agree(fmt.Sprint("slice ", c), func() { CheckSlice(slice, v(low), v(hi), absent) }, func() { _ = s[low:hi] })
		agree(fmt.Sprint("slice from ", c), func() { CheckSlice(slice, v(low), absent, absent) }, func() { _ = s[low:] })
		agree(fmt.Sprint("slice to ", c), func() { CheckSlice(slice, absent, v(hi), absent) }, func() { _ = s[:hi] })
		agree(fmt.Sprint("string ", c), func() { CheckSlice(text, v(low), v(hi), absent) }, func() { _ = str[low:hi] })
		agree(fmt.Sprint("string from ", c), func() { CheckSlice(text, v(low), absent, absent) }, func() { _ = str[low:] })
		agree(fmt.Sprint("array ", c), func() { CheckSlice(array, v(low), v(hi), absent) }, func() { _ = arr[low:hi] })
		agree(fmt.Sprint("three of an array ", c), func() { CheckSlice(array, v(low), v(hi), v(most)) }, func() { _ = arr[low:hi:most] })
		agree(fmt.Sprint("three ", c), func() { CheckSlice(slice, v(low), v(hi), v(most)) }, func() { _ = s[low:hi:most] })
		agree(fmt.Sprint("three from the first ", c), func() { CheckSlice(slice, absent, v(hi), v(most)) }, func() { _ = s[:hi:most] })
		agree(fmt.Sprint("unsigned slice ", c), func() { CheckSlice(slice, v(ul), v(uh), absent) }, func() { _ = s[ul:uh] })
		agree(fmt.Sprint("unsigned low ", c), func() { CheckSlice(slice, v(ul), v(hi), absent) }, func() { _ = s[ul:hi] })
		agree(fmt.Sprint("unsigned three ", c), func() { CheckSlice(slice, v(ul), v(uh), v(um)) }, func() { _ = s[ul:uh:um] })
		if uint(low) >= 3 {
			agree(fmt.Sprint("index ", c), func() { BadIndex(low, len(s), false) }, func() { _ = s[low] })
			agree(fmt.Sprint("unsigned index ", c), func() { BadIndex(low, len(s), true) }, func() { _ = s[ul] })
		}
	}
}
