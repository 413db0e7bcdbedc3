package module

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseMod(t *testing.T) {
	f, err := parseMod(`// the lab
module "example.com/lab" // quoted

go 1.21.3
toolchain go1.26.8
require example.com/a v1.2.3
require (
	example.com/b v0.0.0-20240101000000-abcdefabcdef // indirect
	example.com/c/v2 v2.0.0+incompatible
)
exclude example.com/a v1.2.4
replace (
	example.com/a => ../a
	example.com/b v1.0.0 => example.com/b2 v1.1.0
)
retract [v1.0.0, v1.1.0]
tool example.com/a/cmd
future thing ( x
)
`)
	if err != nil {
		t.Fatal(err)
	}
	want := &file{
		Module: "example.com/lab", Go: "1.21.3",
		Require: []Version{{"example.com/a", "v1.2.3"}, {"example.com/b", "v0.0.0-20240101000000-abcdefabcdef"}, {"example.com/c/v2", "v2.0.0+incompatible"}},
		Exclude: map[Version]bool{{"example.com/a", "v1.2.4"}: true},
		Replace: map[Version]Version{{"example.com/a", ""}: {"../a", ""}, {"example.com/b", "v1.0.0"}: {"example.com/b2", "v1.1.0"}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v\nwant %+v", f, want)
	}
	if r := f.replaced(Version{"example.com/b", "v1.0.1"}); r.Path != "example.com/b" {
		t.Errorf("a replacement of v1.0.0 replaces v1.0.1 by %v", r)
	}
}

func TestParseModSaysTheLine(t *testing.T) {
	for _, test := range []struct{ text, want, reason string }{
		{"module a.b\nrequire x.y 1.0.0\n", `line 2: "1.0.0" is no version`, "the v is missing"},
		{"module a.b\nrequire (\n\tx.y v1.0.0\n", "line 3: the block require ( is not closed", "unclosed block"},
		{"module a.b\n\nmodule c.d\n", "line 3: module stands twice", "two modules"},
		{"go\n", "line 1: go wants a version such as 1.26", "no version"},
		{"go one\n", "line 1: go wants a version such as 1.26", "a word"},
		{"require x.y\n", "line 1: require wants a module path and a version", "no version"},
		{"replace x.y v1.0.0\n", "line 1: replace wants", "no arrow"},
		{"replace x.y => z.w\n", "line 1: a replacement is a folder", "a module without a version"},
		{"replace x.y => ./z v1.0.0\n", "line 1: a replacement is a folder", "a folder with a version"},
		{"module \"a.b\n", "line 1: a quoted string is not closed", "open quote"},
		{"/* a */\n", "line 1: comments are written with //", "the go command refuses it too"},
	} {
		f, err := parseMod(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) || f != nil {
			t.Errorf("%s: %q: %v, %v; want %s", test.reason, test.text, f, err, test.want)
		}
	}
}

func FuzzParseMod(f *testing.F) {
	f.Add("module a.b\nrequire (\n\tx.y v1.0.0 // c\n)\nreplace x.y => ./z\n")
	f.Add("exclude \"x\" v1.0.0-rc.1\ngo 1.26rc1")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseMod(text)
		if (err == nil) != (m != nil) {
			t.Fatalf("%q: %v with error %v", text, m, err)
		}
		if err != nil {
			return
		}
		for _, v := range m.Require {
			if !valid(v.Version) {
				t.Errorf("%q requires %v", text, v)
			}
		}
	})
}

// The order of semantic versioning 2.0.0 §11.
func TestCompare(t *testing.T) {
	order := []string{"", "v0.0.1", "v0.9.0", "v0.10.0", "v1.0.0-0.20230101", "v1.0.0-2", "v1.0.0-11", "v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-alpha.beta",
		"v1.0.0-beta", "v1.0.0-beta.2", "v1.0.0-beta.11", "v1.0.0-rc.1", "v1.0.0", "v1.0.1", "v2.0.0+incompatible", "v99999999999999999999.0.0"}
	for i, a := range order {
		for j, b := range order {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := compare(a, b); got != want {
				t.Errorf("compare(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
	for _, bad := range []string{"1.0.0", "v1", "v1.0", "v01.0.0", "v1.0.0-", "v1.0.0+", "v1.0.0-a..b", "v1.0.0-ä", "latest"} {
		if valid(bad) {
			t.Errorf("%q counts as a version", bad)
		}
	}
}

func TestGoVersions(t *testing.T) {
	for _, test := range []struct {
		v            string
		major, minor int
		want         bool
	}{
		{"1.17", 1, 17, true}, {"1.16", 1, 17, false}, {"1.26.3", 1, 26, true}, {"1.26rc1", 1, 26, true}, {"2", 1, 30, true}, {"", 1, 0, false}, {"x", 1, 0, false},
	} {
		if got := atLeast(test.v, test.major, test.minor); got != test.want {
			t.Errorf("atLeast(%q, %d, %d) = %v", test.v, test.major, test.minor, got)
		}
	}
}
