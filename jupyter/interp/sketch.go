package interp

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strconv"

	"surprisal/jupyter/interp/check"
)

// book is what completion and inspection know of the notebook. The Checker is
// not safe for concurrent use: callers hold the session's lock.
type book struct {
	*check.Checker
	preload map[string]string
	paths   []string // that an import may name, besides those of preload
	doc     func(path, name string) string
	source  func(count int) string                 // the text of Cell [count]
	value   func(name string) (text, shape string) // of a variable, "" if unknown
}

// placeholder stands in a sketch for the name that is being written.
const placeholder = "ˍ__"

// laterThanAll is where the positions of a sketch begin: the objects of earlier
// cells keep theirs, and a name is known only from its position on.
const laterThanAll = 1 << 30

// What stands before the statements and the declarations of a cell to make
// files of them.
const (
	bodyHead = "package main;func _(){"
	declHead = "package main;"
)

// varsKnown is a name that nothing declares, at the end of a sketch's
// statements: that the checker misses it says that it knows their variables and
// has not looked into functions yet.
const varsKnown = "vars__known"

// sketch is a cell that may be broken, type-checked as far as that goes.
type sketch struct {
	fset  *token.FileSet
	pkg   *types.Package
	info  *types.Info
	files []*ast.File // the statements as one function, then the declarations
	freed []freed

	imports map[string]*types.Package // of the cell, by name
	dots    []*types.Package          // of the cell's dot imports
}

// sketch checks text. Errors do not matter: what the checker could find out is
// in the result.
func (b *book) sketch(text string) *sketch {
	s := &sketch{
		fset: token.NewFileSet(),
		pkg:  types.NewPackage("main", "main"), // the path is what unexported fields go by
		info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{},
			Uses: map[*ast.Ident]types.Object{}, Scopes: map[ast.Node]*types.Scope{},
		},
	}
	s.fset.AddFile("", laterThanAll, 1)
	decls, stmts := cut(text)
	s.parse(bodyHead + stmts + "\n;" + varsKnown + "}")
	s.parse(declHead + decls)
	s.takeImports(b, s.files[1])
	own := declares(s.files[1])
	s.insert(b, own)
	s.freeMethods(b, own)
	conf := types.Config{
		Importer: b, Sizes: types.SizesFor("gc", runtime.GOARCH), DisableUnusedImportCheck: true,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok && e.Msg == "undefined: "+varsKnown {
				s.showVariables()
			}
		},
	}
	func() {
		// go/types gives up on some broken programs; then less is known.
		defer func() { _ = recover() }()
		_ = types.NewChecker(&conf, s.fset, s.pkg, s.info).Files(s.files) // errors are expected
	}()
	return s
}

func (s *sketch) parse(src string) {
	f, _ := parser.ParseFile(s.fset, "", src, parser.SkipObjectResolution) // what parsed is in f
	if f == nil || f.Name == nil {
		f = &ast.File{Name: ast.NewIdent("main")}
	}
	s.files = append(s.files, f)
}

// cut separates declarations from statements. Both results are as long as the
// text, with the other's parts blank.
func cut(text string) (decls, stmts string) {
	d, st := blank(text), blank(text)
	for _, p := range chunks(text) {
		to := st
		if p.decl {
			to = d
		}
		copy(to[p.start:p.end], text[p.start:p.end])
	}
	return string(d), string(st)
}

func blank(text string) []byte {
	b := []byte(text)
	for i, c := range b {
		if c != '\n' {
			b[i] = ' '
		}
	}
	return b
}

type chunk struct {
	start, end int
	decl       bool
}

// chunks cuts text at the semicolons outside of brackets.
func chunks(text string) []chunk {
	var out []chunk
	var toks []token.Token // of the current chunk, the first few
	depth, start := 0, -1
	scan(text, func(off int, tok token.Token, lit string) {
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth = max(depth-1, 0)
		}
		if tok == token.SEMICOLON && depth == 0 || tok == token.EOF {
			if start >= 0 && toks[0] != token.PACKAGE {
				out = append(out, chunk{start, min(off+1, len(text)), declares1(toks)})
			}
			start, toks = -1, toks[:0]
			return
		}
		if start < 0 {
			start = off
		}
		toks = append(toks, tok)
	})
	return out
}

// declares1 tells whether a chunk of these tokens is a declaration that stays
// at package level: var is a statement.
func declares1(toks []token.Token) bool {
	switch toks[0] {
	case token.IMPORT, token.TYPE, token.CONST:
		return true
	case token.FUNC:
		if len(toks) > 1 && toks[1] == token.IDENT {
			return true
		}
		// A receiver is followed by a name, the parameters of a literal are not.
		depth := 0
		for i, t := range toks[1:] {
			switch t {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				if depth--; depth == 0 {
					return i+2 < len(toks) && toks[i+2] == token.IDENT
				}
			}
		}
	}
	return false
}

// scan calls f for every token, comments left out, and for the end.
func scan(text string, f func(off int, tok token.Token, lit string)) {
	file := token.NewFileSet().AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, []byte(text), nil, 0)
	for {
		pos, tok, lit := sc.Scan()
		f(file.Offset(pos), tok, lit)
		if tok == token.EOF {
			return
		}
	}
}

// takeImports removes the imports from f and notes what they name.
func (s *sketch) takeImports(b *book, f *ast.File) {
	s.imports = map[string]*types.Package{}
	f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			return false
		}
		for _, sp := range g.Specs {
			i, ok := sp.(*ast.ImportSpec)
			if !ok {
				continue
			}
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				continue
			}
			p, err := b.Import(path)
			if err != nil {
				continue
			}
			switch {
			case i.Name != nil && i.Name.Name == ".":
				s.dots = append(s.dots, p)
			case i.Name != nil:
				s.imports[i.Name.Name] = p
			default:
				s.imports[p.Name()] = p
			}
		}
		return true
	})
}

// declares returns the names of f's top level.
func declares(f *ast.File) map[string]bool {
	own := map[string]bool{}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				own[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, sp := range d.Specs {
				switch sp := sp.(type) {
				case *ast.TypeSpec:
					own[sp.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range sp.Names {
						own[n.Name] = true
					}
				}
			}
		}
	}
	return own
}

// insert gives the sketch the earlier objects and packages that it mentions.
func (s *sketch) insert(b *book, own map[string]bool) {
	done := map[string]bool{}
	for _, f := range s.files {
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || done[id.Name] || own[id.Name] {
				return true
			}
			done[id.Name] = true
			if o := s.earlier(b, id.Name); o != nil {
				s.pkg.Scope().Insert(o)
			}
			return true
		})
	}
}

// earlier returns what name stands for before the cell runs: what the cell
// imports, then what earlier cells declared, then the preloaded packages.
func (s *sketch) earlier(b *book, name string) types.Object {
	p := s.imports[name]
	if p == nil {
		for _, d := range s.dots {
			if o := d.Scope().Lookup(name); o != nil && o.Exported() {
				return o
			}
		}
		if e := b.Lookup(name); e != nil {
			pn, ok := e.Object.(*types.PkgName)
			if !ok {
				return e.Object
			}
			p = pn.Imported()
		} else if path := b.preload[name]; path != "" {
			p, _ = b.Import(path) // a package that cannot be read is not there
		}
	}
	if p == nil {
		return nil
	}
	return types.NewPkgName(token.NoPos, s.pkg, name, p)
}

// showVariables makes the variables of the statements known to the functions
// of the same cell.
func (s *sketch) showVariables() {
	body, ok := s.files[0].Decls[0].(*ast.FuncDecl)
	if !ok {
		return
	}
	if inner := s.info.Scopes[body.Type]; inner != nil {
		for _, n := range inner.Names() {
			s.pkg.Scope().Insert(inner.Lookup(n))
		}
	}
}

// inBody says whether pos is among the statements.
func (s *sketch) inBody(pos token.Pos) bool {
	return s.files[0].FileStart <= pos && pos < s.files[0].FileEnd
}

// walk calls f for every node of the sketch.
func (s *sketch) walk(f func(ast.Node) bool) {
	for _, file := range s.files {
		ast.Inspect(file, f)
	}
}
