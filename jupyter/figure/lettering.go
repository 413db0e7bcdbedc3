package figure

import (
	"strings"
	"unicode"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
)

// lettering measures text in Liberation Sans, whose letters are as wide as
// those of Arial and Helvetica.
type lettering struct{ fonts *font.Cache }

func newLettering() lettering {
	return lettering{font.NewCache(liberation.Collection())}
}

func (l lettering) face(size float64, bold bool) font.Face {
	f := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if bold {
		f.Weight = stdfont.WeightBold
	}
	return l.fonts.Lookup(f, font.Length(size))
}

func (l lettering) width(s string, size float64, bold bool) float64 {
	f := l.face(size, bold)
	return float64(f.Width(s))
}

// fit cuts s with an ellipsis so that it is at most width wide. A width that
// does not even hold the ellipsis gives the ellipsis.
func (l lettering) fit(s string, size float64, bold bool, width float64) string {
	if l.width(s, size, bold) <= width {
		return s
	}
	r := []rune(s)
	lo, hi := 0, len(r) // r[:lo]… fits, r[:hi]… does not
	for hi-lo > 1 {
		if k := (lo + hi) / 2; l.width(string(r[:k])+"…", size, bold) <= width {
			lo = k
		} else {
			hi = k
		}
	}
	return strings.TrimRight(string(r[:lo]), " ") + "…"
}

// wrap breaks s into at most n lines of at most width; what is left is cut.
func (l lettering) wrap(s string, size float64, bold bool, width float64, n int) []string {
	var lines []string
	line := ""
	words := glued(strings.Fields(s))
	for i, word := range words {
		next := strings.TrimSpace(line + " " + word)
		if line != "" && l.width(next, size, bold) > width {
			if len(lines) == n-1 {
				line += " " + strings.Join(words[i:], " ")
				break
			}
			lines, next = append(lines, line), word
		}
		line = next
	}
	lines = append(lines, line)
	for i := range lines {
		lines[i] = l.fit(lines[i], size, bold, width)
	}
	return lines
}

// glued joins what no line should end or begin with to its neighbours.
func glued(words []string) []string {
	var out []string
	for i, w := range words {
		if n := len(out); n > 0 && (w == "=" || w == "→" || strings.HasPrefix(w, "%") || words[i-1] == "=" || words[i-1] == "→") {
			out[n-1] += " " + w
			continue
		}
		out = append(out, w)
	}
	return out
}

// longest is how much of a name is looked at; no more has room anywhere.
const longest = 400

// clean makes s fit for one line of a picture and of XML: valid UTF-8, blanks
// for control characters, and not endless.
func clean(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(s, "�") {
		if n++; n > longest {
			b.WriteRune('…')
			break
		}
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}
