package symbols

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// generatedBy is the release of Go whose standard library the committed tables
// describe.
const generatedBy = "go1.26"

// The committed tables are what the generator writes now.
func TestTablesAreCurrent(t *testing.T) {
	if v := runtime.Version(); v != generatedBy && !strings.HasPrefix(v, generatedBy+".") {
		t.Skipf("the tables describe %s, this is %s, whose library has more; that they compile is checked by this test running", generatedBy, v)
	}
	out := t.TempDir()
	gen := exec.Command("go", "run", "./internal/gen", "-values", "-out", out)
	if b, err := gen.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	want, have := files(t, out), files(t, ".")
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !bytes.Equal(want[name], have[name]) {
			t.Errorf("%s is out of date: run `go generate ./jupyter/symbols`", name)
		}
		delete(have, name)
	}
	for name := range have {
		t.Errorf("%s is left over: run `go generate ./jupyter/symbols`", name)
	}
}

func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, set := range []string{"std", "gonum", "own"} {
		names, err := filepath.Glob(filepath.Join(dir, "internal", set, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no tables in %s: %v", dir, err)
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.Join(set, filepath.Base(n))] = b
		}
	}
	return out
}
