package symbols

import "path"

// ambiguous says what a package name means that several packages share: the
// standard library first, and of that the package that one meets more often.
// All others need an import declaration.
var ambiguous = [...]struct{ name, path string }{
	{"draw", "image/draw"},             // not golang.org/x/image/draw, plot/vg/draw
	{"encoding", "encoding"},           // not gonum/graph/encoding
	{"font", "gonum.org/v1/plot/font"}, // not golang.org/x/image/font
	{"interp", "gonum.org/v1/gonum/interp"},
	{"palette", "image/color/palette"}, // not plot/palette
	{"path", "path"},                   // not gonum/graph/path
	{"pprof", "runtime/pprof"},         // not net/http/pprof
	{"rand", "math/rand/v2"},           // not math/rand, crypto/rand
	{"scanner", "text/scanner"},        // not go/scanner
	{"template", "text/template"},      // not html/template
}

// Preload maps a package name to the import path that a cell may use without
// an import declaration.
func (t *Table) Preload() map[string]string {
	out := map[string]string{}
	for _, p := range Paths() {
		out[packageName(p)] = p
	}
	for _, a := range ambiguous {
		out[a.name] = a.path
	}
	return out
}

// packageName is the name of a package in the tables: the last element of its
// path that is no major version.
func packageName(p string) string {
	if name := path.Base(p); !major(name) {
		return name
	}
	return path.Base(path.Dir(p))
}

func major(s string) bool {
	if len(s) < 2 || s[0] != 'v' {
		return false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
