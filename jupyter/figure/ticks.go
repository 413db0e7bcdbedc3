package figure

import (
	"math"
	"strconv"
	"strings"
)

type tick struct {
	at    float64
	label string
	below string // of a time: what the label leaves out
}

// ticks returns about n round values inside [lo, hi], all with the same number
// of decimals, so that 0, 50, 100 are not "0.00", "50.00", "100.00".
func ticks(lo, hi float64, n int) []tick {
	if !(hi > lo) {
		return []tick{{at: lo, label: number(lo, 3)}}
	}
	d := digits(lo, hi)
	ends := []tick{{at: lo, label: number(lo, d)}, {at: hi, label: number(hi, d)}}
	step, decimals := niceStep((hi - lo) / float64(max(n, 1)))
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	// Counting by 1 stands still at 2^53, and rounding shows long before. NaN:
	// hi−lo is too large for a float64.
	if !(last-first <= 100 && max(math.Abs(first), math.Abs(last)) < 1<<40) {
		return ends
	}
	var out []tick
	for k := first; k <= last; k++ {
		v := k * step
		out = append(out, tick{at: v, label: format(v, step, decimals)})
	}
	if len(out) < 2 { // a range between two round values: name its ends
		return ends
	}
	return out
}

// niceStep returns the smallest of 1, 2, 5 · 10^k that is not below want, and
// the decimals that its multiples need.
func niceStep(want float64) (step float64, decimals int) {
	e := math.Floor(math.Log10(want))
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * math.Pow(10, e); step >= want*(1-1e-9) {
			if m == 10 {
				e++
			}
			break
		}
	}
	return step, max(0, -int(e))
}

func format(v, step float64, decimals int) string {
	if math.Abs(v) < step/2 {
		v = 0 // never "-0"
	}
	if v != 0 && (decimals > 6 || math.Abs(v) >= 1e7) {
		// As many digits as tell v from its neighbours, and at least 4.
		n := math.Floor(math.Log10(math.Abs(v))) - math.Floor(math.Log10(step)) + 1
		return minus(strconv.FormatFloat(v, 'g', int(math.Max(4, math.Min(17, n))), 64))
	}
	if decimals > 6 {
		return "0"
	}
	return minus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// digits returns how many significant digits tell lo from hi: 3 to 17.
func digits(lo, hi float64) int {
	for n := 3; n < 17; n++ {
		if lo == hi || number(lo, n) != number(hi, n) {
			return n
		}
	}
	return 17
}

// beside prints v with as many decimals as tell a two-hundredth of the range
// from lo to hi.
func beside(v, lo, hi float64) string {
	span := hi/2 - lo/2
	if !(span > 0) || max(math.Abs(lo), math.Abs(hi)) >= 1e7 || span < 1e-6 {
		return number(v, digits(lo, hi))
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(2*span))))
	if v == math.Trunc(v) {
		decimals = 0
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		s = "0"
	}
	return minus(s)
}

// number prints v with n significant digits, whole numbers and what stands
// before the point always in full up to 10^7: 1076, not 1.08e+03.
func number(v float64, n int) string {
	v += 0 // −0 is 0
	if a := math.Abs(v); a < 1e7 {
		if v == math.Trunc(v) {
			return minus(strconv.FormatFloat(v, 'f', 0, 64))
		}
		if a > 1 {
			n = max(n, int(math.Log10(a))+1)
		}
	}
	return minus(strconv.FormatFloat(v, 'g', n, 64))
}

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }
