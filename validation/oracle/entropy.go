// Package oracle computes the quantities of this project a second time, by
// brute force from their definitions and as plainly as possible. Tests hold
// our numerics against it, so it imports none of them and shares no trick with
// them: no tables, no sliding, no integers.
package oracle

import (
	"math"
	"slices"
)

// Entropy returns the plug-in entropy −Σ p log2 p of values in bits, the number
// of distinct values, and the Miller–Madow estimate in bits.
func Entropy(values []int) (bits float64, distinct int, millerMadow float64) {
	v := slices.Clone(values)
	slices.Sort(v)
	n := float64(len(v))
	for i := 0; i < len(v); {
		j := i
		for j < len(v) && v[j] == v[i] {
			j++
		}
		p := float64(j-i) / n
		bits -= p * math.Log2(p)
		distinct++
		i = j
	}
	return bits, distinct, bits + float64(distinct-1)/(2*n)/math.Ln2
}

// Window returns the values that a window of h × w pixels sees around row y,
// column x of an image. keep says which of its pixels belong to it, as offsets
// from the centre; nil keeps all. border is "crop", "reflect" or "mirror". A
// window of an even side s starts s/2 before its centre.
func Window(image [][]int, y, x, h, w int, keep func(dy, dx int) bool, border string) []int {
	var out []int
	for dy := -(h / 2); dy < h-h/2; dy++ {
		for dx := -(w / 2); dx < w-w/2; dx++ {
			if keep != nil && !keep(dy, dx) {
				continue
			}
			i, okY := fold(y+dy, len(image), border)
			j, okX := fold(x+dx, len(image[0]), border)
			if okY && okX {
				out = append(out, image[i][j])
			}
		}
	}
	return out
}

// fold walks from outside to the index inside [0, n) one reflection at a time.
func fold(i, n int, border string) (int, bool) {
	for i < 0 || i >= n {
		switch {
		case border == "reflect" && i < 0:
			i = -1 - i
		case border == "reflect":
			i = 2*n - 1 - i
		case border == "mirror" && n == 1:
			return 0, true
		case border == "mirror" && i < 0:
			i = -i
		case border == "mirror":
			i = 2*(n-1) - i
		default:
			return 0, false
		}
	}
	return i, true
}
