package module

import (
	"cmp"
	"strconv"
	"strings"
)

// semver is a version taken apart: v1.2.3-pre+meta.
type semver struct {
	nums [3]string
	pre  string
}

func parseVersion(v string) (s semver, ok bool) {
	v, ok = strings.CutPrefix(v, "v")
	if !ok {
		return s, false
	}
	v, meta, hasMeta := strings.Cut(v, "+")
	if hasMeta && !identifiers(meta) {
		return s, false
	}
	v, s.pre, ok = strings.Cut(v, "-")
	if ok && !identifiers(s.pre) {
		return s, false
	}
	parts := strings.Split(v, ".")
	if len(parts) != 3 {
		return s, false
	}
	for i, p := range parts {
		if !number(p) {
			return s, false
		}
		s.nums[i] = p
	}
	return s, true
}

// valid tells whether v is a whole semantic version.
func valid(v string) bool {
	_, ok := parseVersion(v)
	return ok
}

func number(s string) bool {
	if s == "" || len(s) > 1 && s[0] == '0' {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

func identifiers(s string) bool {
	for id := range strings.SplitSeq(s, ".") {
		if id == "" {
			return false
		}
		for _, c := range []byte(id) {
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return false
			}
		}
	}
	return true
}

// compare orders versions as semantic versioning 2.0.0 §11 does. What is no
// version stands before all.
func compare(a, b string) int {
	x, okA := parseVersion(a)
	y, okB := parseVersion(b)
	if !okA || !okB {
		switch {
		case okA:
			return 1
		case okB:
			return -1
		}
		return 0
	}
	for i := range x.nums {
		if c := compareNumbers(x.nums[i], y.nums[i]); c != 0 {
			return c
		}
	}
	return comparePre(x.pre, y.pre)
}

// compareNumbers compares digits of any length.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func comparePre(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "": // a release stands after its pre-releases
		return 1
	case b == "":
		return -1
	}
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, y := as[i], bs[i]
		nx, ny := strings.Trim(x, "0123456789") == "", strings.Trim(y, "0123456789") == ""
		switch {
		case x == y:
		case nx && ny:
			return compareNumbers(strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0"))
		case nx:
			return -1
		case ny:
			return 1
		default:
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(len(as), len(bs))
}

// isGoVersion tells whether v is a version of Go: 1.26, 1.26.1, 1.26rc1.
func isGoVersion(v string) bool {
	_, _, ok := goVersion(v)
	return ok
}

// goVersion takes the language version out of 1.26.1.
func goVersion(v string) (major, minor int, ok bool) {
	a, rest, _ := strings.Cut(v, ".")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(rest)
	}
	major, err := strconv.Atoi(a)
	if err != nil || major < 1 {
		return 0, 0, false
	}
	if rest == "" {
		return major, 0, true
	}
	minor, err = strconv.Atoi(rest[:end])
	return major, minor, err == nil
}

// atLeast tells whether the language version v is major.minor or later.
func atLeast(v string, major, minor int) bool {
	a, b, ok := goVersion(v)
	return ok && (a > major || a == major && b >= minor)
}
