package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"path/filepath"
)

// where says on which platforms a name is declared.
type where int

const (
	nowhere where = iota // not even on all of Linux
	onLinux
	onAll
)

// platforms are the ones that must compile. The first two are Linux.
var platforms = [][2]string{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "arm64"}, {"windows", "amd64"}}

// portable returns what tells on which platforms p declares a name. It parses
// the files that each platform would build; the packages outside of the
// standard library are the same everywhere.
func portable(p *listed) (func(name string) where, error) {
	if !p.Standard {
		return func(string) where { return onAll }, nil
	}
	count := map[string]int{} // a bit a platform
	parsed := map[string][]string{}
	for i, pf := range platforms {
		ctx := build.Default
		ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = pf[0], pf[1], false
		pkg, err := ctx.ImportDir(p.Dir, 0)
		if none := (*build.NoGoError)(nil); errors.As(err, &none) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("%s for %s/%s: %w", p.ImportPath, pf[0], pf[1], err)
		}
		for _, f := range pkg.GoFiles {
			names, ok := parsed[f]
			if !ok {
				if names, err = declared(filepath.Join(p.Dir, f)); err != nil {
					return nil, err
				}
				parsed[f] = names
			}
			for _, n := range names {
				count[n] |= 1 << i
			}
		}
	}
	return func(name string) where {
		switch bits := count[name]; {
		case bits == 1<<len(platforms)-1:
			return onAll
		case bits&3 == 3:
			return onLinux
		}
		return nowhere
	}, nil
}

// declared returns the names that a file declares at its top level.
func declared(file string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				out = append(out, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					out = append(out, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						out = append(out, n.Name)
					}
				}
			}
		}
	}
	return out, nil
}
