package cuda

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unset names the fields of parameters that a file leaves out: neither in the literal,
// nor assigned or pointed at in the function around it, nor named in a comment
// "// zero: Field Field" there, which says that 0 is meant.
func unset(fset *token.FileSet, f *ast.File, fields map[string][]string) (list []string) {
	for _, d := range f.Decls {
		set := map[string]bool{}
		ast.Inspect(d, func(n ast.Node) bool {
			var targets []ast.Expr
			switch n := n.(type) {
			case *ast.AssignStmt:
				targets = n.Lhs
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					targets = []ast.Expr{n.X}
				}
			}
			for _, t := range targets {
				if s, ok := t.(*ast.SelectorExpr); ok {
					set[s.Sel.Name] = true
				}
			}
			return true
		})
		for _, group := range f.Comments {
			for _, c := range group.List {
				if rest, ok := strings.CutPrefix(c.Text, "// zero: "); ok && d.Pos() <= c.Pos() && c.Pos() < d.End() {
					for _, name := range strings.Fields(rest) {
						set[name] = true
					}
				}
			}
		}
		ast.Inspect(d, func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			typ, ok := literal.Type.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if from, ok := typ.X.(*ast.Ident); !ok || from.Name != "cuda" {
				return true
			}
			var keys []string
			for _, e := range literal.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					keys = append(keys, kv.Key.(*ast.Ident).Name)
				}
			}
			for _, field := range fields[typ.Sel.Name] {
				if !set[field] && !slices.Contains(keys, field) {
					list = append(list, fmt.Sprintf("%s: nothing sets %s of cuda.%s: set it, or say // zero: %s", fset.Position(literal.Pos()), field, typ.Sel.Name, field))
				}
			}
			return true
		})
	}
	return list
}

// launchFields are the fields of the structs of parameters.
func launchFields(t *testing.T) map[string][]string {
	f, err := parser.ParseFile(token.NewFileSet(), "launch.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.TypeSpec); ok {
			for _, field := range s.Type.(*ast.StructType).Fields.List {
				fields[s.Name.Name] = append(fields[s.Name.Name], field.Names[0].Name)
			}
		}
		return true
	})
	return fields
}

// A parameter that a kernel has got, and nobody gives it, would be 0: whoever launches
// a kernel sets all, or says which are meant to be 0.
func TestLaunchesSetEveryParameter(t *testing.T) {
	fields, found := launchFields(t), map[string]bool{}
	fset := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || len(d.Name()) > 2 && d.Name()[0] == '.'):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(fset, path, nil, parser.ImportsOnly)
		if err != nil || !slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"surprisal/cuda"` }) {
			return err
		}
		if f, err = parser.ParseFile(fset, path, nil, parser.ParseComments); err != nil {
			return err
		}
		for _, what := range unset(fset, f, fields) {
			t.Error(what)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				found[s.Sel.Name] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range fields {
		if !found[name] {
			t.Errorf("no launch of cuda.%s was found", name)
		}
	}
}

func TestUnset(t *testing.T) {
	fields := map[string][]string{"F": {"Data", "N", "Extra"}}
	for _, c := range []struct{ name, body, says string }{
		{"all in the literal", "p := cuda.F{Data: 1, N: 2, Extra: 3}", ""},
		{"one that nobody sets", "p := cuda.F{Data: 1, N: 2}", "nothing sets Extra of cuda.F"},
		{"an assignment", "p := cuda.F{Data: 1, N: 2}; p.Extra = 3", ""},
		{"a pointer", "p := cuda.F{Data: 1, N: 2}; f(&p.Extra)", ""},
		{"0 is meant", "p := cuda.F{Data: 1, N: 2} // zero: Extra\n", ""},
		{"0 of another is meant", "p := cuda.F{Data: 1, N: 2} // zero: N\n", "nothing sets Extra of cuda.F"},
		{"its opposite is read", "p := cuda.F{Data: 1, N: 2}; q := -p.Extra", "nothing sets Extra of cuda.F"},
		{"that it is read", "p := cuda.F{Data: 1, N: 2}; q := p.Extra", "nothing sets Extra of cuda.F"},
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "f.go", "package p\nfunc g() { "+c.body+" }\n", parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(unset(fset, f, fields), "; "); c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%s: %q, want %q", c.name, got, c.says)
		}
	}
}
