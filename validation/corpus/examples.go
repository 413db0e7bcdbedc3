package corpus

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// loadExamples reads the examples below goroot/src that state their output.
func loadExamples(goroot string) (all []Program, left []Left, err error) {
	src := filepath.Join(goroot, "src")
	dirs := map[string][]string{}
	err = filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(src, path)
		if d.IsDir() {
			if slices.Contains([]string{"testdata", "internal", "vendor", "cmd"}, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(path, "_test.go") {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if bytes.Contains(text, []byte("\nfunc Example")) && built(string(text)) {
				pkg := filepath.ToSlash(filepath.Dir(rel))
				dirs[pkg] = append(dirs[pkg], path)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for pkg, files := range dirs {
		slices.Sort(files)
		for _, file := range files {
			ps, without, err := examplesOf(pkg, file)
			if err != nil {
				return nil, nil, err
			}
			all, left = append(all, ps...), append(left, without...)
		}
	}
	return all, left, nil
}

// examplesOf reads the examples of one file.
func examplesOf(pkg, file string) (all []Program, left []Left, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
	if err != nil {
		return nil, nil, err
	}
	for _, ex := range doc.Examples(f) {
		if ex.Output == "" && !ex.EmptyOutput {
			continue
		}
		name := pkg + ".Example" + ex.Name
		if ex.Play == nil {
			left = append(left, Left{name, "is no program by itself: it uses names of its test file or of the package's inside"})
			continue
		}
		dropOutput(ex.Play)
		var b bytes.Buffer
		if err := format.Node(&b, fset, ex.Play); err != nil {
			return nil, nil, err
		}
		why := unfit(b.String(), "")
		if strings.Contains(ex.Output, f.Name.Name+".") || strings.Contains(ex.Output, filepath.Base(file)) {
			why = "prints the name of its test file or package"
		}
		if why != "" {
			left = append(left, Left{name, why})
			continue
		}
		all = append(all, Program{Name: name, Source: b.String(), Want: ex.Output, Dir: filepath.Dir(file), Example: true, Unordered: ex.Unordered})
	}
	return all, left, nil
}

// dropOutput takes away the comments of an example: one of them is its output.
func dropOutput(f *ast.File) { f.Comments = nil }

func trim(s string) string { return strings.TrimSpace(s) }

func sortedLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
