package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What no cell can use of a package is said on the cell's stderr.
func TestProductModuleInPart(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":  "module lab\ngo 1.26\n",
		"x/x.go":  "package x\nfunc Good() int { return 1 }\n",
		"x/no.go": "package x\nimport \"unsafe\"\nfunc Bad(p *int) int32 { return *(*int32)(unsafe.Pointer(p)) }\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := newBook(t)
	const why = "x/no.go:3: in x.Bad: not supported in the interpreter: unsafe.Pointer"
	for _, c := range []struct{ code, want string }{
		{fmt.Sprintf("os.Chdir(%q)", dir), ""},
		{"import \"lab/x\"\nx.Good()", "<stderr package lab/x works in cells without Bad: " + why + "\n><result 1>"},
		{"x.Bad(new(int))", "<error InterpreterLimit: Cell [3] 1:1: " + why},
		{"x.Good()", "<result 1>"},
	} {
		if r := b.run(c.code); !strings.HasPrefix(r.lines, c.want) {
			t.Errorf("%s: %q, want %q", c.code, r.lines, c.want)
		}
	}
}

// Modules through the whole product: asked for in a cell, imported in the next.
// github.com/google/uuid is in our go.mod, so it is in the module cache.
func TestProductModules(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/google/uuid").Output()
	if err != nil {
		t.Fatal(err)
	}
	mod := "github.com/google/uuid@" + strings.TrimSpace(string(out))
	b := newBook(t)
	for _, c := range []struct{ code, want, reason string }{
		{`must(0, os.Chdir(os.TempDir()))`, "<result 0>", "away from our own go.mod"},
		{`import "github.com/google/uuid"`, "<error CompileError: Cell [2] 1:8: could not import github.com/google/uuid: no module that has package github.com/google/uuid is known here; preloaded are the standard library, gonum", "unknown before Get"},
		{`notebook.Get("` + mod + `")`, mod + " is in the module cache\n", "Get says what it does"},
		{"import \"github.com/google/uuid\"\nuuid.NameSpaceDNS", "<result 6ba7b810-9dad-11d1-80b4-00c04fd430c8>", "and the package is there, its String too"},
		{`notebook.Get("github.com/google/uuid@v1.0.0").Error()`, `<result "notebook: Get: module: github.com/google/uuid@v1.0.0 cannot be had: this session has imported packages of ` + mod, "one version a session"},
		{`uuid.MustParse("x")`, "<error Panic: uuid: Parse(x): invalid UUID length: 1", "a panic in it is the cell's"},
	} {
		if r := b.run(c.code); !strings.HasPrefix(r.lines, c.want) {
			t.Errorf("%s (%s): %q, want %q", c.code, c.reason, r.lines, c.want)
		}
	}
}
