package figure

import (
	"cmp"
	"fmt"
	"strings"
)

// compareNames orders names as people do: x2 before x10.
func compareNames(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if digit(a[i]) && digit(b[j]) {
			m, n := digitsFrom(a, i), digitsFrom(b, j)
			p, q := strings.TrimLeft(a[i:m], "0"), strings.TrimLeft(b[j:n], "0")
			if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
				return c
			}
			i, j = m, n
			continue
		}
		if a[i] != b[j] {
			return cmp.Compare(a[i], b[j])
		}
		i, j = i+1, j+1
	}
	return cmp.Or(cmp.Compare(len(a)-i, len(b)-j), strings.Compare(a, b))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func digitsFrom(s string, i int) int {
	for i < len(s) && digit(s[i]) {
		i++
	}
	return i
}

// countOf is "1 value" or "12,000 values".
func countOf(n int, what string) string {
	s := grouped(n) + " " + what
	if n != 1 {
		s += "s"
	}
	return s
}

// grouped writes n with commas between thousands.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
