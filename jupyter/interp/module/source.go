package module

import (
	"errors"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// tags that packages with assembly or unsafe code know, and that make them use
// plain Go in its place. App Engine is long gone, but its tag is still the one
// by which most packages leave out unsafe.
var tags = []string{"purego", "appengine", "noasm", "safe", "nounsafe"}

// source reads which files of a folder make a package on this platform.
func (s *Set) source(path, dir string, mod Version, gover string) (*Package, error) {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.Compiler, ctx.CgoEnabled = runtime.GOOS, runtime.GOARCH, "gc", false
	ctx.BuildTags = tags
	b, err := ctx.ImportDir(dir, 0)
	var none *build.NoGoError
	var several *build.MultiplePackageError
	switch {
	case errors.As(err, &none):
		return nil, fmt.Errorf("module: package %s of %s has no Go files for %s/%s%s", path, mod, runtime.GOOS, runtime.GOARCH, whyNone(dir, b))
	case errors.As(err, &several):
		return nil, fmt.Errorf("module: the folder %s holds two packages, %s (%s) and %s (%s)", dir, several.Packages[0], several.Files[0], several.Packages[1], several.Files[1])
	case err != nil:
		return nil, fmt.Errorf("module: package %s of %s cannot be read: %w", path, mod, err)
	case b.Name == "main":
		return nil, fmt.Errorf("module: %s is a program, not a package that can be imported", path)
	}
	for pattern, at := range b.EmbedPatternPos {
		return nil, fmt.Errorf("module: package %s embeds files (//go:embed %s, %s), which a cell cannot: read them with package os", path, pattern, place(at[0]))
	}
	p := &Package{Path: path, Dir: dir, Name: b.Name, Imports: b.Imports, Module: mod, Go: language(gover)}
	for _, f := range b.GoFiles {
		p.Files = append(p.Files, filepath.Join(dir, f))
	}
	slices.Sort(p.Files)
	return p, nil
}

// Cgo names a file of the package's folder that only cgo could use, "" if there
// is none: what a package lacks may be in it.
func (p *Package) Cgo() string {
	names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
	if err != nil {
		return ""
	}
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") || slices.Contains(p.Files, n) {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, n, nil, parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, i := range f.Imports {
			if i.Path.Value == `"C"` {
				return place(fset.Position(i.Pos()))
			}
		}
	}
	return ""
}

// Assembly tells whether the package's folder holds assembly of this platform.
func (p *Package) Assembly() bool {
	names, err := filepath.Glob(filepath.Join(p.Dir, "*.s"))
	return err == nil && len(names) > 0
}

func whyNone(dir string, b *build.Package) string {
	p := Package{Dir: dir}
	if at := p.Cgo(); at != "" {
		return ": it needs cgo (" + at + "), and a cell cannot run C: choose a package in plain Go"
	}
	if b != nil && len(b.IgnoredGoFiles) > 0 {
		return ": its build constraints leave all of them out"
	}
	if _, err := os.Stat(dir); err != nil {
		return ": " + err.Error()
	}
	return ""
}

func place(p token.Position) string { return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line) }
