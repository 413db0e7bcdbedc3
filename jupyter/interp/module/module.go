package module

import (
	"context"
	"errors"
	"fmt"
	goversion "go/version"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Options of a Set. The zero value is that of a notebook in the current folder.
type Options struct {
	Dir      string              // where a go.mod is looked for; "": the current folder
	Getenv   func(string) string // nil: os.Getenv
	Preload  string              // what needs no module, for the reader of an error
	Progress io.Writer           // what is downloaded; nil: nobody hears
}

// Set is the modules of one session. It is safe for concurrent use.
type Set struct {
	opt   Options
	cache cache

	mu     sync.Mutex
	asked  []Version         // by Get
	used   map[string]string // versions of the modules that packages came from
	proved map[Version]bool  // files are what was downloaded
}

// New returns a Set that has looked at nothing yet.
func New(o Options) *Set {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Preload == "" {
		o.Preload = "the standard library"
	}
	return &Set{opt: o, cache: newCache(o.Getenv), used: map[string]string{}, proved: map[Version]bool{}}
}

// Package is one package's source.
type Package struct {
	Path, Dir string
	Name      string
	Files     []string // whole names, those of this platform, sorted
	Imports   []string
	Module    Version // without a version if it is a folder of the reader's
	Go        string  // language version: 1.17
}

func (s *Set) home() (home, error) {
	dir := s.opt.Dir
	if dir == "" {
		d, err := os.Getwd()
		if err != nil {
			return home{}, fmt.Errorf("module: no current folder, so no go.mod: %w", err)
		}
		dir = d
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	return findHome(dir)
}

// Get makes the packages of modules importable: "module@version", "module" for
// the newest. What is not in the module cache is downloaded if there is a Go
// toolchain. On an error nothing has changed.
func (s *Set) Get(ctx context.Context, specs ...string) error {
	if len(specs) == 0 {
		return errors.New("module: Get wants a module and a version, such as golang.org/x/text@v0.43.0")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h, err := s.home()
	if err != nil {
		return err
	}
	asked := slices.Clone(s.asked)
	for _, spec := range specs {
		v, err := s.resolve(ctx, spec)
		if err != nil {
			return err
		}
		if old, ok := s.used[v.Path]; ok && old != v.Version {
			return inUse(v, old)
		}
		asked = slices.DeleteFunc(asked, func(o Version) bool { return o.Path == v.Path })
		asked = append(asked, v)
	}
	l, err := s.list(ctx, h, asked)
	if err != nil {
		return err
	}
	for _, v := range asked[len(asked)-len(specs):] {
		if err := s.offer(ctx, l, v); err != nil {
			return err
		}
	}
	s.asked = asked
	return nil
}

// offer checks that a module that Get names can be had at that version.
func (s *Set) offer(ctx context.Context, l *list, v Version) error {
	if v.Path == l.home.file.Module {
		return fmt.Errorf("module: %s is the module beside the notebook, in %s: import its packages without Get", v.Path, l.home.dir)
	}
	if chosen := l.version[v.Path]; chosen != v.Version {
		return fmt.Errorf("module: %s is asked for, but %s requires %s: get %s@%s or newer", v, l.by[v.Path], chosen, v.Path, chosen)
	}
	if l.home.file.replaced(v) != v {
		return nil
	}
	if err := tooNew(v, l.go_[v.Path]); err != nil {
		return err
	}
	had := s.cache.has(v)
	if err := s.fetch(ctx, v); err != nil {
		return err
	}
	if had {
		fmt.Fprintf(s.opt.Progress, "%s is in the module cache\n", v)
	}
	return s.prove(l.home, v)
}

func inUse(v Version, old string) error {
	return fmt.Errorf("module: %s cannot be had: this session has imported packages of %s@%s, and a program has one version of a module; restart the kernel and get %s first", v, v.Path, old, v)
}

// tooNew says that a module is written in a later Go than this binary knows.
func tooNew(v Version, wants string) error {
	own, _, _ := strings.Cut(runtime.Version(), " ") // an experiment's name follows
	own = goversion.Lang(own)
	if own != "" && goversion.Compare(goversion.Lang("go"+wants), own) > 0 {
		return fmt.Errorf("module: %s needs Go %s, and this kernel is built with Go %s: get an older version of the module, or build surprisal with that Go", v, wants, own[len("go"):])
	}
	return nil
}

// list selects versions, after fetching the go.mod files that are missing where
// that can be done. Modules in use must stay at their versions.
func (s *Set) list(ctx context.Context, h home, asked []Version) (*list, error) {
	l, err := s.cache.build(h, asked)
	if err != nil {
		return nil, err
	}
	if len(l.missing) > 0 && s.goTool() != "" {
		// What fails here is missing later, where its name can be given.
		if s.fetchGraph(ctx, h, asked) == nil {
			if l, err = s.cache.build(h, asked); err != nil {
				return nil, err
			}
		}
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("module: stopped: %w", context.Cause(ctx))
	}
	for path, old := range s.used {
		if now, ok := l.version[path]; ok && now != old {
			return nil, fmt.Errorf("%w (%s asks for it)", inUse(Version{Path: path, Version: now}, old), l.by[path])
		}
	}
	return l, nil
}

// resolve turns what Get is given into a module at a version.
func (s *Set) resolve(ctx context.Context, spec string) (Version, error) {
	path, ver, _ := strings.Cut(strings.TrimSpace(spec), "@")
	v := Version{Path: path, Version: ver}
	if module.CheckPath(path) != nil {
		return v, fmt.Errorf("module: %q is no module: write a path that begins with a host and a version, such as golang.org/x/text@v0.43.0", spec)
	}
	if whole(ver) {
		if err := majorFits(v); err != nil {
			return v, err
		}
		return v, nil
	}
	why := error(nil)
	if s.goTool() != "" {
		found, err := s.query(ctx, v)
		if err == nil || ver != "" && ver != "latest" || ctx.Err() != nil {
			return found, err
		}
		why = err
	}
	if ver != "" && ver != "latest" {
		return v, fmt.Errorf("module: %q: %q is no version: write a whole one, such as v1.2.3; %s", spec, ver, noTool)
	}
	if have := s.cache.versions(path); len(have) > 0 {
		v.Version = have[len(have)-1]
		fmt.Fprintf(s.opt.Progress, "%s is the newest in the module cache; what is newer could not be asked for\n", v)
		return v, nil
	}
	if why != nil {
		return v, why
	}
	return v, fmt.Errorf("module: %s: the module cache %s holds no version of it, and %s", path, s.cache.dir, noTool)
}

// noTool is why nothing is downloaded.
const noTool = "there is no Go toolchain on the PATH to ask for others; install Go, or run `go mod download` elsewhere and copy the module cache"

// majorFits refuses a version whose major number the path does not carry.
func majorFits(v Version) error {
	prefix, suffix, ok := module.SplitPathVersion(v.Path)
	major := semver.Major(v.Version)
	switch {
	case !ok:
		return fmt.Errorf("module: %s: no module's path can end so", v)
	case module.CheckPathMajor(v.Version, suffix) == nil:
		return nil
	case suffix != "":
		return fmt.Errorf("module: %s: the path ends in %s and the version is %s: they must agree", v, suffix[1:], major)
	}
	return fmt.Errorf("module: %s: version %s is that of the module %s/%s: ask for that, or for %s+incompatible", v, v.Version, prefix, major, v.Version)
}
