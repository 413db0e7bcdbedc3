package lower

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"

	"surprisal/jupyter/interp/check"
	"surprisal/jupyter/interp/ir"
	"surprisal/jupyter/interp/rt"
)

// exports finds the standard library's export data in the build cache.
var exports = sync.OnceValues(func() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-export", "-f", "{{.ImportPath}} {{.Export}}", "std").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	m := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) == 2 {
			m[f[0]] = f[1]
		}
	}
	return m, nil
})

func export(path string) (io.ReadCloser, error) {
	m, err := exports()
	if err != nil {
		return nil, err
	}
	if m[path] == "" {
		return nil, fmt.Errorf("no package %s", path)
	}
	b, err := os.ReadFile(m[path])
	return io.NopCloser(bytes.NewReader(b)), err
}

// goroot reads generic packages from the toolchain that runs the test.
func goroot(fset *token.FileSet, path string) ([]*ast.File, error) {
	//lint:ignore SA1019 a test runs where it was built
	dir := filepath.Join(runtime.GOROOT(), "src", path)
	p, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, n := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(dir, n), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// book is a notebook under test: checker, lowering, run time, interpreter.
type book struct {
	*check.Checker
	low     *Lowerer
	run     *rt.Runtime
	backend *ir.Yaegi
	out     *os.File
	read    int64
	n       int
	shown   []any
	text    string // of the last unit
}

func newBook(t testing.TB) *book {
	t.Helper()
	if _, err := exports(); err != nil {
		t.Fatal(err)
	}
	out, err := os.CreateTemp(t.TempDir(), "stdout")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	b := &book{Checker: check.New(check.Options{Export: export}), out: out}
	b.run = rt.New(rt.Config{
		Stderr: out,
		Show:   func(vs []any) { b.shown = vs },
		Wrapper: func(pkg, name string) reflect.Type {
			v, ok := stdlib.Symbols[pkg+"/"+pkg[strings.LastIndexByte(pkg, '/')+1:]]["_"+name]
			if !ok {
				return nil
			}
			return v.Type().Elem()
		},
	})
	b.low = New(Options{Runtime: b.run, Importer: b.Checker, Source: goroot})
	in := interp.New(interp.Options{Stdout: out, Stderr: io.Discard})
	if err := in.Use(stdlib.Symbols); err != nil {
		t.Fatal(err)
	}
	b.backend, err = ir.NewYaegi(in, rt.Symbols(b.run), b.run.Ops(), func(string) (map[string]reflect.Value, error) { return nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// eval runs a cell and returns what it printed.
func (b *book) eval(code string) (string, error) {
	b.n++
	b.shown = nil
	c, errs := b.Check(uint64(b.n), b.n, code)
	if len(errs) > 0 {
		return "", errs
	}
	u, err := b.low.Cell(c)
	if err != nil {
		return "", err
	}
	b.text = ir.Text(u, nil)
	if err := b.backend.Define(u); err != nil {
		return "", fmt.Errorf("define: %w\n%s", err, numbered(b.text))
	}
	b.low.Commit(u)
	b.Checker.Commit(c)
	err = b.backend.Run(u)
	if err != nil {
		err = fmt.Errorf("%w", err)
	}
	end, _ := b.out.Seek(0, io.SeekEnd)
	buf := make([]byte, end-b.read)
	b.out.ReadAt(buf, b.read)
	b.read = end
	return string(buf), err
}

func numbered(s string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(s) {
		n++
		fmt.Fprintf(&b, "%4d %s", n, line)
	}
	return b.String()
}
