package module

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"

	"surprisal/jupyter/interp/module/moduletest"
)

// noGo hides the Go toolchain from what looks for it on the PATH.
func noGo(t *testing.T) { t.Setenv("PATH", t.TempDir()) }

func newSet(t *testing.T, dir string, cache map[string]string) (*Set, *bytes.Buffer) {
	t.Helper()
	var said bytes.Buffer
	c := moduletest.Cache(t, cache)
	if dir == "" {
		dir = t.TempDir()
	}
	return New(Options{Dir: dir, Getenv: moduletest.Env(c), Progress: &said}), &said
}

var lib = map[string]string{
	"example.com/a@v1.0.0/go.mod":             "module example.com/a\ngo 1.21\n",
	"example.com/a@v1.0.0/a.go":               "package a\n",
	"example.com/a@v1.1.0/go.mod":             "module example.com/a\ngo 1.21\n",
	"example.com/a@v1.1.0/a.go":               "package a\n",
	"example.com/a@v1.1.0/sub/sub_windows.go": "package sub\n",
	"example.com/a@v1.1.0/sub/sub_unix.go":    "//go:build unix\n\npackage sub\n",
	"example.com/a@v1.1.0/sub/pure.go":        "//go:build purego\n\npackage sub\n",
	"example.com/a@v1.1.0/sub/sub_test.go":    "package sub\n",
	"example.com/b@v1.0.0/go.mod":             "module example.com/b\ngo 1.21\nrequire example.com/a v1.1.0\n",
	"example.com/b@v1.0.0/b.go":               "package b\nimport _ \"example.com/a\"\n",
	"example.com/b/deep@v0.1.0/go.mod":        "module example.com/b/deep\n",
	"example.com/b/deep@v0.1.0/deep.go":       "package deep\n",
	"example.com/!cap@v1.0.0/cap.go":          "package lower\n",
	"example.com/future@v1.0.0/go.mod":        "module example.com/future\ngo 1.999\n",
	"example.com/future@v1.0.0/f.go":          "package future\n",
	"example.com/broken@v1.0.0/go.mod":        "module example.com/broken\nrequire x.y one\n",
	"example.com/broken@v1.0.0/b.go":          "package broken\n",
	"example.com/cgo@v1.0.0/c.go":             "package cgo\n\nimport \"C\"\n",
	"example.com/embeds@v1.0.0/e.go":          "package embeds\n\nimport _ \"embed\"\n\n//go:embed x.txt\nvar X string\n",
	"example.com/embeds@v1.0.0/x.txt":         "x",
	"example.com/two@v1.0.0/x.go":             "package x\n",
	"example.com/two@v1.0.0/y.go":             "package y\n",
	"example.com/prog@v1.0.0/main.go":         "package main\n",
}

func TestGetAndFind(t *testing.T) {
	noGo(t)
	s, said := newSet(t, "", lib)
	ctx := context.Background()
	if err := s.Get(ctx, "example.com/b@v1.0.0", "example.com/b/deep", "example.com/Cap@v1.0.0"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "example.com/b@v1.0.0 is in the module cache") || !strings.Contains(said.String(), "example.com/b/deep@v0.1.0 is the newest in the module cache") {
		t.Errorf("Get says %q", said)
	}
	for _, test := range []struct{ path, module, dir, reason string }{
		{"example.com/b", "example.com/b@v1.0.0", "example.com/b@v1.0.0", "the module that Get names"},
		{"example.com/a", "example.com/a@v1.1.0", "example.com/a@v1.1.0", "what it requires"},
		{"example.com/b/deep", "example.com/b/deep@v0.1.0", "example.com/b/deep@v0.1.0", "the longest module path wins"},
		{"example.com/Cap", "example.com/Cap@v1.0.0", "example.com/!cap@v1.0.0", "capitals are escaped"},
	} {
		p, err := s.Find(ctx, test.path)
		if err != nil {
			t.Errorf("%s: %v", test.reason, err)
			continue
		}
		if p.Module.String() != test.module || !strings.HasSuffix(filepath.ToSlash(p.Dir), test.dir) {
			t.Errorf("%s: %s is %v in %s, want %s in %s", test.reason, test.path, p.Module, p.Dir, test.module, test.dir)
		}
	}
	p, err := s.Find(ctx, "example.com/a/sub")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Files) != 2 || filepath.Base(p.Files[0]) != "pure.go" || filepath.Base(p.Files[1]) != "sub_unix.go" || p.Go != "1.21" {
		t.Errorf("files of sub: %v, Go %s; want pure.go and sub_unix.go, 1.21", p.Files, p.Go)
	}
}

func TestWhatCannotBeHadSaysWhy(t *testing.T) {
	noGo(t)
	ctx := context.Background()
	for _, test := range []struct {
		get, find string
		want      []string
	}{
		{"", "example.com/a", []string{"no module that has package example.com/a is known", "preloaded are the standard library", `notebook.Get("example.com/a@v1.1.0")`}},
		{"", "example.com/nowhere/x", []string{"notebook.Get(\"module@version\")", "no Go toolchain on the PATH"}},
		{"example.com/a@v1.1.0", "example.com/a/nothing", []string{"example.com/a@v1.1.0 has no package example.com/a/nothing"}},
		{"example.com/a@v1.7.0", "", []string{"example.com/a@v1.7.0 is not in the module cache", "it holds v1.0.0, v1.1.0", "install Go"}},
		{"example.com/a@main", "", []string{`"main" is no version`}},
		{"example.com/zzz", "", []string{"holds no version of it"}},
		{"slices", "", []string{"is no module"}},
		{"", "bad path/x", []string{"is no import path"}},
		{"example.com/a@v2.0.0", "", []string{"example.com/a/v2"}},
		{"example.com/a/v3@v2.0.0", "", []string{"must agree"}},
		{"example.com/future@v1.0.0", "", []string{"needs Go 1.999", "this kernel is built with Go"}},
		{"example.com/broken@v1.0.0", "", []string{"line 2", `version "one" invalid`}},
		{"example.com/cgo@v1.0.0", "example.com/cgo", []string{"needs cgo (c.go:3)"}},
		{"example.com/embeds@v1.0.0", "example.com/embeds", []string{"//go:embed x.txt, e.go:5", "package os"}},
		{"example.com/two@v1.0.0", "example.com/two", []string{"two packages", "x.go", "y.go"}},
		{"example.com/prog@v1.0.0", "example.com/prog", []string{"is a program"}},
	} {
		s, _ := newSet(t, "", lib)
		var err error
		if test.get != "" {
			err = s.Get(ctx, test.get)
		}
		if test.find != "" {
			if err != nil {
				t.Errorf("Get %s: %v", test.get, err)
				continue
			}
			_, err = s.Find(ctx, test.find)
		}
		for _, w := range test.want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("Get(%q), Find(%q): %v\nwant %s", test.get, test.find, err, w)
			}
		}
	}
}

func TestOneVersionAModule(t *testing.T) {
	noGo(t)
	ctx := context.Background()
	s, _ := newSet(t, "", lib)
	if err := s.Get(ctx, "example.com/b@v1.0.0"); err != nil {
		t.Fatal(err)
	}
	if err := s.Get(ctx, "example.com/a@v1.0.0"); err == nil || !strings.Contains(err.Error(), "example.com/b@v1.0.0 requires v1.1.0: get example.com/a@v1.1.0 or newer") {
		t.Errorf("an older version than what another module requires: %v", err)
	}
	if _, err := s.Find(ctx, "example.com/a"); err != nil {
		t.Fatalf("after a refused Get: %v", err)
	}
	if err := s.Get(ctx, "example.com/a@v1.0.0"); err == nil || !strings.Contains(err.Error(), "has imported packages of example.com/a@v1.1.0") || !strings.Contains(err.Error(), "restart the kernel") {
		t.Errorf("another version after an import: %v", err)
	}
	// the same through what another module requires
	s, _ = newSet(t, "", lib)
	if err := s.Get(ctx, "example.com/a@v1.0.0"); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Find(ctx, "example.com/a"); err != nil || p.Module.Version != "v1.0.0" {
		t.Fatalf("a is %v, %v", p, err)
	}
	if err := s.Get(ctx, "example.com/b@v1.0.0"); err == nil || !strings.Contains(err.Error(), "example.com/b@v1.0.0 asks for it") {
		t.Errorf("a module that requires another version than is in use: %v", err)
	}
	if _, err := s.Find(ctx, "example.com/b"); err == nil {
		t.Error("a refused Get has left its module")
	}
}

func TestHome(t *testing.T) {
	noGo(t)
	ctx := context.Background()
	dir := t.TempDir()
	moduletest.Write(t, dir, map[string]string{
		"go.mod":                      "module lab\ngo 1.24\nrequire example.com/a v1.1.0\nrequire example.com/r v1.0.0\nreplace example.com/r => ./r\n",
		"filters/f.go":                "package filters\n",
		"internal/x/x.go":             "package x\n",
		"r/go.mod":                    "module example.com/r\ngo 1.20\n",
		"r/r.go":                      "package r\n",
		"vendor/modules.txt":          "# example.com/v v1.0.0\n## explicit; go 1.19\nexample.com/v/p\n",
		"vendor/example.com/v/p/p.go": "package p\n",
		"deep/er/keep":                "",
	})
	s, _ := newSet(t, filepath.Join(dir, "deep", "er"), lib)
	for _, test := range []struct{ path, gover, reason string }{
		{"lab/filters", "1.24", "a package of the notebook's own module, from a folder below"},
		{"example.com/a", "1.21", "what go.mod requires"},
		{"example.com/r", "1.20", "a folder that replaces a module"},
		{"example.com/v/p", "1.19", "vendored"},
	} {
		if p, err := s.Find(ctx, test.path); err != nil || p.Go != test.gover {
			t.Errorf("%s: %+v, %v; want Go %s", test.reason, p, err, test.gover)
		}
	}
	if !s.Holds("lab/filters") || s.Holds("laboratory") {
		t.Error("Holds: lab/filters is in the module lab, laboratory is not")
	}
	for path, want := range map[string]string{"lab/internal/x": "", "example.com/a/internal/y": "is internal to example.com/a"} {
		if err := s.MayImport(path); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("MayImport(%s): %v", path, err)
		}
	}
	moduletest.Write(t, dir, map[string]string{"go.mod": "module lab\nrequire example.com/a\n"})
	if _, err := s.Find(ctx, "example.com/a"); err == nil || !strings.Contains(err.Error(), "go.mod cannot be used: line 2") || !strings.Contains(err.Error(), "correct that line") {
		t.Errorf("a go.mod with an error: %v", err)
	}
}

func TestDamage(t *testing.T) {
	noGo(t)
	ctx := context.Background()
	c := moduletest.Cache(t, lib)
	s := New(Options{Dir: t.TempDir(), Getenv: moduletest.Env(c)})
	moduletest.Write(t, c, map[string]string{"example.com/a@v1.1.0/a.go": "package a // changed\n"})
	if err := s.Get(ctx, "example.com/a@v1.1.0"); err == nil || !strings.Contains(err.Error(), "the cache is damaged") || !strings.Contains(err.Error(), "go clean -modcache") {
		t.Errorf("a changed file: %v", err)
	}
	moduletest.Write(t, c, map[string]string{"cache/download/example.com/a/@v/v1.0.0.partial": ""})
	if err := s.Get(ctx, "example.com/a@v1.0.0"); err == nil || !strings.Contains(err.Error(), "not in the module cache") {
		t.Errorf("a module that was half unpacked: %v", err)
	}
	dir := t.TempDir()
	moduletest.Write(t, dir, map[string]string{"go.mod": "module lab\nrequire example.com/b v1.0.0\n", "go.sum": "example.com/b v1.0.0 h1:AAAA=\n"})
	s = New(Options{Dir: dir, Getenv: moduletest.Env(c)})
	if _, err := s.Find(ctx, "example.com/b"); err == nil || !strings.Contains(err.Error(), "not what go.sum promises") {
		t.Errorf("another hash in go.sum: %v", err)
	}
}

// Version selection as the Go command makes it: the graphs are those of
// https://go.dev/ref/mod#minimal-version-selection and #graph-pruning, in small.
func TestBuildList(t *testing.T) {
	mods := map[string]string{}
	add := func(id, gover string, req ...string) {
		text := "module x.y/" + strings.ToLower(id[:1]) + "\n"
		if gover != "" {
			text += "go " + gover + "\n"
		}
		for _, r := range req {
			text += "require x.y/" + strings.Replace(r, "@", " ", 1) + "\n"
		}
		mods["x.y/"+id+"/go.mod"] = text
	}
	add("a@v1.2.0", "1.16", "c@v1.3.0")
	add("b@v1.2.0", "1.16", "c@v1.4.0")
	add("c@v1.3.0", "1.16", "d@v1.2.0")
	add("c@v1.4.0", "1.16", "d@v1.2.0")
	add("d@v1.2.0", "1.16")
	add("p@v1.0.0", "1.17", "q@v1.0.0")
	add("q@v1.0.0", "1.17", "d@v1.9.0")
	add("d@v1.9.0", "1.17")
	add("o@v1.0.0", "1.16", "p@v1.0.0")
	c := newCache(moduletest.Env(moduletest.Cache(t, mods)))
	for _, test := range []struct {
		require, exclude string
		want             map[string]string
		reason           string
	}{
		{"a@v1.2.0 b@v1.2.0", "", map[string]string{"a": "v1.2.0", "b": "v1.2.0", "c": "v1.4.0", "d": "v1.2.0"}, "the highest that is required, not the highest there is"},
		{"a@v1.2.0 b@v1.2.0", "c@v1.4.0", map[string]string{"a": "v1.2.0", "b": "v1.2.0", "c": "v1.3.0", "d": "v1.2.0"}, "an excluded version is as if nobody required it"},
		{"p@v1.0.0", "", map[string]string{"p": "v1.0.0", "q": "v1.0.0"}, "what a module of Go 1.17 does not list is not looked for"},
		{"o@v1.0.0", "", map[string]string{"o": "v1.0.0", "p": "v1.0.0", "q": "v1.0.0", "d": "v1.9.0"}, "below an older module all is followed"},
	} {
		text := "module main\ngo 1.26\n"
		for _, w := range []string{"require " + test.require, "exclude " + test.exclude} {
			f := strings.Fields(w)
			for _, id := range f[1:] {
				text += f[0] + " x.y/" + strings.Replace(id, "@", " ", 1) + "\n"
			}
		}
		f, err := parseMod(text)
		if err != nil {
			t.Fatal(err)
		}
		l, err := c.build(home{file: f}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for m, v := range test.want {
			if l.version["x.y/"+m] != v {
				t.Errorf("%s: %s is %s, want %s", test.reason, m, l.version["x.y/"+m], v)
			}
		}
		if len(l.version) != len(test.want) {
			t.Errorf("%s: %v, want %v", test.reason, l.version, test.want)
		}
	}
}

// The proxy is a folder, as GOPROXY=file://… wants it.
func TestDownload(t *testing.T) {
	proxy := t.TempDir()
	moduletest.Write(t, proxy, map[string]string{
		"example.com/n/@v/list":        "v1.0.0\n",
		"example.com/n/@v/v1.0.0.info": `{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}`,
		"example.com/n/@v/v1.0.0.mod":  "module example.com/n\ngo 1.20\n",
		"example.com/n/@v/v1.0.0.zip":  zipOf(t, map[string]string{"example.com/n@v1.0.0/go.mod": "module example.com/n\ngo 1.20\n", "example.com/n@v1.0.0/n.go": "package n\n"}),
	})
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy))
	t.Setenv("GONOSUMDB", "*")
	t.Setenv("GOFLAGS", "-modcacherw") // so that the test's folder can be removed
	ctx := context.Background()
	s, said := newSet(t, "", nil)
	if err := s.Get(ctx, "example.com/n"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "example.com/n@latest is v1.0.0") || !strings.Contains(said.String(), "downloading example.com/n@v1.0.0") {
		t.Errorf("Get says %q", said)
	}
	for spec, want := range map[string]string{"example.com/n@v1.5.0": "there is no example.com/n@v1.5.0", "example.com/m@v1.0.0": "there is no example.com/m@v1.0.0"} {
		if err := s.Get(ctx, spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Get(%s): %v, want %s", spec, err, want)
		}
	}
	if p, err := s.Find(ctx, "example.com/n"); err != nil || p.Name != "n" {
		t.Errorf("after a download: %+v, %v", p, err)
	}
	t.Setenv("GOPROXY", "off")
	if err := s.Get(ctx, "example.com/m@v1.0.0"); err == nil || !strings.Contains(err.Error(), "the network or the module proxy does not answer") {
		t.Errorf("without a proxy: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Get(gone, "example.com/m@v1.0.0"); err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("a Get that was cancelled: %v", err)
	}
}
