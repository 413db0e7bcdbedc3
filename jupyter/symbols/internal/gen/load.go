package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// module is the path of the module that the kernel is built from.
const module = "surprisal"

// listed is one package as go list describes it.
type listed struct {
	ImportPath string
	Name       string
	Dir        string
	Export     string
	Standard   bool
	GoFiles    []string
}

// world is all packages that cells may see, with their types.
type world struct {
	list  map[string]*listed
	paths []string // sorted
	types types.Importer
}

// set is a group of packages whose tables are one Go package.
type set struct {
	name  string
	doc   string
	paths []string
}

func (w *world) sets() []set {
	s := []set{
		{name: "std", doc: "the standard library"},
		{name: "gonum", doc: "gonum and what its API names"},
		{name: "own", doc: "the packages of this module that cells see"},
	}
	for _, p := range w.paths {
		i := 1
		switch {
		case w.list[p].Standard:
			i = 0
		case strings.HasPrefix(p, module+"/"):
			i = 2
		}
		s[i].paths = append(s[i].paths, p)
	}
	return s
}

// load lists the packages, adds those that their API names, until no more
// come, and reads their types from export data.
func load() (*world, error) {
	w := &world{list: map[string]*listed{}}
	if err := w.add(roots()...); err != nil {
		return nil, err
	}
	w.types = importer.ForCompiler(token.NewFileSet(), "gc", w.open)
	done := map[string]bool{}
	for {
		var missing []string
		for _, p := range w.paths {
			if done[p] {
				continue
			}
			done[p] = true
			pkg, err := w.types.Import(p)
			if err != nil {
				return nil, fmt.Errorf("types of %s: %w", p, err)
			}
			missing = append(missing, w.named(pkg)...)
		}
		if len(missing) == 0 {
			return w, nil
		}
		slices.Sort(missing)
		if err := w.add(slices.Compact(missing)...); err != nil {
			return nil, err
		}
	}
}

// add lists packages by pattern and takes those that a cell can import.
func (w *world) add(patterns ...string) error {
	args := append([]string{"list", "-export", "-json=ImportPath,Name,Dir,Export,Standard,GoFiles"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as the kernel is built
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := &listed{}
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		if p.Export == "" || !visible(p.ImportPath) || w.list[p.ImportPath] != nil {
			continue
		}
		w.list[p.ImportPath] = p
		w.paths = append(w.paths, p.ImportPath)
	}
	slices.Sort(w.paths)
	return nil
}

func (w *world) open(path string) (io.ReadCloser, error) {
	p := w.list[path]
	if p == nil {
		return nil, fmt.Errorf("%s is not listed", path)
	}
	return os.Open(p.Export)
}

// visible tells whether a cell can import path and use what it finds there.
func visible(path string) bool {
	for _, e := range strings.Split(path, "/") {
		if e == "internal" || e == "vendor" || e == "cmd" {
			return false
		}
	}
	switch path {
	case "unsafe", // the language's own
		"plugin", "runtime/cgo", "runtime/race", // nothing for a program without cgo
		"runtime/coverage": // works only in a build made for it
		return false
	}
	return true
}

// named returns the packages that the exported API of pkg names and w lacks.
func (w *world) named(pkg *types.Package) []string {
	var out []string
	seen := map[types.Type]bool{}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		walk(obj.Type(), pkg, seen, func(t *types.TypeName) {
			if t.Pkg() != nil && t.Exported() && visible(t.Pkg().Path()) && w.list[t.Pkg().Path()] == nil && t.Pkg().Path() != "unsafe" {
				out = append(out, t.Pkg().Path())
			}
		})
	}
	return out
}

// walk calls f for every named type that one can reach by using a value of
// type t of pkg: parts, fields, parameters and results of methods. It does not
// enter types of other packages, whose own API is walked when they are listed.
func walk(t types.Type, pkg *types.Package, seen map[types.Type]bool, f func(*types.TypeName)) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		f(t.Obj())
		walk(types.Unalias(t), pkg, seen, f)
	case *types.Named:
		f(t.Obj())
		if t.Obj().Pkg() != pkg {
			return
		}
		for i := range t.TypeArgs().Len() {
			walk(t.TypeArgs().At(i), pkg, seen, f)
		}
		for i := range t.NumMethods() {
			if m := t.Method(i); m.Exported() {
				walk(m.Type(), pkg, seen, f)
			}
		}
		walk(t.Underlying(), pkg, seen, f)
	case *types.Pointer:
		walk(t.Elem(), pkg, seen, f)
	case *types.Slice:
		walk(t.Elem(), pkg, seen, f)
	case *types.Array:
		walk(t.Elem(), pkg, seen, f)
	case *types.Chan:
		walk(t.Elem(), pkg, seen, f)
	case *types.Map:
		walk(t.Key(), pkg, seen, f)
		walk(t.Elem(), pkg, seen, f)
	case *types.Struct:
		for v := range t.Fields() {
			if v.Exported() {
				walk(v.Type(), pkg, seen, f)
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if m.Exported() {
				walk(m.Type(), pkg, seen, f)
			}
		}
	case *types.Signature:
		walk(t.Params(), pkg, seen, f)
		walk(t.Results(), pkg, seen, f)
	case *types.Tuple:
		for v := range t.Variables() {
			walk(v.Type(), pkg, seen, f)
		}
	}
}

// roots are the packages that cells see without an import, and std.
func roots() []string {
	r := []string{"std"}
	for _, p := range []string{"floats", "mat", "stat", "stat/distuv", "optimize", "dsp/fourier", "integrate", "interp", "graph", "graph/simple"} {
		r = append(r, "gonum.org/v1/gonum/"+p)
	}
	for _, p := range []string{"", "/plotter", "/vg", "/vg/vgimg"} {
		r = append(r, "gonum.org/v1/plot"+p)
	}
	for _, p := range []string{
		"gpu", "gpu/info", "gpu/series", "gpu/imaging", "gpu/causal", "gpu/forecast", "gpu/neural", "gpu/belief", "gpu/dendrite", "gpu/dataset", "gpu/monitor",
		"jupyter/figure", "jupyter/widget", "jupyter/display", "jupyter/comm", "jupyter/notebook",
	} {
		// A package appears in the tables with its first file.
		if files, _ := filepath.Glob(filepath.FromSlash(p) + "/*.go"); len(files) > 0 {
			r = append(r, module+"/"+p)
		}
	}
	return r
}
