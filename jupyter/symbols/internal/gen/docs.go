package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

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
