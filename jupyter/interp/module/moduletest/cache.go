// Package moduletest writes module caches for tests, so that none needs a
// network.
package moduletest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
		down[base+".ziphash"] = hash(id, names, files)
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

// hash is the h1 hash as `go help modules` and golang.org/x/mod/sumdb/dirhash
// describe it.
func hash(id string, names []string, files map[string]string) string {
	slices.Sort(names)
	all := sha256.New()
	for _, n := range names {
		fmt.Fprintf(all, "%x  %s/%s\n", sha256.Sum256([]byte(files[id+"/"+n])), unescape(id), n)
	}
	return "h1:" + base64.StdEncoding.EncodeToString(all.Sum(nil))
}

func unescape(s string) string {
	for c := 'a'; c <= 'z'; c++ {
		s = strings.ReplaceAll(s, "!"+string(c), string(c-'a'+'A'))
	}
	return s
}
