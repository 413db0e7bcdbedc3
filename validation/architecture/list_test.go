package architecture

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "surprisal"

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir, Doc string
	Standard             bool
	Imports, Deps        []string
	GoFiles              []string
	Module               *struct{ Path, Version, Dir string }
}

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// list runs `go list -deps` over pattern for a platform ("os/arch"), without
// cgo, as the binary is built.
func list(t *testing.T, platform string, patterns ...string) map[string]listed {
	t.Helper()
	goos, goarch, _ := strings.Cut(platform, "/")
	args := append([]string{"list", "-deps", "-json=ImportPath,Dir,Doc,Standard,Imports,Deps,GoFiles,Module"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	packages := map[string]listed{}
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// ours keeps this module's packages, by their path inside it.
func ours(all map[string]listed) map[string]listed {
	in := map[string]listed{}
	for path, p := range all {
		if rel, ok := strings.CutPrefix(path, module+"/"); ok {
			in[rel] = p
		}
	}
	return in
}

// under reports whether path is one of the patterns: a path, or "path/..." for
// a tree.
func under(path string, patterns ...string) bool {
	for _, p := range patterns {
		if tree, ok := strings.CutSuffix(p, "/..."); ok {
			if path == tree || strings.HasPrefix(path, tree+"/") {
				return true
			}
		} else if path == p {
			return true
		}
	}
	return false
}
