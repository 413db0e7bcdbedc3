package imaging

import (
	"fmt"
	"math"
	"slices"

	"surprisal/gpu"
)

// Map is an entropy map: Height rows of Width values in bits.
type Map struct {
	Width, Height int
	Bits          []float64 // row by row
	Occupied      []uint16  // occupied bins of each window, if EntropyMap.Occupied asked for them
	Bins, Shift   int
	MillerMadow   bool
	Place         gpu.Place // where it was computed

	foot           Footprint
	border         Border
	imageW, imageH int
}

// Value returns the bits at column x, row y.
func (m *Map) Value(x, y int) float64 {
	m.check(x, y)
	return m.Bits[y*m.Width+x]
}

func (m *Map) check(x, y int) {
	if x < 0 || x >= m.Width || y < 0 || y >= m.Height {
		panic(fmt.Sprintf("imaging: column %d, row %d is outside a map of %d×%d values", x, y, m.Width, m.Height))
	}
}

// N returns the number of pixels in the window, or tile, of column x, row y.
func (m *Map) N(x, y int) int {
	m.check(x, y)
	f := m.foot
	switch {
	case f.kind == tile:
		return min(f.w, m.imageW-x*f.w) * min(f.h, m.imageH-y*f.h)
	case m.border != Crop:
		return f.area()
	}
	left, right := f.reach()
	n := 0
	for j := range left {
		if r := y - f.h/2 + j; r >= 0 && r < m.imageH {
			n += min(m.imageW-1, x+right[j]) - max(0, x-left[j]) + 1
		}
	}
	return n
}

// Summary is what a map comes to, in bits.
type Summary struct{ Min, Median, Max, Mean float64 }

// Summary returns the smallest, middle, largest and mean value of the map. NaN,
// which only a caller can have written into it, is left out; of a map without
// numbers all are NaN.
func (m *Map) Summary() Summary {
	v := m.Bits
	if slices.ContainsFunc(v, math.IsNaN) {
		v = slices.DeleteFunc(slices.Clone(v), math.IsNaN)
	}
	n := len(v)
	if n == 0 {
		return Summary{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	}
	s := Summary{Min: slices.Min(v), Max: slices.Max(v)}
	for _, x := range v {
		s.Mean += x
	}
	s.Mean /= float64(n)
	s.Median = (rank(v, s, (n-1)/2) + rank(v, s, n/2)) / 2
	return s
}

// rank returns the k-th smallest value, from 0. It sorts only the values of one
// of many classes, since sorting a whole map takes longer than making it.
func rank(v []float64, s Summary, k int) float64 {
	const classes = 4096
	width := (s.Max - s.Min) / (classes - 1)
	if !(width > 0) || math.IsInf(width, 0) {
		return slices.Sorted(slices.Values(v))[k]
	}
	class := func(x float64) int { return min(classes-1, int((x-s.Min)/width)) }
	var count [classes]int
	for _, x := range v {
		count[class(x)]++
	}
	c := 0
	for ; k >= count[c]; c++ {
		k -= count[c]
	}
	in := make([]float64, 0, count[c])
	for _, x := range v {
		if class(x) == c {
			in = append(in, x)
		}
	}
	slices.Sort(in)
	return in[k]
}

// Unit returns "bits".
func (m *Map) Unit() string { return "bits" }

// Method says how the map was made: window, border, bins, correction.
func (m *Map) Method() string {
	s := m.foot.String()
	if m.foot.kind != tile {
		s += ", border " + m.border.String()
	}
	s += fmt.Sprintf(", %d bins", m.Bins)
	if m.Shift > 0 {
		s += fmt.Sprintf(" (shift %d)", m.Shift)
	}
	if m.MillerMadow {
		s += ", Miller–Madow"
	}
	return s
}

// String is one sentence with the numbers.
func (m *Map) String() string {
	s := m.Summary()
	return fmt.Sprintf("entropy map %d×%d, %s: %.2f–%.2f bits, median %.2f", m.Width, m.Height, m.Method(), s.Min, s.Max, s.Median)
}

// Entropy is the entropy of a set of grey values.
type Entropy struct {
	Bits     float64
	N        int // values
	Occupied int // bins that hold one or more
	Place    gpu.Place
}

// String is one sentence: the bits, of how many pixels, and where it was computed.
func (e Entropy) String() string {
	s := fmt.Sprintf("%.4f bits, %d pixels in %d bins", e.Bits, e.N, e.Occupied)
	switch {
	case e.Place == gpu.Auto: // nobody has said
		return s
	case e.Place > gpu.Auto:
		return s + ", on " + e.Place.String()
	}
	return s + ", on the " + e.Place.String()
}
