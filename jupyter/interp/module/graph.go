package module

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/semver"
)

// home is the module of the notebook: the one whose go.mod lies beside it or
// above it, or an empty one.
type home struct {
	dir  string // "" without a go.mod
	file *file
	sums map[Version]string
}

// findHome looks for a go.mod in dir and its parents.
func findHome(dir string) (home, error) {
	for d := dir; d != ""; {
		name := filepath.Join(d, "go.mod")
		b, err := os.ReadFile(name)
		if err == nil {
			f, err := parseMod(string(b))
			if err != nil {
				return home{}, fmt.Errorf("module: %s cannot be used: %w: correct that line", name, err)
			}
			return home{dir: d, file: f, sums: readSums(filepath.Join(d, "go.sum"))}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !isFolder(name) {
			return home{}, fmt.Errorf("module: %s cannot be read: %w", name, err)
		}
		up := filepath.Dir(d)
		if up == d {
			break
		}
		d = up
	}
	return home{file: &file{Go: "1.26", Replace: map[Version]Version{}}}, nil
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// list is the modules that a notebook builds with, each at one version.
type list struct {
	home    home
	version map[string]string
	go_     map[string]string // what the module's go.mod says
	by      map[string]string // who asked for that version
	missing []Version         // whose go.mod is not in the cache
}

// node is a module in the graph; all says that what it requires is followed to
// the end, since an ancestor is from before Go 1.17, whose go.mod files do not
// list all that they need.
type node struct {
	v   Version
	by  string
	all bool
}

// build selects versions: for every module the highest that anyone requires
// (Cox, "Minimal version selection", 2018), over Go's pruned graph.
func (c cache) build(h home, more []Version) (*list, error) {
	l := &list{home: h, version: map[string]string{}, go_: map[string]string{}, by: map[string]string{}}
	all := !prunes(h.file.Go)
	var queue []node
	for _, v := range h.file.Require {
		queue = append(queue, node{v, "go.mod of the notebook", all})
	}
	for _, v := range more {
		queue = append(queue, node{v, "notebook.Get", false})
	}
	type seen struct {
		v   Version
		all bool
	}
	done := map[seen]bool{}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if h.file.Exclude[n.v] || n.v.Path == h.file.Module || done[seen{n.v, n.all}] {
			continue
		}
		done[seen{n.v, n.all}] = true
		l.choose(n)
		f, err := c.modOf(h, n.v)
		if errors.Is(err, fs.ErrNotExist) {
			if !slices.Contains(l.missing, n.v) {
				l.missing = append(l.missing, n.v)
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if l.version[n.v.Path] == n.v.Version {
			l.go_[n.v.Path] = f.Go
		}
		follow := n.all || !prunes(f.Go)
		for _, r := range f.Require {
			if follow {
				queue = append(queue, node{r, n.v.String(), true})
			} else if !h.file.Exclude[r] && r.Path != h.file.Module {
				l.choose(node{v: r, by: n.v.String()})
			}
		}
	}
	return l, nil
}

func (l *list) choose(n node) {
	if old, ok := l.version[n.v.Path]; !ok || semver.Compare(n.v.Version, old) > 0 {
		l.version[n.v.Path], l.by[n.v.Path] = n.v.Version, n.by
	}
}

// modOf is the go.mod file of a module or of what replaces it.
func (c cache) modOf(h home, v Version) (*file, error) {
	r := h.file.replaced(v)
	var text, name string
	if r.Version == "" {
		name = filepath.Join(h.folder(r.Path), "go.mod")
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("module: go.mod of the notebook replaces %s by %s, which has no go.mod that can be read: %w", v, r.Path, err)
		}
		text = string(b)
	} else {
		var err error
		if text, name, err = c.mod(r); err != nil {
			return nil, err
		}
	}
	f, err := parseDependency(text)
	if err != nil {
		return nil, fmt.Errorf("module: %s, which %s needs, cannot be used: %w", name, v, err)
	}
	return f, nil
}

// folder is where a path of the notebook's go.mod leads.
func (h home) folder(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(h.dir, filepath.FromSlash(path))
}
