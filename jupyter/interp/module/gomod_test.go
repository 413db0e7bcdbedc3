package module

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseMod(t *testing.T) {
	const text = `// the lab
module "example.com/lab" // quoted

go 1.21.3
toolchain go1.26.8
require example.com/a v1.2.3
require (
	example.com/b v0.0.0-20240101000000-abcdefabcdef // indirect
	example.com/c/v2 v2.0.0
	example.com/d v2.0.0+incompatible
)
exclude example.com/a v1.2.4
replace (
	example.com/a => ../a
	example.com/b v1.0.0 => example.com/b2 v1.1.0
)
retract [v1.0.0, v1.1.0]
tool example.com/a/cmd
`
	f, err := parseMod(text)
	if err != nil {
		t.Fatal(err)
	}
	want := &file{
		Module: "example.com/lab", Go: "1.21.3",
		Require: []Version{
			{Path: "example.com/a", Version: "v1.2.3"}, {Path: "example.com/b", Version: "v0.0.0-20240101000000-abcdefabcdef"},
			{Path: "example.com/c/v2", Version: "v2.0.0"}, {Path: "example.com/d", Version: "v2.0.0+incompatible"},
		},
		Exclude: map[Version]bool{{Path: "example.com/a", Version: "v1.2.4"}: true},
		Replace: map[Version]Version{
			{Path: "example.com/a"}:                    {Path: "../a"},
			{Path: "example.com/b", Version: "v1.0.0"}: {Path: "example.com/b2", Version: "v1.1.0"},
		},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v\nwant %+v", f, want)
	}
	if r := f.replaced(Version{Path: "example.com/b", Version: "v1.0.1"}); r.Path != "example.com/b" {
		t.Errorf("a replacement of v1.0.0 replaces v1.0.1 by %v", r)
	}
	want.Exclude, want.Replace = map[Version]bool{}, map[Version]Version{}
	if f, err = parseDependency(text + "future thing ( x\n)\n"); err != nil || !reflect.DeepEqual(f, want) {
		t.Errorf("as a dependency: got %+v, %v\nwant %+v", f, err, want)
	}
}

// The words after the line are the library's; what counts is that there is one
// line and that it is the right one.
func TestParseModSaysTheLine(t *testing.T) {
	for _, test := range []struct{ text, want, reason string }{
		{"module a.b\nrequire x.y 1.0.0\n", `line 2: require x.y: version "1.0.0" invalid: must be of the form v1.2.3`, "the v is missing"},
		{"module a.b\nrequire (\n\tx.y v1.0.0\n", "line 4: syntax error (unterminated block started at go.mod:2:1)", "unclosed block"},
		{"module a.b\n\nmodule c.d\n", "line 3: repeated module statement", "two modules"},
		{"go\n", "line 1: go directive expects exactly one argument", "no version"},
		{"go one\n", "line 1: invalid go version 'one'", "a word"},
		{"require x.y\n", "line 1: usage: require module/path v1.2.3", "no version"},
		{"replace x.y v1.0.0\n", "line 1: usage: replace", "no arrow"},
		{"replace x.y => z.w\n", "line 1: replacement module without version must be directory path", "a module without a version"},
		{"replace x.y => ./z v1.0.0\n", "line 1: replacement module directory path", "a folder with a version"},
		{"module \"a.b\n", "line 1: ", "open quote"},
		{"/* a */\n", "line 1: mod files must use // comments", "the go command refuses it too"},
		{"future x\n", "line 1: unknown directive: future", "the go command refuses it too"},
	} {
		f, err := parseMod(test.text)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || f != nil {
			t.Errorf("%s: %q: %v, %v; want %s", test.reason, test.text, f, err, test.want)
		}
	}
}

func TestVersions(t *testing.T) {
	for v, want := range map[string]bool{
		"v1.0.0": true, "v0.0.0-20240101000000-abcdefabcdef": true, "v2.0.0+incompatible": true, "v1.0.0-rc.1": true,
		"": false, "1.0.0": false, "v1": false, "v1.0": false, "v01.0.0": false, "v1.0.0-": false, "latest": false,
	} {
		if whole(v) != want {
			t.Errorf("whole(%q) is not %v", v, want)
		}
	}
	for _, test := range []struct {
		gover, lang string
		prunes      bool
	}{
		{"1.17", "1.17", true}, {"1.16", "1.16", false}, {"1.26.3", "1.26", true}, {"1.26rc1", "1.26", true}, {"", "1.16", false}, {"x", "1.16", false},
	} {
		if prunes(test.gover) != test.prunes || language(test.gover) != test.lang {
			t.Errorf("Go %q: prunes %v, language %s; want %v, %s", test.gover, prunes(test.gover), language(test.gover), test.prunes, test.lang)
		}
	}
}
