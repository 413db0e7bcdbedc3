package module

import (
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
)

// cache is the module cache of a machine.
type cache struct{ dir string }

// newCache finds it as Go does: GOMODCACHE, else pkg/mod of the first GOPATH.
func newCache(getenv func(string) string) cache {
	if d := getenv("GOMODCACHE"); d != "" {
		return cache{d}
	}
	gopath := getenv("GOPATH")
	if gopath == "" {
		gopath = build.Default.GOPATH
	}
	if first := filepath.SplitList(gopath); len(first) > 0 && first[0] != "" {
		return cache{filepath.Join(first[0], "pkg", "mod")}
	}
	return cache{}
}

// escape writes a module as its file names are: the cache must work on file
// systems that take A and a for one.
func escape(v Version) (path, version string, err error) {
	if path, err = module.EscapePath(v.Path); err != nil {
		return "", "", fmt.Errorf("module: %w", err)
	}
	if version, err = module.EscapeVersion(v.Version); err != nil {
		return "", "", fmt.Errorf("module: %w", err)
	}
	return filepath.FromSlash(path), version, nil
}

// download is the file of a module in the cache's download folder, such as
// .mod and .ziphash.
func (c cache) download(v Version, ext string) (string, error) {
	p, ver, err := escape(v)
	return filepath.Join(c.dir, "cache", "download", p, "@v", ver+ext), err
}

// folder is where a module's files lie when they have been unpacked.
func (c cache) folder(v Version) (string, error) {
	p, ver, err := escape(v)
	return filepath.Join(c.dir, p+"@"+ver), err
}

// has tells whether all files of a module are there. Go writes a file .partial
// while it unpacks.
func (c cache) has(v Version) bool {
	dir, err := c.folder(v)
	if err != nil || c.dir == "" {
		return false
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return false
	}
	partial, err := c.download(v, ".partial")
	if err != nil {
		return false
	}
	_, err = os.Stat(partial)
	return err != nil
}

// mod reads a module's go.mod file: that of the download, which is there even
// where the module itself is not, or that of the unpacked folder.
func (c cache) mod(v Version) (text, name string, err error) {
	name, err = c.download(v, ".mod")
	if err != nil {
		return "", "", err
	}
	b, err := os.ReadFile(name)
	if err == nil {
		return string(b), name, nil
	}
	dir, err := c.folder(v)
	if err != nil {
		return "", "", err
	}
	if b, err2 := os.ReadFile(filepath.Join(dir, "go.mod")); err2 == nil {
		return string(b), filepath.Join(dir, "go.mod"), nil
	} else if c.has(v) { // from before there were modules
		return "module " + v.Path + "\n", name, nil
	}
	return "", name, fs.ErrNotExist
}

// versions lists what the cache holds of a module, oldest first.
func (c cache) versions(path string) []string {
	p, err := module.EscapePath(path)
	if err != nil || c.dir == "" {
		return nil
	}
	dir, base := filepath.Split(filepath.Join(c.dir, filepath.FromSlash(p)))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name, escaped, _ := strings.Cut(e.Name(), "@")
		ver, err := module.UnescapeVersion(escaped)
		if err == nil && name == base && whole(ver) && c.has(Version{Path: path, Version: ver}) {
			out = append(out, ver)
		}
	}
	semver.Sort(out)
	return out
}

// check compares a module's files with the hash that Go noted when it
// downloaded them, and that one with what go.sum says, if it says anything.
func (c cache) check(v Version, sums map[Version]string) error {
	dir, err := c.folder(v)
	if err != nil {
		return err
	}
	name, err := c.download(v, ".ziphash")
	if err != nil {
		return err
	}
	b, err := os.ReadFile(name)
	if err != nil { // a cache that was copied without its downloads
		b = []byte(sums[v])
	}
	noted := strings.TrimSpace(string(b))
	if want := sums[v]; want != "" && noted != want {
		return fmt.Errorf("module: %s in the module cache is not what go.sum promises (%s, go.sum has %s): the module was changed after it was published, or the cache is damaged; run `go clean -modcache` and get it again", v, noted, want)
	}
	if noted == "" {
		return nil
	}
	have, err := dirhash.HashDir(dir, v.String(), dirhash.Hash1)
	if err != nil {
		return fmt.Errorf("module: %s in the module cache cannot be read: %w", v, err)
	}
	if have != noted {
		return fmt.Errorf("module: the files of %s in %s are not those that were downloaded (hash %s, noted %s): the cache is damaged; delete that folder, or run `go clean -modcache`, and get it again", v, dir, have, noted)
	}
	return nil
}

// readSums reads a go.sum file; what is no hash of a module's files is passed over.
func readSums(name string) map[Version]string {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	sums := map[Version]string{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && strings.HasPrefix(f[2], "h1:") && !strings.HasSuffix(f[1], "/go.mod") {
			sums[Version{Path: f[0], Version: f[1]}] = f[2]
		}
	}
	return sums
}
