package module

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Version is a module at a version. A replacement by a folder has no version.
type Version = module.Version

// file is what a go.mod file says, as far as it decides which source is used.
type file struct {
	Module  string
	Go      string // "1.26", "" if it is silent
	Require []Version
	Exclude map[Version]bool
	Replace map[Version]Version // the old one without a version stands for all
}

// parseMod reads the go.mod file of a notebook. Like the go command it takes no
// directive that it does not know.
func parseMod(text string) (*file, error) { return reduce(modfile.Parse("go.mod", []byte(text), nil)) }

// parseDependency reads the go.mod file of a module that others require: only
// what it requires counts, and directives of newer versions of Go are passed over.
func parseDependency(text string) (*file, error) {
	return reduce(modfile.ParseLax("go.mod", []byte(text), nil))
}

func reduce(m *modfile.File, err error) (*file, error) {
	if err != nil {
		return nil, lineError(err)
	}
	f := &file{Exclude: map[Version]bool{}, Replace: map[Version]Version{}}
	if m.Module != nil {
		f.Module = m.Module.Mod.Path
	}
	if m.Go != nil {
		f.Go = m.Go.Version
	}
	for _, r := range m.Require {
		f.Require = append(f.Require, r.Mod)
	}
	for _, e := range m.Exclude {
		f.Exclude[e.Mod] = true
	}
	for _, r := range m.Replace {
		f.Replace[r.Old] = r.New
	}
	return f, nil
}

// lineError words the first of a parser's errors in one line.
func lineError(err error) error {
	var all modfile.ErrorList
	if !errors.As(err, &all) || len(all) == 0 {
		return err
	}
	first := all[0]
	line := first.Pos.Line
	first.Filename, first.Pos = "", modfile.Position{}
	return fmt.Errorf("line %d: %s", line, strings.Join(strings.Fields(first.Error()), " "))
}

// replaced is what stands in for a module, itself if nothing does.
func (f *file) replaced(v Version) Version {
	if r, ok := f.Replace[v]; ok {
		return r
	}
	if r, ok := f.Replace[Version{Path: v.Path}]; ok {
		return r
	}
	return v
}
