package lower

import (
	"flag"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the compiler's programs print into testdata")

// row is one program of testdata: declarations, which become a cell, and
// statements, which become the next. want is what the compiled program prints.
type row struct {
	file, name, reason string
	decls, stmts, want string
}

// readTable reads testdata/*.txt:
//
//	=== name
//	# reason
//	declarations
//	---
//	statements
//	>>>
//	output
func readTable(t *testing.T) []row {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no table: %v", err)
	}
	sort.Strings(files)
	var rows []row
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(b), "\n=== ")[1:] {
			r := row{file: file}
			var body string
			r.name, body, _ = strings.Cut(part, "\n")
			r.reason, body, _ = strings.Cut(strings.TrimPrefix(body, "# "), "\n")
			body, r.want, _ = strings.Cut(body, "\n>>>\n")
			r.decls, r.stmts, _ = strings.Cut("\n"+body, "\n---\n")
			if r.name == "" || r.reason == "" || r.stmts == "" {
				t.Fatalf("%s: a row without name, reason or statements: %q", file, part)
			}
			rows = append(rows, r)
		}
	}
	return rows
}

var packageUse = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)

var packagePaths = map[string]string{
	"atomic": "sync/atomic", "json": "encoding/json", "binary": "encoding/binary", "heap": "container/heap", "list": "container/list",
	"utf8": "unicode/utf8", "rand": "math/rand", "bits": "math/bits", "template": "text/template", "xml": "encoding/xml", "slog": "log/slog", "gob": "encoding/gob", "maphash": "hash/maphash", "url": "net/url", "fs": "io/fs",
}

// imports is the import declaration that a row needs.
func (r row) imports() string {
	seen := map[string]bool{}
	var b strings.Builder
	for _, m := range packageUse.FindAllStringSubmatch(r.decls+"\n"+r.stmts, -1) {
		name := m[1]
		if _, err := exports(); err != nil || seen[name] {
			continue
		}
		seen[name] = true
		path := packagePaths[name]
		if path == "" {
			path = name
		}
		if m, _ := exports(); m[path] != "" {
			fmt.Fprintf(&b, "import %q\n", path)
		}
	}
	return b.String()
}

// cells are the row as a notebook.
func (r row) cells() []string {
	return []string{r.imports() + r.decls, r.stmts}
}

// program is the row as a program.
func (r row) program() string {
	return "package main\n" + r.imports() + r.decls + "\nfunc main() {\n" + r.stmts + "\n}\n"
}

func TestTable(t *testing.T) {
	for _, r := range readTable(t) {
		t.Run(strings.TrimSuffix(filepath.Base(r.file), ".txt")+"/"+r.name, func(t *testing.T) {
			b := newBook(t)
			var got strings.Builder
			for _, c := range r.cells() {
				out, err := b.eval(c)
				got.WriteString(out)
				if err != nil {
					t.Fatalf("%s: %v\nprinted %s\n%s", r.reason, err, got.String(), numbered(b.text))
				}
			}
			if strings.TrimRight(got.String(), "\n") != strings.TrimRight(r.want, "\n") {
				t.Errorf("%s:\ngot  %s\nwant %s", r.reason, got.String(), r.want)
			}
		})
	}
}

// The expected outputs are the compiler's: every row is built as a program.
func TestTableIsGo(t *testing.T) {
	rows := readTable(t)
	dir := t.TempDir()
	var main, cases strings.Builder
	for i, r := range rows {
		pkg := fmt.Sprintf("p%d", i)
		src := strings.Replace(r.program(), "package main", "package "+pkg, 1)
		src = strings.Replace(src, "\nfunc main() {", "\nfunc Main() {", 1)
		write(t, filepath.Join(dir, pkg, "p.go"), src)
		fmt.Fprintf(&main, "import %q\n", "rows/"+pkg)
		fmt.Fprintf(&cases, "case %q: %s.Main()\n", pkg, pkg)
	}
	write(t, filepath.Join(dir, "go.mod"), "module rows\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), "package main\nimport \"os\"\n"+main.String()+"func main() { switch os.Args[1] {\n"+cases.String()+"} }\n")
	build := exec.Command("go", "build", "-o", "rows", ".")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the table is not Go: %v\n%s", err, out)
	}
	for i := range rows {
		out, err := exec.Command(filepath.Join(dir, "rows"), fmt.Sprintf("p%d", i)).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", rows[i].name, err, out)
		}
		// packages of the rows are called p0, p1, …
		got := regexp.MustCompile(`(rows/)?\bp\d+\.`).ReplaceAllString(string(out), "main.")
		if *update {
			rows[i].want = strings.TrimRight(got, "\n")
		} else if strings.TrimRight(got, "\n") != strings.TrimRight(rows[i].want, "\n") {
			t.Errorf("%s: the compiled program prints\n%s\nthe table says\n%s", rows[i].name, got, rows[i].want)
		}
	}
	if *update {
		writeTable(t, rows)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func writeTable(t *testing.T, rows []row) {
	texts := map[string]string{}
	for _, r := range rows {
		if _, err := format.Source([]byte("package p\n" + r.decls)); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
		texts[r.file] += fmt.Sprintf("=== %s\n# %s\n%s---\n%s\n>>>\n%s\n", r.name, r.reason, strings.TrimPrefix(r.decls+"\n", "\n"), r.stmts, r.want)
	}
	for file, text := range texts {
		write(t, file, text)
	}
}

// One notebook that runs every row: names, types and methods of earlier rows
// are redefined all the time.
func TestTableInOneSession(t *testing.T) {
	b := newBook(t)
	for _, r := range readTable(t) {
		var got strings.Builder
		for _, c := range r.cells() {
			out, err := b.eval(c)
			got.WriteString(out)
			if err != nil {
				t.Errorf("%s: %v\n%s", r.name, err, numbered(b.text))
			}
		}
		if strings.TrimRight(got.String(), "\n") != strings.TrimRight(r.want, "\n") {
			t.Errorf("%s:\ngot  %s\nwant %s", r.name, got.String(), r.want)
		}
	}
}
