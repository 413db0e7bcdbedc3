package module

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"
)

// Find returns the source of a package, after downloading its module if need be.
func (s *Set) Find(ctx context.Context, path string) (*Package, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if module.CheckImportPath(path) != nil {
		return nil, fmt.Errorf("module: %q is no import path", path)
	}
	h, err := s.home()
	if err != nil {
		return nil, err
	}
	if rel, ok := within(path, h.file.Module); ok {
		return s.source(path, filepath.Join(h.dir, rel), Version{Path: h.file.Module}, h.file.Go)
	}
	if dir := filepath.Join(h.dir, "vendor"); h.dir != "" && isFolder(filepath.Join(dir, filepath.FromSlash(path))) {
		if v, gover, ok := vendored(dir, path); ok {
			return s.source(path, filepath.Join(dir, filepath.FromSlash(path)), v, gover)
		}
	}
	l, err := s.list(ctx, h, s.asked)
	if err != nil {
		return nil, err
	}
	return s.search(ctx, l, path)
}

// search looks for a package in the modules whose paths begin its own, the
// longest first.
func (s *Set) search(ctx context.Context, l *list, path string) (*Package, error) {
	for mod := path; ; mod = mod[:strings.LastIndexByte(mod, '/')] {
		if ver, ok := l.version[mod]; ok {
			p, err := s.inModule(ctx, l, Version{Path: mod, Version: ver}, path)
			if p != nil || err != nil {
				return p, err
			}
		}
		if !strings.Contains(mod, "/") {
			return nil, s.unknown(l, path)
		}
	}
}

// inModule returns a package of a module, nil if the module has none of that
// path.
func (s *Set) inModule(ctx context.Context, l *list, v Version, path string) (*Package, error) {
	rel, _ := within(path, v.Path)
	r := l.home.file.replaced(v)
	if r.Version == "" {
		dir := filepath.Join(l.home.folder(r.Path), rel)
		if !holdsGo(dir) {
			return nil, nil
		}
		return s.source(path, dir, Version{Path: v.Path}, l.go_[v.Path])
	}
	if err := s.fetch(ctx, r); err != nil {
		return nil, err
	}
	root, err := s.cache.folder(r)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, rel)
	if !holdsGo(dir) {
		return nil, nil
	}
	f, err := s.cache.modOf(l.home, v)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = &file{}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := tooNew(v, f.Go); err != nil {
		return nil, err
	}
	if err := s.prove(l.home, r); err != nil {
		return nil, err
	}
	p, err := s.source(path, dir, v, f.Go)
	if err == nil {
		s.used[v.Path] = v.Version
	}
	return p, err
}

// prove compares a module's files with their hashes, once.
func (s *Set) prove(h home, v Version) error {
	if s.proved[v] {
		return nil
	}
	if err := s.cache.check(v, h.sums); err != nil {
		return err
	}
	s.proved[v] = true
	return nil
}

// unknown says that no module of the list has a package.
func (s *Set) unknown(l *list, path string) error {
	for mod := path; ; mod = mod[:strings.LastIndexByte(mod, '/')] {
		if ver, ok := l.version[mod]; ok && l.home.file.replaced(Version{Path: mod, Version: ver}).Path == mod {
			return fmt.Errorf("module: %s has no package %s: look at its documentation for the right path, or get another version", Version{Path: mod, Version: ver}, path)
		}
		if have := s.cache.versions(mod); len(have) > 0 {
			v := Version{Path: mod, Version: have[len(have)-1]}
			return fmt.Errorf("module: no module that has package %s is known here; preloaded are %s; the module cache holds %s: run notebook.Get(%q) in a cell before this one", path, s.opt.Preload, v, v.String())
		}
		if !strings.Contains(mod, "/") {
			break
		}
	}
	todo := "run notebook.Get(\"module@version\") in a cell before this one, or list its module in a go.mod beside the notebook"
	if s.goTool() == "" {
		todo += "; " + noTool
	}
	return fmt.Errorf("module: no module that has package %s is known here; preloaded are %s: %s", path, s.opt.Preload, todo)
}

// within is what of path lies below a module, as a folder.
func within(path, mod string) (string, bool) {
	if mod == "" {
		return "", false
	}
	if path == mod {
		return ".", true
	}
	rel, ok := strings.CutPrefix(path, mod+"/")
	return filepath.FromSlash(rel), ok
}

func holdsGo(dir string) bool {
	m, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return err == nil && len(m) > 0
}

// vendored looks a package up in vendor/modules.txt.
func vendored(dir, path string) (v Version, gover string, ok bool) {
	b, err := os.ReadFile(filepath.Join(dir, "modules.txt"))
	if err != nil {
		return v, "", false
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		switch {
		case len(f) >= 3 && f[0] == "#":
			v, gover = Version{Path: f[1], Version: f[2]}, ""
		case len(f) >= 2 && f[0] == "##":
			if _, after, found := strings.Cut(line, "go "); found {
				gover = strings.TrimSpace(after)
			}
		case len(f) == 1 && f[0] == path:
			return v, gover, true
		}
	}
	return Version{}, "", false
}

// Holds tells whether a path belongs to the module beside the notebook, whose
// path may lack the dot that all others have.
func (s *Set) Holds(path string) bool {
	h, err := s.home()
	if err != nil {
		return false
	}
	_, ok := within(path, h.file.Module)
	return ok
}

// MayImport refuses packages that are internal to a module that the notebook is
// not part of.
func (s *Set) MayImport(path string) error {
	parent, _, ok := strings.Cut("/"+path+"/", "/internal/")
	if !ok {
		return nil
	}
	h, err := s.home()
	if err != nil {
		return err
	}
	parent = strings.TrimPrefix(parent, "/")
	if _, ok := within(parent, h.file.Module); ok && h.file.Module != "" {
		return nil
	}
	return fmt.Errorf("module: %s is internal to %s: import a public package of that module", path, parent)
}
