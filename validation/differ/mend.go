package differ

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Checker type-checks programs. It is not safe for concurrent use.
type Checker struct{ packages types.Importer }

// NewChecker returns a checker that knows the packages of the installed Go.
func NewChecker() *Checker { return &Checker{importer.Default()} }

// faults returns the type errors of a program and its syntax.
func (c *Checker) faults(text string) (*token.FileSet, *ast.File, []types.Error, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "main.go", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, nil, err
	}
	var all []types.Error
	conf := types.Config{Importer: c.packages, GoVersion: "go1.26", Error: func(err error) {
		var e types.Error
		if errors.As(err, &e) && !strings.HasPrefix(e.Msg, "\t") {
			all = append(all, e)
		}
	}}
	conf.Check("main", fset, []*ast.File{f}, nil) // its error is the first of all
	return fset, f, all, nil
}

// Valid tells whether a program compiles.
func (c *Checker) Valid(text string) bool {
	_, _, all, err := c.faults(text)
	return err == nil && len(all) == 0
}

// Mend takes out of a program the statements that do not type-check, until
// it does.
func (c *Checker) Mend(text string) (string, error) {
	for range 200 {
		fset, f, all, err := c.faults(text)
		if err != nil {
			return "", fmt.Errorf("differ: the grammar wrote what does not parse: %w", err)
		}
		if len(all) == 0 {
			return text, nil
		}
		var cuts []span
		for _, e := range all {
			s, ok := around(fset, f, e.Pos)
			if !ok {
				return "", fmt.Errorf("differ: %s stands in no statement", e.Msg)
			}
			cuts = append(cuts, s)
		}
		text = without(text, cuts)
	}
	return "", fmt.Errorf("differ: a program does not get well")
}

// span is a piece of a text.
type span struct{ from, to int }

// around is the innermost statement or declaration at a position that can be
// taken out.
func around(fset *token.FileSet, f *ast.File, pos token.Pos) (in span, ok bool) {
	for _, p := range pieces(fset, f) {
		at := fset.File(f.FileStart).Offset(pos)
		if p.from <= at && at < p.to && (!ok || p.to-p.from < in.to-in.from) {
			in, ok = p, true
		}
	}
	return in, ok
}

// pieces are what can be taken out of a program: declarations, statements of
// blocks, and cases.
func pieces(fset *token.FileSet, f *ast.File) []span {
	var out []span
	file := fset.File(f.FileStart)
	add := func(n ast.Node) { out = append(out, span{file.Offset(n.Pos()), file.Offset(n.End())}) }
	list := func(l []ast.Stmt) {
		for _, s := range l {
			add(s)
		}
	}
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			add(d)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			list(n.List)
		case *ast.CaseClause:
			list(n.Body)
		case *ast.CommClause:
			list(n.Body)
		}
		return true
	})
	return out
}

// without is a text with pieces taken out; of pieces that hold others, these.
func without(text string, cuts []span) string {
	slices.SortFunc(cuts, func(a, b span) int { return b.from - a.from })
	end := len(text)
	for _, c := range cuts {
		if c.to <= end {
			text = text[:c.from] + text[c.to:]
			end = c.from
		}
	}
	return text
}
