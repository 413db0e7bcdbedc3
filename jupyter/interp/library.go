package interp

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Sourcer is what Packages may also implement: the Go files of a generic
// package of the standard library, by name, whose functions native code cannot
// offer. Without it the installed Go toolchain is asked.
type Sourcer interface {
	Source(path string) (map[string]string, error)
}

// librarySource parses the files of a generic package.
func (s *Session) librarySource(fset *token.FileSet, path string) ([]*ast.File, error) {
	texts, err := s.libraryTexts(path)
	if err != nil {
		return nil, err
	}
	var names []string
	for n := range texts {
		names = append(names, n)
	}
	slices.Sort(names)
	var files []*ast.File
	for _, n := range names {
		f, err := parser.ParseFile(fset, path+"/"+n, texts[n], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func (s *Session) libraryTexts(path string) (map[string]string, error) {
	if p, ok := s.cfg.Packages.(Sourcer); ok {
		return p.Source(path)
	}
	dir, err := goroot()
	if err != nil {
		return nil, fmt.Errorf("interp: source of %s: %w", path, err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "src", path, "*.go"))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") {
			continue
		}
		b, err := os.ReadFile(n)
		if err != nil {
			return nil, err
		}
		texts[filepath.Base(n)] = string(b)
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("interp: source of %s: nothing in %s", path, dir)
	}
	return texts, nil
}

// goroot finds the Go toolchain; a binary built with -trimpath does not know it.
func goroot() (string, error) {
	//lint:ignore SA1019 it is asked for a folder that is then looked for
	if r := runtime.GOROOT(); r != "" {
		if _, err := os.Stat(filepath.Join(r, "src", "slices")); err == nil {
			return r, nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("no Go toolchain: %w: install Go, or put it on the PATH", err)
	}
	return strings.TrimSpace(string(out)), nil
}
