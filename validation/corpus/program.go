package corpus

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Program is one file of package main and what it prints, stdout and stderr
// together.
type Program struct {
	Name      string // test/chan/select.go, strings.ExampleCut
	Source    string
	Want      string
	Dir       string // where it runs; "" for anywhere
	Example   bool   // stderr and surrounding white space do not count
	Unordered bool   // nor does the order of lines
}

// Left is a program that is not run, and why.
type Left struct{ Name, Reason string }

// Load reads the programs of a Go installation, sorted by name, and what is
// left out. A distribution without the folder test has examples only: the
// toolchains that the go command downloads are such.
func Load(goroot string) ([]Program, []Left, error) {
	tests, without, err := loadTests(goroot)
	if err != nil {
		return nil, nil, err
	}
	examples, more, err := loadExamples(goroot)
	if err != nil {
		return nil, nil, err
	}
	all := append(tests, examples...)
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("corpus: no programs in %s: name a Go installation that has its sources", goroot)
	}
	slices.SortFunc(all, func(a, b Program) int { return cmp.Compare(a.Name, b.Name) })
	return all, append(without, more...), nil
}

// Matches tells whether a run printed what the program is to print.
func (p Program) Matches(got string) bool {
	want := p.Want
	if len(got) == maxOutput {
		want = want[:min(len(want), maxOutput)]
	}
	if p.Example {
		got, want = trim(got), trim(want)
	}
	if p.Unordered {
		got, want = sortedLines(got), sortedLines(want)
	}
	return got == want
}

// maxOutput is where the output of cells is cut: some programs print for ever.
const maxOutput = 1 << 20

// source is a parsed program.
type source struct {
	text    string
	fset    *token.FileSet
	file    *ast.File
	imports []ast.Decl
	decls   []ast.Decl // but for imports and main
	main    *ast.FuncDecl
}

func parse(text string) (*source, error) {
	s := &source{text: text, fset: token.NewFileSet()}
	f, err := parser.ParseFile(s.fset, "main.go", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	s.file = f
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				s.imports = append(s.imports, d)
				continue
			}
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "main" {
				s.main = d
				continue
			}
		}
		s.decls = append(s.decls, d)
	}
	if s.main == nil || s.main.Body == nil {
		return nil, fmt.Errorf("no function main")
	}
	return s, nil
}

// cut is the text of a node.
func (s *source) cut(from, to token.Pos) string {
	f := s.fset.File(s.file.Pos())
	return s.text[f.Offset(from):f.Offset(to)]
}

func (s *source) paths() []string {
	var out []string
	for _, sp := range s.file.Imports {
		if p, err := strconv.Unquote(sp.Path.Value); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// Goroot is the folder of the Go installation on the PATH, which need not be
// the one that this program was built with.
func Goroot() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("corpus: no Go installation: %w: install Go, or put it on the PATH", err)
	}
	return strings.TrimSpace(string(out)), nil
}
