package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
)

// builtinDocs documents the language's own names. They are declared in a
// package that nothing can import, for the sake of its comments; a function's
// declaration there stands before its text.
func builtinDocs() (map[string]string, error) {
	p := &listed{}
	out, err := exec.Command("go", "list", "-json=Dir,GoFiles", "builtin").Output()
	if err == nil {
		err = json.Unmarshal(out, p)
	}
	if err != nil {
		return nil, fmt.Errorf("go list builtin: %w", err)
	}
	docs := map[string]string{}
	for _, file := range p.GoFiles {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, file), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				text := d.Doc.Text()
				d.Doc = nil
				var b strings.Builder
				if err := printer.Fprint(&b, fset, d); err != nil {
					return nil, err
				}
				docs[d.Name.Name] = "\t" + b.String() + "\n\n" + text
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						docs[s.Name.Name] = cmp.Or(s.Doc.Text(), d.Doc.Text())
					case *ast.ValueSpec:
						docs[s.Names[0].Name] = cmp.Or(s.Doc.Text(), s.Comment.Text(), d.Doc.Text())
					}
				}
			}
		}
	}
	return docs, nil
}

// docs returns the documentation of a package by name: "" for the package,
// "Name", and "Type.Member" for methods and fields.
func docs(p *listed) (map[string]string, error) {
	out := map[string]string{}
	put := func(name string, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if text := strings.TrimSpace(g.Text()); text != "" && out[name] == "" {
				out[name] = text
			}
		}
	}
	for _, file := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		put("", f.Doc)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if name := funcName(d); name != "" {
					put(name, d.Doc)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					specDocs(d, s, put)
				}
			}
		}
	}
	return out, nil
}

// funcName is Name or Type.Name, and empty if it is not exported.
func funcName(d *ast.FuncDecl) string {
	if !d.Name.IsExported() {
		return ""
	}
	if d.Recv == nil {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			// Methods of unexported types are reachable by embedding.
			return x.Name + "." + d.Name.Name
		default:
			return ""
		}
	}
}

func specDocs(d *ast.GenDecl, s ast.Spec, put func(string, ...*ast.CommentGroup)) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() {
				put(n.Name, s.Doc, s.Comment, d.Doc)
			}
		}
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			put(s.Name.Name, s.Doc, d.Doc, s.Comment)
		}
		var fields *ast.FieldList
		switch t := s.Type.(type) {
		case *ast.StructType:
			fields = t.Fields
		case *ast.InterfaceType:
			fields = t.Methods
		default:
			return
		}
		for _, f := range fields.List {
			for _, n := range f.Names {
				if n.IsExported() {
					put(s.Name.Name+"."+n.Name, f.Doc, f.Comment)
				}
			}
		}
	}
}
