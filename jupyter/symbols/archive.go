package symbols

import (
	"archive/zip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"sync"
)

// build holds a README in every clone, so that the binary compiles before the
// archives have been made.
//
//go:embed build
var build embed.FS

// ErrNotBuilt is wrapped where export data or documentation is asked for in a
// binary that has none.
var ErrNotBuilt = errors.New("this binary was built without it; run `make build`")

// archive is one of the embedded zip files, opened when first used.
type archive struct {
	file string

	once  sync.Once
	files map[string]*zip.File
	err   error
}

// open returns the contents of one package's file.
func (a *archive) open(path string) (io.ReadCloser, error) {
	a.once.Do(func() { a.files, a.err = read(build, a.file) })
	if a.err != nil {
		return nil, a.err
	}
	f := a.files[path]
	if f == nil {
		return nil, fmt.Errorf("symbols: no package %q: %w", path, fs.ErrNotExist)
	}
	return f.Open()
}

func read(from fs.FS, file string) (map[string]*zip.File, error) {
	f, err := from.Open("build/" + file)
	if err != nil {
		return nil, fmt.Errorf("symbols: %s: %w", file, ErrNotBuilt)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("symbols: %s: %w", file, err)
	}
	at, ok := f.(io.ReaderAt) // so that nothing is copied
	if !ok {
		return nil, fmt.Errorf("symbols: %s: file system without random access", file)
	}
	z, err := zip.NewReader(at, info.Size())
	if err != nil {
		return nil, fmt.Errorf("symbols: %s: %w", file, err)
	}
	if have := goVersion(runtime.Version()); z.Comment != have {
		return nil, fmt.Errorf("symbols: %s was made by %s, but the binary by %s; run `make build`", file, z.Comment, have)
	}
	files := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		files[f.Name] = f
	}
	return files, nil
}

// goVersion drops what follows the version proper, such as experiments.
func goVersion(s string) string {
	v, _, _ := strings.Cut(s, " ")
	return v
}

// Export opens the export data of a package for go/importer.
func (t *Table) Export(path string) (io.ReadCloser, error) { return t.export.open(path) }

// Source returns the Go files of a generic package of the standard library by
// name. Others are known by their values only.
func (t *Table) Source(path string) (map[string]string, error) {
	f, err := t.sources.open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text map[string]string
	if err := json.NewDecoder(f).Decode(&text); err != nil {
		return nil, fmt.Errorf("symbols: source of %s: %w", path, err)
	}
	return text, nil
}

// Doc returns the documentation of a name of a package ("Sort",
// "Builder.WriteString"), of the package itself if name is empty, and "" if
// there is none.
func (t *Table) Doc(path, name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	texts, ok := t.texts[path]
	if !ok {
		if f, err := t.docs.open(path); err == nil {
			// What cannot be read has no documentation; Export reports why.
			if json.NewDecoder(f).Decode(&texts) != nil {
				texts = nil
			}
			f.Close()
		}
		t.texts[path] = texts
	}
	return texts[name]
}
