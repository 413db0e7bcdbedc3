package corpus

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Form is a way to cut a program into cells.
type Form int

const (
	Whole        Form = iota // the program, then main()
	Declarations             // imports, then each declaration, then main()
	Script                   // one cell: imports, declarations, and what main does as statements
	Statements               // imports, declarations, then each statement of main
	Grown                    // cells that were written as such, not cut from a program
	Pieces                   // as Cut cuts it
	forms
)

// Forms are all forms of a program.
func Forms() []Form { return []Form{Whole, Declarations, Script, Statements} }

func (f Form) String() string {
	return [forms]string{"whole program", "one declaration a cell", "one script cell", "one statement a cell", "a sequence of cells", "cells cut anywhere"}[f]
}

// Cells cuts a program. why is set if the form would change what it means.
func (p Program) Cells(form Form) (cells []string, why string) {
	s, err := parse(p.Source)
	if err != nil {
		return nil, "does not parse: " + err.Error()
	}
	switch form {
	case Whole:
		return []string{s.withoutClause(), "main()"}, ""
	case Declarations:
		cells = append(s.importCell(), s.ordered()...)
		return append(cells, s.declText(s.main), "main()"), ""
	case Script:
		if why := s.unscriptable(); why != "" {
			return nil, why
		}
		parts := append(s.importCell(), s.declTexts()...)
		body := s.cut(s.main.Body.Lbrace+1, s.main.Body.Rbrace)
		return []string{strings.Join(append(parts, body), "\n\n")}, ""
	default:
		if why := s.unscriptable(); why != "" {
			return nil, why
		}
		if why := s.inseparable(); why != "" {
			return nil, why
		}
		cells = s.importCell()
		if d := s.declTexts(); len(d) > 0 {
			cells = append(cells, strings.Join(d, "\n\n"))
		}
		for _, st := range s.main.Body.List {
			cells = append(cells, s.cut(st.Pos(), st.End()))
		}
		return cells, ""
	}
}

// Cut cuts a program between declarations, each behind what it needs, and
// between the statements of main: where, the caller says each time. why is set
// if that would change what it means.
func (p Program) Cut(here func() bool) (cells []string, why string) {
	s, err := parse(p.Source)
	if err != nil {
		return nil, "does not parse: " + err.Error()
	}
	if why := s.unscriptable(); why != "" {
		return nil, why
	}
	if why := s.inseparable(); why != "" {
		return nil, why
	}
	parts := append(s.importCell(), s.ordered()...)
	for _, st := range s.main.Body.List {
		parts = append(parts, s.cut(st.Pos(), st.End()))
	}
	for i, part := range parts {
		if i == 0 || here() {
			cells = append(cells, part)
			continue
		}
		cells[len(cells)-1] += "\n\n" + part
	}
	return cells, ""
}

// withoutClause is the program with its package clause blanked: with it, the
// session would start main at once.
func (s *source) withoutClause() string {
	f := s.fset.File(s.file.Pos())
	from, to := f.Offset(s.file.Package), f.Offset(s.file.Name.End())
	return s.text[:from] + strings.Repeat(" ", to-from) + s.text[to:]
}

// importCell is the imports as one cell, none if there are none.
func (s *source) importCell() []string {
	var parts []string
	for _, d := range s.imports {
		parts = append(parts, s.cut(d.Pos(), d.End()))
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{strings.Join(parts, "\n")}
}

func (s *source) declText(d ast.Decl) string { return s.cut(d.Pos(), d.End()) }

func (s *source) declTexts() []string {
	var out []string
	for _, d := range s.decls {
		out = append(out, s.declText(d))
	}
	return out
}

// unscriptable tells whether what main declares would be another thing at the
// top of a cell: there it is a variable of the notebook, which functions see.
func (s *source) unscriptable() string {
	outside := s.outsideNames()
	for _, n := range s.topNames() {
		if n != "_" && outside[n] {
			return "a local name of main is a name that its declarations use, too"
		}
	}
	return ""
}

// outsideNames are the names of package level, of packages and of the language
// that declarations declare or use. Imports need not be there for that.
func (s *source) outsideNames() map[string]bool {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	conf := types.Config{Error: func(error) {}, Importer: none{}}
	pkg, _ := conf.Check("main", s.fset, []*ast.File{s.file}, info) // its errors are those of missing packages
	out := map[string]bool{}
	for _, n := range pkg.Scope().Names() {
		out[n] = n != "main"
	}
	for _, d := range s.decls {
		ast.Inspect(d, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if o := info.Uses[id]; o != nil && o.Parent() == types.Universe {
				out[id.Name] = true
			}
			return true
		})
	}
	for _, sp := range s.file.Imports {
		path := strings.Trim(sp.Path.Value, `"`)
		out[path[strings.LastIndexByte(path, '/')+1:]] = true
		if sp.Name != nil {
			out[sp.Name.Name] = true
		}
	}
	return out
}

type none struct{}

func (none) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("no package %s", path)
}

// topNames are the names that main declares outside blocks.
func (s *source) topNames() []string {
	var out []string
	for _, st := range s.main.Body.List {
		for {
			l, ok := st.(*ast.LabeledStmt)
			if !ok {
				break
			}
			st = l.Stmt
		}
		switch st := st.(type) {
		case *ast.AssignStmt:
			if st.Tok == token.DEFINE {
				for _, x := range st.Lhs {
					out = append(out, x.(*ast.Ident).Name)
				}
			}
		case *ast.DeclStmt:
			for _, sp := range st.Decl.(*ast.GenDecl).Specs {
				switch sp := sp.(type) {
				case *ast.ValueSpec:
					for _, n := range sp.Names {
						out = append(out, n.Name)
					}
				case *ast.TypeSpec:
					out = append(out, sp.Name.Name)
				}
			}
		}
	}
	return out
}

// inseparable tells whether statements of main hang together: by a label, a
// return, or a deferred call, which would run at the end of its own cell.
func (s *source) inseparable() string {
	why := ""
	for _, st := range s.main.Body.List {
		if l, ok := st.(*ast.LabeledStmt); ok && jumps(s.main.Body, l.Label.Name) {
			why = "main jumps between its statements"
		}
		ast.Inspect(st, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				why = "main returns before its end"
			case *ast.DeferStmt:
				why = "main defers calls"
			}
			return true
		})
	}
	return why
}

func jumps(b *ast.BlockStmt, label string) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		if j, ok := n.(*ast.BranchStmt); ok && j.Tok == token.GOTO && j.Label.Name == label {
			found = true
		}
		return true
	})
	return found
}

// redefines tells whether a program declares a predeclared name at package
// level. What shares a session with it has another language.
func (p Program) redefines() bool {
	s, err := parse(p.Source)
	if err != nil {
		return false
	}
	for name := range newNeeds(s.decls).names {
		if types.Universe.Lookup(name) != nil {
			return true
		}
	}
	return slices.ContainsFunc(s.topNames(), func(n string) bool { return types.Universe.Lookup(n) != nil })
}
