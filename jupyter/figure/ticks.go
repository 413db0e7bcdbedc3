package figure

import (
	"math"
	"strconv"
	"strings"
)

type tick struct {
	at    float64
	label string
}

// ticks returns about n round values inside [lo, hi], all with the same number
// of decimals, so that 0, 50, 100 are not "0.00", "50.00", "100.00".
func ticks(lo, hi float64, n int) []tick {
	if !(hi > lo) {
		return []tick{{lo, number(lo, lo)}}
	}
	step, decimals := niceStep((hi - lo) / float64(max(n, 1)))
	first, last := math.Ceil(lo/step-1e-9), math.Floor(hi/step+1e-9)
	if last-first > 100 || math.IsInf(step, 0) || step == 0 {
		return []tick{{lo, number(lo, hi)}, {hi, number(hi, lo)}}
	}
	var out []tick
	for k := first; k <= last; k++ {
		v := k * step
		out = append(out, tick{v, format(v, step, decimals)})
	}
	if len(out) < 2 { // a range between two round values: name its ends
		return []tick{{lo, number(lo, hi)}, {hi, number(hi, lo)}}
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
	if decimals > 6 || math.Abs(v) >= 1e7 {
		return minus(strconv.FormatFloat(v, 'g', 4, 64))
	}
	return minus(strconv.FormatFloat(v, 'f', decimals, 64))
}

// number prints v so that it can be told from other: with three to six
// significant digits.
func number(v, other float64) string {
	v += 0 // −0 is 0
	for p := 3; p < 6; p++ {
		if s := strconv.FormatFloat(v, 'g', p, 64); v == other || s != strconv.FormatFloat(other, 'g', p, 64) {
			return plainExponent(s, v)
		}
	}
	return plainExponent(strconv.FormatFloat(v, 'g', 6, 64), v)
}

// plainExponent writes whole numbers up to 10^7 without an exponent: 1076, not
// 1.08e+03.
func plainExponent(s string, v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e7 {
		s = strconv.FormatFloat(v, 'f', 0, 64)
	}
	return minus(s)
}

func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }
