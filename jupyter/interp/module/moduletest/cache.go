// Package moduletest writes module caches for tests, so that none needs a
// network.
package moduletest

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
)

// Cache writes a module cache into a new folder and returns that. Keys are
// module@version/file, in the cache's escaped form; a module without a go.mod
// gets none.
func Cache(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	Write(t, dir, files)
	mods := map[string][]string{}
	for name := range files {
		mod, ver, file := cut(t, name)
		mods[mod+"@"+ver] = append(mods[mod+"@"+ver], file)
	}
	down := map[string]string{}
	for id, names := range mods {
		mod, ver, _ := strings.Cut(id, "@")
		base := "cache/download/" + mod + "/@v/" + ver
		gomod, ok := files[id+"/go.mod"]
		if !ok {
			gomod = "module " + mod + "\n"
		}
		down[base+".mod"] = gomod
		down[base+".ziphash"] = hash(t, id, names, files)
	}
	Write(t, dir, down)
	return dir
}

// Write writes files below dir.
func Write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Env is os.Getenv of a machine whose module cache is dir.
func Env(dir string) func(string) string {
	return func(name string) string {
		if name == "GOMODCACHE" {
			return dir
		}
		return os.Getenv(name)
	}
}

func cut(t testing.TB, name string) (mod, ver, file string) {
	t.Helper()
	mod, rest, ok := strings.Cut(name, "@")
	ver, file, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 {
		t.Fatalf("moduletest: %q is not module@version/file", name)
	}
	return mod, ver, file
}

func hash(t testing.TB, id string, names []string, files map[string]string) string {
	t.Helper()
	path, ver, _ := strings.Cut(id, "@")
	path, err := module.UnescapePath(path)
	if err != nil {
		t.Fatal(err)
	}
	prefix := path + "@" + ver + "/"
	for i, n := range names {
		names[i] = prefix + n
	}
	sum, err := dirhash.Hash1(names, func(name string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(files[id+"/"+strings.TrimPrefix(name, prefix)])), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
