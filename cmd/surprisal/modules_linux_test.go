package main

import (
	"os/exec"
	"strings"
	"testing"
)

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
