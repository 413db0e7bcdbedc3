package check

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"sort"
	"strings"
)

// A cell is parsed as up to three files of the cell's own length, each with
// what is not its business blanked, behind a head that makes it a file.
const (
	declHead = "package main;"
	bodyHead = "package main;func cell__(){"
)

// syntax is a cell that parses.
type syntax struct {
	text    string
	program bool // has a package clause
	imports []*ast.ImportSpec
	decls   []ast.Decl    // types, constants, functions; variables in a cell without statements
	body    *ast.FuncDecl // the statements, as one function
	plain   bool          // declarations only: variables start in the order of their dependencies
	lead    bool          // so do those before the first statement
	srcs    []source
}

// source maps positions of one parsed file back to the cell.
type source struct {
	base, head, size int
	cell             uint64
	count            int
	text             string
	lines            []int // offsets at which lines begin
}

// position gives line and column in the cell.
func (s *source) position(pos token.Pos) token.Position {
	return s.at(int(pos) - s.base - s.head)
}

func (s *source) at(off int) token.Position {
	off = min(max(off, 0), len(s.text))
	line := sort.SearchInts(s.lines, off+1) // lines[line-1] <= off
	return token.Position{Filename: cellName(s.count), Offset: off, Line: line, Column: 1 + off - s.lines[line-1]}
}

func lineTable(text string) []int {
	lines := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			lines = append(lines, i+1)
		}
	}
	return lines
}

// Position is the place of a byte offset of a cell's text.
func Position(count int, text string, off int) token.Position {
	s := source{count: count, text: text, lines: lineTable(text)}
	return s.at(off)
}

// parse cuts and parses a cell.
func parse(fset *token.FileSet, id uint64, count int, text string) (*syntax, Errors) {
	p := split(text)
	src := source{cell: id, count: count, text: text, lines: lineTable(text)}
	var errs Errors
	for i, f := range p.errs {
		if i > 0 && f.off == p.errs[i-1].off {
			continue // a second complaint about one byte
		}
		errs = append(errs, &Error{Pos: src.at(f.off), Msg: f.msg})
	}
	if len(errs) == 0 && len(p.open) > 0 {
		o := p.open[len(p.open)-1]
		errs = append(errs, &Error{Pos: src.at(p.last), Msg: "syntax error: unexpected end of cell, expected " + closer[o.tok].String(),
			Notes: []Note{{src.at(o.off), "to close this " + o.tok.String()}}})
	}
	if len(errs) > 0 {
		return nil, errs.tidy()
	}
	s := &syntax{text: text, plain: !p.has(stmtPiece) && !selfish(p, text)}
	one := func(head, text, tail string) *ast.File {
		base := fset.Base()
		f, err := parser.ParseFile(fset, "", head+text+tail, parser.SkipObjectResolution|parser.ParseComments)
		src.base, src.head, src.size = base, len(head), len(head)+len(text)+len(tail)
		s.srcs = append(s.srcs, src)
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			e := list[0] // the parser's next errors are echoes of its first, more often than not
			off := e.Pos.Offset - len(head)
			msg := parseWords(e.Msg, text[min(max(off, 0), len(text)):])
			if off >= p.last {
				off = p.last
				for _, end := range []string{"unexpected }", "unexpected EOF"} {
					msg = strings.Replace(msg, end, "unexpected end of cell", 1)
				}
			}
			errs = append(errs, &Error{Pos: src.at(off), Msg: msg})
		}
		return f
	}
	s.clause(p, &src, &errs)
	if p.has(importPiece) {
		s.imports = one(declHead, p.only(text, importPiece), "").Imports
	}
	stmts := []kind{stmtPiece, varPiece}
	if s.plain {
		stmts = []kind{stmtPiece}
	}
	s.lead = !s.plain && p.lead(text)
	if p.has(declPiece) || s.plain && p.has(varPiece) || s.lead {
		want := []kind{declPiece, leadPiece}
		if s.plain {
			want = append(want, varPiece)
		}
		s.decls = one(declHead, p.only(text, want...), "").Decls
		for _, d := range s.decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body == nil && len(errs) == 0 {
				errs = append(errs, &Error{Pos: src.position(f.Name.Pos()), Msg: "missing function body"})
			}
		}
	}
	body := one(bodyHead, p.only(text, stmts...), "\n}")
	if len(errs) > 0 {
		return nil, errs.tidy()
	}
	s.body = body.Decls[0].(*ast.FuncDecl)
	return s, nil
}

func (s *syntax) clause(p *pieces, src *source, errs *Errors) {
	for _, pc := range p.list {
		if pc.kind != clausePiece {
			continue
		}
		if f := strings.Fields(s.text[pc.start:pc.end]); len(f) != 2 || f[1] != "main" {
			*errs = append(*errs, &Error{Pos: src.at(pc.start), Msg: "a notebook is package main: leave this line out"})
		}
		s.program = true
	}
}

// selfish tells whether a variable is declared from an earlier one of the same
// name, var x = x + 1: it then is a statement, for among declarations of one
// package x would refer to itself.
func selfish(p *pieces, text string) bool {
	for _, pc := range p.list {
		if pc.kind != varPiece {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package main;"+text[pc.start:pc.end], parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, sp := range g.Specs {
				if v, ok := sp.(*ast.ValueSpec); ok && mentionsItself(v) {
					return true
				}
			}
		}
	}
	return false
}

// lead marks the variables that are declared before the first statement and
// tells whether there are any. One that a statement declares anew stays a
// statement, as do all if one is declared from itself: var err error and then
// n, err := f() are one err.
func (p *pieces) lead(text string) bool {
	first := slices.IndexFunc(p.list, func(pc piece) bool { return pc.kind == stmtPiece })
	if first < 0 || !slices.ContainsFunc(p.list[:first], func(pc piece) bool { return pc.kind == varPiece }) || selfish(p, text) {
		return false
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", bodyHead+p.only(text, stmtPiece, varPiece)+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	declared := map[string]bool{}
	for _, s := range f.Decls[0].(*ast.FuncDecl).Body.List {
		for _, id := range declares(s) {
			if declared[id.Name] && id.Name != "_" {
				return false
			}
			declared[id.Name] = true
		}
	}
	for i := range p.list[:first] {
		if p.list[i].kind == varPiece {
			p.list[i].kind = leadPiece
		}
	}
	return true
}

// declares lists the names of variables that a statement may declare.
func declares(s ast.Stmt) (ids []*ast.Ident) {
	switch s := s.(type) {
	case *ast.LabeledStmt:
		return declares(s.Stmt)
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			for _, x := range s.Lhs {
				if id, ok := x.(*ast.Ident); ok {
					ids = append(ids, id)
				}
			}
		}
	case *ast.DeclStmt:
		if g, ok := s.Decl.(*ast.GenDecl); ok {
			for _, sp := range g.Specs {
				if v, ok := sp.(*ast.ValueSpec); ok {
					ids = append(ids, v.Names...)
				}
			}
		}
	}
	return ids
}

func mentionsItself(v *ast.ValueSpec) bool {
	found := false
	for i, x := range v.Values {
		own := map[string]bool{}
		for j, n := range v.Names {
			own[n.Name] = n.Name != "_" && (i == j || len(v.Values) == 1)
		}
		ast.Inspect(x, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if id, ok := n.X.(*ast.Ident); ok {
					found = found || own[id.Name]
					return false
				}
			case *ast.KeyValueExpr, *ast.FuncLit:
				return false
			case *ast.Ident:
				found = found || own[n.Name]
			}
			return true
		})
	}
	return found
}
